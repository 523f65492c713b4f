/*
 * Steps of the host side that belong to the engine: the meeting points with
 * init, and what must be undone after it.
 */
#pragma once

#include "launch/launch.h"

int launch_await(struct launch *launch, const struct step *step, struct error *err);
int launch_release(struct launch *launch, const struct step *step, struct error *err);
