/*
 * Writes labels to init's own files in /proc (label.h).  Apart from security.c
 * because where and how is the module's business.  The procfs is one that
 * nobody else has seen: in another, the guest's, the file could be any.
 * Called from the table; label_keys() by process.c.
 */
#include "launch/label.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch/inside.h"
#include "lib/own.h"

int launch_label(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_label *args = step->args;

	free(launch->state.label);
	launch->state.label = strdup(args->label);
	return launch->state.label ? 0 : error_set(err, ENOMEM, "cannot keep the label");
}

/* "thread-self": a label belongs to a thread.  0 or -errno. */
static int attribute_write(struct inside *inside, const char *file, const char *text)
{
	int proc = inside_proc(inside);
	owned_fd attribute = -1;
	char path[64];
	ssize_t done;

	if (proc < 0)
		return inside_fail(inside, -proc, "no procfs of its own can be mounted");
	snprintf(path, sizeof path, "thread-self/attr/%s", file);
	attribute = openat(proc, path, O_WRONLY | O_CLOEXEC);
	if (attribute < 0)
		return -errno;
	/* The kernel takes a label in one piece; writing nothing takes it back. */
	done = write(attribute, text, strlen(text));
	return done < 0 ? -errno : done == (ssize_t)strlen(text) ? 0 : -EIO;
}

/* Kernels before 5.8 have no folder of AppArmor's own. */
int inside_label(struct inside *inside, const struct step *step)
{
	const struct step_label *args = step->args;
	char text[600];
	int code;

	if (strcmp(args->module, "apparmor") != 0)
		return attribute_write(inside, "exec", args->label);
	if (snprintf(text, sizeof text, "exec %s", args->label) >= (int)sizeof text)
		return -ENAMETOOLONG;
	/* ENOENT is also what a profile that is not loaded gets: then it gets it twice. */
	code = attribute_write(inside, "apparmor/exec", text);
	return code == -ENOENT ? attribute_write(inside, "exec", text) : code;
}

int label_keys(struct inside *inside, const char *context)
{
	return attribute_write(inside, "keycreate", context ? context : "");
}
