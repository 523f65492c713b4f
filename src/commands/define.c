/* Settings from the command line, with an origin that names the option.  For lxs-start and lxs-execute. */
#include "commands/define.h"

#include <string.h>

int define_check(const struct strings *defines, struct error *err)
{
	for (size_t i = 0; i < defines->count; i++) {
		const char *equals = strchr(defines->items[i], '=');

		if (!equals || equals == defines->items[i])
			return error_set(err, 0, "--define needs KEY=VALUE, not '%s'", defines->items[i]);
	}
	return 0;
}

int define_one(struct settings *settings, const char *option, const char *key, const char *value,
	       struct error *err)
{
	return value ? settings_assign(settings, option, key, value, err) : 0;
}

int define_all(struct settings *settings, const struct strings *defines, struct arena *arena,
	       struct error *err)
{
	for (size_t i = 0; i < defines->count; i++) {
		const char *define = defines->items[i], *equals = strchr(define, '=');
		size_t length = (size_t)(equals - define);

		/* `-s "lxc.uts.name = web"` is as good as without blanks. */
		while (length > 0 && define[length - 1] == ' ')
			length--;
		if (settings_assign(settings, "--define", arena_strndup(arena, define, length),
				    equals + 1 + strspn(equals + 1, " "), err) < 0)
			return -1;
	}
	return 0;
}

int define_shares(struct settings *settings, const struct share_options *shares, struct error *err)
{
	const struct { const char *option, *key, *value; } rows[] = {
		{ "--share-net", "lxc.namespace.share.net", shares->net },
		{ "--share-ipc", "lxc.namespace.share.ipc", shares->ipc },
		{ "--share-uts", "lxc.namespace.share.uts", shares->uts },
		{ "--share-pid", "lxc.namespace.share.pid", shares->pid },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (define_one(settings, rows[i].option, rows[i].key, rows[i].value, err) < 0)
			return -1;
	}
	return 0;
}
