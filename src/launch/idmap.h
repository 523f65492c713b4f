/*
 * Steps of a container in a user namespace.
 */
#pragma once

#include "launch/launch.h"

int launch_idmap(struct launch *launch, const struct step *step, struct error *err);
int launch_rootfs_map(struct launch *launch, const struct step *step, struct error *err);

int inside_namespace_root(struct inside *inside, const struct step *step);
