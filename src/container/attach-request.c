/*
 * What is asked of lxs-enter, out of run state and options: its words and its
 * environment.  Nothing here changes anything.
 */
#include "container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "enter/enter.h"
#include "host/lsm.h"
#include "lib/own.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static const struct { const char *file; unsigned long long flag; } namespaces[] = {
	{ "ns/mnt", CLONE_NEWNS },   { "ns/pid", CLONE_NEWPID },   { "ns/uts", CLONE_NEWUTS },
	{ "ns/ipc", CLONE_NEWIPC },  { "ns/net", CLONE_NEWNET },   { "ns/cgroup", CLONE_NEWCGROUP },
	{ "ns/user", CLONE_NEWUSER }, { "ns/time", CLONE_NEWTIME },
};

/* Those of init that are not ours already: setns(2) refuses to join one's own user namespace. */
static unsigned long long foreign_namespaces(int proc)
{
	owned_fd self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	unsigned long long flags = 0;

	for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++) {
		char theirs[64] = "", ours[64] = "";

		if (readlinkat(proc, namespaces[i].file, theirs, sizeof theirs - 1) < 0)
			continue; /* a kind that this kernel does not have */
		if (readlinkat(self, namespaces[i].file, ours, sizeof ours - 1) < 0 || strcmp(theirs, ours) != 0)
			flags |= namespaces[i].flag;
	}
	return flags;
}

/* As LXC does: no filter where the mounts are not the container's, nor with elevated LSM. */
static bool wants_filter(const struct attachment *attachment)
{
	return attachment->state.seccomp_profile && (attachment->namespaces & CLONE_NEWNS) &&
	       !(attachment->options->elevate & ATTACH_ELEVATE_LSM);
}

int attachment_prepare(struct attachment *attachment, struct error *err)
{
	const struct attach_options *options = attachment->options;

	attachment->namespaces = foreign_namespaces(attachment->proc);
	if (options->namespaces)
		attachment->namespaces &= options->namespaces;
	if (wants_filter(attachment)) {
		attachment->seccomp = openat(attachment->run, "seccomp.bpf", O_RDONLY | O_CLOEXEC);
		if (attachment->seccomp < 0) {
			error_set(err, errno, "cannot read the container's seccomp filter");
			return error_hint(err, "without it the command could do more than the container may; "
					  "-e LSM goes without");
		}
	}
	attachment_find_clock(attachment);
	for (int fd = 0; fd <= 2; fd++)
		attachment->terminal |= isatty(fd) ? 1U << fd : 0;
	return 0;
}

struct word_list { struct arena *arena; char **items; size_t count; };

static void add(struct word_list *list, char *word)
{
	list->items = arena_append(list->arena, list->items, &list->count, sizeof *list->items);
	list->items[list->count - 1] = word;
}

static void add_number(struct word_list *list, const char *key, long long value)
{
	add(list, arena_printf(list->arena, "%s=%lld", key, value));
}

/* AppArmor's attr/exec wants a verb before the label, SELinux's the label alone. */
static char *label_text(struct arena *arena, const char *label)
{
	bool apparmor = strcmp(lsm_module(arena), "apparmor") == 0;

	return arena_printf(arena, "label=%s%s", apparmor ? ENTER_APPARMOR : "", label);
}

static void add_confinement(const struct attachment *attachment, struct word_list *list)
{
	const struct attach_options *options = attachment->options;
	const char *label = options->label ? options->label : attachment->state.label;
	bool lsm = !(options->elevate & ATTACH_ELEVATE_LSM);

	if (!(options->elevate & ATTACH_ELEVATE_CAP))
		add_number(list, "bounding", (long long)attachment->state.bounding);
	if (lsm && label)
		add(list, label_text(list->arena, label));
	if (lsm && attachment->state.no_new_privs)
		add_number(list, "no_new_privs", 1);
	if (options->personality >= 0)
		add_number(list, "personality", options->personality);
	else if (attachment->state.personality_32bit)
		add_number(list, "personality", PER_LINUX32);
}

char **attachment_words(struct attachment *attachment, struct error *err)
{
	const struct attach_options *options = attachment->options;
	struct word_list list = { .arena = attachment->arena };
	owned_str directory = getcwd(NULL, 0);
	int filter = ENTER_FILTERS;

	(void)err;
	add(&list, arena_strdup(list.arena, "lxs-enter"));
	add_number(&list, "pidfd", ENTER_PIDFD);
	add_number(&list, "proc", ENTER_PROC);
	if (settings_flag(attachment->settings, "lxc.sched.core"))
		add_number(&list, "pid", attachment->state.init);
	if (attachment->seccomp >= 0)
		add_number(&list, "seccomp", filter++);
	if (attachment->clock_filter >= 0)
		add_number(&list, "clock", filter);
	add_number(&list, "namespaces", (long long)attachment->namespaces);
	add_confinement(attachment, &list);
	add_number(&list, "uid", options->uid >= 0 ? options->uid : 0);
	add_number(&list, "gid", options->gid >= 0 ? options->gid : 0);
	add_number(&list, "terminal", attachment->terminal);
	if (options->remount_sys_proc && !(attachment->namespaces & CLONE_NEWNS))
		add_number(&list, "remount", 1);
	if (directory)
		add(&list, arena_printf(list.arena, "directory=%s", directory));
	add(&list, arena_strdup(list.arena, "--"));
	for (char *const *word = options->command; word && *word; word++)
		add(&list, *word);
	add(&list, NULL);
	return list.items;
}

/* Later assignments replace earlier ones: a program may look at the first or at the last. */
static void set_variable(struct word_list *list, const char *assignment)
{
	size_t length = strcspn(assignment, "=") + 1;

	for (size_t i = 0; i < list->count; i++) {
		if (strncmp(list->items[i], assignment, length) == 0) {
			list->items[i] = arena_strdup(list->arena, assignment);
			return;
		}
	}
	add(list, arena_strdup(list->arena, assignment));
}

static void keep_variables(struct word_list *list, const struct attach_options *options)
{
	for (char **variable = environ; !options->clear_env && *variable; variable++)
		add(list, *variable);
	if (!options->clear_env)
		return;
	set_variable(list, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	for (char *const *name = options->keep; name && *name; name++) {
		const char *value = getenv(*name);

		if (value)
			set_variable(list, arena_printf(list->arena, "%s=%s", *name, value));
	}
}

/* lxc.environment: NAME=VALUE, or NAME alone to take the caller's value. */
static void add_setting(struct word_list *list, const char *text)
{
	const char *value = strchr(text, '=') ? NULL : getenv(text);

	if (strchr(text, '='))
		set_variable(list, text);
	else if (value)
		set_variable(list, arena_printf(list->arena, "%s=%s", text, value));
}

char **attachment_environment(const struct attachment *attachment)
{
	static const char *const keys[] = { "lxc.environment", "lxc.environment.runtime" };
	struct word_list list = { .arena = attachment->arena };

	keep_variables(&list, attachment->options);
	set_variable(&list, "container=lxc");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const struct values *values = settings_values(attachment->settings, keys[i]);

		for (size_t j = 0; j < values->count; j++)
			add_setting(&list, values->items[j].text);
	}
	for (char *const *assignment = attachment->options->set; assignment && *assignment; assignment++)
		set_variable(&list, *assignment);
	add(&list, NULL);
	return list.items;
}
