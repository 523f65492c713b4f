/*
 * The key table as the central part of lxs.container.conf(5), so that a key
 * cannot exist without its manual.  Formatted for man(7).
 */
#include "commands/docs.h"

#include "config/keys.h"

static void put_sentence(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	docs_text(out, text);
	fprintf(out, "%s\n", after);
}

/* How the key is written: members of families and interfaces have a part of their own. */
static void put_name(FILE *out, const struct key *key)
{
	fputs(".TP\n.B ", out);
	docs_text(out, key->name);
	fputs(key->kind == KEY_MAP ? ".\\fIMEMBER\\fP" : "", out);
	fputc('\n', out);
}

static const char *second_line(const struct key *key)
{
	switch (key->kind) {
	case KEY_LIST:
		return "A further line appends.";
	case KEY_MAP:
		return key->replace ? "A further line for the same member replaces." :
				      "A further line for the same member is added.";
	case KEY_NET:
		return key->many ? "A further line appends." : NULL;
	default:
		return NULL;
	}
}

static void put_key(FILE *out, const struct key *key)
{
	put_name(out, key);
	docs_text(out, key->doc);
	fputc('\n', out);
	if (key->type)
		put_sentence(out, "Value: ", key->type->syntax, ".");
	if (second_line(key))
		fprintf(out, "%s\n", second_line(key));
	if (key->net_type)
		put_sentence(out, "Only for interfaces of type ", key->net_type, ".");
	if (key->initial)
		put_sentence(out, "Default: ", key->initial, ".");
	if (key->empty)
		put_sentence(out, "The empty value sets ", key->empty, ".");
	if (key->good)
		put_sentence(out, "Example: ", key->good, "");
	if (key->effect == EFFECT_LATER)
		fputs("Kept and written back, but not supported at start by this version.\n", out);
}

void docs_keys(FILE *out)
{
	for (size_t i = 0; i < key_count; i++)
		if (keys[i].kind != KEY_FORMER)
			put_key(out, &keys[i]);
}

void docs_former_keys(FILE *out)
{
	for (size_t i = 0; i < key_count; i++) {
		if (keys[i].kind != KEY_FORMER)
			continue;
		put_sentence(out, ".TP\n.B ", keys[i].name, keys[i].many ? "[.*]" : "");
		docs_text(out, keys[i].successor ? keys[i].successor : "dropped");
		fputc('\n', out);
	}
}

void docs_key_names(FILE *out)
{
	for (size_t i = 0; i < key_count; i++)
		if (keys[i].kind != KEY_FORMER)
			fprintf(out, "%s\n", keys[i].name);
}
