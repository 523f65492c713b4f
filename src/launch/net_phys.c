/*
 * Interfaces of the host that are lent to a container (type phys).  A network
 * namespace that ends deletes what is virtual and renames the rest, so the
 * container's is held by a mount in the run directory until the interface was
 * fetched out of it: then it comes back also when init and the supervisor were
 * killed.  Called from the table and by journal_undo().
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "control/journal.h"
#include "launch/net.h"
#include "launch/net_script.h"
#include "lib/netlink.h"
#include "lib/own.h"

enum { HARDWARE_TEXT = 3 * NETLINK_HARDWARE_MAX };

/* Once for all interfaces of a container, and one line: it is let go when the last of them has been fetched. */
static int namespace_hold(struct launch *launch, const char *path, struct error *err)
{
	char source[64];
	owned_fd file = -1;

	if (faccessat(launch->run->fd, "netns", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (journal_add(launch->run, "netns", (const char *const[]){ path, NULL }, err) < 0)
		return -1;
	file = openat(launch->run->fd, "netns", O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	snprintf(source, sizeof source, "/proc/%d/ns/net", launch->init);
	if (file < 0 || mount(source, path, NULL, MS_BIND, NULL) < 0)
		return error_set(err, errno, "cannot hold the container's network namespace at %s", path);
	return 0;
}

static void hardware_format(const struct netlink_link *link, char text[static HARDWARE_TEXT])
{
	text[0] = '\0';
	for (size_t i = 0; i < link->hardware_size; i++)
		snprintf(text + 3 * i - (i > 0), 4, i > 0 ? ":%02x" : "%02x", link->hardware[i]);
}

/* NAMESPACE NAME MTU HARDWARE KEY: the key is the name in there, or "#INDEX". */
static int lend_note(struct launch *launch, const char *path, const struct netlink_link *link, const char *name,
		     const char *key, struct error *err)
{
	char mtu[16], hardware[HARDWARE_TEXT];

	snprintf(mtu, sizeof mtu, "%u", link->mtu);
	hardware_format(link, hardware);
	return journal_add(launch->run, "phys", (const char *const[]){ path, name, mtu, hardware, key, NULL }, err);
}

static int lend_refused(const char *name, int code, struct error *err)
{
	error_set(err, -code, "%s cannot be moved into the container", name);
	if (code == -EINVAL || code == -EOPNOTSUPP)
		return error_hint(err, "the kernel lets no interface of its kind leave its network namespace; a macvlan or "
				  "a veth on a bridge may do");
	if (code == -EBUSY)
		return error_hint(err, "it is in use: take it down, or out of what it belongs to, first");
	return -1;
}

/* From here on the index stands for it: inside, it will get another name. */
static int lent_note(struct launch *launch, const char *path, const struct netlink_link *link, const char *name,
		     const char *inner, struct error *err)
{
	owned_fd namespace = open(path, O_RDONLY | O_CLOEXEC);
	owned_fd socket = namespace < 0 ? -errno : netlink_open_in(namespace);
	int index = socket < 0 ? socket : netlink_index(socket, inner);
	char key[16];

	if (index < 0)
		return error_set(err, -index, "cannot find %s in the container", name);
	snprintf(key, sizeof key, "#%d", index);
	return lend_note(launch, path, link, name, key, err);
}

int net_phys_lend(struct launch *launch, const struct step_net_phys *args, struct error *err)
{
	owned_fd socket = netlink_open();
	owned_str path = NULL;
	struct netlink_link link = { 0 };
	struct netlink_change change = { .mtu = args->mtu, .owner = launch->init };
	unsigned char hwaddr[6];
	char inner[IFNAMSIZ];
	int code = socket < 0 ? socket : netlink_link(socket, args->link, &link);

	if (code < 0)
		return net_parent_missing(args->link, code, err);
	if (asprintf(&path, "%s/netns", launch->run->path) < 0)
		return error_set(err, ENOMEM, "cannot lend %s", args->link);
	snprintf(inner, sizeof inner, "lxs%u", args->index);
	change.name = inner;
	if (net_hwaddr_read(args->hwaddr, hwaddr)) {
		change.hardware = hwaddr;
		change.hardware_size = sizeof hwaddr;
	}
	if (namespace_hold(launch, path, err) < 0 || lend_note(launch, path, &link, args->link, inner, err) < 0)
		return -1;
	code = netlink_link_change(socket, link.index, &change);
	if (code < 0)
		return lend_refused(args->link, code, err);
	if (lent_note(launch, path, &link, args->link, inner, err) < 0)
		return -1;
	return net_scripts(launch, &(struct net_scripts){ "phys", args->link, NULL, args->up, args->down }, err);
}

int launch_net_phys(struct launch *launch, const struct step *step, struct error *err)
{
	owned_error why = ERROR_INIT;

	return net_phys_lend(launch, step->args, &why) == 0 ? 0 : net_report(step, &why, err);
}

/* ---- giving back ---- */

static size_t hardware_parse(const char *text, unsigned char bytes[static NETLINK_HARDWARE_MAX])
{
	size_t size = 0;

	while (*text && size < NETLINK_HARDWARE_MAX) {
		char *end;

		bytes[size++] = (unsigned char)strtoul(text, &end, 16);
		text = *end == ':' ? end + 1 : end + strlen(end);
	}
	return size;
}

/* As it was lent; what the container has not changed needs no change. */
static int phys_restore(int socket, const char *name, unsigned mtu, const char *hardware)
{
	unsigned char bytes[NETLINK_HARDWARE_MAX];
	size_t size = hardware_parse(hardware, bytes);
	struct netlink_link link = { 0 };
	struct netlink_change change = { 0 };
	int code = netlink_link(socket, name, &link);

	if (code < 0)
		return code;
	if (link.mtu != mtu)
		change.mtu = mtu;
	if (size > 0 && (size != link.hardware_size || memcmp(bytes, link.hardware, size) != 0)) {
		change.hardware = bytes;
		change.hardware_size = size;
	}
	return change.mtu || change.hardware ? netlink_link_change(socket, link.index, &change) : 0;
}

static int phys_fetch(int inner, int index, const char *name)
{
	owned_fd home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home < 0)
		return -errno;
	return netlink_link_change(inner, index, &(struct netlink_change){ .name = name, .namespace = home });
}

/* Its index in the namespace; -ENODEV: it is not there. */
static int key_find(int inner, const char *key)
{
	int index = key[0] == '#' ? (int)strtol(key + 1, NULL, 10) : netlink_index(inner, key);
	int mtu = index < 0 ? index : netlink_mtu(inner, index);

	return mtu < 0 ? mtu : index;
}

static int phys_return(int inner, int index, char *const *arguments, struct error *err)
{
	const char *name = arguments[1];
	owned_fd host = netlink_open();
	bool taken = host >= 0 && netlink_index(host, name) >= 0;
	int code;

	/* Until the index was noted nothing could be renamed: what has the inner name now is not what was lent. */
	if (taken && arguments[4][0] != '#')
		return 0;
	code = host < 0 ? host : phys_fetch(inner, index, taken ? "phys%d" : name);
	if (code == 0 && taken)
		return error_set(err, EEXIST, "%s came back as 'phys' and a number: the host has another %s", name, name);
	if (code == 0)
		code = phys_restore(host, name, (unsigned)strtoul(arguments[2], NULL, 10), arguments[3]);
	return code < 0 ? error_set(err, -code, "cannot give %s back as it was", name) : 0;
}

int launch_net_undo_phys(char *const *arguments, size_t count, struct error *err)
{
	owned_fd namespace = -1, inner = -1;
	int index;

	if (count != 5)
		return error_set(err, EINVAL, "bad phys line in the journal");
	namespace = open(arguments[0], O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	inner = namespace < 0 ? -errno : netlink_open_in(namespace);
	/* The line is written before the namespace is mounted there. */
	if (inner == -ENOENT || inner == -EINVAL)
		return 0;
	index = inner < 0 ? inner : key_find(inner, arguments[4]);
	if (index == -ENODEV)
		return 0;
	if (index < 0)
		return error_set(err, -index, "cannot look for %s in the container's network", arguments[1]);
	return phys_return(inner, index, arguments, err);
}

int launch_net_undo_namespace(char *const *arguments, size_t count, struct error *err)
{
	if (count != 1)
		return error_set(err, EINVAL, "bad netns line in the journal");
	if (umount2(arguments[0], MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		return error_set(err, errno, "cannot unmount %s", arguments[0]);
	if (unlink(arguments[0]) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove %s", arguments[0]);
	return 0;
}
