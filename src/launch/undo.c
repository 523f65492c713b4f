/*
 * The table of undo functions by kind of journal line.  Apart from table.c
 * because the clean-up after a stop needs it without the steps.
 */
#include "launch/undo.h"

#include <stddef.h>

#include "launch/apparmor.h"
#include "launch/cgroup.h"
#include "launch/helper.h"
#include "launch/net.h"

const struct journal_kind launch_undo_kinds[] = {
	{ "helper", helper_undo },
	{ "apparmor", apparmor_undo },
	{ "cgroup-name", launch_cgroup_undo_name },
	{ "cgroup", launch_cgroup_undo },
	{ "cgroup-owner", launch_cgroup_undo_owner },
	{ "link-name", launch_net_undo_name },
	{ "link", launch_net_undo_link },
	{ "user-nic", launch_net_undo_user },
	{ "net-stack", launch_net_undo_stack },
	{ "link-script", launch_net_undo_script },
	{ "netns", launch_net_undo_namespace },
	{ "phys", launch_net_undo_phys },
	{ "link-proxy", launch_net_undo_proxy },
	{ "link-route", launch_net_undo_route },
	{ "ovs-port", launch_net_undo_ovs },
	{ NULL, NULL },
};
