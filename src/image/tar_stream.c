/*
 * Reading and writing the blocks of tarballs (image/tar_stream.h).  Whatever
 * this makes of a stranger's tarball is only used to pass it on: tar(1) reads
 * it again, confined (image/confine.h).
 */
#include "image/tar_stream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"

enum { BLOCK = 512, ROOM = 256 * BLOCK, LONGEST_EXTENSION = 16 << 20 };

/* POSIX.1-1988, ustar. */
struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, linked[100], magic[6], version[2];
	char owner[32], group[32], major[8], minor[8], prefix[155], rest[12];
};

_Static_assert(sizeof(struct tar_header) == BLOCK, "a header is one block");

void tar_reader_done(struct tar_reader *reader)
{
	own_free(&reader->bytes);
	own_free(&reader->name);
	buffer_done(&reader->header);
}

static int cut_short(const struct tar_reader *reader, struct error *err)
{
	error_set(err, 0, "%s ends too early", reader->shown);
	return error_hint(err, "whoever made or sent it has stopped in the middle");
}

static int malformed(const struct tar_reader *reader, const char *what, struct error *err)
{
	return error_set(err, 0, "%s is damaged, or was not made by lxs-export: %s", reader->shown, what);
}

/* Until bytes have come, or a signal, which is taken. */
static int await(const struct tar_reader *reader, struct error *err)
{
	struct pollfd polled[] = { { reader->fd, POLLIN, 0 }, { reader->signals, POLLIN, 0 } };
	struct signalfd_siginfo info;

	if (reader->signals <= 0)
		return 0;
	while (poll(polled, 2, -1) < 0 && errno == EINTR)
		;
	if (!polled[1].revents || read(reader->signals, &info, sizeof info) != sizeof info)
		return 0;
	return error_set(err, 0, "interrupted by SIG%s", sigabbrev_np((int)info.ssi_signo));
}

/* Reads until there are `wanted` bytes (at most ROOM).  1; 0: there are no more bytes at all; -1: fewer, or an error. */
static int fill(struct tar_reader *reader, size_t wanted, struct error *err)
{
	if (!reader->bytes && !(reader->bytes = malloc(ROOM)))
		return error_set(err, ENOMEM, "cannot read %s", reader->shown);
	if (reader->end - reader->start < wanted) {
		memmove(reader->bytes, reader->bytes + reader->start, reader->end - reader->start);
		reader->end -= reader->start;
		reader->start = 0;
	}
	while (reader->end - reader->start < wanted) {
		ssize_t got;

		if (await(reader, err) < 0)
			return -1;
		got = read(reader->fd, reader->bytes + reader->end, ROOM - reader->end);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, errno, "cannot read %s", reader->shown);
		if (got == 0)
			return reader->end == reader->start ? 0 : cut_short(reader, err);
		reader->end += (size_t)got;
	}
	return 1;
}

static int member_write(int to, const char *bytes, size_t length, const char *name, struct error *err)
{
	return file_write(to, bytes, length) < 0 ? error_set(err, errno, "cannot write %s", name) : 0;
}

static uint64_t padded(uint64_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

/* ---- headers ---- */

static bool octal(const char *field, size_t length, uint64_t *ret)
{
	size_t at = 0;

	*ret = 0;
	while (at < length && field[at] == ' ')
		at++;
	for (; at < length && field[at] >= '0' && field[at] <= '7'; at++)
		*ret = *ret * 8 + (uint64_t)(field[at] - '0');
	return at == length || field[at] == '\0' || field[at] == ' ';
}

static unsigned checksum(const struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= offsetof(struct tar_header, checksum) && i < offsetof(struct tar_header, type) ? ' ' : bytes[i];
	return sum;
}

static bool is_zero(const char *block)
{
	for (size_t i = 0; i < BLOCK; i++)
		if (block[i])
			return false;
	return true;
}

static int header_check(const struct tar_reader *reader, const struct tar_header *header, uint64_t *size, struct error *err)
{
	uint64_t sum;

	if (memcmp(header->magic, "ustar", 6) != 0)
		return malformed(reader, "a member is not in POSIX format", err);
	if (!octal(header->checksum, sizeof header->checksum, &sum) || sum != checksum(header))
		return malformed(reader, "the checksum of a member is wrong", err);
	if (!octal(header->size, sizeof header->size, size))
		return malformed(reader, "the size of a member is no number", err);
	return 0;
}

/* Records "LENGTH KEY=VALUE\n" of an extended header: of two of a kind the last one counts. */
struct extension { char *path, *size; bool holes; };

static bool extension_parse(char *text, size_t length, struct extension *ret)
{
	char *end = text + length;

	while (text < end) {
		char *rest, *equals;
		unsigned long record = strtoul(text, &rest, 10);

		if (*rest != ' ' || record <= (size_t)(rest - text) + 1 || record > (size_t)(end - text))
			return false;
		if (text[record - 1] != '\n')
			return false;
		rest++;
		text[record - 1] = '\0';
		equals = strchr(rest, '=');
		if (!equals)
			return false;
		*equals = '\0';
		if (strcmp(rest, "path") == 0 || strcmp(rest, "GNU.sparse.name") == 0)
			ret->path = equals + 1;
		if (strcmp(rest, "size") == 0)
			ret->size = equals + 1;
		ret->holes |= text_starts(rest, "GNU.sparse.");
		text += record;
	}
	return true;
}

/* The next block of the header joins what was read of it. */
static int header_add(struct tar_reader *reader, uint64_t length, struct error *err)
{
	int answer = 1;

	while (length > 0 && answer > 0) {
		size_t part = length < ROOM ? (size_t)length : ROOM;

		answer = fill(reader, part, err);
		if (answer <= 0)
			break;
		buffer_add(&reader->header, reader->bytes + reader->start, part);
		reader->start += part;
		length -= part;
	}
	return answer;
}

static char *extension_read(struct tar_reader *reader, uint64_t size, struct extension *ret, struct error *err)
{
	size_t before = reader->header.length;
	owned_str text = NULL;
	int answer;

	if (size > LONGEST_EXTENSION) {
		malformed(reader, "an extended header is too long", err);
		return NULL;
	}
	answer = header_add(reader, padded(size), err);
	if (answer <= 0) {
		if (answer == 0)
			cut_short(reader, err);
		return NULL;
	}
	/* A value may hold NUL bytes, so this is not strndup(3). */
	text = calloc(1, (size_t)size + 1);
	if (text)
		memcpy(text, reader->header.text + before, (size_t)size);
	if (!text || !extension_parse(text, (size_t)size, ret)) {
		malformed(reader, "an extended header cannot be read", err);
		return NULL;
	}
	return steal_ptr(text);
}

static char *header_name(const struct tar_header *header)
{
	char *name = NULL;

	if (asprintf(&name, "%.*s%s%.*s", (int)sizeof header->prefix, header->prefix, header->prefix[0] ? "/" : "",
		     (int)sizeof header->name, header->name) < 0)
		return NULL;
	return name;
}

/* Of what has no contents tar(1) passes over no bytes either. */
static int member_check(const struct tar_reader *reader, char type, uint64_t size, struct error *err)
{
	if (type == '\0' || !strchr("0123456", type))
		return malformed(reader, "a member is of a kind that no container has", err);
	return type != '0' && size > 0 ? malformed(reader, "a link or directory has contents", err) : 0;
}

static bool is_beneath(const char *name)
{
	return *name && *name != '/' && !path_climbs(name);
}

static int member_read(struct tar_reader *reader, const struct tar_header *header, uint64_t size,
		       const struct extension *extension, struct tar_member *ret, struct error *err)
{
	char *end;

	if (extension->size) {
		size = strtoull(extension->size, &end, 10);
		if (*end || end == extension->size || size > INT64_MAX)
			return malformed(reader, "the size of a member is no number", err);
	}
	if (member_check(reader, header->type, size, err) < 0)
		return -1;
	reader->name = extension->path ? strdup(extension->path) : header_name(header);
	if (!reader->name)
		return error_set(err, ENOMEM, "cannot read %s", reader->shown);
	if (!is_beneath(reader->name))
		return error_set(err, 0, "%s has a member '%s', which is no place in a container", reader->shown, reader->name);
	*ret = (struct tar_member){ reader->name, size, header->type == '0' && !extension->holes };
	return 1;
}

int tar_next(struct tar_reader *reader, struct tar_member *ret, struct error *err)
{
	struct extension extension = { 0 };
	owned_str extended = NULL;

	own_free(&reader->name);
	reader->header.length = 0;
	for (;;) {
		struct tar_header header;
		uint64_t size = 0;
		int answer = header_add(reader, BLOCK, err);

		if (answer <= 0)
			return answer < 0 ? -1 : cut_short(reader, err);
		memcpy(&header, reader->header.text + reader->header.length - BLOCK, BLOCK);
		if (is_zero((const char *)&header))
			return reader->header.length == BLOCK ? 0 : malformed(reader, "it ends in a header", err);
		if (header_check(reader, &header, &size, err) < 0)
			return -1;
		if (header.type != 'x')
			return member_read(reader, &header, size, &extension, ret, err);
		if (extended)
			return malformed(reader, "a member has two extended headers", err);
		extended = extension_read(reader, size, &extension, err);
		if (!extended)
			return -1;
	}
}

/* ---- contents ---- */

static void hash_add(const struct tar_reader *reader, const char *bytes, size_t length)
{
	if (reader->hash)
		sha256_add(reader->hash, bytes, length);
}

int tar_pass(struct tar_reader *reader, const struct tar_member *member, int to, struct error *err)
{
	uint64_t left = padded(member->size);

	hash_add(reader, reader->header.text, reader->header.length);
	if (to >= 0 && member_write(to, reader->header.text, reader->header.length, member->name, err) < 0)
		return -1;
	while (left > 0) {
		size_t part;
		int answer = fill(reader, BLOCK, err);

		if (answer <= 0)
			return answer < 0 ? -1 : cut_short(reader, err);
		part = (reader->end - reader->start) / BLOCK * BLOCK;
		part = part > left ? (size_t)left : part;
		hash_add(reader, reader->bytes + reader->start, part);
		if (to >= 0 && member_write(to, reader->bytes + reader->start, part, member->name, err) < 0)
			return -1;
		reader->start += part;
		left -= part;
	}
	return 0;
}

int tar_take(struct tar_reader *reader, const struct tar_member *member, uint64_t largest, char **ret, struct error *err)
{
	size_t before = reader->header.length;
	int answer;

	if (!member->plain || member->size > largest)
		return error_set(err, 0, "%s has something else as '%s' than a small file", reader->shown, member->name);
	answer = header_add(reader, padded(member->size), err);
	if (answer <= 0)
		return answer < 0 ? -1 : cut_short(reader, err);
	hash_add(reader, reader->header.text, reader->header.length);
	*ret = strndup(reader->header.text + before, (size_t)member->size);
	if (!*ret)
		return error_set(err, ENOMEM, "cannot read %s", reader->shown);
	return strlen(*ret) == member->size ? 0 : malformed(reader, "a text of it has a NUL byte", err);
}

int tar_finish(struct tar_reader *reader, struct error *err)
{
	for (;;) {
		int answer = fill(reader, 1, err);

		if (answer <= 0)
			return answer;
		for (; reader->start < reader->end; reader->start++)
			if (reader->bytes[reader->start])
				return malformed(reader, "something follows its end", err);
	}
}

/* ---- making one ---- */

int tar_put(int to, const char *name, const char *text, size_t length, struct sha256 *hash, struct error *err)
{
	char zeros[BLOCK] = "";
	struct tar_header header = { .type = '0', .magic = "ustar", .version = { '0', '0' }, .mode = "0000640" };
	size_t rest = (size_t)(padded(length) - length);

	if (strlen(name) > sizeof header.name)
		return error_set(err, ENAMETOOLONG, "cannot pack %s", name);
	memcpy(header.name, name, strlen(name));
	snprintf(header.uid, sizeof header.uid, "%07o", 0);
	snprintf(header.gid, sizeof header.gid, "%07o", 0);
	snprintf(header.size, sizeof header.size, "%011zo", length);
	snprintf(header.mtime, sizeof header.mtime, "%011llo", (unsigned long long)time(NULL));
	snprintf(header.checksum, sizeof header.checksum, "%06o", checksum(&header));
	if (hash) {
		sha256_add(hash, &header, BLOCK);
		sha256_add(hash, text, length);
		sha256_add(hash, zeros, rest);
	}
	if (member_write(to, (const char *)&header, BLOCK, name, err) < 0 || member_write(to, text, length, name, err) < 0)
		return -1;
	return member_write(to, zeros, rest, name, err);
}

int tar_put_end(int to, struct error *err)
{
	static const char zeros[2 * BLOCK];

	return member_write(to, zeros, sizeof zeros, "the end", err);
}
