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

static const char *line_next(const char *text)
{
	text += strcspn(text, "\n");
	return text + (*text == '\n');
}

unsigned usernet_allowed(const char *text, const struct usernet_wish *wish)
{
	struct usernet_line line;
	unsigned allowed = 0;

	for (; *text; text = line_next(text))
		if (usernet_line_read(text, &line) && strcmp(line.owner, wish->owner) == 0 &&
		    strcmp(line.type, wish->type) == 0 && strcmp(line.bridge, wish->bridge) == 0 && allowed < COUNT_MAX)
			allowed += line.count;
	return allowed;
}

/* A name with a blank in it cannot stand in the file, one with a slash cannot name a book of what was given. */
static bool is_fit(const char *name)
{
	return *name && strlen(name) < USERNET_WORD && !strpbrk(name, " \t\r\n/");
}

char *usernet_user(uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	return user && is_fit(user->pw_name) ? strdup(user->pw_name) : NULL;
}

static bool is_member(const gid_t *groups, int count, const char *name)
{
	const struct group *group = getgrnam(name);

	for (int i = 0; group && i < count; i++)
		if (groups[i] == group->gr_gid)
			return true;
	return false;
}

static bool is_known(const struct usernet_owners *owners, const char *name)
{
	for (size_t i = 0; i < owners->count; i++)
		if (strcmp(owners->names[i], name) == 0)
			return true;
	return false;
}

static void owner_add(struct usernet_owners *owners, const char *name)
{
	char **grown = reallocarray(owners->names, owners->count + 1, sizeof *grown);

	if (grown)
		owners->names = grown;
	if (grown && (grown[owners->count] = strdup(name)))
		owners->count++;
}

/* Not asked: the names of all groups of the process, which may be hundreds, on a server. */
void usernet_owners_read(const char *user, const char *text, struct usernet_owners *ret)
{
	int count = getgroups(0, NULL);
	gid_t *groups = calloc((size_t)count + 1, sizeof *groups);
	struct usernet_line line;

	*ret = (struct usernet_owners){ 0 };
	owner_add(ret, user);
	count = groups ? getgroups(count, groups) : -1;
	if (count >= 0)
		groups[count++] = getgid();
	for (; *text; text = line_next(text))
		if (usernet_line_read(text, &line) && line.owner[0] == '@' && is_fit(line.owner) && !is_known(ret, line.owner) &&
		    is_member(groups, count, line.owner + 1))
			owner_add(ret, line.owner);
	free(groups);
}

void usernet_owners_done(struct usernet_owners *owners)
{
	while (owners->count > 0)
		free(owners->names[--owners->count]);
	free(owners->names);
	owners->names = NULL;
}
