/*
 * Lists on the command line (commands/lists.h).  Apart from attach.c because
 * lxs-unshare names namespaces in the same way.
 */
#include "commands/lists.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

int list_each(const char *list, void *data, int (*each)(void *data, const char *word, struct error *err),
	      struct error *err)
{
	char copy[256];
	char *rest = NULL;

	if (snprintf(copy, sizeof copy, "%s", list) >= (int)sizeof copy)
		return error_set(err, 0, "the list '%s' is too long", list);
	for (char *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest)) {
		if (each(data, word, err) < 0)
			return -1;
	}
	return 0;
}

static int add_namespace(void *data, const char *word, struct error *err)
{
	static const struct { const char *word, *alias; unsigned long long flag; } rows[] = {
		{ "mnt", "MOUNT", CLONE_NEWNS },       { "uts", "UTSNAME", CLONE_NEWUTS },
		{ "net", "NETWORK", CLONE_NEWNET },    { "pid", "PID", CLONE_NEWPID },
		{ "ipc", "IPC", CLONE_NEWIPC },        { "user", "USER", CLONE_NEWUSER },
		{ "cgroup", "CGROUP", CLONE_NEWCGROUP }, { "time", "TIME", CLONE_NEWTIME },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcasecmp(word, rows[i].word) != 0 && strcmp(word, rows[i].alias) != 0)
			continue;
		*(unsigned long long *)data |= rows[i].flag;
		return 0;
	}
	return error_set(err, 0, "-s knows MOUNT, PID, UTSNAME, IPC, USER, NETWORK, CGROUP and TIME, not '%s'", word);
}

int list_namespaces(const char *list, unsigned long long *ret, struct error *err)
{
	*ret = 0;
	return list_each(list, ret, add_namespace, err);
}
