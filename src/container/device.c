/*
 * Interfaces and device nodes of the host that a running container gets, and
 * gives back.  The journal knows interfaces from before they are moved, so
 * they come home at the end like those that a config lends.  Called by
 * lxs-device.
 */
#include "container/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/device_node.h"
#include "control/journal.h"
#include "control/rundir.h"
#include "control/state.h"
#include "launch/net.h"
#include "lib/netlink.h"
#include "lib/own.h"

/* Apart from the numbers of lxc.net.N. */
enum { INDEX = 99999 };

struct running {
	struct rundir run;
	struct run_state state;
	int inside;               /* a route socket of its network namespace */
};

static void running_done(struct running *running)
{
	own_close_fd(&running->inside);
	run_state_done(&running->state);
	rundir_done(&running->run);
}

static bool is_ours(int namespace)
{
	struct stat theirs, ours;

	return fstat(namespace, &theirs) == 0 && stat("/proc/self/ns/net", &ours) == 0 && theirs.st_ino == ours.st_ino;
}

static int running_open(const struct container *container, struct running *ret, struct error *err)
{
	*ret = (struct running){ .run = RUNDIR_INIT, .state = RUN_STATE_INIT, .inside = -1 };
	if (rundir_open(container->lxcpath, container->name, &ret->run, err) < 0)
		return -1;
	if (ret->run.fd >= 0 && run_state_read(&ret->run, &ret->state, err) < 0)
		return -1;
	return ret->state.init <= 0 ? error_set(err, 0, "Container %s is not running", container->name) : 0;
}

static int network_open(struct running *running, struct error *err)
{
	owned_fd namespace = -1;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)running->state.init);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		return error_set(err, errno, "cannot open the container's network namespace");
	if (is_ours(namespace))
		return error_set(err, 0, "the container has no network of its own: what the host has it has");
	running->inside = netlink_open_in(namespace);
	return running->inside < 0 ? error_set(err, -running->inside, "cannot look into the container's network") : 0;
}

static int send_home(int inside, int index, const char *name, struct error *err)
{
	owned_fd home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int code = home < 0 ? -errno
			    : netlink_link_change(inside, index, &(struct netlink_change){ .name = name, .namespace = home });

	if (code == -EEXIST)
		return error_set(err, 0, "the host already has an interface %s", name);
	return code < 0 ? error_set(err, -code, "the kernel does not move %s to the host", name) : 0;
}

static int lend(struct running *running, const struct device_request *request, struct error *err)
{
	const struct step_net_phys step = { .index = INDEX, .link = request->device };
	struct launch launch = { .run = &running->run, .init = running->state.init };
	const char *wanted = request->other ? request->other : request->device;
	owned_error ignored = ERROR_INIT;
	char born[16];
	int index, code;

	if (network_open(running, err) < 0)
		return -1;
	if (netlink_index(running->inside, wanted) != -ENODEV)
		return error_set(err, 0, "the container already has an interface %s, or cannot have one", wanted);
	if (journal_open(&running->run, err) < 0 || net_phys_lend(&launch, &step, err) < 0)
		return -1;
	snprintf(born, sizeof born, "lxs%u", (unsigned)INDEX);
	index = netlink_index(running->inside, born);
	code = index < 0 ? index : netlink_link_change(running->inside, index, &(struct netlink_change){ .name = wanted });
	if (code == 0)
		return 0;
	if (index > 0)
		send_home(running->inside, index, request->device, &ignored);
	return error_set(err, -code, "it cannot be named %s", wanted);
}

/* Names of interfaces have no '/'. */
static bool is_path(const char *device)
{
	return strchr(device, '/') != NULL;
}

static int add(struct running *running, const struct device_request *request, struct error *err)
{
	owned_fd host = netlink_open();

	if (is_path(request->device))
		return running_node_add(&running->run, &running->state, request->device,
					request->other ? request->other : request->device, err);
	if (host >= 0 && netlink_index(host, request->device) >= 0)
		return lend(running, request, err);
	error_set(err, 0, "the host has no interface %s", request->device);
	return error_hint(err, "name one that 'ip link' shows, or the path of a device node");
}

static int take_back(struct running *running, const struct device_request *request, struct error *err)
{
	int index;

	if (is_path(request->device))
		return running_node_delete(&running->run, &running->state, request->device, err);
	if (network_open(running, err) < 0)
		return -1;
	index = netlink_index(running->inside, request->device);
	if (index < 0)
		return error_set(err, index == -ENODEV ? 0 : -index, "the container has no interface %s", request->device);
	return send_home(running->inside, index, request->other ? request->other : request->device, err);
}

int container_device(const struct container *container, const struct device_request *request, struct error *err)
{
	struct running running;
	int result = running_open(container, &running, err);

	if (result == 0)
		result = request->add ? add(&running, request, err) : take_back(&running, request, err);
	running_done(&running);
	return result;
}
