/*
 * The policy of `lxc.apparmor.profile = generated`: names and text, made of
 * nothing but what is handed over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"
#include "lib/arena.h"

struct apparmor_policy {
	const char *profile;        /* name: lxc-NAME_<LXCPATH>, as LXC calls it */
	const char *namespace;      /* of the container's own policy, stacked upon the profile; NULL: none */
	bool mapped;                /* to ids that are not of the host's root: the user namespace guards the host */
	bool nesting;               /* lxc.apparmor.allow_nesting */
	const struct values *raw;   /* lxc.apparmor.raw: lines at the end */
};

/* Fills the names in. */
void apparmor_names(struct arena *arena, const char *name, const char *lxcpath, struct apparmor_policy *policy);

/* The text for apparmor_parser(8).  *raw_from: number of the line that holds the first of `raw`, from 1. */
const char *apparmor_text(struct arena *arena, const struct apparmor_policy *policy, unsigned *raw_from);

/* What init is labelled with: the profile, and upon it the namespace. */
const char *apparmor_label(struct arena *arena, const struct apparmor_policy *policy);
