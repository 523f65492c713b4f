/*
 * Cleans up after a container whose supervisor was killed: what its journal
 * names is undone, without hooks.  For commands that come later and find it.
 */
#include "container/clean.h"

#include "control/journal.h"
#include "control/rundir.h"
#include "launch/undo.h"

int container_clean(const struct container *container, struct error *err)
{
	struct rundir run = RUNDIR_INIT;
	int answer = rundir_claim_leftover(container->lxcpath, container->name, &run, err);

	if (answer != RUNDIR_OPENED)
		return answer < 0 ? -1 : 0;
	if (run.leftover && journal_undo(&run, launch_undo_kinds, err) < 0) {
		/* The journal stays: another command may have more success. */
		rundir_done(&run);
		return -1;
	}
	rundir_remove(&run);
	return 0;
}
