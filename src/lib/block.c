/*
 * Block devices and images (lib/block.h).  The file system is told by its
 * magic number: trying all that the kernel knows would let a container's image
 * choose the driver that trusts it most.
 */
#include "lib/block.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/mount.h"
#include "lib/own.h"

enum { LOOP_RETRIES = 64, PATH_SIZE = 40 };

static const struct { const char *type; off_t at; const char *magic; size_t length; } magics[] = {
	{ "ext4", 0x438, "\x53\xef", 2 },
	{ "xfs", 0, "XFSB", 4 },
	{ "btrfs", 0x10040, "_BHRfS_M", 8 },
	{ "squashfs", 0, "hsqs", 4 },
	{ "erofs", 0x400, "\xe2\xe1\xf5\xe0", 4 },
	{ "f2fs", 0x400, "\x10\x20\xf5\xf2", 4 },
};

const char *block_probe(int file)
{
	char bytes[8];

	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (pread(file, bytes, magics[i].length, magics[i].at) == (ssize_t)magics[i].length &&
		    memcmp(bytes, magics[i].magic, magics[i].length) == 0)
			return magics[i].type;
	return NULL;
}

/* One try: a number that is free now may be taken by the time it is opened. */
static int loop_try(int control, int image, bool readonly)
{
	const struct loop_config config = {
		.fd = (unsigned)image,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | (readonly ? LO_FLAGS_READ_ONLY : 0),
	};
	int number = ioctl(control, LOOP_CTL_GET_FREE);
	owned_fd device = -1;
	char path[PATH_SIZE];

	if (number < 0)
		return -errno;
	snprintf(path, sizeof path, "/dev/loop%d", number);
	device = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (device < 0)
		return -errno;
	return ioctl(device, LOOP_CONFIGURE, &config) < 0 ? -errno : steal_fd(&device);
}

int loop_open(int image, bool readonly, const struct mount_detail *detail)
{
	owned_fd control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int device = -EBUSY;

	if (control < 0) {
		device = -errno;
		mount_detail_set(detail, "/dev/loop-control");
		return device;
	}
	for (int i = 0; i < LOOP_RETRIES && device == -EBUSY; i++)
		device = loop_try(control, image, readonly);
	if (device < 0)
		mount_detail_set(detail, "a loop device");
	return device;
}

/* By its name in /dev: file systems open their device themselves. */
static int device_mount(int device, const char *type, const char *data, bool readonly, const struct mount_detail *detail)
{
	struct filesystem wanted = { .type = type, .data = data, .readonly = readonly };
	char link[PATH_SIZE], path[256];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", device);
	length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return -errno;
	path[length] = '\0';
	wanted.source = path;
	/* A copy of an image has the identity of its source, which xfs would refuse to mount beside it. */
	if (strcmp(type, "xfs") == 0 && !data)
		wanted.data = "nouuid";
	return filesystem_new(&wanted, detail);
}

int block_mount(int file, bool is_image, const char *data, bool readonly, const struct mount_detail *detail)
{
	owned_fd content = -1, loop = -1;
	char path[PATH_SIZE];
	const char *type;

	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	content = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (content < 0)
		return -errno;
	type = block_probe(content);
	if (!type) {
		mount_detail_set(detail, "it holds no file system that is known (ext4, xfs, btrfs, squashfs, erofs, f2fs)");
		return -ECANCELED;
	}
	if (!is_image)
		return device_mount(content, type, data, readonly, detail);
	loop = loop_open(content, readonly, detail);
	return loop < 0 ? loop : device_mount(loop, type, data, readonly, detail);
}
