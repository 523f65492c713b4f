/* Stand-ins for programs of others (programs.h). */
#include "programs.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/tree.h"

char programs_place[] = "/tmp/test-programs.XXXXXX";

/* The linker has which(), which knows the places of the system alone, replaced by this one. */
bool __wrap_which(const char *name, char path[static PATH_MAX]);

bool __wrap_which(const char *name, char path[static PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", programs_place, name);
	return access(path, X_OK) == 0;
}

static const char stand_in[] =
	"#!/bin/sh\n"
	"cd \"${0%/*}\" || exit 99\n"
	"line=\"${0##*/} $*\"\n"
	"echo \"$line${CHOSEN+ by the caller}\" >>log\n"
	"echo '  WARNING: something else is odd' >&2\n"
	"while IFS='|' read -r begin status said; do\n"
	"	case $line in \"$begin\"*) ;; *) continue ;; esac\n"
	"	[ \"$status\" != kill ] || exec kill -KILL $PPID\n"
	"	[ -z \"$said\" ] || echo \"  $said\" >&$((1 + (status > 0)))\n"
	"	exit \"$status\"\n"
	"done <rules\n";

void programs_write(const char *name, const char *text, mode_t mode)
{
	owned_str path = NULL;
	owned_error err = ERROR_INIT;

	assert_true(asprintf(&path, "%s/%s", programs_place, name) > 0);
	assert_int_equal(file_replace(path, text, strlen(text), mode, &err), 0);
}

int programs_make(void **state)
{
	static const char *const names[] = {
		"lvs", "vgs", "lvcreate", "lvremove", "lvchange", "zfs", "rbd", "mkfs.ext4", "mkfs.xfs",
	};

	(void)state;
	if (!mkdtemp(programs_place))
		return -1;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		programs_write(names[i], stand_in, 0755);
	/* Neither this nor the PATH of the caller is for the programs. */
	return setenv("CHOSEN", "yes", 1);
}

int programs_remove(void **state)
{
	owned_error err = ERROR_INIT;

	(void)state;
	return tree_remove(AT_FDCWD, programs_place, programs_place, &err);
}

void programs_rules(const char *rules)
{
	programs_write("rules", rules, 0644);
	programs_write("log", "", 0644);
}

char *programs_log(void)
{
	owned_str path = NULL;
	owned_error err = ERROR_INIT;
	char *log = NULL;
	size_t length;

	assert_true(asprintf(&path, "%s/log", programs_place) > 0);
	assert_int_equal(file_read(path, &log, &length, &err), 0);
	return log;
}
