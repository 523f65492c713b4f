/* The programs that image work is done with: tar, gpgv and the like, and where they write. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/arena.h"
#include "lib/error.h"

/* The path of a program, by PATH and the places of the system; NULL: not installed. */
const char *tool_find(struct arena *arena, const char *name);

/* The same, with an error that says what it was needed for. */
const char *tool_need(struct arena *arena, const char *name, const char *what_for, struct error *err);

/*
 * A file without a name that keeps what a program says while nobody has the
 * time to listen: as much as one needs, so that a stranger's file cannot make
 * it say more than there is room for.  -1 with errno.
 */
int said_open(void);

/* A program in a pipe line. */
struct tool_call {
	const char *const *argv;
	int input, output;   /* its stdin and stdout; -1: ours */
	int directory;       /* to work in; -1: ours */
	bool confined;       /* nothing is to be written but the output */
};

struct tool_run { pid_t pid; int said; };

#define TOOL_RUN_INIT ((struct tool_run){ -1, -1 })

int tool_start(const struct tool_call *call, struct tool_run *ret, struct error *err);

/*
 * Waits for its end.  -1: err has what it said.  A status up to `fine` will
 * do: tar(1) ends with 1 when what it packs changes meanwhile.
 */
int tool_end(struct tool_run *run, const char *doing, int fine, struct error *err);

/* Kills it, if it runs. */
void tool_run_done(struct tool_run *run);
