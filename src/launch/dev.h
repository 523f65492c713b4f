/*
 * What stands in the container's /dev: nodes, links, the boot id (dev.c);
 * devpts, console and ttys (console.c).
 */
#pragma once

#include "launch/launch.h"

int inside_node(struct inside *inside, const struct step *step);
int inside_link(struct inside *inside, const struct step *step);
int inside_boot_id(struct inside *inside, const struct step *step);

int inside_devpts(struct inside *inside, const struct step *step);
int inside_console(struct inside *inside, const struct step *step);
int inside_ttys(struct inside *inside, const struct step *step);
