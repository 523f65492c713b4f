# Sources of src/control, one a line.
core_sources += \
	src/control/lines.c src/control/lines.h \
	src/control/rundir.c src/control/rundir.h \
	src/control/state.c src/control/state.h \
	src/control/journal.c src/control/journal.h
core_sources += \
	src/control/protocol.c src/control/protocol.h \
	src/control/client.c src/control/client.h
