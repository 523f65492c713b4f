/* config/confined.c: what takes the rights of a container's root away, whatever was included by which name. */
#include "config/confined.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/read.h"

#define DROPS "lxc.cap.drop = mac_admin sys_module\n"
#define DENIES "lxc.cgroup.devices.deny = a\nlxc.cgroup2.devices.deny = a\n"
#define FILTERS "lxc.seccomp.profile = /p\n"
#define COMMON DROPS DENIES FILTERS
/* As userns.conf does. */
#define LOOSENS "lxc.cap.drop =\nlxc.cgroup.devices.deny =\nlxc.cgroup2.devices.deny =\n"

static struct settings *settings_of(const char *text)
{
	struct settings *settings = settings_new();
	owned_error err = ERROR_INIT;

	if (settings_read_text(settings, "config", text, NULL, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return settings;
}

static void test_check(void **state)
{
	static const struct { const char *text, *says; } rows[] = {
		{ COMMON, NULL },
		{ COMMON "lxc.cap.drop = sys_boot\nlxc.cgroup2.devices.allow = c 1:3 rwm\n", NULL },
		{ LOOSENS COMMON, NULL },
		{ "lxc.idmap = u 0 100000 65536\nlxc.idmap = g 0 100000 65536\n", NULL },
		{ "", "common.conf" },
		{ "# as oci.common.conf\n", "common.conf" },
		{ DENIES FILTERS, "capabilities" },
		{ DENIES FILTERS "lxc.cap.drop = sys_module\n", "capabilities" },
		{ COMMON "lxs.cap.grant = sys_module\n", "capabilities" },
		{ DENIES FILTERS "lxc.cap.keep = sys_module\n", "capabilities" },
		{ DROPS FILTERS "lxc.cgroup.devices.deny = a\n", "devices" },
		{ DROPS FILTERS "lxc.cgroup2.devices.deny = a\n", "devices" },
		{ COMMON "lxc.cgroup2.devices.allow = a\n", "devices" },
		{ DROPS DENIES, "seccomp" },
		{ COMMON LOOSENS, "nothing confines its root" },
		{ "lxc.idmap = u 0 0 65536\nlxc.idmap = g 0 100000 65536\n", "nothing confines its root" },
		{ "lxc.idmap = u 1 100000 65536\nlxc.idmap = u 0 0 1\n", "nothing confines its root" },
		{ "lxc.idmap = g 0 100000 65536\n", "nothing confines its root" },
	};
	owned_settings common = settings_of(COMMON);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		owned_settings settings = settings_of(rows[i].text);
		owned_error err = ERROR_INIT;
		int answer = confined_check(settings, common, &err);

		if ((answer < 0) != (rows[i].says != NULL) || (rows[i].says && !strstr(err.message, rows[i].says)))
			fail_msg("%s: %d %s", rows[i].text, answer, err.message ? err.message : "");
	}
}

/* What the administrator does not take from his own containers is not asked of strangers'. */
static void test_loose_host(void **state)
{
	owned_settings common = settings_of(DROPS);
	owned_settings settings = settings_of(DROPS);
	owned_error err = ERROR_INIT;

	(void)state;
	assert_int_equal(confined_check(settings, common, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_check), cmocka_unit_test(test_loose_host) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
