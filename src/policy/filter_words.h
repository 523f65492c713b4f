/*
 * A seccomp program in words: what happens to each system call, and when.  It
 * is found by running the program, so any program can be told, whoever made it.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"

/* Calls that meet the same. */
struct filter_group {
	const char *meets;         /* "errno EPERM", "errno EPERM when arg0 == 5 and arg1 & 0x2 == 0x2, else allow" */
	const char **calls;        /* names */
	size_t count;
};

/* What one architecture's calls meet. */
struct filter_words {
	const char *architecture;  /* libseccomp's word, "x86_64"; "others" */
	const char *otherwise;     /* what all calls meet that are in no group */
	struct filter_group *groups;
	size_t count;
};

/* Fills *ret with one row for each architecture this machine runs, and one for all others; how many. */
size_t filter_words(struct arena *arena, const struct sock_filter *program, size_t length, struct filter_words **ret);

/* The SECCOMP_RET_* value in words. */
const char *filter_action_words(struct arena *arena, uint32_t action);
