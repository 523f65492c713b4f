/*
 * Gives a copied system an identity of its own (provision/identity.h).  The
 * tree is a container's, so each file is opened beneath its root and written
 * only when it is a plain file; a link stays as it is.
 */
#include "provision/identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/hostname.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/rootfs.h"
#include "lib/text.h"

static const char keygen[] = "/usr/bin/ssh-keygen";

enum { KEPT_OTHERS = 1 << 0, KEPT_ALL = 1 << 1 };

/* The keys of today.  The guest chooses the names, and must not choose with them what ssh-keygen is told. */
static const char *const key_types[] = { "rsa", "ecdsa", "ed25519" };
enum { KEY_TYPES = sizeof key_types / sizeof *key_types };

/* An empty machine-id is filled at the next boot; D-Bus makes its own anew. */
static int machine_id_empty(int root, struct error *err)
{
	owned_fd dbus = rootfs_open(root, "var/lib/dbus", O_PATH | O_DIRECTORY);
	struct stat facts;

	if (dbus >= 0 && fstatat(dbus, "machine-id", &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode) &&
	    unlinkat(dbus, "machine-id", 0) < 0)
		return error_set(err, errno, "cannot remove /var/lib/dbus/machine-id of the copy");
	return plain_write(root, "etc/machine-id", "", 0, err);
}

/* ---- ssh ---- */

/* "ed25519" of "ssh_host_ed25519_key"; NULL: no such name. */
static char *key_type(const char *name)
{
	static const char start[] = "ssh_host_", end[] = "_key";
	size_t length = strlen(name), around = sizeof start - 1 + sizeof end - 1;

	if (length <= around || !text_starts(name, start) || strcmp(name + length - (sizeof end - 1), end) != 0)
		return NULL;
	return strndup(name + sizeof start - 1, length - around);
}

static int key_make(const char *type, const char *path, struct error *err)
{
	char *argv[] = { (char *)keygen, (char *)"-q", (char *)"-t", (char *)type, (char *)"-N", (char *)"",
			 (char *)"-C",   (char *)"",   (char *)"-f", (char *)path, NULL };
	struct proc_tail tail;
	int status = proc_capture(argv, NULL, &tail);

	if (status < 0)
		return error_set(err, -status, "cannot run %s", keygen);
	if (status != 0)
		return error_set(err, 0, "%s makes no key of type %s: %s", keygen, type, proc_tail_lines(&tail, 2));
	return 0;
}

static int file_copy_into(int root, const char *path, const char *from, struct error *err)
{
	owned_str text = NULL;
	size_t length;

	return file_read(from, &text, &length, err) < 0 ? -1 : plain_write(root, path, text, length, err);
}

static int key_renew(int root, const char *type, const char *work, struct error *err)
{
	owned_str made = NULL;
	owned_str made_public = NULL;
	owned_str path = NULL;
	owned_str path_public = NULL;
	int answer;

	if (asprintf(&made, "%s/key", work) < 0 || asprintf(&made_public, "%s.pub", made) < 0 ||
	    asprintf(&path, "etc/ssh/ssh_host_%s_key", type) < 0 || asprintf(&path_public, "%s.pub", path) < 0)
		return error_set(err, ENOMEM, "cannot make ssh keys");
	answer = key_make(type, made, err) < 0 || file_copy_into(root, path, made, err) < 0 ||
		 file_copy_into(root, path_public, made_public, err) < 0 ? -1 : 0;
	/* Also after a failure: a key that nobody uses must not lie about. */
	unlink(made);
	unlink(made_public);
	return answer;
}

struct keys {
	bool of_type[KEY_TYPES], of_other;
};

/* All names before the first key is made: a file that is replaced may come again in the list. */
static struct keys keys_find(int root)
{
	int ssh = rootfs_open(root, "etc/ssh", O_RDONLY | O_DIRECTORY);
	owned_dir list = ssh < 0 ? NULL : fdopendir(ssh);
	const struct dirent *entry;
	struct keys keys = { 0 };

	while (list && (entry = readdir(list))) {
		owned_str type = key_type(entry->d_name);
		size_t i = 0;

		while (type && i < KEY_TYPES && strcmp(type, key_types[i]) != 0)
			i++;
		if (type && i < KEY_TYPES)
			keys.of_type[i] = true;
		else if (type)
			keys.of_other = true;
	}
	return keys;
}

/* Each key that is there, by a new one of its type.  Without ssh-keygen a server with the old ones is better than one without. */
static int keys_renew(int root, unsigned *kept, struct error *err)
{
	const struct keys keys = keys_find(root);
	char work[] = "/tmp/lxs-keys.XXXXXX";
	bool made = false;
	int answer = 0;

	*kept |= keys.of_other ? KEPT_OTHERS : 0;
	for (size_t i = 0; i < KEY_TYPES && answer == 0; i++) {
		if (!keys.of_type[i])
			continue;
		if (access(keygen, X_OK) < 0) {
			*kept |= KEPT_ALL;
			break;
		}
		if (!made && !mkdtemp(work))
			return error_set(err, errno, "cannot make a directory for ssh keys");
		made = true;
		answer = key_renew(root, key_types[i], work, err);
	}
	if (made)
		rmdir(work);
	return answer;
}

int identity_renew(int root, const struct identity *identity, struct error *err)
{
	unsigned ignored = 0;

	if (identity->hostname && hostname_renew(root, identity->old_hostname, identity->hostname, err) < 0)
		return -1;
	if (identity->keep)
		return 0;
	return machine_id_empty(root, err) < 0 ? -1 : keys_renew(root, identity->kept ? identity->kept : &ignored, err);
}

unsigned *identity_kept_new(void)
{
	unsigned *kept = mmap(NULL, sizeof *kept, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return kept == MAP_FAILED ? NULL : kept;
}

void identity_kept_tell(unsigned **kept, void (*warn)(const struct error *warning, void *context), void *context)
{
	static const struct { unsigned reason; const char *text; } rows[] = {
		{ KEPT_OTHERS, "only ssh host keys of type rsa, ecdsa and ed25519 can be made: others are those of the source" },
		{ KEPT_ALL, "/usr/bin/ssh-keygen is not installed: the ssh host keys are those of the source" },
	};

	for (size_t i = 0; *kept && warn && i < sizeof rows / sizeof *rows; i++) {
		owned_error warning = ERROR_INIT;

		if (!(**kept & rows[i].reason))
			continue;
		error_set(&warning, 0, "%s", rows[i].text);
		warn(&warning, context);
	}
	if (*kept)
		munmap(*kept, sizeof **kept);
	*kept = NULL;
}
