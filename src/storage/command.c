/* Running the backends' programs (storage/command.h).  Apart because each backend does nothing else. */
#include "storage/command.h"

#include <string.h>

#include "lib/own.h"
#include "lib/text.h"
#include "lib/which.h"

enum { WORDS_MAX = 24, LINES_SHOWN = 3 };

int command_run(const char *const *words, struct proc_tail *said, struct error *err)
{
	char program[PATH_MAX], *argv[WORDS_MAX] = { program };
	struct proc_tail own, errors, *last;
	char ended[64];
	int status;

	if (!which(words[0], program)) {
		error_set(err, 0, "the program '%s', which this kind of storage is made with, is not installed", words[0]);
		return error_hint(err, "install the package that has it");
	}
	for (size_t i = 1; words[i]; i++) {
		if (i == WORDS_MAX - 1)
			return error_set(err, 0, "a command of %s is too long", words[0]);
		argv[i] = (char *)words[i];
	}
	said = said ? said : &own;
	status = proc_capture_apart(argv, which_environment, said, &errors);
	if (status < 0)
		return error_set(err, -status, "cannot run %s", program);
	if (status == 0)
		return 0;
	last = errors.length > 0 ? &errors : said;
	if (last->length == 0)
		return error_set(err, 0, "%s %s", words[0], proc_status_text(status, ended, sizeof ended));
	return error_set(err, 0, "%s: %s", words[0], proc_tail_lines(last, LINES_SHOWN));
}

const char *command_ask(const char *const *words, struct proc_tail *said)
{
	owned_error ignored = ERROR_INIT;

	if (command_run(words, said, &ignored) < 0)
		return NULL;
	return text_trim((char *)proc_tail_lines(said, 1));
}

bool command_agrees(const char *const *words)
{
	struct proc_tail said;

	return command_ask(words, &said) != NULL;
}
