/*
 * The network steps of a launch, and what undoes them.
 */
#pragma once

#include "launch/launch.h"

int launch_veth(struct launch *launch, const struct step *step, struct error *err);
int launch_net_child(struct launch *launch, const struct step *step, struct error *err);
int launch_net_user(struct launch *launch, const struct step *step, struct error *err);
int launch_net_stack(struct launch *launch, const struct step *step, struct error *err);
int launch_net_phys(struct launch *launch, const struct step *step, struct error *err);
int launch_net_proxy(struct launch *launch, const struct step *step, struct error *err);
int launch_net_prepare(struct launch *launch, const struct step *step, struct error *err); /* gateway auto */

int inside_net(struct inside *inside, const struct step *step);
int inside_loopback_up(struct inside *inside, const struct step *step);

/* Of the network namespace that the caller is in.  0 or -errno. */
int loopback_up(void);

/* Six bytes of "10:66:6a:12:34:56"; false: NULL or something else. */
bool net_hwaddr_read(const char *text, unsigned char bytes[static 6]);

/* For run state: that `name` is the host end of a pair. */
void net_interface_note(struct launch *launch, const char *name);

/* Lends an interface to init of launch->run, where it begins as "lxsINDEX"; noted in the journal. */
int net_phys_lend(struct launch *launch, const struct step_net_phys *args, struct error *err);

/* The error of a step of an interface: what is tried, and why it failed.  Returns -1. */
int net_report(const struct step *step, struct error *why, struct error *err);

/* The error for an interface of the host that a config names; `code` as netlink_index() gave it.  Returns -1. */
int net_parent_missing(const char *link, int code, struct error *err);

/* Rows of launch/undo.c. */
int launch_net_undo_name(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_link(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_user(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_stack(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_script(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_phys(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_namespace(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_ovs(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_route(char *const *arguments, size_t count, struct error *err);
int launch_net_undo_proxy(char *const *arguments, size_t count, struct error *err);
