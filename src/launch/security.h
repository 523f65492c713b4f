/*
 * Steps that confine init, the last before exec, and the check of the
 * launcher that they held.
 */
#pragma once

#include "launch/launch.h"

int launch_verify(struct launch *launch, const struct step *step, struct error *err);

/*
 * Before a hook runs in the container: init gives up what the bounding set
 * lacks, except for what it takes to become its user.  The hook's shell is the
 * guest's, and who may trace init would have all that init still has.
 */
int security_narrow(void);

int inside_bounding(struct inside *inside, const struct step *step);
int inside_no_new_privs(struct inside *inside, const struct step *step);
