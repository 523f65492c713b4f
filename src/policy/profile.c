/*
 * Reads seccomp policy files.  Called by filter.c and by the fuzz target.
 */
#include "policy/profile.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

#define BLANKS " \t"

/* A file while it is read. */
struct reader {
	struct arena *arena;
	const char *path, *native;
	struct profile *profile;
	struct profile_action usual; /* of rules that name no action */
	unsigned line;
	bool foreign;                /* in a section of another machine */
};

__attribute__((format(printf, 3, 4)))
static int complain(const struct reader *reader, struct error *err, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return error_set(err, 0, "%s:%u: %s", reader->path, reader->line, text);
}

/* ---- actions ---- */

static const struct {
	const char *word;
	enum profile_verb verb;
} verbs[] = {
	/* Words of LXC, and below them those it does not have. */
	{ "kill", VERB_KILL }, { "errno", VERB_ERRNO }, { "allow", VERB_ALLOW }, { "trap", VERB_TRAP },
	{ "notify", VERB_NOTIFY },
	{ "kill_process", VERB_KILL_PROCESS }, { "log", VERB_LOG }, { "trace", VERB_TRACE },
};

/* As in LXC a word counts by how it begins; the longer of two that fit is meant. */
static const char *verb_find(const char *at, enum profile_verb *ret)
{
	const char *found = NULL;

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (text_starts(at, verbs[i].word) && (!found || strlen(found) < strlen(verbs[i].word))) {
			found = verbs[i].word;
			*ret = verbs[i].verb;
		}
	return found;
}

/* The number behind `errno`, and perhaps behind `trace`. */
static int action_number(const struct reader *reader, const char **at, struct profile_action *action, struct error *err)
{
	char *end;
	long number = strtol(*at, &end, 10);

	if (end == *at && action->verb == VERB_TRACE)
		return 0;
	if (end == *at || number < 0 || number > (action->verb == VERB_TRACE ? 65535 : 4095))
		return complain(reader, err, action->verb == VERB_TRACE ? "'trace' takes a number from 0 to 65535"
				: "'errno' needs a number from 0 to 4095");
	action->number = (unsigned short)number;
	*at = end;
	return 0;
}

/* The words after a name are cut where the arguments begin. */
static int action_parse(const struct reader *reader, const char **text, struct profile_action *ret, struct error *err)
{
	const char *at = *text + strspn(*text, BLANKS);
	struct profile_action action = { 0 };

	if (!verb_find(at, &action.verb)) {
		complain(reader, err, "'%.40s' is no action", at);
		return error_hint(err, "actions are allow, errno NUMBER, kill, kill_process, log, notify, trace NUMBER and trap");
	}
	at += strcspn(at, BLANKS "[");
	if ((action.verb == VERB_ERRNO || action.verb == VERB_TRACE) && action_number(reader, &at, &action, err) < 0)
		return -1;
	*ret = action;
	*text = at;
	return 0;
}

/* ---- arguments ---- */

static const struct {
	const char *name, *sign;
	enum profile_compare compare;
} compares[] = {
	{ "SCMP_CMP_NE", "!=", COMPARE_NE }, { "SCMP_CMP_LT", "<", COMPARE_LT }, { "SCMP_CMP_LE", "<=", COMPARE_LE },
	{ "SCMP_CMP_EQ", "==", COMPARE_EQ }, { "SCMP_CMP_GE", ">=", COMPARE_GE }, { "SCMP_CMP_GT", ">", COMPARE_GT },
	{ "SCMP_CMP_MASKED_EQ", "&=", COMPARE_MASKED },
};

int profile_compare_parse(const char *word, size_t length, enum profile_compare *ret)
{
	for (size_t i = 0; i < sizeof compares / sizeof compares[0]; i++) {
		const char *both[] = { compares[i].name, compares[i].sign };

		for (size_t n = 0; n < 2; n++)
			if (strlen(both[n]) == length && strncmp(both[n], word, length) == 0) {
				*ret = compares[i].compare;
				return 0;
			}
	}
	return -1;
}

/* A number up to ',' or ']', which is stepped over when it is a comma. */
static int number_parse(const char **text, uint64_t *ret)
{
	const char *at = *text + strspn(*text, BLANKS);
	char *end;

	if (!isdigit((unsigned char)*at))
		return -1;
	errno = 0;
	*ret = strtoull(at, &end, 0);
	end += strspn(end, BLANKS);
	if (errno || (*end != ',' && *end != ']'))
		return -1;
	*text = end + (*end == ',');
	return 0;
}

/* "[INDEX,VALUE,OP]" or "[INDEX,VALUE,OP,MASK]"; *text is moved behind it. */
static int argument_parse(const char **text, struct profile_argument *ret)
{
	const char *at = *text + 1;
	uint64_t index;
	size_t length;

	*ret = (struct profile_argument){ 0 };
	if (number_parse(&at, &index) < 0 || index >= PROFILE_ARGUMENTS || number_parse(&at, &ret->value) < 0)
		return -1;
	ret->index = (unsigned)index;
	at += strspn(at, BLANKS);
	length = strcspn(at, ",]" BLANKS);
	if (profile_compare_parse(at, length, &ret->compare) < 0)
		return -1;
	at += length;
	at += strspn(at, BLANKS);
	if (*at == ',') {
		at++;
		if (number_parse(&at, &ret->mask) < 0)
			return -1;
	}
	if (*at != ']')
		return -1;
	*text = at + 1;
	return 0;
}

static int arguments_parse(const struct reader *reader, const char *text, struct profile_rule *rule, struct error *err)
{
	for (text += strspn(text, BLANKS); *text == '['; text += strspn(text, BLANKS)) {
		if (rule->argument_count == PROFILE_ARGUMENTS)
			return complain(reader, err, "a syscall has at most %d arguments", PROFILE_ARGUMENTS);
		if (argument_parse(&text, &rule->arguments[rule->argument_count]) < 0) {
			complain(reader, err, "'%.60s' cannot be understood as an argument", text);
			return error_hint(err, "an argument is [INDEX,VALUE,OP] or [INDEX,VALUE,&=,MASK]");
		}
		rule->argument_count++;
	}
	if (*text && *text != '#')
		return complain(reader, err, "'%.60s' is more than a rule has", text);
	return 0;
}

/* ---- sections ---- */

/* Architectures as LXC's sections call them, by the machine that can run them. */
static const struct {
	const char *section, *machines;
} sections[] = {
	{ "all", NULL }, { "x86", "x86 x86_64" }, { "x32", "x86_64" }, { "x86_64", "x86_64" },
	{ "arm", "arm arm64" }, { "arm64", "arm64" }, { "ppc", "ppc" }, { "ppc64", "ppc64" }, { "ppc64le", "ppc64le" },
	{ "mips", "mips mips64" }, { "mips64", "mips64" }, { "mips64n32", "mips64" },
	{ "mipsel", "mipsel mipsel64" }, { "mipsel64", "mipsel64" }, { "mipsel64n32", "mipsel64" },
	{ "s390", "s390 s390x" }, { "s390x", "s390x" }, { "loongarch64", "loongarch64" }, { "riscv64", "riscv64" },
};

static bool word_in(const char *words, const char *word)
{
	const char *cursor = words, *found;
	size_t length;

	while ((found = text_word(&cursor, " ", &length)))
		if (strlen(word) == length && strncmp(found, word, length) == 0)
			return true;
	return false;
}

static bool all_upper(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (islower((unsigned char)text[i]))
			return false;
	return true;
}

/* "[x86_64]" or "[X86_64]": one case throughout. */
static int section_take(struct reader *reader, const char *text, struct error *err)
{
	size_t length = strcspn(text + 1, "]");

	for (size_t i = 0; text[1 + length] && i < sizeof sections / sizeof sections[0]; i++) {
		const char *name = sections[i].section;

		if (strlen(name) != length || strncasecmp(name, text + 1, length) != 0)
			continue;
		if (strncmp(name, text + 1, length) != 0 && !all_upper(text + 1, length))
			break;
		reader->foreign = sections[i].machines && !word_in(sections[i].machines, reader->native);
		return 0;
	}
	complain(reader, err, "unknown section '%.40s'", text);
	return error_hint(err, "sections are [all] and architectures such as [x86_64], [arm64]");
}

/* ---- rules ---- */

static struct profile_rule *rule_add(struct reader *reader)
{
	struct profile *profile = reader->profile;
	struct profile_rule *rule;

	profile->rules = arena_append(reader->arena, profile->rules, &profile->count, sizeof *profile->rules);
	rule = &profile->rules[profile->count - 1];
	rule->action = reader->usual;
	rule->line = reader->line;
	return rule;
}

static int rule_take(struct reader *reader, const char *text, struct error *err)
{
	size_t length = strcspn(text, BLANKS);
	const char *rest = text + length + strspn(text + length, BLANKS);
	struct profile_rule parsed = { .action = reader->usual }, *rule;

	if (length == 0)
		return complain(reader, err, "a rule begins at the start of its line");
	if (*rest && *rest != '#' && action_parse(reader, &rest, &parsed.action, err) < 0)
		return -1;
	if (*rest != '#' && arguments_parse(reader, rest, &parsed, err) < 0)
		return -1;
	if (reader->foreign)
		return 0;
	rule = rule_add(reader);
	parsed.line = reader->line;
	parsed.name = arena_strndup(reader->arena, text, length);
	*rule = parsed;
	return 0;
}

static int line2_take(struct reader *reader, const char *text, struct error *err)
{
	if (*text == '#' || !*text)
		return 0;
	if (*text == '[')
		return section_take(reader, text, err);
	if (text_starts(text, "reject_force_umount")) {
		if (!reader->foreign)
			reader->profile->reject_force_umount = true;
		return 0;
	}
	return rule_take(reader, text, err);
}

/* Format 1: a number of an allowed syscall; what follows it is for people. */
static int line1_take(struct reader *reader, const char *text, struct error *err)
{
	char *end;
	long number = strtol(text, &end, 10);
	struct profile_rule *rule;

	if (end == text || number < 0 || number > 1 << 20)
		return complain(reader, err, "format 1 has a syscall number on each line, not '%.40s'", text);
	rule = rule_add(reader);
	rule->number = number;
	return 0;
}

/* ---- the first two lines ---- */

/* "denylist [ACTION]" or "allowlist [ACTION]", also by their former names. */
static int style_take(struct reader *reader, const char *text, struct error *err)
{
	struct profile *profile = reader->profile;
	size_t length = strcspn(text, BLANKS);
	bool deny = word_in("denylist blacklist", arena_strndup(reader->arena, text, length));
	bool allow = word_in("allowlist whitelist", arena_strndup(reader->arena, text, length));

	if (strstr(text, "debug"))
		return complain(reader, err, "'debug' profiles are not supported");
	if (!deny && !allow) {
		complain(reader, err, "'%.40s' is not a style of profile", text);
		return error_hint(err, "the second line is denylist or allowlist");
	}
	profile->otherwise.verb = deny ? VERB_ALLOW : VERB_KILL;
	reader->usual.verb = deny ? VERB_KILL : VERB_ALLOW;
	text += length;
	if (!*text)
		return 0;
	return action_parse(reader, &text, &profile->otherwise, err);
}

static int style1_take(struct reader *reader, const char *text, struct error *err)
{
	if (strstr(text, "debug"))
		return complain(reader, err, "'debug' profiles are not supported");
	if (!strstr(text, "allowlist") && !strstr(text, "whitelist"))
		return complain(reader, err, "a profile of format 1 is an allowlist, not '%.40s'", text);
	reader->profile->by_number = true;
	reader->profile->otherwise.verb = VERB_KILL;
	reader->usual.verb = VERB_ALLOW;
	return 0;
}

static int lines_take(struct reader *reader, char *rest, struct error *err)
{
	char *text = strsep(&rest, "\n");
	long version = text ? strtol(text, NULL, 10) : 0;
	bool first = version == 1;

	reader->line = 1;
	if (version != 1 && version != 2) {
		complain(reader, err, "the first line must be the format, 1 or 2");
		return error_hint(err, "formats are described in lxs.container.conf(5), lxc.seccomp.profile");
	}
	text = strsep(&rest, "\n");
	reader->line = 2;
	if (!text)
		return complain(reader, err, "the second line, allowlist or denylist, is missing");
	if ((first ? style1_take(reader, text, err) : style_take(reader, text, err)) < 0)
		return -1;
	while ((text = strsep(&rest, "\n"))) {
		reader->line++;
		if (!*text && !rest)
			break;
		if ((first ? line1_take(reader, text, err) : line2_take(reader, text, err)) < 0)
			return -1;
	}
	return 0;
}

int profile_parse(struct arena *arena, const char *path, const char *text, const char *native,
		  struct profile *ret, struct error *err)
{
	struct reader reader = { .arena = arena, .path = path, .native = native, .profile = ret };

	*ret = (struct profile){ 0 };
	return lines_take(&reader, arena_strdup(arena, text), err);
}
