/* provision/identity.c, hostname.c: what is made anew in a copied system, and what is let alone. */
#include "provision/identity.h"

#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "provision/hostname.h"
#include "lib/own.h"
#include "lib/rootfs.h"
#include "place.h"

static void file_make(int root, const char *path, const char *text, mode_t mode)
{
	owned_fd fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void assert_contents(int root, const char *path, const char *text)
{
	char found[256];

	assert_true(rootfs_read(root, path, found, sizeof found) >= 0);
	assert_string_equal(found, text);
}

/* Without "." and ".."; -1: it cannot be read. */
static int entries_count(const char *path)
{
	owned_dir list = opendir(path);
	int count = -2;

	if (!list)
		return -1;
	while (readdir(list))
		count++;
	return count;
}

static int system_make(void **state)
{
	const struct place *place;

	if (place_make(state) < 0)
		return -1;
	place = *state;
	return mkdirat(place->fd, "etc", 0755) < 0 || mkdirat(place->fd, "etc/ssh", 0755) < 0 ? -1 : 0;
}

static void test_only_keys_of_known_types_are_made(void **state)
{
	static const char *const others[] = { "dsa", "rsa1", "-f", "ed25519-sk", "x y" };
	const struct place *place = *state;
	const struct identity identity = { 0 };
	owned_error err = ERROR_INIT;
	char path[64], text[16];

	if (access("/usr/bin/ssh-keygen", X_OK) < 0)
		skip();
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		snprintf(path, sizeof path, "etc/ssh/ssh_host_%s_key", others[i]);
		file_make(place->fd, path, "old", 0600);
	}
	file_make(place->fd, "etc/ssh/ssh_host_ed25519_key", "old", 0600);
	assert_int_equal(identity_renew(place->fd, &identity, &err), 0);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		snprintf(path, sizeof path, "etc/ssh/ssh_host_%s_key", others[i]);
		assert_contents(place->fd, path, "old");
	}
	assert_true(rootfs_read(place->fd, "etc/ssh/ssh_host_ed25519_key", text, sizeof text) > 0);
	assert_non_null(strstr(text, "-----BEGIN"));
}

/* With a /tmp of its own, where nobody else makes keys. */
static void test_a_failure_leaves_no_key_in_tmp(void **state)
{
	const struct place *place = *state;
	const struct identity identity = { 0 };
	owned_error err = ERROR_INIT;
	owned_fd here = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int renewed, left;

	if (access("/usr/bin/ssh-keygen", X_OK) < 0 || unshare(CLONE_NEWNS) < 0)
		skip();
	file_make(place->fd, "etc/ssh/ssh_host_ed25519_key", "old", 0600);
	assert_int_equal(mkdirat(place->fd, "etc/ssh/.lxs-unfinished", 0755), 0); /* in the way */
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("none", "/tmp", "tmpfs", 0, NULL), 0);
	renewed = identity_renew(place->fd, &identity, &err);
	left = entries_count("/tmp");
	assert_int_equal(setns(here, CLONE_NEWNS), 0);
	assert_int_equal(renewed, -1);
	assert_non_null(strstr(err.message, "cannot write /etc/ssh/ssh_host_ed25519_key"));
	assert_int_equal(left, 0);
	assert_contents(place->fd, "etc/ssh/ssh_host_ed25519_key", "old");
}

/* Whoever has the old one open sees it whole. */
static void test_a_file_is_replaced_not_emptied(void **state)
{
	const struct place *place = *state;
	owned_fd before = -1;
	owned_error err = ERROR_INIT;
	struct stat facts;
	char text[16] = "";

	file_make(place->fd, "etc/hostname", "old\n", 0640);
	file_make(place->fd, "etc/.lxs-unfinished", "of a killed command", 0600);
	if (geteuid() == 0)
		assert_int_equal(fchownat(place->fd, "etc/hostname", 12, 34, 0), 0);
	before = openat(place->fd, "etc/hostname", O_RDONLY | O_CLOEXEC);
	assert_int_equal(hostname_renew(place->fd, NULL, "new", &err), 0);
	assert_contents(place->fd, "etc/hostname", "new\n");
	assert_int_equal(read(before, text, sizeof text - 1), 4);
	assert_string_equal(text, "old\n");
	assert_int_equal(fstatat(place->fd, "etc/hostname", &facts, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(facts.st_mode & 07777, 0640);
	assert_int_equal(facts.st_uid, geteuid() == 0 ? 12 : geteuid());
	assert_int_equal(facts.st_gid, geteuid() == 0 ? 34 : getegid());
	assert_int_equal(faccessat(place->fd, "etc/.lxs-unfinished", F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

/* u::rw- u:ID:r-- g::r-- m::r-- o::--- */
struct list_of_access { struct posix_acl_xattr_header header; struct posix_acl_xattr_entry entries[5]; };

static struct list_of_access list_for(uint32_t id)
{
	return (struct list_of_access){ { htole32(POSIX_ACL_XATTR_VERSION) }, {
		{ htole16(ACL_USER_OBJ), htole16(ACL_READ | ACL_WRITE), htole32((uint32_t)ACL_UNDEFINED_ID) },
		{ htole16(ACL_USER), htole16(ACL_READ), htole32(id) },
		{ htole16(ACL_GROUP_OBJ), htole16(ACL_READ), htole32((uint32_t)ACL_UNDEFINED_ID) },
		{ htole16(ACL_MASK), htole16(ACL_READ), htole32((uint32_t)ACL_UNDEFINED_ID) },
		{ htole16(ACL_OTHER), 0, htole32((uint32_t)ACL_UNDEFINED_ID) },
	} };
}

/* And none comes from the directory, as for a new file; another name of the file keeps what it had. */
static void test_attributes_stay_and_so_do_other_names(void **state)
{
	const struct list_of_access own = list_for(7), of_new_files = list_for(8);
	struct list_of_access found;
	const struct place *place = *state;
	owned_error err = ERROR_INIT;
	owned_fd hosts = -1, etc = -1, hostname = -1;
	char comment[8];

	file_make(place->fd, "etc/hosts", "127.0.1.1 old\n", 0640);
	file_make(place->fd, "etc/hostname", "old\n", 0640);
	hosts = openat(place->fd, "etc/hosts", O_RDONLY | O_CLOEXEC);
	etc = openat(place->fd, "etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fsetxattr(hosts, "system.posix_acl_access", &own, sizeof own, 0) < 0 ||
	    fsetxattr(hosts, "user.comment", "mine", 4, 0) < 0)
		skip();
	assert_int_equal(fsetxattr(etc, "system.posix_acl_default", &of_new_files, sizeof of_new_files, 0), 0);
	assert_int_equal(linkat(etc, "hosts", etc, "other-name", 0), 0);
	assert_int_equal(hostname_renew(place->fd, "old", "new", &err), 0);
	own_close_fd(&hosts);
	hosts = openat(place->fd, "etc/hosts", O_RDONLY | O_CLOEXEC);
	hostname = openat(place->fd, "etc/hostname", O_RDONLY | O_CLOEXEC);
	assert_contents(place->fd, "etc/hosts", "127.0.1.1 new\n");
	assert_contents(place->fd, "etc/other-name", "127.0.1.1 old\n");
	assert_int_equal(fgetxattr(hosts, "user.comment", comment, sizeof comment), 4);
	assert_int_equal(fgetxattr(hosts, "system.posix_acl_access", &found, sizeof found), sizeof found);
	assert_memory_equal(&found, &own, sizeof own);
	assert_int_equal(fgetxattr(hostname, "system.posix_acl_access", &found, sizeof found), -1);
}

static void test_links_and_what_is_not_there_stay(void **state)
{
	const struct place *place = *state;
	owned_error err = ERROR_INIT;
	char target[16] = "";

	assert_int_equal(hostname_renew(place->fd, NULL, "new", &err), 0);
	assert_int_equal(faccessat(place->fd, "etc/hostname", F_OK, AT_SYMLINK_NOFOLLOW), -1);
	file_make(place->fd, "etc/other", "kept", 0644);
	assert_int_equal(symlinkat("other", place->fd, "etc/hostname"), 0);
	assert_int_equal(hostname_renew(place->fd, NULL, "new", &err), 0);
	assert_int_equal(readlinkat(place->fd, "etc/hostname", target, sizeof target - 1), 5);
	assert_contents(place->fd, "etc/other", "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_only_keys_of_known_types_are_made, system_make, place_remove),
		cmocka_unit_test_setup_teardown(test_a_failure_leaves_no_key_in_tmp, system_make, place_remove),
		cmocka_unit_test_setup_teardown(test_a_file_is_replaced_not_emptied, system_make, place_remove),
		cmocka_unit_test_setup_teardown(test_attributes_stay_and_so_do_other_names, system_make, place_remove),
		cmocka_unit_test_setup_teardown(test_links_and_what_is_not_there_stay, system_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
