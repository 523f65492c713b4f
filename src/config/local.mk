# Sources of src/config, one a line.
core_sources += \
	src/config/assign.c \
	src/config/confined.c src/config/confined.h \
	src/config/edit.c src/config/edit.h \
	src/config/find.c \
	src/config/findings.c \
	src/config/format.c \
	src/config/grammar.c src/config/grammar.h \
	src/config/include.c src/config/include.h \
	src/config/keys.c src/config/keys.h \
	src/config/lines.c src/config/lines.h \
	src/config/read.c src/config/read.h \
	src/config/rootfs_source.c src/config/rootfs_source.h \
	src/config/save.c src/config/save.h \
	src/config/settings.c src/config/settings.h \
	src/config/store.h \
	src/config/types.c src/config/types.h \
	src/config/types-net.c \
	src/config/types-set.c
