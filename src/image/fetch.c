/*
 * lxs-fetch: gets one file by libcurl and nothing else.  A program of its own,
 * so that nobody else loads that library and so that what talks to strangers
 * holds nothing: started by root it becomes nobody before the first packet.
 * image/transfer.c starts it, with the file as standard output and a pipe for
 * reports as standard error; curl(1) can stand in for it.
 *
 *   lxs-fetch [--http] [--from OFFSET] URL
 *
 * Reports are lines: `size BYTES` as soon as the whole size is known, and at
 * the end, unless all went well, `failed CODE STATUS TEXT` with libcurl's code,
 * the HTTP status (0: none) and what libcurl says.
 */
#include <curl/curl.h>
#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534, REDIRECTS = 5, CONNECT_SECONDS = 30, STALL_SECONDS = 30 };

struct fetch {
	const char *url;
	bool http;
	curl_off_t from, told;
	char moved[1024]; /* where the last answer sent us */
	char *authorities; /* in PEM; NULL: the system's */
	size_t authorities_length;
};

/* Where that is not possible (in a user namespace with few ids) we go on as we are. */
static void become_nobody(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (geteuid() != 0)
		return;
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0)
		return;
	/* A change of ids clears it (prctl(2)); without it a transfer could survive who asked for it. */
	prctl(PR_SET_PDEATHSIG, 9);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *data)
{
	static const char name[] = "location:";
	struct fetch *fetch = data;
	size_t length = size * count;

	if (length > sizeof name && strncasecmp(bytes, name, sizeof name - 1) == 0) {
		size_t at = sizeof name - 1;

		while (at < length && bytes[at] == ' ')
			at++;
		snprintf(fetch->moved, sizeof fetch->moved, "%.*s", (int)(length - at), bytes + at);
		fetch->moved[strcspn(fetch->moved, "\r\n")] = '\0';
	}
	return length;
}

static int take_progress(void *data, curl_off_t total, curl_off_t got, curl_off_t up_total, curl_off_t up)
{
	struct fetch *fetch = data;

	(void)got, (void)up_total, (void)up;
	if (total > 0 && total != fetch->told) {
		dprintf(2, "size %lld\n", (long long)(fetch->from + total));
		fetch->told = total;
	}
	return 0;
}

/* The file of authorities that the environment names, as curl(1) has it; NULL: none.  Read while that is allowed. */
static char *read_authorities(size_t *length)
{
	const char *name = getenv("CURL_CA_BUNDLE");
	char *text = NULL;
	FILE *file;
	long size;

	if (!name || !*name)
		name = getenv("SSL_CERT_FILE");
	file = name && *name ? fopen(name, "re") : NULL;
	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 && fseek(file, 0, SEEK_SET) == 0 &&
	    (text = malloc((size_t)size)))
		*length = fread(text, 1, (size_t)size, file);
	fclose(file);
	return text;
}

/* The library itself does not look at the environment. */
static void choose_authorities(CURL *curl, const struct fetch *fetch)
{
	const char *directory = getenv("SSL_CERT_DIR"), *file = getenv("CURL_CA_BUNDLE");
	struct curl_blob blob = { fetch->authorities, fetch->authorities_length, CURL_BLOB_NOCOPY };

	if (directory && *directory)
		curl_easy_setopt(curl, CURLOPT_CAPATH, directory);
	if (!fetch->authorities)
		return;
	/* Not every TLS library takes a text; a file that nobody else may read is then out of reach. */
	if (curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob) != CURLE_OK)
		curl_easy_setopt(curl, CURLOPT_CAINFO, file && *file ? file : getenv("SSL_CERT_FILE"));
}

static void restrict_protocols(CURL *curl, const struct fetch *fetch)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, fetch->http ? "http,https" : "https");
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, fetch->http ? "http,https" : "https");
#else
	long allowed = fetch->http ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS, allowed);
	curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, allowed);
#endif
}

static void prepare(CURL *curl, struct fetch *fetch, char *why)
{
	restrict_protocols(curl, fetch);
	choose_authorities(curl, fetch);
	curl_easy_setopt(curl, CURLOPT_URL, fetch->url);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "lxs/" PACKAGE_VERSION);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, fetch->from);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, fetch);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, take_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, fetch);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, stdout);
}

static int run(struct fetch *fetch)
{
	char why[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode code;

	if (!curl)
		return EXIT_FAILURE;
	prepare(curl, fetch, why);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK && fflush(stdout) != 0)
		code = CURLE_WRITE_ERROR;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	/* A proxy that refused is all there is then. */
	if (code != CURLE_OK && status == 0)
		curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &status);
	if (code == CURLE_WRITE_ERROR && errno > 0)
		snprintf(why, sizeof why, "%s", strerror(errno));
	if (code == CURLE_UNSUPPORTED_PROTOCOL && *fetch->moved)
		dprintf(2, "failed %d %ld it redirects to %s\n", (int)code, status, fetch->moved);
	else if (code != CURLE_OK)
		dprintf(2, "failed %d %ld %s\n", (int)code, status, *why ? why : curl_easy_strerror(code));
	curl_easy_cleanup(curl);
	return code == CURLE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct fetch fetch = { 0 };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--http") == 0)
			fetch.http = true;
		else if (strcmp(argv[i], "--from") == 0 && i + 1 < argc)
			fetch.from = strtoll(argv[++i], NULL, 10);
		else
			fetch.url = argv[i];
	}
	if (!fetch.url) {
		fputs("usage: lxs-fetch [--http] [--from OFFSET] URL\n", stderr);
		return EXIT_FAILURE;
	}
	fetch.authorities = read_authorities(&fetch.authorities_length);
	become_nobody();
	return run(&fetch);
}
