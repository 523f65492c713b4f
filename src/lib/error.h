/*
 * One way to fail.  A function that can fail returns -1 (or NULL) and fills a
 * struct error.  The leaf says what went wrong with which word; callers that
 * know more add it on the way up; only commands/ prints.  What the user sees:
 *
 *   lxs-start: web: cannot mount /srv/data on /data: No such file or directory
 *     asked for by /var/lib/lxs/web/config:14: lxc.mount.entry = ...
 *     hint: create /srv/data, or add 'optional' to skip the mount
 *
 * An error that was never set costs nothing and needs no error_done().
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct origin;

struct error {
	int code;       /* errno value of the innermost failure; 0: not a system error */
	char *message;  /* owned; NULL when nothing failed */
	char *asked;    /* owned; "file:line: text", and a line for each include on the way */
	char *file;     /* owned; for programs: the file of `asked`, and its line (0: none) */
	unsigned line;
	char *hint;     /* owned; what the user can do about it */
};

#define ERROR_INIT ((struct error){ 0 })
#define owned_error __attribute__((cleanup(error_done))) struct error

/*
 * Sets the message, and with code > 0 adds ": " and the text of that errno
 * value.  Replaces what was there.  Always returns -1, so that a leaf can end
 * with `return error_set(...)`.
 */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "text: " in front of the message: what was being tried.  Returns -1. */
int error_add(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Names the config line, with its chain of includes, unless one is named already.  Returns -1. */
int error_asked_by(struct error *err, const struct origin *origin);

/* Says what to do about it, unless that has been said already.  Returns -1. */
int error_hint(struct error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether it failed for want of room on a file system. */
bool error_is_room(const struct error *err);

/* Prints "PROGRAM: [NAME: ]message" and the two indented lines.  `name` may be NULL. */
void error_print(const struct error *err, FILE *out, const char *program, const char *name);

/*
 * Prints text of which a part may be a guest's or a stranger's (what a hook
 * printed, a name in an archive): its control characters are not for the
 * user's terminal.
 */
void plain_print(FILE *out, const char *text, size_t length);

/* The same of a word, which has no line breaks either. */
void plain_print_word(FILE *out, const char *text);

/* Moves `from` into `to`, releasing what `to` held; `from` is empty afterwards.  Returns -1. */
int error_move(struct error *to, struct error *from);

/* Releases the texts; the error can be used again. */
void error_done(struct error *err);
