/* From the front program to the full one; see src/front/front.c. */
#pragma once

#include "lib/error.h"

/* Becomes the full program, with the command line that this one was given.  Returns only on failure: -1. */
int front_handover(struct error *err);
