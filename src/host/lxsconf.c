/*
 * The tool-wide settings: their names and defaults.  What a file says of them
 * is read in host/lxsconf-file.c, which needs a library; most machines have no
 * such file.
 */
#include "host/lxsconf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/lxsconf-file.h"
#include "lib/own.h"

const char *const lxsconf_keys[] = {
	"lxc.default_config", "lxc.lxcpath", "lxc.bdev.lvm.vg", "lxc.bdev.lvm.thin_pool", "lxc.bdev.zfs.root",
	"lxc.cgroup.use", "lxc.cgroup.pattern", NULL
};

/* $VARIABLE/lxs, else ~/FALLBACK/lxs. */
static char *user_path(const char *variable, const char *fallback, const char *tail)
{
	const char *base = getenv(variable), *home = getenv("HOME");
	char *path = NULL;
	int length;

	if (base && *base)
		length = asprintf(&path, "%s/lxs%s", base, tail);
	else
		length = asprintf(&path, "%s/%s/lxs%s", home ? home : "", fallback, tail);
	return length < 0 ? NULL : path;
}

static char *default_lxcpath(void)
{
	return geteuid() == 0 ? strdup(LOCALSTATEDIR "/lib/lxs") : user_path("XDG_DATA_HOME", ".local/share", "");
}

/* A user without a default.conf of his own shares root's. */
static char *default_default_config(void)
{
	owned_str path = NULL;

	if (geteuid() != 0)
		path = user_path("XDG_CONFIG_HOME", ".config", "/default.conf");
	if (path && access(path, R_OK) == 0)
		return steal_ptr(path);
	return strdup(SYSCONFDIR "/lxs/default.conf");
}

static char *default_storage(void)
{
	return strdup("lxs");
}

static char *default_none(void)
{
	return NULL;
}

static const struct setting {
	const char *name;
	char *(*initial)(void);
} settings[] = {
	{ "lxc.lxcpath", default_lxcpath },
	{ "lxc.default_config", default_default_config },
	{ "lxc.bdev.lvm.vg", default_storage },
	{ "lxc.bdev.lvm.thin_pool", default_storage },
	{ "lxc.bdev.zfs.root", default_storage },
	{ "lxc.bdev.rbd.rbdpool", default_storage },
	{ "lxc.bdev.rbd.rbduser", default_none },
	{ "lxc.cgroup.use", default_none },
	{ "lxc.cgroup.pattern", default_none },
};

enum { SETTINGS = sizeof settings / sizeof *settings };

static const struct setting *find_setting(const char *key)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, key) == 0)
			return &settings[i];
	return NULL;
}

static void cut_slashes(char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
}

int lxsconf_get_from(const char *path, const char *key, char **ret, struct error *err)
{
	const struct setting *setting = find_setting(key);
	owned_str value = NULL;

	if (!setting)
		return error_set(err, EINVAL, "unknown setting %s", key);
	if (access(path, F_OK) == 0 && lxsconf_file_get(path, key, &value, err) < 0)
		return -1;
	if (!value)
		value = setting->initial();
	if (value && strcmp(key, "lxc.lxcpath") == 0)
		cut_slashes(value);
	*ret = steal_ptr(value);
	return 0;
}

char *lxsconf_path(bool user)
{
	return user ? user_path("XDG_CONFIG_HOME", ".config", "/lxs.conf") : strdup(SYSCONFDIR "/lxs/lxs.conf");
}

char *lxsconf_cache(bool user)
{
	const char *chosen = getenv("LXC_CACHE_PATH");
	char *path;

	if (chosen && *chosen)
		return asprintf(&path, "%s/lxs", chosen) < 0 ? NULL : path;
	return user ? user_path("XDG_CACHE_HOME", ".cache", "") : strdup(LOCALSTATEDIR "/cache/lxs");
}

int lxsconf_get(const char *key, char **ret, struct error *err)
{
	owned_str path = lxsconf_path(geteuid() != 0);

	if (!path)
		return error_set(err, ENOMEM, "cannot read lxs.conf");
	return lxsconf_get_from(path, key, ret, err);
}
