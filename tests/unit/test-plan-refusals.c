/* What cannot be planned, what is said then, and what an ordinary user may have. */
#include "plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/own.h"
#include "planned.h"

struct row {
	const char *lines[6];
	const char *message; /* what the error begins with; NULL: it can be planned */
	const char *hint;    /* a part of the hint, or NULL */
	bool no_line;        /* it is what is missing, so no line asked for it */
};

static void check(const char *host, const struct row *row)
{
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 };
	int answer = plan_lines(host, row->lines, &planned, &err);

	if (!row->message) {
		assert_null(err.message);
		return;
	}
	assert_int_equal(answer, -1);
	if (strncmp(err.message, row->message, strlen(row->message)) != 0)
		fail_msg("'%s' is refused with '%s'", row->lines[0], err.message);
	assert_int_equal(err.asked == NULL, row->no_line);
	if (row->hint)
		assert_non_null(strstr(err.hint, row->hint));
}

static const struct row refusals[] = {
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
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		check("root", &refusals[i]);
}

/* ---- ordinary users ---- */

static const struct row user_plans[] = {
	{ { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536" }, NULL, NULL },
	{ { "lxc.idmap=u 0 1000 1", "lxc.idmap=g 0 1000 1", "lxc.idmap=u 5 300002 8" }, NULL, NULL },
	/* from one range into the next, and beyond it */
	{ { "lxc.idmap=u 0 164999 2", "lxc.idmap=g 0 100000 1" }, NULL, NULL },
	{ { "lxc.idmap=u 0 164000 2000", "lxc.idmap=g 0 100000 1" },
	  "the uids 165536 to 165999 are not yours to give", "alice:165536:464 to /etc/subuid" },
	{ { "lxc.uts.name=c1" }, "an ordinary user's container needs a user namespace", "lxc.idmap", true },
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
	for (size_t i = 0; i < sizeof user_plans / sizeof user_plans[0]; i++)
		check("user", &user_plans[i]);
}

static void test_users_without_tools(void **state)
{
	static const char *const lines[] = { "lxc.idmap=u 0 100000 65536", "lxc.idmap=g 0 100000 65536", NULL };
	static const char *const own[] = { "lxc.idmap=u 0 1000 1", "lxc.idmap=g 0 1000 1", NULL };
	owned_error err = ERROR_INIT;
	owned_planned planned = { 0 }, other = { 0 };

	(void)state;
	assert_int_equal(plan_lines("user-without-tools", lines, &planned, &err), -1);
	assert_string_equal(err.message, "lxc.idmap cannot be written: newuidmap is not installed");
	assert_non_null(err.asked);
	error_done(&err);
	assert_int_equal(plan_lines("user-without-tools", own, &other, &err), 0);
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
		int answer = plan_lines(user_limits[i].host, lines, &planned, &err);

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
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_users_without_tools),
		cmocka_unit_test(test_limits_of_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
