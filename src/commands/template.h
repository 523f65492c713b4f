/*
 * What the templates that are part of lxs-full (download, local, oci) have in common:
 * how lxs-create calls them, options as rows, help, and the way they end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "image/identity.h"
#include "lib/error.h"

/* What lxs-create says, and --help. */
struct template_call {
	const char *name, *path, *rootfs, *mapped_uid, *mapped_gid;
	bool help;
};

struct template_option {
	const char *name;            /* long; NULL ends the rows */
	char letter;                 /* 0: none */
	const char *argument, *help;
	size_t offset;               /* in the template's own struct: a const char *, or a bool */
	bool is_flag;
};

struct template {
	const char *program;         /* "lxs-download" */
	const char *makes, *usage, *see; /* for --help */
	const struct template_option *options;
};

/* Fills `own` (the struct that the rows speak of) and `call`. */
int template_parse(const struct template *template, int argc, char **argv, void *own, struct template_call *call,
		   struct error *err);

/* Prints it; EXIT_SUCCESS. */
int template_help(const struct template *template);

/* Whether lxs-create has said what it has to. */
int template_check(const struct template_call *call, struct error *err);

int template_identity(const struct template_call *call, struct identity *ret, struct error *err);

/* Runs it and prints what went wrong; the exit code. */
int template_main(const struct template *template, int (*run)(int argc, char **argv, struct error *err), int argc,
		  char **argv);

/* Prints each line of `refused` as something that was not taken from the image: letters only, it is a stranger's. */
void template_print_refused(const char *refused);
