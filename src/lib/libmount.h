/*
 * What plans ask libmount: the meaning of the words of mount(8) beyond the few
 * that everybody writes.  Loaded when it is needed: the library brings three
 * more and looks at the system when it is loaded, which took a third of the
 * time of every command that mounts nothing.
 */
#pragma once

#include <stdbool.h>

#include "lib/error.h"

enum libmount_kind { LIBMOUNT_UNKNOWN, LIBMOUNT_KERNEL, LIBMOUNT_USERSPACE };

/* An option without its value: whose it is, and what it does to the flags of mount(2). */
struct libmount_word {
	enum libmount_kind kind;
	unsigned long flag;
	bool lower; /* takes the flag away */
};

int libmount_word(const char *name, struct libmount_word *ret, struct error *err);

/* A field of a line of fstab(5) with its octal escapes undone; allocated. */
char *libmount_plain(const char *field, struct error *err);
