/*
 * Mounts in the container.  A mount is made detached (fsmount, open_tree), got
 * right while nobody can see it, and then attached to a descriptor that was
 * found beneath the root: no path of the guest is ever given to mount(2).
 */
#pragma once

#include <stdint.h>

#include "launch/launch.h"
#include "lib/filesystem.h"

int inside_directory(struct inside *inside, const struct step *step);
int inside_filesystem(struct inside *inside, const struct step *step);
int inside_bind(struct inside *inside, const struct step *step);
int inside_attributes(struct inside *inside, const struct step *step);
int inside_unmount(struct inside *inside, const struct step *step);

/* ---- for the other steps that mount; all return -errno or -ECANCELED with a detail on failure ---- */

/* Finds `path` beneath the root as O_PATH, made when `create` is 'd' or 'f'. */
int mount_target(struct inside *inside, const char *path, char create);

/* A detached mount of a new file system, the words of `args->data` given to it. */
int mount_new(struct inside *inside, const struct step_filesystem *args);

/* Raises and lowers attributes, then sets the propagation (with MS_REC: of all below); zeroes are fine. */
struct mount_change { uint64_t set, clear, propagation; bool recursive; };
int mount_change(int mount, const struct mount_change *change);

/* Copies what `directory` and `path` name onto `target`, found beneath the root or made as `create` says. */
int mount_bind_on(struct inside *inside, int directory, const char *path, const char *target, char create);
