/*
 * Builds the messages described in error.h.  Apart from everything else so
 * that any room may fail in the same words; knows no other part of the house.
 */
#include "lib/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/origin.h"
#include "lib/own.h"
#include "lib/text.h"

/* What is shown when even the message cannot be allocated: better poor words than none. */
static const char no_memory[] = "out of memory";

__attribute__((format(printf, 1, 0)))
static char *format_text(const char *format, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		return NULL;
	return text;
}

static void replace(char **field, char *text)
{
	free(*field);
	*field = text ? text : strdup(no_memory);
}

int error_set(struct error *err, int code, const char *format, ...)
{
	owned_str text = NULL;
	char *whole = NULL;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);

	error_done(err);
	err->code = code;
	if (code > 0 && text && asprintf(&whole, "%s: %s", text, strerror(code)) >= 0)
		replace(&err->message, whole);
	else
		replace(&err->message, steal_ptr(text));
	return -1;
}

int error_add(struct error *err, const char *format, ...)
{
	owned_str text = NULL;
	char *whole = NULL;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);

	if (text && err->message && asprintf(&whole, "%s: %s", text, err->message) >= 0)
		replace(&err->message, whole);
	else if (text && !err->message)
		replace(&err->message, steal_ptr(text));
	return -1;
}

int error_asked_by(struct error *err, const struct origin *origin)
{
	const struct origin *from = origin;
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (!origin || err->asked)
		return -1;
	out = open_memstream(&text, &size);
	if (!out)
		return -1;
	if (origin->line > 0)
		fprintf(out, "%s:%u: %s", origin->file, origin->line, origin->text);
	else
		fprintf(out, "%s: %s", origin->file, origin->text);
	for (origin = origin->included_by; origin; origin = origin->included_by)
		fprintf(out, "\nincluded by %s:%u", origin->file, origin->line);
	fclose(out);
	err->asked = text;
	err->line = from->line;
	err->file = strdup(from->file);
	return -1;
}

int error_hint(struct error *err, const char *format, ...)
{
	va_list args;

	if (err->hint)
		return -1;
	va_start(args, format);
	err->hint = format_text(format, args);
	va_end(args);
	return -1;
}

/* Control characters but those of `kept` as numbers. */
static void escaped_print(FILE *out, const char *text, size_t length, const char *kept)
{
	size_t escaped = 0;

	for (size_t i = 0; i < length; i++) {
		if (escaped == 0 && (text[i] == '\0' || !strchr(kept, text[i])))
			escaped = text_control(text + i, length - i);
		if (escaped == 0) {
			fputc(text[i], out);
			continue;
		}
		fprintf(out, "\\%03o", (unsigned char)text[i]);
		escaped--;
	}
}

void plain_print(FILE *out, const char *text, size_t length)
{
	escaped_print(out, text, length, "\n\t");
}

void plain_print_word(FILE *out, const char *text)
{
	escaped_print(out, text, strlen(text), "");
}

/* Texts may have several lines; each is indented alike. */
static void print_indented(FILE *out, const char *label, const char *text)
{
	const char *end;

	for (; text && *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		fprintf(out, "  %s", label);
		plain_print(out, text, (size_t)(end - text));
		fputc('\n', out);
		label = "  ";
	}
}

void error_print(const struct error *err, FILE *out, const char *program, const char *name)
{
	const char *message;

	fprintf(out, "%s: ", program);
	if (name && *name)
		fprintf(out, "%s: ", name);
	message = err->message ? err->message : "unknown error";
	plain_print(out, message, strlen(message));
	fputc('\n', out);
	print_indented(out, "asked for by ", err->asked);
	print_indented(out, "hint: ", err->hint);
}

bool error_is_room(const struct error *err)
{
	return err->code == ENOSPC || err->code == EDQUOT;
}

int error_move(struct error *to, struct error *from)
{
	error_done(to);
	*to = *from;
	*from = ERROR_INIT;
	return -1;
}

void error_done(struct error *err)
{
	int saved = errno;

	free(err->message);
	free(err->asked);
	free(err->file);
	free(err->hint);
	*err = ERROR_INIT;
	errno = saved;
}
