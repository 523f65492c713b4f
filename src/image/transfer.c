/*
 * Transfers (image/transfer.h).  The program that gets a file writes to our
 * descriptor; here is decided how often, from where, from which byte on, and
 * what its failure means to a person.
 */
#include "image/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/tool.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"

/* Rounds over all mirrors without a byte gained, rounds in all, the pause after the first, one look at the file. */
enum { BARREN_ROUNDS = 3, ROUNDS = 20, PAUSE_MS = 500, LOOK_MS = 200 };

/* Exit codes of curl(1), which are libcurl's. */
enum {
	CODE_PROTOCOL = 1, CODE_PROXY_NAME = 5, CODE_NAME = 6, CODE_CONNECT = 7, CODE_HTTP = 22, CODE_WRITE = 23,
	CODE_TIMEOUT = 28, CODE_RANGE = 33, CODE_TLS = 35, CODE_REDIRECTS = 47, CODE_UNTRUSTED = 60, CODE_AUTHORITIES = 77,
	CODE_REFUSED = 56, 	CODE_NONE = -1, CODE_TOO_LARGE = -2,
};

/* How one try ended. */
struct outcome {
	int code, status;
	char text[512];
};

/* One try: the program, what it reports, how much has arrived. */
struct attempt {
	const struct transfer *transfer;
	const char *url;
	int file;
	long long size, limit;
	struct outcome outcome;
	char line[1024];
	size_t length;
};

static long long file_size(int file)
{
	struct stat info;

	return fstat(file, &info) == 0 ? (long long)info.st_size : 0;
}

/* The descriptor's end is where the program goes on; it dies with us. */
static int prepare(void *data)
{
	(void)data;
	return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
}

static void report_take(struct attempt *attempt)
{
	int skip = 0;

	if (sscanf(attempt->line, "size %lld", &attempt->size) == 1)
		return;
	if (sscanf(attempt->line, "failed %d %d %n", &attempt->outcome.code, &attempt->outcome.status, &skip) == 2 && skip > 0)
		snprintf(attempt->outcome.text, sizeof attempt->outcome.text, "%s", attempt->line + skip);
}

/* False at the end of the reports. */
static bool reports_read(struct attempt *attempt, int reports)
{
	char bytes[512];
	ssize_t got = read(reports, bytes, sizeof bytes);

	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] != '\n' && attempt->length + 1 < sizeof attempt->line) {
			attempt->line[attempt->length++] = bytes[i];
			continue;
		}
		attempt->line[attempt->length] = '\0';
		attempt->length = 0;
		report_take(attempt);
	}
	return got > 0 || (got < 0 && errno == EINTR);
}

/* The argument vector; curl(1) is told all that lxs-fetch has built in. */
static char *const *command_line(struct arena *arena, const struct attempt *attempt, long long from, struct error *err)
{
	bool http = attempt->transfer->remote->plain;
	const char *own = PKGLIBEXECDIR "/lxs-fetch", *protocols = http ? "=http,https" : "=https";
	const char *words[] = {
		NULL, "-q", "--silent", "--fail", "--location", "--max-redirs", "5", "--proto", protocols, "--proto-redir",
		protocols, "--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "30", "--user-agent",
		"lxs/" PACKAGE_VERSION, "--write-out", "%{stderr}failed %{exitcode} %{http_code} %{errormsg}\\n",
	};
	enum { WORDS = sizeof words / sizeof *words };
	const char **argv = arena_alloc(arena, (WORDS + 4) * sizeof *argv);
	size_t count = 0;

	if (access(own, X_OK) == 0) {
		argv[count++] = own;
		if (http)
			argv[count++] = "--http";
	} else {
		memcpy(argv, words, sizeof words);
		argv[0] = tool_find(arena, "curl");
		count = WORDS;
	}
	if (!argv[0]) {
		error_set(err, 0, "nothing here can fetch files");
		error_hint(err, "install curl, or build lxs with libcurl");
		return NULL;
	}
	if (from > 0) {
		argv[count++] = argv[0] == own ? "--from" : "--continue-at";
		argv[count++] = arena_printf(arena, "%lld", from);
	}
	argv[count++] = attempt->url;
	return (char *const *)argv;
}

/* Follows the program to its end.  More than was announced is not waited for. */
static void follow(struct attempt *attempt, int reports, pid_t pid)
{
	struct progress *progress = attempt->transfer->progress;
	struct pollfd waiting = { reports, POLLIN, 0 };
	owned_fd process = proc_open(pid);
	long long have;

	for (;;) {
		int ready = poll(&waiting, 1, LOOK_MS);

		have = file_size(attempt->file);
		if (progress)
			progress_show(progress, have, attempt->size);
		if (have > attempt->limit) {
			proc_signal(process, SIGKILL);
			attempt->outcome.code = CODE_TOO_LARGE;
			return;
		}
		if (ready > 0 && !reports_read(attempt, reports))
			return;
	}
}

/* 0: attempt->outcome tells; -1. */
static int attempt_run(struct attempt *attempt, struct error *err)
{
	owned_arena arena = arena_new();
	owned_fd ours = -1, theirs = -1;
	char *const *argv = command_line(arena, attempt, file_size(attempt->file), err);
	int ends[2], status;
	pid_t pid;

	if (!argv)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	ours = ends[0];
	theirs = ends[1];
	attempt->outcome = (struct outcome){ .code = CODE_NONE };
	attempt->length = 0;
	pid = proc_start_in(argv, NULL, &(struct proc_surroundings){ attempt->file, theirs, prepare, NULL });
	if (pid < 0)
		return error_set(err, -pid, "cannot run %s", argv[0]);
	own_close_fd(&theirs);
	follow(attempt, ours, pid);
	status = proc_wait(pid);
	if (status == 0)
		attempt->outcome.code = file_size(attempt->file) > attempt->limit ? CODE_TOO_LARGE : 0;
	else if (attempt->outcome.code == CODE_NONE)
		proc_status_text(status, attempt->outcome.text, sizeof attempt->outcome.text);
	return 0;
}

/* What an address shows to others: no password. */
static const char *shown(struct arena *arena, const char *url)
{
	const char *host = strstr(url, "://"), *at;

	host = host ? host + 3 : url;
	at = memchr(host, '@', strcspn(host, "/"));
	return at ? arena_printf(arena, "%.*s***%s", (int)(host - url), url, at) : url;
}

/* The proxy of the environment for an address; NULL: none. */
static const char *proxy_of(const char *url)
{
	static const char *const secure[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL };
	static const char *const open[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };

	for (const char *const *name = text_starts(url, "https:") ? secure : open; *name; name++) {
		const char *value = getenv(*name);

		if (value && *value)
			return value;
	}
	return NULL;
}

static int explain(const struct attempt *attempt, struct error *err)
{
	const struct outcome *outcome = &attempt->outcome;
	owned_arena arena = arena_new();
	const char *proxy = proxy_of(attempt->url), *url = shown(arena, attempt->url);
	const char *by = proxy ? arena_printf(arena, " (by the proxy %s)", shown(arena, proxy)) : "";

	switch (outcome->code) {
	case CODE_PROTOCOL:
		error_set(err, 0, "cannot fetch %s%s: it leads away from https: %s", url, by, outcome->text);
		return error_hint(err, "only an address that begins with http:// itself may do without encryption");
	case CODE_HTTP:
		return error_set(err, 0, "cannot fetch %s%s: HTTP status %d", url, by, outcome->status);
	case CODE_REFUSED:
		if (outcome->status >= 400)
			return error_set(err, 0, "cannot fetch %s%s: HTTP status %d of the proxy", url, by, outcome->status);
		return error_set(err, 0, "cannot fetch %s%s: %s", url, by, outcome->text);
	case CODE_NAME:
		error_set(err, 0, "cannot fetch %s: the host's name cannot be resolved: %s", url, outcome->text);
		return error_hint(err, "is there a network? A proxy is taken from https_proxy and all_proxy");
	case CODE_PROXY_NAME:
		error_set(err, 0, "cannot fetch %s%s: the proxy's name cannot be resolved", url, by);
		return error_hint(err, "it comes from the environment: https_proxy, http_proxy, all_proxy");
	case CODE_TLS:
	case CODE_UNTRUSTED:
	case CODE_AUTHORITIES:
		error_set(err, 0, "cannot fetch %s%s: the server is not who it should be (TLS): %s", url, by,
			  outcome->text);
		return error_hint(err, "authorities come with the package ca-certificates; SSL_CERT_FILE names more");
	case CODE_TOO_LARGE:
		return error_set(err, 0, "refused %s: it is larger than the %lld bytes it should have", url, attempt->limit);
	case CODE_WRITE:
		error_set(err, 0, "cannot keep what comes from %s: %s", url, outcome->text);
		return error_hint(err, "is the file system of the cache full?");
	default:
		return error_set(err, 0, "cannot fetch %s%s: %s", url, by,
				 *outcome->text ? outcome->text : "the transfer broke off");
	}
}

/* What another try cannot change. */
static bool is_final(const struct outcome *outcome)
{
	switch (outcome->code) {
	case CODE_PROTOCOL:
	case CODE_NAME:
	case CODE_PROXY_NAME:
	case CODE_WRITE:
	case CODE_TLS:
	case CODE_UNTRUSTED:
	case CODE_AUTHORITIES:
	case CODE_REDIRECTS:
	case CODE_TOO_LARGE:
		return true;
	case CODE_HTTP:
		return outcome->status < 500 && outcome->status != 429;
	default:
		return false;
	}
}

static bool is_missing(const struct outcome *outcome)
{
	return outcome->code == CODE_HTTP && (outcome->status == 404 || outcome->status == 410);
}

/* A server that cannot go on, or a beginning that is not its file's: from the first byte on. */
static bool start_over(struct attempt *attempt)
{
	const struct outcome *outcome = &attempt->outcome;

	return (outcome->code == CODE_RANGE || (outcome->code == CODE_HTTP && outcome->status == 416)) &&
	       file_size(attempt->file) > 0 && ftruncate(attempt->file, 0) == 0;
}

struct round {
	bool missing, worth_another; /* one said so, and none had it; one may do better next time */
};

/* Each address once.  1: done; 0: not; -1. */
static int round_run(struct attempt *attempt, struct round *round, struct error *err)
{
	const struct remote *remote = attempt->transfer->remote;
	owned_arena arena = arena_new();
	const char *base = remote->url;

	*round = (struct round){ 0 };
	for (const char *const *mirror = remote->mirrors; base; base = *mirror++) {
		attempt->url = arena_printf(arena, "%s/%s", base, attempt->transfer->path);
		do {
			if (attempt_run(attempt, err) < 0)
				return -1;
		} while (start_over(attempt));
		if (attempt->outcome.code == 0)
			return 1;
		explain(attempt, err);
		round->missing |= is_missing(&attempt->outcome);
		round->worth_another |= !is_final(&attempt->outcome);
		/* Bytes beyond what was announced belong to no file that is wanted. */
		if (attempt->outcome.code == CODE_TOO_LARGE && ftruncate(attempt->file, 0) < 0)
			return error_set(err, errno, "cannot empty a file of the cache");
	}
	return 0;
}

static int get(const struct transfer *transfer, int file, long long limit, struct error *err)
{
	struct attempt attempt = { .transfer = transfer, .file = file, .size = transfer->size, .limit = limit };
	int barren = 0;
	struct round round;

	for (int count = 1;; count++) {
		long long before = file_size(file);
		int answer = round_run(&attempt, &round, err);

		if (answer != 0)
			return answer < 0 ? -1 : 0;
		if (round.missing)
			return TRANSFER_MISSING;
		barren = file_size(file) > before ? 0 : barren + 1;
		if (!round.worth_another || barren == BARREN_ROUNDS || count == ROUNDS)
			return -1;
		poll(NULL, 0, PAUSE_MS << (barren < 4 ? barren : 4));
	}
}

int transfer_file(const struct transfer *transfer, int file, struct error *err)
{
	const char *slash = strrchr(transfer->path, '/');
	long long have = file_size(file);
	int answer;

	if (transfer->size >= 0 && have > transfer->size) {
		if (ftruncate(file, 0) < 0)
			return error_set(err, errno, "cannot empty a file of the cache");
		have = 0;
	}
	if (transfer->size >= 0 && have == transfer->size)
		return 0;
	if (transfer->progress)
		progress_begin(transfer->progress, slash ? slash + 1 : transfer->path, have, transfer->size);
	answer = get(transfer, file, transfer->size >= 0 ? transfer->size : (long long)1 << 50, err);
	if (transfer->progress && answer == 0)
		progress_end(transfer->progress, file_size(file));
	else if (transfer->progress)
		progress_clear(transfer->progress);
	return answer;
}

int transfer_text(const struct transfer *transfer, struct arena *arena, const char **ret, size_t *length,
		  struct error *err)
{
	owned_fd file = memfd_create("lxs-transfer", MFD_CLOEXEC);
	owned_str text = NULL;
	size_t size;
	int answer;

	if (file < 0 || fcntl(file, F_SETFL, O_APPEND) < 0)
		return error_set(err, errno, "cannot make room for %s", transfer->path);
	answer = get(transfer, file, TRANSFER_TEXT_SIZE, err);
	if (answer != 0)
		return answer;
	if (lseek(file, 0, SEEK_SET) < 0 || file_read_fd(file, transfer->path, &text, &size, err) < 0)
		return -1;
	if (!length && strlen(text) != size)
		return error_set(err, 0, "%s/%s is no text", transfer->remote->url, transfer->path);
	*ret = memcpy(arena_alloc(arena, size + 1), text, size);
	if (length)
		*length = size;
	return 0;
}
