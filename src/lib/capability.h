/*
 * Names of capabilities as LXC and capabilities(7) write them, lower case
 * without "cap_".  A table of our own because settings and plans are made
 * without libcap, and numbers beyond the running kernel's must parse too.
 */
#pragma once

/* Names in the order of their numbers, NULL at the end. */
extern const char *const capability_names[];

/* "sys_time" for 25; NULL when the number has no name. */
const char *capability_name(unsigned number);

/* The number of a name, or -1. */
int capability_number(const char *name);
