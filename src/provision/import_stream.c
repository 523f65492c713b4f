/*
 * Archives that come in (provision/import_stream.h).  Apart from import.c
 * because here nothing is known of containers: bytes, programs, members.
 */
#include "provision/import_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "provision/archive.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"

/* ---- from the input to the reader ---- */

struct beginning { char bytes[PACKING_MAGIC]; size_t length; };

static int beginning_read(int input, struct beginning *ret, struct error *err)
{
	*ret = (struct beginning){ .length = 0 };
	while (ret->length < sizeof ret->bytes) {
		ssize_t got = read(input, ret->bytes + ret->length, sizeof ret->bytes - ret->length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(err, errno, "cannot read the archive");
		if (got == 0)
			break;
		ret->length += (size_t)got;
	}
	return ret->length > 0 ? 0 : error_set(err, 0, "there is no archive: the input is empty");
}

/* Goes on until one of the two ends; which one it was is seen at the other end of the line, but not why. */
static _Noreturn void feeder_run(int input, int to, const struct beginning *beginning, int *trouble)
{
	static char bytes[1 << 16];
	ssize_t got = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (file_write(to, beginning->bytes, beginning->length) < 0)
		_exit(EXIT_FAILURE);
	while (got != 0) {
		got = read(input, bytes, sizeof bytes);
		if (got < 0 && errno == EINTR)
			continue;
		/* Before our end of the pipe is closed: who sees its end can see this. */
		if (got < 0)
			*trouble = errno;
		if (got < 0 || file_write(to, bytes, (size_t)got) < 0)
			_exit(EXIT_FAILURE);
	}
	_exit(EXIT_SUCCESS);
}

/* What the feeder gives; the descriptor is the caller's. */
static int feeder_start(struct import_stream *stream, int input, const struct beginning *beginning, struct error *err)
{
	owned_fd theirs = -1;
	int ends[2];

	stream->trouble = mmap(NULL, sizeof *stream->trouble, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stream->trouble == MAP_FAILED) {
		stream->trouble = NULL;
		return error_set(err, errno, "cannot read the archive");
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	theirs = ends[1];
	stream->feeder = fork();
	if (stream->feeder == 0) {
		close(ends[0]);
		feeder_run(input, theirs, beginning, stream->trouble);
	}
	if (stream->feeder > 0)
		return ends[0];
	error_set(err, errno, "cannot fork");
	close(ends[0]);
	return -1;
}

static int unpacker_start(struct import_stream *stream, const struct packing *packing, int input, struct error *err)
{
	owned_arena arena = arena_new();
	const char *program = packing_program(arena, packing, "unpacks it", err);
	owned_fd theirs = -1;
	int ends[2];

	if (!program)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	stream->reader.fd = ends[0];
	theirs = ends[1];
	return tool_start(&(struct tool_call){ (const char *[]){ program, "-d", "-c", NULL }, input, theirs, -1, true },
			  &stream->unpacker, err);
}

int import_stream_begin(struct import_stream *stream, int input, struct error *err)
{
	const struct packing *packing;
	struct beginning beginning;
	owned_fd fed = -1;

	sha256_init(&stream->hash);
	stream->reader.hash = &stream->hash;
	if (beginning_read(input, &beginning, err) < 0)
		return -1;
	packing = packing_of(beginning.bytes);
	if (!packing) {
		error_set(err, 0, "the input is no archive");
		return error_hint(err, "lxs-export makes one");
	}
	fed = feeder_start(stream, input, &beginning, err);
	if (fed < 0)
		return -1;
	if (!packing_is_none(packing))
		return unpacker_start(stream, packing, fed, err);
	stream->reader.fd = steal_fd(&fed);
	return 0;
}

/* ---- members ---- */

static int member_await(struct import_stream *stream, struct error *err)
{
	int answer;

	if (stream->waiting)
		return 0;
	answer = tar_next(&stream->reader, &stream->member, err);
	if (answer == 0)
		return error_set(err, 0, "the archive has no end of its own: it is not whole");
	stream->waiting = answer > 0;
	return answer < 0 ? -1 : 0;
}

static bool is_below(const char *name, const char *prefix)
{
	return text_starts(name, prefix) && (name[strlen(prefix)] == '/' || name[strlen(prefix)] == '\0');
}

const char *import_stream_text(struct import_stream *stream, struct arena *arena, const char *name, size_t largest,
			       struct error *err)
{
	owned_str text = NULL;

	if (member_await(stream, err) < 0)
		return NULL;
	if (strcmp(stream->member.name, name) != 0) {
		error_set(err, 0, "the archive is of no container: it has '%s' in the place of '%s'", stream->member.name, name);
		error_hint(err, "lxs-export makes such archives");
		return NULL;
	}
	stream->waiting = false;
	if (tar_take(&stream->reader, &stream->member, largest, &text, err) < 0)
		return NULL;
	return arena_strdup(arena, text);
}

int import_stream_unpack(struct import_stream *stream, struct unpack *unpack, const char *prefix, struct error *err)
{
	__attribute__((cleanup(unpacking_done))) struct unpacking unpacking = UNPACKING_INIT;
	owned_error later = ERROR_INIT;
	int answer = 0;

	if (member_await(stream, err) < 0)
		return -1;
	if (!is_below(stream->member.name, prefix))
		return 0;
	if (unpack_begin(unpack, prefix, &unpacking, err) < 0)
		return -1;
	while (answer == 0 && is_below(stream->member.name, prefix)) {
		stream->waiting = false;
		answer = tar_pass(&stream->reader, &stream->member, unpacking.input, err);
		if (answer == 0)
			answer = member_await(stream, err);
	}
	if (answer == 0)
		answer = tar_put_end(unpacking.input, err);
	/* When tar ended early it knows why; when the archive did, tar only sees that. */
	if (answer < 0 && err->code != EPIPE)
		return -1;
	if (unpack_end(&unpacking, answer < 0 ? &later : err) < 0)
		return answer < 0 ? error_move(err, &later) : -1;
	return answer;
}

int import_stream_finish(struct import_stream *stream, struct error *err)
{
	owned_arena arena = arena_new();
	char hash[SHA256_TEXT];
	const char *text;
	int answer;

	if (member_await(stream, err) < 0)
		return -1;
	stream->reader.hash = NULL;
	text = import_stream_text(stream, arena, ARCHIVE_END, ARCHIVE_SMALL, err);
	if (!text)
		return -1;
	sha256_end(&stream->hash, hash);
	if (strcmp(text, hash) != 0)
		return error_set(err, 0, "the archive has changed since it was made: its SHA-256 is wrong");
	answer = tar_next(&stream->reader, &stream->member, err);
	if (answer != 0)
		return answer < 0 ? -1 : error_set(err, 0, "the archive goes on behind its end");
	return tar_finish(&stream->reader, err);
}

/* ---- the end ---- */

/* Whether all has been read of what the unpacker gave. */
static bool is_at_end(const struct import_stream *stream)
{
	char byte;

	fcntl(stream->reader.fd, F_SETFL, O_NONBLOCK);
	return read(stream->reader.fd, &byte, 1) == 0;
}

int import_stream_end(struct import_stream *stream, int answer, struct error *err)
{
	owned_error later = ERROR_INIT;

	/* When that was the end of what came, it does not matter what it looked like from here. */
	if (answer < 0 && stream->trouble && *stream->trouble && is_at_end(stream)) {
		error_done(err);
		return error_set(err, *stream->trouble, "cannot read the archive");
	}
	if (stream->unpacker.pid < 0 || stream->reader.fd < 0 || !is_at_end(stream))
		return answer;
	if (tool_end(&stream->unpacker, "unpack the archive", 0, &later) < 0)
		return error_move(err, &later);
	return answer;
}

void import_stream_done(struct import_stream *stream)
{
	owned_fd feeder = stream->feeder > 0 ? proc_open(stream->feeder) : -1;

	own_close_fd(&stream->reader.fd);
	own_close_fd(&stream->reader.signals);
	tar_reader_done(&stream->reader);
	tool_run_done(&stream->unpacker);
	/* It may wait for an input that will never come. */
	if (feeder >= 0)
		proc_signal(feeder, SIGKILL);
	if (stream->feeder > 0)
		proc_wait(stream->feeder);
	stream->feeder = -1;
	if (stream->trouble)
		munmap(stream->trouble, sizeof *stream->trouble);
	stream->trouble = NULL;
}
