/* Progress of transfers (image/progress.h).  Apart from them because it only talks. */
#include "image/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR_EVERY_MS = 200, LINE_EVERY_MS = 10000, BAR_WIDTH = 20, COLUMNS = 80 };

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *progress_bytes(long long bytes, char text[PROGRESS_BYTES])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++)
		value /= 1024;
	snprintf(text, PROGRESS_BYTES, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return text;
}

/* Bytes a second since it began; 0: too early to say. */
static long long rate_of(const struct progress *progress, long long have, long long now)
{
	long long elapsed = now - progress->begun_at;

	return elapsed >= 100 ? (have - progress->first) * 1000 / elapsed : 0;
}

void progress_line(const struct progress *progress, long long have, long long size, long long now, char *text,
		   unsigned columns)
{
	char bytes[PROGRESS_BYTES], all[PROGRESS_BYTES], speed[PROGRESS_BYTES], bar[BAR_WIDTH + 1], rest[32] = "";
	long long rate = rate_of(progress, have, now), left;
	int full = size > 0 ? (int)(have * BAR_WIDTH / size) : 0;

	progress_bytes(have, bytes);
	progress_bytes(rate, speed);
	if (size <= 0) {
		snprintf(text, columns, "%s  %s  %s/s", progress->label, bytes, speed);
		return;
	}
	full = full > BAR_WIDTH ? BAR_WIDTH : full;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '#', (size_t)full);
	bar[BAR_WIDTH] = '\0';
	if (rate > 0) {
		left = (size - have) / rate;
		snprintf(rest, sizeof rest, "  %lld:%02lld left", left / 60, left % 60);
	}
	snprintf(text, columns, "%s [%s] %3lld%%  %s of %s  %s/s%s", progress->label, bar, have * 100 / size, bytes,
		 progress_bytes(size, all), speed, rest);
}

static void draw(struct progress *progress, long long have, long long size, long long now)
{
	struct winsize window = { .ws_col = COLUMNS };
	char text[512];
	unsigned columns;

	ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
	columns = window.ws_col > 10 ? window.ws_col : COLUMNS;
	progress_line(progress, have, size, now, text, columns < sizeof text ? columns : sizeof text);
	fprintf(stderr, "\r%s\033[K", text);
	fflush(stderr);
}

void progress_begin(struct progress *progress, const char *label, long long have, long long size)
{
	char bytes[PROGRESS_BYTES], from[PROGRESS_BYTES];

	*progress = (struct progress){
		.label = label, .terminal = isatty(STDERR_FILENO), .begun_at = now_ms(), .first = have,
	};
	progress->shown_at = progress->begun_at;
	if (progress->terminal)
		return;
	printf("Downloading %s", label);
	if (size >= 0)
		printf(" (%s)", progress_bytes(size, bytes));
	if (have > 0)
		printf(", going on at %s", progress_bytes(have, from));
	printf("\n");
	fflush(stdout);
}

void progress_show(struct progress *progress, long long have, long long size)
{
	long long now = now_ms();
	char text[COLUMNS + 40];

	if (now - progress->shown_at < (progress->terminal ? BAR_EVERY_MS : LINE_EVERY_MS))
		return;
	progress->shown_at = now;
	if (progress->terminal) {
		draw(progress, have, size, now);
		return;
	}
	progress_line(progress, have, size, now, text, sizeof text);
	printf("  %s\n", text);
	fflush(stdout);
}

void progress_clear(struct progress *progress)
{
	if (progress->terminal)
		fprintf(stderr, "\r\033[K");
}

void progress_end(struct progress *progress, long long have)
{
	long long elapsed = now_ms() - progress->begun_at;
	char bytes[PROGRESS_BYTES], speed[PROGRESS_BYTES];

	progress_clear(progress);
	printf("%s: %s in %lld.%lld s", progress->label, progress_bytes(have - progress->first, bytes), elapsed / 1000,
	       elapsed % 1000 / 100);
	if (elapsed >= 100)
		printf(", %s/s", progress_bytes((have - progress->first) * 1000 / elapsed, speed));
	printf("\n");
	fflush(stdout);
}
