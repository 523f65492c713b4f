/* One row a question; `ask` gets the words after the question's name and returns the exit code. */
#pragma once

struct question {
	const char *name, *usage;
	int arguments; /* at least so many */
	int (*ask)(char **words);
};

/* Prints "probe: WHAT: errno text"; returns 1. */
int fail(const char *what);

/* "ENOENT"; a number for what no test asks about. */
const char *error_word(int error);

/* process.c: who am I */
int ask_call(char **words);
int ask_caps(char **words);
int ask_core(char **words);
int ask_cwd(char **words);
int ask_env(char **words);
int ask_exit(char **words);
int ask_fds(char **words);
int ask_filtered(char **words);
int ask_hostname(char **words);
int ask_id(char **words);
int ask_keyring(char **words);
int ask_nnp(char **words);
int ask_personality(char **words);
int ask_pid(char **words);
int ask_rlimit(char **words);
int ask_seccomp(char **words);
int ask_signal(char **words);
int ask_try(char **words);
int ask_tty(char **words);

/* place.c: where am I */
int ask_addresses(char **words);
int ask_cgroup(char **words);
int ask_links(char **words);
int ask_list(char **words);
int ask_log(char **words);
int ask_mount(char **words);
int ask_mounts(char **words);
int ask_ns(char **words);
int ask_open(char **words);
int ask_read(char **words);
int ask_readlink(char **words);
int ask_stat(char **words);
int ask_sysctl(char **words);
int ask_write(char **words);

/* init.c: being init */
int ask_poweroff(char **words);
int ask_reboot(char **words);
int ask_serve(char **words);
