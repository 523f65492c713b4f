/*
 * What a server offers, fetched and parsed (image/get.h).  Apart from
 * index.c, which parses: here the formats' places on a server are known.
 */
#include "image/signed.h"

#include "image/signature.h"
#include "image/transfer.h"

static int get_text(const struct get *get, struct arena *arena, const char *path, const char **ret, size_t *length,
		    struct error *err)
{
	return transfer_text(&(struct transfer){ .remote = &get->remote, .path = path, .size = -1 }, arena, ret, length, err);
}

/* A detached signature lies beside the file, in one of two spellings. */
int signed_text(const struct get *get, struct arena *arena, const char *path, const char **ret, struct error *err)
{
	static const char *const endings[] = { ".asc", ".gpg", ".sig" };
	const char *signature = NULL, *shown = arena_printf(arena, "%s/%s", get->remote.url, path);
	int answer = get_text(get, arena, path, ret, NULL, err);
	size_t length = 0;

	if (answer != 0 || !get->remote.keyring || get->no_validate)
		return answer;
	for (size_t i = 0; i < sizeof endings / sizeof *endings && !signature; i++) {
		answer = get_text(get, arena, arena_printf(arena, "%s%s", path, endings[i]), &signature, &length, err);
		if (answer < 0)
			return error_add(err, "cannot check the signature of %s", shown);
	}
	if (!signature) {
		error_set(err, 0, "refused %s: it is not signed", shown);
		return error_hint(err, "lxs.conf has a keyring for this server; --no-validate takes it without");
	}
	return signature_check(&get->remote, *ret, signature, length, shown, err);
}

/* 1: the server has no such index. */
static int list_lxc(const struct get *get, struct arena *arena, struct image_list *list, struct error *err)
{
	const char *mode = get->user ? "user" : "system", *text = NULL;
	int answer = get_text(get, arena, arena_printf(arena, "meta/1.0/index-%s.7", mode), &text, NULL, err);

	if (answer == TRANSFER_MISSING)
		answer = get_text(get, arena, arena_printf(arena, "meta/1.0/index-%s", mode), &text, NULL, err);
	if (answer == 0)
		index_lxc_parse(arena, text, list);
	return answer;
}

static int list_streams(const struct get *get, struct arena *arena, struct image_list *list, struct error *err)
{
	const char *const *paths;
	const char *text = NULL;
	int answer = signed_text(get, arena, "streams/v1/index.json", &text, err);

	if (answer != 0)
		return answer;
	paths = index_streams_paths(arena, text, err);
	if (!paths)
		return error_add(err, "%s/streams/v1/index.json", get->remote.url);
	for (; *paths; paths++) {
		if (signed_text(get, arena, *paths, &text, err) != 0)
			return -1;
		if (index_streams_parse(arena, text, list, err) < 0)
			return error_add(err, "%s/%s", get->remote.url, *paths);
	}
	return 0;
}

static bool permitted(const struct get *get, struct error *err)
{
	if (!get->remote.plain || get->remote.keyring || get->no_validate || get->locked)
		return true;
	error_set(err, 0, "refused %s: over http:// anybody on the way can change what arrives", get->remote.url);
	error_hint(err, "use https://, give the remote a keyring in lxs.conf, or say --no-validate");
	return false;
}

int image_list(const struct get *get, struct arena *arena, struct image_list *ret, struct error *err)
{
	struct image_list all = { 0 }, some = { 0 };
	int answer = TRANSFER_MISSING;

	if (!permitted(get, err))
		return -1;
	if (get->remote.format == REMOTE_LXC)
		answer = list_lxc(get, arena, &all, err);
	if (answer == TRANSFER_MISSING && (get->remote.format == REMOTE_STREAMS || get->remote.guess))
		answer = list_streams(get, arena, &all, err);
	if (answer != 0)
		return error_add(err, "no index of images");
	some.odd = all.odd;
	for (size_t i = 0; i < all.count; i++) {
		if (!image_matches(&all.items[i], &get->wanted))
			continue;
		some.items = arena_append(arena, some.items, &some.count, sizeof *some.items);
		some.items[some.count - 1] = all.items[i];
	}
	image_list_sort(&some);
	*ret = some;
	return 0;
}
