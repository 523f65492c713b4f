/* OpenPGP signatures, checked by gpgv(1) with the keyring of the remote and no other key. */
#pragma once

#include "image/remote.h"
#include "lib/error.h"

/*
 * Whether `signature` (armoured or binary, `length` bytes) signs `text`.  0,
 * or -1 with what is wrong; `shown` names the text.
 */
int signature_check(const struct remote *remote, const char *text, const char *signature, size_t length,
		    const char *shown, struct error *err);
