/* What the server half of the supervisor may still open: see landlock.c. */
#pragma once

/*
 * From here on this process opens nothing but terminals, connects to nothing
 * and signals nobody outside, for good.  A kernel without Landlock leaves it
 * as it is; -1 with errno for what is not as it should be.
 */
int landlock_confine(void);
