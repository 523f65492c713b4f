/* How an OCI image is run, as a container's config. */
#pragma once

#include "image/oci.h"
#include "lib/text.h"

/*
 * Appends lines to `config`, and to `refused`, for each thing that a config
 * cannot say, a line "WHAT: why not".  `root`: the unpacked tree, where names
 * of users are looked up.
 */
int oci_config(const struct oci_image *image, int root, struct buffer *config, struct buffer *refused, struct error *err);
