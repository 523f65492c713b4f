# lxs-enter: static, so that nothing of the container can be loaded into it.
pkglibexec_PROGRAMS += lxs-enter
static_programs += lxs-enter
lxs_enter_SOURCES = \
	src/enter/enter.c src/enter/enter.h \
	src/enter/request.c src/enter/request.h \
	src/enter/join.c \
	src/enter/confine.c \
	src/lib/own.h src/lib/relro.c
lxs_enter_CFLAGS = $(static_compile)
lxs_enter_LDFLAGS = $(static_link)
lxs_enter_LDADD =
$(lxs_enter_OBJECTS) lxs-enter$(EXEEXT): CC = $(STATIC_CC)
