/*
 * Starting and stopping.  Called by commands/net.c.
 */
#include "bridge/bridge.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/firewall.h"
#include "bridge/link.h"
#include "control/journal.h"
#include "control/lines.h"
#include "lib/own.h"

/* A place of its own beside those of containers: no lxcpath begins without '/'. */
#define PLACE "net"
#define NAME "bridge"

static const struct journal_kind undo_kinds[] = {
	{ "bridge", link_undo_bridge },
	{ "address", link_undo_address },
	{ "table", firewall_undo_table },
	{ "rule", firewall_undo_rule },
	{ "server", server_undo },
	{ NULL, NULL },
};

static int busy(struct error *err)
{
	error_set(err, EBUSY, "another lxs-net is at work");
	return error_hint(err, "try again when it is done");
}

/* ---- how it is ---- */

struct port_list { struct arena *arena; struct bridge_status *status; int bridge; };

static void port_take(const struct netlink_port *port, void *data)
{
	struct port_list *list = data;
	struct bridge_status *status = list->status;

	if (port->index == list->bridge)
		status->up = port->up;
	if (port->master != list->bridge)
		return;
	status->ports = arena_append(list->arena, status->ports, &status->port_count, sizeof *status->ports);
	status->ports[status->port_count - 1] = arena_strdup(list->arena, port->name);
}

static int link_status(struct arena *arena, struct bridge_status *status, struct error *err)
{
	owned_fd socket = netlink_open();
	struct netlink_link link = { 0 };
	struct port_list list = { arena, status, 0 };
	int code = socket < 0 ? socket : netlink_link(socket, status->conf.bridge, &link);

	if (code == -ENODEV || (code == 0 && !link.bridge))
		return 0;
	list.bridge = link.index;
	if (code == 0)
		code = netlink_ports(socket, port_take, &list);
	return code < 0 ? error_set(err, -code, "cannot look at the bridge %s", status->conf.bridge) : 0;
}

/* What it was started with: written once all was made. */
static int started_read(struct arena *arena, const struct rundir *run, struct bridge_status *status, struct error *err)
{
	owned_str text = lines_read(run->fd, "settings", NULL);

	if (!text)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot read %s/settings", run->path);
	status->started = true;
	return bridge_conf_parse(arena, "settings", arena_strdup(arena, text), NULL, &status->conf, err);
}

static int run_status(struct arena *arena, const struct rundir *run, struct bridge_status *status, struct error *err)
{
	if (started_read(arena, run, status, err) < 0)
		return -1;
	status->server = server_pid(run->path);
	status->leases = server_leases(arena, run->path, &status->lease_count);
	return 0;
}

int bridge_status(struct arena *arena, const struct bridge_conf *conf, struct bridge_status *ret, struct error *err)
{
	struct bridge_status status = { .conf = *conf };
	owned_fd parent = -1;
	owned_rundir run = RUNDIR_INIT;
	char path[64];
	int answer = rundir_open_parent(PLACE, false, &parent, err);

	if (answer < 0)
		return -1;
	run.fd = answer == RUNDIR_OPENED ? openat(parent, NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (run.fd >= 0) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", run.fd);
		run.path = calloc(1, PATH_MAX);
		if (!run.path || readlink(path, run.path, PATH_MAX - 1) < 0)
			return error_set(err, errno, "cannot look at the run directory");
	}
	if (run.fd >= 0 && run_status(arena, &run, &status, err) < 0)
		return -1;
	status.firewall = firewall_kind(&status.conf);
	if (link_status(arena, &status, err) < 0)
		return -1;
	status.sound = status.started && status.up && status.server > 0 && firewall_is_loaded(&status.conf);
	*ret = status;
	return 0;
}

/* ---- start ---- */

static int settings_write(struct rundir *run, const struct bridge_conf *conf, struct error *err)
{
	owned_str text = bridge_conf_format(conf);

	if (lines_replace(run->fd, "settings", text, strlen(text)) < 0)
		return error_set(err, errno, "cannot write %s/settings", run->path);
	return 0;
}

static int all_make(struct rundir *run, const struct bridge_conf *conf, struct error *err)
{
	if (link_make(run, conf, err) < 0 || firewall_load(run, conf, err) < 0 || server_start(run, conf, err) < 0)
		return -1;
	return settings_write(run, conf, err);
}

static bool is_running(const struct bridge_conf *conf)
{
	owned_arena arena = arena_new();
	owned_error ignored = ERROR_INIT;
	owned_str wanted = bridge_conf_format(conf);
	owned_str have = NULL;
	struct bridge_status status;

	if (bridge_status(arena, conf, &status, &ignored) < 0 || !status.sound)
		return false;
	have = bridge_conf_format(&status.conf);
	return strcmp(wanted, have) == 0;
}

/* Takes all away; the lines of what must stay remain in the journal. */
static int all_undo(struct rundir *run, struct error *err)
{
	unlinkat(run->fd, "settings", 0);
	return journal_undo(run, undo_kinds, err);
}

int bridge_start(const struct bridge_conf *conf, struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	owned_error left = ERROR_INIT, ignored = ERROR_INIT;
	int answer = rundir_claim(PLACE, NAME, &run, err);

	if (answer < 0)
		return -1;
	if (answer == RUNDIR_BUSY)
		return busy(err);
	if (is_running(conf))
		return BRIDGE_NOTHING;
	/* What an earlier start left, or one with other settings made; a bridge with containers stays. */
	all_undo(&run, &left);
	if (journal_open(&run, err) < 0)
		return -1;
	if (all_make(&run, conf, err) == 0)
		return BRIDGE_DONE;
	if (all_undo(&run, &ignored) == 0)
		rundir_remove(&run);
	return -1;
}

int bridge_stop(struct error *err)
{
	owned_rundir run = RUNDIR_INIT;
	int answer = rundir_claim_leftover(PLACE, NAME, &run, err);

	if (answer < 0)
		return -1;
	if (answer == RUNDIR_ABSENT)
		return BRIDGE_NOTHING;
	if (answer == RUNDIR_BUSY)
		return busy(err);
	if (all_undo(&run, err) == 0) {
		rundir_remove(&run);
		return BRIDGE_DONE;
	}
	if (err->code != EBUSY)
		return -1;
	error_done(err);
	return BRIDGE_KEPT;
}
