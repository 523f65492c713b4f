/*
 * lxs-user-nic, the one program of lxs that users may run as root: it gives
 * their containers interfaces on bridges, as root allows in lxs-usernet.  The
 * command line is lxc-user-nic's.  From its caller it takes names and open
 * descriptors: LXCPATH is not looked at, a namespace is a pid, opened with the
 * caller's own rights, or a descriptor, and what it says of things that are
 * not the caller's is the same whether they exist or not.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/netlink.h"
#include "lib/own.h"
#include "lib/usernet.h"
#include "usernic/usernic.h"

/* Positions of the words. */
enum { ACTION = 1, LXCPATH, NAME, NAMESPACE, TYPE, BRIDGE, NIC };

static int usage(void)
{
	fprintf(stderr,
		"Usage: lxs-user-nic create LXCPATH NAME PID TYPE BRIDGE [NIC]\n"
		"       lxs-user-nic delete LXCPATH NAME NETNS TYPE BRIDGE NIC\n\n"
		"PID may be fd:N, a descriptor of a network namespace. NETNS is not looked at:\n"
		"who was given an interface may have it removed.\n");
	return EXIT_FAILURE;
}

static bool is_interface_name(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length >= IFNAMSIZ || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return false;
	for (; *text; text++)
		if (!isgraph((unsigned char)*text) || *text == '/' || *text == ':' || *text == '%')
			return false;
	return true;
}

static int words_check(char *const *words, struct error *err)
{
	if (strcmp(words[TYPE], "veth") != 0)
		return error_set(err, 0, "interfaces are of type veth");
	if (!is_interface_name(words[BRIDGE]))
		return error_set(err, 0, "that is no name of a bridge");
	if (words[NIC] && !is_interface_name(words[NIC]))
		return error_set(err, 0, "that is no name of an interface");
	return 0;
}

static int create(int socket, int books, const struct caller *caller, char *const *words, int namespace, struct error *err)
{
	const struct wish wish = { words[TYPE], words[BRIDGE], words[NIC] ? words[NIC] : "eth%d", namespace };

	if (!namespace_belongs(namespace, caller->uid)) {
		error_set(err, 0, "there is no network namespace of %s's own at %s", caller->user, words[NAMESPACE]);
		return error_hint(err, "it must belong to a user namespace that %s made", caller->user);
	}
	return pair_create(socket, books, caller, &wish, err);
}

static int delete(int socket, int books, const struct caller *caller, char *const *words, struct error *err)
{
	return pair_delete(socket, books, caller, &(struct wish){ words[TYPE], words[BRIDGE], words[NIC], -1 }, err);
}

static int run(char *const *words, bool creates, struct error *err)
{
	struct caller caller = { .uid = getuid() };
	owned_fd namespace = -1, socket = -1, books = -1;
	owned_str user = NULL;

	if (caller_become(err) < 0 || words_check(words, err) < 0)
		return -1;
	if (creates)
		namespace = namespace_open(words[NAMESPACE]);
	if (privilege_take(err) < 0)
		return -1;
	socket = netlink_open();
	if (socket < 0)
		return error_set(err, -socket, "no netlink socket");
	books = books_open(err);
	if (books < 0)
		return -1;
	user = usernet_user(caller.uid);
	if (!user)
		return error_set(err, 0, "user %u has no name", (unsigned)caller.uid);
	caller.user = user;
	return creates ? create(socket, books, &caller, words, namespace, err)
		       : delete(socket, books, &caller, words, err);
}

int main(int argc, char **argv)
{
	owned_error err = ERROR_INIT;
	char *words[NIC + 1] = { NULL };
	bool creates;

	umask(077);
	clearenv();
	if (argc < NIC || argc > NIC + 1)
		return usage();
	memcpy(words, argv, (size_t)argc * sizeof *words);
	creates = strcmp(words[ACTION], "create") == 0;
	if (!creates && (strcmp(words[ACTION], "delete") != 0 || !words[NIC]))
		return usage();
	if (run(words, creates, &err) == 0)
		return EXIT_SUCCESS;
	error_print(&err, stderr, "lxs-user-nic", NULL);
	return EXIT_FAILURE;
}
