/* lxs-net --format json. */
#include "commands/net.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>

static int json_print(json_t *object, struct error *err)
{
	int result = json_dumpf(object, stdout, JSON_INDENT(2));

	json_decref(object);
	putchar('\n');
	return result < 0 ? error_set(err, 0, "cannot write the JSON text") : 0;
}

static json_t *json_addresses(const struct bridge_conf *conf)
{
	char four[INET_ADDRSTRLEN], six[INET6_ADDRSTRLEN];
	json_t *list = json_array();

	json_array_append_new(list, json_sprintf("%s/%u", inet_ntop(AF_INET, &conf->address, four, sizeof four), conf->prefix));
	if (conf->ipv6)
		json_array_append_new(list, json_sprintf("%s/%u", inet_ntop(AF_INET6, &conf->address6, six, sizeof six),
							 conf->prefix6));
	return list;
}

static json_t *json_lease(const struct lease *lease)
{
	json_t *object = json_object();

	json_object_set_new(object, "address", json_string(lease->address));
	json_object_set_new(object, "hardware", json_string(lease->hardware));
	json_object_set_new(object, "name", lease->name ? json_string(lease->name) : json_null());
	json_object_set_new(object, "expires", json_integer(lease->expires));
	return object;
}

int net_status_json(const struct bridge_status *status, struct error *err)
{
	json_t *object = json_object(), *ports = json_array(), *leases = json_array();

	for (size_t i = 0; i < status->port_count; i++)
		json_array_append_new(ports, json_string(status->ports[i]));
	for (size_t i = 0; i < status->lease_count; i++)
		json_array_append_new(leases, json_lease(&status->leases[i]));
	json_object_set_new(object, "started", json_boolean(status->started));
	json_object_set_new(object, "sound", json_boolean(status->sound));
	json_object_set_new(object, "bridge", json_string(status->conf.bridge));
	json_object_set_new(object, "up", json_boolean(status->up));
	json_object_set_new(object, "addresses", json_addresses(&status->conf));
	json_object_set_new(object, "domain", status->conf.domain ? json_string(status->conf.domain) : json_null());
	json_object_set_new(object, "firewall", json_string(status->firewall));
	json_object_set_new(object, "dnsmasq", status->server > 0 ? json_integer(status->server) : json_null());
	json_object_set_new(object, "ports", ports);
	json_object_set_new(object, "leases", leases);
	return json_print(object, err);
}

int net_findings_json(const struct bridge_status *status, const struct bridge_findings *findings, struct error *err)
{
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct bridge_finding *finding = &findings->items[i];
		json_t *item = json_object();

		json_object_set_new(item, "subject", json_string(finding->subject));
		json_object_set_new(item, "finding", json_string(finding->what));
		json_object_set_new(item, "remedy", json_string(finding->remedy));
		json_array_append_new(list, item);
	}
	json_object_set_new(object, "started", json_boolean(status->started));
	json_object_set_new(object, "findings", list);
	return json_print(object, err);
}
