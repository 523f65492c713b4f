# Each rule of the house is a script; all are part of make check.
style_tests =
style_tests += tests/style/arrows
style_tests += tests/style/banned
style_tests += tests/style/docs
style_tests += tests/style/hardening
style_tests += tests/style/headers
style_tests += tests/style/marks
style_tests += tests/style/repeats
style_tests += tests/style/shellcheck
style_tests += tests/style/size
style_tests += tests/style/symbols
TESTS += $(style_tests)
EXTRA_DIST += tests/style/lib.bash $(style_tests)
AM_TESTS_ENVIRONMENT = LXS_PROGRAMS='$(bin_PROGRAMS) $(pkglibexec_PROGRAMS)' LXS_STATIC='$(static_programs)' \
	LXS_STATIC_LDFLAGS='$(STATIC_PIE_LDFLAGS)' LXS_CFLAGS='$(HARDENING_CFLAGS)'; \
	export LXS_PROGRAMS LXS_STATIC LXS_STATIC_LDFLAGS LXS_CFLAGS;
