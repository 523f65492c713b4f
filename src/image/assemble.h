/* A container's config out of what lxs-create began and what its image says. */
#pragma once

#include "image/index.h"
#include "image/substitute.h"

struct assemble {
	const char *config;        /* as it is: the start config and lxc.rootfs.path */
	const char *image_config;  /* NULL: the image has none, and gets one by its distribution */
	const char *image_fstab;   /* "": none */
	const struct image *image; /* NULL: nothing is known of it */
	bool user;
	const struct placeholders *words;
	const char *rootfs;        /* a new lxc.rootfs.path; NULL: the one that is there */
};

/* `fstab` stays empty when there is none; `refused` gets a line for each thing the image may not say. */
void assemble_config(const struct assemble *assemble, struct buffer *config, struct buffer *fstab, struct buffer *refused);

/* The last lxc.rootfs.path of a config; NULL: none. */
const char *assemble_rootfs(struct arena *arena, const char *config);
