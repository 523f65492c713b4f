/*
 * Copies the files that belong to a config (provision/copy_files.h).
 */
#include "provision/copy_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/copy_text.h"
#include "lib/attributes.h"
#include "lib/own.h"
#include "lib/text.h"
#include "lib/tree_copy.h"

/* Values of which a copy's config names a file in the copy's directory. */
static const char *const keys[] = {
	"lxc.hook.pre-start", "lxc.hook.pre-mount", "lxc.hook.mount", "lxc.hook.autodev", "lxc.hook.start-host",
	"lxc.hook.start", "lxc.hook.stop", "lxc.hook.post-stop", "lxc.hook.clone", "lxc.hook.destroy",
	"lxc.mount.fstab", "lxc.seccomp.profile", "lxs.seccomp.profile",
};

static int make_parents(char *path, size_t from, struct error *err)
{
	for (char *slash = path + from; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make %s", path);
		*slash = '/';
	}
	return 0;
}

static int file_copy(const char *from, const char *to, struct error *err)
{
	owned_fd in = open(from, O_RDONLY | O_CLOEXEC);
	owned_fd out = -1;
	struct stat facts;
	int code;

	/* A hook that is missing is the start's to complain of. */
	if (in < 0 || fstat(in, &facts) < 0 || !S_ISREG(facts.st_mode))
		return 0;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return errno == EEXIST ? 0 : error_set(err, errno, "cannot make %s", to);
	code = file_copy_data(in, out, facts.st_size);
	if (code == 0)
		code = attributes_copy(in, out, &facts);
	return code < 0 ? error_set(err, -code, "cannot copy %s", from) : 0;
}

/* The first word, when it is a file below `from`; the rest may be arguments. */
static int value_copy(const char *value, const char *from, const char *to, struct error *err)
{
	const char *cursor = value, *word;
	owned_str old = NULL;
	owned_str new = NULL;
	size_t length;

	word = text_word(&cursor, " \t", &length);
	if (!word || !(old = strndup(word, length)))
		return 0;
	if (!text_starts(old, from) || old[strlen(from)] != '/' || strstr(old, "/../"))
		return 0;
	new = copy_text_path(old, from, to);
	if (!new)
		return error_set(err, ENOMEM, "cannot copy %s", old);
	return make_parents(new, strlen(to), err) < 0 ? -1 : file_copy(old, new, err);
}

int copy_files(const struct settings *settings, const char *from, const char *to, struct error *err)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const struct values *values = settings_values(settings, keys[i]);

		for (size_t j = 0; j < values->count; j++)
			if (value_copy(values->items[j].text, from, to, err) < 0)
				return -1;
	}
	return 0;
}
