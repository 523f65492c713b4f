/* Finding programs (image/tool.h).  Apart because cron and sudo give short PATHs, and everyone here must know that. */
#include "image/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/confine.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/which.h"

enum { SAID_ROOM = 1 << 20 };

const char *tool_find(struct arena *arena, const char *name)
{
	char path[PATH_MAX];

	return which_of_caller(name, path) ? arena_strdup(arena, path) : NULL;
}

const char *tool_need(struct arena *arena, const char *name, const char *what_for, struct error *err)
{
	const char *program = tool_find(arena, name);

	if (!program) {
		error_set(err, 0, "the program '%s', which %s, is not installed", name, what_for);
		error_hint(err, "install the package that has it");
	}
	return program;
}

int said_open(void)
{
	int fd = memfd_create("said", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && ftruncate(fd, SAID_ROOM) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0)
		return fd;
	own_close_fd(&fd);
	return -1;
}

/* In the child. */
static int tool_prepare(void *data)
{
	const struct tool_call *call = data;
	struct confinement nothing = { .tree = -1 };

	if (call->input >= 0 && dup2(call->input, 0) < 0)
		return -errno;
	if (call->directory >= 0 && fchdir(call->directory) < 0)
		return -errno;
	if (call->confined)
		return confine(&nothing);
	/* Whoever asked for it may be killed; nobody else would end it. */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int tool_start(const struct tool_call *call, struct tool_run *ret, struct error *err)
{
	owned_arena arena = arena_new();
	const char *path = getenv("PATH");
	char *environment[] = { arena_printf(arena, "PATH=%s", path ? path : "/usr/bin:/bin"), (char *)"LC_ALL=C", NULL };
	struct proc_surroundings around = { call->output, -1, tool_prepare, (void *)call };

	*ret = TOOL_RUN_INIT;
	ret->said = around.errors = said_open();
	if (ret->said < 0)
		return error_set(err, errno, "cannot make a file in memory");
	ret->pid = proc_start_in((char *const *)call->argv, environment, &around);
	return ret->pid < 0 ? error_set(err, -ret->pid, "cannot run %s", call->argv[0]) : 0;
}

int tool_end(struct tool_run *run, const char *doing, int fine, struct error *err)
{
	struct proc_tail tail = { .length = 0 };
	char bytes[PROC_OUTPUT_TAIL], text[64];
	ssize_t got;
	int status = proc_wait(run->pid);

	run->pid = -1;
	lseek(run->said, 0, SEEK_SET);
	while ((got = read(run->said, bytes, sizeof bytes)) > 0 && *bytes)
		proc_tail_add(&tail, bytes, strnlen(bytes, (size_t)got));
	own_close_fd(&run->said);
	if (status < 0)
		return error_set(err, -status, "cannot %s", doing);
	if (WIFEXITED(status) && WEXITSTATUS(status) <= fine)
		return 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
		return error_set(err, EPIPE, "cannot %s", doing);
	if (tail.length > 0)
		return error_set(err, 0, "cannot %s: %s", doing, proc_tail_lines(&tail, 3));
	return error_set(err, 0, "cannot %s: a program for it %s", doing, proc_status_text(status, text, sizeof text));
}

void tool_run_done(struct tool_run *run)
{
	owned_fd process = run->pid > 0 ? proc_open(run->pid) : -1;

	if (process >= 0)
		proc_signal(process, SIGKILL);
	if (run->pid > 0)
		proc_wait(run->pid);
	run->pid = -1;
	own_close_fd(&run->said);
}
