/* SHA-256 (lib/sha256.h).  Apart because it is arithmetic: the standard's text, one function a step. */
#include "lib/sha256.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, int bits)
{
	return word >> bits | word << (32 - bits);
}

static void schedule(const unsigned char *block, uint32_t words[64])
{
	for (int i = 0; i < 16; i++)
		words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
			   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 64; i++) {
		uint32_t low = rotate(words[i - 15], 7) ^ rotate(words[i - 15], 18) ^ words[i - 15] >> 3;
		uint32_t high = rotate(words[i - 2], 17) ^ rotate(words[i - 2], 19) ^ words[i - 2] >> 10;

		words[i] = words[i - 16] + low + words[i - 7] + high;
	}
}

static void compress(uint32_t state[8], const unsigned char *block)
{
	uint32_t words[64], v[8];

	schedule(block, words);
	memcpy(v, state, sizeof v);
	for (int i = 0; i < 64; i++) {
		uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) + choice +
				 constants[i] + words[i];
		uint32_t second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) + majority;

		v[7] = v[6], v[6] = v[5], v[5] = v[4];
		v[4] = v[3] + first;
		v[3] = v[2], v[2] = v[1], v[1] = v[0];
		v[0] = first + second;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_init(struct sha256 *hash)
{
	*hash = (struct sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t length)
{
	const unsigned char *next = bytes;
	size_t filled = hash->length % sizeof hash->block, part;

	for (hash->length += length; length > 0; next += part, length -= part, filled = 0) {
		if (filled == 0 && length >= sizeof hash->block) {
			compress(hash->state, next);
			part = sizeof hash->block;
			continue;
		}
		part = sizeof hash->block - filled < length ? sizeof hash->block - filled : length;
		memcpy(hash->block + filled, next, part);
		if (filled + part == sizeof hash->block)
			compress(hash->state, hash->block);
	}
}

/* One bit, zeros up to the last 8 bytes of a block, and there the number of bits. */
void sha256_end(struct sha256 *hash, char text[SHA256_TEXT])
{
	static const unsigned char padding[64] = { 0x80 };
	static const char digits[] = "0123456789abcdef";
	uint64_t bits = hash->length * 8;
	unsigned char tail[8];

	for (int i = 0; i < 8; i++)
		tail[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha256_add(hash, padding, 1 + (119 - hash->length % 64) % 64);
	sha256_add(hash, tail, sizeof tail);
	for (int i = 0; i < 64; i++)
		text[i] = digits[hash->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
	text[64] = '\0';
}

void sha256_of(const char *text, char ret[SHA256_TEXT])
{
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, text, strlen(text));
	sha256_end(&hash, ret);
}

int sha256_file(int fd, char ret[SHA256_TEXT])
{
	static unsigned char buffer[1 << 16];
	struct sha256 hash;
	off_t at = 0;
	ssize_t got;

	sha256_init(&hash);
	while ((got = pread(fd, buffer, sizeof buffer, at)) != 0) {
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0) {
			sha256_add(&hash, buffer, (size_t)got);
			at += got;
		}
	}
	sha256_end(&hash, ret);
	return 0;
}

bool sha256_is_text(const char *text)
{
	return strspn(text, "0123456789abcdef") == 64 && text[64] == '\0';
}
