# lxs-notify and lxs-clock answer seccomp notifications beside the supervisor;
# static, like all that stays with a container.
pkglibexec_PROGRAMS += lxs-notify
static_programs += lxs-notify
lxs_notify_SOURCES = \
	src/notify/proxy.c src/notify/proxy.h \
	src/notify/listener.c src/notify/listener.h \
	src/lib/own.h src/lib/relro.c
lxs_notify_CFLAGS = $(static_compile)
lxs_notify_LDFLAGS = $(static_link)
lxs_notify_LDADD =
$(lxs_notify_OBJECTS) lxs-notify$(EXEEXT): CC = $(STATIC_CC)

pkglibexec_PROGRAMS += lxs-clock-apply
static_programs += lxs-clock-apply
lxs_clock_apply_SOURCES = \
	src/notify/clock.c \
	src/notify/asker.c src/notify/asker.h \
	src/notify/judge.c src/notify/judge.h \
	src/notify/listener.c \
	src/lib/clock_calls.h src/lib/unotify.h src/lib/relro.c
lxs_clock_apply_CFLAGS = $(static_compile)
lxs_clock_apply_LDFLAGS = $(static_link)
lxs_clock_apply_LDADD =
$(lxs_clock_apply_OBJECTS) lxs-clock-apply$(EXEEXT): CC = $(STATIC_CC)

# For tests of the bounds.
core_sources += src/notify/judge.c
