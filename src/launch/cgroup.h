/*
 * The cgroup steps of a launch, and what undoes them.  Names are those of the
 * plan, with "-1", "-2" … behind them when somebody else's cgroup is in the
 * way.
 */
#pragma once

#include "launch/launch.h"

int launch_note(struct launch *launch, const struct step *step, struct error *err); /* STEP_NOTE: nothing is done */
int launch_cgroup_make(struct launch *launch, const struct step *step, struct error *err);
int launch_cgroup_join(struct launch *launch, const struct step *step, struct error *err);
int launch_cgroup_place(struct launch *launch, const struct step *step, struct error *err);
int launch_cgroup_limit(struct launch *launch, const struct step *step, struct error *err);

/* The v2 directory that clone3 can put init into, or -1. */
int launch_cgroup_birth(const struct launch *launch);

/*
 * The rest of the monitor's move, for which nobody should wait: the v2 cgroup
 * is entered by a slow write (lib/cgroup.h).  To be called once init runs and
 * the caller has been told so; nothing of the launch's cgroups is open after it.
 */
void launch_cgroup_settle(struct launch *launch);

/* The directory that a plan calls `directory`, under the name it really got. */
const char *launch_cgroup_actual(const struct launch *launch, const char *directory, char *room, size_t size);

void launch_cgroup_done(struct launch_cgroups *cgroups);

int launch_cgroup_owner(struct launch *launch, const struct step *step, struct error *err); /* launch/cgroup_owner.c */

/* Rows of launch/undo.c. */
int launch_cgroup_undo_owner(char *const *arguments, size_t count, struct error *err);
int launch_cgroup_undo_name(char *const *arguments, size_t count, struct error *err);
int launch_cgroup_undo(char *const *arguments, size_t count, struct error *err);
