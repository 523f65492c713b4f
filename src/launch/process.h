/*
 * Steps that give init its properties as a process: limits, files of its
 * /proc, scheduling domain, keyring, personality, kernel parameters.
 */
#pragma once

#include "launch/launch.h"

int launch_proc(struct launch *launch, const struct step *step, struct error *err);
int launch_prlimit(struct launch *launch, const struct step *step, struct error *err);
int launch_core_sched(struct launch *launch, const struct step *step, struct error *err);

int inside_hostname(struct inside *inside, const struct step *step);
int inside_keyring(struct inside *inside, const struct step *step);
int inside_personality(struct inside *inside, const struct step *step);
int inside_sysctl(struct inside *inside, const struct step *step);
