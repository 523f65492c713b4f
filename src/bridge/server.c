/*
 * Starts and ends dnsmasq.  Its files are in the run directory, so that they
 * go with the bridge.  Whether it runs is never a matter of a number alone:
 * the process must be one that was told of our file.  Called by bridge.c.
 */
#include "bridge/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/tool.h"
#include "control/journal.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"

enum { SERVER_PATIENCE_MS = 5000 };

struct words { struct arena *arena; char **items; size_t count; };

static void word_add(struct words *words, char *text)
{
	words->items = arena_append(words->arena, words->items, &words->count, sizeof *words->items);
	words->items[words->count - 1] = text;
}

static void domain_add(struct words *words, const char *domain)
{
	word_add(words, arena_printf(words->arena, "--domain=%s", domain));
	word_add(words, arena_printf(words->arena, "--local=/%s/", domain));
}

static void address6_add(struct words *words, const struct bridge_conf *conf)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &conf->address6, text, sizeof text);
	word_add(words, arena_printf(words->arena, "--listen-address=%s", text));
	word_add(words, arena_printf(words->arena, "--dhcp-range=%s,ra-only", text));
}

char *const *server_words(struct arena *arena, const struct bridge_conf *conf, const char *directory, const char *user)
{
	char first[INET_ADDRSTRLEN], last[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN];
	struct words words = { .arena = arena };

	word_add(&words, (char *)"dnsmasq");
	word_add(&words, arena_printf(arena, "--conf-file=%s", conf->server_file ? conf->server_file : "/dev/null"));
	word_add(&words, arena_printf(arena, "--user=%s", user));
	word_add(&words, (char *)"--strict-order");
	word_add(&words, (char *)"--bind-interfaces");
	word_add(&words, (char *)"--except-interface=lo");
	word_add(&words, arena_printf(arena, "--interface=%s", conf->bridge));
	word_add(&words, arena_printf(arena, "--listen-address=%s", inet_ntop(AF_INET, &conf->address, first, sizeof first)));
	word_add(&words, arena_printf(arena, "--pid-file=%s/dnsmasq.pid", directory));
	word_add(&words, arena_printf(arena, "--dhcp-leasefile=%s/leases", directory));
	word_add(&words, arena_printf(arena, "--dhcp-range=%s,%s,%s", inet_ntop(AF_INET, &conf->first, first, sizeof first),
				      inet_ntop(AF_INET, &conf->last, last, sizeof last),
				      inet_ntop(AF_INET, &conf->mask, mask, sizeof mask)));
	word_add(&words, arena_printf(arena, "--dhcp-lease-max=%u", conf->leases));
	word_add(&words, (char *)"--dhcp-no-override");
	word_add(&words, (char *)"--dhcp-authoritative");
	if (!conf->ping)
		word_add(&words, (char *)"--no-ping");
	if (conf->domain)
		domain_add(&words, conf->domain);
	if (conf->ipv6)
		address6_add(&words, conf);
	word_add(&words, NULL);
	return words.items;
}

static const char *server_user(void)
{
	static const char *const users[] = { "lxc-dnsmasq", "dnsmasq", "nobody" };

	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
		if (getpwnam(users[i]))
			return users[i];
	return "nobody";
}

int server_start(struct rundir *run, const struct bridge_conf *conf, struct error *err)
{
	owned_arena arena = arena_new();
	char *const *words = server_words(arena, conf, run->path, server_user());

	if (journal_add(run, "server", (const char *const[]){ run->path, NULL }, err) < 0)
		return -1;
	/* It goes to the background by itself once its sockets are open. */
	if (tool_run(words, "dnsmasq does not start", err) < 0)
		return error_hint(err, "'lxs-net check' tells who has its ports");
	return 0;
}

/* Whether a process was told to write its pid to our file. */
static bool is_ours(pid_t pid, const char *directory)
{
	owned_str text = NULL;
	owned_str wanted = NULL;
	char path[64];
	size_t length;
	owned_error ignored = ERROR_INIT;

	snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
	if (file_read(path, &text, &length, &ignored) < 0 || asprintf(&wanted, "--pid-file=%s/dnsmasq.pid", directory) < 0)
		return false;
	for (const char *word = text; word < text + length; word += strlen(word) + 1)
		if (strcmp(word, wanted) == 0)
			return true;
	return false;
}

pid_t server_pid(const char *directory)
{
	owned_str path = NULL;
	owned_str text = NULL;
	owned_error ignored = ERROR_INIT;
	size_t length;
	pid_t pid;

	if (asprintf(&path, "%s/dnsmasq.pid", directory) < 0 || file_read(path, &text, &length, &ignored) < 0)
		return 0;
	pid = (pid_t)strtol(text, NULL, 10);
	return pid > 1 && is_ours(pid, directory) ? pid : 0;
}

static int server_end(pid_t pid, const char *directory)
{
	owned_fd pidfd = proc_open(pid);
	struct pollfd ends = { .fd = pidfd, .events = POLLIN };

	/* Looked at again: from here on the number is held by the descriptor. */
	if (pidfd < 0 || !is_ours(pid, directory))
		return 0;
	proc_signal(pidfd, SIGTERM);
	if (poll(&ends, 1, SERVER_PATIENCE_MS) == 1)
		return 0;
	proc_signal(pidfd, SIGKILL);
	return poll(&ends, 1, SERVER_PATIENCE_MS) == 1 ? 0 : -ETIMEDOUT;
}

int server_undo(char *const *arguments, size_t count, struct error *err)
{
	owned_str path = NULL;
	pid_t pid;
	int code;

	if (count != 1)
		return error_set(err, EINVAL, "bad server line in the journal");
	pid = server_pid(arguments[0]);
	code = pid > 0 ? server_end(pid, arguments[0]) : 0;
	if (code < 0)
		return error_set(err, -code, "dnsmasq (process %d) does not end", pid);
	if (asprintf(&path, "%s/dnsmasq.pid", arguments[0]) > 0)
		unlink(path);
	return 0;
}

/* ---- leases ---- */

/* Lines `EXPIRES HARDWARE ADDRESS NAME CLIENT`; those of IPv6 have other fields and stand behind a line `duid ...`. */
static bool lease_read(struct arena *arena, char *line, struct lease *ret)
{
	char *expires = strsep(&line, " "), *hardware = strsep(&line, " "), *address = strsep(&line, " ");
	char *name = strsep(&line, " ");

	if (!name || strchr(address, ':') || strcmp(expires, "duid") == 0)
		return false;
	*ret = (struct lease){
		.address = arena_strdup(arena, address), .hardware = arena_strdup(arena, hardware),
		.name = strcmp(name, "*") == 0 ? NULL : arena_strdup(arena, name), .expires = strtoll(expires, NULL, 10),
	};
	return true;
}

struct lease *server_leases(struct arena *arena, const char *directory, size_t *count)
{
	owned_str path = NULL;
	owned_str text = NULL;
	owned_error ignored = ERROR_INIT;
	struct lease *leases = NULL, one;
	size_t length;
	char *next;

	*count = 0;
	if (asprintf(&path, "%s/leases", directory) < 0 || file_read(path, &text, &length, &ignored) < 0)
		return NULL;
	next = text;
	for (char *line; (line = strsep(&next, "\n"));) {
		if (!lease_read(arena, line, &one))
			continue;
		leases = arena_append(arena, leases, count, sizeof *leases);
		leases[*count - 1] = one;
	}
	return leases;
}
