/*
 * What the planners of interfaces share: plan/net.c and plan/net_types.c.
 */
#pragma once

#include "plan/domains.h"

/* The text of a key of an interface, or NULL. */
const char *net_text(const struct net *net, const char *key);

/* lxc.net.N.script.up or .down as a hook; NULL when `command` is. */
const struct step_hook *net_script_plan(struct planner *planner, const struct net *net, const char *type,
					const char *command);

/* Whether the type is one that takes an interface of the host. */
bool net_types_has(const struct net *net);

/* Whether there is an interface at all. */
bool net_has_interface(const struct net *net);

/* plan/net_names.c: the name inside that a pair's end has from its birth on; NULL: init gives it. */
const char *net_born_name(const struct planner *planner, const struct net *net);

/* Its host side step, checked; 0 or -1. */
int net_types_plan(struct planner *planner, const struct net *net, struct error *err);

/* The wanted name inside; NULL: eth%d. */
const char *net_types_name(const struct planner *planner, const struct net *net);

/* plan/net_open.c: why the interface is not made although the config asks for it (lxs.net.optional); NULL: it is. */
const char *net_left_out(const struct planner *planner, const struct net *net);

/* Whether the link is any interface of the host whose name begins so ("eth+"). */
bool net_link_is_open(const struct net *net);

/* One that such a link may be; NULL with err: there is none. */
const char *net_link_choose(struct planner *planner, const struct net *net, struct error *err);

/* What was chosen for it. */
const char *net_link_chosen(const struct planner *planner, const struct net *net);

/* plan/net_user.c: a pair of an ordinary user, a stack of his own, and what of a pair is set up inside. */
int net_user_plan(struct planner *planner, const struct net *net, struct error *err);
int net_stack_plan(struct planner *planner, const struct net *net, struct error *err);
void net_user_setup(const struct net *net, struct step_net_setup *step);

/* plan/net_router.c: mode, queues and routes of a pair. */
void net_router_plan(struct planner *planner, const struct net *net, struct step_veth *step);

/* The VLANs of its port, checked; 0 or -1. */
int net_vlans_plan(struct planner *planner, const struct net *net, struct step_veth *step, struct error *err);

/* l2proxy, for any type with a link; 0 or -1. */
int net_proxy_plan(struct planner *planner, const struct net *net, struct error *err);
