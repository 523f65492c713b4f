/*
 * lxs-supervise, the program that stays as long as a container lives.  It is
 * executed by supervise_exec() in the process that is init's parent, and
 * gives way to `lxs ended` in the same process: pid, lock and sockets stay.
 */
#include <signal.h>
#include <stdio.h>

#include "supervise/exec.h"
#include "supervise/handover.h"
#include "supervise/keeper.h"
#include "supervise/supervise.h"

int main(int argc, char **argv)
{
	int ttys[SUPERVISE_TTYS_MAX];
	struct supervise supervise;
	struct handover handover;

	if (argc < 3 || supervise_parse(argv + 2, &supervise, ttys) < 0) {
		fputs("lxs-supervise: started by lxs-start, not by hand\n", stderr);
		return 1;
	}
	handover = (struct handover){
		.name = supervise.name, .lxcpath = supervise.lxcpath, .pidfile = supervise.pidfile,
		.run_dir = supervise.run_dir, .lock = supervise.lock, .control = supervise.control,
	};
	for (int i = 0; i < HANDOVER_NAMESPACES; i++)
		handover.namespaces[i] = supervise.namespaces[i];
	handover.wait_status = keeper_run(&supervise);
	if (handover.wait_status < 0)
		handover.wait_status = SIGKILL;
	handover_exec(&handover, argv[1]);
	perror("lxs-supervise: cannot clean up");
	return 1;
}
