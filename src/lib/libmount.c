/* Loads libmount (see libmount.h).  Apart because this is the only place that knows a library's file name. */
#include "lib/libmount.h"

#include <dlfcn.h>
#include <errno.h>
#include <libmount.h>
#include <string.h>

/* POSIX lets a data pointer hold a function; C has no cast for it. */
static int find(const char *name, void *function, struct error *err)
{
	/* Loading it again is cheap: it stays loaded. */
	void *library = dlopen("libmount.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	void *found = library ? dlsym(library, name) : NULL;

	memcpy(function, &found, sizeof found);
	if (found)
		return 0;
	error_set(err, 0, "cannot load libmount: %s", dlerror());
	return error_hint(err, "install libmount, which reads mount options");
}

static const struct libmnt_optmap *find_word(const struct libmnt_optmap *row, const char *name)
{
	for (; row && row->name; row++)
		if (strncmp(row->name, name, strcspn(row->name, "=[")) == 0 &&
		    strlen(name) == strcspn(row->name, "=["))
			return row;
	return NULL;
}

int libmount_word(const char *name, struct libmount_word *ret, struct error *err)
{
	typeof(&mnt_get_builtin_optmap) builtin_options;
	const struct libmnt_optmap *row;

	*ret = (struct libmount_word){ .kind = LIBMOUNT_UNKNOWN };
	if (find("mnt_get_builtin_optmap", &builtin_options, err) < 0)
		return -1;
	row = find_word(builtin_options(MNT_LINUX_MAP), name);
	if (row)
		*ret = (struct libmount_word){ LIBMOUNT_KERNEL, (unsigned)row->id, row->mask & MNT_INVERT };
	else if (find_word(builtin_options(MNT_USERSPACE_MAP), name))
		ret->kind = LIBMOUNT_USERSPACE;
	return 0;
}

char *libmount_plain(const char *field, struct error *err)
{
	typeof(&mnt_unmangle) unmangle;
	char *plain;

	if (find("mnt_unmangle", &unmangle, err) < 0)
		return NULL;
	plain = unmangle(field);
	if (!plain)
		error_set(err, ENOMEM, "cannot read the mount line");
	return plain;
}
