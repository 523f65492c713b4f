/*
 * What a running container leaves on the host, written down before it is
 * made: cgroups, interfaces, hooks to run, temporary mounts.  journal_undo()
 * walks the lines backwards; it is used by a failed launch, by the clean-up
 * after a stop, and by the next command that finds a run directory whose
 * owner died.  Undoing what was never done is not an error.
 *
 * A line is `KIND<TAB>ARGUMENT[<TAB>ARGUMENT...]`; tabs, newlines and
 * backslashes in arguments are written as \t, \n and \\.  Unless the directory is
 * in memory, the first line names the boot of the kernel; a journal that a reboot
 * has outlived is not acted upon.
 */
#pragma once

#include "control/rundir.h"
#include "lib/error.h"

enum { JOURNAL_ARGUMENTS_MAX = 48 }; /* of a line */

int journal_open(struct rundir *run, struct error *err);

/* Appends one line; `arguments` ends with NULL. */
int journal_add(struct rundir *run, const char *kind, const char *const *arguments, struct error *err);

/* One kind of undo: a row of the table handed to journal_undo(). */
struct journal_kind {
	const char *kind;
	int (*undo)(char *const *arguments, size_t count, struct error *err);
};

/*
 * Undoes all lines, newest first, and goes on after a failure; returns -1
 * with the first failure in err.  Lines that failed stay, so that they can be
 * tried again; all others are gone.  `kinds` ends with a NULL kind.
 */
int journal_undo(const struct rundir *run, const struct journal_kind *kinds, struct error *err);
