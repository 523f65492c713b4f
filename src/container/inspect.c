/*
 * Puts the parts of lxs-inspect together.  Called by commands/inspect.c.
 */
#include "container/inspect.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/save.h"
#include "container/inspect_parts.h"
#include "host/kernel_text.h"
#include "lib/own.h"

/* ---- what the parts share ---- */

char *inspect_text(const struct inspection *inspection, const char *file)
{
	return kernel_text(inspection->arena, arena_printf(inspection->arena, "/proc/%d/%s", (int)inspection->state.init, file));
}

json_t *inspect_string(const char *text)
{
	json_t *string = text ? json_string(text) : json_null();
	owned_str plain = NULL;

	if (string)
		return string;
	plain = strdup(text);
	for (char *c = plain; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	return json_string(plain ? plain : "");
}

json_t *inspect_lines(const char *text)
{
	json_t *array = json_array();

	while (text && *text) {
		size_t length = strcspn(text, "\n");
		owned_str line = strndup(text, length);

		if (length > 0)
			json_array_append_new(array, inspect_string(line));
		text += length + (text[length] == '\n');
	}
	return array;
}

json_t *inspect_config(const struct inspection *inspection, const char *key)
{
	const struct values *values = settings_values(inspection->settings, key);
	json_t *array = json_array();

	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->items[i];

		json_array_append_new(array, inspect_string(value->sub ? arena_printf(inspection->arena, "%s = %s", value->sub,
										       value->text) : value->text));
	}
	return array;
}

/* ---- the whole ---- */

static void inspection_done(struct inspection *inspection)
{
	own_close_fd(&inspection->pidfd);
	settings_free((struct settings *)inspection->settings);
	run_state_done(&inspection->state);
	rundir_done(&inspection->run);
	arena_free(inspection->arena);
}

static int inspection_open(const struct container *container, struct inspection *ret, struct error *err)
{
	int answer = rundir_open(container->lxcpath, container->name, &ret->run, err);

	if (answer == RUNDIR_OPENED)
		answer = run_state_read(&ret->run, &ret->state, err);
	if (answer < 0)
		return -1;
	if (answer != RUNDIR_OPENED && !container_is_defined(container))
		return error_set(err, 0, "there is no such container");
	if (answer != RUNDIR_OPENED || ret->state.init <= 0) {
		error_set(err, 0, "the container is not running");
		return error_hint(err, "what its config says: lxs-config show; what a start would do: lxs-start --plan");
	}
	ret->pidfd = run_state_pidfd(&ret->state, err);
	if (ret->pidfd < 0)
		return -1;
	ret->settings = settings_load(ret->run.fd, "settings", err);
	return ret->settings ? 0 : -1;
}

static const struct {
	const char *name;
	json_t *(*tell)(const struct inspection *inspection);
} parts[] = {
	{ "capabilities", inspect_capabilities }, { "confinement", inspect_confinement }, { "ids", inspect_ids },
	{ "namespaces", inspect_namespaces }, { "cgroups", inspect_cgroups }, { "mounts", inspect_mounts },
	{ "devices", inspect_devices },
};

static json_t *all_tell(const struct container *container, const struct inspection *inspection)
{
	json_t *root = json_object();

	json_object_set_new(root, "name", inspect_string(container->name));
	json_object_set_new(root, "state", json_string(container_state_names[inspection->state.state]));
	json_object_set_new(root, "pid", json_integer(inspection->state.init));
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		json_object_set_new(root, parts[i].name, parts[i].tell(inspection));
	return root;
}

static int inspect(const struct container *container, bool seccomp, json_t **ret, struct error *err)
{
	struct inspection inspection = { .arena = arena_new(), .run = RUNDIR_INIT, .state = RUN_STATE_INIT, .pidfd = -1 };
	int result = inspection_open(container, &inspection, err);

	if (result == 0)
		*ret = seccomp ? inspect_seccomp(&inspection) : all_tell(container, &inspection);
	inspection_done(&inspection);
	return result;
}

int container_inspect(const struct container *container, json_t **ret, struct error *err)
{
	return inspect(container, false, ret, err);
}

int container_inspect_seccomp(const struct container *container, json_t **ret, struct error *err)
{
	return inspect(container, true, ret, err);
}
