/* Cgroup hierarchies out of the texts of /proc: every layout there is. */
#include "host/cgroups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char hybrid_mounts[] =
	"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
	"33 31 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
	"34 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n"
	"35 31 0:32 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
	"36 1 0:29 / /srv/guest/cpu rw - cgroup cgroup rw,cpu,cpuacct\n";
static const char unified_mounts[] =
	"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
static const char nested_mounts[] = "31 23 0:28 /lxc/outer /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
static const char odd_mounts[] = "31 23 0:28 / /mnt/with\\040blank rw - cgroup2 cgroup2 rw\nbroken\n\n";

struct expected {
	const char *mountpoint, *controllers, *base, *own;
};

static const struct {
	const char *name, *mounts, *base, *own;
	enum cgroup_mode mode;
	struct expected hierarchies[5];
} layouts[] = {
	{ "hybrid", hybrid_mounts, "4:cpuset:/\n3:cpu,cpuacct:/\n2:name=systemd:/init.scope\n1:hugetlb:/\n0::/init.scope\n",
	  "4:cpuset:/\n3:cpu,cpuacct:/user\n2:name=systemd:/user.slice\n0::/user.slice/a\n", CGROUP_HYBRID,
	  { { "/sys/fs/cgroup/unified", "", "/", "/user.slice/a" },
	    { "/sys/fs/cgroup/cpuset", "cpuset", "/", "/" },
	    { "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct", "/", "/user" },
	    { "/sys/fs/cgroup/systemd", "name=systemd", "/", "/user.slice" } } },
	{ "unified", unified_mounts, "0::/init.scope\n", "0::/user.slice/user-0.slice/session-1.scope\n", CGROUP_UNIFIED,
	  { { "/sys/fs/cgroup", "", "/", "/user.slice/user-0.slice/session-1.scope" } } },
	{ "a place for processes alone", unified_mounts, "0::/lxc.pivot\n", "0::/user.slice/lxs-a-1.scope/lxc.pivot\n",
	  CGROUP_UNIFIED, { { "/sys/fs/cgroup", "", "/", "/user.slice/lxs-a-1.scope" } } },
	{ "unified, and a v1 hierarchy that somebody mounted", unified_mounts, "1:name=old:/\n0::/\n", "0::/\n",
	  CGROUP_UNIFIED, { { "/sys/fs/cgroup", "", "/", "/" } } },
	{ "a part of the hierarchy", nested_mounts, "0::/lxc/outer/init.scope\n", "0::/lxc/outer/x\n", CGROUP_UNIFIED,
	  { { "/sys/fs/cgroup", "", "/", "/x" } } },
	{ "a process outside of what is mounted", nested_mounts, "0::/elsewhere\n", "0::/elsewhere\n", CGROUP_UNIFIED,
	  { { "/sys/fs/cgroup", "", "/", "/" } } },
	{ "no line that can be used", odd_mounts, "0::/\nbroken\n", "", CGROUP_NONE, { { NULL } } },
	{ "no cgroups", "", "", "", CGROUP_NONE, { { NULL } } },
};

static void test_layouts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		owned_arena arena = arena_new();
		struct cgroup_layout found;
		size_t count = 0;

		cgroups_parse(arena, layouts[i].mounts, layouts[i].base, layouts[i].own, &found);
		for (; layouts[i].hierarchies[count].mountpoint; count++) {
			const struct expected *expected = &layouts[i].hierarchies[count];

			if (count >= found.count)
				fail_msg("%s: only %zu hierarchies", layouts[i].name, found.count);
			assert_string_equal(found.hierarchies[count].mountpoint, expected->mountpoint);
			assert_string_equal(found.hierarchies[count].controllers, expected->controllers);
			assert_string_equal(found.hierarchies[count].base, expected->base);
			assert_string_equal(found.hierarchies[count].own, expected->own);
		}
		assert_int_equal(found.count, count);
		assert_int_equal(found.mode, layouts[i].mode);
	}
}

static void test_find(void **state)
{
	struct cgroup_hierarchy hierarchies[] = {
		{ .mountpoint = "v2", .controllers = "memory io", .v2 = true },
		{ .mountpoint = "v1", .controllers = "cpu,cpuacct" },
	};
	struct cgroup_layout layout = { .mode = CGROUP_HYBRID, .hierarchies = hierarchies, .count = 2 };

	(void)state;
	assert_ptr_equal(cgroup_find(&layout, "memory"), &hierarchies[0]);
	assert_ptr_equal(cgroup_find(&layout, "io"), &hierarchies[0]);
	assert_ptr_equal(cgroup_find(&layout, "cpuacct"), &hierarchies[1]);
	assert_ptr_equal(cgroup_find(&layout, ""), &hierarchies[0]);
	assert_null(cgroup_find(&layout, "mem"));
	assert_null(cgroup_find(&layout, "cpuset"));
	assert_null(cgroup_find_version(&layout, "memory", false));
	assert_null(cgroup_find_version(&layout, "", false));
}

/* What lxc.cgroup.use names, of hierarchies "v2" (memory io), "cpu,cpuacct" and "name=systemd". */
static void test_select(void **state)
{
	static const struct { const char *use, *kept; } cases[] = {
		{ "cpu,cpuacct", "v2 cpu,cpuacct " },
		{ "cpuacct, cpu,name=systemd", "v2 cpu,cpuacct name=systemd " },
		{ "cpu", "v2 " }, /* and cpuacct is not named */
		{ "memory", "v2 " },
		{ "cpu,freezer", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cgroup_hierarchy hierarchies[] = {
			{ .mountpoint = "v2", .controllers = "memory io", .v2 = true },
			{ .mountpoint = "cpu,cpuacct", .controllers = "cpu,cpuacct" },
			{ .mountpoint = "name=systemd", .controllers = "name=systemd" },
		};
		struct cgroup_layout layout = { .mode = CGROUP_HYBRID, .hierarchies = hierarchies, .count = 3 };
		owned_error err = ERROR_INIT;
		char kept[64] = "";

		if (!cases[i].kept) {
			assert_int_equal(cgroups_select(&layout, cases[i].use, &err), -1);
			assert_non_null(strstr(err.message, "names freezer"));
			continue;
		}
		assert_int_equal(cgroups_select(&layout, cases[i].use, &err), 0);
		for (size_t n = 0; n < layout.count; n++)
			strcat(strcat(kept, layout.hierarchies[n].mountpoint), " ");
		assert_string_equal(kept, cases[i].kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_select),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
