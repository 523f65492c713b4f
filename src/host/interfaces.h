/*
 * Which of the host's interfaces there are, for configs that leave that open.
 */
#pragma once

#include "lib/arena.h"

/*
 * Those of `wanted` (NULL at the end) that exist, NULL at the end; `eth+`
 * stands for all whose name begins with eth.
 */
const char *const *interfaces_find(struct arena *arena, const char *const *wanted);
