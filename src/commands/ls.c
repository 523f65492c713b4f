/*
 * lxs-ls: the list of containers as LXC's lines and tables, or as JSON.  A
 * column is one row of a table: its title, what it needs, its text.
 */
#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/json.h"
#include "container/list.h"
#include "lib/own.h"

struct ls {
	bool line, fancy;
	const char *columns, *groups, *pattern, *nesting, *format;
	struct list_filter filter;
};

#define FIELD(name) offsetof(struct ls, name)

static const struct option_row rows[] = {
	{ '1', "line", NULL, "show one name a line", OPTION_FLAG, FIELD(line), NULL },
	{ 'f', "fancy", NULL, "show a table", OPTION_FLAG, FIELD(fancy), NULL },
	{ 'F', "fancy-format", "COLUMNS",
	  "columns of the table: NAME,STATE,PID,RAM,SWAP,AUTOSTART,GROUPS,INTERFACE,IPV4,IPV6,UNPRIVILEGED",
	  OPTION_STRING, FIELD(columns), NULL },
	{ 0, "active", NULL, "only containers that have a supervisor", OPTION_FLAG, FIELD(filter.active), NULL },
	{ 0, "running", NULL, "only containers that are not stopped", OPTION_FLAG, FIELD(filter.running), NULL },
	{ 0, "frozen", NULL, "only frozen containers", OPTION_FLAG, FIELD(filter.frozen), NULL },
	{ 0, "stopped", NULL, "only stopped containers", OPTION_FLAG, FIELD(filter.stopped), NULL },
	{ 0, "defined", NULL, "only containers that have a config", OPTION_FLAG, FIELD(filter.defined), NULL },
	{ 0, "nesting", "NUM", "and containers inside of containers, NUM levels (default: 5)",
	  OPTION_OPTIONAL, FIELD(nesting), NULL },
	{ 'g', "groups", "GROUPS", "only containers that are in all of these groups (a,b)", OPTION_STRING,
	  FIELD(groups), NULL },
	{ 0, "filter", "REGEX", "only containers whose name matches", OPTION_STRING, FIELD(pattern), NULL },
	{ 0, "format", "FORMAT", "text (default) or json", OPTION_STRING, FIELD(format), NULL },
	{ 0 },
};

/* ---- the columns ---- */

static const char *join(struct arena *arena, const char *const *items, size_t count)
{
	const char *text = count > 0 ? items[0] : NULL;

	for (size_t i = 1; i < count; i++)
		text = arena_printf(arena, "%s, %s", text, items[i]);
	return text;
}

static const char *cell_name(struct arena *arena, const struct list_item *item)
{
	return item->level > 0 ? arena_printf(arena, "%*s%s", (int)item->level, "\\", item->name) : item->name;
}

static const char *cell_state(struct arena *arena, const struct list_item *item)
{
	(void)arena;
	return item->unread ? NULL : container_state_names[item->state];
}

static const char *cell_pid(struct arena *arena, const struct list_item *item)
{
	return item->init > 0 ? arena_printf(arena, "%d", (int)item->init) : NULL;
}

static const char *megabytes(struct arena *arena, const struct list_item *item, int64_t bytes)
{
	if (item->init <= 0)
		return NULL;
	return arena_printf(arena, "%.2fMB", bytes == NO_FIGURE ? 0.0 : (double)bytes / (1024 * 1024));
}

static const char *cell_ram(struct arena *arena, const struct list_item *item)
{
	return megabytes(arena, item, item->memory_bytes);
}

static const char *cell_swap(struct arena *arena, const struct list_item *item)
{
	return megabytes(arena, item, item->swap_bytes);
}

static const char *cell_autostart(struct arena *arena, const struct list_item *item)
{
	(void)arena;
	return item->autostart ? "1" : "0";
}

static const char *cell_groups(struct arena *arena, const struct list_item *item)
{
	return join(arena, item->groups.items, item->groups.count);
}

static const char *cell_interface(struct arena *arena, const struct list_item *item)
{
	return join(arena, item->interfaces.items, item->interfaces.count);
}

static const char *addresses(struct arena *arena, const struct list_item *item, int family)
{
	const char *text = NULL;

	for (size_t i = 0; i < item->addresses.count; i++) {
		const struct address_item *address = &item->addresses.items[i];

		if (address->family == family)
			text = text ? arena_printf(arena, "%s, %s", text, address->text) : address->text;
	}
	return text;
}

static const char *cell_ipv4(struct arena *arena, const struct list_item *item)
{
	return addresses(arena, item, AF_INET);
}

static const char *cell_ipv6(struct arena *arena, const struct list_item *item)
{
	return addresses(arena, item, AF_INET6);
}

static const char *cell_unprivileged(struct arena *arena, const struct list_item *item)
{
	(void)arena;
	return item->unprivileged ? "true" : "false";
}

static const struct column {
	const char *title;
	unsigned needs;
	bool right;               /* figures stand at the right */
	int least;                /* LXC's narrowest width, title aside */
	const char *(*cell)(struct arena *arena, const struct list_item *item); /* NULL: nothing to show */
} columns[] = {
	{ "NAME", 0, false, 0, cell_name },
	{ "STATE", 0, false, 0, cell_state },
	{ "PID", 0, false, 0, cell_pid },
	{ "RAM", LIST_USAGE, true, 6, cell_ram },
	{ "SWAP", LIST_USAGE, true, 6, cell_swap },
	{ "AUTOSTART", LIST_CONFIG, false, 0, cell_autostart },
	{ "GROUPS", LIST_CONFIG, false, 0, cell_groups },
	{ "INTERFACE", LIST_INTERFACES, false, 0, cell_interface },
	{ "IPV4", LIST_ADDRESSES, false, 0, cell_ipv4 },
	{ "IPV6", LIST_ADDRESSES, false, 0, cell_ipv6 },
	{ "UNPRIVILEGED", LIST_CONFIG, false, 0, cell_unprivileged },
};

enum { COLUMNS = sizeof columns / sizeof *columns, CHOICE_MAX = 64, NESTING_MAX = 32 };

static const char default_columns[] = "NAME,STATE,AUTOSTART,GROUPS,IPV4,IPV6,UNPRIVILEGED";

struct choice {
	const struct column *columns[CHOICE_MAX];
	size_t count;
	unsigned needs;
};

static const struct column *column_find(const char *title)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (strcasecmp(columns[i].title, title) == 0)
			return &columns[i];
	}
	return NULL;
}

/* False, with a message, when there is no such column. */
static bool choose(struct arena *arena, const char *text, struct choice *ret)
{
	char *next = arena_strdup(arena, text);

	*ret = (struct choice){ .count = 0 };
	for (char *word; (word = strsep(&next, ", ")) && ret->count < CHOICE_MAX;) {
		const struct column *column = *word ? column_find(word) : NULL;

		if (!*word)
			continue;
		if (!column) {
			fprintf(stderr, "Invalid key: %s\n", word);
			return false;
		}
		ret->columns[ret->count++] = column;
		ret->needs |= column->needs;
	}
	return true;
}

/* ---- the table ---- */

static const char *cell_text(struct arena *arena, const struct column *column, const struct list_item *item)
{
	const char *text = column->cell(arena, item);

	return text ? text : "-";
}

static void print_table(struct arena *arena, const struct choice *choice, const struct list *list)
{
	const char **cells = arena_alloc(arena, (list->count + 1) * choice->count * sizeof *cells + 1);
	int widths[CHOICE_MAX];

	for (size_t c = 0; c < choice->count; c++) {
		const struct column *column = choice->columns[c];

		widths[c] = (int)strlen(column->title) > column->least ? (int)strlen(column->title) : column->least;
		for (size_t i = 0; i < list->count; i++) {
			const char *text = cell_text(arena, column, &list->items[i]);

			cells[i * choice->count + c] = text;
			if ((int)strlen(text) > widths[c])
				widths[c] = (int)strlen(text);
		}
		printf("%-*s ", widths[c], column->title);
	}
	putchar('\n');
	for (size_t i = 0; i < list->count; i++) {
		for (size_t c = 0; c < choice->count; c++) {
			const char *text = cells[i * choice->count + c];
			bool right = choice->columns[c]->right && list->items[i].init > 0;

			printf(right ? "%*s " : "%-*s ", widths[c], text);
		}
		putchar('\n');
	}
}

/* ---- names alone ---- */

static int terminal_width(void)
{
	static const int places[] = { STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO };
	struct winsize size;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		if (ioctl(places[i], TIOCGWINSZ, &size) == 0)
			return size.ws_col;
	}
	return 0;
}

static void print_names(const struct list *list)
{
	int width = terminal_width(), widest = 4, used = 0;

	for (size_t i = 0; i < list->count; i++) {
		if ((int)strlen(list->items[i].path) > widest)
			widest = (int)strlen(list->items[i].path);
	}
	for (size_t i = 0; i < list->count; i++) {
		if (used > 0 && used + 1 + widest > width) {
			putchar('\n');
			used = 0;
		}
		used += printf(used > 0 ? " %-*s" : "%-*s", widest, list->items[i].path);
	}
	if (list->count > 0)
		putchar('\n');
}

/* ---- the command ---- */

static int check(const struct invocation *call, const struct ls *ls, struct error *err)
{
	if (call->count > 1)
		return error_set(err, 0, "one name pattern is enough");
	if (ls->format && strcmp(ls->format, "json") != 0 && strcmp(ls->format, "text") != 0)
		return error_set(err, 0, "--format knows text and json, not '%s'", ls->format);
	return 0;
}

static int compile(const char *pattern, regex_t *ret, struct error *err)
{
	char why[200];
	int code = regcomp(ret, pattern, REG_EXTENDED | REG_NOSUB);

	if (code == 0)
		return 0;
	regerror(code, ret, why, sizeof why);
	return error_set(err, 0, "'%s' is no regular expression: %s", pattern, why);
}

static int show(struct invocation *call, const struct ls *ls, const struct list_filter *filter, struct error *err)
{
	bool json = ls->format && strcmp(ls->format, "json") == 0;
	struct choice choice = { .count = 0 };
	struct list list;

	/* LXC's answer to a column it does not know: a word of complaint, no list, and success. */
	if (ls->fancy && !choose(call->arena, ls->columns ? ls->columns : default_columns, &choice))
		return EXIT_SUCCESS;
	if (container_list(call->lxcpath, filter, json ? ~0u : choice.needs, call->arena, &list, err) < 0)
		return -1;
	/* As in LXC no failure: the list is as good as can be. */
	for (size_t i = 0; i < list.unread.count; i++)
		fprintf(stderr, "%s: %s\n", call->program, list.unread.items[i]);
	if (json)
		return ls_print_json(call, &list, err);
	if (ls->fancy && list.count > 0)
		print_table(call->arena, &choice, &list);
	else if (!ls->line && !ls->fancy)
		print_names(&list);
	for (size_t i = 0; i < list.count && ls->line && !ls->fancy; i++)
		printf("%s\n", list.items[i].path);
	return EXIT_SUCCESS;
}

/* As in LXC, no number and a bad one mean five. */
static unsigned nesting_levels(const char *text)
{
	char *end;
	unsigned long levels = text ? strtoul(text, &end, 10) : 0;

	if (!text)
		return 0;
	return *text >= '0' && *text <= '9' && *end == '\0' && levels <= NESTING_MAX ? (unsigned)levels : 5;
}

static int ls_run(struct invocation *call, struct error *err)
{
	const struct ls *ls = call->options;
	struct list_filter filter = ls->filter;
	const char *pattern = ls->pattern ? ls->pattern : call->count > 0 ? call->arguments[0] : NULL;
	regex_t compiled;
	int result;

	if (check(call, ls, err) < 0)
		return -1;
	filter.groups = ls->groups;
	filter.nesting = nesting_levels(ls->nesting);
	if (!pattern)
		return show(call, ls, &filter, err);
	if (compile(pattern, &compiled, err) < 0)
		return -1;
	filter.name = &compiled;
	result = show(call, ls, &filter, err);
	regfree(&compiled);
	return result;
}

const struct command command_ls = {
	.name = "ls",
	.summary = "List containers.",
	.synopsis = "[-1 | -f [-F COLUMNS] | --format FORMAT] [--active] [--running] [--frozen] [--stopped] [--defined] "
		    "[--nesting[=NUM]] [-g GROUPS] [REGEX]",
	.options = rows,
	.options_size = sizeof(struct ls),
	.run = ls_run,
};
