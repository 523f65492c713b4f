/*
 * Writes the log described in log.h.  Apart from error.c on purpose: errors
 * are values that travel, the log is a side effect that must never fail a
 * command.  Called by commands/ (to open it) and by whoever does something
 * worth reading about.
 */
#include "lib/log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "lib/own.h"

static const char *const level_names[LEVELS] = {
	"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "CRIT", "ALERT", "FATAL", "NOTSET",
};

static const int level_priorities[LEVELS] = {
	LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_NOTICE, LOG_WARNING,
	LOG_ERR, LOG_CRIT, LOG_ALERT, LOG_EMERG, LOG_INFO,
};

static struct {
	int fd;
	bool syslog;
	int facility;      /* of syslog */
	enum log_level level;
	const char *program, *container;
} state = { .fd = -1, .level = LEVEL_ERROR, .program = "lxs" };

void log_identify(const char *program, const char *container)
{
	state.program = program;
	state.container = container;
}

int log_level_parse(const char *text, enum log_level *ret, struct error *err)
{
	for (unsigned i = 0; i < LEVELS; i++) {
		if (strcasecmp(text, level_names[i]) != 0)
			continue;
		*ret = (enum log_level)i;
		return 0;
	}
	if (isdigit((unsigned char)text[0]) && text[1] == '\0' && text[0] - '0' < LEVELS) {
		*ret = (enum log_level)(text[0] - '0');
		return 0;
	}
	error_set(err, 0, "unknown log level '%s'", text);
	return error_hint(err, "levels are TRACE DEBUG INFO NOTICE WARN ERROR CRIT ALERT FATAL");
}

void log_set_level(enum log_level level)
{
	state.level = level;
}

/* Makes the directories above `path`; whatever fails shows when the file is opened. */
static void make_parents(const char *path)
{
	owned_str copy = strdup(path);

	if (!copy)
		return;
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
}

int log_open(const char *path, struct error *err)
{
	owned_fd fd = -1;

	make_parents(path);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC, 0640);
	if (fd < 0)
		return error_set(err, errno, "cannot open the log file %s", path);
	if (state.fd >= 0)
		close(state.fd);
	state.fd = steal_fd(&fd);
	return 0;
}

/* Those that lxc.log.syslog can name. */
static const struct { const char *name; int number; } facilities[] = {
	{ "daemon", LOG_DAEMON }, { "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 },
	{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

int log_open_syslog(const char *facility, struct error *err)
{
	for (size_t i = 0; i < sizeof facilities / sizeof *facilities; i++) {
		if (strcasecmp(facilities[i].name, facility) != 0)
			continue;
		openlog(state.program, LOG_PID, facilities[i].number);
		state.syslog = true;
		state.facility = facilities[i].number;
		return 0;
	}
	return error_set(err, 0, "unknown syslog facility '%s'", facility);
}

void log_close_others(unsigned first)
{
	unsigned own = state.fd >= 0 ? (unsigned)state.fd : ~0U;

	/* Its socket is hidden in the C library: it is closed, and opened again by the next message. */
	if (state.syslog) {
		closelog();
		openlog(state.program, LOG_PID, state.facility);
	}
	if (own > first)
		syscall(SYS_close_range, first, own - 1, 0);
	if (own < ~0U)
		syscall(SYS_close_range, own < first ? first : own + 1, ~0U, 0);
}

bool log_wanted(enum log_level level)
{
	return level >= state.level && (state.fd >= 0 || state.syslog);
}

static void write_file(enum log_level level, const char *category, const char *text)
{
	owned_str line = NULL;
	struct timespec now;
	struct tm utc;
	char stamp[32];
	int length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", &utc);
	length = asprintf(&line, "%s%s%s %s.%03ld %-8s %s - %s\n", state.program,
			  state.container ? " " : "", state.container ? state.container : "",
			  stamp, now.tv_nsec / 1000000, level_names[level], category, text);
	/* One write, so that lines of several processes do not mix; a full disk must not stop the command. */
	if (length > 0 && write(state.fd, line, (size_t)length) < 0)
		return;
}

void log_write(enum log_level level, const char *category, const char *format, ...)
{
	owned_str text = NULL;
	int saved = errno;
	va_list args;

	if (!log_wanted(level))
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text && state.fd >= 0)
		write_file(level, category, text);
	if (text && state.syslog)
		syslog(level_priorities[level], "%s%s%s", state.container ? state.container : "",
		       state.container ? ": " : "", text);
	errno = saved;
}
