/*
 * Fuzz target of what lxs-net reads: its settings, which an administrator
 * writes, and the rulesets of others.  Settings that are taken are written and read
 * as the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/check.h"
#include "bridge/conf.h"
#include "lib/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

static void same_again(struct arena *arena, const struct bridge_conf *conf)
{
	owned_str first = bridge_conf_format(conf);
	owned_str second = NULL;
	owned_error err = ERROR_INIT;
	struct bridge_conf again;

	if (bridge_conf_parse(arena, "written", first, NULL, &again, &err) < 0)
		fail("what was written is refused", err.message);
	second = bridge_conf_format(&again);
	if (strcmp(first, second) != 0)
		fail("differs the second time", first);
}

static void read_settings(struct arena *arena, const char *text)
{
	owned_error err = ERROR_INIT;
	struct bridge_conf conf;

	if (bridge_conf_parse(arena, "fuzz", text, NULL, &conf, &err) == 0)
		same_again(arena, &conf);
	else if (!err.message)
		fail("refused without a reason", text);
}

static void read_ruleset(struct arena *arena, const char *text)
{
	struct bridge_findings findings = { .arena = arena };
	owned_error err = ERROR_INIT;
	struct bridge_conf conf;

	if (bridge_conf_parse(arena, "fuzz", "", NULL, &conf, &err) == 0)
		check_ruleset(text, &conf, &findings, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	owned_str text = strndup((const char *)data, size);
	owned_arena arena = arena_new();

	if (!text)
		return 0;
	if (*text == '{')
		read_ruleset(arena, text);
	else
		read_settings(arena, text);
	return 0;
}
