/*
 * The system calls that change the clock, by architecture: the filter that
 * hands them to a helper (launch/clock.c) and the helper that judges them
 * (notify/clock.c) read the same rows.
 *
 * Rows are those of the machine lxs is built for and of what runs beside it.
 * Calls with 32-bit times (CALL_FORMER) are not served: C libraries ask for
 * the 64-bit ones first.  Elsewhere the kernel refuses: root of a user
 * namespace cannot set the clock.
 */
#pragma once

#include <linux/audit.h>
#include <stdint.h>
#include <sys/syscall.h>

enum clock_call {
	CALL_ADJTIMEX,        /* struct timex */
	CALL_CLOCK_ADJTIME,   /* clock, struct timex */
	CALL_SETTIMEOFDAY,    /* struct timeval, struct timezone */
	CALL_CLOCK_SETTIME,   /* clock, struct timespec */
	CALL_FORMER,
};

struct clock_call_row {
	uint32_t arch, number;
	enum clock_call call;
};

#if defined(__x86_64__)
#define CLOCK_NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CLOCK_NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define CLOCK_NATIVE_ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define CLOCK_NATIVE_ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define CLOCK_NATIVE_ARCH AUDIT_ARCH_PPC64LE
#endif

/* The rows of one architecture stand together; ends with arch 0. */
static const struct clock_call_row clock_calls[] = {
#ifdef CLOCK_NATIVE_ARCH
	{ CLOCK_NATIVE_ARCH, SYS_adjtimex, CALL_ADJTIMEX },
	{ CLOCK_NATIVE_ARCH, SYS_clock_adjtime, CALL_CLOCK_ADJTIME },
	{ CLOCK_NATIVE_ARCH, SYS_settimeofday, CALL_SETTIMEOFDAY },
	{ CLOCK_NATIVE_ARCH, SYS_clock_settime, CALL_CLOCK_SETTIME },
#endif
#if defined(__x86_64__)
	{ AUDIT_ARCH_I386, 405, CALL_CLOCK_ADJTIME },
	{ AUDIT_ARCH_I386, 404, CALL_CLOCK_SETTIME },
	{ AUDIT_ARCH_I386, 25, CALL_FORMER },   /* stime */
	{ AUDIT_ARCH_I386, 79, CALL_FORMER },   /* settimeofday */
	{ AUDIT_ARCH_I386, 124, CALL_FORMER },  /* adjtimex */
	{ AUDIT_ARCH_I386, 264, CALL_FORMER },  /* clock_settime */
	{ AUDIT_ARCH_I386, 343, CALL_FORMER },  /* clock_adjtime */
#elif defined(__aarch64__)
	{ AUDIT_ARCH_ARM, 405, CALL_CLOCK_ADJTIME },
	{ AUDIT_ARCH_ARM, 404, CALL_CLOCK_SETTIME },
	{ AUDIT_ARCH_ARM, 79, CALL_FORMER },
	{ AUDIT_ARCH_ARM, 124, CALL_FORMER },
	{ AUDIT_ARCH_ARM, 262, CALL_FORMER },
	{ AUDIT_ARCH_ARM, 372, CALL_FORMER },
#endif
	{ 0, 0, CALL_FORMER },
};
