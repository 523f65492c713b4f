/* Whether a path leads into a directory that somebody else rules. */
#pragma once

#include <stdbool.h>

/*
 * Whether the way along `path`, with all links on it, leads through one of the
 * directories `places` (NULL at the end): from there on whoever has that
 * directory decides where it leads.  Compared by what they are, not by name:
 * a mount that shows what lies below a place leads into it, and so does all
 * that lies on a block device which is one.  What is not there yet leads nowhere.
 */
bool path_leads_into(const char *path, const char *const *places);
