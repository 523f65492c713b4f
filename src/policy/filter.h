/*
 * What libseccomp does for us: see filter.c.
 */
#pragma once

#include <stdint.h>

#include "lib/error.h"
#include "policy/profile.h"

/*
 * A filter as it is kept in the cache and in the run directory: this head,
 * then the program (struct sock_filter, as many as there are).
 */
struct filter_head {
	uint64_t flags;            /* SECCOMP_FILTER_FLAG_* to load it with */
};

/* A profile and what its conditions are asked about. */
struct filter_source {
	const char *path, *text;
	uint64_t capabilities;     /* bit N: capability N stays in the container's bounding set */
	const char *kernel;        /* release of the running kernel */
};

/*
 * Compiles a profile by libseccomp and writes head and program to `fd`.
 * Messages name PATH:LINE.
 */
int seccomp_compile(const struct profile *profile, const char *path, int fd, struct error *err);

/* The section word of this machine, "x86_64"; "" when LXC's formats have none for it. */
const char *seccomp_native(void);

/* As seccomp_compile(), from the text of a profile in any of its formats. */
int filter_build(const struct filter_source *source, int fd, struct error *err);

/* The file of the library that compiles: another one may give another program.  "" when that cannot be told. */
const char *filter_builder(void);
