/* The row of every command; each is defined in the command's own file and listed in table.c. */
#pragma once

#include "commands/command.h"

extern const struct command command_attach;
extern const struct command command_cgdelegate;
extern const struct command command_cgroup;
extern const struct command command_clock;
extern const struct command command_config;
extern const struct command command_console;
extern const struct command command_copy;
extern const struct command command_create;
extern const struct command command_destroy;
extern const struct command command_device;
extern const struct command command_execute;
extern const struct command command_export;
extern const struct command command_freeze;
extern const struct command command_image;
extern const struct command command_import;
extern const struct command command_info;
extern const struct command command_inspect;
extern const struct command command_ls;
extern const struct command command_net;
extern const struct command command_snapshot;
extern const struct command command_start;
extern const struct command command_stop;
extern const struct command command_unfreeze;
extern const struct command command_unshare;
extern const struct command command_usernsexec;
extern const struct command command_wait;
