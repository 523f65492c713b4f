/*
 * Overlay mounts (lib/overlay.h).  Apart from rootfs_mount.c because of what
 * kernels differ in.
 */
#include "lib/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/mount.h"
#include "lib/own.h"

enum { LAYER_NAME = 32, LOWERS_TEXT = 255 };

static const char *layer_name(int fd, char name[LAYER_NAME])
{
	snprintf(name, LAYER_NAME, "/proc/self/fd/%d", fd);
	return name;
}

static int option_set(int context, const char *option, const char *value, const struct mount_detail *detail)
{
	if (fsconfig(context, FSCONFIG_SET_STRING, option, value, 0) < 0)
		return filesystem_refusal(context, errno, detail);
	return 0;
}

/* All in one text where that is short enough: older kernels know no other way.  Else one option a layer (Linux 6.7). */
static int lowers_set(int context, const struct overlay *overlay, const struct mount_detail *detail)
{
	char name[LAYER_NAME], all[LOWERS_TEXT + 1];
	size_t length = 0;
	int code = 0;

	for (size_t i = 0; i < overlay->lower_count && length < sizeof all; i++)
		length += (size_t)snprintf(all + length, sizeof all - length, "%s/proc/self/fd/%d", i > 0 ? ":" : "",
					   overlay->lowers[i]);
	if (length < sizeof all)
		return option_set(context, "lowerdir", all, detail);
	for (size_t i = 0; i < overlay->lower_count && code == 0; i++)
		code = option_set(context, "lowerdir+", layer_name(overlay->lowers[i], name), detail);
	return code;
}

/*
 * The kernel keeps its notes on files in trusted.* attributes, which need the
 * host's own root; in a user namespace there are user.* ones for it.
 */
static bool is_host_root(void)
{
	unsigned long inside = 1, outside = 1, range = 0;
	char text[128];
	owned_fd map = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	ssize_t got = map < 0 ? -1 : read(map, text, sizeof text - 1);

	if (got <= 0)
		return true;
	text[got] = '\0';
	return sscanf(text, "%lu %lu %lu", &inside, &outside, &range) == 3 && inside == 0 && outside == 0 &&
	       range == 4294967295;
}

int overlay_mount(const struct overlay *overlay, const struct mount_detail *detail)
{
	const struct filesystem wanted = { .type = "overlay", .source = "none", .data = overlay->data };
	owned_fd context = filesystem_open(&wanted, detail);
	char name[LAYER_NAME];
	int code;

	if (context < 0)
		return context;
	code = lowers_set(context, overlay, detail);
	if (code == 0 && overlay->upper >= 0)
		code = option_set(context, "upperdir", layer_name(overlay->upper, name), detail);
	if (code == 0 && overlay->upper >= 0)
		code = option_set(context, "workdir", layer_name(overlay->work, name), detail);
	if (code == 0 && !is_host_root() && fsconfig(context, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0)
		code = filesystem_refusal(context, errno, detail);
	return code < 0 ? code : filesystem_finish(context, 0, detail);
}
