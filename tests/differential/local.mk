# The same configs through liblxc and through ours.
if HAVE_LXC
check_PROGRAMS += tests/differential/compare
tests_differential_compare_SOURCES = tests/differential/compare.c
tests_differential_compare_CFLAGS = $(AM_CFLAGS) $(LXC_CFLAGS)
tests_differential_compare_LDADD = libcore.a $(all_libs) $(LXC_LIBS)
TESTS += tests/differential/run
endif

EXTRA_DIST += tests/differential/run tests/differential/departures.tsv tests/differential/configs
