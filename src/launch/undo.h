/*
 * What the journal of a run directory can hold: one row a kind of line, with
 * the function that undoes it.  Used by a failed launch and by the clean-up
 * after a container's end.
 */
#pragma once

#include "control/journal.h"

extern const struct journal_kind launch_undo_kinds[]; /* until kind == NULL */
