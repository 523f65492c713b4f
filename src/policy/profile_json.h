/*
 * Seccomp profiles in the JSON format of OCI runtimes, with the conditions
 * that Docker's profiles have: rules for some capabilities, architectures and
 * kernels only.
 */
#pragma once

#include <stdint.h>

#include "policy/profile.h"

/* What the conditions of a profile are asked about. */
struct profile_place {
	const char *native;        /* section word of this machine, "x86_64" (filter.h); "": unknown */
	uint64_t capabilities;     /* bit N: capability N stays in the container's bounding set */
	const char *kernel;        /* its release, "6.1.0-13-amd64" */
};

/* Reads `text`, keeping the rules whose conditions hold at `place`; messages name PATH and the rule. */
int profile_json_parse(struct arena *arena, const char *path, const char *text, const struct profile_place *place,
		       struct profile *ret, struct error *err);
