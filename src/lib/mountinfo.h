/*
 * The lines of /proc/PID/mountinfo, proc_pid_mountinfo(5): what is mounted
 * where, and which part of its file system that is.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

struct mountinfo {
	int id;
	const char *device;        /* of the file system, "MAJOR:MINOR" */
	const char *root;          /* of the mount, in the file system */
	const char *point, *options, *type, *source;
};

/* Cuts the line into its fields, which live in it; false: it is none. */
bool mountinfo_parse(char *line, struct mountinfo *ret);

/* Where in its file system a file lies, by whatever mount it was opened. */
struct mounted_place {
	char device[24], path[PATH_MAX]; /* the top of the file system is "" */
};

/* Of an open file; false: that cannot be told. */
bool mounted_place(int fd, struct mounted_place *ret);

/* The number of the mount that a file was opened by; -1. */
int mounted_id(int fd);
