/* A text of a server whose signature was checked, where the remote has a keyring. */
#pragma once

#include "image/get.h"

/* 0, TRANSFER_MISSING (the text itself), or -1. */
int signed_text(const struct get *get, struct arena *arena, const char *path, const char **ret, struct error *err);
