/*
 * Reads and writes single device rules.  Apart from devices.c because a
 * running container gets rules too, without a plan.
 */
#include "plan/device_rule.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { ACCESS_ALL = 7, NUMBER_MAX = 0xfffff };

static const char letters[] = "rwm";

const char device_rule_syntax[] = "'a', 'TYPE MAJOR:MINOR ACCESS' with TYPE one of a b c, * for any number and ACCESS of "
				  "the letters r w m, or '/dev/NODE ACCESS'";

/* A number or `*`, which is -1.  Returns what follows, NULL when it is neither. */
static const char *number_parse(const char *text, int *ret)
{
	long number = 0;

	if (*text == '*') {
		*ret = -1;
		return text + 1;
	}
	if (!isdigit((unsigned char)*text))
		return NULL;
	for (; isdigit((unsigned char)*text); text++) {
		number = number * 10 + (*text - '0');
		if (number > NUMBER_MAX)
			return NULL;
	}
	*ret = (int)number;
	return text;
}

static bool access_parse(const char *text, unsigned *ret)
{
	unsigned set = 0;

	text += strspn(text, " \t");
	if (!*text)
		return false;
	for (; *text; text++) {
		const char *letter = strchr(letters, *text);

		if (!letter)
			return false;
		set |= 1U << (letter - letters);
	}
	*ret = set;
	return true;
}

static const char *numbers_parse(const char *text, struct device_rule *ret)
{
	if (*text != ' ' && *text != '\t')
		return "the type is none of a b c";
	text = number_parse(text + strspn(text, " \t"), &ret->major);
	if (!text || *text != ':')
		return "MAJOR:MINOR is expected after the type";
	text = number_parse(text + 1, &ret->minor);
	if (!text || (*text != ' ' && *text != '\t'))
		return "MAJOR:MINOR and then the access are expected";
	if (!access_parse(text, &ret->access))
		return "the access is missing or has a letter other than r w m";
	return NULL;
}

const char *device_rule_parse(struct arena *arena, const char *text, bool allow, struct device_rule *ret)
{
	size_t word = strcspn(text, " \t");

	*ret = device_rule_everything(allow);
	if (text[0] == '/') {
		ret->type = 'c';
		ret->path = arena_strndup(arena, text, word);
		return access_parse(text + word, &ret->access)
			       ? NULL : "the access after the path is missing or has a letter other than r w m";
	}
	if (!text[0] || !strchr("abc", text[0]))
		return "the type is none of a b c";
	ret->type = text[0];
	if (text[1])
		return numbers_parse(text + 1, ret);
	return text[0] == 'a' ? NULL : "the numbers are missing";
}

static void number_format(int number, char text[static 12])
{
	if (number < 0)
		memcpy(text, "*", 2);
	else
		snprintf(text, 12, "%d", number);
}

void device_rule_format(const struct device_rule *rule, char text[static DEVICE_RULE_TEXT])
{
	const char *verb = rule->allow ? "allow" : "deny";
	char major[12], minor[12], access[4] = "";
	size_t used = 0;

	for (size_t i = 0; letters[i]; i++)
		if (rule->access & 1U << i)
			access[used++] = letters[i];
	number_format(rule->major, major);
	number_format(rule->minor, minor);
	if (rule->type == 'a')
		snprintf(text, DEVICE_RULE_TEXT, "%s a", verb);
	else if (rule->path)
		snprintf(text, DEVICE_RULE_TEXT, "%s %s %s", verb, rule->path, access);
	else
		snprintf(text, DEVICE_RULE_TEXT, "%s %c %s:%s %s", verb, rule->type, major, minor, access);
}

struct device_rule device_rule_everything(bool allow)
{
	return (struct device_rule){ .allow = allow, .type = 'a', .major = -1, .minor = -1, .access = ACCESS_ALL };
}

static void append(struct arena *arena, struct device_rules *rules, struct device_rule rule)
{
	rules->items = arena_append(arena, rules->items, &rules->count, sizeof rule);
	rules->items[rules->count - 1] = rule;
}

void device_rules_add(struct arena *arena, struct device_rules *rules, struct device_rule rule)
{
	bool everything = rule.type == 'a' && rule.major < 0 && rule.minor < 0 && rule.access == ACCESS_ALL;

	if (everything)
		*rules = (struct device_rules){ 0 };
	if (everything || rule.type != 'a') {
		append(arena, rules, rule);
		return;
	}
	rule.type = 'b';
	append(arena, rules, rule);
	rule.type = 'c';
	append(arena, rules, rule);
}

static bool speaks_of(const struct device_rule *rule, const struct device_rule *device)
{
	return rule->type == 'a' || (rule->type == device->type && (rule->major < 0 || rule->major == device->major) &&
				     (rule->minor < 0 || rule->minor == device->minor));
}

bool device_rules_allow(const struct device_rules *rules, const struct device_rule *access)
{
	unsigned wanted = access->access;

	for (size_t i = rules->count; i > 0 && wanted; i--) {
		const struct device_rule *rule = &rules->items[i - 1];

		if (!speaks_of(rule, access))
			continue;
		if (!rule->allow && (rule->access & wanted))
			return false;
		wanted &= ~rule->access;
	}
	return true;
}
