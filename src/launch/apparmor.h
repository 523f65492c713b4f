/*
 * A generated AppArmor profile while its container runs: compiled, loaded with
 * the policy namespace of the container, and taken away at the end.
 */
#pragma once

#include "launch/launch.h"

int launch_apparmor(struct launch *launch, const struct step *step, struct error *err); /* STEP_APPARMOR */
int apparmor_undo(char *const *arguments, size_t count, struct error *err);            /* of a journal line */
