/*
 * The programs of lvm, zfs, ceph and qemu, which backends are made of: found,
 * run, and their last words in the error when they fail.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"
#include "lib/proc.h"

/*
 * Runs words[0] with the others and waits.  What it printed is in `said`,
 * which may be NULL.  A failure shows the last lines of its stderr.  A start
 * as root does this for a config, so neither the program nor its surroundings
 * are the caller's to choose (lib/which.h).
 */
int command_run(const char *const *words, struct proc_tail *said, struct error *err);

/* A question: what it answers in its last line on stdout, without blanks around; NULL when it fails.  Lives in `said`. */
const char *command_ask(const char *const *words, struct proc_tail *said);

/* A question of yes and no: the exit status alone. */
bool command_agrees(const char *const *words);
