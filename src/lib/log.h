/*
 * The log: for reading afterwards what was done, never needed to understand a
 * failure.  One line a message, in the field order of LXC's log files:
 *
 *   lxs-start web 20310504172033.123 DEBUG    launch - step 12: mount proc
 *
 * Nothing is written before log_open() or log_open_syslog().  The threshold
 * and the file are the only state of the whole house that is global.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

enum log_level {
	LEVEL_TRACE, LEVEL_DEBUG, LEVEL_INFO, LEVEL_NOTICE, LEVEL_WARN,
	LEVEL_ERROR, LEVEL_CRIT, LEVEL_ALERT, LEVEL_FATAL, LEVEL_NOTSET, LEVELS
};

/* Who speaks: the program and the container (NULL: none); both must outlive the log. */
void log_identify(const char *program, const char *container);

/* Name of a level in any case ("debug"), or its number as LXC's config allows. */
int log_level_parse(const char *text, enum log_level *ret, struct error *err);
void log_set_level(enum log_level level);

/* Appends to `path`, made with mode 0640 and with its parent directories when missing. */
int log_open(const char *path, struct error *err);

/* Also sends to syslog(3) with this facility ("daemon", "local0"). */
int log_open_syslog(const char *facility, struct error *err);

/* Closes all descriptors from `first` on but those of the log. */
void log_close_others(unsigned first);

bool log_wanted(enum log_level level);

void log_write(enum log_level level, const char *category, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_debug(category, ...) log_write(LEVEL_DEBUG, category, __VA_ARGS__)
#define log_info(category, ...)  log_write(LEVEL_INFO, category, __VA_ARGS__)
#define log_warn(category, ...)  log_write(LEVEL_WARN, category, __VA_ARGS__)
#define log_error(category, ...) log_write(LEVEL_ERROR, category, __VA_ARGS__)
