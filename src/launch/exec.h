/*
 * The last steps: standard descriptors, working directory, user and groups,
 * and the exec of init.
 */
#pragma once

#include "launch/launch.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

int launch_exec(struct launch *launch, const struct step *step, struct error *err);

int inside_stdio(struct inside *inside, const struct step *step);
int inside_directory_change(struct inside *inside, const struct step *step);
int inside_identity(struct inside *inside, const struct step *step);
int inside_exec(struct inside *inside, const struct step *step);
