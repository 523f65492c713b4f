/*
 * Plans as text: every tests/golden/NAME.conf is planned for a host that is
 * written down here and compared with NAME.plan; the order rules hold in all
 * of them.  LXS_GOLDEN_WRITE=1 writes the .plan files anew, to be read before
 * they are committed.
 */
#include "plan/plan.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/read.h"
#include "host/fstab.h"
#include "lib/own.h"

static struct cgroup_hierarchy hybrid_hierarchies[] = {
	{ .mountpoint = "/sys/fs/cgroup/unified", .controllers = "", .base = "/", .own = "/", .v2 = true },
	{ .mountpoint = "/sys/fs/cgroup/memory", .controllers = "memory", .base = "/", .own = "/", .v2 = false },
	{ .mountpoint = "/sys/fs/cgroup/cpu,cpuacct", .controllers = "cpu,cpuacct", .base = "/", .own = "/", .v2 = false },
	{ .mountpoint = "/sys/fs/cgroup/systemd", .controllers = "name=systemd", .base = "/", .own = "/", .v2 = false },
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

struct planned {
	struct settings *settings;
	struct arena *arena;
	struct plan *plan;
};

static void planned_done(struct planned *planned)
{
	plan_free(planned->plan);
	settings_free(planned->settings);
	arena_free(planned->arena);
}

#define owned_planned __attribute__((cleanup(planned_done))) struct planned

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

static int plan_file(struct planned *planned, const char *path, struct error *err)
{
	struct findings findings = { 0 };

	*planned = (struct planned){ settings_new(), arena_new(), NULL };
	if (settings_read(planned->settings, path, &findings, err) < 0)
		return -1;
	return plan_make(planned, path, err);
}

/* Plans lines of "key=value", as many as are given, NULL at the end. */
static int plan_lines_on(const char *host, struct planned *planned, struct error *err, const char *const *lines)
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

static int plan_lines(struct planned *planned, struct error *err, const char *const *lines)
{
	return plan_lines_on("test", planned, err, lines);
}

/* ---- golden files ---- */

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

static char *plan_text(const struct plan *plan)
{
	owned_str text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	plan_print(plan, out);
	fclose(out);
	return without_prefix(text);
}

static char *file_text(const char *path)
{
	owned_file file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file || getdelim(&text, &size, '\0', file) < 0)
		print_message("cannot read %s\n", path);
	return text;
}

static void compare_golden(const char *conf)
{
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };
	owned_str path = NULL;
	owned_str text = NULL;
	owned_str golden = NULL;
	int made = plan_file(&planned, conf, &err);

	if (made < 0)
		error_print(&err, stderr, "test-plan", conf);
	assert_int_equal(made, 0);
	assert_true(asprintf(&path, "%.*s.plan", (int)(strlen(conf) - strlen(".conf")), conf) > 0);
	text = plan_text(planned.plan);
	if (getenv("LXS_GOLDEN_WRITE")) {
		owned_file out = fopen(path, "we");

		assert_non_null(out);
		fputs(text, out);
		return;
	}
	golden = file_text(path);
	if (!golden || strcmp(text, golden) != 0)
		print_message("%s: if the change is meant, run this test with LXS_GOLDEN_WRITE=1 and read the diff\n", path);
	assert_non_null(golden);
	assert_string_equal(text, golden);
}

static int is_conf(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0;
}

static void for_each_golden(void (*check)(const char *conf))
{
	struct dirent **entries;
	int count = scandir(".", &entries, is_conf, alphasort);

	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		check(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static void test_golden(void **state)
{
	(void)state;
	for_each_golden(compare_golden);
}

static void check_json(const char *conf)
{
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };
	owned_str text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(plan_file(&planned, conf, &err), 0);
	assert_int_equal(plan_print_json(planned.plan, out, &err), 0);
	fclose(out);
	assert_non_null(strstr(text, "\"container\""));
	assert_non_null(strstr(text, conf));
}

static void test_json_names_origins(void **state)
{
	(void)state;
	for_each_golden(check_json);
}

/* ---- order ---- */

static const struct {
	enum step_kind first, then;
	const char *why;
} order[] = {
	{ STEP_APPARMOR, STEP_CLONE, "a profile must be there before anybody can be under it" },
	{ STEP_CLONE, STEP_RELEASE, "nobody is released before there is somebody" },
	{ STEP_CLONE, STEP_CGROUP_PLACE, "there is somebody to place" },
	{ STEP_CGROUP_PLACE, STEP_CGROUP_LIMIT, "the launcher on its visit would count towards them" },
	{ STEP_IDMAP, STEP_CGROUP_OWNER, "a user gives them in the container's user namespace" },
	{ STEP_CGROUP_OWNER, STEP_VERIFY, "init goes on in cgroups of its own" },
	{ STEP_CLONE, STEP_VETH, "the inner end is made in init's network namespace" },
	{ STEP_NODE, STEP_TELL, "the rules may forbid to make device nodes" },
	{ STEP_CONSOLE, STEP_TELL, "the rules may forbid to open terminals" },
	{ STEP_TTYS, STEP_TELL, "the rules may forbid to open terminals" },
	{ STEP_PROPAGATION, STEP_ROOTFS, "a mount made before would show on the host" },
	{ STEP_ROOTFS, STEP_FILESYSTEM, "mounts lie beneath the rootfs" },
	{ STEP_ROOTFS, STEP_BIND, "mounts lie beneath the rootfs" },
	{ STEP_FILESYSTEM, STEP_PIVOT, "sources are the host's" },
	{ STEP_BIND, STEP_PIVOT, "sources are the host's" },
	{ STEP_DEVPTS, STEP_CONSOLE, "the console is a terminal of the container" },
	{ STEP_PIVOT, STEP_BOUNDING, "pivot_root needs CAP_SYS_ADMIN" },
	{ STEP_SYSCTL, STEP_BOUNDING, "writing sysctls needs capabilities" },
	{ STEP_BOUNDING, STEP_SECCOMP, "the filter may forbid prctl" },
	{ STEP_LABEL, STEP_NO_NEW_PRIVS, "no_new_privs can forbid the change of label" },
	{ STEP_NO_NEW_PRIVS, STEP_SECCOMP, "a filter without CAP_SYS_ADMIN needs it" },
	{ STEP_CLOCK, STEP_SECCOMP, "the filter may forbid to load another" },
	{ STEP_PIVOT, STEP_SECCOMP, "the filter may forbid mounting" },
	{ STEP_ATTRIBUTES, STEP_SECCOMP, "the filter may forbid mounting" },
	{ STEP_BOOT_ID, STEP_SECCOMP, "the filter may forbid mounting" },
	{ STEP_SECCOMP, STEP_EXEC, "nothing runs unfiltered" },
	{ STEP_BOUNDING, STEP_IDENTITY, "dropping needs CAP_SETPCAP, which a change of user takes away" },
	{ STEP_IDENTITY, STEP_EXEC, "init has its own identity" },
};

static void check_pair(const struct side *side, size_t rule, const char *conf)
{
	bool seen = false;

	for (size_t i = 0; i < side->count; i++) {
		if (side->steps[i].kind == order[rule].then)
			seen = true;
		if (side->steps[i].kind == order[rule].first && seen)
			fail_msg("%s: %s comes after %s, but %s", conf, step_kinds[order[rule].first].name,
				 step_kinds[order[rule].then].name, order[rule].why);
	}
}

/* The payload's alone: the monitor's are made while init is busy.  And init makes device nodes that rules may forbid. */
static void check_moments(const struct side *host, const char *conf)
{
	bool cloned = false, awaited = false;

	for (size_t i = 0; i < host->count; i++) {
		const struct step_cgroup *made = host->steps[i].args;

		cloned |= host->steps[i].kind == STEP_CLONE;
		awaited |= host->steps[i].kind == STEP_AWAIT;
		if (host->steps[i].kind == STEP_CGROUP_DEVICES && !awaited)
			fail_msg("%s: device rules hold before init was awaited", conf);
		if (host->steps[i].kind == STEP_CGROUP_MAKE && cloned && strcmp(made->role, "payload") == 0)
			fail_msg("%s: the payload's cgroups are made after the clone, but init is born into them", conf);
	}
}

static void check_order(const char *conf)
{
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };

	assert_int_equal(plan_file(&planned, conf, &err), 0);
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		check_pair(&planned.plan->host, i, conf);
		check_pair(&planned.plan->container, i, conf);
	}
	check_moments(&planned.plan->host, conf);
	assert_int_equal(planned.plan->container.steps[planned.plan->container.count - 1].kind, STEP_EXEC);
}

static void test_order(void **state)
{
	(void)state;
	for_each_golden(check_order);
}

/* ---- refusals ---- */

static const struct {
	const char *lines[5];
	const char *message; /* what the error begins with */
	const char *hint;    /* a part of the hint, or NULL */
} refusals[] = {
	{ { "lxc.time.offset.boot=1h", "lxc.namespace.keep=user time" },
	  "clocks can be set off only in a time namespace of the container's own", "remove 'time' from lxc.namespace.keep" },
	{ { "lxc.time.offset.boot=1h", "lxc.namespace.share.time=other" },
	  "clocks can be set off only in a time namespace of the container's own", "remove lxc.namespace.share.time" },
	{ { "lxc.time.offset.boot=1h", "lxc.namespace.share.user=other", "lxc.idmap=u 0 100000 9", "lxc.idmap=g 0 100000 9" },
	  "clocks cannot be set off in a user namespace of somebody else", "share its time namespace too" },
	{ { "lxc.namespace.share.user=other" }, "who shares a user namespace has to say which ids it has", "lxc.idmap" },
	{ { "lxc.idmap=u 0 100000 65536" }, "lxc.idmap maps no gid 0, which init is to have", "lxc.idmap = g 0 HOSTID RANGE" },
	{ { "lxc.idmap=u 0 100000 0" }, "the id map u 0 100000 0 maps no id", NULL },
	{ { "lxc.idmap=u 0 4294960000 65536" }, "the id map u 0 4294960000 65536 does not fit", NULL },
	{ { "lxc.idmap=g 18446744073709551615 1 2" }, "the id map g 18446744073709551615 1 2 does not fit", NULL },
	{ { "lxc.idmap=u 0 100000 1000", "lxc.idmap=u 999 200000 1" }, "the id map u 999 200000 1 overlaps u 0 100000 1000: "
	  "a uid of the container would be mapped twice", NULL },
	{ { "lxc.idmap=g 0 100000 1000", "lxc.idmap=g 2000 100999 1" }, "the id map g 2000 100999 1 overlaps g 0 100000 1000: "
	  "two gids of the container would be one on the host", NULL },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.init.uid=70000" },
	  "lxc.idmap maps no uid 70000", "lxc.init.uid" },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.namespace.keep=user" },
	  "lxc.idmap needs a user namespace of the container's own", "remove 'user'" },
	{ { "lxc.namespace.keep=mnt" }, "a user namespace needs ids", "add 'user' to it" },
	{ { "lxc.rootfs.path=nfs:/srv/c1" }, "unknown storage type 'nfs'", NULL },
	{ { "lxc.rootfs.path=overlay:/srv/c1" }, "an overlay has a lower and an upper directory", NULL },
	{ { "lxc.rootfs.path=/srv/c1", "lxs.rootfs.tmpfs=1" }, "lxs.rootfs.tmpfs puts the upper layer of an overlay into memory",
	  NULL },
	{ { "lxc.rootfs.path=srv/c1" }, "the path of the rootfs must begin with '/'", NULL },
	{ { "lxc.rootfs.path=/srv/c1", "lxc.rootfs.options=idmap=4711" }, "the mount option idmap=4711 names no user namespace",
	  "/proc/PID/ns/user" },
	{ { "lxc.rootfs.path=overlay:/srv/low:/srv/c1", "lxc.rootfs.options=idmap=/proc/1/ns/user" },
	  "layers can have the ids of the container's own user namespace only", NULL },
	{ { "lxc.rootfs.path=/srv/c1", "lxc.mount.entry=/srv /elsewhere/data none bind" },
	  "the mount target /elsewhere/data lies outside of the rootfs", "without the leading '/'" },
	{ { "lxc.rootfs.path=/srv/c1", "lxc.mount.entry=/srv /srv/c10/data none bind" },
	  "the mount target /srv/c10/data lies outside of the rootfs", NULL },
	{ { "lxc.rootfs.path=/srv/c1", "lxc.mount.entry=/srv" }, "the mount line has no target", NULL },
	{ { "lxc.rootfs.path=/srv/c1", "lxc.mount.entry=/srv data none defaults" },
	  "a mount of type none needs the option bind", "bind,create=dir" },
	{ { "lxc.rootfs.path=/srv/c1", "lxc.mount.entry=/srv / none bind" }, "the mount target / lies outside", NULL },
	{ { "lxc.rootfs.path=/srv/c1", "lxc.mount.entry=/srv . none bind" }, "the mount target . is the rootfs itself",
	  NULL },
	{ { "lxc.mount.entry=/srv data none bind,create=link" }, "unknown mount option create=link", NULL },
	{ { "lxc.mount.entry=/srv data none bind,idmap=4711" }, "the mount option idmap=4711 names no user namespace",
	  "/proc/PID/ns/user" },
	{ { "lxc.mount.entry=none data tmpfs idmap=container" }, "mount option idmap goes with bind", NULL },
	{ { "lxc.mount.entry=/srv data none bind,size=3" }, "mount option size=3 means nothing for a bind mount", NULL },
	{ { "lxc.cgroup2.memory.max=1G" },
	  "lxc.cgroup2.memory.max cannot be set: this machine has no writable cgroup v2 hierarchy with the controller "
	  "memory", "lxc.cgroup.memory.limit_in_bytes" },
	{ { "lxc.cgroup.blkio.weight=500" }, "lxc.cgroup.blkio.weight cannot be set", "mount a hierarchy" },
	{ { "lxc.cgroup2.../lxc.payload.other=1" }, "../lxc.payload.other is not the name of a cgroup file", NULL },
	{ { "lxc.cgroup.dir.monitor=m" }, "lxc.cgroup.dir.monitor needs", NULL },
	{ { "lxc.cgroup.dir.container.inner=m" }, "lxc.cgroup.dir.container.inner needs", NULL },
	{ { "lxc.cgroup.dir.monitor=m", "lxc.cgroup.dir.container=c", "lxc.cgroup.dir=d" },
	  "lxc.cgroup.dir and lxc.cgroup.dir.monitor exclude each other", NULL },
	{ { "lxc.cgroup2.devices.allow=d 1:3 rwm" }, "device rule 'd 1:3 rwm': the type", "TYPE MAJOR:MINOR" },
	{ { "lxc.cgroup2.devices.allow=c 1:3" }, "device rule 'c 1:3': ", NULL },
	{ { "lxc.cgroup2.devices.allow=c 1:3 rx" }, "device rule 'c 1:3 rx': the access", NULL },
	{ { "lxc.cgroup.devices.list=c 1:3 rwm" }, "devices.list cannot be written", NULL },
	{ { "lxc.net.0.type=phys" }, "lxc.net.0.type = phys needs a link", "lxc.net.0.link = INTERFACE" },
	{ { "lxc.net.0.type=ipvlan", "lxc.net.0.link=eth0", "lxc.net.0.l2proxy=1" },
	  "lxc.net.0.l2proxy of an ipvlan needs mode l3s", "lxc.net.0.ipvlan.mode = l3s" },
	{ { "lxc.net.0.type=veth", "lxc.net.0.mtu=10" }, "lxc.net.0.mtu must be from 68 to 65535", "1500" },
	{ { "lxc.net.0.type=macvlan", "lxc.net.0.link=eth0", "lxc.net.0.mtu=70000" }, "lxc.net.0.mtu must be", NULL },
	{ { "lxc.net.0.type=phys", "lxc.net.0.link=eth0", "lxc.net.0.l2proxy=1" }, "lxc.net.0.l2proxy: the link of a phys", "router" },
	{ { "lxc.net.0.type=phys", "lxc.net.0.link=wlan+" }, "the host has no interface for lxc.net.0.link = wlan+", "'wlan'" },
	{ { "lxc.net.0.type=veth", "lxc.net.0.link=br0", "lxc.net.0.veth.mode=router", "lxc.net.0.veth.vlan.id=5" },
	  "lxc.net.0.veth.vlan: a routed pair is no port", NULL },
	{ { "lxc.net.0.type=veth", "lxc.net.0.veth.vlan.tagged.id=5" }, "lxc.net.0.veth.vlan: there is no link", NULL },
	{ { "lxc.net.0.type=veth", "lxc.net.0.link=br0", "lxc.net.0.veth.vlan.id=0" }, "lxc.net.0.veth.vlan: there is no VLAN 0",
	  NULL },
	{ { "lxc.net.0.type=veth", "lxc.net.0.link=br0", "lxc.net.0.veth.vlan.id=5", "lxc.net.0.veth.vlan.tagged.id=5" },
	  "lxc.net.0.veth.vlan: one VLAN cannot be tagged and untagged", "each once" },
	{ { "lxc.net.0.type=vlan", "lxc.net.0.link=eth0" }, "lxc.net.0.vlan.id must be from 1 to 4094", "vlan.id" },
	{ { "lxc.net.0.type=ipvlan", "lxc.net.0.link=eth0", "lxc.net.0.hwaddr=10:66:6a:12:34:56" },
	  "lxc.net.0.hwaddr cannot be set", "macvlan" },
	{ { "lxc.net.0.type=phys", "lxc.net.0.link=eth0", "lxc.net.0.flags=up", "lxc.net.0.ipv4.gateway=auto" },
	  "lxc.net.0.ipv4.gateway = auto works with veth and macvlan only", "dev" },
	{ { "lxc.net.0.link=eth0" }, "lxc.net.0 has no type", "lxc.net.0.type = veth" },
	{ { "lxc.net.0.type=veth", "lxc.net.0.ipv4.address=10.0.3.15/24", "lxc.net.0.ipv4.gateway=10.0.3.1" },
	  "lxc.net.0.ipv4.gateway needs the interface to be up", "lxc.net.0.flags = up" },
	{ { "lxc.net.0.type=veth", "lxc.net.0.flags=up", "lxc.net.0.ipv6.gateway=fd00::1" },
	  "lxc.net.0.ipv6.gateway needs an address", NULL },
	{ { "lxc.net.0.type=veth", "lxc.net.0.flags=up", "lxc.net.0.ipv4.gateway=auto" },
	  "lxc.net.0.ipv4.gateway = auto needs a link", NULL },
	{ { "lxc.namespace.keep=mnt user time", "lxc.mount.auto=proc" },
	  "lxc.mount.auto needs a mount namespace of the container's own", "remove 'mnt'" },
	{ { "lxc.namespace.clone=pid", "lxc.rootfs.path=/srv/c1" },
	  "lxc.rootfs.path needs a mount namespace of the container's own", "add 'mnt'" },
	{ { "lxc.namespace.share.mnt=other", "lxc.autodev=1" },
	  "lxc.autodev needs a mount namespace of the container's own", "remove lxc.namespace.share.mnt" },
	{ { "lxc.tty.max=1000" }, "lxc.tty.max is at most", NULL },
	{ { "lxc.mount.fstab=/nonexistent/fstab" }, "cannot read the mount table /nonexistent/fstab", NULL },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		owned_error err = ERROR_INIT;
		owned_planned planned = { 0 };

		assert_int_equal(plan_lines(&planned, &err, refusals[i].lines), -1);
		if (strncmp(err.message, refusals[i].message, strlen(refusals[i].message)) != 0)
			fail_msg("'%s' is refused with '%s'", refusals[i].lines[0], err.message);
		assert_non_null(err.asked);
		if (refusals[i].hint)
			assert_non_null(strstr(err.hint, refusals[i].hint));
	}
}

/* ---- ordinary users ---- */

static const struct {
	const char *lines[6];
	const char *message; /* NULL: it can be planned */
	const char *hint;
} user_plans[] = {
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536" }, NULL, NULL },
	{ { "lxc.idmap=u 0 1000 1", "lxc.idmap=g 0 1000 1", "lxc.idmap=u 5 300002 8" }, NULL, NULL },
	/* from one range into the next, and beyond it */
	{ { "lxc.idmap=u 0 164999 2", "lxc.idmap=g 0 100000 1" }, NULL, NULL },
	{ { "lxc.idmap=u 0 164000 2000", "lxc.idmap=g 0 100000 1" },
	  "the uids 165536 to 165999 are not yours to give", "alice:165536:464 to /etc/subuid" },
	{ { "lxc.uts.name=c1" }, "an ordinary user's container needs a user namespace", "lxc.idmap" },
	{ { "lxc.idmap=u 0 200000 65536", "lxc.idmap=g 0 100000 65536" },
	  "the uids 200000 to 265535 are not yours to give: /etc/subuid", "alice:200000:65536 to /etc/subuid" },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 300001 10" },
	  "the gids 300010 to 300010 are not yours to give: /etc/subgid", "alice:300010:1 to /etc/subgid" },
	{ { "lxc.idmap=u 0 1001 1", "lxc.idmap=g 0 1000 1" }, "the uids 1001 to 1001 are not yours", NULL },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.net.0.type=veth" },
	  "a veth of an ordinary user needs a link", "lxs-usernet" },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.net.0.type=veth", "lxc.net.0.link=br0" },
	  NULL, NULL },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.net.0.type=veth", "lxc.net.0.link=br0",
	    "lxc.net.0.veth.mode=router" }, "lxc.net.0.veth.mode is for containers of root only", "as root" },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.net.0.type=macvlan", "lxc.net.0.link=eth0" },
	  "an ordinary user cannot make macvlan interfaces", "type user" },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.cgroup2.memory.max=1G" },
	  "lxc.cgroup2.memory.max cannot be set", "start without limits" },
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", "lxc.rootfs.path=/srv/c1",
	    "lxc.rootfs.options=idmap=container" }, "only root can mount with mapped ids", NULL },
};

static void test_users(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof user_plans / sizeof user_plans[0]; i++) {
		owned_error err = ERROR_INIT;
		owned_planned planned = { 0 };
		int answer = plan_lines_on("user", &planned, &err, user_plans[i].lines);

		if (!user_plans[i].message) {
			assert_null(err.message);
			continue;
		}
		assert_int_equal(answer, -1);
		if (strncmp(err.message, user_plans[i].message, strlen(user_plans[i].message)) != 0)
			fail_msg("'%s' is refused with '%s'", user_plans[i].lines[0], err.message);
		if (user_plans[i].hint)
			assert_non_null(strstr(err.hint, user_plans[i].hint));
	}
}

static void test_users_without_tools(void **state)
{
	static const char *const lines[] = { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", NULL };
	static const char *const own[] = { "lxc.idmap=u 0 1000 1", "lxc.idmap=g 0 1000 1", NULL };
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 }, other = { 0 };

	(void)state;
	assert_int_equal(plan_lines_on("user-without-tools", &planned, &err, lines), -1);
	assert_string_equal(err.message, "lxc.idmap cannot be written: newuidmap is not installed");
	assert_non_null(err.asked);
	error_done(&err);
	assert_int_equal(plan_lines_on("user-without-tools", &other, &err, own), 0);
}

/* lxc.cgroup.pattern of lxs.conf, and what in a config comes before it. */
static void test_cgroup_pattern(void **state)
{
	static const struct { const char *host, *line, *payload, *monitor; } cases[] = {
		{ "pattern lxc/%n", "lxc.tty.max=1", "/memory/lxc/c1/payload,", "/memory/lxc/c1/monitor," },
		{ "pattern /%n-%n.x", "lxc.tty.max=1", "/memory/c1-c1.x/payload,", "/memory/c1-c1.x/monitor," },
		{ "pattern all", "lxc.tty.max=1", "/memory/all/payload,", "/memory/all/monitor," },
		{ "pattern lxc/%n", "lxc.cgroup.dir=own", "/memory/own/lxc.payload.c1,", "/memory/own/lxc.monitor.c1," },
		{ "pattern a/../../%n", "lxc.tty.max=1", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		owned_planned planned = { 0 };
		owned_error err = ERROR_INIT;
		owned_str text = NULL;
		int answer = plan_lines_on(cases[i].host, &planned, &err,
					   (const char *const[]){ cases[i].line, "lxc.rootfs.path=/srv/c1", NULL });

		if (!cases[i].payload) {
			assert_int_equal(answer, -1);
			assert_non_null(strstr(err.message, "must not contain '..'"));
			continue;
		}
		assert_int_equal(answer, 0);
		text = plan_text(planned.plan);
		assert_non_null(strstr(text, cases[i].payload));
		assert_non_null(strstr(text, cases[i].monitor));
	}
}

static void test_harmless_later_values_are_no_reason(void **state)
{
	static const char *const lines[] = { "lxc.rootfs.path=/srv/c1", "lxc.ephemeral=0", NULL };
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };

	(void)state;
	assert_int_equal(plan_lines(&planned, &err, lines), 0);
}

/* Where a user's limits cannot be set, what to do depends on who could give him what is missing. */
static const struct {
	const char *host, *limit;
	const char *hint; /* NULL: it can be planned */
} user_limits[] = {
	{ "user", "lxc.cgroup2.memory.max=1G", "lxs-cgdelegate USER" },
	{ "user-refused", "lxc.cgroup2.memory.max=1G", "systemd was asked for a cgroup: it does not answer; or remove the line" },
	{ "user-later", "lxc.cgroup2.memory.max=1G", NULL },
	{ "user-scope", "lxc.cgroup2.memory.max=1G", NULL },
	{ "user-scope", "lxc.cgroup2.io.weight=10", "the controllers given to you are 'cpu memory pids'" },
};

static void test_limits_of_users(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof user_limits / sizeof user_limits[0]; i++) {
		const char *const lines[] = { "lxc.idmap=u 0 100000 9", "lxc.idmap=g 0 100000 9", user_limits[i].limit, NULL };
		owned_error err = ERROR_INIT;
		owned_planned planned = { 0 };
		int answer = plan_lines_on(user_limits[i].host, &planned, &err, lines);

		assert_int_equal(answer, user_limits[i].hint ? -1 : 0);
		if (!user_limits[i].hint)
			continue;
		assert_non_null(err.asked);
		if (!strstr(err.hint, user_limits[i].hint))
			fail_msg("%s: the hint is '%s'", user_limits[i].host, err.hint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_json_names_origins),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_users_without_tools),
		cmocka_unit_test(test_cgroup_pattern),
		cmocka_unit_test(test_limits_of_users),
		cmocka_unit_test(test_harmless_later_values_are_no_reason),
	};
	const char *source = getenv("srcdir");
	owned_str golden = NULL;

	if (asprintf(&golden, "%s/tests/golden", source ? source : ".") < 0 || chdir(golden) < 0)
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
