/*
 * Bridges of Open vSwitch, through its own tool: its database is the place
 * where ports are made, and a port outlives the interface, so it is in the
 * journal.  Apart from net_port.c because a program is run.  Called from there
 * and by journal_undo().
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "control/journal.h"
#include "launch/net.h"
#include "launch/net_port.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/which.h"

/* With a limit of time: it waits for the switch to act, which may be down. */
static int vsctl(char *const *words, struct proc_tail *tail)
{
	char path[PATH_MAX];
	char *argv[16] = { path, (char *)"--timeout=10" };
	size_t used = 2;

	if (!which("ovs-vsctl", path))
		return -ENOENT;
	for (; *words && used < sizeof argv / sizeof argv[0] - 1; words++)
		argv[used++] = *words;
	return proc_capture(argv, NULL, tail);
}

static bool is_success(int status)
{
	return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool net_ovs_has(const char *bridge)
{
	char *words[] = { (char *)"br-exists", (char *)bridge, NULL };
	struct proc_tail tail;

	return is_success(vsctl(words, &tail));
}

static int vsctl_failed(int status, struct proc_tail *tail, const char *what, struct error *err)
{
	char text[64];
	const char *said;

	if (status < 0)
		return error_set(err, -status, "%s: ovs-vsctl cannot be run", what);
	said = proc_tail_lines(tail, 1);
	if (!*said)
		said = proc_status_text(status, text, sizeof text);
	error_set(err, 0, "%s: %s", what, said);
	if (WIFSIGNALED(status))
		return error_hint(err, "is ovs-vswitchd running?");
	return -1;
}

/*
 * Without tagged VLANs the port is of one VLAN (access); with them it is a
 * trunk, and an untagged VLAN beside them is its native one.
 */
static int vlans_set(const struct step_veth *args, const char *name, struct error *err)
{
	owned_buffer trunks = { 0 }, tag = { 0 };
	struct proc_tail tail;
	char *words[8] = { (char *)"set", (char *)"port", (char *)name };
	size_t used = 3;
	int status;

	if (args->tagged_count == 0 && args->untagged == 0) {
		error_set(err, 0, "a port of an Open vSwitch bridge without an untagged VLAN needs tagged ones");
		return error_hint(err, "add 'lxc.net.%u.veth.vlan.tagged.id = NUMBER'", args->index);
	}
	buffer_printf(&trunks, "trunks=");
	for (size_t i = 0; i < args->tagged_count; i++)
		buffer_printf(&trunks, "%s%u", i > 0 ? "," : "", args->tagged[i]);
	buffer_printf(&tag, "tag=%u", args->untagged);
	words[used++] = (char *)(args->tagged_count == 0 ? "vlan_mode=access"
				 : args->untagged > 0 ? "vlan_mode=native-untagged" : "vlan_mode=trunk");
	if (args->untagged > 0)
		words[used++] = tag.text;
	if (args->tagged_count > 0)
		words[used++] = trunks.text;
	status = vsctl(words, &tail);
	return is_success(status) ? 0 : vsctl_failed(status, &tail, "the VLANs of the port cannot be set", err);
}

int net_ovs_attach(struct launch *launch, const struct step_veth *args, const char *name, struct error *err)
{
	char *words[] = { (char *)"add-port", (char *)args->link, (char *)name, NULL };
	struct proc_tail tail;
	int status;

	if (journal_add(launch->run, "ovs-port", (const char *const[]){ args->link, name, NULL }, err) < 0)
		return -1;
	status = vsctl(words, &tail);
	if (!is_success(status))
		return vsctl_failed(status, &tail, "it cannot become a port of the Open vSwitch bridge", err);
	return args->vlan || args->tagged_count > 0 ? vlans_set(args, name, err) : 0;
}

int launch_net_undo_ovs(char *const *arguments, size_t count, struct error *err)
{
	struct proc_tail tail;
	int status;

	if (count != 2)
		return error_set(err, EINVAL, "bad ovs-port line in the journal");
	/* The interface goes by itself: nobody has to wait for the switch to notice. */
	status = vsctl((char *[]){ (char *)"--no-wait", (char *)"--if-exists", (char *)"del-port", arguments[0],
				   arguments[1], NULL }, &tail);
	if (is_success(status) || status == -ENOENT)
		return 0;
	return vsctl_failed(status, &tail, "the port of the Open vSwitch bridge is still there", err);
}
