/*
 * The ways through a seccomp program for one system call: its number and
 * architecture are known, its arguments are not, so each comparison of one
 * goes both ways.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATH_TESTS = 48, PATHS_MAX = 128 };

/* One half of an argument was compared, with this outcome. */
struct path_test {
	uint32_t offset;           /* in struct seccomp_data */
	uint32_t mask;             /* what of it was looked at */
	uint16_t operation;        /* BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET */
	uint32_t value;
	bool holds;
};

struct path {
	uint32_t action;           /* what the program returns at its end */
	struct path_test tests[PATH_TESTS];
	size_t count;
};

/* How many; -1: the program does what a seccomp program does not, or has too many ways. */
int filter_paths(const struct sock_filter *program, size_t length, uint32_t arch, uint32_t number,
		 struct path paths[static PATHS_MAX]);
