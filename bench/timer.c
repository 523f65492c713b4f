/*
 * Times commands against each other in one run: each round runs every command
 * once, in turn, so that whatever the machine does meanwhile meets all of
 * them.  Called by bench/lib.bash.
 *
 *   timer ROUNDS <rows    a row: LABEL <tab> COMMAND <tab> AFTERWARDS <tab> BEFORE
 *
 * The commands afterwards and before are not timed and may be empty.  What is
 * left behind in the background (a supervisor, a monitor) is waited for after
 * it, so that nobody's clean-up falls into the time of the next.  Words are
 * separated by single blanks.  Prints LABEL <tab> MEDIAN <tab> FASTEST, in microseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROWS = 8, MAX_WORDS = 64 };

struct row {
	char *label;
	char *command[MAX_WORDS], *after[MAX_WORDS], *before[MAX_WORDS];
	double *times;
};

static char *rows_text; /* the words of all rows point into it */

static void split(char *text, char **words)
{
	int count = 0;

	for (char *word = strtok(text, " \n"); word && count < MAX_WORDS - 1; word = strtok(NULL, " \n"))
		words[count++] = word;
	words[count] = NULL;
}

static int rows_read(struct row *rows, int rounds)
{
	size_t size = 0;
	int count = 0;
	FILE *whole = open_memstream(&rows_text, &size);
	char line[4096], *rest;

	while (fgets(line, sizeof line, stdin))
		fputs(line, whole);
	fclose(whole);
	rest = rows_text;
	for (char *text; count < MAX_ROWS && (text = strsep(&rest, "\n")) && *text; count++) {
		char *label = strsep(&text, "\t"), *command = strsep(&text, "\t"), *after = strsep(&text, "\t");

		rows[count].label = label;
		split(command ? command : label + strlen(label), rows[count].command);
		if (after)
			split(after, rows[count].after);
		if (text)
			split(text, rows[count].before);
		rows[count].times = calloc((size_t)rounds, sizeof(double));
	}
	return count;
}

/* Quiet, with nothing to read; a failure ends the measurement, for its times would mean nothing. */
static void run(char **command)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status, error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error) {
		fprintf(stderr, "timer: %s: %s\n", command[0], strerror(error));
		exit(1);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "timer: %s ended with status %#x\n", command[0], (unsigned)status);
		exit(1);
	}
}

/* Whoever lost its parent is ours: all are gone when no child is left. */
static void settle(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	const double *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

int main(int argc, char **argv)
{
	struct row rows[MAX_ROWS] = { 0 };
	int rounds = argc == 2 ? atoi(argv[1]) : 0;
	int count = rounds > 0 ? rows_read(rows, rounds) : 0;

	if (count == 0) {
		fputs("usage: timer ROUNDS <rows\n", stderr);
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* The first round, number -1, only warms the caches. */
	for (int round = -1; round < rounds; round++)
		for (int i = 0; i < count; i++) {
			double begun;

			if (rows[i].before[0])
				run(rows[i].before);
			begun = now();
			run(rows[i].command);
			if (round >= 0)
				rows[i].times[round] = now() - begun;
			if (rows[i].after[0]) {
				run(rows[i].after);
				settle();
			}
		}
	for (int i = 0; i < count; i++) {
		qsort(rows[i].times, (size_t)rounds, sizeof(double), compare);
		printf("%s\t%.0f\t%.0f\n", rows[i].label, rows[i].times[rounds / 2], rows[i].times[0]);
	}
	return 0;
}
