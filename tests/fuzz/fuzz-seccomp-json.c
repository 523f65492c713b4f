/*
 * Fuzz target of the reader of seccomp profiles in JSON: any text is read or
 * refused with a message that names the file; what is read compiles or is
 * refused with a message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/own.h"
#include "policy/filter.h"
#include "policy/profile_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Compiling a filter takes libseccomp milliseconds: only small profiles are worth it. */
enum { COMPILED_RULES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct profile_place place = { "x86_64", UINT64_C(0x5555555555555555), "6.1.0" };
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	char *text = arena_strndup(arena, (const char *)data, size);
	owned_fd fd = -1;
	struct profile profile;

	if (profile_json_parse(arena, "fuzz", text, &place, &profile, &err) < 0) {
		if (!err.message || strncmp(err.message, "fuzz:", 5) != 0)
			abort();
		return 0;
	}
	if (profile.count > COMPILED_RULES)
		return 0;
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (seccomp_compile(&profile, "fuzz", fd, &err) < 0 && !err.message)
		abort();
	return 0;
}
