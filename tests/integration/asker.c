/*
 * Asks for changes of the clock, for tests in a container; each prints "ok",
 * what was read, or the errno word.  Run outside, it would change the clock.
 *
 *   asker REQUEST [and REQUEST]...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static void say(long result)
{
	static const struct { int code; const char *word; } words[] = {
		{ EPERM, "EPERM" }, { EINVAL, "EINVAL" }, { EFAULT, "EFAULT" }, { ENOSYS, "ENOSYS" },
	};

	for (size_t i = 0; result < 0 && i < sizeof words / sizeof *words; i++)
		if (words[i].code == errno) {
			puts(words[i].word);
			return;
		}
	if (result < 0)
		printf("errno %d\n", errno);
	else
		puts("ok");
}

static long adjust(unsigned modes, struct timex *timex)
{
	timex->modes = modes;
	return syscall(SYS_adjtimex, timex);
}

static long step(double seconds)
{
	struct timex timex = { 0 };
	long long nanoseconds = (long long)(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5));

	timex.time.tv_sec = nanoseconds / 1000000000;
	timex.time.tv_usec = nanoseconds % 1000000000;
	if (timex.time.tv_usec < 0) {
		timex.time.tv_sec--;
		timex.time.tv_usec += 1000000000;
	}
	timex.modes = ADJ_SETOFFSET | ADJ_NANO;
	return clock_adjtime(CLOCK_REALTIME, &timex);
}

static long settime(double seconds, int of_day)
{
	struct timespec now;
	struct timeval day;
	double sum;

	clock_gettime(CLOCK_REALTIME, &now);
	sum = (double)now.tv_nsec + seconds * 1e9 + 2e12;
	now.tv_sec += (long long)(sum / 1e9) - 2000;
	now.tv_nsec = (long)((long long)sum % 1000000000);
	day.tv_sec = now.tv_sec;
	day.tv_usec = now.tv_nsec / 1000;
	return of_day ? settimeofday(&day, NULL) : clock_settime(CLOCK_REALTIME, &now);
}

static long int80(long number)
{
#ifdef __x86_64__
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0), "c"(0) : "memory");
	if (result >= -4095 && result < 0) {
		errno = -result;
		return -1;
	}
	return result;
#else
	errno = ENOSYS;
	return -1;
#endif
}

static void no_capabilities(void)
{
	uint32_t header[2] = { 0x20080522, 0 }, sets[6] = { 0 };

	if (syscall(SYS_capset, header, sets) < 0)
		exit(3);
}

static void freq(const char *value)
{
	struct timex timex = { .freq = value ? atol(value) * 65536 : 0 };

	if (value) {
		say(adjust(ADJ_FREQUENCY, &timex));
		return;
	}
	adjust(0, &timex);
	printf("%ld\n", timex.freq);
}

/* Connects to a socket and says nothing. */
static void hold(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	say(connect(fd, (struct sockaddr *)&address, sizeof address));
	fflush(stdout);
	pause();
}

/* What the clock's service hears and says (launch/sync.h). */
struct packet { uint32_t type, number; int32_t code; char detail[1000]; };
enum { CLAIM = 100, LISTENER };

static int packet_send(int service, struct packet *packet, int descriptor)
{
	struct iovec part = { packet, sizeof *packet };
	union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		message.msg_control = &room;
		message.msg_controllen = sizeof room;
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &descriptor, sizeof(int));
	}
	return sendmsg(service, &message, 0) < 0 ? -1 : 0;
}

static int descriptor_of(const char *what)
{
	return strcmp(what, "eventfd") == 0 ? eventfd(0, 0) : open(what, O_RDWR | O_CREAT, 0600);
}

/* forge SOCKET NAME WHAT: claims the clock, and sends something else in place of a listener. */
static void forge(char **words)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct packet packet = { .type = CLAIM }, answer = { 0 };
	int service = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd;

	strncpy(address.sun_path, words[0], sizeof address.sun_path - 1);
	strncpy(packet.detail, words[1], sizeof packet.detail - 1);
	fd = descriptor_of(words[2]);
	if (fd < 0 || connect(service, (struct sockaddr *)&address, sizeof address) < 0 ||
	    packet_send(service, &packet, -1) < 0 || recv(service, &answer, sizeof answer, 0) < 0) {
		perror("forge");
		exit(3);
	}
	printf("%d %s\n", answer.code, answer.detail);
	packet.type = LISTENER;
	packet_send(service, &packet, fd);
	recv(service, &answer, sizeof answer, 0);
	printf("%d %s\n", answer.code, answer.detail);
}

/* hand SOCKET WHAT: sends something to the helper in place of the listener of an attached command. */
static void hand(const char *path, int descriptor)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct packet packet = { .type = LISTENER };
	int helper = socket(AF_UNIX, SOCK_DGRAM, 0);

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	say(connect(helper, (struct sockaddr *)&address, sizeof address) < 0 ? -1 : packet_send(helper, &packet, descriptor));
}

/* What is waited for by the helper is taken by us, at each line of stdin. */
static void notifications_take(int listener)
{
	struct { struct seccomp_notif notif; char room[512]; } taken;
	struct { struct seccomp_notif_resp notif; char room[512]; } answer;

	for (;;) {
		memset(&taken, 0, sizeof taken);
		memset(&answer, 0, sizeof answer);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &taken) < 0)
			continue;
		answer.notif.id = taken.notif.id;
		answer.notif.error = -EPERM;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}

/* steal SOCKET: hands a listener to the helper, and keeps it. */
static void steal(const char *path)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_adjtimex, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };
	int listener;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	hand(path, listener);
	fflush(stdout);
	if (fork() > 0)
		notifications_take(listener);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getchar() != EOF)
		syscall(SYS_adjtimex, &(struct timex){ 0 });
	exit(0);
}

/* One request; how many words it took. */
static int ask(char **words)
{
	const char *value = words[1] && strcmp(words[1], "and") != 0 ? words[1] : NULL;
	struct timex timex = { 0 };
	struct timezone zone = { 60, 0 };
	struct timespec then = { 1, 0 };

	if (strcmp(words[0], "read") == 0)
		say(adjust(0, &timex));
	else if (strcmp(words[0], "step") == 0)
		say(step(atof(value)));
	else if (strcmp(words[0], "settime") == 0 || strcmp(words[0], "settimeofday") == 0)
		say(settime(atof(value), strlen(words[0]) > 7));
	else if (strcmp(words[0], "freq") == 0)
		freq(value);
	else if (strcmp(words[0], "tick") == 0)
		say(adjust(ADJ_TICK, &(struct timex){ .tick = atol(value) }));
	else if (strcmp(words[0], "offset") == 0)
		say(adjust(ADJ_OFFSET, &(struct timex){ .offset = atol(value) }));
	else if (strcmp(words[0], "status") == 0)
		say(adjust(ADJ_STATUS, &(struct timex){ .status = atoi(value) }));
	else if (strcmp(words[0], "badpointer") == 0)
		say(syscall(SYS_adjtimex, 16));
	else if (strcmp(words[0], "badmodes") == 0)
		say(adjust(0x0400, &timex));
	else if (strcmp(words[0], "zone") == 0)
		say(syscall(SYS_settimeofday, NULL, &zone));
	else if (strcmp(words[0], "otherclock") == 0)
		say(clock_settime(CLOCK_MONOTONIC, &then));
	else if (strcmp(words[0], "int80") == 0)
		say(int80(atol(value)));
	else if (strcmp(words[0], "connect") == 0)
		hold(value);
	else if (strcmp(words[0], "steal") == 0)
		steal(value);
	else if (strcmp(words[0], "forge") == 0) {
		forge(words + 1);
		return 4;
	} else if (strcmp(words[0], "hand") == 0) {
		hand(words[1], descriptor_of(words[2]));
		return 3;
	} else if (strcmp(words[0], "userns") == 0 && unshare(CLONE_NEWUSER) == 0)
		return 1;
	else if (strcmp(words[0], "nocaps") == 0) {
		no_capabilities();
		return 1;
	}
	return value ? 2 : 1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc;) {
		i += ask(argv + i);
		if (i < argc && strcmp(argv[i], "and") == 0)
			i++;
		fflush(stdout);
	}
	return 0;
}
