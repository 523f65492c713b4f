/*
 * The command line as data: what the option rows of a command and the rows
 * that all commands share make of argv.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "commands/command.h"
#include "lib/arena.h"
#include "lib/error.h"

/* The options that every command has. */
struct common_options {
	const char *name, *lxcpath, *logfile, *logpriority, *rcfile;
	bool quiet;
};

/* Rows in the order of --usage; common_row_count without the closing row. */
extern const struct option_row common_rows[];
extern const size_t common_row_count;

static inline bool option_is_optional(const struct option_row *row)
{
	return row->argument && (row->type == OPTION_OPTIONAL || row->type == OPTION_OPTIONAL_CUSTOM);
}

struct parsed {
	struct common_options common;
	void *options;     /* the command's own; lives in the arena */
	char **arguments;  /* positionals, the name still among them; NULL at the end */
	int count;
};

/* PARSED_BAD: `-?`, or getopt(3) has said why on stderr. */
enum parse_answer { PARSED = 0, PARSED_HELP, PARSED_USAGE, PARSED_VERSION, PARSED_BAD };

/* Answers as above, or -1 with err when a value is refused. */
int options_parse(const struct command *command, int argc, char **argv, struct arena *arena,
		  struct parsed *ret, struct error *err);
