/*
 * Archives that go out (provision/export_stream.h).  Apart from export.c
 * because here nothing is known of containers: bytes, programs, members.
 */
#include "provision/export_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "provision/archive.h"
#include "image/packing.h"
#include "image/tar_stream.h"
#include "lib/own.h"
#include "lib/text.h"

/* ---- the output ---- */

int export_stream_begin(struct export_stream *stream, struct arena *arena, const char *compress, int output, struct error *err)
{
	const struct packing *packing = packing_named(compress);
	const char *program;
	owned_fd theirs = -1;
	int ends[2];

	stream->arena = arena;
	sha256_init(&stream->hash);
	if (packing_is_none(packing)) {
		stream->output = fcntl(output, F_DUPFD_CLOEXEC, 3);
		return stream->output < 0 ? error_set(err, errno, "cannot write the archive") : 0;
	}
	program = packing_program(arena, packing, "packs it", err);
	if (!program)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	theirs = ends[0];
	stream->output = ends[1];
	return tool_start(&(struct tool_call){ (const char *[]){ program, packing_stream_option(packing), "-c", NULL }, theirs,
					       output, -1, false },
			  &stream->compressor, err);
}

int export_stream_end(struct export_stream *stream, int answer, struct error *err)
{
	owned_error later = ERROR_INIT;

	own_close_fd(&stream->output);
	if (stream->compressor.pid < 0 || tool_end(&stream->compressor, "write the archive", 0, &later) == 0)
		return answer;
	return error_move(err, &later);
}

void export_stream_done(struct export_stream *stream)
{
	own_close_fd(&stream->output);
	tool_run_done(&stream->compressor);
}

/* ---- members ---- */

int export_stream_text(struct export_stream *stream, const char *name, const char *text, struct error *err)
{
	return tar_put(stream->output, name, text, strlen(text), &stream->hash, err);
}

int export_stream_finish(struct export_stream *stream, struct error *err)
{
	char hash[SHA256_TEXT];

	sha256_end(&stream->hash, hash);
	if (tar_put(stream->output, ARCHIVE_END, hash, strlen(hash), NULL, err) < 0)
		return -1;
	return tar_put_end(stream->output, err);
}

/* A tarball that a program writes to its output, without its end. */
static int tarball_append(struct export_stream *stream, const char *const *argv, int directory, int fine, struct error *err)
{
	__attribute__((cleanup(tool_run_done))) struct tool_run tar = TOOL_RUN_INIT;
	__attribute__((cleanup(tar_reader_done))) struct tar_reader reader = {
		.shown = "what tar makes", .hash = &stream->hash,
	};
	owned_fd ours = -1, theirs = -1;
	owned_error later = ERROR_INIT;
	struct tar_member member;
	int ends[2], answer;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	ours = reader.fd = ends[0];
	theirs = ends[1];
	if (tool_start(&(struct tool_call){ argv, -1, theirs, directory, false }, &tar, err) < 0)
		return -1;
	own_close_fd(&theirs);
	while ((answer = tar_next(&reader, &member, err)) > 0)
		if (tar_pass(&reader, &member, stream->output, err) < 0)
			return -1;
	if (answer == 0)
		answer = tar_finish(&reader, err);
	/* When tar ended early it knows why. */
	if (tool_end(&tar, "pack the files", fine, answer < 0 ? &later : err) < 0)
		return answer < 0 ? error_move(err, &later) : -1;
	return answer;
}

/* Names, and what hard links name, get it in place of the point they begin with; what symbolic links say stays. */
static const char *transform(struct export_stream *stream, const char *prefix)
{
	owned_buffer text = { 0 };

	buffer_puts(&text, "--transform=flags=rSh;s,^\\.,");
	for (; *prefix; prefix++)
		buffer_printf(&text, "%s%c", strchr("\\,&", *prefix) ? "\\" : "", *prefix);
	buffer_puts(&text, ",");
	return arena_strdup(stream->arena, buffer_text(&text));
}

int export_stream_pack(struct export_stream *stream, int directory, const struct words *files, const char *prefix, int fine,
		       struct error *err)
{
	static const char *const options[] = {
		"--create", "--format=posix", "--pax-option=delete=atime,delete=ctime", "--numeric-owner", "--sparse", "--xattrs",
		"--xattrs-include=user.*", "--xattrs-include=security.capability", "--xattrs-include=system.posix_acl_*",
		"--xattrs-exclude=user.overlay.*", "--file=-",
	};
	struct words words = { 0 };
	const char *tar = tool_need(stream->arena, "tar", "packs containers", err);

	if (!tar)
		return -1;
	words_add(stream->arena, &words, tar);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		words_add(stream->arena, &words, options[i]);
	words_add(stream->arena, &words, transform(stream, prefix));
	words_add(stream->arena, &words, "--");
	for (size_t i = 0; i < files->count; i++)
		words_add(stream->arena, &words, files->items[i]);
	words_add(stream->arena, &words, NULL);
	return tarball_append(stream, words.items, directory, fine, err);
}
