# Sources of src/policy, one a line.
core_sources += \
	src/policy/apparmor.c src/policy/apparmor.h \
	src/policy/compiled.c src/policy/compiled.h \
	src/policy/filter.c src/policy/filter.h \
	src/policy/filter_paths.c src/policy/filter_paths.h \
	src/policy/filter_words.c src/policy/filter_words.h \
	src/policy/profile.c src/policy/profile.h \
	src/policy/profile_json.c src/policy/profile_json.h
