/*
 * Reads seccomp profiles in JSON (profile_json.h).  Runtimes pass over members
 * they do not know; here such a member is refused, since a condition that is
 * misspelt would make its rule hold everywhere.  Called by filter.c and by the
 * fuzz target.
 */
#include "policy/profile_json.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/capability.h"
#include "lib/text.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static void json_drop(json_t **json)
{
	json_decref(*json);
}

#define owned_json __attribute__((cleanup(json_drop))) json_t *

/* A profile while it is read. */
struct reader {
	struct arena *arena;
	const char *path;
	const struct profile_place *place;
	struct profile *profile;
	struct error *err;
	int position;              /* in `syscalls`; -1: not in one of them */
};

__attribute__((format(printf, 2, 3)))
static int complain(const struct reader *reader, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (reader->position < 0)
		return error_set(reader->err, 0, "%s: %s", reader->path, text);
	return error_set(reader->err, 0, "%s: syscalls[%d]: %s", reader->path, reader->position, text);
}

/* ---- shapes ---- */

/* An object of which only these members are known. */
static int members_check(const struct reader *reader, json_t *object, const char *what, const char *const *known)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return complain(reader, "%s must be an object { ... }", what);
	json_object_foreach(object, name, value) {
		const char *near = text_nearest(name, known);
		size_t i = 0;

		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		if (known[i])
			continue;
		complain(reader, "%s has no member '%.40s'", what, name);
		return near ? error_hint(reader->err, "did you mean %s?", near) : -1;
	}
	return 0;
}

/* An unsigned number of `object`; absent or null leaves *ret alone. */
static int number_get(const struct reader *reader, json_t *object, const char *name, uint64_t greatest, uint64_t *ret)
{
	json_t *value = json_object_get(object, name);

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > greatest)
		return complain(reader, "%s must be a number from 0 to %llu", name, (unsigned long long)greatest);
	*ret = (uint64_t)json_integer_value(value);
	return 0;
}

/* The array `name` of texts; absent or null: none. */
static int texts_get(const struct reader *reader, json_t *object, const char *name, json_t **ret)
{
	json_t *array = json_object_get(object, name), *item;
	size_t i;

	*ret = NULL;
	if (!array || json_is_null(array))
		return 0;
	if (!json_is_array(array))
		return complain(reader, "%s must be an array of texts", name);
	json_array_foreach(array, i, item)
		if (!json_is_string(item))
			return complain(reader, "%s must be an array of texts", name);
	*ret = array;
	return 0;
}

/* ---- actions ---- */

static const struct {
	const char *name;
	enum profile_verb verb;
} verbs[] = {
	{ "SCMP_ACT_KILL", VERB_KILL }, { "SCMP_ACT_KILL_THREAD", VERB_KILL },
	{ "SCMP_ACT_KILL_PROCESS", VERB_KILL_PROCESS }, { "SCMP_ACT_TRAP", VERB_TRAP },
	{ "SCMP_ACT_ERRNO", VERB_ERRNO }, { "SCMP_ACT_TRACE", VERB_TRACE }, { "SCMP_ACT_ALLOW", VERB_ALLOW },
	{ "SCMP_ACT_LOG", VERB_LOG }, { "SCMP_ACT_NOTIFY", VERB_NOTIFY },
};

static int action_get(const struct reader *reader, json_t *object, const char *name, const char *number_name,
		      struct profile_action *ret)
{
	const char *text = json_string_value(json_object_get(object, name));
	uint64_t number = EPERM;

	if (!text)
		return complain(reader, "%s is missing", name);
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (strcmp(verbs[i].name, text) != 0)
			continue;
		if (number_get(reader, object, number_name, verbs[i].verb == VERB_TRACE ? 65535 : 4095, &number) < 0)
			return -1;
		*ret = (struct profile_action){ .verb = verbs[i].verb };
		if (ret->verb == VERB_ERRNO || ret->verb == VERB_TRACE)
			ret->number = (unsigned short)number;
		return 0;
	}
	complain(reader, "'%.40s' is no action", text);
	return error_hint(reader->err, "actions are SCMP_ACT_ALLOW, _ERRNO, _KILL, _KILL_PROCESS, _KILL_THREAD, _LOG, "
			  "_NOTIFY, _TRACE and _TRAP");
}

/* ---- architectures ---- */

/* One machine by LXC's word, by libseccomp's, and by the one that Docker's conditions use. */
static const struct {
	const char *section, *library, *condition;
} machines[] = {
	{ "x86_64", "x86_64", "amd64" }, { "x86", "x86", "x86" }, { "arm64", "aarch64", "arm64" }, { "arm", "arm", "arm" },
	{ "ppc64le", "ppc64le", "ppc64le" }, { "ppc64", "ppc64", "ppc64" }, { "ppc", "ppc", "ppc" },
	{ "mips64", "mips64", "mips64" }, { "mipsel64", "mipsel64", "mipsel64" }, { "s390x", "s390x", "s390x" },
	{ "s390", "s390", "s390" }, { "riscv64", "riscv64", "riscv64" },
};

static const char *machine_word(const struct reader *reader, bool condition)
{
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (strcmp(machines[i].section, reader->place->native) == 0)
			return condition ? machines[i].condition : machines[i].library;
	return "";
}

/* "SCMP_ARCH_X86" becomes "x86"; NULL when it is not written so. */
static const char *architecture_word(struct arena *arena, const char *text)
{
	char *word;

	if (!text || !text_starts(text, "SCMP_ARCH_"))
		return NULL;
	word = arena_strdup(arena, text + strlen("SCMP_ARCH_"));
	for (char *c = word; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return word;
}

static int architectures_add(const struct reader *reader, json_t *array)
{
	struct profile *profile = reader->profile;
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item) {
		const char *word = architecture_word(reader->arena, json_string_value(item));

		if (!word)
			return complain(reader, "'%.40s' is no architecture: such begin with SCMP_ARCH_",
					json_string_value(item));
		if (strcmp(word, machine_word(reader, false)) == 0)
			continue;
		profile->architectures = arena_append(reader->arena, profile->architectures, &profile->architecture_count,
						      sizeof *profile->architectures);
		profile->architectures[profile->architecture_count - 1] = word;
	}
	return 0;
}

/* Docker's archMap: the machine that is ours brings the ones it can run beside. */
static int map_take(const struct reader *reader, json_t *map)
{
	static const char *const known[] = { "architecture", "subArchitectures", NULL };
	json_t *entry, *beside;
	size_t i;

	if (!json_is_array(map))
		return complain(reader, "archMap must be an array of objects");
	json_array_foreach(map, i, entry) {
		const char *word;

		if (members_check(reader, entry, "an entry of archMap", known) < 0 ||
		    texts_get(reader, entry, "subArchitectures", &beside) < 0)
			return -1;
		word = architecture_word(reader->arena, json_string_value(json_object_get(entry, "architecture")));
		if (!word)
			return complain(reader, "an entry of archMap needs an architecture SCMP_ARCH_...");
		if (strcmp(word, machine_word(reader, false)) == 0 && architectures_add(reader, beside) < 0)
			return -1;
	}
	return 0;
}

static int architectures_take(const struct reader *reader, json_t *root)
{
	json_t *map = json_object_get(root, "archMap"), *list;

	if (texts_get(reader, root, "architectures", &list) < 0)
		return -1;
	if (list && json_array_size(list) > 0 && map)
		return complain(reader, "architectures and archMap cannot stand beside each other");
	if (map && !json_is_null(map))
		return map_take(reader, map);
	return architectures_add(reader, list);
}

/* ---- conditions ---- */

/* "4.8" against "6.1.0-13": true when the kernel is as new. */
static int kernel_is(const struct reader *reader, json_t *minimum, bool *ret)
{
	const char *text = json_string_value(minimum);
	unsigned long wanted[2], here[2];
	char *end;

	wanted[0] = text && isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
	if (wanted[0] == 0 || *end != '.' || !isdigit((unsigned char)end[1]))
		return complain(reader, "minKernel must be a text like \"4.8\"");
	wanted[1] = strtoul(end + 1, &end, 10);
	if (*end)
		return complain(reader, "minKernel must be a text like \"4.8\"");
	here[0] = strtoul(reader->place->kernel, &end, 10);
	here[1] = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	*ret = here[0] > wanted[0] || (here[0] == wanted[0] && here[1] >= wanted[1]);
	return 0;
}

/* "CAP_SYS_ADMIN" */
static int capability_held(const struct reader *reader, const char *text, bool *ret)
{
	char name[64];
	size_t i = 0;
	int number = -1;

	if (text_starts(text, "CAP_")) {
		for (; text[4 + i] && i < sizeof name - 1; i++)
			name[i] = (char)tolower((unsigned char)text[4 + i]);
		name[i] = '\0';
		number = capability_number(name);
	}
	if (number < 0)
		return complain(reader, "there is no capability '%.40s'", text);
	*ret = reader->place->capabilities >> number & 1;
	return 0;
}

/*
 * What `includes` or `excludes` says: a rule is included when all of it holds,
 * and excluded when any of it does.
 */
static int conditions_ask(const struct reader *reader, json_t *rule, const char *name, bool all, bool *ret)
{
	static const char *const known[] = { "caps", "arches", "minKernel", NULL };
	json_t *object = json_object_get(rule, name), *caps, *arches, *kernel, *item;
	bool holds = false, arch = false;
	size_t i;

	*ret = all;
	if (!object || json_is_null(object))
		return 0;
	if (members_check(reader, object, name, known) < 0 || texts_get(reader, object, "caps", &caps) < 0 ||
	    texts_get(reader, object, "arches", &arches) < 0)
		return -1;
	kernel = json_object_get(object, "minKernel");
	json_array_foreach(caps, i, item) {
		if (capability_held(reader, json_string_value(item), &holds) < 0)
			return -1;
		*ret = all ? *ret && holds : *ret || holds;
	}
	json_array_foreach(arches, i, item)
		arch |= strcmp(json_string_value(item), machine_word(reader, true)) == 0;
	if (json_array_size(arches) > 0)
		*ret = all ? *ret && arch : *ret || arch;
	if (!kernel || json_is_null(kernel))
		return 0;
	if (kernel_is(reader, kernel, &holds) < 0)
		return -1;
	*ret = all ? *ret && holds : *ret || holds;
	return 0;
}

/* ---- rules ---- */

static int argument_take(const struct reader *reader, json_t *object, struct profile_argument *ret)
{
	static const char *const known[] = { "index", "value", "valueTwo", "op", NULL };
	uint64_t index = PROFILE_ARGUMENTS, value = 0, second = 0;
	const char *op;

	if (members_check(reader, object, "an argument", known) < 0 ||
	    number_get(reader, object, "index", PROFILE_ARGUMENTS - 1, &index) < 0 ||
	    number_get(reader, object, "value", INT64_MAX, &value) < 0 ||
	    number_get(reader, object, "valueTwo", INT64_MAX, &second) < 0)
		return -1;
	if (index == PROFILE_ARGUMENTS)
		return complain(reader, "an argument needs an index");
	op = json_string_value(json_object_get(object, "op"));
	*ret = (struct profile_argument){ .index = (unsigned)index, .value = value };
	if (!op || !text_starts(op, "SCMP_CMP_") || profile_compare_parse(op, strlen(op), &ret->compare) < 0) {
		complain(reader, "'%.40s' is no operator", op ? op : "");
		return error_hint(reader->err, "operators are SCMP_CMP_NE, _LT, _LE, _EQ, _GE, _GT and _MASKED_EQ");
	}
	if (ret->compare == COMPARE_MASKED) {
		ret->mask = value;
		ret->value = second;
	}
	return 0;
}

static int arguments_take(const struct reader *reader, json_t *array, struct profile_rule *rule)
{
	json_t *object;
	size_t i;

	if (!array || json_is_null(array))
		return 0;
	if (!json_is_array(array) || json_array_size(array) > PROFILE_ARGUMENTS)
		return complain(reader, "args must be an array of at most %d objects", PROFILE_ARGUMENTS);
	json_array_foreach(array, i, object)
		if (argument_take(reader, object, &rule->arguments[rule->argument_count++]) < 0)
			return -1;
	return 0;
}

static void rule_add(const struct reader *reader, const struct profile_rule *rule)
{
	struct profile *profile = reader->profile;

	profile->rules = arena_append(reader->arena, profile->rules, &profile->count, sizeof *profile->rules);
	profile->rules[profile->count - 1] = *rule;
}

/* Conditions on the same argument cannot all hold: as in runc, each is a rule of its own then. */
static bool arguments_are_alternatives(const struct profile_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->argument_count; i++) {
		if (seen >> rule->arguments[i].index & 1)
			return true;
		seen |= 1U << rule->arguments[i].index;
	}
	return false;
}

static void name_add(const struct reader *reader, struct profile_rule rule, const char *name)
{
	struct profile_rule one = rule;

	rule.name = one.name = arena_strdup(reader->arena, name);
	if (!arguments_are_alternatives(&rule)) {
		rule_add(reader, &rule);
		return;
	}
	for (size_t i = 0; i < rule.argument_count; i++) {
		one.arguments[0] = rule.arguments[i];
		one.argument_count = 1;
		rule_add(reader, &one);
	}
}

static int syscall_take(const struct reader *reader, json_t *object)
{
	static const char *const known[] = {
		"names", "name", "action", "errnoRet", "args", "comment", "includes", "excludes", NULL
	};
	struct profile_rule rule = { .line = (unsigned)reader->position };
	const char *single = json_string_value(json_object_get(object, "name"));
	bool included, excluded;
	json_t *names, *item;
	size_t i;

	if (members_check(reader, object, "a rule", known) < 0 || texts_get(reader, object, "names", &names) < 0 ||
	    action_get(reader, object, "action", "errnoRet", &rule.action) < 0 ||
	    arguments_take(reader, json_object_get(object, "args"), &rule) < 0 ||
	    conditions_ask(reader, object, "includes", true, &included) < 0 ||
	    conditions_ask(reader, object, "excludes", false, &excluded) < 0)
		return -1;
	if (!single == (json_array_size(names) == 0))
		return complain(reader, "a rule needs names");
	if (!included || excluded)
		return 0;
	/* Such profiles name calls of kernels to come: not to allow one is safe. */
	rule.if_known = rule.action.verb == VERB_ALLOW || rule.action.verb == VERB_LOG;
	if (single)
		name_add(reader, rule, single);
	json_array_foreach(names, i, item)
		name_add(reader, rule, json_string_value(item));
	return 0;
}

/* ---- the whole ---- */

static int flags_take(const struct reader *reader, json_t *root)
{
	static const struct {
		const char *name;
		unsigned flag;
	} flags[] = {
		{ "SECCOMP_FILTER_FLAG_TSYNC", 0 }, /* init has one thread */
		{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
		{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
		{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
	};
	json_t *list, *item;
	size_t i;

	if (texts_get(reader, root, "flags", &list) < 0)
		return -1;
	json_array_foreach(list, i, item) {
		size_t row = 0;

		while (row < sizeof flags / sizeof flags[0] && strcmp(flags[row].name, json_string_value(item)) != 0)
			row++;
		if (row == sizeof flags / sizeof flags[0])
			return complain(reader, "the flag '%.60s' is unknown", json_string_value(item));
		reader->profile->flags |= flags[row].flag;
	}
	return 0;
}

static int root_take(struct reader *reader, json_t *root)
{
	static const char *const known[] = {
		"defaultAction", "defaultErrnoRet", "architectures", "archMap", "syscalls", "flags", "listenerPath",
		"listenerMetadata", "comment", NULL
	};
	json_t *rules, *rule;
	size_t i;

	if (members_check(reader, root, "a profile", known) < 0 ||
	    action_get(reader, root, "defaultAction", "defaultErrnoRet", &reader->profile->otherwise) < 0 ||
	    architectures_take(reader, root) < 0 || flags_take(reader, root) < 0)
		return -1;
	if (json_object_get(root, "listenerPath")) {
		complain(reader, "listenerPath is not served");
		return error_hint(reader->err, "lxc.seccomp.notify.proxy names the socket that answers SCMP_ACT_NOTIFY");
	}
	rules = json_object_get(root, "syscalls");
	if (rules && !json_is_null(rules) && !json_is_array(rules))
		return complain(reader, "syscalls must be an array of objects");
	json_array_foreach(rules, i, rule) {
		reader->position = (int)i;
		if (syscall_take(reader, rule) < 0)
			return -1;
	}
	return 0;
}

int profile_json_parse(struct arena *arena, const char *path, const char *text, const struct profile_place *place,
		       struct profile *ret, struct error *err)
{
	struct reader reader = { .arena = arena, .path = path, .place = place, .profile = ret, .err = err, .position = -1 };
	json_error_t where;
	owned_json root = json_loads(text, JSON_REJECT_DUPLICATES, &where);

	*ret = (struct profile){ .json = true };
	if (!root)
		return error_set(err, 0, "%s:%d: %s", path, where.line > 0 ? where.line : 1, where.text);
	return root_take(&reader, root);
}
