/*
 * Writes console output to a file that never grows beyond its limit: a full
 * file is renamed to FILE.1 and begun anew when rotation was asked for, else
 * emptied.  No byte is lost or written twice at the seam.
 */
#include "supervise/console_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/own.h"
#include "supervise/keeper.h"

static int open_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0640);
}

static int adopt(struct console_log *log, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		own_close_fd(&fd);
		return -1;
	}
	own_close_fd(&log->fd);
	/* A limit makes sense for files that stay where they are; a pipe or a terminal just gets everything. */
	if (!S_ISREG(st.st_mode))
		log->limit = 0;
	log->length = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	log->fd = fd;
	return 0;
}

int console_log_open(struct console_log *log, const char *path, uint64_t limit, bool rotate)
{
	*log = (struct console_log){ .fd = -1, .path = path, .limit = limit, .rotate = rotate, .keeper = -1 };
	return path ? adopt(log, open_file(path)) : 0;
}

void console_log_close(struct console_log *log)
{
	own_close_fd(&log->fd);
}

int console_log_renew(const char *path)
{
	char old[PATH_MAX];
	int length = snprintf(old, sizeof old, "%s.1", path);

	return length < (int)sizeof old && rename(path, old) == 0 ? open_file(path) : -1;
}

static void begin_anew(struct console_log *log)
{
	if (log->rotate &&
	    adopt(log, log->keeper >= 0 ? keeper_renew_log(log->keeper) : console_log_renew(log->path)) == 0)
		return;
	if (ftruncate(log->fd, 0) == 0)
		log->length = 0;
}

void console_log_write(struct console_log *log, const unsigned char *bytes, size_t count)
{
	while (count > 0 && log->fd >= 0) {
		size_t part = count;
		ssize_t done;

		if (log->limit > 0 && log->length >= log->limit)
			begin_anew(log);
		if (log->limit > 0 && log->length < log->limit && part > log->limit - log->length)
			part = log->limit - log->length;
		done = log->fd >= 0 ? write(log->fd, bytes, part) : -1;
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return; /* a full disk must not stop the container */
		log->length += (uint64_t)done;
		bytes += done;
		count -= (size_t)done;
	}
}
