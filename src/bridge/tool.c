/*
 * Helper programs of lxs-net.  Apart from those who use them because each
 * wants the same sentence when one fails.
 */
#include "bridge/tool.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "lib/proc.h"
#include "lib/which.h"

enum { TOOL_ARGUMENTS = 40, TOOL_LINES = 3 };

int tool_run(char *const *argv, const char *what, struct error *err)
{
	char path[PATH_MAX], text[64];
	char *copy[TOOL_ARGUMENTS] = { path };
	struct proc_tail tail;
	const char *said;
	int status;

	for (size_t i = 1; argv[i]; i++) {
		if (i >= TOOL_ARGUMENTS - 1)
			return error_set(err, E2BIG, "%s", what);
		copy[i] = argv[i];
	}
	if (!which(argv[0], path)) {
		error_set(err, 0, "%s: there is no program %s", what, argv[0]);
		return error_hint(err, "install %s", argv[0]);
	}
	status = proc_capture(copy, NULL, &tail);
	if (status < 0)
		return error_set(err, -status, "%s: cannot run %s", what, path);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	said = proc_tail_lines(&tail, TOOL_LINES);
	return error_set(err, 0, "%s: %s", what, *said ? said : proc_status_text(status, text, sizeof text));
}
