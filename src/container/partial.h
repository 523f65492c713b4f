/*
 * The file `partial` in a container's directory: it says that the container
 * is being made or removed.  Whoever does that holds a lock on the file (also
 * the template does, by inheritance); a file that nobody has locked was left
 * by a command that was killed, and what lies beside it is rubble.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

struct partial {
	int fd;       /* holds the lock; -1: none */
	int dir;      /* the container's directory; the caller's */
	bool whole;   /* the directory and all in it belong to the work; else only config and rootfs do */
	char *resume; /* owned; a work that has to be ended, and then nothing is rubble: "rename OLD", "restore SNAP"; or NULL */
	char *rootfs; /* owned; lxc.rootfs.path a killed command had made elsewhere, NULL: none known */
	char *tag;    /* owned; what it marked that with; NULL: it is a destroy's */
	char *from;   /* owned; the path of what it was to be a clone of; or NULL */
	char *identity; /* owned; which storage it is that `rootfs` names (storage_identify()); or NULL: not known */
};

#define PARTIAL_INIT ((struct partial){ .fd = -1, .dir = -1 })

enum partial_answer {
	PARTIAL_FRESH = 0,  /* there was none, or one of a command that was killed before it had done anything */
	PARTIAL_STALE = 1,  /* one left by a killed command; partial_take(): now ours, with what it knew */
	PARTIAL_LOCKED = 2, /* somebody is at work */
};

/* Takes the marker in `dir`.  PARTIAL_FRESH or PARTIAL_STALE: ours now; PARTIAL_LOCKED: not; -1. */
int partial_take(int dir, struct partial *ret, struct error *err);

/* Looks without taking. */
int partial_look(int dir, struct error *err);

/* Whether a killed command has left a work to be ended, and which; the caller frees it. */
bool partial_resume(int dir, char **ret);

/*
 * Writes down what the work may remove: all that is in the struct.  To be
 * called once it is sure that nothing of anybody else's is there, and before
 * anything is put there.  `within`: all of that is in the directory.  When it is
 * `whole`, too, the file's mode says so as well, which takes no room, and reaches
 * the disk before what is done later in there does.  Else the text is on the disk
 * when this returns: what is done elsewhere may be there at once, and without a
 * text the file says that nothing has been done.
 */
int partial_note(struct partial *partial, bool within, struct error *err);

/*
 * Takes the marker of a work that a later command must end, whatever becomes
 * of this one, with all that is in the struct; one that is there already is
 * an error.  The caller holds the lock of the directory (container/verb_lock.h).
 */
int partial_begin(int dir, struct partial *partial, struct error *err);

/* Says which work is to be ended, and how.  Returns -1. */
int partial_explain(const char *resume, struct error *err);

/* The work is done: removes the marker.  After a failure it is still held. */
int partial_end(struct partial *partial, struct error *err);

/* The same where there is nothing left to be done about a failure. */
void partial_drop(struct partial *partial);

/* What a killed command had noted is done with; the lock stays. */
void partial_forget(struct partial *partial);

/* Gives the lock back and leaves the file, if it is still there. */
void partial_done(struct partial *partial);

#define owned_partial __attribute__((cleanup(partial_done))) struct partial

/* For those who would use the container: an error when there is a marker in `directory`. */
int partial_refuse(const char *directory, struct error *err);
