/*
 * The pair of an ordinary user's container: lxs-user-nic, a setuid program,
 * makes it in init's network namespace and takes it back at the end.  Called
 * from the table and by journal_undo().
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "control/journal.h"
#include "launch/net.h"
#include "launch/net_script.h"
#include "lib/netlink.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/usernet.h"

#define PREFIX "lxs-user-nic: "
#define HINT "  hint: "

/* What the program said, as our own error. */
static int helper_refused(int status, struct proc_tail *tail, struct error *err)
{
	const char *said = proc_tail_lines(tail, 2);
	const char *hint = strstr(said, "\n" HINT);
	char text[64];

	if (status < 0)
		return error_set(err, -status, "cannot run " USERNET_HELPER);
	if (text_starts(said, PREFIX))
		said += strlen(PREFIX);
	if (!*said)
		said = proc_status_text(status, text, sizeof text);
	error_set(err, 0, "%.*s", (int)strcspn(said, "\n"), said);
	return hint ? error_hint(err, "%s", hint + strlen("\n" HINT)) : -1;
}

static int helper_run(char *const *argv, struct proc_tail *tail, struct error *err)
{
	int status = proc_capture(argv, NULL, tail);

	return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : helper_refused(status, tail, err);
}

/* INNER:INDEX:OUTER:INDEX */
static int answer_read(struct proc_tail *tail, char outer[static IFNAMSIZ], struct error *err)
{
	const char *said = proc_tail_lines(tail, 1);

	if (sscanf(said, "%*15[^:]:%*d:%15[^:]:%*d", outer) == 1)
		return 0;
	return error_set(err, 0, "lxs-user-nic said what cannot be understood: %s", said);
}

static int pair_get(struct launch *launch, const struct step_net_user *args, struct error *err)
{
	const struct plan *plan = launch->plan;
	char pid[16], inner[IFNAMSIZ], outer[IFNAMSIZ];
	char *argv[] = {
		(char *)USERNET_HELPER, (char *)"create", (char *)plan->lxcpath, (char *)plan->name, pid, (char *)"veth",
		(char *)args->link, inner, NULL,
	};
	struct proc_tail tail;

	snprintf(pid, sizeof pid, "%d", launch->init);
	snprintf(inner, sizeof inner, "lxs%u", args->index);
	if (helper_run(argv, &tail, err) < 0 || answer_read(&tail, outer, err) < 0)
		return -1;
	/* Noted afterwards: only the helper knows the name, and what dies in between takes init and the pair along. */
	if (journal_add(launch->run, "user-nic",
			(const char *const[]){ plan->lxcpath, plan->name, args->link, outer, NULL }, err) < 0)
		return -1;
	net_interface_note(launch, outer);
	return net_scripts(launch, &(struct net_scripts){ "veth", args->link, outer, args->up, args->down }, err);
}

int launch_net_user(struct launch *launch, const struct step *step, struct error *err)
{
	owned_error why = ERROR_INIT;

	return pair_get(launch, step->args, &why) == 0 ? 0 : net_report(step, &why, err);
}

/* LXCPATH NAME BRIDGE NIC.  Most often the kernel has removed it by now, with its other end. */
int launch_net_undo_user(char *const *arguments, size_t count, struct error *err)
{
	owned_error why = ERROR_INIT;
	owned_fd socket = netlink_open();
	struct proc_tail tail;
	char *argv[] = {
		(char *)USERNET_HELPER, (char *)"delete", arguments[0], arguments[1], (char *)"-", (char *)"veth", arguments[2],
		arguments[3], NULL,
	};

	if (count != 4)
		return error_set(err, EINVAL, "bad user-nic line in the journal");
	if (socket >= 0 && netlink_index(socket, arguments[3]) == -ENODEV)
		return 0;
	if (helper_run(argv, &tail, &why) == 0 || (socket >= 0 && netlink_index(socket, arguments[3]) == -ENODEV))
		return 0;
	return error_move(err, &why);
}
