/* Init without a file of the host's in its memory: see unmap.c. */
#pragma once

#include "launch/launch.h"

int launch_unmap(struct launch *launch, const struct step *step, struct error *err);
int inside_unmap(struct inside *inside, const struct step *step);
