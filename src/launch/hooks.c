/*
 * Running hooks.  Called from the table for both sides, and from
 * container/ended.c for stop and post-stop.  Nothing here allocates, since
 * half of it runs in the process that becomes init.
 */
#include "launch/hooks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch/exec.h"
#include "launch/inside.h"
#include "launch/report.h"
#include "launch/security.h"
#include "lib/own.h"
#include "lib/proc.h"

/* Appends `word` in single quotes, as a shell reads them. */
static size_t quote_add(char *line, size_t used, const char *word)
{
	if (used < HOOK_LINE_MAX)
		used += snprintf(line + used, HOOK_LINE_MAX - used, " '");
	for (; *word && used < HOOK_LINE_MAX; word++)
		if (*word == '\'')
			used += snprintf(line + used, HOOK_LINE_MAX - used, "'\\''");
		else
			line[used++] = *word;
	if (used < HOOK_LINE_MAX)
		used += snprintf(line + used, HOOK_LINE_MAX - used, "'");
	return used;
}

int hook_line(const struct step_hook *hook, const char *name, char line[static HOOK_LINE_MAX])
{
	size_t used = snprintf(line, HOOK_LINE_MAX, "exec %s", hook->command);

	if (hook->version == 0) {
		used = quote_add(line, used, name);
		used = quote_add(line, used, hook->section);
		used = quote_add(line, used, hook->type);
	}
	if (hook->extra && used < HOOK_LINE_MAX)
		used += snprintf(line + used, HOOK_LINE_MAX - used, " %s", hook->extra);
	return used < HOOK_LINE_MAX ? 0 : -E2BIG;
}

static int environment_set(char **room, size_t *count, char *text)
{
	size_t name = strcspn(text, "=");

	for (size_t i = 0; i < *count; i++)
		if (strncmp(room[i], text, name) == 0 && room[i][name] == '=') {
			room[i] = text;
			return 0;
		}
	if (*count + 1 >= HOOK_ENVIRONMENT_MAX)
		return -E2BIG;
	room[(*count)++] = text;
	room[*count] = NULL;
	return 0;
}

int hook_environment(char *const *base, char *const *overlay, char *room[static HOOK_ENVIRONMENT_MAX])
{
	size_t count = 0;

	room[0] = NULL;
	for (; *base; base++)
		if (environment_set(room, &count, *base) < 0)
			return -E2BIG;
	for (; overlay && *overlay; overlay++)
		if (environment_set(room, &count, *overlay) < 0)
			return -E2BIG;
	return 0;
}

static int hook_judge(int status, struct proc_tail *tail, char *detail, size_t size)
{
	const char *lines = proc_tail_lines(tail, 5);
	char text[64];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	proc_status_text(status, text, sizeof text);
	snprintf(detail, size, "it %s%s", text, *lines ? " and printed:" : "");
	while (*lines) {
		size_t used = strlen(detail), length = strcspn(lines, "\n");

		snprintf(detail + used, size - used, "\n    %.*s", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
	return -ECANCELED;
}

/* A start hook is the guest's: nothing of the caller's environment is its business. */
static bool is_guest(const struct step_hook *hook)
{
	return strcmp(hook->type, "start") == 0;
}

int hook_run(const struct step_hook *hook, const char *name, pid_t init, char *detail, size_t size)
{
	static char *const guest[] = { (char *)"PATH=" DEFAULT_PATH, (char *)"container=lxc", NULL };
	char line[HOOK_LINE_MAX], pid_text[32];
	char *environment[HOOK_ENVIRONMENT_MAX];
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", line, NULL };
	struct proc_tail tail;
	int status, code = hook_line(hook, name, line);

	if (code == 0)
		code = hook_environment(is_guest(hook) ? guest : environ, hook->environment, environment);
	if (code == 0 && init > 0) {
		size_t count = 0;

		snprintf(pid_text, sizeof pid_text, "LXC_PID=%d", init);
		while (environment[count])
			count++;
		code = environment_set(environment, &count, pid_text);
	}
	if (code < 0)
		return code;
	status = proc_capture(argv, environment, &tail);
	if (status < 0) {
		snprintf(detail, size, "/bin/sh cannot be executed");
		return status;
	}
	return hook_judge(status, &tail, detail, size);
}

int launch_hook(struct launch *launch, const struct step *step, struct error *err)
{
	char detail[LAUNCH_DETAIL] = "";
	int code = hook_run(step->args, launch->plan->name, launch->init, detail, sizeof detail);

	return code < 0 ? launch_report(step, -code, detail, err) : 0;
}

/* Init has set and written what it has to: in its procfs nothing is covered, and a guest would find it in /proc/1/fd. */
static int guest_expect(struct inside *inside)
{
	own_close_fd(&inside->proc);
	return security_narrow();
}

int inside_hook(struct inside *inside, const struct step *step)
{
	const struct step_hook *hook = step->args;
	int code = is_guest(hook) ? guest_expect(inside) : 0;

	if (code < 0)
		return inside_fail(inside, -code, "init cannot give up capabilities");
	return hook_run(hook, inside->plan->name, 0, inside->detail, sizeof inside->detail);
}
