/* lxs-usernet, as admins may write it. */
#include "lib/usernet.h"

#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] = "# alice veth br0 9\n"
			   "alice veth br0 2\n"
			   "\talice veth br0 100\n"
			   "alice   veth\tbr0   3   \n"
			   "alice veth br0\n"
			   "alice veth br0 many\n"
			   "alice veth br0 -5\n"
			   "alice veth br0 4x\n"
			   "alice veth br00 7\n"
			   "alic veth br0 8\n"
			   "@staff veth br0 10\r\n"
			   "@staff veth none 1";

static unsigned allowed(const char *owner, const char *bridge)
{
	return usernet_allowed(text, &(struct usernet_wish){ owner, "veth", bridge });
}

static void test_sums(void **state)
{
	(void)state;
	assert_int_equal(allowed("alice", "br0"), 5);
	assert_int_equal(allowed("alice", "br00"), 7);
	assert_int_equal(allowed("alice", "br"), 0);
	assert_int_equal(allowed("#", "br0"), 0);
	assert_int_equal(allowed("staff", "br0"), 0);
	assert_int_equal(allowed("@staff", "br0"), 10);
	assert_int_equal(allowed("@staff", "none"), 1);
	assert_int_equal(usernet_allowed(text, &(struct usernet_wish){ "alice", "phys", "br0" }), 0);
	assert_int_equal(usernet_allowed("", &(struct usernet_wish){ "alice", "veth", "br0" }), 0);
}

static void test_large(void **state)
{
	char line[300];

	(void)state;
	memset(line, 'a', sizeof line);
	memcpy(line + 150, " veth br0 1", sizeof " veth br0 1");
	assert_false(usernet_line_read(line, &(struct usernet_line){ 0 }));
	assert_true(usernet_allowed("a veth b 99999999999\na veth b 99999999999\n",
				    &(struct usernet_wish){ "a", "veth", "b" }) >= 65536);
}

/* The user, and what groups of the file the process is in: each once. */
static void test_owners(void **state)
{
	const struct group *group = getgrgid(getgid());
	owned_owners owners = { 0 };
	char lines[500];

	(void)state;
	if (!group)
		skip();
	snprintf(lines, sizeof lines,
		 "@no-such-group veth br0 1\n@%s veth br0 1\n# @%s\nbob veth br0 1\n@%s veth br1 1\n@a/b veth br0 1\n",
		 group->gr_name, group->gr_name, group->gr_name);
	usernet_owners_read("alice", lines, &owners);
	assert_int_equal(owners.count, 2);
	assert_string_equal(owners.names[0], "alice");
	assert_int_equal(owners.names[1][0], '@');
	assert_string_equal(owners.names[1] + 1, group->gr_name);
	usernet_owners_done(&owners);
	usernet_owners_read("alice", "", &owners);
	assert_int_equal(owners.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
