/* The books of lxs-user-nic.  "lo", number 1, stands for an interface that is there. */
#include "usernic/usernic.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/netlink.h"
#include "lib/own.h"

static const struct entry there = { "lo", 1, 1000 }, gone = { "lo", 1 << 30, 1000 }, named = { "lo", 0, 1000 },
			  unmade = { "nosuch0", 0, 1000 };

struct scene {
	int socket, books, book;
	pid_t holder;
	char directory[64];
};

static int begin(void **state)
{
	static struct scene scene;

	scene = (struct scene){ .socket = netlink_open(), .directory = "/tmp/test-book.XXXXXX" };
	assert_non_null(mkdtemp(scene.directory));
	scene.books = open(scene.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scene.book = book_open(scene.socket, scene.books, "alice", "br0");
	assert_true(scene.socket >= 0 && scene.book >= 0);
	*state = &scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;
	owned_dir directory = fdopendir(scene->books);

	for (struct dirent *file; (file = readdir(directory));)
		unlinkat(scene->books, file->d_name, 0);
	close(scene->socket);
	close(scene->book);
	return rmdir(scene->directory);
}

static void put(const struct scene *scene, unsigned number, const struct entry *entry)
{
	owned_error err = ERROR_INIT;

	assert_int_equal(slot_write(&(struct slot){ scene->book, number }, entry, &err), 0);
}

/* The number of the slot that is given, -1: none. */
static int taken(struct scene *scene, unsigned allowed)
{
	struct slot slot = { .book = scene->book };

	scene->holder = 0;
	return slot_take(scene->socket, allowed, &slot, &scene->holder) ? (int)slot.number : -1;
}

static void test_take(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(taken(scene, 0), -1);
	assert_int_equal(taken(scene, 1), 0);
	put(scene, 0, &there);
	assert_int_equal(taken(scene, 1), -1);
	assert_int_equal(taken(scene, 2), 1);
	/* Written before it was made: its name counts. */
	put(scene, 1, &named);
	assert_int_equal(taken(scene, 3), 2);
	put(scene, 1, &unmade);
	assert_int_equal(taken(scene, 3), 1);
	put(scene, 0, &gone);
	assert_int_equal(taken(scene, 3), 0);
	/* What nobody understands is nobody's. */
	assert_int_equal(pwrite(scene->book, "what is this", 12, 0), 12);
	assert_int_equal(taken(scene, 1), 0);
	assert_int_equal(scene->holder, 0);
}

static void test_lowered(void **state)
{
	struct scene *scene = *state;

	put(scene, 0, &gone);
	put(scene, 1, &there);
	put(scene, 2, &there);
	assert_int_equal(taken(scene, 2), -1);
	put(scene, 2, &gone);
	assert_int_equal(taken(scene, 2), 0);
}

/* A process that takes a slot and goes no further. */
static pid_t holder_start(struct scene *scene, unsigned allowed)
{
	int ready[2];
	char byte = '\0';
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		byte = (char)('0' + taken(scene, allowed));
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, '0');
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static int found(const struct scene *scene, const char *bridge, const char *nic, uid_t uid)
{
	struct entry like = { .uid = uid };

	snprintf(like.nic, sizeof like.nic, "%s", nic);
	return books_find(scene->socket, scene->books, bridge, &like);
}

static void test_held(void **state)
{
	struct scene *scene = *state;
	pid_t pid = holder_start(scene, 1);

	assert_int_equal(taken(scene, 1), -1);
	assert_int_equal(scene->holder, pid);
	assert_int_equal(taken(scene, 2), 1);
	put(scene, 0, &there);
	/* Taking back waits for no lock. */
	assert_int_equal(found(scene, "br0", "lo", 1000), 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	put(scene, 0, &unmade);
	assert_int_equal(taken(scene, 1), 0);
}

static void test_find(void **state)
{
	struct scene *scene = *state;
	owned_fd group = book_open(scene->socket, scene->books, "@staff:br1", "br0");
	owned_error err = ERROR_INIT;

	put(scene, 0, &named);
	put(scene, 1, &(struct entry){ "lo0", 1, 1000 });
	put(scene, 2, &(struct entry){ "lo", 7, 1000 });
	assert_int_equal(found(scene, "br0", "lo", 1000), 0);
	assert_int_equal(slot_write(&(struct slot){ group, 3 }, &there, &err), 0);
	assert_int_equal(found(scene, "br0", "lo", 1000), 1);
	assert_int_equal(found(scene, "br1", "lo", 1000), 0);
	assert_int_equal(found(scene, "br", "lo", 1000), 0);
	assert_int_equal(found(scene, "br0", "lo", 1001), 0);
	assert_int_equal(found(scene, "br0", "nosuch0", 1000), 0);
	assert_int_equal(found(scene, "br0", "lo0", 1000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_take, begin, end),
		cmocka_unit_test_setup_teardown(test_lowered, begin, end),
		cmocka_unit_test_setup_teardown(test_held, begin, end),
		cmocka_unit_test_setup_teardown(test_find, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
