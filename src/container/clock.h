/*
 * The clock for containers of ordinary users.
 */
#pragma once

#include "lib/error.h"

/* Serves claims until the process is ended; returns only on failure, -1. */
int clock_service(struct error *err);
