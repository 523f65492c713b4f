/*
 * Device rules of a running container.  A v1 cgroup takes them one by one; on
 * v2 they are a program, which is replaced as a whole: what is in it is the
 * file `devices` of the run directory, since the kernel cannot tell.  Called
 * by lxs-cgroup and lxs-device.
 */
#include "container/device_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "control/lines.h"
#include "launch/devices.h"
#include "lib/cgroup.h"
#include "lib/own.h"

int running_cgroup_open(const char *directories, const char *file)
{
	owned_str copy = directories ? strdup(directories) : NULL;
	char *next = copy;

	for (char *path; (path = strsep(&next, "\n"));) {
		owned_fd fd = *path ? cgroup_open(path) : -1;

		if (fd >= 0 && (file ? faccessat(fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0 : cgroup_is_v2(fd)))
			return steal_fd(&fd);
	}
	return -1;
}

/* The kernel's list has no verbs: all in it is allowed. */
static void rules_take(struct arena *arena, char *text, struct device_rules *rules)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		bool allow = strncmp(line, "deny ", 5) != 0;
		struct device_rule rule;

		line += strncmp(line, "allow ", 6) == 0 ? 6 : allow ? 0 : 5;
		if (*line && !device_rule_parse(arena, line, allow, &rule))
			device_rules_add(arena, rules, rule);
	}
}

/* Those of our own list; without one nothing was ever denied. */
static void rules_load(struct arena *arena, const struct rundir *run, struct device_rules *rules)
{
	owned_str text = lines_read(run->fd, "devices", NULL);

	device_rules_add(arena, rules, device_rule_everything(true));
	rules_take(arena, text, rules);
}

bool running_device_allowed(const struct rundir *run, const struct run_state *state, const struct device_rule *rule)
{
	owned_arena arena = arena_new();
	owned_fd v1 = running_cgroup_open(state->cgroup_payload, "devices.list");
	owned_str text = v1 >= 0 && faccessat(run->fd, "devices", F_OK, 0) < 0 ? lines_read(v1, "devices.list", NULL) : NULL;
	struct device_rules rules = { 0 };

	if (!text) {
		rules_load(arena, run, &rules);
	} else {
		device_rules_add(arena, &rules, device_rule_everything(false));
		rules_take(arena, text, &rules);
	}
	return device_rules_allow(&rules, rule);
}

/* Rules that the new one makes void go, or a device that comes and goes would make the list ever longer. */
static void rules_append(struct arena *arena, struct device_rules *rules, const struct device_rule *rule)
{
	size_t kept = 0;

	for (size_t i = 0; i < rules->count; i++) {
		const struct device_rule *old = &rules->items[i];

		if (old->type == 'a' || old->type != rule->type || old->major != rule->major || old->minor != rule->minor ||
		    (old->access & ~rule->access))
			rules->items[kept++] = *old;
	}
	rules->count = kept;
	device_rules_add(arena, rules, *rule);
}

/* Type a with numbers is two rules: the kernel would take it for everything. */
static int rule_set_v1(struct arena *arena, int cgroup, const struct device_rule *rule)
{
	struct device_rules rules = { 0 };
	char text[DEVICE_RULE_TEXT];
	int code = 0;

	device_rules_add(arena, &rules, *rule);
	for (size_t i = 0; i < rules.count && code == 0; i++) {
		device_rule_format(&rules.items[i], text);
		code = cgroup_write(cgroup, rule->allow ? "devices.allow" : "devices.deny", strchr(text, ' ') + 1);
	}
	return code;
}

int running_device_rule(const struct rundir *run, const struct run_state *state, const struct device_rule *rule,
			struct error *err)
{
	owned_arena arena = arena_new();
	owned_fd v1 = running_cgroup_open(state->cgroup_payload, "devices.allow");
	owned_fd cgroup = v1 >= 0 ? steal_fd(&v1) : running_cgroup_open(state->cgroup_limit, NULL);
	bool old = faccessat(run->fd, "devices", F_OK, 0) == 0;
	bool v2 = cgroup >= 0 && cgroup_is_v2(cgroup);
	struct device_rules rules = { 0 };
	int code;

	if (cgroup < 0) {
		error_set(err, 0, "the container has no cgroup with device rules");
		return error_hint(err, "root's containers have one where v1's devices controller or cgroup2 is mounted");
	}
	/* Two clients at once would lose one's rule.  Not by a lock on the cgroup, which any user can open. */
	if (flock(run->fd, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock %s", run->path);
	rules_load(arena, run, &rules);
	rules_append(arena, &rules, rule);
	code = v2 ? device_program_attach(cgroup, rules.items, rules.count) : rule_set_v1(arena, cgroup, rule);
	if (code == 0 && (v2 || old))
		code = device_rules_save(run->fd, &rules);
	return code < 0 ? error_set(err, -code, v2 ? "cannot replace the device program" : "the kernel refuses the device rule")
			: 0;
}
