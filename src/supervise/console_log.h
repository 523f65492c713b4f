/*
 * The console's log file (lxc.console.logfile, .size, .rotate).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct console_log {
	int fd;            /* -1: no log */
	const char *path;
	uint64_t limit;    /* 0: none */
	uint64_t length;
	bool rotate;
	int keeper;        /* who renews it, when this process may not; -1 */
};

/* With `path` NULL there is no log.  -1 with errno. */
int console_log_open(struct console_log *log, const char *path, uint64_t limit, bool rotate);
void console_log_write(struct console_log *log, const unsigned char *bytes, size_t count);

/* What is at `path` becomes FILE.1, and a new file is begun: its descriptor, or -1. */
int console_log_renew(const char *path);
void console_log_close(struct console_log *log);
