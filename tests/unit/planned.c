/*
 * Plans to look at (planned.h): for hosts that are written down here, so that
 * the machine that tests has no say.
 */
#include "planned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/read.h"
#include "host/fstab.h"
#include "lib/own.h"

#define SESSION "/user.slice/session-1.scope"

static struct cgroup_hierarchy hybrid_hierarchies[] = {
	{ .mountpoint = "/sys/fs/cgroup/unified", .controllers = "", .base = "/", .own = SESSION, .v2 = true },
	{ .mountpoint = "/sys/fs/cgroup/memory", .controllers = "memory", .base = "/", .own = "/", .v2 = false },
	{ .mountpoint = "/sys/fs/cgroup/cpu,cpuacct", .controllers = "cpu,cpuacct", .base = "/", .own = "/", .v2 = false },
	{ .mountpoint = "/sys/fs/cgroup/systemd", .controllers = "name=systemd", .base = "/", .own = SESSION, .v2 = false },
};
static struct cgroup_hierarchy unified_hierarchies[] = {
	{ .mountpoint = "/sys/fs/cgroup", .controllers = "cpu memory pids", .base = "/", .own = "/", .v2 = true },
};

static struct cgroup_hierarchy scope_hierarchies[] = {
	{ .mountpoint = "/sys/fs/cgroup", .controllers = "cpu memory pids", .base = "/user.slice/lxs-c1-1.scope",
	  .own = "/user.slice/lxs-c1-1.scope", .v2 = true },
};

static const char *const interfaces[] = { "eth0", "eth1", "eth2", "br0", NULL };

static struct subid_range user_ranges[] = { { 165000, 536 }, { 100000, 65000 }, { 300000, 10 } };

/* What the plan may rest on; the name of a golden file says which host it is for. */
static struct host host_of(const char *name)
{
	struct host host = {
		.last_capability = 40,
		.bounding = (UINT64_C(1) << 41) - 1, .permitted = (UINT64_C(1) << 41) - 1,
		.cgroup_namespaces = true, .time_namespaces = true, .lsm = { .module = "none" },
		.interfaces = interfaces, .cgroups = { .mode = CGROUP_HYBRID, .hierarchies = hybrid_hierarchies, .count = 4 },
	};

	if (strncmp(name, "user", strlen("user")) == 0) {
		host.no_mapping = strcmp(name, "user-without-tools") == 0 ? "newuidmap is not installed" : NULL;
		host.no_scope = strcmp(name, "user-refused") == 0 ? "it does not answer" : NULL;
		host.scope_later = strcmp(name, "user-later") == 0;
		host.uid = host.gid = 1000;
		host.subids = (struct subids){ "alice", { user_ranges, 3 }, { user_ranges, 3 }, false };
		host.cgroups = strncmp(name, "user-scope", strlen("user-scope")) == 0
				       ? (struct cgroup_layout){ .mode = CGROUP_UNIFIED, .hierarchies = scope_hierarchies, .count = 1 }
				       : (struct cgroup_layout){ .mode = CGROUP_NONE };
	}
	if (strncmp(name, "apparmor", strlen("apparmor")) == 0)
		host.lsm = (struct host_lsm){ .module = "apparmor", .mounts = true, .compiler = true,
					      .namespaces = true };
	if (strncmp(name, "selinux", strlen("selinux")) == 0)
		host.lsm.module = "selinux";
	if (strncmp(name, "unified", strlen("unified")) == 0)
		host.cgroups = (struct cgroup_layout){ .mode = CGROUP_UNIFIED, .hierarchies = unified_hierarchies, .count = 1 };
	if (strncmp(name, "pattern ", strlen("pattern ")) == 0)
		host.cgroups.pattern = name + strlen("pattern ");
	return host;
}

void planned_done(struct planned *planned)
{
	plan_free(planned->plan);
	settings_free(planned->settings);
	arena_free(planned->arena);
}

static int plan_make(struct planned *planned, const char *name, struct error *err)
{
	struct host host = host_of(name);
	const struct value *table = settings_value(planned->settings, "lxc.mount.fstab");
	struct fstab fstab = { 0 };
	struct plan_request request = { .name = "c1", .lxcpath = "/var/lib/lxs", .fstab = &fstab };

	if (table && fstab_read(planned->arena, table->text, table->origin, &fstab, err) < 0)
		return -1;
	planned->plan = plan_new(planned->settings, &host, &request, err);
	return planned->plan ? 0 : -1;
}

int plan_file(struct planned *planned, const char *path, struct error *err)
{
	struct findings findings = { 0 };

	*planned = (struct planned){ settings_new(), arena_new(), NULL };
	if (settings_read(planned->settings, path, &findings, err) < 0)
		return -1;
	return plan_make(planned, path, err);
}

int plan_lines(const char *host, const char *const *lines, struct planned *planned, struct error *err)
{
	*planned = (struct planned){ settings_new(), arena_new(), NULL };
	for (; *lines; lines++) {
		const char *equals = strchr(*lines, '=');
		owned_str key = strndup(*lines, (size_t)(equals - *lines));

		if (settings_assign(planned->settings, "test", key, equals + 1, err) < 0)
			return -1;
	}
	return plan_make(planned, host, err);
}

/* The directory of the installation differs from build to build. */
static char *without_prefix(const char *text)
{
	char *plain = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&plain, &size);
	const char *found;

	while ((found = strstr(text, PKGLIBDIR))) {
		fprintf(out, "%.*s@pkglibdir@", (int)(found - text), text);
		text = found + strlen(PKGLIBDIR);
	}
	fputs(text, out);
	fclose(out);
	return plain;
}

char *plan_text(const struct plan *plan)
{
	owned_str text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	plan_print(plan, out);
	fclose(out);
	return without_prefix(text);
}
