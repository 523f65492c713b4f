/*
 * The generated AppArmor policy (apparmor.h).  Apart from label.c, which
 * decides whether it is wanted, because it is read and changed as policy.
 * Called from label.c.
 *
 * What a container has a user namespace for, the kernel guards by itself: path
 * rules would only break programs there.  With nesting they protect nothing,
 * since procfs can then be mounted anywhere, and they break container managers
 * inside, to which AppArmor names a detached procfs /sys.  So only a plain
 * privileged container gets them.
 *
 * Rules for files allow rather than deny: what is missing can be given by
 * lxc.apparmor.raw, and what is refused shows in the kernel's log.  Kinds of
 * rules that the features file of ours (conf/apparmor.features) does not name, such as
 * networks, are left alone whatever a newer kernel or parser would make of them.
 */
#include "plan/apparmor.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

enum { NAME_LENGTH_MAX = 246 };  /* with ":" and a name within the namespace it is to stay below 256 */

/* Anything but /proc, /sys and what is below them. */
#define ELSEWHERE "/{,[^ps]**,p,p[^r]**,pr,pr[^o]**,pro,pro[^c]**,proc[^/]**,s,s[^y]**,sy,sy[^s]**,sys[^/]**}"

/* What plain_rules lets be written below the two. */
#define WRITABLE "/{proc/[0-9]*,proc/sys/{net,fs/mqueue}," \
	"sys/fs/{cgroup,fuse},sys/{class,devices},sys/kernel/security/apparmor}/{,**}"

/* File systems by which the host's kernel is ruled; each has its place below /proc or /sys. */
#define KERNEL_FS "(proc, sysfs, debugfs, tracefs, efivarfs, securityfs, configfs, pstore, bpf, binfmt_misc)"

/* Of everybody: privileges are the business of capabilities and cgroups; signals and traces stay among its own. */
static const char base[] =
	"  capability,\n"
	"  mount,\n"
	"  umount,\n"
	"  signal (receive),\n"
	"  signal peer=@{profile_name},\n"
	"  ptrace (readby, tracedby),\n"
	"  ptrace peer=@{profile_name},\n";

static const char free_rules[] =
	"  file,\n"
	"  pivot_root,\n";

/*
 * Reading is free; of /proc and /sys only what belongs to the container's own
 * namespaces can be written.  These rules are about names, so the two, and what
 * belongs below them, may not get other ones, least of all those that can be
 * written; cgroups may be bound to each other.  systemd makes the roots of its
 * services below /run/systemd; there nothing of the two can be written.  A
 * remount of / that is no bind is one of the host's file system.
 *
 * Mounts are allowed and some denied, not the other way round: of what only
 * binds and remounts are meant to be allowed parsers up to 3.0 make that all
 * mounts are (CVE-2016-1585).
 */
static const char plain_rules[] =
	"  /{,**} rkmix,\n"
	"  " ELSEWHERE " wl,\n"
	"  /proc/[0-9]*/** w,\n"
	"  /proc/sys/{net,fs/mqueue}/** w,\n"
	"  /proc/sys/kernel/{hostname,domainname,ns_last_pid,msg*,sem*,shm*} w,\n"
	"  /sys/fs/{cgroup,fuse/connections}/** w,\n"
	"  /sys/{class,devices/**}/net/** w,\n"
	"  deny /run/systemd/**/{proc,sys}/** wl,\n"
	"  pivot_root oldroot=/run/systemd/** /run/systemd/**,\n"
	"  deny mount fstype=" KERNEL_FS " -> " ELSEWHERE ",\n"
	"  deny mount fstype=" KERNEL_FS " -> " WRITABLE ",\n"
	"  deny mount /{proc,sys}/{,**} -> " ELSEWHERE ",\n"
	"  deny mount /{proc/{,**},sys/,sys/[^f]**,sys/f[^s]**,sys/fs/,sys/fs/[^c]**} -> " WRITABLE ",\n"
	"  deny mount options=(ro, remount) options in (nosuid, nodev, noexec, noatime, nodiratime, relatime, silent) -> /,\n";

/* What hurts the host is not for the root of a container that has the host's root as its own. */
static const char host_rules[] =
	"  deny /proc/{kcore,sysrq-trigger} rwklx,\n"
	"  deny /{,proc/}sys/kernel/{core_pattern,hotplug,modprobe} wkl,\n"
	"  deny /sys/kernel/uevent_helper wkl,\n"
	"  deny /sys/firmware/efi/efivars/** rwklx,\n"
	"  deny /sys/kernel/debug/** rwklx,\n";

/* The helper mounts that let the kernel permit procfs in inner user namespaces; see plan/mounts.c. */
static const char nesting_rules[] =
	"  deny /dev/.lxc/{proc,sys}/** rwklx,\n";

/* A pattern for every path that does not begin with `start`. */
static void all_but(struct buffer *text, const char *start)
{
	buffer_puts(text, "/{");
	for (size_t i = 1; start[i]; i++)
		buffer_printf(text, "%.*s,%.*s[^%c]**%s", (int)i - 1, start + 1, (int)i - 1, start + 1, start[i],
			      start[i + 1] ? "," : "");
	buffer_puts(text, "}");
}

/* A path or name that policy would read as a pattern, or that is too long, is told by its hash. */
static bool is_plain(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-")] == '\0';
}

void apparmor_names(struct arena *arena, const char *name, const char *lxcpath, struct apparmor_policy *policy)
{
	char *profile = arena_printf(arena, "lxc-%s_<%s>", name, lxcpath), *namespace;

	if (!is_plain(name) || !is_plain(lxcpath) || strlen(profile) > NAME_LENGTH_MAX)
		profile = arena_printf(arena, "lxc-%016llx", (unsigned long long)text_hash(profile));
	namespace = arena_strdup(arena, profile);
	/* The name is LXC's.  It tells /a-b from /a/b by a hash where one of them holds a '-' already. */
	if (strchr(profile, '/') && strchr(lxcpath, '-'))
		namespace = arena_printf(arena, "%s-%08x", profile, (unsigned)text_hash(lxcpath));
	if (strlen(namespace) > NAME_LENGTH_MAX)
		namespace = arena_printf(arena, "lxc-%016llx", (unsigned long long)text_hash(profile));
	for (char *c = namespace; *c; c++)
		if (*c == '/')
			*c = '-';
	policy->profile = profile;
	policy->namespace = namespace;
}

const char *apparmor_label(struct arena *arena, const struct apparmor_policy *policy)
{
	return policy->namespace ? arena_printf(arena, "%s//&:%s:", policy->profile, policy->namespace) : policy->profile;
}

/* Its processes carry both labels, so its own policy may do with them what it likes, and they with each other. */
static void namespace_add(struct buffer *text, const char *namespace)
{
	buffer_printf(text, "  signal peer=\"@{profile_name}//&:%s:*\",\n", namespace);
	buffer_printf(text, "  ptrace peer=\"@{profile_name}//&:%s:*\",\n", namespace);
	buffer_printf(text, "  change_profile -> \":%s:*\",\n", namespace);
	buffer_printf(text, "  change_profile -> \":%s://*\",\n", namespace);
	buffer_puts(text, "  /sys/kernel/security/apparmor/** w,\n");
}

static unsigned lines_of(const struct buffer *text)
{
	unsigned count = 0;

	for (const char *c = buffer_text(text); *c; c++)
		count += *c == '\n';
	return count;
}

const char *apparmor_text(struct arena *arena, const struct apparmor_policy *policy, unsigned *raw_from)
{
	owned_buffer text = { 0 };

	buffer_printf(&text, "profile \"%s\" flags=(attach_disconnected, mediate_deleted) {\n", policy->profile);
	buffer_puts(&text, base);
	if (policy->mapped || policy->nesting) {
		buffer_puts(&text, free_rules);
	} else {
		buffer_puts(&text, plain_rules);
		buffer_puts(&text, "  deny mount / -> ");
		all_but(&text, "/run/systemd/");
		buffer_puts(&text, ",\n");
	}
	if (!policy->mapped)
		buffer_puts(&text, host_rules);
	if (policy->nesting)
		buffer_puts(&text, nesting_rules);
	if (policy->namespace)
		namespace_add(&text, policy->namespace);
	else if (policy->nesting)
		buffer_puts(&text, "  change_profile -> @{profile_name},\n");
	*raw_from = lines_of(&text) + 1;
	for (size_t i = 0; i < policy->raw->count; i++)
		buffer_printf(&text, "  %s\n", policy->raw->items[i].text);
	buffer_puts(&text, "}\n");
	return arena_strdup(arena, buffer_text(&text));
}
