/*
 * Processes: starting a program with argv and environment, waiting for it,
 * signalling by pidfd.  Nothing here allocates, so that the container side of
 * a launch can run hooks with it.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

enum { PROC_OUTPUT_TAIL = 1024 };

/* What was printed last, as whole as it fits. */
struct proc_tail {
	char bytes[PROC_OUTPUT_TAIL];
	size_t length;
};

/*
 * Starts argv[0] (a path, no search) with `environment` (NULL: ours) and, if
 * `output` is not -1, with it as stdout and stderr.  All other descriptors
 * above 2 are closed.  Returns its pid, or -errno, also when it could not be
 * executed.
 */
pid_t proc_start(char *const *argv, char *const *environment, int output);

/* How a child begins, where proc_start() is not enough. */
struct proc_surroundings {
	int output, errors;         /* its stdout and stderr; -1: ours */
	int (*prepare)(void *data); /* in the child, as the last thing; 0, or -errno: it is not executed.  NULL: nothing */
	void *data;
};

/* As proc_start(); an error of prepare() is told as one of the execution. */
pid_t proc_start_in(char *const *argv, char *const *environment, const struct proc_surroundings *around);

/* Waits for a child; its status as waitpid(2) gives it, or -errno. */
int proc_wait(pid_t pid);

/* Starts a program, reads what it prints (keeping the end of it) and waits.  The wait status, or -errno. */
int proc_capture(char *const *argv, char *const *environment, struct proc_tail *tail);

/* The same, with what it prints to stderr apart: a warning is no answer. */
int proc_capture_apart(char *const *argv, char *const *environment, struct proc_tail *tail, struct proc_tail *errors);

/* Appends to the tail, dropping from its front what no longer fits. */
void proc_tail_add(struct proc_tail *tail, const char *bytes, size_t length);

/* The last `lines` lines of it, without the newline at the end; terminated, lives in `tail`. */
const char *proc_tail_lines(struct proc_tail *tail, unsigned lines);

/* A pidfd of the process, or -errno. */
int proc_open(pid_t pid);

/* 0 or -errno. */
int proc_signal(int pidfd, int signal);

/* "TERM" of SIGTERM; NULL: no such signal.  Not every C library has sigabbrev_np(3). */
const char *proc_signal_name(int number);

/* "exited with 3", "was killed by SIGKILL"; returns `text`. */
const char *proc_status_text(int status, char *text, size_t size);
