/* lxs-ls --format json.  Apart from ls.c, which works without the JSON library. */
#include <jansson.h>
#include <stdio.h>
#include <sys/socket.h>

#include "commands/json.h"

static json_t *json_names(const struct name_list *names)
{
	json_t *array = json_array();

	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(array, json_string(names->items[i]));
	return array;
}

static json_t *json_addresses(const struct address_list *list, int family)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].family == family)
			json_array_append_new(array, json_string(list->items[i].text));
	}
	return array;
}

static json_t *json_item(const struct list_item *item)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(item->path));
	json_object_set_new(object, "level", json_integer(item->level));
	json_object_set_new(object, "state", item->unread ? json_null() : json_string(container_state_names[item->state]));
	json_object_set_new(object, "defined", json_boolean(item->defined));
	json_object_set_new(object, "pid", item->init > 0 ? json_integer(item->init) : json_null());
	json_object_set_new(object, "memory_bytes",
			    item->memory_bytes == NO_FIGURE ? json_null() : json_integer(item->memory_bytes));
	json_object_set_new(object, "swap_bytes",
			    item->swap_bytes == NO_FIGURE ? json_null() : json_integer(item->swap_bytes));
	json_object_set_new(object, "autostart", json_boolean(item->autostart));
	json_object_set_new(object, "groups", json_names(&item->groups));
	json_object_set_new(object, "interfaces", json_names(&item->interfaces));
	json_object_set_new(object, "ipv4", json_addresses(&item->addresses, AF_INET));
	json_object_set_new(object, "ipv6", json_addresses(&item->addresses, AF_INET6));
	json_object_set_new(object, "unprivileged", json_boolean(item->unprivileged));
	return object;
}

int ls_print_json(struct invocation *call, const struct list *list, struct error *err)
{
	json_t *array = json_array();
	int result;

	(void)call;
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, json_item(&list->items[i]));
	result = json_dumpf(array, stdout, JSON_INDENT(2));
	json_decref(array);
	putchar('\n');
	return result < 0 ? error_set(err, 0, "cannot write the JSON text") : 0;
}
