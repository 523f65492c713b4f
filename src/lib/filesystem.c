/*
 * New mounts (lib/filesystem.h).  Apart from launch/mounts.c because whoever
 * fills or copies a root file system mounts it in the same way.
 */
#include "lib/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/mount.h"
#include "lib/own.h"

/* fsconfig(2) takes no longer text; mount(2) does. */
enum { FSCONFIG_TEXT_MAX = 255 };

void mount_detail_set(const struct mount_detail *detail, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail->text, detail->size, format, arguments);
	va_end(arguments);
}

/* Kernels put what the file system itself has to say into the context's log. */
int filesystem_refusal(int context, int code, const struct mount_detail *detail)
{
	char message[400];
	ssize_t length = read(context, message, sizeof message - 1);

	if (length <= 2 || message[0] != 'e')
		return -code;
	message[length] = '\0';
	message[strcspn(message, "\n")] = '\0';
	mount_detail_set(detail, "%s", message + 2);
	return -code;
}

/* One word of the data: NAME or NAME=VALUE. */
static int word_set(int context, const char *word, size_t length)
{
	char name[FSCONFIG_TEXT_MAX * 2 + 2];
	char *value;

	if (length >= sizeof name)
		return -E2BIG;
	memcpy(name, word, length);
	name[length] = '\0';
	value = strchr(name, '=');
	if (value)
		*value++ = '\0';
	if (value && strlen(value) > FSCONFIG_TEXT_MAX)
		return -E2BIG;
	if (fsconfig(context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, name, value, 0) < 0)
		return -errno;
	return 0;
}

static int words_set(int context, const char *data, const struct mount_detail *detail)
{
	int code = 0;

	while (data && *data) {
		size_t length = strcspn(data, ",");

		if (length > 0)
			code = word_set(context, data, length);
		if (code == -E2BIG)
			return code;
		if (code < 0)
			return filesystem_refusal(context, -code, detail);
		data += length + (data[length] == ',');
	}
	return 0;
}

int filesystem_open(const struct filesystem *wanted, const struct mount_detail *detail)
{
	owned_fd context = fsopen(wanted->type, FSOPEN_CLOEXEC);
	int code;

	if (context < 0)
		return -errno;
	if (strlen(wanted->source) > FSCONFIG_TEXT_MAX)
		return -E2BIG;
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", wanted->source, 0) < 0)
		return filesystem_refusal(context, errno, detail);
	if (wanted->readonly && fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0)
		return filesystem_refusal(context, errno, detail);
	code = words_set(context, wanted->data, detail);
	return code < 0 ? code : steal_fd(&context);
}

int filesystem_finish(int context, uint64_t attributes, const struct mount_detail *detail)
{
	int mount;

	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return filesystem_refusal(context, errno, detail);
	mount = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
	return mount < 0 ? filesystem_refusal(context, errno, detail) : mount;
}

int filesystem_new(const struct filesystem *wanted, const struct mount_detail *detail)
{
	owned_fd context = filesystem_open(wanted, detail);

	return context < 0 ? context : filesystem_finish(context, wanted->attributes, detail);
}

int mount_copy(int directory, const char *path, bool recursive)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*path ? 0 : AT_EMPTY_PATH) |
			 (recursive ? AT_RECURSIVE : 0);
	int mount = open_tree(directory, path, flags);

	return mount < 0 ? -errno : mount;
}

int mount_attach(int mount, int target)
{
	if (move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}
