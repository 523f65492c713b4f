/*
 * From "step 12, ENOENT" to the sentence a user reads.  Apart from host.c
 * because it knows words, not processes; called when a step of either side
 * failed.
 */
#include "launch/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct text {
	char *bytes;
	size_t used, size;
};

static void text_add(struct text *text, const char *more, size_t length)
{
	for (size_t i = 0; i < length && text->used + 1 < text->size; i++)
		text->bytes[text->used++] = more[i];
	text->bytes[text->used] = '\0';
}

static void field_add(struct text *text, const struct step *step, const struct step_field *field)
{
	const char *where = (const char *)step->args + field->offset;
	char number[32] = "";
	const char *word = number;

	if (field->type == FIELD_STRING)
		word = *(const char *const *)where ? *(const char *const *)where : "nothing";
	else if (field->type == FIELD_STRINGS)
		word = *(const char *const *const *)where && **(const char *const *const *)where
			       ? **(const char *const *const *)where : "nothing";
	else if (field->type == FIELD_UNSIGNED || field->type == FIELD_INT)
		snprintf(number, sizeof number, "%d", *(const int *)where);
	text_add(text, word, strlen(word));
}

static const struct step_field *field_find(const struct step *step, const char *name, size_t length)
{
	const struct step_field *field = step_kinds[step->kind].fields;

	for (; field && field->name; field++)
		if (strlen(field->name) == length && strncmp(field->name, name, length) == 0)
			return field;
	return NULL;
}

/* Copies `words`, with the step's fields for their names in braces. */
static const char *words_fill(const struct step *step, const char *words, char *bytes, size_t size)
{
	struct text text = { bytes, 0, size };

	bytes[0] = '\0';
	while (*words) {
		size_t plain = strcspn(words, "{");
		size_t name = words[plain] ? strcspn(words + plain + 1, "}") : 0;
		const struct step_field *field;

		text_add(&text, words, plain);
		words += plain;
		if (!*words)
			break;
		field = field_find(step, words + 1, name);
		if (field)
			field_add(&text, step, field);
		words += name + 2;
	}
	return bytes;
}

const char *launch_describe(const struct step *step, char *bytes, size_t size)
{
	const char *trying = launch_table[step->kind].trying;

	return words_fill(step, trying ? trying : step_kinds[step->kind].name, bytes, size);
}

int launch_report(const struct step *step, int code, const char *detail, struct error *err)
{
	char trying[512], advice[512];

	launch_describe(step, trying, sizeof trying);
	if (*detail)
		error_set(err, code == ECANCELED || code == EXDEV ? 0 : code, "cannot %s: %s", trying, detail);
	else
		error_set(err, code, "cannot %s", trying);
	for (const struct launch_hint *hint = launch_hints; hint->hint; hint++)
		if (hint->kind == step->kind && (hint->code == code || hint->code == 0)) {
			error_hint(err, "%s", words_fill(step, hint->hint, advice, sizeof advice));
			break;
		}
	return error_asked_by(err, step->origin);
}
