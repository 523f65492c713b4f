/*
 * Mount options as people write them: one row a text, with what must come of
 * it.
 */
#include "plan/mount_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

#define ATIME MOUNT_ATTR__ATIME

static const struct {
	const char *text;
	struct mount_options options;
} rows[] = {
	{ "", { 0 } },
	{ "defaults", { 0 } },
	{ "ro", { .attr_set = MOUNT_ATTR_RDONLY } },
	{ "ro,rw", { 0 } },
	{ "nosuid,nodev,noexec", { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC } },
	{ "noexec,exec", { 0 } },
	{ "noatime", { .attr_set = MOUNT_ATTR_NOATIME, .attr_clear = ATIME } },
	{ "noatime,strictatime", { .attr_set = MOUNT_ATTR_STRICTATIME, .attr_clear = ATIME } },
	{ "noatime,relatime", { .attr_clear = ATIME } },
	{ "nosymfollow", { .attr_set = MOUNT_ATTR_NOSYMFOLLOW } },
	{ "bind", { .bind = true } },
	{ "rbind", { .bind = true, .recursive = true } },
	{ "bind,dev", { .bind = true, .attr_clear = MOUNT_ATTR_NODEV } },
	{ "bind,rw", { .bind = true } },
	{ "remount,bind,ro", { .bind = true, .remount = true, .attr_set = MOUNT_ATTR_RDONLY } },
	{ "move", { .move = true } },
	{ "slave", { .propagation = MS_SLAVE } },
	{ "rshared", { .propagation = MS_SHARED | MS_REC } },
	{ "private,runbindable", { .propagation = MS_UNBINDABLE | MS_REC } },
	{ "size=10%,mode=0755", { .data = "size=10%,mode=0755" } },
	{ "size=1m,ro,mode=1777", { .attr_set = MOUNT_ATTR_RDONLY, .data = "size=1m,mode=1777" } },
	{ "rootcontext=x,device=y", { .data = "rootcontext=x,device=y" } },
	{ "lowerdir=/a:/b,upperdir=/c", { .data = "lowerdir=/a:/b,upperdir=/c" } },
	{ "context=\"a,b\"", { .data = "context=\"a,b\"" } },
	{ "sync,lazytime", { .data = "sync,lazytime" } },
	{ "x-systemd.automount,nofail,_netdev,user,noauto", { 0 } },
	{ "create=dir", { .create = 'd' } },
	{ "create=file,optional,relative", { .create = 'f', .optional = true, .relative = true } },
	{ "idmap=container", { .idmap = "container" } },
	{ ",,bind,,ro,", { .bind = true, .attr_set = MOUNT_ATTR_RDONLY } },
};

static void same_text(const char *text, const char *what, const char *got, const char *expected)
{
	if (strcmp(got ? got : "(none)", expected ? expected : "(none)") != 0)
		fail_msg("'%s': %s is '%s', not '%s'", text, what, got ? got : "(none)", expected ? expected : "(none)");
}

static void same_number(const char *text, const char *what, uint64_t got, uint64_t expected)
{
	if (got != expected)
		fail_msg("'%s': %s is %#llx, not %#llx", text, what, (unsigned long long)got,
			 (unsigned long long)expected);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		const struct mount_options *expected = &rows[i].options;
		const char *text = rows[i].text;
		struct mount_options got;

		if (mount_options_parse(arena, text, &got, &err) < 0)
			fail_msg("'%s': %s", text, err.message);
		same_number(text, "attr_set", got.attr_set, expected->attr_set);
		same_number(text, "attr_clear", got.attr_clear, expected->attr_clear);
		same_number(text, "propagation", got.propagation, expected->propagation);
		same_number(text, "bind", got.bind, expected->bind);
		same_number(text, "recursive", got.recursive, expected->recursive);
		same_number(text, "remount", got.remount, expected->remount);
		same_number(text, "move", got.move, expected->move);
		same_number(text, "optional", got.optional, expected->optional);
		same_number(text, "relative", got.relative, expected->relative);
		same_number(text, "create", (unsigned char)got.create, (unsigned char)expected->create);
		same_text(text, "data", got.data, expected->data);
		same_text(text, "idmap", got.idmap, expected->idmap);
	}
}

static void test_refusals(void **state)
{
	static const char *const texts[] = { "create", "create=", "create=link", "idmap", "idmap=" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct mount_options got;

		if (mount_options_parse(arena, texts[i], &got, &err) == 0)
			fail_msg("'%s' is accepted", texts[i]);
		assert_non_null(err.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
