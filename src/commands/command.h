/*
 * One row a command, one row an option.  A command's file exports one const
 * row; lxs.c holds only the array.  The option rows parse the command line,
 * print --help and --usage, and fill the synopsis of the man page and the
 * completions.  Options land in a struct that the caller owns.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "container/container.h"
#include "lib/arena.h"
#include "lib/error.h"

enum option_type {
	OPTION_FLAG,      /* bool = true */
	OPTION_FLAG_OFF,  /* bool = false */
	OPTION_STRING,    /* const char * */
	OPTION_STRINGS,   /* struct strings, appended */
	OPTION_INT,       /* int */
	OPTION_OPTIONAL,  /* const char *, "" when given without its (glued) argument */
	OPTION_CUSTOM,    /* parse() */
	OPTION_OPTIONAL_CUSTOM, /* parse(), with NULL when given without its (glued) argument */
};

struct strings { const char **items; size_t count; }; /* NULL at the end once count > 0 */

struct option_row {
	char short_name;       /* 0: none */
	const char *long_name;
	const char *argument;  /* "SECONDS"; NULL: takes none */
	const char *help;
	enum option_type type;
	size_t offset;         /* in the command's options struct */
	int (*parse)(void *options, const char *argument, struct error *err);
};

enum command_needs {
	NEEDS_NAME = 1 << 0,    /* -n or the first positional */
	NEEDS_CONFIG = 1 << 1,  /* container_load() before run(); honours --rcfile */
	NEEDS_DEFINED = 1 << 2,
	OWN_PARSER = 1 << 3,    /* run() gets the raw arguments, argv[0] included */
	RCFILE_SHORT = 1 << 4,  /* -f is a short form of --rcfile */
	RCFILE_IGNORED = 1 << 5, /* --rcfile is accepted and means nothing, as in LXC */
};

struct invocation {
	const struct command *command;
	const char *program;         /* "lxs-start", as the user called it */
	struct container container;  /* filled when NEEDS_NAME */
	const char *lxcpath, *rcfile;
	const char *name;            /* as given by -n; NULL: not given */
	bool quiet;
	bool log_chosen;             /* -o opened a file: the config's lxc.log.* do not count */
	struct arena *arena;         /* lives as long as the invocation */
	char **arguments;            /* positionals after the name; NULL at the end */
	int count;
	void *options;
};

struct command {
	const char *name;            /* "start" */
	const char *summary;         /* one sentence */
	const char *synopsis;        /* "[options] [-- COMMAND [ARG...]]"; how to give the name is put before it */
	const struct option_row *options; /* until long_name == NULL */
	size_t options_size;
	unsigned needs;
	void (*prepare)(void *options);   /* defaults other than zero; NULL: none */
	int (*more_help)(struct invocation *call, struct error *err); /* after --help, with the options to its left; NULL: none */
	int (*run)(struct invocation *call, struct error *err); /* the exit code; -1: err is printed, exit 1 */
};

/* All commands in the order in which `lxs` lists them; commands/table.c. */
extern const struct command *const commands[];
extern const size_t command_count;

/* By name ("start"); NULL: no such command. */
const struct command *command_find(const char *name);

/* Parses and runs one command; returns the exit code.  argv[0] is the program name. */
int command_main(const struct command *command, int argc, char **argv);

/*
 * For a run() without NEEDS_CONFIG that loads later: container_load(),
 * warnings printed, lxc.log.* honoured.  On failure all findings but the one in
 * err have been printed.  With --rcfile that file is loaded before any run(),
 * and stands for the container's config in all that it does.
 */
int command_load(struct invocation *call, struct error *err);

/* Prints a warning of a start (struct start_options); `call` is its struct invocation. */
void command_warn(const struct error *warning, void *call);

/* `lxs ended ARGUMENT...`, for the supervisor only; returns the exit code. */
int ended_main(int argc, char **argv);
