/*
 * From a profile to a filter in the kernel: the program comes out of the cache
 * or from libseccomp (filter.c), waits in memory, and init loads it.  Called
 * from the table.
 */
#include "launch/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config/include.h"
#include "launch/inside.h"
#include "launch/notify.h"
#include "launch/sync.h"
#include "lib/file.h"
#include "lib/own.h"
#include "policy/compiled.h"
#include "policy/filter.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int profile_read(struct arena *arena, const struct step *step, struct filter_source *ret, struct error *err)
{
	const struct step_seccomp *args = step->args;
	owned_str text = NULL;
	struct utsname kernel;
	size_t length;

	*ret = (struct filter_source){ .path = include_resolve(arena, args->profile), .capabilities = args->capabilities };
	if (file_read(ret->path, &text, &length, err) < 0)
		return -1;
	if (uname(&kernel) < 0)
		return error_set(err, errno, "cannot tell the kernel's release");
	ret->text = arena_strdup(arena, text);
	ret->kernel = arena_strdup(arena, kernel.release);
	return 0;
}

/* What a filter is kept by: the text, and with JSON also what its conditions may ask about. */
static const char *filter_key(struct arena *arena, const struct filter_source *source)
{
	if (source->text[strspn(source->text, " \t\r\n")] != '{')
		return source->text;
	return arena_printf(arena, "%llx %s\n%s", (unsigned long long)source->capabilities, source->kernel, source->text);
}

bool launch_seccomp_find(struct launch *launch, const struct step *step)
{
	owned_arena arena = arena_new();
	owned_error ignored = ERROR_INIT;
	struct filter_source source;

	return launch->program.memory ||
	       (profile_read(arena, step, &source, &ignored) == 0 &&
		compiled_find(&compiled_seccomp, filter_key(arena, &source), &launch->program));
}

static int program_build(const struct filter_source *source, const char *key, struct compiled *ret, struct error *err)
{
	owned_fd fd = memfd_create("seccomp", MFD_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "cannot keep the seccomp filter");
	if (filter_build(source, fd, err) < 0)
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0 || file_read_fd(fd, source->path, &ret->memory, &ret->size, err) < 0)
		return error_add(err, "cannot keep the seccomp filter");
	ret->bytes = ret->memory;
	compiled_keep(&compiled_seccomp, key, filter_builder(), ret->bytes, ret->size);
	return 0;
}

int seccomp_show(const struct launch *launch, const char *file, const struct filter_head *head,
		 const struct sock_filter *program, size_t length, struct error *err)
{
	const struct iovec parts[] = { { (void *)head, sizeof *head }, { (void *)program, length * sizeof *program } };
	owned_fd fd = -1;

	if (!launch->run)
		return 0;
	fd = openat(launch->run->fd, file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || writev(fd, parts, 2) != (ssize_t)(parts[0].iov_len + parts[1].iov_len))
		return error_set(err, errno, "cannot keep the seccomp filter");
	return 0;
}

static int program_get(const struct step *step, struct compiled *ret, struct error *err)
{
	owned_arena arena = arena_new();
	struct filter_source source;
	const char *key;

	if (profile_read(arena, step, &source, err) < 0) {
		error_hint(err, "correct the line, or set it to nothing for no filter");
		return error_add(err, "cannot use the seccomp profile");
	}
	key = filter_key(arena, &source);
	return compiled_find(&compiled_seccomp, key, ret) ? 0 : program_build(&source, key, ret, err);
}

int launch_seccomp_check(const struct step *step, struct error *err)
{
	struct compiled program = { 0 };

	if (program_get(step, &program, err) < 0)
		return -1;
	free(program.memory);
	return 0;
}

int launch_seccomp(struct launch *launch, const struct step *step, struct error *err)
{
	const struct step_seccomp *args = step->args;
	const struct compiled *program = &launch->program;
	struct filter_head head;
	size_t size;

	if (!program->memory && program_get(step, &launch->program, err) < 0)
		return -1;
	size = program->size > sizeof head ? program->size - sizeof head : 0;
	/* The kernel takes no more, and its count has 16 bits: a longer filter must not become a shorter one. */
	if (size < sizeof *launch->filter || size % sizeof *launch->filter || size > BPF_MAXINSNS * sizeof *launch->filter)
		return error_set(err, E2BIG, "%s: the filter has %zu instructions, and the kernel takes from 1 to %d",
				 args->profile, size / sizeof *launch->filter, BPF_MAXINSNS);
	memcpy(&head, program->bytes, sizeof head);
	launch->filter_flags = head.flags;
	launch->filter = (const struct sock_filter *)(const void *)(program->bytes + sizeof head);
	launch->filter_length = size / sizeof *launch->filter;
	launch->wants_listener = notify_is_wanted(launch->filter, launch->filter_length);
	if (launch->wants_listener && notify_expect(launch, step, err) < 0)
		return -1;
	return seccomp_show(launch, "seccomp.bpf", &head, launch->filter, launch->filter_length, err);
}

/*
 * A call that somebody has begun to judge is interrupted by nothing but death,
 * where the kernel can (5.19): it would be judged twice.
 */
int seccomp_load_listener(struct inside *inside, const struct sock_fprog *program, unsigned long flags)
{
	int listener, code;

	flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);
	if (listener < 0)
		listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
	if (listener < 0)
		return -errno;
	code = sync_give(inside, SYNC_NOTIFY, listener);
	close(listener);
	return code;
}

/* Few system calls: the program lies in memory since before the clone. */
int inside_seccomp(struct inside *inside, const struct step *step)
{
	const struct launch *launch = inside->launch;
	const struct sock_fprog program = { (unsigned short)launch->filter_length, (struct sock_filter *)launch->filter };

	(void)step;
	if (launch->wants_listener)
		return seccomp_load_listener(inside, &program, launch->filter_flags);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, launch->filter_flags, &program) < 0 ? -errno : 0;
}
