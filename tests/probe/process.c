/* Questions about the process itself: privileges, identity, limits. */
#include "probe.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static const char *const cap_names[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
	"linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
	"sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
	"mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
	"checkpoint_restore",
};
enum { CAP_COUNT = sizeof cap_names / sizeof cap_names[0] };

/* Bounding and ambient set come from prctl(2), which works without /proc. */
static int has_by_prctl(const char *set, int cap)
{
	if (strcmp(set, "bounding") == 0)
		return prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1;
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1;
}

struct cap_header { unsigned version; int pid; };
struct cap_data { unsigned effective, permitted, inheritable; };

static unsigned set_of(const struct cap_data *data, const char *set)
{
	if (strcmp(set, "effective") == 0)
		return data->effective;
	return strcmp(set, "permitted") == 0 ? data->permitted : data->inheritable;
}

int ask_caps(char **words)
{
	struct cap_header header = { 0x20080522, 0 };
	struct cap_data data[2] = { 0 };
	const char *set = words[0];
	int by_prctl = strcmp(set, "bounding") == 0 || strcmp(set, "ambient") == 0;

	if (!by_prctl && syscall(SYS_capget, &header, data) < 0)
		return fail("capget");
	for (int cap = 0; cap < CAP_COUNT; cap++)
		if (by_prctl ? has_by_prctl(set, cap) : (int)(set_of(&data[cap / 32], set) >> (cap % 32) & 1))
			puts(cap_names[cap]);
	return 0;
}

/* 0: the domain that all are in (prctl(2), PR_SCHED_CORE). */
int ask_core(char **words)
{
	unsigned long long cookie;

	if (prctl(62 /* PR_SCHED_CORE */, 0 /* PR_SCHED_CORE_GET */, 0, 0, &cookie) < 0)
		puts(error_word(errno));
	else
		printf("%llu\n", cookie);
	return 0;
}

int ask_cwd(char **words)
{
	char path[4096];

	if (!getcwd(path, sizeof path))
		return fail("getcwd");
	puts(path);
	return 0;
}

int ask_env(char **words)
{
	if (words[0]) {
		const char *value = getenv(words[0]);

		if (!value)
			return 1;
		puts(value);
		return 0;
	}
	for (char **entry = environ; *entry; entry++)
		puts(*entry);
	return 0;
}

int ask_exit(char **words)
{
	return atoi(words[0]);
}

int ask_fds(char **words)
{
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d\n", fd);
	return 0;
}

int ask_filtered(char **words)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		return fail("seccomp");
	execvp(words[0], words);
	return fail(words[0]);
}

int ask_hostname(char **words)
{
	struct utsname name;

	if (uname(&name) < 0)
		return fail("uname");
	puts(name.nodename);
	return 0;
}

int ask_id(char **words)
{
	gid_t groups[256];
	int count = getgroups(256, groups);

	printf("uid=%u gid=%u groups=", getuid(), getgid());
	for (int i = 0; i < count; i++)
		printf("%s%u", i ? "," : "", groups[i]);
	puts("");
	return 0;
}

int ask_keyring(char **words)
{
	long number = syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3 /* KEY_SPEC_SESSION_KEYRING */, 0);

	if (number < 0)
		return fail("keyctl");
	printf("%ld\n", number);
	return 0;
}

int ask_nnp(char **words)
{
	printf("%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	return 0;
}

int ask_personality(char **words)
{
	struct utsname name;

	if (uname(&name) < 0)
		return fail("uname");
	printf("%#x %s\n", (unsigned)personality(0xffffffff), name.machine);
	return 0;
}

int ask_pid(char **words)
{
	printf("pid=%d ppid=%d pgid=%d sid=%d\n", getpid(), getppid(), getpgid(0), getsid(0));
	return 0;
}

static void print_limit(rlim_t limit, const char *end)
{
	if (limit == RLIM_INFINITY)
		printf("unlimited%s", end);
	else
		printf("%llu%s", (unsigned long long)limit, end);
}

int ask_rlimit(char **words)
{
	static const struct { const char *name; int resource; } rows[] = {
		{ "as", RLIMIT_AS }, { "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU }, { "data", RLIMIT_DATA },
		{ "fsize", RLIMIT_FSIZE }, { "locks", RLIMIT_LOCKS }, { "memlock", RLIMIT_MEMLOCK },
		{ "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE }, { "nofile", RLIMIT_NOFILE },
		{ "nproc", RLIMIT_NPROC }, { "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO },
		{ "rttime", RLIMIT_RTTIME }, { "sigpending", RLIMIT_SIGPENDING }, { "stack", RLIMIT_STACK },
	};
	struct rlimit limit;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].name, words[0]) != 0)
			continue;
		if (getrlimit(rows[i].resource, &limit) < 0)
			return fail(words[0]);
		print_limit(limit.rlim_cur, " ");
		print_limit(limit.rlim_max, "\n");
		return 0;
	}
	errno = EINVAL;
	return fail(words[0]);
}

/* PR_GET_SECCOMP kills the asker under a strict filter, so the answer is read from /proc. */
int ask_seccomp(char **words)
{
	char line[256];
	FILE *in = fopen("/proc/self/status", "re");

	if (!in)
		return fail("/proc/self/status");
	while (fgets(line, sizeof line, in))
		if (strncmp(line, "Seccomp:", 8) == 0)
			printf("%d\n", atoi(line + 8));
	fclose(in);
	return 0;
}

int ask_signal(char **words)
{
	raise(atoi(words[0]));
	return 0;
}

int ask_tty(char **words)
{
	for (int fd = 0; fd < 3; fd++)
		printf("%d %s\n", fd, isatty(fd) ? ttyname(fd) ? ttyname(fd) : "tty" : "none");
	return 0;
}

/* ---- calls that a container may or may not make ---- */

static long try_mount(void) { return mount("none", "/tmp", "tmpfs", 0, NULL); }
static long try_settime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return clock_settime(CLOCK_REALTIME, &now);
}
static long try_mknod(void) { return mknod("/tmp/probe-node", S_IFBLK | 0600, makedev(7, 0)); }
static long try_kexec(void) { return syscall(SYS_kexec_load, 0, 0, NULL, 0); }
static long try_module(void) { return syscall(SYS_delete_module, "no_such_module", 0); }
static long try_init_module(void) { return syscall(SYS_init_module, "", 0, ""); }
static long try_open_by_handle(void) { return syscall(SYS_open_by_handle_at, -1, NULL, 0); }
static long try_sethostname(void) { return sethostname("probed", 6); }
static long try_raw_socket(void) { return socket(AF_INET, SOCK_RAW, 255); }
static long try_swapon(void) { return syscall(SYS_swapon, "/nowhere", 0); }
static long try_getpid(void) { return syscall(SYS_getpid); }

/* Types into the terminals that we have, and last into the one that controls us. */
static long try_tiocsti(void)
{
	const int fds[] = { 0, 1, 2, open("/dev/tty", O_RDWR | O_CLOEXEC) };
	long result = -1;

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		for (const char *c = "typed\n"; *c; c++)
			result = ioctl(fds[i], TIOCSTI, c);
	return result;
}

/* Any system call, by number; what it is given are numbers. */
int ask_call(char **words)
{
	long arguments[6] = { 0 };

	for (int i = 0; i < 6 && words[1 + i]; i++)
		arguments[i] = *words[1 + i] == '@' ? (long)(words[1 + i] + 1) : strtol(words[1 + i], NULL, 0);
	puts(syscall(atol(words[0]), arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]) < 0
	     ? error_word(errno) : "ok");
	return 0;
}

int ask_try(char **words)
{
	static const struct { const char *name; long (*call)(void); } rows[] = {
		{ "mount", try_mount }, { "settime", try_settime }, { "mknod", try_mknod }, { "kexec", try_kexec },
		{ "delete_module", try_module }, { "init_module", try_init_module },
		{ "open_by_handle", try_open_by_handle }, { "sethostname", try_sethostname },
		{ "raw_socket", try_raw_socket }, { "swapon", try_swapon }, { "getpid", try_getpid },
		{ "tiocsti", try_tiocsti },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].name, words[0]) == 0) {
			puts(rows[i].call() < 0 ? error_word(errno) : "ok");
			return 0;
		}
	errno = EINVAL;
	return fail(words[0]);
}
