/*
 * What needs no root of lxs-net: its settings, the texts that it hands to nft
 * and dnsmasq, and what it makes of other people's rulesets.
 */
#include "bridge/check.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/conf.h"
#include "bridge/firewall.h"
#include "bridge/server.h"
#include "lib/own.h"
#include "lib/text.h"

static struct bridge_conf conf_of(struct arena *arena, const char *text)
{
	owned_error err = ERROR_INIT;
	struct bridge_conf conf;

	if (bridge_conf_parse(arena, "file", text, NULL, &conf, &err) < 0)
		fail_msg("%s", err.message);
	return conf;
}

static void test_defaults(void **state)
{
	owned_arena arena = arena_new();
	struct bridge_conf conf = conf_of(arena, "");
	owned_str text = bridge_conf_format(&conf);

	(void)state;
	assert_string_equal(text, "USE_LXC_BRIDGE=true\nLXC_BRIDGE=lxsbr0\nLXC_BRIDGE_MAC=10:66:6a:00:00:01\nLXC_ADDR=10.0.4.1\n"
				  "LXC_NETMASK=255.255.255.0\nLXC_NETWORK=10.0.4.0/24\nLXC_DHCP_RANGE=10.0.4.2,10.0.4.254\n"
				  "LXC_DHCP_MAX=253\nLXC_DHCP_PING=true\nLXC_USE_NFT=true\n");
}

/* What is written is read as the same. */
static void test_round_trip(void **state)
{
	static const char *const texts[] = {
		"LXC_DOMAIN=\"example.org\"\nLXC_DHCP_CONFILE='/etc/a b.conf'\nLXC_USE_NFT=no\n",
		"LXC_ADDR=192.168.7.100\nLXC_NETMASK=255.255.255.240\nLXC_DHCP_MAX=3\n",
		"LXC_IPV6_ADDR=fd00:1::1\nLXC_IPV6_MASK=48\nLXC_IPV6_NAT=true\nUSE_LXC_BRIDGE=\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		owned_arena arena = arena_new();
		struct bridge_conf one = conf_of(arena, texts[i]), two;
		owned_str first = bridge_conf_format(&one);
		owned_str second = NULL;

		two = conf_of(arena, first);
		second = bridge_conf_format(&two);
		assert_string_equal(first, second);
	}
}

/* The words of a shell that stand for themselves. */
static void test_quotes(void **state)
{
	static const struct { const char *written, *domain; } rows[] = {
		{ "LXC_DOMAIN=a.b", "a.b" }, { "LXC_DOMAIN='a'.\"b\"", "a.b" }, { "  export LXC_DOMAIN=a.b  # not c", "a.b" },
		{ "LXC_DOMAIN=\"a\\\nLXC_DOMAIN=b", NULL }, { "LXC_DOMAIN=a\\.b", "a.b" }, { "LXC_DOMAIN=\r\n", "" },
		{ "LXC_DOMAIN=`id`", NULL }, { "LXC_DOMAIN=\"${A}\"", NULL }, { "LXC_DOMAIN=a;b", NULL }, { "LXC_DOMAIN =a", NULL },
		{ "LXC_DOMAIN=a'", NULL }, { ". /etc/default/lxc", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		owned_arena arena = arena_new();
		owned_error err = ERROR_INIT;
		struct bridge_conf conf;
		int answer = bridge_conf_parse(arena, "file", rows[i].written, NULL, &conf, &err);

		if (answer != (rows[i].domain ? 0 : -1))
			fail_msg("%s: %d", rows[i].written, answer);
		if (rows[i].domain)
			assert_string_equal(conf.domain ? conf.domain : "", rows[i].domain);
		else
			assert_non_null(err.asked);
	}
}

/* An address that is not the first of its network is given out to nobody else; all others are. */
static void test_range(void **state)
{
	owned_arena arena = arena_new();
	struct bridge_conf conf = conf_of(arena, "LXC_ADDR=10.1.2.130\nLXC_NETMASK=255.255.255.128\n");

	(void)state;
	assert_int_equal(ntohl(conf.network.s_addr), 0x0a010280);
	assert_int_equal(ntohl(conf.first.s_addr), 0x0a010281);
	assert_int_equal(ntohl(conf.last.s_addr), 0x0a0102fe);
	assert_int_equal(conf.leases, 126);
}

static void test_rules(void **state)
{
	owned_arena arena = arena_new();
	struct bridge_conf conf = conf_of(arena, "LXC_IPV6_ADDR=fd00:1::1\n");
	owned_str without = firewall_text(&conf);
	owned_str with = NULL;

	(void)state;
	/* What was loaded before goes in the same step. */
	assert_true(text_starts(without, "table inet lxs\ndelete table inet lxs\ntable inet lxs {\n"));
	assert_non_null(strstr(without, "ip saddr 10.0.4.0/24 ip daddr != 10.0.4.0/24 counter masquerade"));
	assert_null(strstr(without, "ip6"));
	conf.nat6 = true;
	with = firewall_text(&conf);
	assert_non_null(strstr(with, "ip6 saddr fd00:1::/64 ip6 daddr != fd00:1::/64 counter masquerade"));
}

static bool has_word(char *const *words, const char *word)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static void test_server_words(void **state)
{
	owned_arena arena = arena_new();
	struct bridge_conf conf = conf_of(arena, "LXC_DOMAIN=lxs.test\nLXC_DHCP_PING=false\nLXC_IPV6_ADDR=fd00:1::1\n");
	char *const *words = server_words(arena, &conf, "/run/x", "dnsmasq");

	(void)state;
	assert_true(has_word(words, "--interface=lxsbr0"));
	assert_true(has_word(words, "--dhcp-range=10.0.4.2,10.0.4.254,255.255.255.0"));
	assert_true(has_word(words, "--pid-file=/run/x/dnsmasq.pid"));
	assert_true(has_word(words, "--domain=lxs.test"));
	assert_true(has_word(words, "--local=/lxs.test/"));
	assert_true(has_word(words, "--no-ping"));
	assert_true(has_word(words, "--dhcp-range=fd00:1::1,ra-only"));
}

/* ---- rulesets of others ---- */

#define RULESET(objects) "{\"nftables\": [" objects "]}"
#define CHAIN(name, hook, policy)                                                                                 \
	"{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"" name "\", \"type\": \"filter\", \"hook\": \"" hook \
	"\", \"prio\": 0, \"policy\": \"" policy "\"}}"
#define RULE(chain, words) "{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"" chain "\", \"expr\": [" words "]}}"
#define MATCH(key, op, right) "{\"match\": {\"op\": \"" op "\", \"left\": {\"meta\": {\"key\": \"" key "\"}}, \"right\": " right "}}"
#define ACCEPT "{\"accept\": null}"
#define DROP "{\"drop\": null}"
#define SADDR(text, length)                                                                                      \
	"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}, \"right\": " \
	"{\"prefix\": {\"addr\": \"" text "\", \"len\": " length "}}}}"

static const struct { const char *text; size_t findings; } rulesets[] = {
	{ RULESET(""), 0 },
	{ RULESET(CHAIN("f", "forward", "accept")), 0 },
	/* Both directions, each with its own remedy. */
	{ RULESET(CHAIN("f", "forward", "drop")), 2 },
	{ RULESET(CHAIN("f", "forward", "drop") "," RULE("f", MATCH("iifname", "==", "\"lxsbr0\"") "," ACCEPT)), 1 },
	{ RULESET(CHAIN("f", "forward", "drop") "," RULE("f", MATCH("iifname", "==", "\"lxs*\"") "," ACCEPT) ","
		  RULE("f", MATCH("oifname", "==", "{\"set\": [\"eth0\", \"lxsbr0\"]}") "," ACCEPT)), 0 },
	{ RULESET(CHAIN("f", "forward", "drop") "," RULE("f", MATCH("iifname", "!=", "\"eth0\"") "," ACCEPT)), 1 },
	/* An open match drops nothing, and accepts only beside the bridge. */
	{ RULESET(CHAIN("f", "forward", "accept") "," RULE("f", MATCH("mark", "==", "1") "," DROP)), 0 },
	{ RULESET(CHAIN("f", "forward", "drop") "," RULE("f", MATCH("mark", "==", "1") "," ACCEPT)), 2 },
	{ RULESET(CHAIN("f", "forward", "drop") "," RULE("f", SADDR("10.0.0.0", "8") "," ACCEPT)), 1 },
	{ RULESET(CHAIN("f", "forward", "drop") "," RULE("f", SADDR("10.0.5.0", "24") "," ACCEPT)), 2 },
	{ RULESET(CHAIN("f", "forward", "accept") "," RULE("f", DROP)), 2 },
	/* A chain that jumps to itself ends. */
	{ RULESET(CHAIN("f", "forward", "drop") "," RULE("f", "{\"jump\": {\"target\": \"f\"}}")), 2 },
	{ RULESET(CHAIN("f", "forward", "accept") "," RULE("f", "{\"jump\": {\"target\": \"g\"}}") "," RULE("g", DROP)), 2 },
	{ RULESET(CHAIN("i", "input", "drop")), 1 },
	{ RULESET(CHAIN("o", "output", "drop")), 0 },
};

static void test_rulesets(void **state)
{
	owned_arena arena = arena_new();
	struct bridge_conf conf = conf_of(arena, "");

	(void)state;
	for (size_t i = 0; i < sizeof rulesets / sizeof rulesets[0]; i++) {
		struct bridge_findings findings = { .arena = arena };
		owned_error err = ERROR_INIT;

		assert_int_equal(check_ruleset(rulesets[i].text, &conf, &findings, &err), 0);
		if (findings.count != rulesets[i].findings)
			fail_msg("row %zu: %zu findings", i, findings.count);
	}
}

static void test_broken_ruleset(void **state)
{
	owned_arena arena = arena_new();
	struct bridge_conf conf = conf_of(arena, "");
	struct bridge_findings findings = { .arena = arena };
	owned_error err = ERROR_INIT;

	(void)state;
	assert_int_equal(check_ruleset("{\"nftables\": [", &conf, &findings, &err), -1);
	assert_int_equal(check_ruleset("{\"nftables\": [3, {\"chain\": []}, {\"rule\": null}]}", &conf, &findings, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_server_words),
		cmocka_unit_test(test_rulesets),
		cmocka_unit_test(test_broken_ruleset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
