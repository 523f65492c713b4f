/*
 * provision/remains.c: what a destroy that was killed right behind the removal
 * of the storage leaves to the next one, where others can have got the name.
 */
#include "provision/remains.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "programs.h"
#include "provision/provision.h"
#include "provision/snapshot.h"

static const struct kind {
	const char *path, *dies, *same, *other, *gone, *silent, *removal;
} kinds[] = {
	{ "lvm:/dev/vg0/web", "lvs|0|Dt3zYP\nlvremove|kill|\n", "lvs|0|Dt3zYP\n", "lvs|0|x9KlQw\n", "lvs|0|\n", "lvs|5|no\n",
	  "lvremove" },
	{ "zfs:tank/web", "zfs get -H -o value guid|0|77\nzfs get|0|-\nzfs destroy|kill|\n",
	  "zfs get -H -o value guid|0|77\nzfs get|0|-\n", "zfs get -H -o value guid|0|78\nzfs get|0|-\n",
	  "zfs get|1|\nzfs list -H -o name tank/web|1|\n", "zfs|1|no\n", "zfs destroy" },
	{ "rbd:/dev/rbd/cold/web", "rbd info|0|block_name_prefix: rbd_data.1\nrbd rm|kill|\n",
	  "rbd info|0|block_name_prefix: rbd_data.1\n", "rbd info|0|block_name_prefix: rbd_data.10\n", "rbd info|2|\n",
	  "rbd|1|no\n", "rbd rm" },
};

static int destroy_all(bool snapshots)
{
	owned_container container = { 0 };
	owned_error err = ERROR_INIT;

	return container_init(programs_place, "web", &container, &err) < 0 ? -1 : container_destroy(&container, false, snapshots, &err);
}

static int destroy(void)
{
	return destroy_all(false);
}

static void directory_make(const char *name)
{
	owned_str path = NULL;

	assert_true(asprintf(&path, "%s/%s", programs_place, name) > 0);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void config_make(const char *name, const char *rootfs)
{
	owned_str config = NULL;
	owned_str text = NULL;

	directory_make(name);
	assert_true(asprintf(&text, "lxc.rootfs.path = %s\n", rootfs) > 0 && asprintf(&config, "%s/config", name) > 0);
	programs_write(config, text, 0644);
}

static void container_make(const char *path)
{
	config_make("web", path);
}

/* How the program that removes the storage finds its caller: dead before it is done. */
static void destroy_killed(const struct kind *kind)
{
	pid_t pid;

	container_make(kind->path);
	programs_rules(kind->dies);
	pid = fork();
	if (pid == 0)
		_exit(destroy() < 0);
	assert_true(WIFSIGNALED(proc_wait(pid)));
}

static void assert_ends(const struct kind *kind, const char *what, const char *rules, bool removed)
{
	owned_str log = NULL;
	owned_str directory = NULL;

	destroy_killed(kind);
	programs_rules(rules);
	if (destroy() < 0)
		fail_msg("%s has %s: it cannot be destroyed", kind->path, what);
	log = programs_log();
	if ((strstr(log, kind->removal) != NULL) != removed)
		fail_msg("%s has %s:\n%s", kind->path, what, log);
	assert_true(asprintf(&directory, "%s/web", programs_place) > 0);
	assert_int_equal(access(directory, F_OK), -1);
}

static void test_a_killed_destroy_is_ended_on_what_it_was_about(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		assert_ends(&kinds[i], "the same", kinds[i].same, true);
		assert_ends(&kinds[i], "another", kinds[i].other, false);
		assert_ends(&kinds[i], "none", kinds[i].gone, false);
	}
}

/* What is mounted somewhere else or has dependants of others goes on being a container. */
static void test_storage_that_cannot_be_removed_keeps_the_container(void **state)
{
	owned_str marker = NULL;
	owned_str rules = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_true(asprintf(&marker, "%s/web/partial", programs_place) > 0);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		own_free(&rules);
		assert_true(asprintf(&rules, "%s|1|in use\n%s", kinds[i].removal, kinds[i].same) > 0);
		container_make(kinds[i].path);
		programs_rules(rules);
		assert_int_equal(destroy(), -1);
		assert_int_equal(access(marker, F_OK), -1);
		programs_rules(kinds[i].same);
		assert_int_equal(destroy(), 0);
	}
}

/* The directory of one goes with its container; what it has elsewhere has no other name than in there. */
static void test_a_snapshot_that_was_killed_goes_with_its_container(void **state)
{
	owned_str log = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	container_make("lvm:/dev/vg0/web");
	directory_make("web/snaps");
	directory_make("web/snaps/snap0");
	programs_write("web/snaps/snap0/partial", "claimed\nwhole\nrootfs lvm:/dev/vg0/web.snap0\ntag T#1\n", 0600);
	programs_rules("lvs --noheadings -o lv_tags|0|T#1\nlvs|0|Dt3zYP\n");
	assert_int_equal(destroy_all(true), 0);
	log = programs_log();
	assert_non_null(strstr(log, "lvremove --yes --force vg0/web.snap0\n"));
	assert_non_null(strstr(log, "lvremove --yes --force vg0/web\n"));
}

/* A restoration that was killed when the copy was whole, and not yet in its place: the next one begins anew. */
static void test_a_copy_that_was_not_put_in_its_place_goes_whole(void **state)
{
	owned_container container = { 0 };
	owned_error err = ERROR_INIT;
	owned_str log = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	container_make("lvm:/dev/vg0/web");
	directory_make("web/snaps");
	config_make("web/snaps/snap0", "lvm:/dev/vg0/web.snap0");
	config_make("web/snaps/restoring", "lvm:/dev/vg0/web.restoring");
	programs_rules("lvs|0|Dt3zYP\nvgs|5|no more of it is needed here\n");
	assert_int_equal(container_init(programs_place, "web", &container, &err), 0);
	assert_int_equal(snapshot_restore(&container, "snap0", NULL, &err), -1);
	assert_non_null(strstr(err.message, "no more of it"));
	log = programs_log();
	assert_non_null(strstr(log, "lvremove --yes --force vg0/web.restoring\n"));
	assert_null(strstr(log, "lvremove --yes --force vg0/web\n"));
	programs_rules("lvs|0|Dt3zYP\n");
	assert_int_equal(destroy_all(true), 0);
}

/* Storage that cannot be looked at now may be there tomorrow: nothing is forgotten. */
static void test_storage_that_does_not_answer_stays_known(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		owned_str log = NULL;

		destroy_killed(&kinds[i]);
		programs_rules(kinds[i].silent);
		assert_int_equal(destroy(), -1);
		programs_rules(kinds[i].same);
		assert_int_equal(destroy(), 0);
		log = programs_log();
		assert_non_null(strstr(log, kinds[i].removal));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_killed_destroy_is_ended_on_what_it_was_about),
		cmocka_unit_test(test_storage_that_cannot_be_removed_keeps_the_container),
		cmocka_unit_test(test_a_snapshot_that_was_killed_goes_with_its_container),
		cmocka_unit_test(test_a_copy_that_was_not_put_in_its_place_goes_whole),
		cmocka_unit_test(test_storage_that_does_not_answer_stays_known),
	};

	return cmocka_run_group_tests(tests, programs_make, programs_remove);
}
