# Sources of src/host, one a line.
core_sources += src/host/cgroups.c src/host/cgroups.h
core_sources += src/host/facts.c src/host/facts.h
core_sources += src/host/kernel_text.c src/host/kernel_text.h
core_sources += src/host/lsm.c src/host/lsm.h
core_sources += src/host/usernic.c src/host/usernic.h
core_sources += src/host/interfaces.c src/host/interfaces.h
core_sources += src/host/fstab.c src/host/fstab.h
core_sources += src/host/lxsconf.c src/host/lxsconf.h
core_sources += src/host/lxsconf-file.c src/host/lxsconf-file.h
core_sources += src/host/subid.c src/host/subid.h src/host/userns.c src/host/userns.h
core_sources += src/host/clockconf.c src/host/clockconf.h
core_sources += src/host/remoteconf.c src/host/remoteconf.h src/host/sections.c src/host/sections.h
