# The static program that runs inside of test containers; it knows nothing of lxs.
check_PROGRAMS += tests/probe/probe
tests_probe_probe_SOURCES = tests/probe/probe.c tests/probe/probe.h \
	tests/probe/process.c tests/probe/place.c tests/probe/init.c
tests_probe_probe_CFLAGS = $(static_compile)
tests_probe_probe_LDFLAGS = $(static_link)
tests_probe_probe_LDADD =
$(tests_probe_probe_OBJECTS) tests/probe/probe$(EXEEXT): CC = $(STATIC_CC)
