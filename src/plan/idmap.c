/*
 * The user namespace: which ids inside are which on the host (lxc.idmap), who
 * acts as root in there, and what the host side does for it.  Apart from
 * namespaces.c because a map is checked as a whole, before anything starts.
 * Called from plan.c.
 */
#include "plan/idmap.h"

#include <sched.h>
#include <string.h>

#include "config/rootfs_source.h"
#include "host/userns.h"
#include "plan/domains.h"

enum {
	MAP_LINES = 340,        /* of one kind: what the kernel takes (user_namespaces(7)) */
	MAP_BYTES = 4096,       /* it is written in one go, and must stay below a page */
	TTY_GROUP = 5,
	HOST_IDS = 65536,       /* below are accounts; ranges of /etc/subuid begin above (login.defs(5)) */
};

static const unsigned long last_id = 4294967294; /* (uid_t)-1 means none */

static const struct values *lines_of(const struct planner *planner)
{
	return settings_values(planner->settings, "lxc.idmap");
}

static const char *word_of(char kind)
{
	return kind == 'u' ? "uid" : "gid";
}

static int line_check(const struct value *value, struct error *err)
{
	const struct idmap *map = &value->idmap;

	if (map->range == 0)
		error_set(err, 0, "the id map %s maps no id: its range is 0", value->text);
	else if (map->range > last_id || map->inside > last_id - map->range + 1 ||
		 map->outside > last_id - map->range + 1)
		error_set(err, 0, "the id map %s does not fit: the highest id is %lu", value->text, last_id);
	return err->message ? error_asked_by(err, value->origin) : 0;
}

static bool overlap(unsigned long one, unsigned long one_range, unsigned long other, unsigned long other_range)
{
	return one < other + other_range && other < one + one_range;
}

static int pair_check(const struct value *value, const struct value *earlier, struct error *err)
{
	const struct idmap *map = &value->idmap, *before = &earlier->idmap;

	if (map->kind != before->kind)
		return 0;
	if (overlap(map->inside, map->range, before->inside, before->range))
		error_set(err, 0, "the id map %s overlaps %s: a %s of the container would be mapped twice", value->text,
			  earlier->text, word_of(map->kind));
	else if (overlap(map->outside, map->range, before->outside, before->range))
		error_set(err, 0, "the id map %s overlaps %s: two %ss of the container would be one on the host",
			  value->text, earlier->text, word_of(map->kind));
	return err->message ? error_asked_by(err, value->origin) : 0;
}

/* The host's id for one of the container's. */
static bool outside_of(const struct planner *planner, char kind, unsigned long inside, unsigned long *ret)
{
	const struct values *lines = lines_of(planner);

	for (size_t i = 0; i < lines->count; i++) {
		const struct idmap *map = &lines->items[i].idmap;

		if (map->kind != kind || inside < map->inside || inside - map->inside >= map->range)
			continue;
		*ret = map->outside + (inside - map->inside);
		return true;
	}
	return false;
}

/* Root of the namespace, or who init is to be where 0 is not mapped. */
static int actor_choose(const struct planner *planner, char kind, unsigned long *inside, unsigned long *outside,
			struct error *err)
{
	const struct values *lines = lines_of(planner);
	const char *key = kind == 'u' ? "lxc.init.uid" : "lxc.init.gid";
	unsigned long init = (unsigned long)settings_number(planner->settings, key), ignored;

	if (!outside_of(planner, kind, init, &ignored)) {
		error_set(err, 0, "lxc.idmap maps no %s %lu, which init is to have", word_of(kind), init);
		error_asked_by(err, lines->items[lines->count - 1].origin);
		return error_hint(err, "add a line 'lxc.idmap = %c %lu HOSTID RANGE', or set %s to an id that is mapped", kind,
				  init, key);
	}
	*inside = 0;
	if (outside_of(planner, kind, 0, outside))
		return 0;
	*inside = init;
	outside_of(planner, kind, init, outside);
	return 0;
}

const char *idmap_text(struct arena *arena, const struct settings *settings, char kind)
{
	const struct values *lines = settings_values(settings, "lxc.idmap");
	const char *text = "";

	for (size_t i = 0; i < lines->count; i++) {
		const struct idmap *map = &lines->items[i].idmap;

		if (map->kind == kind)
			text = arena_printf(arena, "%s%lu %lu %lu\n", text, map->inside, map->outside, map->range);
	}
	return text;
}

/* How many ids from `first` on the list has without a gap: a line may run on from one range into the next. */
static unsigned long covered(const struct subid_list *list, unsigned long first, unsigned long wanted)
{
	unsigned long count = 0;
	bool grows = true;

	while (grows && count < wanted) {
		grows = false;
		for (size_t i = 0; i < list->count; i++) {
			const struct subid_range *range = &list->ranges[i];
			unsigned long next = first + count;

			if (next < range->first || next - range->first >= range->count)
				continue;
			count += range->count - (next - range->first);
			grows = true;
		}
	}
	return count < wanted ? count : wanted;
}

/* Nobody is to be told to give away the host's own accounts, whose root has the first id. */
static int hint_range(const struct subids *ids, const char *word, unsigned long first, unsigned long count, struct error *err)
{
	if (first < HOST_IDS)
		return error_hint(err, "ids below %d are those of the host's own accounts: name others in lxc.idmap, of a line "
				  "of yours in /etc/sub%s", HOST_IDS, word);
	return error_hint(err, "root can add the line %s:%lu:%lu to /etc/sub%s", ids->user, first, count, word);
}

int idmap_permit(const struct settings *settings, const struct subids *ids, uid_t uid, gid_t gid, struct error *err)
{
	const struct values *lines = settings_values(settings, "lxc.idmap");

	for (size_t i = 0; i < lines->count && !ids->elsewhere; i++) {
		const struct idmap *map = &lines->items[i].idmap;
		bool users = map->kind == 'u';
		unsigned long first = map->outside, rest = map->range, got;

		if (rest == 1 && first == (users ? uid : gid))
			continue;
		got = covered(users ? &ids->uids : &ids->gids, first, rest);
		first += got;
		rest -= got;
		if (rest == 0)
			continue;
		error_set(err, 0, "the %ss %lu to %lu are not yours to give: /etc/sub%s has no range for %s with all of them",
			  word_of(map->kind), first, first + rest - 1, word_of(map->kind), ids->user);
		error_asked_by(err, lines->items[i].origin);
		return hint_range(ids, word_of(map->kind), first, rest, err);
	}
	return 0;
}

static size_t lines_count(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

static bool share_of_user(const struct planner *planner)
{
	const struct values *shared = settings_values(planner->settings, "lxc.namespace.share");

	for (size_t i = 0; i < shared->count; i++)
		if (strcmp(shared->items[i].sub, "user") == 0)
			return true;
	return false;
}

static int texts_make(struct planner *planner, struct error *err)
{
	const struct values *lines = lines_of(planner);

	planner->ids.uid_map = idmap_text(planner->plan->arena, planner->settings, 'u');
	planner->ids.gid_map = idmap_text(planner->plan->arena, planner->settings, 'g');
	if (lines_count(planner->ids.uid_map) > MAP_LINES || lines_count(planner->ids.gid_map) > MAP_LINES ||
	    strlen(planner->ids.uid_map) >= MAP_BYTES ||
	    strlen(planner->ids.gid_map) >= MAP_BYTES) {
		error_set(err, 0, "lxc.idmap has more lines than the kernel takes: %d of a kind, and less than %d bytes",
			  MAP_LINES, MAP_BYTES);
		return error_asked_by(err, lines->items[lines->count - 1].origin);
	}
	return 0;
}

static int user_needs_map(const struct planner *planner, struct error *err)
{
	if (planner->host->uid == 0)
		return 0;
	if (planner->request->preview) {
		plan_note(planner->plan, NULL, "root's: without lxc.idmap an ordinary user cannot start it");
		return 0;
	}
	error_set(err, 0, "an ordinary user's container needs a user namespace, and the config has no lxc.idmap");
	return error_hint(err, "add lxc.idmap lines with ids of yours from /etc/subuid and /etc/subgid (a new container gets "
			  "them by itself), or start it as root");
}

/* The map of a namespace that is joined is there already. */
static int tools_refuse(const struct planner *planner, struct error *err)
{
	const struct host *host = planner->host;
	const struct values *lines = lines_of(planner);

	if (host->uid == 0 || !host->no_mapping || planner->request->preview || share_of_user(planner) ||
	    (userns_is_own(planner->ids.uid_map, host->uid) && userns_is_own(planner->ids.gid_map, host->gid)))
		return 0;
	error_set(err, 0, "lxc.idmap cannot be written: %s", host->no_mapping);
	error_asked_by(err, lines->items[0].origin);
	return error_hint(err, "root can install the package with newuidmap and newgidmap (uidmap, or shadow); a map of "
			  "nothing but your own id needs neither");
}

int plan_idmap_check(struct planner *planner, struct error *err)
{
	const struct values *lines = lines_of(planner);
	struct id_plan *ids = &planner->ids;
	unsigned long uid, gid, host_uid, host_gid, ignored;

	for (size_t i = 0; i < lines->count; i++) {
		if (line_check(&lines->items[i], err) < 0)
			return -1;
		for (size_t earlier = 0; earlier < i; earlier++)
			if (pair_check(&lines->items[i], &lines->items[earlier], err) < 0)
				return -1;
	}
	if (lines->count == 0)
		return user_needs_map(planner, err);
	if (planner->host->uid != 0 &&
	    idmap_permit(planner->settings, &planner->host->subids, planner->host->uid, planner->host->gid, err) < 0)
		return -1;
	if (texts_make(planner, err) < 0 || actor_choose(planner, 'u', &uid, &host_uid, err) < 0 ||
	    actor_choose(planner, 'g', &gid, &host_gid, err) < 0)
		return -1;
	if (tools_refuse(planner, err) < 0)
		return -1;
	ids->mapped = true;
	ids->uid = (uid_t)uid;
	ids->gid = (gid_t)gid;
	ids->host_uid = (uid_t)host_uid;
	ids->host_gid = (gid_t)host_gid;
	ids->no_tty_group = !outside_of(planner, 'g', TTY_GROUP, &ignored);
	return 0;
}

int idmap_refuse(const struct planner *planner, const char *text, struct error *err)
{
	if (strcmp(text, "container") != 0 && *text != '/') {
		error_set(err, 0, "the mount option idmap=%s names no user namespace", text);
		return error_hint(err, "it is idmap=container, or the path of a user namespace, such as /proc/PID/ns/user");
	}
	if (planner->host->uid == 0 || planner->request->preview)
		return 0;
	error_set(err, 0, "only root can mount with mapped ids");
	return error_hint(err, "without idmap=%s the files show the ids that they have on the host", text);
}

/* A tree with the ids of inside is of no use to the container as it is; one that is asked for is mapped in any case. */
static int add_rootfs_map(struct planner *planner, struct error *err)
{
	const struct value *options = settings_value(planner->settings, "lxc.rootfs.options");
	const struct value *path = settings_value(planner->settings, "lxc.rootfs.path");
	struct step_rootfs rootfs = { 0 };
	struct step_rootfs_map *step;
	const char *asked;

	if (!path)
		return 0;
	if (plan_rootfs_step(planner, &rootfs, &asked, err) < 0)
		return -1;
	/* A user's tree has its owners since it was made. */
	if (planner->host->uid != 0 || (!asked && (!planner->ids.mapped || planner->ids.host_uid == 0)))
		return 0;
	step = plan_add(planner->plan, STEP_ROOTFS_MAP, asked ? options->origin : path->origin);
	step->rootfs = rootfs;
	step->required = asked != NULL;
	step->idmap = asked ? asked : "container";
	step->uids = planner->ids.uid_map;
	step->uid = planner->ids.host_uid;
	step->gid = planner->ids.host_gid;
	return 0;
}

static void add_root(struct planner *planner, const struct origin *origin)
{
	const struct value *path = settings_value(planner->settings, "lxc.rootfs.path");
	struct step_namespace_root *step = plan_add(planner->plan, STEP_NAMESPACE_ROOT, origin);
	owned_error ignored = ERROR_INIT;

	step->uid = planner->ids.uid;
	step->gid = planner->ids.gid;
	step->joined = planner->shared & CLONE_NEWUSER;
	/* What is wrong with it is said where it is mounted. */
	if (path)
		rootfs_source_parse(planner->plan->arena, path->text, &step->source, &ignored);
}

static void add_namespaces(struct planner *planner)
{
	uint64_t made = planner->created & PLAN_MAPPED_NAMESPACES;
	struct step_unshare *step;

	if (!made)
		return;
	step = plan_add(planner->plan, STEP_UNSHARE, NULL);
	step->namespaces = made;
}

/* Where the container's root is the user himself, they are his own already. */
static void add_cgroup_owner(struct planner *planner, const struct origin *origin)
{
	const struct host *host = planner->host;
	struct arena *arena = planner->plan->arena;
	struct step_cgroup_owner *owner;
	unsigned long ignored;

	if (host->cgroups.count == 0 || (host->uid != 0 && planner->ids.host_uid == host->uid))
		return;
	owner = plan_add(planner->plan, STEP_CGROUP_OWNER, origin);
	owner->gid = host->uid == 0 ? planner->ids.host_gid : planner->ids.gid;
	if (host->uid == 0)
		return;
	owner->uid_map = userns_map_with(arena, planner->ids.uid_map, host->uid, &ignored);
	owner->gid_map = userns_map_with(arena, planner->ids.gid_map, host->gid, &ignored);
}

int plan_idmap(struct planner *planner, struct error *err)
{
	const struct origin *origin;
	struct step_idmap *step;

	if (!planner->ids.mapped)
		return add_rootfs_map(planner, err);
	origin = lines_of(planner)->items[0].origin;
	step = plan_add(planner->plan, STEP_IDMAP, origin);
	step->uid_map = planner->ids.uid_map;
	step->gid_map = planner->ids.gid_map;
	step->joined = planner->shared & CLONE_NEWUSER;
	if (add_rootfs_map(planner, err) < 0)
		return -1;
	/* Before init goes on: while it changes its ids nobody may look at its namespaces. */
	add_cgroup_owner(planner, origin);
	if (!step->joined) {
		plan_meet(planner, STEP_RELEASE, SYNC_MAPPED);
		plan_meet(planner, STEP_SYNC, SYNC_MAPPED);
	}
	add_root(planner, origin);
	add_namespaces(planner);
	plan_meet(planner, STEP_AWAIT, SYNC_PLACED);
	return 0;
}
