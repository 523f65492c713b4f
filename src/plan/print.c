/*
 * Prints a plan from the fields of its steps: as text, one line a step, for
 * people and golden tests, or as JSON for programs.  Both go through the same
 * JSON values, so they cannot tell different stories.
 */
#include "plan/plan.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "config/settings.h"
#include "lib/origin.h"
#include "lib/own.h"

enum { NAME_COLUMN = 15 };

static const char *const side_names[] = { "host", "container" };
static const char *const sync_names[SYNC_POINTS] = { "mapped", "placed", "networked", "made", "ready" };

struct bit_name {
	uint64_t bit;
	const char *name;
};

static const struct bit_name namespace_names[] = {
	{ CLONE_NEWUSER, "user" }, { CLONE_NEWNS, "mnt" }, { CLONE_NEWPID, "pid" }, { CLONE_NEWUTS, "uts" },
	{ CLONE_NEWIPC, "ipc" }, { CLONE_NEWNET, "net" }, { CLONE_NEWCGROUP, "cgroup" }, { 0x80, "time" }, { 0, NULL },
};

static const struct bit_name attribute_names[] = {
	{ MOUNT_ATTR_RDONLY, "ro" }, { MOUNT_ATTR_NOSUID, "nosuid" }, { MOUNT_ATTR_NODEV, "nodev" },
	{ MOUNT_ATTR_NOEXEC, "noexec" }, { MOUNT_ATTR_NODIRATIME, "nodiratime" }, { MOUNT_ATTR_NOATIME, "noatime" },
	{ MOUNT_ATTR_STRICTATIME, "strictatime" }, { MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" }, { 0, NULL },
};

static const struct bit_name propagation_names[] = {
	{ MS_REC, "recursive" }, { MS_SHARED, "shared" }, { MS_SLAVE, "slave" }, { MS_PRIVATE, "private" },
	{ MS_UNBINDABLE, "unbindable" }, { 0, NULL },
};

static const struct bit_name access_names[] = { { 1, "r" }, { 2, "w" }, { 4, "m" }, { 0, NULL } };

static json_t *bits(uint64_t set, const struct bit_name *names)
{
	json_t *list = json_array();

	for (; names->name; names++)
		if (set & names->bit)
			json_array_append_new(list, json_string(names->name));
	return list;
}

static json_t *capabilities(uint64_t set)
{
	json_t *list = json_array();

	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		char *name = (set >> i) & 1 ? cap_to_name(i) : NULL;

		if (name)
			json_array_append_new(list, json_string(strncmp(name, "cap_", 4) == 0 ? name + 4 : name));
		cap_free(name);
	}
	return list;
}

static json_t *address(const struct address *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (!address)
		return json_null();
	inet_ntop(address->family, address->bytes, text, sizeof text);
	return json_sprintf("%s/%u", text, address->prefix);
}

static json_t *addresses(const struct address *items, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, address(&items[i]));
	return list;
}

static json_t *device_number(int number)
{
	return number < 0 ? json_string("*") : json_sprintf("%d", number);
}

static json_t *device_rule(const struct device_rule *rule)
{
	json_t *major = device_number(rule->major), *minor = device_number(rule->minor);
	char letters[4] = "";
	size_t used = 0;
	json_t *text;

	for (const struct bit_name *name = access_names; name->name; name++)
		if (rule->access & name->bit)
			letters[used++] = name->name[0];
	if (rule->path)
		text = json_sprintf("%s %s %s", rule->allow ? "allow" : "deny", rule->path, letters);
	else
		text = json_sprintf("%s %c %s:%s %s", rule->allow ? "allow" : "deny", rule->type,
				    json_string_value(major), json_string_value(minor), letters);
	json_decref(major);
	json_decref(minor);
	return text;
}

static json_t *device_rules(const struct device_rule *rules, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, device_rule(&rules[i]));
	return list;
}

static json_t *unsigneds(const unsigned *items, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_integer(items[i]));
	return list;
}

static json_t *strings(const char *const *items)
{
	json_t *list = json_array();

	for (; items && *items; items++)
		json_array_append_new(list, json_string(*items));
	return list;
}

static json_t *string(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *limit(uint64_t value)
{
	return value == RLIM_INFINITY ? json_string("unlimited") : json_integer((json_int_t)value);
}

static json_t *character(char c)
{
	return c ? json_stringn(&c, 1) : json_null();
}

/* The value of one field; `at` points to the member, `count` to its counter. */
static json_t *field_value(const struct step_field *field, const void *args)
{
	const void *at = (const char *)args + field->offset;
	size_t count = field->count_offset ? *(const size_t *)(const void *)((const char *)args + field->count_offset) : 0;

#define AS(type) (*(type const *)at)
	switch (field->type) {
	case FIELD_STRING:       return string(AS(char *));
	case FIELD_STRINGS:
	case FIELD_ENVIRONMENT:  return strings(AS(char const *const *));
	case FIELD_BOOL:         return json_boolean(AS(bool));
	case FIELD_UNSIGNED:     return json_integer(AS(unsigned));
	case FIELD_INT:          return json_integer(AS(int));
	case FIELD_SIZE:         return json_integer((json_int_t)AS(size_t));
	case FIELD_NUMBER:       return json_integer((json_int_t)AS(uint64_t));
	case FIELD_LIMIT:        return limit(AS(uint64_t));
	case FIELD_MODE:         return json_sprintf("%04o", (unsigned)AS(mode_t));
	case FIELD_CHAR:         return character(AS(char));
	case FIELD_NAMESPACES:   return bits(AS(uint64_t), namespace_names);
	case FIELD_ATTRIBUTES:   return bits(AS(uint64_t), attribute_names);
	case FIELD_PROPAGATION:  return bits(AS(uint64_t), propagation_names);
	case FIELD_CAPABILITIES: return capabilities(AS(uint64_t));
	case FIELD_SYNC:         return json_string(sync_names[AS(enum sync_point)]);
	case FIELD_ADDRESSES:    return addresses(AS(struct address *), count);
	case FIELD_ADDRESS:      return address(AS(struct address *));
	case FIELD_DEVICE_RULES: return device_rules(AS(struct device_rule *), count);
	case FIELD_UNSIGNEDS:       return unsigneds(AS(unsigned *), count);
	}
#undef AS
	return json_null();
}

/* ---- text ---- */

/* Plain words stand alone; anything a reader could mistake is quoted as in JSON. */
static void print_word(FILE *out, const json_t *value)
{
	const char *text = json_string_value(value);

	if (*text && text[strcspn(text, " \t\n\"\\,[]#")] == '\0')
		fputs(text, out);
	else
		json_dumpf(value, out, JSON_ENCODE_ANY);
}

static void print_scalar(FILE *out, const json_t *value)
{
	if (json_is_string(value))
		print_word(out, value);
	else
		json_dumpf(value, out, JSON_ENCODE_ANY);
}

static void print_list(FILE *out, const json_t *list)
{
	const char *before = "";
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		fputs(before, out);
		print_scalar(out, item);
		before = ",";
	}
}

/* Most containers keep nearly all capabilities: what is missing is what the reader wants to know. */
static void print_capabilities(FILE *out, uint64_t set)
{
	uint64_t all = (UINT64_C(2) << CAP_LAST_CAP) - 1;
	bool many = __builtin_popcountll(set & all) * 2 > CAP_LAST_CAP;
	json_t *list = capabilities(many ? ~set & all : set);

	if (many)
		fputs(json_array_size(list) > 0 ? "all-but:" : "all", out);
	else if (json_array_size(list) == 0)
		fputs("none", out);
	print_list(out, list);
	json_decref(list);
}

static bool says_nothing(const json_t *value)
{
	return json_is_null(value) || json_is_false(value) || (json_is_array(value) && json_array_size(value) == 0);
}

/* `gap` is the room before the field; returns the room before the next. */
static int print_field(FILE *out, const struct step_field *field, const void *args, int gap)
{
	json_t *value = field_value(field, args);

	if (says_nothing(value) && field->type != FIELD_CAPABILITIES) {
		json_decref(value);
		return gap;
	}
	fprintf(out, "%*s%s", gap, "", field->name);
	if (!json_is_true(value))
		fputc('=', out);
	if (field->type == FIELD_CAPABILITIES) {
		print_capabilities(out, *(const uint64_t *)(const void *)((const char *)args + field->offset));
	} else if (!json_is_true(value)) {
		if (field->type == FIELD_ENVIRONMENT)
			fprintf(out, "%zu", json_array_size(value));
		else if (json_is_array(value))
			print_list(out, value);
		else
			print_scalar(out, value);
	}
	json_decref(value);
	return 1;
}

static void print_origin(FILE *out, const struct origin *origin)
{
	if (origin && origin->line > 0)
		fprintf(out, "  # %s:%u", origin->file, origin->line);
	else if (origin)
		fprintf(out, "  # %s", origin->file);
	fputc('\n', out);
}

void plan_print_step(const struct step *step, FILE *out)
{
	const struct step_kind_row *row = &step_kinds[step->kind];
	int gap = NAME_COLUMN > strlen(row->name) ? (int)(NAME_COLUMN - strlen(row->name)) : 1;

	fprintf(out, "%-9s %s", side_names[row->side], row->name);
	for (const struct step_field *field = row->fields; field && field->name; field++)
		gap = print_field(out, field, step->args, gap);
	if (step->optional)
		fputs(" (optional)", out);
	print_origin(out, step->origin);
}

void plan_print(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->host.count; i++)
		plan_print_step(&plan->host.steps[i], out);
	for (size_t i = 0; i < plan->container.count; i++)
		plan_print_step(&plan->container.steps[i], out);
	for (size_t i = 0; i < plan->note_count; i++) {
		fprintf(out, "note      %s", plan->notes[i].text);
		print_origin(out, plan->notes[i].origin);
	}
}

/* ---- JSON ---- */

static json_t *origin_json(const struct origin *origin)
{
	if (!origin)
		return json_null();
	return json_pack("{s:s, s:i, s:s*}", "file", origin->file, "line", (int)origin->line, "text", origin->text);
}

static json_t *step_json(const struct step *step)
{
	const struct step_kind_row *row = &step_kinds[step->kind];
	json_t *args = json_object();

	for (const struct step_field *field = row->fields; field && field->name; field++)
		json_object_set_new(args, field->name, field_value(field, step->args));
	return json_pack("{s:s, s:b, s:o, s:o}", "step", row->name, "optional", step->optional, "arguments", args,
			 "origin", origin_json(step->origin));
}

static json_t *side_json(const struct side *side)
{
	json_t *list = json_array();

	for (size_t i = 0; i < side->count; i++)
		json_array_append_new(list, step_json(&side->steps[i]));
	return list;
}

static json_t *notes_json(const struct plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->note_count; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "text", plan->notes[i].text, "origin",
						      origin_json(plan->notes[i].origin)));
	return list;
}

int plan_print_json(const struct plan *plan, FILE *out, struct error *err)
{
	json_t *whole = json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", plan->name, "lxcpath", plan->lxcpath, "host",
				  side_json(&plan->host), "container", side_json(&plan->container), "notes",
				  notes_json(plan));
	int printed = whole ? json_dumpf(whole, out, JSON_INDENT(2)) : -1;

	json_decref(whole);
	if (printed < 0)
		return error_set(err, 0, "cannot write the plan as JSON: a text in it is not valid UTF-8");
	fputc('\n', out);
	return 0;
}
