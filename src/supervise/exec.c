/*
 * The words between the launcher and lxs-supervise: both the packing of
 * struct supervise into arguments and its reading are here, over one table,
 * so that they cannot differ.  Descriptors cross the exec by number.
 */
#include "supervise/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/own.h"

enum kind { KIND_TEXT, KIND_FD, KIND_PID, KIND_SIZE, KIND_BOOL };

static const struct field {
	const char *name;
	enum kind kind;
	size_t offset;
} fields[] = {
	{ "lxcpath", KIND_TEXT, offsetof(struct supervise, lxcpath) },
	{ "name", KIND_TEXT, offsetof(struct supervise, name) },
	{ "init", KIND_PID, offsetof(struct supervise, init) },
	{ "pidfd", KIND_FD, offsetof(struct supervise, pidfd) },
	{ "control", KIND_FD, offsetof(struct supervise, control) },
	{ "run", KIND_FD, offsetof(struct supervise, run_dir) },
	{ "lock", KIND_FD, offsetof(struct supervise, lock) },
	{ "rootfs", KIND_FD, offsetof(struct supervise, rootfs) },
	{ "console", KIND_FD, offsetof(struct supervise, console) },
	{ "terminal", KIND_FD, offsetof(struct supervise, terminal) },
	{ "log", KIND_TEXT, offsetof(struct supervise, console_log) },
	{ "log_size", KIND_SIZE, offsetof(struct supervise, console_log_size) },
	{ "log_rotate", KIND_BOOL, offsetof(struct supervise, console_rotate) },
	{ "buffer", KIND_SIZE, offsetof(struct supervise, console_buffer) },
	{ "user", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_USER]) },
	{ "mnt", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_MNT]) },
	{ "pid", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_PID]) },
	{ "uts", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_UTS]) },
	{ "ipc", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_IPC]) },
	{ "net", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_NET]) },
	{ "cgroup", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_CGROUP]) },
	{ "time", KIND_FD, offsetof(struct supervise, namespaces[HANDOVER_TIME]) },
	{ "pidfile", KIND_TEXT, offsetof(struct supervise, pidfile) },
};

enum { FIELDS = sizeof fields / sizeof *fields };

static int keep_open(int fd, bool keep)
{
	return fd < 0 ? 0 : fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC);
}

/* ---- packing ---- */

/* Appends "NAME=VALUE", unless the field has nothing to say.  0, 1 (nothing), or -1. */
static int field_format(const struct supervise *supervise, const struct field *field, char **ret)
{
	const void *value = (const char *)supervise + field->offset;
	int done = -1;

	switch (field->kind) {
	case KIND_TEXT:
		if (!*(const char *const *)value)
			return 1;
		done = asprintf(ret, "%s=%s", field->name, *(const char *const *)value);
		break;
	case KIND_FD:
		if (*(const int *)value < 0)
			return 1;
		done = asprintf(ret, "%s=%d", field->name, *(const int *)value);
		break;
	case KIND_PID:
		done = asprintf(ret, "%s=%d", field->name, (int)*(const pid_t *)value);
		break;
	case KIND_SIZE:
		done = asprintf(ret, "%s=%llu", field->name, (unsigned long long)*(const uint64_t *)value);
		break;
	case KIND_BOOL:
		done = asprintf(ret, "%s=%d", field->name, *(const bool *)value);
		break;
	}
	return done < 0 ? -1 : 0;
}

static int keep_all_open(const struct supervise *supervise, bool keep)
{
	int result = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		if (fields[i].kind == KIND_FD)
			result |= keep_open(*(const int *)((const char *)supervise + fields[i].offset), keep);
	}
	for (size_t i = 0; i < supervise->tty_count; i++)
		result |= keep_open(supervise->ttys[i], keep);
	return result;
}

static void free_all(char **argv)
{
	for (size_t i = 0; i < 2 + FIELDS + SUPERVISE_TTYS_MAX; i++)
		free(argv[i]);
}

int supervise_exec(const struct supervise *supervise, const char *program, const char *ended_program)
{
	char *argv[2 + FIELDS + SUPERVISE_TTYS_MAX + 1] = { strdup("lxs-supervise"), strdup(ended_program) };
	size_t count = 2;
	int result = argv[0] && argv[1] ? 0 : -1;

	if (supervise->tty_count > SUPERVISE_TTYS_MAX) {
		errno = E2BIG;
		result = -1;
	}
	for (size_t i = 0; result >= 0 && i < FIELDS; i++) {
		result = field_format(supervise, &fields[i], &argv[count]);
		if (result == 0)
			count++;
	}
	for (size_t i = 0; result >= 0 && i < supervise->tty_count; i++)
		result = asprintf(&argv[count++], "tty=%d", supervise->ttys[i]);
	argv[count] = NULL;
	if (result >= 0 && keep_all_open(supervise, true) == 0)
		execv(program, argv);
	result = errno;
	keep_all_open(supervise, false);
	free_all(argv);
	errno = result;
	return -1;
}

/* ---- reading ---- */

static int field_parse(struct supervise *supervise, const struct field *field, const char *text)
{
	void *value = (char *)supervise + field->offset;
	unsigned long long number = strtoull(text, NULL, 10);

	switch (field->kind) {
	case KIND_TEXT:
		*(const char **)value = text;
		return 0;
	case KIND_FD:
		*(int *)value = (int)number;
		return keep_open((int)number, false);
	case KIND_PID:
		*(pid_t *)value = (pid_t)number;
		return 0;
	case KIND_SIZE:
		*(uint64_t *)value = number;
		return 0;
	case KIND_BOOL:
		*(bool *)value = number != 0;
		return 0;
	}
	return -1;
}

/* True when `word` is "NAME=..."; *value then points behind the '='. */
static bool word_is(const char *word, const char *name, const char **value)
{
	size_t length = strlen(name);

	if (strncmp(word, name, length) != 0 || word[length] != '=')
		return false;
	*value = word + length + 1;
	return true;
}

static int word_parse(const char *word, struct supervise *ret, int ttys[SUPERVISE_TTYS_MAX])
{
	const char *value;

	if (word_is(word, "tty", &value) && ret->tty_count < SUPERVISE_TTYS_MAX) {
		ttys[ret->tty_count] = (int)strtol(value, NULL, 10);
		return keep_open(ttys[ret->tty_count++], false);
	}
	for (size_t i = 0; i < FIELDS; i++) {
		if (word_is(word, fields[i].name, &value))
			return field_parse(ret, &fields[i], value);
	}
	return -1;
}

int supervise_parse(char *const *words, struct supervise *ret, int ttys[SUPERVISE_TTYS_MAX])
{
	supervise_init(ret);
	ret->ttys = ttys;
	for (; *words; words++) {
		if (word_parse(*words, ret, ttys) < 0)
			return -1;
	}
	if (ret->name && ret->lxcpath && ret->init > 0 && ret->pidfd >= 0 && ret->control >= 0 && ret->run_dir >= 0)
		return 0;
	errno = EINVAL;
	return -1;
}
