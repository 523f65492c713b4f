/* lxs-info --format json.  Apart from info.c, which works without the JSON library. */
#include <jansson.h>
#include <stdio.h>

#include "commands/json.h"

static void json_figure(json_t *object, const char *name, int64_t figure)
{
	if (figure != NO_FIGURE)
		json_object_set_new(object, name, json_integer(figure));
}

static json_t *json_usage(const struct container_info *info)
{
	json_t *object = json_object();
	json_t *links = json_array();

	json_figure(object, "cpu_ns", info->usage.cpu_ns);
	json_figure(object, "block_io_bytes", info->usage.block_bytes);
	json_figure(object, "memory_bytes", info->usage.memory_bytes);
	json_figure(object, "kernel_memory_bytes", info->usage.kernel_bytes);
	json_figure(object, "swap_bytes", info->usage.swap_bytes);
	for (size_t i = 0; i < info->traffic_count; i++) {
		json_t *link = json_object();

		json_object_set_new(link, "link", json_string(info->traffic[i].link));
		json_figure(link, "tx_bytes", info->traffic[i].sent);
		json_figure(link, "rx_bytes", info->traffic[i].received);
		json_array_append_new(links, link);
	}
	json_object_set_new(object, "links", links);
	return object;
}

static json_t *json_keys(struct invocation *call, const struct strings *keys)
{
	json_t *object = json_object();

	for (size_t i = 0; i < keys->count; i++) {
		const char *value =
			settings_format(call->container.settings, call->arena, keys->items[i]);

		json_object_set_new(object, keys->items[i], value ? json_string(value) : json_null());
	}
	return object;
}

int info_print_json(struct invocation *call, const struct container_info *info, const struct strings *keys,
		    struct error *err)
{
	json_t *object = json_object();
	json_t *addresses = json_array();
	int result;

	for (size_t i = 0; i < info->addresses.count; i++)
		json_array_append_new(addresses, json_string(info->addresses.items[i].text));
	json_object_set_new(object, "name", json_string(call->container.name));
	json_object_set_new(object, "state", json_string(container_state_names[info->state]));
	json_object_set_new(object, "pid", info->init > 0 ? json_integer(info->init) : json_null());
	json_object_set_new(object, "addresses", addresses);
	json_object_set_new(object, "usage", json_usage(info));
	if (keys->count > 0)
		json_object_set_new(object, "config", json_keys(call, keys));
	result = json_dumpf(object, stdout, JSON_INDENT(2));
	json_decref(object);
	putchar('\n');
	return result < 0 ? error_set(err, 0, "cannot write the JSON text") : 0;
}
