/*
 * Running the programs that lxs-net needs: nft or iptables, dnsmasq.
 */
#pragma once

#include "lib/error.h"

/*
 * Runs argv[0], a name that is looked up (lib/which.h), and waits.  An error says `what`
 * failed and the last lines that the program printed.
 */
int tool_run(char *const *argv, const char *what, struct error *err);
