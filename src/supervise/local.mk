# Sources of src/supervise, one a line.
core_sources += \
	src/supervise/clients.c src/supervise/loop.h \
	src/supervise/console.c \
	src/supervise/exec.c src/supervise/exec.h \
	src/supervise/handover.c src/supervise/handover.h \
	src/supervise/console_log.c src/supervise/console_log.h \
	src/supervise/keeper.c src/supervise/keeper.h \
	src/supervise/landlock.c src/supervise/landlock.h \
	src/supervise/ring.c src/supervise/ring.h \
	src/supervise/supervise.c src/supervise/supervise.h

# Static: without a dynamic linker's pages one supervisor has less memory of its
# own, and it starts sooner.  So it has its own objects of what it is made of.
pkglibexec_PROGRAMS += lxs-supervise
static_programs += lxs-supervise
lxs_supervise_SOURCES = \
	src/supervise/main.c \
	src/supervise/clients.c \
	src/supervise/console.c \
	src/supervise/console_log.c \
	src/supervise/exec.c \
	src/supervise/handover.c \
	src/supervise/keeper.c \
	src/supervise/landlock.c \
	src/supervise/ring.c \
	src/supervise/supervise.c \
	src/control/lines.c \
	src/control/protocol.c \
	src/control/state.c \
	src/lib/error.c \
	src/lib/relro.c
lxs_supervise_CFLAGS = $(static_compile)
lxs_supervise_LDFLAGS = $(static_link)
lxs_supervise_LDADD =
$(lxs_supervise_OBJECTS) lxs-supervise$(EXEEXT): CC = $(STATIC_CC)
