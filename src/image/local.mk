# Sources of src/image, one a line; lxs-fetch is the program that links to libcurl.
core_sources += src/image/blobs.c
core_sources += src/image/cache.c src/image/cache.h
core_sources += src/image/confine.c src/image/confine.h
core_sources += src/image/filter.c src/image/filter.h
core_sources += src/image/get.c src/image/get.h
core_sources += src/image/index.c src/image/index.h src/image/index-streams.c
core_sources += src/image/list.c src/image/signed.h
core_sources += src/image/meta.c src/image/meta.h
core_sources += src/image/progress.c src/image/progress.h
core_sources += src/image/packing.c src/image/packing.h src/image/tar_stream.c src/image/tar_stream.h
core_sources += src/image/prune.c
core_sources += src/image/record.c src/image/record.h
core_sources += src/image/remote.c src/image/remote.h
core_sources += src/image/signature.c src/image/signature.h
core_sources += src/image/tool.c src/image/tool.h
core_sources += src/image/transfer.c src/image/transfer.h
core_sources += src/image/unpack.c src/image/unpack.h

if HAVE_LIBCURL
pkglibexec_PROGRAMS += lxs-fetch
endif
lxs_fetch_SOURCES = src/image/fetch.c
lxs_fetch_CFLAGS = $(AM_CFLAGS) $(LIBCURL_CFLAGS)
lxs_fetch_LDADD = $(LIBCURL_LIBS)
core_sources += src/image/assemble.c src/image/assemble.h
core_sources += src/image/identity.c src/image/identity.h
core_sources += src/image/install.c src/image/install.h
core_sources += src/image/substitute.c src/image/substitute.h
core_sources += src/image/trees.c src/image/trees.h src/image/trees-prune.c
core_sources += src/image/exchange.c src/image/exchange.h
core_sources += src/image/layers.c src/image/layers.h
core_sources += src/image/oci.c src/image/oci.h
core_sources += src/image/oci-config.c src/image/oci-config.h
core_sources += src/image/oci-json.c src/image/oci-json.h
core_sources += src/image/oci-source.c src/image/oci-source.h
