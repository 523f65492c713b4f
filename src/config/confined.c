/* What confines a container (config/confined.h).  Apart because imported containers and images are held against it alike. */
#include "config/confined.h"

#include <linux/capability.h>
#include <string.h>

#include "config/read.h"

/* Root inside is somebody else outside, and so is everybody. */
static bool is_mapped(const struct settings *settings)
{
	const struct values *maps = settings_values(settings, "lxc.idmap");
	bool users = false;

	for (size_t i = 0; i < maps->count; i++) {
		if (maps->items[i].idmap.outside == 0)
			return false;
		users |= maps->items[i].idmap.kind == 'u';
	}
	return users;
}

/* All devices are denied, before some are allowed again. */
static bool denies_devices(const struct settings *settings, const char *family)
{
	const struct values *rules = settings_values(settings, family);
	bool denied = false;

	for (size_t i = 0; i < rules->count; i++) {
		const struct value *rule = &rules->items[i];

		if (strcmp(rule->sub, "devices.deny") == 0 && strcmp(rule->text, "a") == 0)
			denied = true;
		if (strcmp(rule->sub, "devices.allow") == 0 && *rule->text == 'a')
			denied = false;
	}
	return denied;
}

static bool has_profile(const struct settings *settings)
{
	const char *profile = settings_string(settings, "lxc.seccomp.profile");

	return profile && *profile;
}

int confined_check(const struct settings *settings, const struct settings *common, struct error *err)
{
	static const char *const families[] = { "lxc.cgroup", "lxc.cgroup2" };
	const char *lacks = NULL;

	if (is_mapped(settings))
		return 0;
	if (settings_capabilities(settings, CAP_LAST_CAP) & ~settings_capabilities(common, CAP_LAST_CAP))
		lacks = "it keeps capabilities";
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (denies_devices(common, families[i]) && !denies_devices(settings, families[i]))
			lacks = "it has all devices";
	if (has_profile(common) && !has_profile(settings))
		lacks = "it has no lxc.seccomp.profile";
	if (!lacks)
		return 0;
	return error_set(err, 0, "it has neither lxc.idmap nor what common.conf gives (%s), so nothing confines its root", lacks);
}

int confined_check_here(const struct settings *settings, struct error *err)
{
	owned_settings common = NULL;

	if (is_mapped(settings))
		return 0;
	common = settings_new();
	if (settings_read(common, CONFINED_COMMON, NULL, err) < 0)
		return -1;
	return confined_check(settings, common, err);
}
