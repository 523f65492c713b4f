/*
 * Fuzz target of the reader of tarballs (image/tar_stream.h): every member it
 * takes has a name that stays beneath, and it comes to an end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/tar_stream.h"
#include "lib/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *name)
{
	if (!*name || *name == '/' || strcmp(name, "..") == 0 || strncmp(name, "../", 3) == 0 || strstr(name, "/../"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned_fd fd = memfd_create("tarball", MFD_CLOEXEC);
	__attribute__((cleanup(tar_reader_done))) struct tar_reader reader = { .fd = fd, .shown = "it" };
	owned_error err = ERROR_INIT;
	struct tar_member member;
	int answer = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	lseek(fd, 0, SEEK_SET);
	while (answer == 0 && tar_next(&reader, &member, &err) > 0) {
		owned_str text = NULL;

		check(member.name);
		answer = member.plain && member.size < 100 ? tar_take(&reader, &member, 100, &text, &err)
							   : tar_pass(&reader, &member, -1, &err);
	}
	return 0;
}
