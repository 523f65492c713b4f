/*
 * What a container has to the kernel: cgroups with their limits, mounts, and
 * the devices that its processes hold open.  Called by inspect.c.
 */
#include "container/inspect_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/cgroup.h"
#include "lib/mountinfo.h"
#include "lib/own.h"
#include "lib/text.h"

/* ---- cgroups ---- */

static json_t *limits_of(int directory)
{
	static const char *const files[] = {
		"cpu.max", "cpu.weight", "cpuset.cpus", "cpuset.mems", "io.max", "io.weight", "memory.high", "memory.low",
		"memory.max", "memory.min", "memory.swap.max", "pids.max",
		/* v1 */
		"blkio.weight", "cpu.cfs_period_us", "cpu.cfs_quota_us", "cpu.shares", "memory.limit_in_bytes",
		"memory.memsw.limit_in_bytes", "memory.soft_limit_in_bytes",
	};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char text[4096];

		if (cgroup_read(directory, files[i], text, sizeof text) > 0)
			json_object_set_new(object, files[i], inspect_string(text));
	}
	return object;
}

/* Directories, one a line. */
static json_t *directories_tell(const struct inspection *inspection, const char *lines)
{
	const char *cursor = lines ? lines : "", *line;
	json_t *array = json_array();
	size_t length;

	while ((line = text_word(&cursor, "\n", &length))) {
		const char *path = arena_strndup(inspection->arena, line, length);
		owned_fd directory = cgroup_open(path);
		json_t *object = json_object(), *limits;

		json_object_set_new(object, "directory", inspect_string(path));
		limits = directory >= 0 ? limits_of(directory) : json_object();
		if (json_object_size(limits) > 0)
			json_object_set(object, "limits", limits);
		json_decref(limits);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *inspect_cgroups(const struct inspection *inspection)
{
	json_t *object = json_object();

	json_object_set_new(object, "init", inspect_lines(inspect_text(inspection, "cgroup")));
	json_object_set_new(object, "kernel", directories_tell(inspection, inspection->state.cgroup_limit));
	json_object_set_new(object, "config_cgroup", inspect_config(inspection, "lxc.cgroup"));
	json_object_set_new(object, "config_cgroup2", inspect_config(inspection, "lxc.cgroup2"));
	return object;
}

/* ---- mounts ---- */

static json_t *mount_tell(const struct mountinfo *mount)
{
	json_t *object = json_object();

	json_object_set_new(object, "target", inspect_string(mount->point));
	json_object_set_new(object, "type", inspect_string(mount->type));
	json_object_set_new(object, "source", inspect_string(mount->source));
	json_object_set_new(object, "root", inspect_string(mount->root));
	json_object_set_new(object, "options", inspect_string(mount->options));
	return object;
}

json_t *inspect_mounts(const struct inspection *inspection)
{
	char *text = inspect_text(inspection, "mountinfo"), *line;
	json_t *object = json_object(), *array = json_array();
	struct mountinfo mount;

	while ((line = strsep(&text, "\n")))
		if (mountinfo_parse(line, &mount))
			json_array_append_new(array, mount_tell(&mount));
	json_object_set_new(object, "kernel", array);
	json_object_set_new(object, "config_rootfs", inspect_config(inspection, "lxc.rootfs.path"));
	json_object_set_new(object, "config_auto", inspect_config(inspection, "lxc.mount.auto"));
	json_object_set_new(object, "config_entry", inspect_config(inspection, "lxc.mount.entry"));
	return object;
}

/* ---- devices ---- */

enum { DEPTH = 16 };

struct devices {
	const struct inspection *inspection;
	json_t *found;             /* by "c 5:1" */
};

static void descriptor_look(struct devices *devices, int directory, const char *name, const char *pid)
{
	char key[48], path[512];
	struct stat status;
	json_t *entry;
	ssize_t got;

	if (fstatat(directory, name, &status, 0) < 0 || !(S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)))
		return;
	snprintf(key, sizeof key, "%c %u:%u", S_ISCHR(status.st_mode) ? 'c' : 'b', major(status.st_rdev), minor(status.st_rdev));
	entry = json_object_get(devices->found, key);
	if (!entry) {
		entry = json_object();
		got = readlinkat(directory, name, path, sizeof path - 1);
		path[got > 0 ? got : 0] = '\0';
		json_object_set_new(entry, "device", json_string(key));
		json_object_set_new(entry, "path", inspect_string(path));
		json_object_set_new(entry, "pids", json_array());
		json_object_set_new(devices->found, key, entry);
	}
	entry = json_object_get(entry, "pids");
	if (json_array_size(entry) == 0 || strcmp(json_string_value(json_array_get(entry, json_array_size(entry) - 1)), pid) != 0)
		json_array_append_new(entry, json_string(pid));
}

static void process_look(struct devices *devices, const char *pid)
{
	owned_dir directory = opendir(arena_printf(devices->inspection->arena, "/proc/%s/fd", pid));
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (*entry->d_name != '.')
			descriptor_look(devices, dirfd(directory), entry->d_name, pid);
}

/* All processes of a cgroup and of those below it. */
static void cgroup_look(struct devices *devices, int parent, const char *name, unsigned depth)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	owned_dir directory = fd >= 0 ? fdopendir(fd) : NULL;
	owned_fd list = directory ? openat(dirfd(directory), "cgroup.procs", O_RDONLY | O_CLOEXEC) : -1;
	owned_file procs = list >= 0 ? fdopen(list, "re") : NULL;
	const struct dirent *entry;
	char pid[32];

	if (procs)
		steal_fd(&list);
	while (procs && fscanf(procs, "%31s", pid) == 1)
		process_look(devices, pid);
	while (directory && depth < DEPTH && (entry = readdir(directory)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.')
			cgroup_look(devices, dirfd(directory), entry->d_name, depth + 1);
}

json_t *inspect_devices(const struct inspection *inspection)
{
	struct devices devices = { inspection, json_object() };
	const char *payload = inspection->state.cgroup_payload;
	json_t *object = json_object(), *array = json_array(), *value;
	const char *key;

	if (payload && *payload)
		cgroup_look(&devices, AT_FDCWD, arena_strndup(inspection->arena, payload, strcspn(payload, "\n")), 0);
	else
		process_look(&devices, arena_printf(inspection->arena, "%d", (int)inspection->state.init));
	json_object_foreach(devices.found, key, value)
		json_array_append(array, value);
	json_decref(devices.found);
	json_object_set_new(object, "open", array);
	json_object_set_new(object, "config_cgroup2", inspect_config(inspection, "lxc.cgroup2"));
	return object;
}
