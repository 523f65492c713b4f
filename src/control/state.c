/*
 * Reads and writes the file `state` of a run directory.  Each field is one
 * row of a table, so that what is written is what is read.  Used by the
 * launcher, the supervisor and every command that looks at a container.
 */
#include "control/state.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control/lines.h"
#include "lib/own.h"

const char *const container_state_names[STATES] = {
	[STATE_STOPPED] = "STOPPED", [STATE_STARTING] = "STARTING", [STATE_RUNNING] = "RUNNING",
	[STATE_STOPPING] = "STOPPING", [STATE_ABORTING] = "ABORTING", [STATE_FREEZING] = "FREEZING",
	[STATE_FROZEN] = "FROZEN", [STATE_THAWED] = "THAWED",
};

int container_state_parse(const char *name)
{
	for (int i = 0; i < STATES; i++) {
		if (strcasecmp(name, container_state_names[i]) == 0)
			return i;
	}
	return -1;
}

/* ---- the fields ---- */

enum kind { KIND_STATE, KIND_INT, KIND_UNSIGNED, KIND_WIDE, KIND_HEX, KIND_BOOL, KIND_TEXT };

static const struct field {
	const char *name;
	enum kind kind;
	size_t offset;
} fields[] = {
	{ "state", KIND_STATE, offsetof(struct run_state, state) },
	{ "init", KIND_INT, offsetof(struct run_state, init) },
	{ "init_start", KIND_WIDE, offsetof(struct run_state, init_start) },
	{ "supervisor", KIND_INT, offsetof(struct run_state, supervisor) },
	{ "signal.halt", KIND_INT, offsetof(struct run_state, halt_signal) },
	{ "signal.reboot", KIND_INT, offsetof(struct run_state, reboot_signal) },
	{ "signal.stop", KIND_INT, offsetof(struct run_state, stop_signal) },
	{ "cgroup_namespace", KIND_BOOL, offsetof(struct run_state, has_cgroup_namespace) },
	{ "bounding", KIND_HEX, offsetof(struct run_state, bounding) },
	{ "no_new_privs", KIND_BOOL, offsetof(struct run_state, no_new_privs) },
	{ "personality_32bit", KIND_BOOL, offsetof(struct run_state, personality_32bit) },
	{ "seccomp", KIND_TEXT, offsetof(struct run_state, seccomp_profile) },
	{ "label", KIND_TEXT, offsetof(struct run_state, label) },
	{ "cgroup.payload", KIND_TEXT, offsetof(struct run_state, cgroup_payload) },
	{ "cgroup.limit", KIND_TEXT, offsetof(struct run_state, cgroup_limit) },
	{ "interfaces", KIND_TEXT, offsetof(struct run_state, interfaces) },
	{ "ttys", KIND_UNSIGNED, offsetof(struct run_state, tty_max) },
	{ "start_auto", KIND_BOOL, offsetof(struct run_state, start_auto) },
	{ "unprivileged", KIND_BOOL, offsetof(struct run_state, unprivileged) },
	{ "groups", KIND_TEXT, offsetof(struct run_state, groups) },
};

static const size_t field_count = sizeof fields / sizeof *fields;

static void *field_of(struct run_state *state, const struct field *field)
{
	return (char *)state + field->offset;
}

static void field_write(FILE *out, const struct field *field, void *value)
{
	const char *text = field->kind == KIND_TEXT ? *(char **)value : "";

	if (!text)
		return;
	fprintf(out, "%s=", field->name);
	switch (field->kind) {
	case KIND_STATE:
		fputs(container_state_names[*(enum container_state *)value], out);
		break;
	case KIND_INT:
		fprintf(out, "%d", *(int *)value);
		break;
	case KIND_UNSIGNED:
		fprintf(out, "%u", *(unsigned *)value);
		break;
	case KIND_WIDE:
		fprintf(out, "%llu", *(unsigned long long *)value);
		break;
	case KIND_HEX:
		fprintf(out, "%llx", *(unsigned long long *)value);
		break;
	case KIND_BOOL:
		fputs(*(bool *)value ? "1" : "0", out);
		break;
	case KIND_TEXT:
		lines_escape(out, text);
		break;
	}
	fputc('\n', out);
}

/* False when the text cannot be a value of this field. */
static bool field_parse(const struct field *field, void *value, char *text)
{
	char *end = text;
	unsigned long long number = 0;
	int state;

	if (field->kind == KIND_TEXT) {
		lines_unescape(text);
		free(*(char **)value);
		*(char **)value = strdup(text);
		return *(char **)value != NULL;
	}
	if (field->kind == KIND_STATE) {
		state = container_state_parse(text);
		*(enum container_state *)value = state < 0 ? STATE_STOPPED : (enum container_state)state;
		return state >= 0;
	}
	errno = 0;
	number = strtoull(text, &end, field->kind == KIND_HEX ? 16 : 10);
	if (errno || end == text || *end)
		return false;
	if (field->kind == KIND_BOOL)
		*(bool *)value = number != 0;
	else if (field->kind == KIND_WIDE || field->kind == KIND_HEX)
		*(unsigned long long *)value = number;
	else
		*(unsigned *)value = (unsigned)number;
	return true;
}

/* ---- the file ---- */

/* Unknown keys are skipped: a newer version may have written the file. */
static bool line_parse(struct run_state *state, char *line)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return false;
	*equals = '\0';
	for (size_t i = 0; i < field_count; i++) {
		if (strcmp(fields[i].name, line) == 0)
			return field_parse(&fields[i], field_of(state, &fields[i]), equals + 1);
	}
	return true;
}

int run_state_read(const struct rundir *run, struct run_state *ret, struct error *err)
{
	owned_run_state state = RUN_STATE_INIT;
	owned_str text = lines_read(run->fd, "state", NULL);
	char *next = text;

	if (!text && errno == ENOENT)
		return RUNDIR_ABSENT;
	if (!text)
		return error_set(err, errno, "cannot read %s/state", run->path);
	for (char *line; (line = strsep(&next, "\n")) && next;) {
		if (!line_parse(&state, line))
			return error_set(err, 0, "%s/state is damaged: '%s'", run->path, line);
	}
	*ret = state;
	state = RUN_STATE_INIT;
	return RUNDIR_OPENED;
}

int run_state_prepare(const struct rundir *run, const struct run_state *state, struct error *err)
{
	struct run_state copy = *state;
	owned_str text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return error_set(err, errno, "cannot write %s/state", run->path);
	for (size_t i = 0; i < field_count; i++)
		field_write(out, &fields[i], field_of(&copy, &fields[i]));
	if (fclose(out) != 0 || lines_prepare(run->fd, "state", text, length) < 0)
		return error_set(err, errno, "cannot write %s/state", run->path);
	return 0;
}

int run_state_commit(const struct rundir *run, struct error *err)
{
	return lines_commit(run->fd, "state") < 0 ? error_set(err, errno, "cannot write %s/state", run->path) : 0;
}

int run_state_write(const struct rundir *run, const struct run_state *state, struct error *err)
{
	return run_state_prepare(run, state, err) < 0 ? -1 : run_state_commit(run, err);
}

int run_state_set(const struct rundir *run, enum container_state state, struct error *err)
{
	owned_run_state all = RUN_STATE_INIT;

	if (run_state_read(run, &all, err) < 0)
		return -1;
	all.state = state;
	return run_state_write(run, &all, err);
}

void run_state_done(struct run_state *state)
{
	for (size_t i = 0; i < field_count; i++) {
		if (fields[i].kind == KIND_TEXT)
			own_free(field_of(state, &fields[i]));
	}
	*state = RUN_STATE_INIT;
}

/* ---- init as a process ---- */

unsigned long long process_start_time(pid_t pid)
{
	char path[64], text[2048];
	owned_file file = NULL;
	unsigned long long start = 0;
	size_t length;
	char *at;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	length = fread(text, 1, sizeof text - 1, file);
	text[length] = '\0';
	at = strrchr(text, ')'); /* the name before it may hold anything */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, " %llu", &start) == 1 ? start : 0;
}

int run_state_pidfd(const struct run_state *state, struct error *err)
{
	owned_fd fd = -1;

	if (state->init <= 0)
		return error_set(err, ESRCH, "the container has no init");
	fd = (int)syscall(SYS_pidfd_open, state->init, 0);
	if (fd < 0)
		return error_set(err, errno, "cannot hold init (pid %d)", (int)state->init);
	if (state->init_start && process_start_time(state->init) != state->init_start)
		return error_set(err, ESRCH, "init (pid %d) is gone", (int)state->init);
	return steal_fd(&fd);
}
