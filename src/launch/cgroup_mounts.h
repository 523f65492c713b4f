/*
 * The hierarchies of cgroups that a container sees below /sys/fs/cgroup.
 */
#pragma once

#include "launch/launch.h"

int inside_cgroup_mount(struct inside *inside, const struct step *step);
