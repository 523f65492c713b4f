# Unit tests: one line a program, made of tests/unit/test-NAME.c and linked
# with libcore.a.  One that needs more sources or libraries says so below with
# tests_unit_test_NAME_SOURCES and _LDADD.
unit_tests =
unit_tests += tests/unit/test-arena
unit_tests += tests/unit/test-error
unit_tests += tests/unit/test-text
unit_tests += tests/unit/test-keys
unit_tests += tests/unit/test-types
unit_tests += tests/unit/test-read
unit_tests += tests/unit/test-settings
unit_tests += tests/unit/test-save
unit_tests += tests/unit/test-edit
unit_tests += tests/unit/test-lxsconf
unit_tests += tests/unit/test-partial
unit_tests += tests/unit/test-remains
unit_tests += tests/unit/test-restore
unit_tests += tests/unit/test-identity
unit_tests += tests/unit/test-tree
unit_tests += tests/unit/test-shift
unit_tests += tests/unit/test-id-map
unit_tests += tests/unit/test-userns
unit_tests += tests/unit/test-mount-options
unit_tests += tests/unit/test-plan
unit_tests += tests/unit/test-plan-refusals
unit_tests += tests/unit/test-label
unit_tests += tests/unit/test-rootfs
unit_tests += tests/unit/test-rootfs-source
unit_tests += tests/unit/test-rundir
unit_tests += tests/unit/test-state
unit_tests += tests/unit/test-console-log
unit_tests += tests/unit/test-supervise
unit_tests += tests/unit/test-options
unit_tests += tests/unit/test-hooks
unit_tests += tests/unit/test-verify
unit_tests += tests/unit/test-listener
unit_tests += tests/unit/test-clock
unit_tests += tests/unit/test-seccomp
unit_tests += tests/unit/test-filter-words
unit_tests += tests/unit/test-seccomp-json
unit_tests += tests/unit/test-words
unit_tests += tests/unit/test-handback
unit_tests += tests/unit/test-cgroups
unit_tests += tests/unit/test-device-rules
unit_tests += tests/unit/test-netlink
unit_tests += tests/unit/test-netlink-front
unit_tests += tests/unit/test-bridge
unit_tests += tests/unit/test-addresses
unit_tests += tests/unit/test-foreign
unit_tests += tests/unit/test-confined
unit_tests += tests/unit/test-tar-stream
unit_tests += tests/unit/test-subid
unit_tests += tests/unit/test-usernet
unit_tests += tests/unit/test-book
unit_tests += tests/unit/test-sha256
unit_tests += tests/unit/test-storage
unit_tests += tests/unit/test-image-index
unit_tests += tests/unit/test-image-filter

# The same test over what the front program has in place of libmnl.
tests_unit_test_netlink_front_SOURCES = tests/unit/test-netlink.c src/front/mnl.c

tests_unit_test_book_SOURCES = tests/unit/test-book.c src/usernic/book.c
tests_unit_test_listener_SOURCES = tests/unit/test-listener.c src/notify/listener.c

# Their programs are not among those of the system, and from nowhere else are they run.
programs = tests/unit/programs.c tests/unit/programs.h
tests_unit_test_storage_SOURCES = tests/unit/test-storage.c $(programs)
tests_unit_test_storage_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=which
tests_unit_test_remains_SOURCES = tests/unit/test-remains.c $(programs)
tests_unit_test_remains_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=which

tests_unit_test_plan_SOURCES = tests/unit/test-plan.c tests/unit/planned.c tests/unit/planned.h
tests_unit_test_plan_refusals_SOURCES = tests/unit/test-plan-refusals.c tests/unit/planned.c tests/unit/planned.h
# It counts what is written through.
tests_unit_test_partial_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fsync

# What every program without an _LDADD of its own is linked with.
LDADD = libcore.a $(all_libs) $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

EXTRA_DIST += tests/golden tests/unit/place.h
