/*
 * Storage options (commands/specs.h).  Apart from create.c because copies make
 * storage as well.
 */
#include "commands/specs.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/lxsconf.h"
#include "lib/own.h"

int specs_size(const char *text, uint64_t *ret, struct error *err)
{
	static const char units[] = "bkmgt";
	unsigned long long number;
	const char *unit = "m";
	char *end;

	errno = 0;
	number = strtoull(text, &end, 0);
	while (*end == ' ')
		end++;
	if (*end)
		unit = strchr(units, tolower((unsigned char)*end));
	if (errno || !isdigit((unsigned char)*text) || number == 0 || !unit || (*end && end[1]))
		return error_set(err, 0, "'%s' is no size: write a number and one of b k m g t, such as 10G", text);
	if (*end == '\0')
		unit = strchr(units, 'm');
	if (number > UINT64_MAX >> 10 * (unit - units))
		return error_set(err, 0, "the size %s is too large", text);
	*ret = number << 10 * (unit - units);
	return 0;
}

static int from_file(const char *key, const char **field, struct arena *arena, struct error *err)
{
	owned_str value = NULL;

	if (*field)
		return 0;
	if (lxsconf_get(key, &value, err) < 0)
		return -1;
	*field = value ? arena_strdup(arena, value) : NULL;
	return 0;
}

int specs_complete(struct storage_specs *specs, struct arena *arena, struct error *err)
{
	if (from_file("lxc.bdev.lvm.vg", &specs->vg, arena, err) < 0 ||
	    from_file("lxc.bdev.lvm.thin_pool", &specs->thinpool, arena, err) < 0 ||
	    from_file("lxc.bdev.zfs.root", &specs->zfsroot, arena, err) < 0 ||
	    from_file("lxc.bdev.rbd.rbdpool", &specs->rbdpool, arena, err) < 0)
		return -1;
	return from_file("lxc.bdev.rbd.rbduser", &specs->rbduser, arena, err);
}
