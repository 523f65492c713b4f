/*
 * Mounts of the config with mapped ids (idmap=): init makes them, the host
 * side maps them, which takes rights over the file system itself.
 */
#pragma once

#include "launch/launch.h"

/* Host: the user namespace that idmap= names, "container" or a path; or -errno, ENOTTY for what is none. */
int launch_userns_open(const struct launch *launch, const char *idmap);

/* Host: maps the mount that init sent for a step, and answers.  0 or -1. */
int launch_mount_map(struct launch *launch, size_t index, int mount, struct error *err);

/* Inside: has the ids of the step's mount mapped, which is attached nowhere yet.  0 or -errno. */
int inside_mount_map(struct inside *inside, const struct step *step, int mount);
