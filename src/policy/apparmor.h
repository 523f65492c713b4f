/* The compiler of AppArmor policy. */
#pragma once

#include <stdbool.h>

#include "lib/error.h"
#include "policy/compiled.h"

/*
 * What the kernel takes for the text of a policy, compiled now or earlier; not
 * `keep`: what it means may change with the same text.  On failure *line is the
 * one that the compiler complains of, from 1; 0: none in particular.
 */
int apparmor_compile(const char *text, bool keep, struct compiled *ret, unsigned *line, struct error *err);
