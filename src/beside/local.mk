# Static, as it stays with a container; see src/beside/beside.c.
pkglibexec_PROGRAMS += lxs-beside
static_programs += lxs-beside
lxs_beside_SOURCES = src/beside/beside.c src/lib/relro.c
lxs_beside_CFLAGS = $(static_compile)
lxs_beside_LDFLAGS = $(static_link)
lxs_beside_LDADD =
$(lxs_beside_OBJECTS) lxs-beside$(EXEEXT): CC = $(STATIC_CC)
