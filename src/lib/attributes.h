/*
 * What a file has besides its bytes and its name: owner, mode, times and
 * extended attributes.  All return 0 or -errno.
 */
#pragma once

#include <sys/stat.h>

/* From one open file (O_PATH will do) to another; `facts` are those of `from`. */
int attributes_copy(int from, int to, const struct stat *facts);

/* The same to one with new contents, just made: all but the times, and nothing that its directory has given it. */
int attributes_inherit(int from, int to, const struct stat *facts);

/* Of the entry `name` of two directories, for what cannot be opened: links, devices, sockets. */
int attributes_copy_at(int from, int to, const char *name, const struct stat *facts);
