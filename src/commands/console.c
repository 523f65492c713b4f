/* lxs-console: the terminal on a tty of a running container, or what its console has shown. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "lib/own.h"

enum { CONTROL_MASK = 0x1f };

struct console {
	int tty;
	char escape; /* the letter, in lower case */
	bool log, clear;
};

static int escape_parse(void *options, const char *argument, struct error *err)
{
	struct console *console = options;
	const char *letter = argument[0] == '^' ? argument + 1 : argument;

	if (!isalpha((unsigned char)letter[0]) || letter[1])
		return error_set(err, 0, "invalid escape prefix '%s': a letter, or ^ and a letter", argument);
	console->escape = (char)tolower((unsigned char)letter[0]);
	return 0;
}

static const struct option_row rows[] = {
	{ 't', "tty", "NUMBER", "the tty; 0 is the console (default: the first free one)", OPTION_INT,
	  offsetof(struct console, tty), NULL },
	{ 'e', "escape", "PREFIX", "letter of the escape prefix (default: a, that is Ctrl+a)", OPTION_CUSTOM, 0,
	  escape_parse },
	{ 0, "log", NULL, "print what the console has shown (lxc.console.buffer.size), and do not connect", OPTION_FLAG,
	  offsetof(struct console, log), NULL },
	{ 0, "clear", NULL, "forget what the console has shown; with --log after printing it", OPTION_FLAG,
	  offsetof(struct console, clear), NULL },
	{ 0 },
};

static void console_prepare(void *options)
{
	struct console *console = options;

	console->tty = -1;
	console->escape = 'a';
}

static int log_print(struct invocation *call, const struct console *console, struct error *err)
{
	owned_fd contents = -1;
	char bytes[4096];
	ssize_t got;

	if (container_console_log(&call->container, console->log, console->clear, &contents, err) < 0)
		return -1;
	if (contents < 0)
		return EXIT_SUCCESS;
	while ((got = read(contents, bytes, sizeof bytes)) > 0)
		fwrite(bytes, 1, (size_t)got, stdout);
	return got < 0 ? error_set(err, errno, "cannot read the console log") : EXIT_SUCCESS;
}

static int console_run(struct invocation *call, struct error *err)
{
	const struct console *console = call->options;
	struct console_session session;
	int result;

	if (console->tty < -1)
		return error_set(err, 0, "invalid tty number %d", console->tty);
	if ((console->log || console->clear) && console->tty > 0)
		return error_set(err, 0, "--log and --clear are for the console, tty 0: what tty %d shows is not kept",
				 console->tty);
	if (console->log || console->clear)
		return log_print(call, console, err);
	if (container_console_open(&call->container, console->tty, &session, err) < 0)
		return -1;
	fprintf(stderr, "\nConnected to tty %d\nType <Ctrl+%c q> to exit the console, "
			"<Ctrl+%c Ctrl+%c> to enter Ctrl+%c itself\n",
		session.number, console->escape, console->escape, console->escape, console->escape);
	result = console_session_relay(&session, (char)(console->escape & CONTROL_MASK), err);
	console_session_done(&session);
	return result;
}

const struct command command_console = {
	.name = "console",
	.summary = "Connect the terminal to a tty of a container.",
	.synopsis = "[-t NUMBER] [-e PREFIX] | [--log] [--clear]",
	.options = rows,
	.options_size = sizeof(struct console),
	.needs = NEEDS_NAME,
	.prepare = console_prepare,
	.run = console_run,
};
