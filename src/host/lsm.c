/*
 * Reads what there is of AppArmor and SELinux (lsm.h) from /sys and /proc.
 * Apart from facts.c because securityfs has a shape of its own; called there.
 */
#include "host/lsm.h"

#include <linux/capability.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/kernel_text.h"
#include "lib/which.h"

const char *lsm_module(struct arena *arena)
{
	const char *apparmor = kernel_text(arena, "/sys/module/apparmor/parameters/enabled");

	if (apparmor && *apparmor == 'Y')
		return "apparmor";
	return access("/sys/fs/selinux/enforce", F_OK) == 0 ? "selinux" : "none";
}

static bool says_yes(struct arena *arena, const char *path)
{
	const char *text = kernel_text(arena, path);

	return text && strncmp(text, "yes", strlen("yes")) == 0;
}

static bool is_inner(struct arena *arena)
{
	const char *map = kernel_text(arena, "/proc/self/uid_map");
	unsigned inside = 1, outside = 1, range = 0;

	return !map || sscanf(map, "%u %u %u", &inside, &outside, &range) != 3 || inside != outside || range != UINT32_MAX;
}

/*
 * The capability counts in the host's own user namespace, and in another only
 * for the policy namespace that belongs to it.
 */
static const char *cannot_load(struct arena *arena, bool inner, bool stacked)
{
	const char *status = kernel_text(arena, "/proc/self/status");
	const char *effective = status ? kernel_text_field(status, "CapEff") : NULL;
	uint64_t set = effective ? strtoull(effective, NULL, 16) : 0;

	if (inner && !stacked)
		return "root of this user namespace may not load profiles on the host";
	if (access(APPARMOR_FS, F_OK) < 0)
		return "securityfs is not mounted on /sys/kernel/security";
	if (!(set >> CAP_MAC_ADMIN & 1))
		return "the capability mac_admin is missing";
	return access(APPARMOR_FS "/.replace", W_OK) < 0 ? APPARMOR_FS "/.replace cannot be written" : NULL;
}

/* A label without a profile is "unconfined", with one it is "NAME (MODE)". */
static bool is_confined(struct arena *arena)
{
	const char *label = kernel_text(arena, "/proc/self/attr/apparmor/current");

	if (!label)
		label = kernel_text(arena, "/proc/self/attr/current");
	return label && strncmp(label, "unconfined\n", strlen("unconfined\n")) != 0;
}

/* One profile a line, "NAME (MODE)"; a user may not read the list. */
static bool is_loaded(const char *profiles, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = profiles; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (strncmp(line, name, length) == 0 && strncmp(line + length, " (", 2) == 0)
			return true;
	return false;
}

static const char *lxc_default(struct arena *arena)
{
	static const char *const names[] = { "lxc-container-default-cgns", "lxc-container-default" };
	const char *profiles = kernel_text(arena, APPARMOR_FS "/profiles");

	for (size_t i = 0; profiles && i < sizeof names / sizeof names[0]; i++)
		if (is_loaded(profiles, names[i]))
			return names[i];
	return NULL;
}

void host_lsm_read(struct arena *arena, struct host_lsm *ret)
{
	char path[PATH_MAX];
	bool stacked;

	*ret = (struct host_lsm){ .module = lsm_module(arena) };
	if (strcmp(ret->module, "apparmor") != 0)
		return;
	stacked = says_yes(arena, APPARMOR_FS "/.ns_stacked");
	ret->mounts = access(APPARMOR_FS "/features/mount/mask", F_OK) == 0;
	ret->inner = is_inner(arena);
	ret->cannot_load = cannot_load(arena, ret->inner, stacked);
	ret->compiler = which(APPARMOR_PARSER, path);
	ret->namespaces = says_yes(arena, APPARMOR_FS "/features/domain/stack") &&
			  access(APPARMOR_FS "/features/namespaces/profile", F_OK) == 0 &&
			  !stacked;
	ret->confined = is_confined(arena);
	ret->lxc_default = lxc_default(arena);
}
