/* Arguments of the steps that confine init; a part of plan/steps.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/settings.h"

struct step_bounding { uint64_t keep; };                      /* bit N: capability N stays */
struct step_apparmor {
	const char *profile;       /* its name */
	const char *namespace;     /* made with it; NULL: none */
	const char *policy;        /* text for apparmor_parser(8) */
	const struct values *raw;  /* lines of the config in it, from line raw_from on */
	unsigned raw_from;
};
struct step_label { const char *module, *label; };   /* "apparmor" or "selinux" */
struct step_keyring { const char *context; };        /* of SELinux; NULL: none */

struct step_seccomp {
	const char *profile;
	bool allow_nesting;
	uint64_t capabilities;     /* of the bounding set, for profiles with conditions */
	const char *proxy, *cookie; /* who answers notifications, "/PATH" or "@NAME"; NULL: none */
};
struct step_verify { uint64_t bounding; bool no_new_privs, filter; };
