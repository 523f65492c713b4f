/* Reading JSON of an image: what is missing or of another type is NULL, never a crash. */
#pragma once

#include <jansson.h>

#include "lib/arena.h"
#include "lib/error.h"

static inline void json_release(json_t **json)
{
	json_decref(*json);
}

#define owned_json __attribute__((cleanup(json_release))) json_t

/*
 * The file `path` beneath `directory` as JSON; NULL and an error.  With
 * `digest` ("sha256:HEX") the bytes must have it.
 */
json_t *oci_json(int directory, const char *path, const char *digest, const char *shown, struct error *err);

/* A member that is text, "" when there is none; lives in the arena. */
const char *oci_text(struct arena *arena, const json_t *object, const char *name);

/* A member that is a list of texts; an empty list when there is none. */
const char *const *oci_texts(struct arena *arena, const json_t *object, const char *name);

/* The member names of an object, as a list. */
const char *const *oci_names(struct arena *arena, json_t *object);

/* Whether a digest is one that can be checked here; then *path is where its blob lies. */
const char *oci_blob(struct arena *arena, const char *digest, struct error *err);

/* Beneath `directory`, wherever links lead: an absolute path of the plain file there. */
const char *oci_file(struct arena *arena, int directory, const char *path, const char *shown, struct error *err);

/* Holds a file against "sha256:HEX". */
int oci_verify(const char *path, const char *digest, const char *shown, struct error *err);
