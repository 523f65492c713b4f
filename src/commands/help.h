/* What --help and --usage print, made from the rows of a command. */
#pragma once

#include <stdio.h>

#include "commands/command.h"

void help_print(const struct command *command, const char *program, FILE *out);
void usage_print(const struct command *command, const char *program, FILE *out);

/* "{-n NAME | NAME} [options] ..." without the program: also for the man page. */
void synopsis_print(const struct command *command, FILE *out);
