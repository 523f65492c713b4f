/*
 * What a container is: a name, a place, a config.  The verbs on it have files
 * of their own.
 */
#include "container/container.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/own.h"

enum { NAME_LENGTH_MAX = 255 };

static int name_check(const char *name, struct error *err)
{
	size_t length = strlen(name);

	if (length == 0 || length > NAME_LENGTH_MAX)
		return error_set(err, 0, "a container's name has 1 to %d bytes", NAME_LENGTH_MAX);
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strchr(name, '/'))
		return error_set(err, 0, "'%s' cannot be a container's name: it is a path", name);
	for (; *name; name++)
		if (iscntrl((unsigned char)*name))
			return error_set(err, 0, "a container's name has no control characters");
	return 0;
}

int container_init(const char *lxcpath, const char *name, struct container *ret, struct error *err)
{
	owned_container container = { 0 };

	if (name_check(name, err) < 0)
		return -1;
	container.name = strdup(name);
	container.lxcpath = path_absolute(lxcpath);
	if (!container.name || !container.lxcpath ||
	    asprintf(&container.config_path, "%s/%s/config", container.lxcpath, name) < 0) {
		container.config_path = NULL;
		return error_set(err, errno, "cannot name the container");
	}
	*ret = container;
	container = (struct container){ 0 };
	return 0;
}

void container_done(struct container *container)
{
	free(container->name);
	free(container->lxcpath);
	free(container->config_path);
	settings_free(container->settings);
	*container = (struct container){ 0 };
}

bool container_is_defined(const struct container *container)
{
	return access(container->config_path, R_OK) == 0;
}

int container_load(struct container *container, const char *rcfile, struct error *err)
{
	if (rcfile) {
		char *path = path_absolute(rcfile);

		if (!path)
			return error_set(err, errno, "cannot name %s", rcfile);
		free(container->config_path);
		container->config_path = path;
	}
	settings_free(container->settings);
	container->settings = settings_new();
	container->findings = (struct findings){ 0 };
	return settings_read(container->settings, container->config_path, &container->findings, err);
}

int container_state(const struct container *container, enum container_state *ret, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_run_state state = RUN_STATE_INIT;
	int answer = rundir_open(container->lxcpath, container->name, &run, err);

	*ret = STATE_STOPPED;
	if (answer < 0)
		return -1;
	if (answer != RUNDIR_OPENED)
		return 0;
	answer = run_state_read(&run, &state, err);
	if (answer < 0)
		return -1;
	/* A directory with an owner but without a state is being filled. */
	*ret = answer == RUNDIR_OPENED ? state.state : STATE_STARTING;
	return 0;
}
