/*
 * Loads and unloads generated profiles (apparmor.h).  What was compiled is
 * handed to the kernel by ourselves, so that the second start runs no program.
 * Called from the table and by journal_undo().
 */
#include "launch/apparmor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/journal.h"
#include "host/lsm.h"
#include "lib/own.h"
#include "policy/apparmor.h"

#define NAMESPACES APPARMOR_FS "/policy/namespaces/"

/* The one write that the kernel takes a whole policy, or a name, with.  0 or -errno. */
static int kernel_write(const char *path, const char *bytes, size_t size)
{
	owned_fd fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done = fd < 0 ? -1 : write(fd, bytes, size);

	return done < 0 ? -errno : done == (ssize_t)size ? 0 : -EIO;
}

/* Whose the line is; a comma that is missing in the config's last is missed in the line behind it. */
static const struct origin *line_of_config(const struct step_apparmor *args, unsigned line)
{
	size_t count = args->raw->count;

	if (count == 0 || line < args->raw_from || line - args->raw_from > count)
		return NULL;
	line -= args->raw_from;
	return args->raw->items[line < count ? line : count - 1].origin;
}

/* Lines of the config may include files, which are not in the text: then it is compiled anew. */
static bool includes_files(const struct values *raw)
{
	for (size_t i = 0; i < raw->count; i++)
		if (strstr(raw->items[i].text, "include"))
			return true;
	return false;
}

static int namespace_make(const char *name, struct error *err)
{
	owned_str path = NULL;

	if (asprintf(&path, NAMESPACES "%s", name) < 0)
		return error_set(err, ENOMEM, "cannot make the AppArmor namespace %s", name);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make the AppArmor namespace %s", name);
	return 0;
}

int launch_apparmor(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_apparmor *args = step->args;
	struct compiled policy = { 0 };
	owned_str memory = NULL;
	unsigned line;
	int code;

	if (apparmor_compile(args->policy, !includes_files(args->raw), &policy, &line, err) < 0)
		return error_asked_by(err, line_of_config(args, line));
	memory = policy.memory;
	if (journal_add(launch->run, "apparmor", (const char *const[]){ args->profile, args->namespace, NULL }, err) < 0)
		return -1;
	code = kernel_write(APPARMOR_FS "/.replace", policy.bytes, policy.size);
	if (code < 0)
		return error_set(err, -code, "the kernel does not take the AppArmor profile %s", args->profile);
	return args->namespace ? namespace_make(args->namespace, err) : 0;
}

/* PROFILE [NAMESPACE].  Policy that the container loaded for itself goes with the namespace. */
int apparmor_undo(char *const *arguments, size_t count, struct error *err)
{
	owned_str path = NULL;
	int code;

	if (count < 1 || count > 2)
		return error_set(err, EINVAL, "bad apparmor line in the journal");
	if (count == 2 && asprintf(&path, NAMESPACES "%s", arguments[1]) < 0)
		return error_set(err, ENOMEM, "cannot remove the AppArmor namespace %s", arguments[1]);
	if (path && rmdir(path) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove the AppArmor namespace %s", arguments[1]);
	code = kernel_write(APPARMOR_FS "/.remove", arguments[0], strlen(arguments[0]));
	return code == 0 || code == -ENOENT ? 0 : error_set(err, -code, "cannot remove the AppArmor profile %s", arguments[0]);
}
