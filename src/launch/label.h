/*
 * Labels of AppArmor and SELinux.  What is written here the kernel gives to
 * the next program that the process, or a child of it, executes.
 */
#pragma once

#include "launch/launch.h"

/* STEP_LABEL: remembers the label for attach; sets it for the exec of init. */
int launch_label(struct launch *launch, const struct step *step, struct error *err);
int inside_label(struct inside *inside, const struct step *step);

/* What SELinux gives to keys that are made from now on; NULL: its default again.  0 or -errno. */
int label_keys(struct inside *inside, const char *context);
