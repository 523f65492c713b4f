/*
 * Loads every config of a directory with liblxc, through its C API, and with
 * our reader, and compares what both give for every key.  Where we differ on
 * purpose stands in departures.tsv, with the reason; a line there that is no
 * longer needed is a failure as well.
 *
 * Usage: compare CONFIGS DEPARTURES
 */
#include <dirent.h>
#include <lxc/lxccontainer.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/read.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

/* A line "CONFIG<tab>KEY<tab>REASON"; KEY is "load" when one of both refuses the file. */
struct departure {
	char *config, *key, *reason;
	bool used;
};

struct comparison {
	struct departure *departures;
	size_t departure_count;
	const char *config; /* its name without directory */
	struct settings *settings;
	struct lxc_container *lxc;
	unsigned failures, compared;
};

static bool departs(struct comparison *all, const char *key)
{
	for (size_t i = 0; i < all->departure_count; i++) {
		struct departure *departure = &all->departures[i];

		if ((strcmp(departure->config, "*") == 0 || strcmp(departure->config, all->config) == 0) &&
		    strcmp(departure->key, key) == 0) {
			departure->used = true;
			return true;
		}
	}
	return false;
}

/* The text liblxc gives; NULL when it has no answer.  Owned by the caller. */
static char *lxc_text(struct lxc_container *lxc, const char *key)
{
	int length = lxc->get_config_item(lxc, key, NULL, 0);
	char *text;

	if (length < 0)
		return NULL;
	text = calloc(1, (size_t)length + 1);
	if (text && length > 0)
		lxc->get_config_item(lxc, key, text, length + 1);
	return text;
}

static int compare_key(const char *key, void *data)
{
	struct comparison *all = data;
	const char *ours = settings_format(all->settings, settings_arena(all->settings), key);
	owned_str theirs = lxc_text(all->lxc, key);

	all->compared++;
	if ((!ours && !theirs) || (ours && theirs && strcmp(ours, theirs) == 0))
		return 0;
	if (departs(all, key))
		return 0;
	printf("not ok %s: %s\n  liblxc: %s%s%s\n  ours:   %s%s%s\n", all->config, key, theirs ? "'" : "",
	       theirs ? theirs : "no answer", theirs ? "'" : "", ours ? "'" : "", ours ? ours : "no answer", ours ? "'" : "");
	all->failures++;
	return 0;
}

/* Names that liblxc lists and we might have forgotten. */
static void compare_their_keys(struct comparison *all)
{
	int length = all->lxc->get_keys(all->lxc, NULL, NULL, 0);
	owned_str names = calloc(1, (size_t)(length > 0 ? length : 0) + 1);
	const char *cursor = names, *word;
	size_t size;

	if (!names || length <= 0)
		return;
	all->lxc->get_keys(all->lxc, NULL, names, length + 1);
	while ((word = text_word(&cursor, "\n", &size))) {
		owned_str name = strndup(word, size);

		compare_key(name, all);
	}
}

static void compare_config(struct comparison *all, const char *path)
{
	struct findings findings = { 0 };
	owned_error err = ERROR_INIT;
	owned_settings settings = settings_new();
	bool ours, theirs;
	unsigned before = all->failures;

	settings_accept_as_lxc(settings);
	ours = settings_read(settings, path, &findings, &err) == 0;
	all->settings = settings;
	all->lxc = lxc_container_new("lxs-comparison", "/nonexistent");
	all->lxc->clear_config(all->lxc);
	theirs = all->lxc->load_config(all->lxc, path);
	if (ours != theirs && !departs(all, "load")) {
		printf("not ok %s: load\n  liblxc: %s\n  ours:   %s\n", all->config, theirs ? "loads" : "refuses",
		       ours ? "loads" : err.message);
		all->failures++;
	}
	if (ours && theirs) {
		settings_each(settings, compare_key, all);
		compare_their_keys(all);
	}
	lxc_container_put(all->lxc);
	if (all->failures == before)
		printf("ok %s%s\n", all->config, ours && theirs ? "" : " (refused)");
}

static void read_departures(struct comparison *all, char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *key = strchr(line, '\t'), *reason = key ? strchr(key + 1, '\t') : NULL;

		if (*line == '#' || !reason)
			continue;
		*key = *reason = '\0';
		all->departures = reallocarray(all->departures, all->departure_count + 1, sizeof *all->departures);
		all->departures[all->departure_count++] = (struct departure){ line, key + 1, reason + 1, false };
	}
}

static int is_config(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && strcmp(dot, ".conf") == 0;
}

static int compare_all(struct comparison *all, const char *directory)
{
	struct dirent **names;
	int count = scandir(".", &names, is_config, alphasort);

	if (count <= 0) {
		fprintf(stderr, "no configs in %s\n", directory);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		all->config = names[i]->d_name;
		compare_config(all, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	for (size_t i = 0; i < all->departure_count; i++) {
		if (!all->departures[i].used && !getenv("LXS_OTHER_LXC")) {
			printf("not ok departure not needed: %s %s\n", all->departures[i].config, all->departures[i].key);
			all->failures++;
		}
	}
	printf("%d configs, %u values compared, %u differences\n", count, all->compared, all->failures);
	return all->failures > 0;
}

int main(int argc, char **argv)
{
	struct comparison all = { 0 };
	owned_error err = ERROR_INIT;
	owned_str text = NULL;
	size_t length;
	int status;

	if (argc != 3)
		return 2;
	if (file_read(argv[2], &text, &length, &err) < 0 || chdir(argv[1]) < 0) {
		error_print(&err, stderr, argv[0], argv[1]);
		return 1;
	}
	setenv("LXS_COMPARED", "from the caller", 1);
	read_departures(&all, text);
	status = compare_all(&all, argv[1]);
	free(all.departures);
	return status;
}
