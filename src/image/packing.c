/* Compressions (image/packing.h).  Apart from unpack.c because whole containers are packed and unpacked in a stream. */
#include "image/packing.h"

#include <string.h>

#include "image/tool.h"

/* The first program that is installed is taken: those that use all processors come first. */
static const struct packing {
	const char *name;
	size_t at, length;
	const char *magic;
	const char *programs[3], *options; /* the latter of tar */
	const char *stream;                /* the same as one word for the program itself, or one that changes nothing */
} packings[] = {
	{ "xz", 0, 6, "\xfd" "7zXZ\0", { "xz" }, " -T0", "-T0" },
	{ "zstd", 0, 4, "\x28\xb5\x2f\xfd", { "zstd" }, "", "-T0" },
	{ "gzip", 0, 2, "\x1f\x8b", { "pigz", "gzip" }, "", "-q" },
	{ "bzip2", 0, 3, "BZh", { "lbzip2", "pbzip2", "bzip2" }, "", "-q" },
	{ "lz4", 0, 4, "\x04\x22\x4d\x18", { "lz4" }, "", "-q" },
	{ "none", 257, 5, "ustar", { NULL }, "", "" },
};

enum { PACKINGS = sizeof packings / sizeof *packings };

const struct packing *packing_of(const char *magic)
{
	for (size_t i = 0; i < PACKINGS; i++)
		if (memcmp(magic + packings[i].at, packings[i].magic, packings[i].length) == 0)
			return &packings[i];
	return NULL;
}

const struct packing *packing_named(const char *name)
{
	for (size_t i = 0; i < PACKINGS; i++)
		if (strcmp(packings[i].name, name) == 0)
			return &packings[i];
	return NULL;
}

bool packing_is_none(const struct packing *packing)
{
	return !packing->programs[0];
}

const char *packing_program(struct arena *arena, const struct packing *packing, const char *does, struct error *err)
{
	const char *program = NULL;
	size_t last;

	for (last = 0; last < 3 && packing->programs[last] && !program; last++)
		program = tool_find(arena, packing->programs[last]);
	return program ? program : tool_need(arena, packing->programs[last - 1], does, err);
}

const char *packing_options(const struct packing *packing)
{
	return packing->options;
}

const char *packing_stream_option(const struct packing *packing)
{
	return packing->stream;
}
