/*
 * Types whose values are words out of a set: capabilities, signals,
 * namespaces, architectures.  The sets are tables used both ways, and are
 * offered for completion and 'did you mean'.
 */
#include "config/types.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/personality.h>

#include "lib/capability.h"
#include "lib/text.h"

static int unknown_word(const char *text, const char *const *choices, struct error *err)
{
	const char *near = text_nearest(text, choices);
	owned_buffer all = { 0 };

	error_set(err, 0, "'%s' is not known here", text);
	if (near)
		return error_hint(err, "did you mean %s?", near);
	for (; *choices; choices++)
		buffer_printf(&all, " %s", *choices);
	return error_hint(err, "one of%s", buffer_text(&all));
}

int parse_choice(const char *const *choices, const char *text, struct value *ret, struct error *err)
{
	for (size_t i = 0; choices[i]; i++) {
		if (strcasecmp(choices[i], text) == 0) {
			ret->number = (int64_t)i;
			ret->text = choices[i];
			return 0;
		}
	}
	return unknown_word(text, choices, err);
}

/* Architectures */

static const char *const architectures[] = {
	"arm", "armel", "armhf", "armv7l", "athlon", "i386", "i486", "i586", "i686", "linux32", "mips", "mipsel",
	"ppc", "powerpc", "x32", "x86",
	"aarch64", "amd64", "arm64", "linux64", "loongarch64", "loong64", "mips64", "mips64el", "ppc64", "ppc64el",
	"ppc64le", "powerpc64", "riscv64", "s390x", "x86_64", NULL
};

enum { ARCHITECTURES_32 = 16 };

static int arch_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	for (size_t i = 0; architectures[i]; i++) {
		if (strcmp(architectures[i], text) == 0) {
			ret->number = i < ARCHITECTURES_32 ? PER_LINUX32 : PER_LINUX;
			return 0;
		}
	}
	return unknown_word(text, architectures, err);
}

static const char *arch_format(struct arena *arena, const struct value *value)
{
	(void)arena;
	return value->number == PER_LINUX32 ? "i686" : "x86_64";
}

const struct key_type type_arch = {
	.name = "architecture", .syntax = "an architecture such as x86_64, amd64, i686, arm64", .parse = arch_parse,
	.format = arch_format, .choices = architectures
};

/* Signals; several names of one number are fine, the first is the usual one. */

#define SIGNAL(word) { "SIG" #word, SIG##word }

static const struct signal_name {
	const char *name;
	int number;
} signals[] = {
	SIGNAL(HUP), SIGNAL(INT), SIGNAL(QUIT), SIGNAL(ILL), SIGNAL(ABRT), SIGNAL(FPE), SIGNAL(KILL), SIGNAL(SEGV),
	SIGNAL(PIPE), SIGNAL(ALRM), SIGNAL(TERM), SIGNAL(USR1), SIGNAL(USR2), SIGNAL(CHLD), SIGNAL(CONT),
	SIGNAL(STOP), SIGNAL(TSTP), SIGNAL(TTIN), SIGNAL(TTOU), SIGNAL(TRAP), SIGNAL(IOT), SIGNAL(BUS), SIGNAL(POLL),
	SIGNAL(PROF), SIGNAL(SYS), SIGNAL(URG), SIGNAL(VTALRM), SIGNAL(XCPU), SIGNAL(XFSZ), SIGNAL(IO), SIGNAL(PWR),
	SIGNAL(WINCH),
#ifdef SIGSTKFLT
	SIGNAL(STKFLT),
#endif
#ifdef SIGCLD
	SIGNAL(CLD),
#endif
	{ "SIGUNUSED", SIGSYS },
};

static const char *const signal_choices[] = {
	"SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGPWR", "SIGWINCH",
	"SIGRTMIN+3", NULL
};

/* SIGRTMIN+N and SIGRTMAX-N; -1 when it is neither. */
static int realtime_signal(const char *text)
{
	struct value offset;
	owned_error err = ERROR_INIT;

	if (strncasecmp(text, "SIGRTMIN+", 9) == 0 && parse_signed(text + 9, 0, SIGRTMAX - SIGRTMIN, &offset.number, &err) == 0)
		return SIGRTMIN + (int)offset.number;
	if (strncasecmp(text, "SIGRTMAX-", 9) == 0 && parse_signed(text + 9, 0, SIGRTMAX - SIGRTMIN, &offset.number, &err) == 0)
		return SIGRTMAX - (int)offset.number;
	return -1;
}

static int signal_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	int number = realtime_signal(text);

	(void)arena;
	if (strspn(text, "0123456789") == strlen(text))
		return parse_signed(text, 0, 64, &ret->number, err);
	for (size_t i = 0; number < 0 && i < sizeof signals / sizeof *signals; i++)
		if (strcasecmp(text, signals[i].name) == 0)
			number = signals[i].number;
	if (number < 0)
		return unknown_word(text, signal_choices, err);
	ret->number = number;
	return 0;
}

const struct key_type type_signal = {
	.name = "signal", .syntax = "a number, SIGNAME, SIGRTMIN+N or SIGRTMAX-N", .parse = signal_parse,
	.format = format_number, .choices = signal_choices
};

/* Capabilities */

static int capability_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	int number = capability_number(text);

	(void)arena;
	if (number < 0 && strspn(text, "0123456789") == strlen(text))
		return parse_signed(text, 0, 63, &ret->number, err);
	if (number < 0 && strncasecmp(text, "cap_", 4) == 0) {
		error_set(err, 0, "unknown capability '%s'", text);
		return error_hint(err, "capabilities are written in lower case and without cap_: sys_time");
	}
	if (number < 0) {
		const char *near = text_nearest(text, capability_names);

		error_set(err, 0, "unknown capability '%s'", text);
		return near ? error_hint(err, "did you mean %s?", near) :
			      error_hint(err, "capabilities(7) has all names; here they are in lower case and without cap_");
	}
	ret->number = number;
	return 0;
}

const struct key_type type_capability = {
	.name = "capabilities", .syntax = "names in lower case without cap_, or numbers, separated by blanks",
	.separators = " \t", .parse = capability_parse, .choices = capability_names
};

enum { CAPABILITY_NONE = -1 };

/* `none` empties what lxc.cap.keep collected so far (assign.c). */
static int capability_keep_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	if (strcmp(text, "none") != 0)
		return capability_parse(arena, text, ret, err);
	ret->number = CAPABILITY_NONE;
	return 0;
}

const struct key_type type_capability_keep = {
	.name = "capabilities", .syntax = "as lxc.cap.drop, and 'none'", .separators = " \t",
	.parse = capability_keep_parse, .choices = capability_names
};

/* Namespaces; in the order in which LXC prints them. */

static const char *const namespace_names[] = { "user", "mnt", "pid", "uts", "ipc", "net", "cgroup", "time", NULL };

static const int64_t namespace_flags[] = {
	CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWCGROUP, CLONE_NEWTIME
};

static int namespace_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	if (parse_choice(namespace_names, text, ret, err) < 0)
		return -1;
	ret->number = namespace_flags[ret->number];
	return 0;
}

const struct key_type type_namespace = {
	.name = "namespaces", .syntax = "words out of user mnt pid uts ipc net cgroup time, separated by blanks",
	.separators = " \t", .parse = namespace_parse, .choices = namespace_names
};

/* lxc.mount.auto */

static const struct mount_word {
	const char *word;
	enum mount_auto group;
	const char *shown; /* by get_config_item(); "": nothing */
} mount_words[] = {
	{ "proc", MOUNT_AUTO_PROC, "proc:mixed" },
	{ "proc:mixed", MOUNT_AUTO_PROC, "proc:mixed" },
	{ "proc:rw", MOUNT_AUTO_PROC, "proc:rw" },
	{ "sys", MOUNT_AUTO_SYS, "sys:mixed" },
	{ "sys:mixed", MOUNT_AUTO_SYS, "sys:mixed" },
	{ "sys:ro", MOUNT_AUTO_SYS, "sys:ro" },
	{ "sys:rw", MOUNT_AUTO_SYS, "sys:rw" },
	{ "cgroup", MOUNT_AUTO_CGROUP, "cgroup" },
	{ "cgroup:mixed", MOUNT_AUTO_CGROUP, "cgroup:mixed" },
	{ "cgroup:ro", MOUNT_AUTO_CGROUP, "cgroup:ro" },
	{ "cgroup:rw", MOUNT_AUTO_CGROUP, "cgroup:rw" },
	{ "cgroup-full", MOUNT_AUTO_CGROUP, "cgroup-full" },
	{ "cgroup-full:mixed", MOUNT_AUTO_CGROUP, "cgroup-full:mixed" },
	{ "cgroup-full:ro", MOUNT_AUTO_CGROUP, "cgroup-full:ro" },
	{ "cgroup-full:rw", MOUNT_AUTO_CGROUP, "cgroup-full:rw" },
	{ "cgroup:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup:mixed:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup:ro:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup:rw:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup-full:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup-full:mixed:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup-full:ro:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup-full:rw:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup2", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup2:ro", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup2:force", MOUNT_AUTO_CGROUP, "" },
	{ "cgroup2:ro:force", MOUNT_AUTO_CGROUP, "" },
};

enum { MOUNT_WORDS = sizeof mount_words / sizeof *mount_words };

static const char *const mount_choices[] = {
	"proc:mixed", "proc:rw", "sys:mixed", "sys:ro", "sys:rw", "cgroup:mixed", "cgroup:ro", "cgroup:rw",
	"cgroup-full:mixed", "cgroup-full:ro", "cgroup-full:rw", "cgroup2", "cgroup2:ro", "shmounts:", NULL
};

static int mount_auto_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	if (text_starts(text, "shmounts:")) {
		if (strlen(text) == strlen("shmounts:"))
			return error_set(err, 0, "'%s' lacks the path on the host", text);
		ret->number = MOUNT_AUTO_SHMOUNTS;
		return 0;
	}
	for (size_t i = 0; i < MOUNT_WORDS; i++) {
		if (strcmp(text, mount_words[i].word) == 0) {
			ret->number = mount_words[i].group;
			return 0;
		}
	}
	return unknown_word(text, mount_choices, err);
}

static const char *mount_auto_format(struct arena *arena, const struct value *value)
{
	(void)arena;
	for (size_t i = 0; i < MOUNT_WORDS; i++)
		if (strcmp(value->text, mount_words[i].word) == 0)
			return mount_words[i].shown;
	return "";
}

const struct key_type type_mount_auto = {
	.name = "automatic mounts",
	.syntax = "proc[:mixed|:rw] sys[:mixed|:ro|:rw] cgroup[-full][:mixed|:ro|:rw][:force] cgroup2[:ro][:force] "
		  "shmounts:HOST[:CONTAINER], separated by blanks",
	.separators = " \t", .joint = " ", .parse = mount_auto_parse, .format = mount_auto_format, .choices = mount_choices
};

/* The log */

static const char *const log_levels[] = {
	"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "CRIT", "ALERT", "FATAL", NULL
};

static int log_level_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	if (strspn(text, "0123456789") != strlen(text))
		return parse_choice(log_levels, text, ret, err);
	if (parse_signed(text, 0, 8, &ret->number, err) < 0)
		return -1;
	ret->text = log_levels[ret->number];
	return 0;
}

const struct key_type type_log_level = {
	.name = "log level", .syntax = "0 to 8, or TRACE DEBUG INFO NOTICE WARN ERROR CRIT ALERT FATAL",
	.parse = log_level_parse, .choices = log_levels
};

static const char *const log_facilities[] = {
	"daemon", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7", NULL
};

static int log_facility_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return parse_choice(log_facilities, text, ret, err);
}

const struct key_type type_log_facility = {
	.name = "facility", .syntax = "daemon, or local0 to local7", .parse = log_facility_parse, .choices = log_facilities
};

/* What a container is to the host's clock. */

static const char *const clock_roles[] = { "none", "owner", NULL };

static int clock_parse(struct arena *arena, const char *text, struct value *ret, struct error *err)
{
	(void)arena;
	return parse_choice(clock_roles, text, ret, err);
}

const struct key_type type_clock = {
	.name = "role", .syntax = "none or owner", .parse = clock_parse, .choices = clock_roles
};
