/*
 * statx(2), for C libraries that do not have it (musl before 1.2.5).
 */
#pragma once

#include <sys/stat.h>

#ifndef STATX_BASIC_STATS
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int statx(int directory, const char *path, int flags, unsigned mask, struct statx *ret)
{
	return (int)syscall(SYS_statx, directory, path, flags, mask, ret);
}
#endif
