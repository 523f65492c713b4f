# lxs-init: pid 1 of lxs-execute; static, since the container may have no C library.
pkglibexec_PROGRAMS += lxs-init
static_programs += lxs-init
lxs_init_SOURCES = src/init/init.c src/lib/relro.c
lxs_init_CFLAGS = $(static_compile)
lxs_init_LDFLAGS = $(static_link)
lxs_init_LDADD =
$(lxs_init_OBJECTS) lxs-init$(EXEEXT): CC = $(STATIC_CC)
