/*
 * Reads what a container uses from its cgroups: cgroup v1 and v2 keep the
 * same figures in different files.  For lxs-info and lxs-ls.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/info.h"
#include "control/lines.h"
#include "lib/own.h"

enum { NS_PER_US = 1000, DIRECTORIES_MAX = 32 };

struct places {
	int fds[DIRECTORIES_MAX];
	size_t count;
};

/* The first directory that has the file gives its text. */
static char *text_of(const struct places *places, const char *file)
{
	for (size_t i = 0; i < places->count; i++) {
		char *text = lines_read(places->fds[i], file, NULL);

		if (text)
			return text;
	}
	return NULL;
}

static int64_t number_of(const struct places *places, const char *file)
{
	owned_str text = text_of(places, file);

	return text ? (int64_t)strtoll(text, NULL, 10) : NO_FIGURE;
}

/* The number behind `key` at the start of a line. */
static int64_t line_of(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (; text && *text; text = strchr(text, '\n'), text += text ? 1 : 0) {
		if (strncmp(text, key, length) == 0 && text[length] == ' ')
			return (int64_t)strtoll(text + length, NULL, 10);
	}
	return NO_FIGURE;
}

/* The same in whichever directory has both the file and the key: both versions have a cpu.stat. */
static int64_t keyed_of(const struct places *places, const char *file, const char *key)
{
	for (size_t i = 0; i < places->count; i++) {
		owned_str text = lines_read(places->fds[i], file, NULL);
		int64_t number = text ? line_of(text, key) : NO_FIGURE;

		if (number != NO_FIGURE)
			return number;
	}
	return NO_FIGURE;
}

static int64_t cpu_of(const struct places *places)
{
	int64_t ns = number_of(places, "cpuacct.usage");
	int64_t us = ns == NO_FIGURE ? keyed_of(places, "cpu.stat", "usage_usec") : NO_FIGURE;

	return us == NO_FIGURE ? ns : us * NS_PER_US;
}

/* v2: all bytes of all devices, "8:0 rbytes=1 wbytes=2 rios=..." */
static int64_t io_stat_sum(const char *text)
{
	int64_t sum = 0;

	for (const char *at = text; (at = strstr(at, "bytes=")); at += 6) {
		if (at > text && (at[-1] == 'r' || at[-1] == 'w'))
			sum += (int64_t)strtoll(at + 6, NULL, 10);
	}
	return sum;
}

static int64_t block_of(const struct places *places)
{
	owned_str v1 = text_of(places, "blkio.throttle.io_service_bytes");
	owned_str v2 = v1 ? NULL : text_of(places, "io.stat");

	if (v1)
		return line_of(v1, "Total");
	return v2 ? io_stat_sum(v2) : NO_FIGURE;
}

static int64_t sum_of(const struct places *places, const char *file, const char *const *keys)
{
	int64_t sum = 0;

	for (; *keys; keys++) {
		int64_t part = keyed_of(places, file, *keys);

		if (part == NO_FIGURE)
			return NO_FIGURE;
		sum += part;
	}
	return sum;
}

static void memory_of(const struct places *places, struct usage *ret)
{
	static const char *const user[] = { "anon", "file", NULL };
	static const char *const kernel[] = { "kernel_stack", "pagetables", "sock", "slab", NULL };

	ret->memory_bytes = number_of(places, "memory.usage_in_bytes");
	if (ret->memory_bytes != NO_FIGURE) {
		ret->kernel_bytes = number_of(places, "memory.kmem.usage_in_bytes");
		ret->swap_bytes = keyed_of(places, "memory.stat", "swap");
		return;
	}
	ret->memory_bytes = sum_of(places, "memory.stat", user);
	ret->kernel_bytes = sum_of(places, "memory.stat", kernel);
	ret->swap_bytes = number_of(places, "memory.swap.current");
}

void usage_read(const char *directories, struct usage *ret)
{
	struct places places = { .count = 0 };
	owned_str copy = directories ? strdup(directories) : NULL;
	char *next = copy;

	for (char *path; (path = strsep(&next, "\n")) && places.count < DIRECTORIES_MAX;) {
		int fd = *path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

		if (fd >= 0)
			places.fds[places.count++] = fd;
	}
	ret->cpu_ns = cpu_of(&places);
	ret->block_bytes = block_of(&places);
	memory_of(&places, ret);
	for (size_t i = 0; i < places.count; i++)
		close(places.fds[i]);
}
