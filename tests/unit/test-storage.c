/*
 * Tests of src/storage's backends on programs of others: which commands they
 * run, and what they make of the answers.  The real lvm and qemu-nbd are asked
 * in tests/integration/vm-storage.bats.
 */
#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/tree.h"
#include "storage/nbd_connect.h"
#include "programs.h"

static void assert_commands(const char *expected)
{
	owned_str log = programs_log();

	assert_string_equal(log, expected);
}

/* name_new() and create(), as a new container does it. */
static int storage_new(const struct storage_ops *ops, const struct storage_request *request, struct arena *arena,
		       char **path, struct error *err)
{
	struct rootfs_source made;

	if (ops->name_new(request, path, err) < 0)
		return -1;
	assert_ptr_equal(storage_of(arena, *path, &made, err), ops);
	return request->from ? ops->clone(request, &made, err) : ops->create(request, &made, err);
}

static int storage_gone(const char *path, struct arena *arena, struct error *err)
{
	struct rootfs_source source;
	const struct storage_ops *ops = storage_of(arena, path, &source, err);

	return ops->destroy(&source, err);
}

static const struct storage_request web = {
	.name = "web", .directory = "/var/lib/lxs/web", .tag = "T#1",
	.specs = { .vg = "vg0", .thinpool = "pool", .zfsroot = "tank/lxs", .rbdpool = "cold" },
};

/* ---- what is made ---- */

static const struct made {
	const char *what, *type, *rules;
	struct storage_request request;
	const char *path, *commands;
} makings[] = {
	{ "a thin volume where the pool is one", "lvm", "lvs --noheadings -o lv_name|0|\nlvs|0|twi-aotz--\n",
	  { .name = "web", .directory = "/x/web", .tag = "T#1", .specs = { .vg = "vg0", .thinpool = "pool", .size = 1 << 20 } },
	  "lvm:/dev/vg0/web",
	  "vgs --noheadings vg0\nlvs --noheadings -o lv_name --select lv_name=\"web\" vg0\nlvs --noheadings -o lv_attr vg0/pool\n"
	  "lvcreate --yes --addtag T#1 --wipesignatures y --setactivationskip n --virtualsize 1048576b --thin --name web vg0/pool\n"
	  "mkfs.ext4 -q -F /dev/vg0/web\n" },
	{ "a plain one where it is none", "lvm", "lvs --noheadings -o lv_name|0|\nlvs|5|\n",
	  { .name = "web", .directory = "/x/web", .tag = "T#1",
	    .specs = { .vg = "vg0", .lv = "data", .thinpool = "pool", .fstype = "xfs" } },
	  "lvm:/dev/vg0/data",
	  "vgs --noheadings vg0\nlvs --noheadings -o lv_name --select lv_name=\"data\" vg0\nlvs --noheadings -o lv_attr vg0/pool\n"
	  "lvcreate --yes --addtag T#1 --wipesignatures y --size 1073741824b --name data vg0\nmkfs.xfs -q -f /dev/vg0/data\n" },
	{ "a data set, with what lies between", "zfs", "zfs list -H -o name tank/lxs|1|\n",
	  { .name = "web", .directory = "/x/web", .tag = "T#1", .specs = { .zfsroot = "tank/lxs" } },
	  "zfs:tank/lxs/web",
	  "zfs list -H -o name tank\nzfs list -H -o name tank/lxs/web\n"
	  "zfs list -H -o name tank/lxs\nzfs create -p tank/lxs\n"
	  "zfs create -o mountpoint=/x/web/rootfs -o canmount=noauto -o lxs:made=T#1 tank/lxs/web\n" },
	{ "an image of a cluster, as the user who was named", "rbd", "rbd info|2|\n",
	  { .name = "web", .directory = "/x/web", .tag = "T#1",
	    .specs = { .rbdpool = "cold", .rbdname = "img", .rbduser = "lxs", .size = (10 << 20) + 1 } },
	  "rbd:/dev/rbd/cold/img",
	  "rbd info cold/img\nrbd create --size 11 cold/img.1 --id lxs\n"
	  "rbd image-meta set cold/img.1 lxs.made T#1 --id lxs\nrbd rename cold/img.1 cold/img --id lxs\nrbd map cold/img --id lxs\n"
	  "mkfs.ext4 -q -F /dev/rbd/cold/img\n" },
};

static void test_making(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof makings / sizeof makings[0]; i++) {
		const struct made *row = &makings[i];
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		owned_str path = NULL;
		const struct storage_ops *ops = storage_find(row->type, &row->request, &err);

		programs_rules(row->rules);
		if (storage_new(ops, &row->request, arena, &path, &err) < 0)
			fail_msg("%s: %s", row->what, err.message);
		assert_string_equal(path, row->path);
		assert_commands(row->commands);
	}
}

static void test_what_is_taken_is_refused_before_anything_is_made(void **state)
{
	static const struct { const char *type, *rules, *message; } rows[] = {
		{ "lvm", "lvs|0|web\n", "cannot make web in vg0: File exists" },
		{ "lvm", "lvs|5|cannot lock\n", "cannot make web in vg0: File exists" },
		{ "lvm", "vgs|5|Volume group \"vg0\" not found\n", "Volume group \"vg0\" not found" },
		{ "zfs", "", "cannot make web in tank/lxs: File exists" },
		{ "zfs", "zfs|1|cannot open 'tank': no such pool\n", "no such pool" },
		{ "rbd", "", "cannot make web in cold: File exists" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_error err = ERROR_INIT;
		owned_str path = NULL;
		const struct storage_ops *ops = storage_find(rows[i].type, &web, &err);

		programs_rules(rows[i].rules);
		assert_int_equal(ops->name_new(&web, &path, &err), -1);
		assert_null(path);
		assert_non_null(strstr(err.message, rows[i].message));
	}
}

static void test_a_snapshot_has_a_name_that_is_free(void **state)
{
	struct storage_request request = web;
	owned_error err = ERROR_INIT;
	owned_str path = NULL;

	(void)state;
	request.name = "snap0";
	request.directory = "/var/lib/lxs/web/snaps/snap0";
	programs_rules("lvs --noheadings -o lv_name --select lv_name=\"web.snap0.2\"|0|\nlvs|0|web.snap0\n");
	assert_int_equal(storage_lvm.name_new(&request, &path, &err), 0);
	assert_string_equal(path, "lvm:/dev/vg0/web.snap0.2");
}

static void test_a_failure_shows_what_the_program_said(void **state)
{
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	owned_str path = NULL;

	(void)state;
	programs_rules("lvs --noheadings -o lv_name|0|\nlvs|5|\nlvcreate|5|Volume group \"vg0\" has insufficient free space (3 extents): 256 required.\n");
	assert_int_equal(storage_new(&storage_lvm, &web, arena, &path, &err), -1);
	assert_non_null(strstr(err.message, "cannot make /dev/vg0/web: lvcreate: "));
	assert_non_null(strstr(err.message, "insufficient free space (3 extents)"));
}

/* ---- copies ---- */

static void test_clones(void **state)
{
	static const struct rootfs_source volume = { .type = "lvm", .path = "/dev/vg1/web" };
	static const struct rootfs_source dataset = { .type = "zfs", .path = "pool/a/web" };
	static const struct {
		const struct storage_ops *ops;
		const struct rootfs_source *from;
		const char *rules, *path, *command;
		bool depends;
	} rows[] = {
		{ &storage_lvm, &volume, "lvs --noheadings -o lv_name|0|\nlvs|0|Vwi-a-tz--\n", "lvm:/dev/vg1/two",
		  "lvcreate --yes --addtag T#1 --snapshot --setactivationskip n --name two vg1/web\n", false },
		{ &storage_lvm, &volume, "lvs --noheadings -o lv_name|0|\nlvs|0|-wi-a-----\n", "lvm:/dev/vg1/two",
		  "lvcreate --yes --addtag T#1 --snapshot --size 1073741824b --name two vg1/web\n", true },
		{ &storage_zfs, &dataset, "zfs list -H -o name pool/a/two|1|\n", "zfs:pool/a/two",
		  "zfs snapshot -o lxs:made=T#1 pool/a/web@two\n"
		  "zfs clone -o mountpoint=/x/two/rootfs -o canmount=noauto -o lxs:made=T#1 pool/a/web@two pool/a/two\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct storage_request request = {
			.name = "two", .directory = "/x/two", .tag = "T#1", .like = rows[i].from, .from = rows[i].from, .specs = web.specs,
		};
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		owned_str path = NULL;
		owned_str log = NULL;

		programs_rules(rows[i].rules);
		assert_int_equal(storage_new(rows[i].ops, &request, arena, &path, &err), 0);
		assert_string_equal(path, rows[i].path);
		log = programs_log();
		assert_non_null(strstr(log, rows[i].command));
		assert_int_equal(rows[i].ops->clone_depends(rows[i].from), rows[i].depends);
	}
}

static void test_a_clone_that_fails_leaves_no_snapshot(void **state)
{
	static const struct rootfs_source dataset = { .type = "zfs", .path = "tank/lxs/web" };
	const struct storage_request request = {
		.name = "two", .directory = "/x/two", .tag = "T#1", .like = &dataset, .from = &dataset, .specs = web.specs,
	};
	owned_arena arena = arena_new();
	owned_error err = ERROR_INIT;
	owned_str path = NULL;

	(void)state;
	programs_rules("zfs list -H -o name tank/lxs/two|1|\nzfs clone|1|out of space\n");
	assert_int_equal(storage_new(&storage_zfs, &request, arena, &path, &err), -1);
	assert_non_null(strstr(err.message, "out of space"));
	assert_commands("zfs list -H -o name tank\nzfs list -H -o name tank/lxs/two\nzfs snapshot -o lxs:made=T#1 tank/lxs/web@two\n"
			"zfs clone -o mountpoint=/x/two/rootfs -o canmount=noauto -o lxs:made=T#1 tank/lxs/web@two tank/lxs/two\n"
			"zfs destroy tank/lxs/web@two\n");
}

/* ---- what is removed ---- */

static void test_removing(void **state)
{
	static const struct { const char *what, *path, *rules, *commands; bool fails; } rows[] = {
		{ "a volume", "lvm:/dev/vg0/web", "", "lvremove --yes --force vg0/web\n", false },
		{ "a volume that is gone", "lvm:/dev/vg0/web", "lvremove|5|Failed to find logical volume\n",
		  "lvremove --yes --force vg0/web\nlvs --noheadings -o lv_name --select lv_name=\"web\" vg0\n", false },
		{ "a volume in use", "lvm:/dev/vg0/web", "lvremove|5|in use\nlvs|0|web\n",
		  "lvremove --yes --force vg0/web\nlvs --noheadings -o lv_name --select lv_name=\"web\" vg0\n", true },
		{ "a volume of a group that does not answer", "lvm:/dev/vg0/web", "lvremove|5|no\nlvs|5|no\n",
		  "lvremove --yes --force vg0/web\nlvs --noheadings -o lv_name --select lv_name=\"web\" vg0\n", true },
		{ "a data set", "zfs:tank/lxs/web", "zfs get|0|-\n",
		  "zfs get -H -o value origin tank/lxs/web\nzfs destroy -r tank/lxs/web\n", false },
		{ "a clone, and its snapshot", "zfs:tank/lxs/two", "zfs get|0|tank/lxs/web@two\n",
		  "zfs get -H -o value origin tank/lxs/two\nzfs destroy -d tank/lxs/web@two\nzfs destroy -r tank/lxs/two\n", false },
		{ "a clone of a snapshot that is somebody's", "zfs:tank/lxs/two", "zfs get|0|tank/lxs/web@monday\n",
		  "zfs get -H -o value origin tank/lxs/two\nzfs destroy -r tank/lxs/two\n", false },
		{ "a data set that is gone", "zfs:tank/lxs/web", "zfs|1|dataset does not exist\n",
		  "zfs get -H -o value origin tank/lxs/web\nzfs list -H -o name tank/lxs/web\n", false },
		{ "a data set with dependants", "zfs:tank/lxs/web", "zfs get|0|-\nzfs destroy|1|has dependent clones\n",
		  "zfs get -H -o value origin tank/lxs/web\nzfs destroy -r tank/lxs/web\n", true },
		{ "an image that is not mapped", "rbd:/dev/rbd/cold/web", "", "rbd rm --no-progress cold/web\n", false },
		{ "an image that is gone", "rbd:/dev/rbd/cold/web", "rbd rm|2|\nrbd info|2|\n",
		  "rbd rm --no-progress cold/web\nrbd info cold/web\nrbd ls cold\n", false },
		{ "a cluster that does not answer", "rbd:/dev/rbd/cold/web", "rbd|1|timed out\n",
		  "rbd rm --no-progress cold/web\nrbd info cold/web\nrbd ls cold\n", true },
		{ "a disk image stays", "nbd:/srv/disk.qcow2:1", "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;

		programs_rules(rows[i].rules);
		if (storage_gone(rows[i].path, arena, &err) != (rows[i].fails ? -1 : 0))
			fail_msg("%s: %s", rows[i].what, err.message ? err.message : "succeeded");
		assert_commands(rows[i].commands);
	}
}

static void test_a_directory_goes_by_its_own_name_alone(void **state)
{
	static const char *const names[] = { "inner/..", "." };
	owned_str kept = NULL;
	owned_str inner = NULL;

	(void)state;
	assert_true(asprintf(&kept, "%s/kept", programs_place) > 0 && asprintf(&inner, "%s/inner", kept) > 0);
	assert_int_equal(mkdir(kept, 0755) | mkdir(inner, 0755), 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		owned_str path = NULL;

		assert_true(asprintf(&path, "dir:%s/%s", kept, names[i]) > 0);
		assert_int_equal(storage_gone(path, arena, &err), -1);
		assert_int_equal(access(inner, F_OK), 0);
	}
}

/* What another command made meanwhile under the same name is not touched by the one that comes too late. */
static void test_an_unfinished_work_takes_back_what_bears_its_tag(void **state)
{
	static const char lvs[] = "lvs --noheadings -o lv_tags --select lv_name=\"web\" vg0\n";
	static const struct { const char *what, *path, *from, *rules, *removed; bool fails; } rows[] = {
		{ "a volume of ours", "lvm:/dev/vg0/web", NULL, "lvs|0|admin,T#1\n", "lvremove --yes --force vg0/web\n", false },
		{ "another's volume", "lvm:/dev/vg0/web", NULL, "lvs|0|T#2\n", "", false },
		{ "a volume without a tag", "lvm:/dev/vg0/web", NULL, "lvs|0|\n", "", false },
		{ "a group that does not answer", "lvm:/dev/vg0/web", NULL, "lvs|5|T#1\n", "", true },
		{ "a data set of ours", "zfs:tank/web", NULL, "zfs get -H -o value -s|0|T#1\nzfs get|0|-\n",
		  "zfs destroy -r tank/web\n", false },
		{ "another's data set", "zfs:tank/web", NULL, "zfs get -H -o value -s|0|T#2\n", "", false },
		{ "a snapshot whose clone is not there yet", "zfs:tank/web", "tank/old",
		  "zfs get -H -o value -s local lxs:made tank/old@web|0|T#1\nzfs get|1|no such data set\n",
		  "zfs destroy tank/old@web\n", false },
		{ "another's snapshot", "zfs:tank/web", "tank/old", "zfs get|0|\n", "", false },
		{ "a pool that does not answer", "zfs:tank/web", NULL, "zfs list|1|no\nzfs get|0|T#1\n", "", true },
		{ "an image of ours", "rbd:/dev/rbd/cold/web", NULL, "rbd info|2|\nrbd image-meta|0|T#1\n",
		  "rbd rm --no-progress cold/web\n", false },
		{ "an image that has no mark yet", "rbd:/dev/rbd/cold/web", NULL, "rbd image-meta|2|\n",
		  "rbd rm --no-progress cold/web.1\n", false },
		{ "another's image", "rbd:/dev/rbd/cold/web", NULL, "rbd info|2|\nrbd image-meta|0|T#2\n", "", false },
		{ "a cluster that does not answer", "rbd:/dev/rbd/cold/web", NULL, "rbd ls|1|no\n", "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct rootfs_source made;
		const struct storage_ops *ops = storage_of(arena, rows[i].path, &made, &err);
		const struct storage_work work = { "T#1", rows[i].from };
		owned_str log = NULL;

		programs_rules(rows[i].rules);
		if (ops->withdraw(&made, &work, &err) != (rows[i].fails ? -1 : 0))
			fail_msg("%s: %s", rows[i].what, err.message ? err.message : "succeeded");
		log = programs_log();
		if (!*rows[i].removed && (strstr(log, "lvremove") || strstr(log, "zfs destroy") || strstr(log, "rbd rm")))
			fail_msg("%s: %s", rows[i].what, log);
		if (!strstr(log, rows[i].removed))
			fail_msg("%s: %s", rows[i].what, log);
		assert_true(!text_starts(rows[i].path, "lvm") || text_starts(log, lvs));
	}
}

/* ---- before a start ---- */

static void test_devices_that_are_not_there_yet_appear(void **state)
{
	static const struct { const char *path, *commands; } rows[] = {
		{ "lvm:/dev/vg0/web", "lvchange --activate y --ignoreactivationskip vg0/web\n" },
		{ "rbd:/dev/rbd/cold/web", "rbd map cold/web\n" },
		{ "lvm:/dev/null", "" },
		{ "dir:/srv", "" },
		{ "zfs:tank/lxs/web", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct rootfs_source source;
		int device;

		programs_rules("");
		assert_non_null(storage_of(arena, rows[i].path, &source, &err));
		assert_int_equal(storage_attach(&source, &device, &err), 0);
		assert_int_equal(device, -1);
		assert_commands(rows[i].commands);
	}
}

/* ---- disk images: their server must not outlive a failure, or whoever wanted it ---- */

/* In place of qemu-nbd: tells its number by a FIFO, then does as it is told. */
static void server_set(const char *then)
{
	owned_str path = NULL;
	owned_str text = NULL;

	assert_true(asprintf(&path, "%s/started", programs_place) > 0);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(asprintf(&text, "#!/bin/sh\necho $$ >%s\n%s\n", path, then) > 0);
	programs_write("qemu-nbd", text, 0755);
	programs_write("disk", "", 0600);
}

static int nbd_try(struct error *err)
{
	owned_str path = NULL;

	assert_true(asprintf(&path, "%s/disk", programs_place) > 0);
	return nbd_connect(path, 0, err);
}

/* Waits until it runs; its pidfd. */
static int server_await(void)
{
	owned_str path = NULL;
	char text[32] = "";
	owned_fd fifo = -1;

	assert_true(asprintf(&path, "%s/started", programs_place) > 0);
	fifo = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(read(fifo, text, sizeof text - 1) > 0);
	return proc_open(atoi(text));
}

static void assert_ends(int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	if (pidfd == -ESRCH)
		return;
	assert_int_equal(poll(&end, 1, 20000), 1);
	close(pidfd);
}

static void test_a_server_ends_with_whoever_is_killed_while_it_waits(void **state)
{
	owned_error err = ERROR_INIT;
	int server;
	pid_t pid;

	(void)state;
	server_set("exec tail -f /dev/null");
	pid = fork();
	if (pid == 0)
		_exit(nbd_try(&err) < 0);
	server = server_await();
	assert_true(server >= 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_true(WIFSIGNALED(proc_wait(pid)));
	assert_ends(server);
}

static void test_a_server_that_greets_wrongly_is_ended(void **state)
{
	owned_str self = realpath("/proc/self/exe", NULL);
	owned_str program = NULL;
	owned_error err = ERROR_INIT;
	int server;
	pid_t pid;

	(void)state;
	assert_true(asprintf(&program, "exec %s greet", self) > 0);
	server_set(program);
	pid = fork();
	if (pid == 0)
		_exit(nbd_try(&err) < 0 && strstr(err.message, "disk: qemu-nbd does not answer") ? 7 : 0);
	server = server_await();
	assert_int_equal(WEXITSTATUS(proc_wait(pid)), 7);
	assert_ends(server);
}

static void test_a_server_that_fails_says_why(void **state)
{
	owned_error err = ERROR_INIT;
	pid_t pid;

	(void)state;
	server_set("echo it is broken >&2; exit 1");
	pid = fork();
	if (pid == 0)
		_exit(nbd_try(&err) < 0 && strstr(err.message, "disk: qemu-nbd: it is broken") ? 7 : 0);
	assert_ends(server_await());
	assert_int_equal(WEXITSTATUS(proc_wait(pid)), 7);
}

/* The program in place of qemu-nbd once more: it takes the connection, says what is no greeting, and stays. */
static int greet(void)
{
	static const char noise[64] = "220 welcome";
	owned_fd client = accept(3, NULL, NULL);

	if (write(client, noise, sizeof noise) < 0)
		return 1;
	pause();
	return 0;
}

static void test_best_looks(void **state)
{
	owned_error err = ERROR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	programs_rules("zfs|1|\nvgs|5|\n");
	assert_ptr_equal(storage_find("best", &web, &err), &storage_dir);
	programs_rules("zfs|1|\n");
	assert_ptr_equal(storage_find("best", &web, &err), &storage_lvm);
	programs_rules("");
	assert_ptr_equal(storage_find("best", &web, &err), &storage_zfs);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_making),
		cmocka_unit_test(test_what_is_taken_is_refused_before_anything_is_made),
		cmocka_unit_test(test_a_snapshot_has_a_name_that_is_free),
		cmocka_unit_test(test_a_failure_shows_what_the_program_said),
		cmocka_unit_test(test_clones),
		cmocka_unit_test(test_a_clone_that_fails_leaves_no_snapshot),
		cmocka_unit_test(test_removing),
		cmocka_unit_test(test_a_directory_goes_by_its_own_name_alone),
		cmocka_unit_test(test_an_unfinished_work_takes_back_what_bears_its_tag),
		cmocka_unit_test(test_devices_that_are_not_there_yet_appear),
		cmocka_unit_test(test_a_server_ends_with_whoever_is_killed_while_it_waits),
		cmocka_unit_test(test_a_server_that_greets_wrongly_is_ended),
		cmocka_unit_test(test_a_server_that_fails_says_why),
		cmocka_unit_test(test_best_looks),
	};

	if (argc > 1 && strcmp(argv[1], "greet") == 0)
		return greet();
	return cmocka_run_group_tests(tests, programs_make, programs_remove);
}
