/*
 * SHA-256 (FIPS 180-4), for what is addressed by its contents: images and
 * their parts.  Ours, because the C library has none and a library for TLS is
 * loaded by the one program that speaks it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_TEXT = 65 }; /* 64 digits and NUL */

struct sha256 {
	uint32_t state[8];
	uint64_t length; /* bytes so far */
	unsigned char block[64];
};

void sha256_init(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t length);

/* Ends it; small hexadecimal digits. */
void sha256_end(struct sha256 *hash, char text[SHA256_TEXT]);

void sha256_of(const char *text, char ret[SHA256_TEXT]);

/* Of a whole file, whatever its offset is.  0 or -errno. */
int sha256_file(int fd, char ret[SHA256_TEXT]);

/* Whether it is 64 small hexadecimal digits. */
bool sha256_is_text(const char *text);
