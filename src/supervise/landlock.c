/*
 * Landlock for the process that a container and its clients talk to.  By raw
 * calls: there are three, and the supervisor links to nothing.  What is open
 * already stays usable; of the rest it needs new terminals alone, for clients
 * of the console.
 */
#include "supervise/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/own.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* As in linux/landlock.h, which older systems have in part or not at all. */
enum { VERSION_ASKED = 1, RULE_PATH_BENEATH = 1 };
enum { FS_WRITE_FILE = 1 << 1, FS_READ_FILE = 1 << 2, FS_IOCTL_DEV = 1 << 15, FS_OF_VERSION_1 = (1 << 13) - 1 };

struct ruleset { uint64_t files, network, scopes; };
struct path_rule { uint64_t allowed; int32_t parent; } __attribute__((packed));

/* All that a version of the kernel's Landlock can forbid. */
static struct ruleset everything(long version)
{
	struct ruleset ruleset = { .files = FS_OF_VERSION_1 };

	if (version >= 2)
		ruleset.files |= 1 << 13; /* renames to other directories */
	if (version >= 3)
		ruleset.files |= 1 << 14; /* truncation */
	if (version >= 4)
		ruleset.network = 3;      /* bind and connect of TCP */
	if (version >= 5)
		ruleset.files |= FS_IOCTL_DEV;
	if (version >= 6)
		ruleset.scopes = 3;       /* abstract sockets and signals to others */
	return ruleset;
}

static int allow_terminals(int ruleset, uint64_t handled)
{
	static const char *const places[] = { "/dev/ptmx", "/dev/pts" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		owned_fd place = open(places[i], O_PATH | O_CLOEXEC);
		const struct path_rule rule = {
			.allowed = (FS_READ_FILE | FS_WRITE_FILE | FS_IOCTL_DEV) & handled, .parent = place,
		};

		/* Without terminals on the host there are none to be opened. */
		if (place >= 0 && syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0)
			return -1;
	}
	return 0;
}

int landlock_confine(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_ASKED);
	const struct ruleset wanted = everything(version);
	owned_fd ruleset = -1;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	if (version < 1)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0);
	if (ruleset < 0 || allow_terminals(ruleset, wanted.files) < 0)
		return -1;
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -1 : 0;
}
