/*
 * Where helper programs of the host are.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

/*
 * The path of a program in the directories where a system keeps its own; false: it is
 * in none.  The caller's PATH is not asked: what root runs on behalf of a
 * config is not for the environment to choose.
 */
bool which(const char *name, char path[static PATH_MAX]);

/* The environment of what was found so: nothing of the caller's is in it. */
extern char *const which_environment[];

/*
 * The same for work on somebody's command, whose PATH comes first.  The places
 * of the system follow: cron and sudo give short ones.
 */
bool which_of_caller(const char *name, char path[static PATH_MAX]);
