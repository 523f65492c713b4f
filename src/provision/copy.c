/*
 * Copying a container: a directory, a config and a root file system of its
 * own, the last one copied or shared.  Called from commands/copy.c and
 * provision/snapshot.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "provision/provision.h"
#include "provision/copy_files.h"
#include "provision/copy_fill.h"
#include "provision/copy_text.h"
#include "provision/identity.h"
#include "provision/interrupt.h"
#include "provision/newborn.h"
#include "provision/rdepends.h"
#include "provision/source.h"
#include "lib/file.h"
#include "lib/own.h"
#include "lib/text.h"

enum { CONFIG_MODE = 0640 };

struct copying {
	const struct copy_options *options;
	struct source source;
	struct container target;
	struct newborn newborn;
	struct rootfs_source from;
	bool has_rootfs, clone;
	struct interrupt interrupt;
	unsigned *kept;   /* owned; provision/identity.h */
};

static void copying_done(struct copying *copying)
{
	identity_kept_tell(&copying->kept, NULL, NULL);
	newborn_done(&copying->newborn);
	container_done(&copying->target);
	source_done(&copying->source);
}

static struct arena *arena_of(const struct copying *copying)
{
	return settings_arena(copying->source.container->settings);
}

/* ---- the storage ---- */

/* Which kind the copy gets, and whether it shares its data. */
static const struct storage_ops *choose_storage(struct copying *copying, const struct storage_ops *own,
						const struct storage_request *request, struct error *err)
{
	const struct copy_options *options = copying->options;
	const struct storage_ops *ops = own;

	if (options->backend)
		ops = storage_find(options->backend, request, err);
	else if (options->snapshot && own == &storage_dir)
		ops = &storage_overlay;
	else if (!options->snapshot && !options->cheap && own == &storage_overlay)
		ops = &storage_dir;
	if (!ops)
		return NULL;
	copying->clone = ops->clone && (ops == own || (ops == &storage_overlay && own == &storage_dir)) &&
			 (options->snapshot || ops == &storage_btrfs ||
			  (options->cheap && !(ops->clone_depends && ops->clone_depends(&copying->from))));
	if (options->snapshot && !copying->clone) {
		error_set(err, 0, "storage of type %s cannot be shared with a copy of type %s", own->name, ops->name);
		error_hint(err, "copy it without -s");
		return NULL;
	}
	return ops;
}


static int name_storage(struct copying *copying, const char *path, struct storage_request *request, struct error *err)
{
	const struct storage_ops *own = storage_of(arena_of(copying), path, &copying->from, err), *ops;

	if (!own)
		return -1;
	ops = choose_storage(copying, own, request, err);
	if (ops && ops->mounted && storage_like(&copying->from, &request->specs, err) < 0)
		return -1;
	request->like = ops == own ? &copying->from : NULL;
	request->from = copying->clone ? &copying->from : NULL;
	return ops ? newborn_storage(&copying->newborn, ops, request, err) : -1;
}

/* ---- the config ---- */

static int write_config(struct copying *copying, struct error *err)
{
	const struct copy_options *options = copying->options;
	const char *from = copying->source.directory, *to = copying->newborn.directory;
	const struct copy_text how = {
		.from = from, .to = to, .rootfs = copying->newborn.rootfs, .more = options->more,
		.name = options->keep_name ? NULL : copying->target.name, .new_hwaddr = !options->keep_mac,
	};
	owned_str before = NULL;
	owned_str after = NULL;
	size_t length;

	if (file_read(copying->source.container->config_path, &before, &length, err) < 0)
		return -1;
	after = copy_text(before, &how);
	if (!after)
		return error_set(err, ENOMEM, "cannot write the config");
	if (copy_files(copying->source.container->settings, from, to, err) < 0)
		return -1;
	return file_replace(copying->target.config_path, after, strlen(after), CONFIG_MODE, err);
}

/* Those whose layers the copy stands on: the source, or whom the source stands on. */
static int register_use(struct copying *copying, struct error *err)
{
	const struct container *source = copying->source.container;
	const struct place from = { source->lxcpath, source->name };
	const struct place to = { copying->target.lxcpath, copying->target.name };
	struct arena *arena = arena_of(copying);

	if (!copying->clone)
		return 0;
	if (copying->newborn.storage->clone_depends && copying->newborn.storage->clone_depends(&copying->from))
		return rdepends_add(arena, &to, &from, err);
	return rdepends_register(arena, &to, &copying->newborn.source, &from, err);
}

/* ---- all of it ---- */

static int fill_rootfs(struct copying *copying, const struct storage_request *request, struct error *err)
{
	const struct copy_fill fill = {
		.options = copying->options, .source = copying->source.container, .target = &copying->target,
		.request = request, .from = &copying->from, .to = &copying->newborn.source,
		.ops = copying->newborn.storage, .clone = copying->clone, .kept = copying->kept,
	};
	struct mapping mapping;

	if (register_use(copying, err) < 0)
		return -1;
	if (!mapping_is_needed())
		return copy_fill(&fill, NULL, &copying->interrupt, err);
	mapping_of_settings(arena_of(copying), copying->source.container->settings, &mapping);
	return copy_fill(&fill, &mapping, &copying->interrupt, err);
}

static int copy_held(struct copying *copying, struct error *err)
{
	const struct copy_options *options = copying->options;
	const char *path = settings_string(copying->source.container->settings, "lxc.rootfs.path");
	struct storage_request request = { .name = copying->target.name, .specs = options->specs };

	if (newborn_claim(&copying->target, &copying->newborn, err) < 0)
		return -1;
	request.directory = copying->newborn.directory;
	if (path && name_storage(copying, path, &request, err) < 0)
		return -1;
	if (write_config(copying, err) < 0 || (copy_has_hooks(copying->source.container) &&
					       container_load(&copying->target, NULL, err) < 0))
		return -1;
	if (path && fill_rootfs(copying, &request, err) < 0)
		return -1;
	if (options->last && options->last(copying->newborn.directory, options->data, err) < 0)
		return -1;
	return interrupt_check(&copying->interrupt, err);
}

int container_copy(struct container *source, const struct copy_options *options, struct error *err)
{
	__attribute__((cleanup(copying_done))) struct copying copying = {
		.options = options, .newborn = NEWBORN_INIT, .source = SOURCE_INIT,
		.kept = options->warn ? identity_kept_new() : NULL,
	};
	int answer;

	if (container_init(options->lxcpath ? options->lxcpath : source->lxcpath, options->name, &copying.target, err) < 0 ||
	    newborn_refuse_defined(&copying.target, err) < 0 ||
	    source_hold(source, options->snapshot && options->allow_running, &copying.source, err) < 0 ||
	    copy_admit(source, options, err) < 0)
		return -1;
	interrupt_hold(&copying.interrupt);
	answer = copy_held(&copying, err);
	if (answer == 0)
		answer = newborn_finish(&copying.newborn, err);
	if (answer < 0)
		newborn_roll_back(&copying.newborn, err);
	interrupt_release(&copying.interrupt);
	if (answer == 0)
		identity_kept_tell(&copying.kept, options->warn, options->warn_context);
	return answer;
}
