/*
 * What tells a listener of seccomp notifications (seccomp_unotify(2)) from
 * other descriptors, for who gets one from somebody with fewer rights.  A
 * header, since the static helpers and the tool take it alike.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * A descriptor of the sender's own making could answer the requests of a
 * listener as he likes, through FUSE for one: who believed it would write into
 * any process.  What a link of /proc/self/fd says of a file begins with '/'.
 */
static inline bool unotify_is_listener(int fd)
{
	static const char kind[] = "anon_inode:seccomp notify";
	char link[64], found[sizeof kind + 1];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, found, sizeof found);
	return length == (ssize_t)strlen(kind) && memcmp(found, kind, strlen(kind)) == 0;
}
