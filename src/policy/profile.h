/*
 * Seccomp policy files as data: LXC's formats 1 and 2 here, the JSON format of
 * OCI in profile_json.h.  Apart from seccomp.c so that the readers of foreign
 * text can be tested and fuzzed without compiling filters.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/error.h"

enum profile_compare { COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_EQ, COMPARE_GE, COMPARE_GT, COMPARE_MASKED };

struct profile_argument {
	unsigned index;            /* 0 to 5 */
	enum profile_compare compare;
	uint64_t value, mask;      /* the mask of COMPARE_MASKED */
};

enum { PROFILE_ARGUMENTS = 6 };

/* VERB_KILL ends the thread, as LXC's word `kill` does. */
enum profile_verb {
	VERB_KILL, VERB_KILL_PROCESS, VERB_ERRNO, VERB_ALLOW, VERB_TRAP, VERB_NOTIFY, VERB_LOG, VERB_TRACE,
};

struct profile_action {
	enum profile_verb verb;
	unsigned short number;     /* of VERB_ERRNO and VERB_TRACE */
};

struct profile_rule {
	const char *name;          /* of the syscall; NULL: `number` (format 1) */
	long number;
	struct profile_action action;
	struct profile_argument arguments[PROFILE_ARGUMENTS];
	size_t argument_count;
	unsigned line;             /* JSON: the position in the array `syscalls` */
	bool if_known;             /* a name libseccomp does not know yet is no slip: it is left to the default */
};

struct profile {
	struct profile_action otherwise; /* for what no rule names */
	struct profile_rule *rules;
	size_t count;
	bool reject_force_umount;
	bool by_number;            /* format 1: numbers of the native architecture */
	bool json;                 /* what names a rule in messages */
	const char **architectures; /* JSON: libseccomp's words ("x86"), beside the native one */
	size_t architecture_count;
	unsigned flags;            /* SECCOMP_FILTER_FLAG_* that the profile asks for */
};

/* The way an operator is written: "SCMP_CMP_EQ" or "==", LENGTH bytes.  0 or -1. */
int profile_compare_parse(const char *word, size_t length, enum profile_compare *ret);

/*
 * Reads `text`; `path` names it in messages ("PATH:LINE: ...").  `native` is
 * the section word of this machine ("x86_64"): rules of sections that can
 * never apply here are left out.
 */
int profile_parse(struct arena *arena, const char *path, const char *text, const char *native,
		  struct profile *ret, struct error *err);
