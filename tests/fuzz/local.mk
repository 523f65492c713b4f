# Fuzz targets, one a parser of foreign text; seeds are replayed by make check.
check_PROGRAMS += tests/fuzz/replay-config
tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz-config.c tests/fuzz/replay.c
tests_fuzz_replay_config_LDADD = libcore.a $(all_libs)
check_PROGRAMS += tests/fuzz/replay-seccomp
tests_fuzz_replay_seccomp_SOURCES = tests/fuzz/fuzz-seccomp.c tests/fuzz/replay.c
tests_fuzz_replay_seccomp_LDADD = libcore.a $(all_libs)
check_PROGRAMS += tests/fuzz/replay-seccomp-json
tests_fuzz_replay_seccomp_json_SOURCES = tests/fuzz/fuzz-seccomp-json.c tests/fuzz/replay.c
tests_fuzz_replay_seccomp_json_LDADD = libcore.a $(all_libs)
check_PROGRAMS += tests/fuzz/replay-control
tests_fuzz_replay_control_SOURCES = tests/fuzz/fuzz-control.c tests/fuzz/replay.c
tests_fuzz_replay_control_LDADD = libcore.a $(all_libs)
check_PROGRAMS += tests/fuzz/replay-bridge
tests_fuzz_replay_bridge_SOURCES = tests/fuzz/fuzz-bridge.c tests/fuzz/replay.c
tests_fuzz_replay_bridge_LDADD = libcore.a $(all_libs)
check_PROGRAMS += tests/fuzz/replay-index
tests_fuzz_replay_index_SOURCES = tests/fuzz/fuzz-index.c tests/fuzz/replay.c
tests_fuzz_replay_index_LDADD = libcore.a $(all_libs)
check_PROGRAMS += tests/fuzz/replay-filter
tests_fuzz_replay_filter_SOURCES = tests/fuzz/fuzz-filter.c tests/fuzz/replay.c
tests_fuzz_replay_filter_LDADD = libcore.a $(all_libs)
check_PROGRAMS += tests/fuzz/replay-tar
tests_fuzz_replay_tar_SOURCES = tests/fuzz/fuzz-tar.c tests/fuzz/replay.c
tests_fuzz_replay_tar_LDADD = libcore.a $(all_libs)
TESTS += tests/fuzz/run-seeds

# configure --enable-fuzzing CC=clang; then: tests/fuzz/fuzz-config -max_total_time=60 tests/fuzz/seeds/config
if WITH_FUZZING
fuzz_targets = tests/fuzz/fuzz-config tests/fuzz/fuzz-seccomp tests/fuzz/fuzz-seccomp-json tests/fuzz/fuzz-control \
	tests/fuzz/fuzz-bridge tests/fuzz/fuzz-index tests/fuzz/fuzz-filter tests/fuzz/fuzz-tar
noinst_PROGRAMS = $(fuzz_targets)
fuzz-targets: $(fuzz_targets)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz-config.c
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_config_LDADD = libcore.a $(all_libs)
tests_fuzz_fuzz_seccomp_SOURCES = tests/fuzz/fuzz-seccomp.c
tests_fuzz_fuzz_seccomp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_seccomp_LDADD = libcore.a $(all_libs)
tests_fuzz_fuzz_seccomp_json_SOURCES = tests/fuzz/fuzz-seccomp-json.c
tests_fuzz_fuzz_seccomp_json_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_seccomp_json_LDADD = libcore.a $(all_libs)
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz-control.c
tests_fuzz_fuzz_control_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_control_LDADD = libcore.a $(all_libs)
tests_fuzz_fuzz_bridge_SOURCES = tests/fuzz/fuzz-bridge.c
tests_fuzz_fuzz_bridge_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_bridge_LDADD = libcore.a $(all_libs)
tests_fuzz_fuzz_index_SOURCES = tests/fuzz/fuzz-index.c
tests_fuzz_fuzz_index_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_index_LDADD = libcore.a $(all_libs)
tests_fuzz_fuzz_filter_SOURCES = tests/fuzz/fuzz-filter.c
tests_fuzz_fuzz_filter_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_filter_LDADD = libcore.a $(all_libs)
tests_fuzz_fuzz_tar_SOURCES = tests/fuzz/fuzz-tar.c
tests_fuzz_fuzz_tar_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_tar_LDADD = libcore.a $(all_libs)
endif

EXTRA_DIST += tests/fuzz/run-seeds tests/fuzz/seeds
