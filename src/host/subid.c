/*
 * Reads /etc/subuid and /etc/subgid (host/subid.h).  Apart from facts.c since
 * only a start by an ordinary user asks.  Called by host_read(), lxs-create
 * and lxs-usernsexec.
 */
#include "host/subid.h"

#include <ctype.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/own.h"

/* A number and what stands behind it; blanks at the end of a line mean nothing. */
static bool number_take(const char **text, char end, unsigned long *ret)
{
	char *rest;

	if (!isdigit((unsigned char)**text))
		return false;
	*ret = strtoul(*text, &rest, 10);
	rest += strspn(rest, " \t\r");
	if (*rest != end && !(end == '\n' && *rest == '\0'))
		return false;
	*text = rest + (*rest != '\0');
	return true;
}

static bool is_for(const char *line, size_t length, const char *user, uid_t uid)
{
	char number[24];
	int digits = snprintf(number, sizeof number, "%lu", (unsigned long)uid);

	return (strlen(user) == length && strncmp(line, user, length) == 0) ||
	       ((size_t)digits == length && strncmp(line, number, length) == 0);
}

void subids_parse(struct arena *arena, const char *text, const char *user, uid_t uid, struct subid_list *ret)
{
	*ret = (struct subid_list){ 0 };
	for (; *text; text += strcspn(text, "\n"), text += *text != '\0') {
		size_t name = strcspn(text, ":\n");
		const char *numbers = text + name + 1;
		struct subid_range range;

		if (text[name] != ':' || !is_for(text, name, user, uid))
			continue;
		if (!number_take(&numbers, ':', &range.first) || !number_take(&numbers, '\n', &range.count) ||
		    range.count == 0)
			continue;
		ret->ranges = arena_append(arena, ret->ranges, &ret->count, sizeof *ret->ranges);
		ret->ranges[ret->count - 1] = range;
	}
}

static void list_read(struct arena *arena, const char *path, const struct subids *ids, uid_t uid,
		      struct subid_list *ret)
{
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	size_t length;

	*ret = (struct subid_list){ 0 };
	if (file_read(path, &text, &length, &ignored) == 0)
		subids_parse(arena, text, ids->user, uid, ret);
}

bool subids_elsewhere(const char *nsswitch)
{
	static const char key[] = "subid:";
	const char *line = nsswitch;

	for (; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		line += strspn(line, " \t");
		if (strncmp(line, key, sizeof key - 1) != 0)
			continue;
		line += sizeof key - 1;
		line += strspn(line, " \t");
		return strncmp(line, "files", 5) != 0 || !strchr(" \t\n#", line[5]);
	}
	return false;
}

static bool are_elsewhere(void)
{
	owned_error ignored = ERROR_INIT;
	owned_str text = NULL;
	size_t length;

	return file_read("/etc/nsswitch.conf", &text, &length, &ignored) == 0 && subids_elsewhere(text);
}

void subids_read(struct arena *arena, uid_t uid, struct subids *ret)
{
	const struct passwd *user = getpwuid(uid);

	/* A static program knows only the users of /etc/passwd, and not the names that others have in the files. */
	ret->elsewhere = !user || are_elsewhere();
	ret->user = user ? arena_strdup(arena, user->pw_name) : arena_printf(arena, "%lu", (unsigned long)uid);
	list_read(arena, "/etc/subuid", ret, uid, &ret->uids);
	list_read(arena, "/etc/subgid", ret, uid, &ret->gids);
}
