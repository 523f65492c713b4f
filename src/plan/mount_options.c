/*
 * Sorts the words of a mount's options.  Apart from the planners because the
 * rootfs, entries and fstab lines share it, and because it is a parser of
 * text that people write.
 */
#include "plan/mount_options.h"

#include <stddef.h>
#include <string.h>

#include "lib/libmount.h"
#include "lib/mount.h"

/* How libmount's bits for mount(2) are said to mount_setattr(2). */
static const struct {
	unsigned long flag;
	uint64_t attribute;
} attributes[] = {
	{ MS_RDONLY, MOUNT_ATTR_RDONLY },
	{ MS_NOSUID, MOUNT_ATTR_NOSUID },
	{ MS_NODEV, MOUNT_ATTR_NODEV },
	{ MS_NOEXEC, MOUNT_ATTR_NOEXEC },
	{ MS_NODIRATIME, MOUNT_ATTR_NODIRATIME },
	{ MS_NOATIME, MOUNT_ATTR_NOATIME },
	{ MS_RELATIME, MOUNT_ATTR_RELATIME },
	{ MS_STRICTATIME, MOUNT_ATTR_STRICTATIME },
	{ 256 /* MS_NOSYMFOLLOW */, MOUNT_ATTR_NOSYMFOLLOW },
};

static const unsigned long access_times = MS_NOATIME | MS_RELATIME | MS_STRICTATIME;
static const unsigned long propagations = MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE;

struct word {
	const char *name, *value; /* value NULL: a word without '=' */
};

static int take_create(struct mount_options *options, const struct word *word, struct error *err)
{
	if (word->value && strcmp(word->value, "dir") == 0)
		options->create = 'd';
	else if (word->value && strcmp(word->value, "file") == 0)
		options->create = 'f';
	else
		return error_set(err, 0, "unknown mount option create=%s: it is create=dir or create=file",
				 word->value ? word->value : "");
	return 1;
}

/* 1: it was one of LXC's words; 0: not; -1. */
static int take_own(struct mount_options *options, const struct word *word, struct error *err)
{
	if (strcmp(word->name, "create") == 0)
		return take_create(options, word, err);
	if (strcmp(word->name, "optional") == 0) {
		options->optional = true;
		return 1;
	}
	if (strcmp(word->name, "relative") == 0) {
		options->relative = true;
		return 1;
	}
	/* A word of LXC's that libmount does not have. */
	if (strcmp(word->name, "move") == 0) {
		options->move = true;
		return 1;
	}
	if (strcmp(word->name, "idmap") == 0) {
		if (!word->value || !*word->value)
			return error_set(err, 0, "the mount option idmap= needs 'container' or the path of a user namespace");
		options->idmap = word->value;
		return 1;
	}
	return 0;
}

static void take_attribute(struct mount_options *options, unsigned long flag, bool lower)
{
	for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
		if (attributes[i].flag != flag)
			continue;
		if (flag & access_times) {
			options->attr_set &= ~(uint64_t)MOUNT_ATTR__ATIME;
			options->attr_clear |= MOUNT_ATTR__ATIME;
		}
		if (lower)
			options->attr_set &= ~attributes[i].attribute;
		else
			options->attr_set |= attributes[i].attribute;
		return;
	}
}

/* A propagation word of libmount stands for its flag, with MS_REC when it begins with 'r'. */
static void take_flag(struct mount_options *options, unsigned long flag, bool lower)
{
	if (flag & propagations) {
		options->propagation = flag & (propagations | MS_REC);
	} else if (flag & MS_BIND) {
		options->bind = true;
		options->recursive = (flag & MS_REC) != 0;
	} else if (flag & MS_REMOUNT) {
		options->remount = true;
	} else {
		take_attribute(options, flag, lower);
		/* As in LXC: of what a bind mount inherits, only nodev can be lifted. */
		if (lower && flag == MS_NODEV)
			options->attr_clear |= MOUNT_ATTR_NODEV;
	}
}

/* The words that nearly every line is made of; all others are libmount's business. */
static const struct {
	const char *name;
	unsigned long flag;
	bool lower;
} common[] = {
	{ "bind", MS_BIND, false }, { "rbind", MS_BIND | MS_REC, false }, { "defaults", 0, false },
	{ "ro", MS_RDONLY, false }, { "rw", MS_RDONLY, true },
	{ "nosuid", MS_NOSUID, false }, { "nodev", MS_NODEV, false }, { "noexec", MS_NOEXEC, false },
};

static int look_up(const char *name, struct libmount_word *ret, struct error *err)
{
	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
		if (strcmp(common[i].name, name) != 0)
			continue;
		*ret = (struct libmount_word){ LIBMOUNT_KERNEL, common[i].flag, common[i].lower };
		return 0;
	}
	return libmount_word(name, ret, err);
}

/* Flags of the whole file system that fsconfig(2) takes by name; mount_setattr(2) does not know them. */
static bool is_superblock_word(const char *name)
{
	static const char *const words[] = { "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return false;
}

static void add_data(struct arena *arena, struct mount_options *options, const struct word *word)
{
	const char *text = word->value ? arena_printf(arena, "%s=%s", word->name, word->value) : word->name;

	options->data = options->data ? arena_printf(arena, "%s,%s", options->data, text) : text;
}

static int take_word(struct arena *arena, struct mount_options *options, const struct word *word, struct error *err)
{
	struct libmount_word known;
	int own = take_own(options, word, err);

	if (own != 0)
		return own < 0 ? -1 : 0;
	if (look_up(word->name, &known, err) < 0)
		return -1;
	if (known.kind == LIBMOUNT_KERNEL && !word->value && !is_superblock_word(word->name)) {
		if (known.flag)
			take_flag(options, known.flag, known.lower);
		return 0;
	}
	/* Words for fstab's other readers (x-..., user, nofail, _netdev, comment=) are not the kernel's. */
	if (known.kind == LIBMOUNT_USERSPACE || strncmp(word->name, "x-", 2) == 0 || strncmp(word->name, "X-", 2) == 0)
		return 0;
	add_data(arena, options, word);
	return 0;
}

/* The length of the first word: up to a comma that is in no quotes, as libmount has it.  -1: quotes are open. */
static ptrdiff_t word_length(const char *text)
{
	bool quoted = false;
	const char *at = text;

	for (; *at && (quoted || *at != ','); at++)
		quoted ^= *at == '"';
	return quoted ? -1 : at - text;
}

int mount_options_parse(struct arena *arena, const char *text, struct mount_options *ret, struct error *err)
{
	const char *rest = text + strspn(text, ",");

	*ret = (struct mount_options){ 0 };
	while (*rest) {
		ptrdiff_t length = word_length(rest);
		char *name = length < 0 ? NULL : arena_strndup(arena, rest, (size_t)length);
		char *value = name ? strchr(name, '=') : NULL;

		if (!name || value == name)
			return error_set(err, 0, "cannot read the mount options '%s'", text);
		if (value)
			*value++ = '\0';
		if (take_word(arena, ret, &(struct word){ name, value }, err) < 0)
			return -1;
		rest += length;
		rest += strspn(rest, ",");
	}
	return 0;
}
