/* Image servers by name (image/remote.h).  Apart because here it is decided whom to believe. */
#include "image/remote.h"

#include <string.h>
#include <unistd.h>

#include "host/lxsconf.h"
#include "host/remoteconf.h"
#include "lib/own.h"
#include "lib/text.h"

static const char default_server[] = "images.linuxcontainers.org";

/* "host/path" is meant as https; a slash at the end adds nothing; what else is there cannot be an address. */
static const char *url_of(struct arena *arena, const char *server, struct error *err)
{
	char *url = arena_printf(arena, "%s%s", strstr(server, "://") ? "" : "https://", server);
	size_t length = strlen(url);

	while (length > 0 && url[length - 1] == '/')
		url[--length] = '\0';
	if ((!text_starts(url, "https://") && !text_starts(url, "http://")) || url[length - 1] == ':' ||
	    strpbrk(url, " \t\r\n\"'<>\\?#")) {
		error_set(err, 0, "'%s' is no image server", server);
		error_hint(err, "give a host name, an address that begins with https://, or the name of a remote in lxs.conf");
		return NULL;
	}
	return url;
}

static int fill(struct arena *arena, const struct remote_section *section, struct remote *ret, struct error *err)
{
	const char **mirrors = NULL;
	size_t count = 0;

	if (!section->url)
		return error_set(err, 0, "remote '%s' of lxs.conf has no url", ret->name);
	ret->url = url_of(arena, section->url, err);
	if (!ret->url)
		return -1;
	ret->plain = text_starts(ret->url, "http://");
	for (const char **mirror = section->mirrors; *mirror; mirror++) {
		mirrors = arena_append(arena, mirrors, &count, sizeof *mirrors);
		mirrors[count - 1] = url_of(arena, *mirror, err);
		if (!mirrors[count - 1])
			return -1;
		ret->plain |= text_starts(mirrors[count - 1], "http://");
	}
	ret->mirrors = arena_append(arena, mirrors, &count, sizeof *mirrors);
	if (strcmp(section->format, "lxc") == 0)
		ret->format = REMOTE_LXC;
	else if (strcmp(section->format, "simplestreams") == 0)
		ret->format = REMOTE_STREAMS;
	else
		return error_set(err, 0, "remote '%s' of lxs.conf: format is lxc or simplestreams, not '%s'", ret->name,
				 section->format);
	ret->keyring = section->keyring;
	ret->fingerprint = section->fingerprint;
	if (ret->fingerprint && !ret->keyring)
		return error_set(err, 0, "remote '%s' of lxs.conf: a fingerprint needs the keyring that has the key",
				 ret->name);
	if (ret->keyring && ret->keyring[0] != '/')
		return error_set(err, 0, "remote '%s' of lxs.conf: keyring is an absolute path, not '%s'", ret->name,
				 ret->keyring);
	return 0;
}

/* 1: there is one of that name; 0: none; -1. */
static int find_section(struct arena *arena, const char *name, bool user, struct remote *ret, struct error *err)
{
	struct remote_section section;
	int answer = 0;

	for (int own = user; own >= 0 && answer == 0; own--) {
		owned_str path = lxsconf_path(own);

		if (path && access(path, R_OK) == 0)
			answer = remoteconf_read(path, name, arena, &section, err);
	}
	return answer == 1 ? fill(arena, &section, ret, err) < 0 ? -1 : 1 : answer;
}

int remote_find(struct arena *arena, const char *server, bool user, struct remote *ret, struct error *err)
{
	static const char *const none[] = { NULL };
	int answer;

	*ret = (struct remote){ .name = server ? server : "default", .mirrors = none };
	answer = find_section(arena, ret->name, user, ret, err);
	if (answer != 0)
		return answer < 0 ? -1 : 0;
	ret->name = server ? server : default_server;
	ret->guess = true;
	ret->url = url_of(arena, ret->name, err);
	if (!ret->url)
		return -1;
	ret->plain = text_starts(ret->url, "http://");
	return 0;
}
