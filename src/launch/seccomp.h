/*
 * The seccomp filter of a container: compiled before the clone, where
 * allocating is allowed, and loaded by init with one system call.
 */
#pragma once

#include <linux/filter.h>

#include "launch/launch.h"
#include "policy/filter.h"

int launch_seccomp(struct launch *launch, const struct step *step, struct error *err);
int inside_seccomp(struct inside *inside, const struct step *step);

/* Keeps a program in the run directory, for attach; without one it is no error. */
int seccomp_show(const struct launch *launch, const char *file, const struct filter_head *head,
		 const struct sock_filter *program, size_t length, struct error *err);

/* For steps inside: loads a program and sends its listener to the host side.  0 or -errno. */
int seccomp_load_listener(struct inside *inside, const struct sock_fprog *program, unsigned long flags);

/* Whether the profile of this step can be had: 0 or -1. */
int launch_seccomp_check(const struct step *step, struct error *err);

/*
 * Whether the program of this step is in the cache, so that libseccomp is not
 * needed: it is taken out now, and the launch uses what is in `launch`.
 */
bool launch_seccomp_find(struct launch *launch, const struct step *step);
