/*
 * Connecting images (storage/nbd_connect.h).  qemu-nbd could bind a device by
 * itself, but it would stay bound until somebody unbinds it, whatever becomes
 * of us: over netlink the kernel can be told to let go with the last user, and
 * finds a free device itself.  Apart from nbd.c because of these two protocols.
 */
#include "storage/nbd_connect.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/nbd.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/netlink_request.h"
#include "lib/own.h"
#include "lib/proc.h"
#include "lib/text.h"
#include "lib/which.h"

/* Sector tables count in this; the kernel's own default does not. */
enum { BLOCK_SIZE = 512 };

struct export { uint64_t size; uint16_t flags; };

/* ---- the server ---- */

struct server {
	pid_t pid;  /* -1: none */
	int client; /* owned; our end of its only connection */
	int said;   /* owned; a file in memory with what it says */
};

/* Where it looks for a socket that it is to serve (sd_listen_fds(3)). */
enum { ACTIVATED = 3 };

enum { SAID_ROOM = 4096, WORD_SIZE = 32, LINES_SHOWN = 3 };

/* In its own process, which alone knows its number. */
static int server_prepare(void *data)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(data, WORD_SIZE, "LISTEN_PID=%d", (int)getpid());
	return nothing < 0 || dup2(nothing, 0) < 0 || fcntl(ACTIVATED, F_SETFD, 0) < 0 ? -errno : 0;
}

/*
 * A connection that waits to be accepted, and in ACTIVATED the socket that it
 * waits at.  Its name is gone before there is a server, so that nobody else
 * gets in.
 */
static int connection_make(int *client, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char directory[] = "/tmp/lxs-nbd.XXXXXX";
	owned_fd listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	owned_fd ours = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int code = 0;

	if (listening < 0 || ours < 0 || !mkdtemp(directory))
		return error_set(err, errno, "cannot make a socket in /tmp");
	snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", directory);
	if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 || listen(listening, 1) < 0 ||
	    connect(ours, (struct sockaddr *)&address, sizeof address) < 0)
		code = errno;
	unlink(address.sun_path);
	rmdir(directory);
	if (code || (listening == ACTIVATED ? 0 : dup3(listening, ACTIVATED, O_CLOEXEC)) < 0)
		return error_set(err, code ? code : errno, "cannot make a socket in /tmp");
	if (listening == ACTIVATED)
		listening = -1;
	*client = steal_fd(&ours);
	return 0;
}

/*
 * It serves one client and ends with it.  The format is for qemu to find out,
 * not to be told: told that an image is raw it would let a guest make a header
 * that names other files, which it forbids where it only guessed.
 */
static int server_start(const char *image, struct server *ret, struct error *err)
{
	char program[PATH_MAX], number[WORD_SIZE] = "";
	char *argv[] = { program, (char *)"--discard=unmap", (char *)"--", (char *)image, NULL };
	char *environment[] = { which_environment[0], which_environment[1], (char *)"LISTEN_FDS=1", number, NULL };
	struct proc_surroundings around = { .prepare = server_prepare, .data = number };

	if (!which("qemu-nbd", program)) {
		error_set(err, 0, "the program 'qemu-nbd', which serves disk images, is not installed");
		return error_hint(err, "install the package that has it");
	}
	if (connection_make(&ret->client, err) < 0)
		return -1;
	ret->said = memfd_create("said", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (ret->said < 0 || ftruncate(ret->said, SAID_ROOM) < 0 || fcntl(ret->said, F_ADD_SEALS, F_SEAL_GROW) < 0)
		return error_set(err, errno, "cannot make a file in memory");
	around.output = around.errors = ret->said;
	ret->pid = proc_start_in(argv, environment, &around);
	/* Who still held this would not see it end. */
	close(ACTIVATED);
	return ret->pid < 0 ? error_set(err, -ret->pid, "cannot run %s", program) : 0;
}

/* After a failure: what it said of it is in `tail`. */
static void server_end(struct server *server, struct proc_tail *tail)
{
	owned_fd process = server->pid > 0 ? proc_open(server->pid) : -1;
	char bytes[PROC_OUTPUT_TAIL];
	ssize_t got;

	tail->length = 0;
	tail->bytes[0] = '\0';
	if (process >= 0)
		proc_signal(process, SIGKILL);
	if (server->pid > 0)
		proc_wait(server->pid);
	got = server->said >= 0 ? pread(server->said, bytes, sizeof bytes, 0) : -1;
	if (got > 0)
		proc_tail_add(tail, bytes, strnlen(bytes, (size_t)got));
}

/* False too when who asked for it is gone. */
static bool all_read(int fd, int asker, void *bytes, size_t size)
{
	struct pollfd waiting[2] = { { .fd = fd, .events = POLLIN }, { .fd = asker, .events = POLLIN } };

	for (size_t have = 0; have < size;) {
		ssize_t got;

		if (poll(waiting, 2, -1) < 0)
			continue;
		if (waiting[1].revents)
			return false;
		got = recv(fd, (char *)bytes + have, size - have, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		have += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* The greeting of the protocol (its "newstyle"), which the kernel leaves to others: the export without a name is asked for. */
static int negotiate(int fd, int asker, struct export *ret)
{
	struct __attribute__((packed)) { uint64_t magic, version; uint16_t flags; } greeting;
	struct __attribute__((packed)) { uint32_t flags; uint64_t version; uint32_t option, length; } wish = {
		.flags = htobe32(3), /* fixed newstyle, no padding */
		.version = htobe64(0x49484156454f5054), /* IHAVEOPT */
		.option = htobe32(1), /* the export by its name */
	};
	struct __attribute__((packed)) { uint64_t size; uint16_t flags; } answer;

	if (!all_read(fd, asker, &greeting, sizeof greeting) || greeting.magic != htobe64(0x4e42444d41474943) ||
	    greeting.version != wish.version || (be16toh(greeting.flags) & 3) != 3)
		return -EPROTO;
	if (send(fd, &wish, sizeof wish, MSG_NOSIGNAL) != sizeof wish || !all_read(fd, asker, &answer, sizeof answer))
		return -EPROTO;
	*ret = (struct export){ be64toh(answer.size), be16toh(answer.flags) };
	return 0;
}

/* ---- the kernel ---- */

static void message_begin(struct request *request, uint16_t family, uint8_t command)
{
	struct genlmsghdr *header = request_begin(request, family, 0, sizeof *header);

	header->cmd = command;
	header->version = 1;
}

struct number { uint16_t attribute; int value; };

static void number_take(const struct nlmsghdr *message, void *data)
{
	struct number *number = data;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attribute) == number->attribute)
			number->value = mnl_attr_get_payload_len(attribute) == sizeof(uint16_t)
						? mnl_attr_get_u16(attribute) : (int)mnl_attr_get_u32(attribute);
}

/* Runs a request that is answered by a number; that, or -errno. */
static int number_ask(int socket, const struct request *request, uint16_t attribute)
{
	struct number number = { attribute, -ENODEV };
	int code = request_run(socket, request, number_take, &number);

	return code < 0 ? code : number.value;
}

static int family_number(int socket)
{
	struct request request;

	message_begin(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(&request.header, CTRL_ATTR_FAMILY_NAME, NBD_GENL_FAMILY_NAME);
	return number_ask(socket, &request, CTRL_ATTR_FAMILY_ID);
}

/* The kernel speaks of these devices only in its first network namespace, which may not be ours. */
static int netlink_generic(int *family)
{
	owned_fd home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), first = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);
	owned_fd fd = -1;
	int code;

	if (home < 0 || first < 0 || setns(first, CLONE_NEWNET) < 0)
		return -errno;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	code = fd < 0 ? -errno : 0;
	if (setns(home, CLONE_NEWNET) < 0)
		return -errno;
	*family = code < 0 ? code : family_number(fd);
	return *family < 0 ? *family : steal_fd(&fd);
}

/* The number of the device that is now the client. */
static int device_bind(int server, const struct export *export, struct error *err)
{
	int family = -1, number;
	owned_fd netlink = netlink_generic(&family);
	struct nlattr *sockets, *one;
	struct request request;

	if (netlink < 0) {
		error_set(err, netlink == -ENOENT ? 0 : -netlink, "the kernel has no network block devices");
		return error_hint(err, "load its module: modprobe nbd");
	}
	message_begin(&request, (uint16_t)family, NBD_CMD_CONNECT);
	mnl_attr_put_u64(&request.header, NBD_ATTR_SIZE_BYTES, export->size);
	mnl_attr_put_u64(&request.header, NBD_ATTR_BLOCK_SIZE_BYTES, BLOCK_SIZE);
	mnl_attr_put_u64(&request.header, NBD_ATTR_SERVER_FLAGS, export->flags);
	mnl_attr_put_u64(&request.header, NBD_ATTR_CLIENT_FLAGS, NBD_CFLAG_DISCONNECT_ON_CLOSE);
	sockets = mnl_attr_nest_start(&request.header, NBD_ATTR_SOCKETS);
	one = mnl_attr_nest_start(&request.header, NBD_SOCK_ITEM);
	mnl_attr_put_u32(&request.header, NBD_SOCK_FD, (uint32_t)server);
	mnl_attr_nest_end(&request.header, one);
	mnl_attr_nest_end(&request.header, sockets);
	number = number_ask(netlink, &request, NBD_ATTR_INDEX);
	return number < 0 ? error_set(err, -number, "cannot bind a network block device") : number;
}

/* Of one that nobody has opened, which would let go of it. */
static void device_release(int number)
{
	int family = -1;
	owned_fd netlink = netlink_generic(&family);
	struct request request;

	if (netlink < 0)
		return;
	message_begin(&request, (uint16_t)family, NBD_CMD_DISCONNECT);
	mnl_attr_put_u32(&request.header, NBD_ATTR_INDEX, (uint32_t)number);
	request_run(netlink, &request, NULL, NULL);
}

/* ---- both ---- */

static int partition_open(int number, unsigned partition, struct error *err)
{
	char path[64];
	/* Its partitions appear when it is opened. */
	owned_fd whole = -1, part = -1;

	snprintf(path, sizeof path, "/dev/nbd%d", number);
	whole = open(path, O_RDONLY | O_CLOEXEC);
	if (whole < 0) {
		error_set(err, errno, "cannot open %s", path);
		device_release(number);
		return -1;
	}
	if (partition == 0)
		return steal_fd(&whole);
	snprintf(path, sizeof path, "/dev/nbd%dp%u", number, partition);
	part = open(path, O_RDONLY | O_CLOEXEC);
	if (part >= 0)
		return steal_fd(&part);
	if (errno != ENOENT && errno != ENXIO)
		return error_set(err, errno, "cannot open %s", path);
	return error_set(err, 0, "it has no partition %u", partition);
}

/* Server and device; both go with the descriptor, or with a failure. */
static int device_make(const char *image, unsigned partition, int asker, struct error *err)
{
	struct server server = { -1, -1, -1 };
	struct proc_tail tail;
	struct export export;
	int code, number, device = -1;

	if (server_start(image, &server, err) == 0) {
		code = negotiate(server.client, asker, &export);
		if (code < 0)
			error_set(err, -code, "qemu-nbd does not answer");
		number = code < 0 ? -1 : device_bind(server.client, &export, err);
		device = number < 0 ? -1 : partition_open(number, partition, err);
		/* One that is bound ends the server with its last user: killed before, it would leave him waiting. */
		if (number < 0) {
			server_end(&server, &tail);
			if (code < 0 && tail.length > 0)
				error_set(err, 0, "%s%s", text_starts(tail.bytes, "qemu-nbd: ") ? "" : "qemu-nbd: ",
					  proc_tail_lines(&tail, LINES_SHOWN));
		}
	}
	own_close_fd(&server.client);
	own_close_fd(&server.said);
	return device;
}

struct answer { int code; char message[1500], hint[256]; };

union fd_room { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; };

static void answer_send(int asker, int device, const struct error *err)
{
	struct answer answer = { .code = device < 0 ? -1 : 0 };
	struct iovec part = { &answer, sizeof answer };
	union fd_room room = { 0 };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *item;

	snprintf(answer.message, sizeof answer.message, "%s", err->message ? err->message : "");
	snprintf(answer.hint, sizeof answer.hint, "%s", err->hint ? err->hint : "");
	if (device >= 0) {
		header.msg_control = room.bytes;
		header.msg_controllen = sizeof room.bytes;
		item = CMSG_FIRSTHDR(&header);
		item->cmsg_level = SOL_SOCKET;
		item->cmsg_type = SCM_RIGHTS;
		item->cmsg_len = CMSG_LEN(sizeof device);
		memcpy(CMSG_DATA(item), &device, sizeof device);
	}
	(void)!sendmsg(asker, &header, MSG_NOSIGNAL);
}

static int answer_receive(int worker, struct error *err)
{
	struct answer answer;
	struct iovec part = { &answer, sizeof answer };
	union fd_room room = { 0 };
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes,
	};
	struct cmsghdr *item;
	int device = -1;
	ssize_t got;

	do
		got = recvmsg(worker, &header, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got != sizeof answer)
		return error_set(err, 0, "the process that connects it died");
	item = CMSG_FIRSTHDR(&header);
	if (answer.code == 0 && item)
		memcpy(&device, CMSG_DATA(item), sizeof device);
	if (device >= 0)
		return device;
	error_set(err, 0, "%s", answer.message);
	return *answer.hint ? error_hint(err, "%s", answer.hint) : -1;
}

/*
 * The work is done by a process of its own, out of reach of the signals of our
 * terminal.  We may be killed at any time: it sees that while it waits for the
 * server, which it then ends, and once the device is open, that goes with its
 * last descriptor, though it be in a message nobody reads.
 */
static _Noreturn void worker_run(const char *image, unsigned partition, int asker)
{
	owned_error err = ERROR_INIT;
	int high = fcntl(asker, F_DUPFD_CLOEXEC, ACTIVATED + 1), device;

	setsid();
	/* Locks and ends of pipes are not to outlive us in here. */
	syscall(SYS_close_range, ACTIVATED, (unsigned)high - 1, 0);
	syscall(SYS_close_range, (unsigned)high + 1, ~0U, 0);
	device = device_make(image, partition, high, &err);
	answer_send(high, device, &err);
	_exit(0);
}

int nbd_connect(const char *image, unsigned partition, struct error *err)
{
	owned_fd ours = -1, theirs = -1;
	int ends[2], device;
	pid_t pid;

	if (access(image, R_OK) < 0)
		return error_set(err, errno, "cannot use the disk image %s", image);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(err, errno, "cannot make a socket");
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot fork");
	if (pid == 0)
		worker_run(image, partition, theirs);
	own_close_fd(&theirs);
	device = answer_receive(ours, err);
	proc_wait(pid);
	return device < 0 ? error_add(err, "cannot use the disk image %s", image) : device;
}
