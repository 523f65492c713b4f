/*
 * The words of lxc.mount.auto: proc, sys, cgroup and shmounts.  Each word
 * stands for a few steps; a later word of the same group replaces the earlier.
 */
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mount.h"
#include "plan/domains.h"

static const uint64_t guarded = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/* Where LXC's clients look for the tunnel when the config names no place. */
static const char default_shmounts[] = "/dev/.lxc-mounts";

static bool in_group(const char *word, const char *group)
{
	size_t length = strlen(group);

	return strncmp(word, group, length) == 0 && strchr(":-2", word[length]); /* the end of the word counts as well */
}

/* The word that holds for a group, or NULL. */
static const struct value *find_word(const struct planner *planner, const char *group)
{
	const struct values *words = settings_values(planner->settings, "lxc.mount.auto");

	for (size_t i = words->count; i > 0; i--)
		if (in_group(words->items[i - 1].text, group))
			return &words->items[i - 1];
	return NULL;
}

static bool is_word(const struct value *value, const char *word)
{
	return strcmp(value->text, word) == 0;
}

static struct step_filesystem *add_filesystem(struct planner *planner, const struct value *value, const char *type,
					      const char *target, uint64_t attributes)
{
	struct step_filesystem *step = plan_add(planner->plan, STEP_FILESYSTEM, value->origin);

	step->type = type;
	step->source = type;
	step->target = target;
	step->attr_set = attributes;
	step->create = 'd';
	return step;
}

/* A rootfs may be a mount tree that has a proc or sysfs of somebody else at this place. */
static void add_unmount(struct planner *planner, const struct value *value, const char *target)
{
	struct step_path *step;

	if (!planner->own_rootfs)
		return;
	step = plan_add(planner->plan, STEP_UNMOUNT, value->origin);
	step->target = target;
}

/*
 * A path covered by itself with other attributes; paths that this kernel does not have need no cover.  It is of the
 * file system just mounted, whatever somebody else has put in that one's place in the rootfs meanwhile.
 */
static struct step_bind *add_cover(struct planner *planner, const struct value *value, const char *within, const char *path)
{
	struct step_bind *step = plan_add(planner->plan, STEP_BIND, value->origin);

	step->source = path;
	step->target = path;
	step->within = within;
	step->relative = true;
	step->if_exists = true;
	return step;
}

static void plan_auto_proc(struct planner *planner, const struct value *value)
{
	add_unmount(planner, value, "proc");
	add_filesystem(planner, value, "proc", "proc", guarded);
	if (is_word(value, "proc:rw"))
		return;
	add_cover(planner, value, "proc", "proc/sys")->attr_set = MOUNT_ATTR_RDONLY;
	/* Its own network is the container's to tune, when it may configure it at all. */
	if ((planner->capabilities >> CAP_NET_ADMIN) & 1)
		add_cover(planner, value, "proc", "proc/sys/net")->attr_clear = MOUNT_ATTR_RDONLY;
	add_cover(planner, value, "proc", "proc/sysrq-trigger")->attr_set = MOUNT_ATTR_RDONLY;
}

static void plan_auto_sys(struct planner *planner, const struct value *value)
{
	add_unmount(planner, value, "sys");
	if (is_word(value, "sys:rw")) {
		add_filesystem(planner, value, "sysfs", "sys", 0);
	} else if (is_word(value, "sys:ro")) {
		add_filesystem(planner, value, "sysfs", "sys", MOUNT_ATTR_RDONLY)->readonly = true;
	} else {
		/* Only this mount is read-only: the file system itself must stay writable for the cover. */
		add_filesystem(planner, value, "sysfs", "sys", MOUNT_ATTR_RDONLY | guarded);
		add_cover(planner, value, "sys", "sys/devices/virtual/net")->attr_clear = MOUNT_ATTR_RDONLY;
	}
}

/* shmounts:HOST[:CONT] */
static const char *shmounts_target(struct planner *planner, const struct value *value, const char **source)
{
	const char *host = value->text + strlen("shmounts:"), *colon = strchr(host, ':');

	*source = colon ? arena_strndup(planner->plan->arena, host, (size_t)(colon - host)) : host;
	return (colon && colon[1] ? colon + 1 : default_shmounts) + 1;
}

static void plan_tunnel(struct planner *planner, const struct value *value)
{
	struct step_bind *step = plan_add(planner->plan, STEP_BIND, value->origin);

	step->target = shmounts_target(planner, value, &step->source);
	step->create = 'd';
}

int plan_auto_mounts(struct planner *planner, struct error *err)
{
	const struct value *value;

	(void)err;
	if ((value = find_word(planner, "proc")))
		plan_auto_proc(planner, value);
	if ((value = find_word(planner, "sys")))
		plan_auto_sys(planner, value);
	if ((value = find_word(planner, "shmounts")))
		plan_tunnel(planner, value);
	return 0;
}

int plan_shmounts(struct planner *planner, struct error *err)
{
	const struct value *value = find_word(planner, "shmounts");
	struct step_attributes *step;
	const char *source;

	(void)err;
	if (!value)
		return 0;
	step = plan_add(planner->plan, STEP_ATTRIBUTES, value->origin);
	step->target = shmounts_target(planner, value, &source);
	step->propagation = MS_SLAVE | MS_REC;
	return 0;
}
