/*
 * The container side's loop, called by the clone step in the new process.
 * Apart from host.c because nothing here may allocate.
 */
#include "launch/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch/sync.h"
#include "lib/mount.h"

int inside_fail(struct inside *inside, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(inside->detail, sizeof inside->detail, format, arguments);
	va_end(arguments);
	return -code;
}

int inside_host_root(struct inside *inside)
{
	if (inside->host_root < 0)
		inside->host_root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return inside->host_root < 0 ? -errno : inside->host_root;
}

int inside_proc(struct inside *inside)
{
	int fs;

	if (inside->proc >= 0)
		return inside->proc;
	fs = fsopen("proc", FSOPEN_CLOEXEC);
	if (fs < 0)
		return -errno;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		inside->proc = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	if (inside->proc < 0) {
		int code = errno;

		close(fs);
		return -code;
	}
	close(fs);
	return inside->proc;
}

/* The lowest of the descriptors that is not below `from`; INT_MAX: none. */
static int kept_next(const int *kept, size_t count, int from)
{
	int next = INT_MAX;

	for (size_t i = 0; i < count; i++)
		if (kept[i] >= from && kept[i] < next)
			next = kept[i];
	return next;
}

void inside_shed_host(struct inside *inside)
{
	const int kept[] = {
		inside->sync, inside->root, inside->proc, inside->devpts, inside->console, inside->launch->small_init,
	};
	int from = 3 + (int)inside->passed;

	while (from < INT_MAX) {
		int next = kept_next(kept, sizeof kept / sizeof kept[0], from);

		/* Not so before Linux 5.9: then they close on exec only. */
		if (next > from)
			syscall(SYS_close_range, (unsigned)from, (unsigned)next - 1, 0);
		from = next < INT_MAX ? next + 1 : INT_MAX;
	}
	inside->host_root = inside->devices = inside->tree = inside->mounted = -1;
	for (int i = 0; i < ROOTFS_PLACES_MAX; i++)
		inside->places[i] = -1;
}

static _Noreturn void inside_report(struct inside *inside, size_t index, int code)
{
	struct sync_message message = { .type = SYNC_FAILED, .number = index, .code = code };

	memcpy(message.detail, inside->detail, sizeof message.detail);
	sync_send(inside->sync, &message, -1);
	_exit(1);
}

int inside_tell(struct inside *inside, const struct step *step)
{
	const struct step_sync *args = step->args;
	const struct sync_message message = { .type = SYNC_REACHED, .number = args->point };

	return sync_send(inside->sync, &message, -1);
}

int inside_sync(struct inside *inside, const struct step *step)
{
	const struct step_sync *args = step->args;
	struct sync_message message;
	int descriptor, code = inside_tell(inside, step);

	if (code < 0)
		return code;
	/* The end of the socket is the end of the launcher: nobody is left to report to. */
	code = sync_receive(inside->sync, &message, &descriptor);
	if (code <= 0 || message.type != SYNC_GO || message.number != args->point)
		_exit(1);
	if (descriptor >= 0)
		inside->tree = descriptor;
	if (args->point == SYNC_PLACED && inside->launch->unshare_late)
		return unshare(inside->launch->unshare_late) < 0 ? -errno : 0;
	return 0;
}

/*
 * The death signal is SIGKILL until init is executed; a launcher that died
 * before this line is noticed at the first meeting point.
 */
static void inside_settle(void)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static unsigned passed_count(void)
{
	const char *listen = getenv("LISTEN_FDS");
	long count = listen ? strtol(listen, NULL, 10) : 0;

	return count > 0 && count < 1024 ? (unsigned)count : 0;
}

_Noreturn void inside_run(const struct launch *launch, int sync)
{
	const struct side *side = &launch->plan->container;
	struct inside inside = {
		.plan = launch->plan, .launch = launch, .sync = sync, .passed = passed_count(),
		.devices = -1, .tree = -1, .root = -1, .mounted = -1, .host_root = -1, .proc = -1, .devpts = -1, .console = -1,
	};

	for (int i = 0; i < ROOTFS_PLACES_MAX; i++)
		inside.places[i] = -1;
	inside_settle();
	for (size_t i = 0; i < side->count; i++) {
		const struct step *step = &side->steps[i];
		int (*run)(struct inside *, const struct step *) = launch_table[step->kind].inside;
		int code;

		inside.detail[0] = '\0';
		code = run ? run(&inside, step) : -ENOSYS;
		if (code < 0 && !step->optional)
			inside_report(&inside, i, -code);
	}
	_exit(1);
}
