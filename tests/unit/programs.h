/*
 * Stand-ins for programs of others: each writes down how it was called, and
 * answers by rules.  For tests that are linked with --wrap=which.
 */
#pragma once

#include <sys/types.h>

/* The directory that they, their rules and their log are in. */
extern char programs_place[];

/* Setup and teardown of a group of tests (cmocka). */
int programs_make(void **state);
int programs_remove(void **state);

/* Writes a file in their directory. */
void programs_write(const char *name, const char *text, mode_t mode);

/*
 * One a line: BEGINNING|STATUS|OUTPUT.  The first whose beginning a call has says how it ends; STATUS `kill`: with the
 * end of who called.  Without one it succeeds silently.  The log begins anew.
 */
void programs_rules(const char *rules);

/* The log, one call a line; the caller frees it. */
char *programs_log(void);
