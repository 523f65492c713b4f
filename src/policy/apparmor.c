/*
 * From the text of an AppArmor policy to what the kernel takes, by
 * apparmor_parser(8), once for a text (compiled.h).  Apart from what loads it
 * because a start needs this only when it is not in the cache.  Called by
 * launch/apparmor.c.
 */
#include "policy/apparmor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/lsm.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/which.h"

#define FEATURES PKGDATADIR "/apparmor.features"

/* A policy can be written that takes hours to compile. */
enum { PATIENCE = 60 * 1000 };

static int memory_of(const char *text, struct error *err)
{
	owned_fd fd = memfd_create("apparmor", MFD_CLOEXEC);
	ssize_t length = (ssize_t)strlen(text);

	if (fd < 0 || write(fd, text, (size_t)length) != length || lseek(fd, 0, SEEK_SET) < 0)
		return error_set(err, errno ? errno : EIO, "cannot compile the AppArmor profile");
	return steal_fd(&fd);
}

static int input_place(void *data)
{
	return dup2(*(const int *)data, 0) < 0 ? -errno : 0;
}

/* The wait status of the parser, or -errno. */
static int parser_run(const char *parser, int input, int output, int errors)
{
	char *const argv[] = {
		(char *)parser, (char *)"--features-file=" FEATURES, (char *)"--skip-cache", (char *)"--skip-kernel-load",
		(char *)"--stdout", (char *)"--quiet", NULL,
	};
	const struct proc_surroundings around = { .output = output, .errors = errors, .prepare = input_place, .data = &input };
	struct pollfd waiting = { .fd = -1, .events = POLLIN };
	owned_fd pidfd = -1;
	int ready;
	pid_t pid = proc_start_in(argv, NULL, &around);

	if (pid < 0)
		return pid;
	pidfd = proc_open(pid);
	waiting.fd = pidfd;
	do
		ready = pidfd < 0 ? 1 : poll(&waiting, 1, PATIENCE);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		return proc_wait(pid);
	proc_signal(pidfd, SIGKILL);
	proc_wait(pid);
	return -ETIMEDOUT;
}

/* "AppArmor parser error at line 12: ..." */
static unsigned line_of(const char *said)
{
	const char *at = strstr(said, "at line ");

	return at ? (unsigned)strtoul(at + strlen("at line "), NULL, 10) : 0;
}

static int parser_failed(int status, int errors, unsigned *line, struct error *err)
{
	owned_error ignored = ERROR_INIT;
	owned_str said = NULL;
	char ending[64], *error;
	size_t length;

	if (status < 0)
		return error_set(err, -status, "cannot compile the AppArmor profile by " APPARMOR_PARSER);
	if (lseek(errors, 0, SEEK_SET) < 0 || file_read_fd(errors, APPARMOR_PARSER, &said, &length, &ignored) < 0 ||
	    length == 0)
		return error_set(err, 0, "cannot compile the AppArmor profile: " APPARMOR_PARSER " %s",
				 proc_status_text(status, ending, sizeof ending));
	/* Warnings may come first. */
	error = strstr(said, "AppArmor parser error");
	error = error ? error : said;
	error[strcspn(error, "\n")] = '\0';
	*line = line_of(error);
	return error_set(err, 0, "cannot compile the AppArmor profile: %s", text_trim(error));
}

static int policy_compile(const char *text, const char *parser, struct compiled *ret, unsigned *line, struct error *err)
{
	owned_fd input = memory_of(text, err), output = -1, errors = -1;
	int status;

	if (input < 0 || (output = memory_of("", err)) < 0 || (errors = memory_of("", err)) < 0)
		return -1;
	status = parser_run(parser, input, output, errors);
	if (status != 0)
		return parser_failed(status, errors, line, err);
	if (lseek(output, 0, SEEK_SET) < 0 || file_read_fd(output, APPARMOR_PARSER, &ret->memory, &ret->size, err) < 0)
		return error_add(err, "cannot compile the AppArmor profile");
	if (ret->size == 0) {
		own_free(&ret->memory);
		return error_set(err, 0, "cannot compile the AppArmor profile: " APPARMOR_PARSER " made nothing of it");
	}
	ret->bytes = ret->memory;
	return 0;
}

int apparmor_compile(const char *text, bool keep, struct compiled *ret, unsigned *line, struct error *err)
{
	owned_str features = NULL;
	owned_str key = NULL;
	char parser[PATH_MAX];
	size_t length;

	*line = 0;
	if (file_read(FEATURES, &features, &length, err) < 0)
		return error_add(err, "cannot compile the AppArmor profile");
	if (!which(APPARMOR_PARSER, parser))
		return error_set(err, ENOENT, "cannot compile the AppArmor profile: " APPARMOR_PARSER);
	if (asprintf(&key, "%s%s", features, text) < 0)
		return error_set(err, ENOMEM, "cannot compile the AppArmor profile");
	if (keep && compiled_find(&compiled_apparmor, key, ret))
		return 0;
	if (policy_compile(text, parser, ret, line, err) < 0)
		return -1;
	if (keep)
		compiled_keep(&compiled_apparmor, key, parser, ret->bytes, ret->size);
	return 0;
}
