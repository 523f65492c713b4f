/*
 * The root of the container's mount tree: kept apart from the host's, made,
 * and entered.
 */
#pragma once

#include "launch/launch.h"

int launch_host_directory(struct launch *launch, const struct step *step, struct error *err);
int launch_rootfs_device(struct launch *launch, const struct step *step, struct error *err);
int launch_pin(struct launch *launch, const struct step *step, struct error *err);

int inside_propagation(struct inside *inside, const struct step *step);
int inside_rootfs(struct inside *inside, const struct step *step);
int inside_pivot(struct inside *inside, const struct step *step);
