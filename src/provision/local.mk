# Sources of src/provision, one part a line.

core_sources += src/provision/provision.h
core_sources += src/provision/create.c src/provision/destroy.c
core_sources += src/provision/interrupt.c src/provision/interrupt.h
core_sources += src/provision/newborn.c src/provision/newborn.h
core_sources += src/provision/rdepends.c src/provision/rdepends.h
core_sources += src/provision/copy.c src/provision/copy_fill.c src/provision/copy_fill.h src/provision/copy_files.c src/provision/copy_files.h
core_sources += src/provision/identity.c src/provision/identity.h src/provision/hostname.c src/provision/hostname.h
core_sources += src/provision/source.c src/provision/source.h
core_sources += src/provision/archive.c src/provision/archive.h src/provision/export.c src/provision/export.h
core_sources += src/provision/export_stream.c src/provision/export_stream.h
core_sources += src/provision/import.c src/provision/import.h src/provision/import_files.c src/provision/import_files.h
core_sources += src/provision/import_stream.c src/provision/import_stream.h
core_sources += src/provision/foreign.c src/provision/foreign.h src/provision/user_map.c src/provision/user_map.h
core_sources += src/provision/standstill.c src/provision/standstill.h
core_sources += src/provision/verb_hooks.c src/provision/verb_hooks.h
core_sources += src/provision/snapshot.c src/provision/snapshot.h src/provision/restore.c src/provision/rename.c
core_sources += src/provision/copy_text.c src/provision/copy_text.h
core_sources += src/provision/remains.c src/provision/remains.h
core_sources += src/provision/template.c src/provision/template.h
core_sources += src/provision/owner.c src/provision/owner.h src/provision/mapped.c src/provision/mapped.h
