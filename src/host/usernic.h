/*
 * What lxs-usernet gives to an ordinary user.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Whether the helper is installed for users and some line gives `uid` interfaces on the bridge. */
bool usernic_allows(uid_t uid, const char *bridge);
