/* Unpacking (image/unpack.h).  Apart because here stands what is asked of tar and unsquashfs, and how they are read. */
#include "image/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "image/confine.h"
#include "image/packing.h"
#include "image/tool.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/tree.h"
#include "lib/words.h"

enum { META_LARGEST = 4 * 1024 * 1024, ATTRIBUTES = 64 * 1024 };

static bool magic_read(const char *archive, char magic[PACKING_MAGIC], struct error *err)
{
	owned_fd fd = open(archive, O_RDONLY | O_CLOEXEC);

	memset(magic, 0, PACKING_MAGIC);
	if (fd >= 0 && pread(fd, magic, PACKING_MAGIC, 0) >= 0)
		return true;
	error_set(err, errno, "cannot read %s", archive);
	return false;
}

/* What tar is told of the compression; "" for none, NULL when it cannot be unpacked. */
static const char *packing_option(struct arena *arena, const char *magic, const char *shown, struct error *err)
{
	const struct packing *packing = packing_of(magic);
	const char *program;

	if (!packing) {
		error_set(err, 0, "%s is neither a tarball nor a squashfs image", shown);
		return NULL;
	}
	if (packing_is_none(packing))
		return "";
	program = packing_program(arena, packing, "unpacks it", err);
	if (program)
		return arena_printf(arena, "--use-compress-program=%s%s", program, packing_options(packing));
	error_add(err, "cannot unpack %s", shown);
	return NULL;
}

/* "user.overlay.redirect", "user.overlay.opaque" ...: an overlay may be told to believe them. */
static int overlay_attributes_drop(const char *path)
{
	static const char prefix[] = "user.overlay.";
	char names[ATTRIBUTES];
	ssize_t length = listxattr(path, names, sizeof names);

	if (length < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1)
		if (text_starts(names + at, prefix) && removexattr(path, names + at) < 0 && errno != ENODATA)
			return -errno;
	return 0;
}

static int entry_clean(void *data, int dir, const char *name, bool directory)
{
	owned_fd fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat facts;
	char path[32];

	(void)data;
	if (fd < 0)
		return -errno;
	/* Only files and directories can have attributes of users. */
	if (!directory && (fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode)))
		return 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return overlay_attributes_drop(path);
}

/* Old versions of unsquashfs cannot be told which attributes to leave out. */
static int tree_clean(const struct unpack *unpack, struct error *err)
{
	static const struct tree_visitor cleaner = {
		entry_clean, NULL, "remove attributes of overlays from", "remove attributes from what is mounted on",
	};

	return tree_walk(unpack->tree, ".", unpack->shown, &cleaner, err);
}

static void put_all(struct arena *arena, struct words *words, const char *const *more)
{
	for (; more && *more; more++)
		words_add(arena, words, *more);
}

/*
 * Of extended attributes those are taken that a guest may own: overlayfs
 * believes what lies in trusted.overlay and user.overlay, and an image may be
 * the lower layer of many containers.
 */
static bool tar_words(struct arena *arena, const struct unpack *unpack, const char *magic, struct words *words,
		      struct error *err)
{
	static const char *const whole[] = {
		"--preserve-permissions", "--same-owner", "--numeric-owner", "--acls", "--xattrs", "--xattrs-include=user.*",
		"--xattrs-include=security.capability", "--xattrs-exclude=user.overlay.*", NULL
	};
	static const char *const small[] = { "--no-same-owner", "--no-same-permissions", NULL };
	const char *option = packing_option(arena, magic, unpack->shown, err);

	if (!option)
		return false;
	words_add(arena, words, tool_need(arena, "tar", "unpacks images", err));
	if (!words->items[0])
		return false;
	/* A name with a colon is a file all the same, not another host's. */
	put_all(arena, words, (const char *[]){ "--extract", "--force-local", "--warning=no-timestamp", NULL });
	put_all(arena, words, unpack->files_only ? small : whole);
	if (*option)
		words_add(arena, words, option);
	put_all(arena, words, (const char *[]){ "--anchored", "--wildcards", NULL });
	for (const char *const *pattern = unpack->excludes; pattern && *pattern; pattern++)
		words_add(arena, words, arena_printf(arena, "--exclude=%s", *pattern));
	words_add(arena, words, arena_printf(arena, "--file=%s", unpack->archive));
	return true;
}

static bool squashfs_words(struct arena *arena, const struct unpack *unpack, struct words *words, struct error *err)
{
	bool any = unpack->excludes && *unpack->excludes;

	words_add(arena, words, tool_need(arena, "unsquashfs", "unpacks squashfs images", err));
	if (!words->items[0])
		return false;
	put_all(arena, words, (const char *[]){ "-no-progress", "-force", "-dest", ".", NULL });
	if (any)
		words_add(arena, words, "-excludes");
	words_add(arena, words, unpack->archive);
	for (const char *const *pattern = unpack->excludes; pattern && *pattern; pattern++)
		words_add(arena, words, *pattern + (text_starts(*pattern, "./") ? 2 : 0));
	return true;
}

/* What the program complained of, sorted. */
struct said {
	unsigned devices;       /* lines about device files that could not be made */
	struct proc_tail rest;
};

/* An ordinary user's container gets its device files from lxs; in an image they are of no use. */
static bool is_about_device(const char *line)
{
	return strstr(line, "Cannot mknod: Operation not permitted") ||
	       (text_starts(line, "create_inode: failed to create ") && strstr(line, " device ") &&
		strstr(line, ", because Operation not permitted"));
}

static void said_read(int output, struct said *said)
{
	owned_file stream = fdopen(output, "r");
	owned_str line = NULL;
	size_t size = 0;
	ssize_t length;

	if (!stream)
		own_close_fd(&output);
	while (stream && (length = getline(&line, &size, stream)) > 0) {
		/* The rest of a file that keeps it has never been written. */
		if (!*line)
			break;
		if (is_about_device(line))
			said->devices++;
		else if (!strstr(line, "Exiting with failure status"))
			proc_tail_add(&said->rest, line, (size_t)length);
	}
}

/* In the child: what comes in, and then the confinement. */
struct surroundings { struct confinement confinement; int input; };

static int child_prepare(void *data)
{
	struct surroundings *around = data;

	if (around->input >= 0 && dup2(around->input, 0) < 0)
		return -errno;
	return confine(&around->confinement);
}

/* Its pid, or -1.  `input`: its stdin; -1: ours. */
static pid_t start(const struct unpack *unpack, const char *const *argv, int input, int errors, struct error *err)
{
	owned_arena arena = arena_new();
	const char *path = getenv("PATH");
	/* Nothing of the caller's: TAR_OPTIONS, XZ_OPT and the language would change what is done and said. */
	char *environment[] = { arena_printf(arena, "PATH=%s", path ? path : "/usr/bin:/bin"), (char *)"LC_ALL=C", NULL };
	struct surroundings around = {
		{ unpack->tree, unpack->files_only && unpack->archive ? META_LARGEST : 0, unpack->files_only }, input,
	};
	owned_fd nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	if (nowhere < 0)
		return error_set(err, errno, "cannot open /dev/null");
	pid = proc_start_in((char *const *)argv, environment,
			    &(struct proc_surroundings){ nowhere, errors, child_prepare, &around });
	if (pid > 0)
		return pid;
	error_set(err, -pid, "cannot run %s confined to a directory", argv[0]);
	return error_hint(err, "that takes mount namespaces and mount_setattr(2), of Linux 5.12");
}

/* Runs it; the wait status, or -1. */
static int run(struct unpack *unpack, const char *const *argv, struct said *said, struct error *err)
{
	owned_fd theirs = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	theirs = ends[1];
	pid = start(unpack, argv, -1, theirs, err);
	own_close_fd(&theirs);
	if (pid < 0) {
		own_close_fd(&ends[0]);
		return -1;
	}
	said_read(ends[0], said);
	return proc_wait(pid);
}

/* What its end means. */
static int judge(struct unpack *unpack, const char *program, int status, struct said *said, struct error *err)
{
	char text[64];

	unpack->devices = said->devices;
	if (status == 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 2 && said->devices > 0 && said->rest.length == 0))
		return 0;
	if (said->rest.length == 0)
		return error_set(err, 0, "cannot unpack %s: %s %s", unpack->shown, program,
				 proc_status_text(status, text, sizeof text));
	return error_set(err, 0, "cannot unpack %s: %s", unpack->shown, proc_tail_lines(&said->rest, 3));
}

int unpack_archive(struct unpack *unpack, struct error *err)
{
	owned_arena arena = arena_new();
	struct words words = { 0 };
	struct said said = { 0 };
	char magic[PACKING_MAGIC];
	bool squashfs;
	int status;

	if (!magic_read(unpack->archive, magic, err))
		return -1;
	squashfs = memcmp(magic, "hsqs", 4) == 0;
	if (squashfs ? !squashfs_words(arena, unpack, &words, err) : !tar_words(arena, unpack, magic, &words, err))
		return -1;
	words_add(arena, &words, NULL);
	status = run(unpack, words.items, &said, err);
	if (status < 0 || judge(unpack, words.items[0], status, &said, err) < 0)
		return -1;
	return squashfs && !unpack->files_only ? tree_clean(unpack, err) : 0;
}

/* ---- streams ---- */

/* Access control lists as they are on the disk: by number. */
static const char *const stream_whole[] = {
	"--preserve-permissions", "--same-owner", "--numeric-owner", "--xattrs", "--xattrs-include=user.*",
	"--xattrs-include=security.capability", "--xattrs-include=system.posix_acl_*", "--xattrs-exclude=user.overlay.*", NULL
};
static const char *const stream_small[] = { "--no-same-owner", "--no-same-permissions", NULL };

int unpack_begin(struct unpack *unpack, const char *prefix, struct unpacking *ret, struct error *err)
{
	owned_arena arena = arena_new();
	struct words words = { 0 };
	owned_fd theirs = -1;
	int ends[2];

	words_add(arena, &words, tool_need(arena, "tar", "unpacks containers", err));
	if (!words.items[0])
		return -1;
	put_all(arena, &words, (const char *[]){ "--extract", "--warning=no-timestamp", "--file=-", NULL });
	put_all(arena, &words, unpack->files_only ? stream_small : stream_whole);
	/* By its length: what is in it means nothing then. */
	words_add(arena, &words, arena_printf(arena, "--transform=flags=rSh;s,^.\\{%zu\\},.,", strlen(prefix)));
	words_add(arena, &words, NULL);
	*ret = (struct unpacking){ .unpack = unpack, .input = -1, .pid = -1 };
	ret->said = said_open();
	if (ret->said < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	theirs = ends[0];
	ret->input = ends[1];
	ret->pid = start(unpack, words.items, theirs, ret->said, err);
	return ret->pid < 0 ? -1 : 0;
}

int unpack_end(struct unpacking *unpacking, struct error *err)
{
	struct said said = { 0 };
	int status;

	own_close_fd(&unpacking->input);
	status = proc_wait(unpacking->pid);
	unpacking->pid = -1;
	if (status < 0)
		return error_set(err, -status, "cannot wait for tar");
	lseek(unpacking->said, 0, SEEK_SET);
	said_read(steal_fd(&unpacking->said), &said);
	return judge(unpacking->unpack, "tar", status, &said, err);
}

void unpacking_done(struct unpacking *unpacking)
{
	own_close_fd(&unpacking->input);
	own_close_fd(&unpacking->said);
	if (unpacking->pid > 0)
		proc_wait(unpacking->pid);
	unpacking->pid = -1;
}
