/*
 * What was compiled out of policy, seccomp programs and AppArmor profiles, kept
 * by the text it was made of: it is compiled once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A folder of LOCALSTATEDIR/cache/lxs, or for a user of his own cache. */
struct compiled_kind {
	const char *directory;
	uint64_t names;             /* the bits of a hash that make the name: how many there can be */
};

extern const struct compiled_kind compiled_seccomp, compiled_apparmor;

/* A program in memory: `bytes` may be handed to the kernel, `memory` is what to free. */
struct compiled {
	char *memory;
	const char *bytes;
	size_t size;
};

/* What was kept for this very text, unless the program or library that made it has changed since. */
bool compiled_find(const struct compiled_kind *kind, const char *text, struct compiled *ret);

/* Keeps what the file `compiler` made; a cache that cannot be written costs time only. */
void compiled_keep(const struct compiled_kind *kind, const char *text, const char *compiler, const char *bytes, size_t size);
