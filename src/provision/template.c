/*
 * Runs template programs (provision/template.h).  Apart from lib/proc because
 * a template is not a helper: it keeps the caller's terminal and may ask
 * questions, gets a mount namespace so that what it leaves mounted vanishes,
 * and holds the lock of the unfinished container as long as any process of it
 * lives.  Called from create.c.
 */
#include "provision/template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "provision/copy_fill.h"
#include "provision/provision.h"
#include "lib/own.h"
#include "lib/proc.h"

/* The lock's number in the template; everything above it is closed. */
enum { TEMPLATE_LOCK_FD = 3, TEMPLATE_GRACE_MS = 10000 };

static const char *const places[] = {
	PKGDATADIR "/templates/lxs-",
	PKGDATADIR "/templates/lxc-",
	"/usr/share/lxc/templates/lxc-",
};

/* Names of our templates, "busybox debian local", for a message. */
static char *template_names(void)
{
	owned_dir list = opendir(PKGDATADIR "/templates");
	owned_str names = NULL;
	struct dirent *entry;
	size_t size = 0;
	FILE *out = open_memstream(&names, &size);

	while (out && list && (entry = readdir(list)))
		if (strncmp(entry->d_name, "lxs-", 4) == 0)
			fprintf(out, "%s ", entry->d_name + 4);
	if (out)
		fclose(out);
	return steal_ptr(names);
}

char *template_find(const char *name, struct error *err)
{
	owned_str known = NULL;

	if (name[0] == '/') {
		if (access(name, X_OK) == 0)
			return strdup(name);
		error_set(err, errno, "cannot run the template %s", name);
		return NULL;
	}
	for (size_t i = 0; i < sizeof places / sizeof places[0] && !strchr(name, '/'); i++) {
		owned_str path = NULL;

		if (asprintf(&path, "%s%s", places[i], name) >= 0 && access(path, X_OK) == 0)
			return steal_ptr(path);
	}
	error_set(err, 0, "there is no template '%s'", name);
	known = template_names();
	error_hint(err, "known are: %sand none; or give an absolute path", known ? known : "");
	return NULL;
}

/* At the very end the contract tells the template who the caller is in there. */
static void mapped_arguments(const struct mapping *mapping, char **list)
{
	list[0] = (char *)"--mapped-uid";
	list[1] = mapping->words[0];
	list[2] = (char *)"--mapped-gid";
	list[3] = mapping->words[1];
}

/* The arguments in the order of the contract; -1 without memory. */
static int template_arguments(const struct template_call *call, char ***ret)
{
	size_t count = 0;
	char **list;

	while (call->arguments && call->arguments[count])
		count++;
	list = calloc(count + 9, sizeof *list);
	if (!list)
		return -1;
	*ret = list;
	list[0] = strdup(strrchr(call->program, '/') + 1);
	if (!list[0] || asprintf(&list[1], "--path=%s", call->directory) < 0 ||
	    asprintf(&list[2], "--name=%s", call->name) < 0 || asprintf(&list[3], "--rootfs=%s", call->tree) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		list[4 + i] = call->arguments[i];
	if (call->mapping)
		mapped_arguments(call->mapping, list + 4 + count);
	return 0;
}

static void template_arguments_free(char ***list)
{
	for (int i = 0; *list && i < 4; i++)
		own_free(&(*list)[i]);
	own_free(list);
}

/* For storage that is no directory, in the template's own mount namespace. */
static int tree_attach(const struct template_call *call, int mount)
{
	owned_fd place = open(call->tree, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (place >= 0 && mount_attach(mount, place) == 0)
		return 0;
	dprintf(2, "cannot mount %s on %s: %m\n", call->mounted->path, call->tree);
	return -1;
}

static _Noreturn void template_exec(const struct template_call *call, int mounted, char **arguments, const sigset_t *mask)
{
	int null;

	/* When lxs-create is killed, its template shall not go on alone. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (!call->mapping && geteuid() == 0 &&
	    (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0))
		dprintf(2, "%s: no mount namespace of its own: %m\n", arguments[0]);
	if (call->mounted && tree_attach(call, mounted) < 0)
		_exit(EXIT_FAILURE);
	if (call->quiet) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		for (int fd = 0; fd < 3 && null >= 0; fd++)
			dup2(null, fd);
	}
	if (call->lock >= 0 && call->lock != TEMPLATE_LOCK_FD)
		dup2(call->lock, TEMPLATE_LOCK_FD);
	if (call->lock == TEMPLATE_LOCK_FD)
		fcntl(TEMPLATE_LOCK_FD, F_SETFD, 0);
	close_range(call->lock >= 0 ? TEMPLATE_LOCK_FD + 1 : TEMPLATE_LOCK_FD, ~0U, 0);
	umask(0022);
	execv(call->program, arguments);
	dprintf(2, "%s: cannot be executed: %m\n", call->program);
	_exit(127);
}

/*
 * Waits for the end of the template, or for a signal to us; then the template
 * gets SIGTERM, and SIGKILL when it does not heed it.  Returns the wait
 * status, with *signal set when there was one.
 */
static int template_wait(pid_t pid, const struct interrupt *interrupt, int *signal)
{
	owned_fd process = proc_open(pid), signals = signalfd(-1, &interrupt->held, SFD_CLOEXEC);
	struct pollfd polled[] = { { process, POLLIN, 0 }, { signals, POLLIN, 0 } };
	struct signalfd_siginfo info;

	if (process < 0 || signals < 0)
		return proc_wait(pid);
	while (poll(polled, 2, -1) < 0 && errno == EINTR)
		;
	if (polled[1].revents & POLLIN && read(signals, &info, sizeof info) == sizeof info) {
		*signal = (int)info.ssi_signo;
		proc_signal(process, SIGTERM);
		if (poll(polled, 1, TEMPLATE_GRACE_MS) == 0)
			proc_signal(process, SIGKILL);
	}
	return proc_wait(pid);
}

int template_run(const struct template_call *call, const struct interrupt *interrupt, struct error *err)
{
	__attribute__((cleanup(template_arguments_free))) char **arguments = NULL;
	owned_fd mounted = call->mounted ? rootfs_open_unseen(call->mounted, err) : -1;
	int status, signal = 0;
	char text[64];
	pid_t pid;

	if (call->mounted && mounted < 0)
		return -1;
	if (template_arguments(call, &arguments) < 0)
		return error_set(err, ENOMEM, "cannot run the template");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fflush(NULL);
	pid = call->mapping ? userns_fork(&call->mapping->maps, 0, 0, err) : fork();
	if (pid < 0)
		return call->mapping ? error_add(err, "cannot run the template")
				     : error_set(err, errno, "cannot run the template");
	if (pid == 0)
		template_exec(call, mounted, arguments, &interrupt->before);
	status = template_wait(pid, interrupt, &signal);
	if (status != 0 || signal)
		interrupt_sweep();
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	if (signal)
		return interrupt_failed(signal, err);
	if (status < 0)
		return error_set(err, -status, "cannot wait for the template");
	if (status != 0)
		return error_set(err, 0, "the template %s %s", call->program,
				 proc_status_text(status, text, sizeof text));
	return call->mounted ? rootfs_write_through(mounted, call->mounted, err) : 0;
}

int container_template_help(const char *template, struct error *err)
{
	owned_str program = strcmp(template, "none") == 0 ? NULL : template_find(template, err);
	char *argv[] = { program, (char *)"-h", NULL };
	pid_t pid;

	if (!program)
		return strcmp(template, "none") == 0 ? 0 : -1;
	pid = proc_start(argv, NULL, -1);
	if (pid < 0 || proc_wait(pid) < 0)
		return error_set(err, pid < 0 ? -pid : 0, "cannot run %s", program);
	return 0;
}
