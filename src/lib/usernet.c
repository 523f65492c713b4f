/*
 * Reads lines of lxs-usernet.  Apart from who asks, so that a test can.
 */
#include "lib/usernet.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"

enum { COUNT_MAX = 65536 };

/* The word at *text, of at most USERNET_WORD - 1 characters, up to a blank or the end of the line. */
static bool word_take(const char **text, char word[static USERNET_WORD])
{
	size_t length = strcspn(*text, " \t\r\n");

	if (length == 0 || length >= USERNET_WORD)
		return false;
	memcpy(word, *text, length);
	word[length] = '\0';
	*text += length;
	*text += strspn(*text, " \t");
	return true;
}

bool usernet_line_read(const char *text, struct usernet_line *ret)
{
	struct usernet_line line;
	char number[USERNET_WORD], *end;
	long count;

	/* A name stands at the very beginning: what is indented is no entry. */
	if (*text == '#' || !word_take(&text, line.owner) || !word_take(&text, line.type) ||
	    !word_take(&text, line.bridge) || !word_take(&text, number))
		return false;
	count = strtol(number, &end, 10);
	if (end == number || *end || count < 0)
		return false;
	line.count = (unsigned)(count < COUNT_MAX ? count : COUNT_MAX);
	*ret = line;
	return true;
}

unsigned usernet_allowed(const char *text, const struct usernet_wish *wish)
{
	struct usernet_line line;
	unsigned allowed = 0;

	while (*text) {
		if (usernet_line_read(text, &line) && strcmp(line.owner, wish->owner) == 0 &&
		    strcmp(line.type, wish->type) == 0 && strcmp(line.bridge, wish->bridge) == 0 && allowed < COUNT_MAX)
			allowed += line.count;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return allowed;
}

/* A name with a blank in it cannot stand in the file, one with a slash cannot name a book of what was given. */
static void owner_add(struct usernet_owners *owners, const char *prefix, const char *name)
{
	if (strpbrk(name, " \t\r\n/") || strlen(prefix) + strlen(name) >= USERNET_WORD || owners->count == USERNET_OWNERS)
		return;
	for (size_t i = 0; i < owners->count; i++)
		if (text_starts(owners->names[i], prefix) && strcmp(owners->names[i] + strlen(prefix), name) == 0)
			return;
	if (asprintf(&owners->names[owners->count], "%s%s", prefix, name) > 0)
		owners->count++;
}

void usernet_owners_read(uid_t uid, struct usernet_owners *ret)
{
	const struct passwd *user = getpwuid(uid);
	gid_t groups[USERNET_OWNERS - 2];
	int count = getgroups(sizeof groups / sizeof groups[0], groups);

	ret->count = 0;
	if (user)
		owner_add(ret, "", user->pw_name);
	if (ret->count == 0)
		return;
	/* More groups than fit are as good as none: what he may have, he may have by name. */
	for (int i = -1; i < count; i++) {
		const struct group *group = getgrgid(i < 0 ? getgid() : groups[i]);

		if (group)
			owner_add(ret, "@", group->gr_name);
	}
}

void usernet_owners_done(struct usernet_owners *owners)
{
	while (owners->count > 0)
		free(owners->names[--owners->count]);
}
