# The program that speaks with systemd, and the only one that links to libsystemd.
if HAVE_LIBSYSTEMD
pkglibexec_PROGRAMS += lxs-scope
endif
lxs_scope_SOURCES = src/scope/scope.c
lxs_scope_CFLAGS = $(AM_CFLAGS) $(LIBSYSTEMD_CFLAGS)
lxs_scope_LDADD = $(LIBSYSTEMD_LIBS)
