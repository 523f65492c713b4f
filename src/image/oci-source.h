/* Where an OCI image comes from: a directory, an archive, or a registry by way of skopeo(1). */
#pragma once

#include "lib/arena.h"
#include "lib/error.h"

struct oci_source {
	int directory;       /* owned; with index.json or manifest.json */
	const char *shown;   /* for messages; lives in the arena */
	const char *tag;     /* NULL: none was named */
	char *scratch;       /* owned; the folder that was made for it, NULL: none */
};

#define OCI_SOURCE_INIT ((struct oci_source){ .directory = -1 })

struct oci_credentials {
	const char *user, *password; /* NULL: none */
};

/*
 * `url` as skopeo(1) writes it: oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG],
 * docker-archive:FILE[:REFERENCE]; anything else is fetched by skopeo, which
 * has to be installed then.  Scratch space is made below `where`.
 */
int oci_source_open(struct arena *arena, const char *url, const char *where, const struct oci_credentials *credentials,
		    struct oci_source *ret, struct error *err);

/* Removes the scratch space. */
void oci_source_close(struct oci_source *source);

#define owned_oci_source __attribute__((cleanup(oci_source_close))) struct oci_source
