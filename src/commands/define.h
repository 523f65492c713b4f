/* The options that lxs-start and lxs-execute share: settings given on the command line. */
#pragma once

#include "commands/command.h"

struct share_options { const char *net, *ipc, *uts, *pid; };

/* Rows for the four --share-*; `field` is the struct share_options in `type`. */
#define SHARE_ROWS(type, field) \
	{ 0, "share-net", "NAME", "share the network namespace of a container or pid", OPTION_STRING, \
	  offsetof(type, field.net), NULL }, \
	{ 0, "share-ipc", "NAME", "share the IPC namespace of a container or pid", OPTION_STRING, \
	  offsetof(type, field.ipc), NULL }, \
	{ 0, "share-uts", "NAME", "share the UTS namespace of a container or pid", OPTION_STRING, \
	  offsetof(type, field.uts), NULL }, \
	{ 0, "share-pid", "NAME", "share the PID namespace of a container or pid", OPTION_STRING, \
	  offsetof(type, field.pid), NULL }

/* Refuses a --define without '=': before anything else is done. */
int define_check(const struct strings *defines, struct error *err);

/* `option` is the long name that was used; a NULL value changes nothing. */
int define_one(struct settings *settings, const char *option, const char *key, const char *value,
	       struct error *err);

int define_all(struct settings *settings, const struct strings *defines, struct arena *arena,
	       struct error *err);
int define_shares(struct settings *settings, const struct share_options *shares, struct error *err);
