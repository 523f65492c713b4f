/*
 * What init is to the kernel: capabilities, confinement, ids, namespaces.
 * Called by inspect.c.
 */
#include "container/inspect_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/kernel_text.h"
#include "lib/capability.h"
#include "lib/own.h"

/* ---- capabilities ---- */

static json_t *set_names(uint64_t set)
{
	json_t *array = json_array();

	for (unsigned number = 0; number < 64; number++) {
		const char *name = capability_name(number);
		char text[16];

		if (!(set >> number & 1))
			continue;
		snprintf(text, sizeof text, "%u", number);
		json_array_append_new(array, json_string(name ? name : text));
	}
	return array;
}

json_t *inspect_capabilities(const struct inspection *inspection)
{
	static const struct { const char *name, *field; } sets[] = {
		{ "effective", "CapEff" }, { "permitted", "CapPrm" }, { "inheritable", "CapInh" },
		{ "bounding", "CapBnd" }, { "ambient", "CapAmb" },
	};
	const char *status = inspect_text(inspection, "status");
	json_t *object = json_object();

	for (size_t i = 0; status && i < sizeof sets / sizeof sets[0]; i++) {
		const char *value = kernel_text_field(status, sets[i].field);

		json_object_set_new(object, sets[i].name, value ? set_names(strtoull(value, NULL, 16)) : json_null());
	}
	json_object_set_new(object, "config_bounding", set_names(inspection->state.bounding));
	return object;
}

/* ---- confinement ---- */

static json_t *status_number(const char *status, const char *field)
{
	const char *value = status ? kernel_text_field(status, field) : NULL;

	return value ? json_integer(strtoll(value, NULL, 10)) : json_null();
}

/* With several modules attr/current is another's; AppArmor ends the line. */
static const char *label_of(const struct inspection *inspection)
{
	char *label = inspect_text(inspection, "attr/apparmor/current");

	if (!label)
		label = inspect_text(inspection, "attr/current");
	if (label)
		label[strcspn(label, "\n")] = '\0';
	return label;
}

json_t *inspect_confinement(const struct inspection *inspection)
{
	static const char *const modes[] = { "none", "strict", "filter" };
	const char *status = inspect_text(inspection, "status"), *label = label_of(inspection);
	const char *mode = status ? kernel_text_field(status, "Seccomp") : NULL;
	json_t *object = json_object();

	json_object_set_new(object, "no_new_privs", status_number(status, "NoNewPrivs"));
	json_object_set_new(object, "config_no_new_privs",
			    json_integer(settings_flag(inspection->settings, "lxc.no_new_privs")));
	json_object_set_new(object, "seccomp",
			    mode && *mode >= '0' && *mode <= '2' ? json_string(modes[*mode - '0']) : json_null());
	json_object_set_new(object, "seccomp_filters", status_number(status, "Seccomp_filters"));
	json_object_set_new(object, "config_seccomp", inspect_string(inspection->state.seccomp_profile));
	json_object_set_new(object, "label", inspect_string(label));
	json_object_set_new(object, "config_label", inspect_string(inspection->state.label));
	return object;
}

/* ---- ids ---- */

/* The kernel pads its columns. */
static json_t *map_lines(const char *text)
{
	json_t *array = json_array();
	unsigned long inside, outside, range;
	int used;

	for (; text && sscanf(text, "%lu %lu %lu%n", &inside, &outside, &range, &used) == 3; text += used) {
		char line[80];

		snprintf(line, sizeof line, "%lu %lu %lu", inside, outside, range);
		json_array_append_new(array, json_string(line));
	}
	return array;
}

json_t *inspect_ids(const struct inspection *inspection)
{
	json_t *object = json_object();

	json_object_set_new(object, "uid_map", map_lines(inspect_text(inspection, "uid_map")));
	json_object_set_new(object, "gid_map", map_lines(inspect_text(inspection, "gid_map")));
	json_object_set_new(object, "config_idmap", inspect_config(inspection, "lxc.idmap"));
	return object;
}

/* ---- namespaces ---- */

static json_t *inode_of(int fd)
{
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 ? json_integer((json_int_t)status.st_ino) : json_null();
}

/* The owner: the uid that made the user namespace it belongs to, or it is. */
static json_t *owner_of(int fd, bool is_user)
{
	owned_fd user = is_user ? -1 : ioctl(fd, NS_GET_USERNS);
	uid_t uid;

	if (ioctl(is_user ? fd : user, NS_GET_OWNER_UID, &uid) < 0)
		return json_null();
	return json_integer(uid);
}

static json_t *namespace_tell(const struct inspection *inspection, const char *kind)
{
	const char *path = arena_printf(inspection->arena, "/proc/%d/ns/%s", (int)inspection->state.init, kind);
	owned_fd fd = open(path, O_RDONLY | O_CLOEXEC), user = -1;
	struct stat theirs, ours;
	json_t *object = json_object();

	json_object_set_new(object, "type", json_string(kind));
	if (fd < 0) {
		json_object_set_new(object, "cause", json_string(strerror(errno)));
		return object;
	}
	user = ioctl(fd, NS_GET_USERNS);
	path = arena_printf(inspection->arena, "/proc/self/ns/%s", kind);
	json_object_set_new(object, "inode", inode_of(fd));
	json_object_set_new(object, "user_namespace", inode_of(user));
	json_object_set_new(object, "owner", owner_of(fd, strcmp(kind, "user") == 0));
	json_object_set_new(object, "host", json_boolean(fstat(fd, &theirs) == 0 && stat(path, &ours) == 0 &&
							 theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev));
	return object;
}

json_t *inspect_namespaces(const struct inspection *inspection)
{
	static const char *const kinds[] = { "user", "mnt", "pid", "uts", "ipc", "net", "cgroup", "time" };
	json_t *object = json_object(), *array = json_array();

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		json_array_append_new(array, namespace_tell(inspection, kinds[i]));
	json_object_set_new(object, "kernel", array);
	json_object_set_new(object, "config_clone", inspect_config(inspection, "lxc.namespace.clone"));
	json_object_set_new(object, "config_keep", inspect_config(inspection, "lxc.namespace.keep"));
	json_object_set_new(object, "config_share", inspect_config(inspection, "lxc.namespace.share"));
	return object;
}
