/*
 * Gives a pair, and takes it back: the allowance is found in lxs-usernet, a
 * slot of its book is taken, then the pair is made with its inner end in the
 * caller's namespace at once.
 */
#include "usernic/usernic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "lib/file.h"
#include "lib/host_end.h"
#include "lib/netlink_peer.h"
#include "lib/own.h"
#include "lib/usernet.h"

enum { DRAWS = 16, DEFAULT_MTU = 1500, LAST_SHOWN_UID = 65536 };

/* ---- what is allowed ---- */

/* A file that is not there is an empty one. */
static int usernet_read(char **text, struct error *err)
{
	owned_fd fd = open(USERNET_FILE, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	size_t length;

	if (fd < 0 && errno == ENOENT)
		return (*text = strdup("")) ? 0 : error_set(err, errno, "cannot read " USERNET_FILE);
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_set(err, errno, "cannot open " USERNET_FILE);
	if (status.st_uid != 0 || status.st_mode & 022)
		return error_set(err, EPERM, "others than root can write to " USERNET_FILE);
	return file_read_fd(fd, USERNET_FILE, text, &length, err);
}

static int refuse(const struct caller *caller, const struct wish *wish, unsigned total, pid_t holder, struct error *err)
{
	if (total == 0) {
		error_set(err, 0, "%s may have no %s interface on %s", caller->user, wish->type, wish->bridge);
		return error_hint(err, "root can allow two with the line '%s %s %s 2' in " USERNET_FILE, caller->user, wish->type,
				  wish->bridge);
	}
	error_set(err, 0, "Quota reached: all %u interfaces that %s may have on %s are in use", total, caller->user,
		  wish->bridge);
	if (holder > 0)
		return error_hint(err, "process %d, an lxs-user-nic, holds one: if it is frozen, let it go on", (int)holder);
	return error_hint(err, "stop a container that has one, or raise the number in " USERNET_FILE);
}

/* A slot of the first owner whose allowance is not used up.  The bridge is not asked after: it may not exist. */
static int allowance_take(int socket, int books, const struct caller *caller, const struct wish *wish, struct slot *ret,
			  struct error *err)
{
	owned_str text = NULL;
	owned_owners owners = { 0 };
	unsigned total = 0;
	pid_t holder = 0;

	if (usernet_read(&text, err) < 0)
		return -1;
	usernet_owners_read(caller->user, text, &owners);
	for (size_t i = 0; i < owners.count; i++) {
		unsigned allowed = usernet_allowed(text, &(struct usernet_wish){ owners.names[i], wish->type, wish->bridge });

		if (allowed == 0)
			continue;
		ret->book = book_open(socket, books, owners.names[i], wish->bridge);
		if (ret->book < 0)
			return error_set(err, errno, "cannot open the book of %s", owners.names[i]);
		if (slot_take(socket, allowed, ret, &holder))
			return 0;
		own_close_fd(&ret->book);
		total += allowed;
	}
	return refuse(caller, wish, total, holder, err);
}

/* ---- the pair ---- */

static int name_draw(uid_t uid, char name[static IFNAMSIZ])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	unsigned char dice[6];
	bool shown = uid > 0 && uid <= LAST_SHOWN_UID;
	int used = shown ? snprintf(name, IFNAMSIZ, "veth%u_", (unsigned)uid) : snprintf(name, IFNAMSIZ, "veth");

	if (getrandom(dice, sizeof dice, 0) != sizeof dice)
		return -errno;
	for (size_t i = 0; i < (shown ? 4 : 6); i++)
		name[used++] = letters[dice[i] % (sizeof letters - 1)];
	name[used] = '\0';
	return 0;
}

static int bridge_find(int socket, const char *name, struct netlink_link *ret, struct error *err)
{
	int code;

	*ret = (struct netlink_link){ .mtu = DEFAULT_MTU };
	if (strcmp(name, "none") == 0)
		return 0;
	code = netlink_link(socket, name, ret);
	if (code < 0)
		return error_set(err, code == -ENODEV ? 0 : -code, "there is no bridge %s", name);
	return ret->bridge ? 0 : error_set(err, 0, "%s is not a Linux bridge", name);
}

/* A name nobody has: it is in the book before the pair is made. */
static int pair_make(int socket, const struct slot *slot, struct entry *entry, struct netlink_veth *veth, struct error *err)
{
	unsigned char hwaddr[6];
	int code = -EEXIST;

	if (getrandom(hwaddr, sizeof hwaddr, 0) != sizeof hwaddr)
		return error_set(err, errno, "no random numbers");
	/* A bridge takes the lowest address of its ports as its own: ours must never be that. */
	hwaddr[0] = 0xfe;
	veth->host_hwaddr = hwaddr;
	for (int i = 0; i < DRAWS && code == -EEXIST; i++) {
		code = name_draw(entry->uid, entry->nic);
		if (code == 0 && netlink_index(socket, entry->nic) != -ENODEV)
			code = -EEXIST;
		if (code == 0 && slot_write(slot, entry, err) < 0)
			return -1;
		veth->host_name = entry->nic;
		if (code == 0)
			code = netlink_veth_add(socket, veth);
		/* The name was free: what is taken is the one inside. */
		if (code == -EEXIST && netlink_index(socket, entry->nic) == -ENODEV)
			return error_set(err, 0, "there is an interface %s in the container already", veth->peer_name);
	}
	return code < 0 ? error_set(err, -code, "the kernel makes no veth pair") : code;
}

static int pair_attach(int socket, const struct entry *entry, const char *bridge, int master, struct netlink_peer *peer,
		       struct error *err)
{
	struct netlink_change change = { .master = master, .up = true, .link_local_off = master > 0 };
	int code = master > 0 ? 0 : host_end_distrust(entry->nic);

	if (code < 0) {
		error_set(err, -code, "the host cannot be kept from believing routers behind %s", entry->nic);
		return error_hint(err, HOST_END_REMEDY);
	}
	code = netlink_link_change(socket, entry->index, &change);
	/* A kernel without IPv6 cannot do without its addresses. */
	change.link_local_off = false;
	if (code < 0)
		code = netlink_link_change(socket, entry->index, &change);
	if (code < 0)
		return error_set(err, -code, "the interface cannot become a port of %s", bridge);
	code = netlink_peer(socket, entry->index, peer);
	return code < 0 ? error_set(err, -code, "cannot find the interface in the container") : 0;
}

static int answer(const struct netlink_peer *peer, const struct entry *entry, struct error *err)
{
	if (printf("%s:%d:%s:%d\n", peer->name, peer->index, entry->nic, entry->index) < 0 || fflush(stdout) < 0)
		return error_set(err, errno, "cannot say what was given");
	return 0;
}

static int pair_give(int socket, const struct slot *slot, const struct caller *caller, const struct wish *wish, struct error *err)
{
	struct entry entry = { .uid = caller->uid };
	struct netlink_link bridge;
	struct netlink_peer peer;
	struct netlink_veth veth = { .peer_name = wish->nic, .namespace = wish->namespace };

	if (bridge_find(socket, wish->bridge, &bridge, err) < 0)
		return -1;
	veth.mtu = bridge.mtu;
	entry.index = pair_make(socket, slot, &entry, &veth, err);
	if (entry.index < 0)
		return -1;
	if (slot_write(slot, &entry, err) == 0 && pair_attach(socket, &entry, wish->bridge, bridge.index, &peer, err) == 0 &&
	    answer(&peer, &entry, err) == 0)
		return 0;
	netlink_link_delete(socket, entry.index);
	return -1;
}

int pair_create(int socket, int books, const struct caller *caller, const struct wish *wish, struct error *err)
{
	struct slot slot = { .book = -1 };
	int result = allowance_take(socket, books, caller, wish, &slot, err);

	if (result == 0)
		result = pair_give(socket, &slot, caller, wish, err);
	own_close_fd(&slot.book);
	return result;
}

/* Only what was given to this very user, and is still the same interface; of all else nothing is said. */
int pair_delete(int socket, int books, const struct caller *caller, const struct wish *wish, struct error *err)
{
	struct entry like = { .uid = caller->uid };
	int index, code;

	snprintf(like.nic, sizeof like.nic, "%s", wish->nic);
	index = books_find(socket, books, wish->bridge, &like);
	code = index > 0 ? netlink_link_delete(socket, index) : -ENODEV;
	if (code == -ENODEV)
		return error_set(err, 0, "%s was given no such interface", caller->user);
	return code < 0 ? error_set(err, -code, "cannot remove the interface %s", wish->nic) : 0;
}
