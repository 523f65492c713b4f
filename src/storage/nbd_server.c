/*
 * Running qemu-nbd(8) and greeting it (storage/nbd_server.h).  Apart because
 * all of the protocol that is not the kernel's stands here.
 */
#include "storage/nbd_server.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/own.h"
#include "lib/which.h"

enum { SAID_ROOM = 4096, WORD_SIZE = 32 };

/* In its own process, which alone knows its number. */
static int server_prepare(void *data)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(data, WORD_SIZE, "LISTEN_PID=%d", (int)getpid());
	return nothing < 0 || dup2(nothing, 0) < 0 || fcntl(NBD_LISTENING, F_SETFD, 0) < 0 ? -errno : 0;
}

/*
 * A connection that waits to be accepted, and in NBD_LISTENING the socket that it
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
	if (code || (listening == NBD_LISTENING ? 0 : dup3(listening, NBD_LISTENING, O_CLOEXEC)) < 0)
		return error_set(err, code ? code : errno, "cannot make a socket in /tmp");
	if (listening == NBD_LISTENING)
		listening = -1;
	*client = steal_fd(&ours);
	return 0;
}

/*
 * The format is for qemu to find out, not to be told: told that an image is raw
 * it would let a guest make a header that names other files, which it forbids
 * where it only guessed.
 */
int nbd_server_start(const char *image, struct nbd_server *ret, struct error *err)
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
	close(NBD_LISTENING);
	return ret->pid < 0 ? error_set(err, -ret->pid, "cannot run %s", program) : 0;
}

void nbd_server_end(struct nbd_server *server, struct proc_tail *tail)
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
int nbd_server_greet(int client, int asker, struct nbd_export *ret)
{
	struct __attribute__((packed)) { uint64_t magic, version; uint16_t flags; } greeting;
	struct __attribute__((packed)) { uint32_t flags; uint64_t version; uint32_t option, length; } wish = {
		.flags = htobe32(3), /* fixed newstyle, no padding */
		.version = htobe64(0x49484156454f5054), /* IHAVEOPT */
		.option = htobe32(1), /* the export by its name */
	};
	struct __attribute__((packed)) { uint64_t size; uint16_t flags; } answer;

	if (!all_read(client, asker, &greeting, sizeof greeting) || greeting.magic != htobe64(0x4e42444d41474943) ||
	    greeting.version != wish.version || (be16toh(greeting.flags) & 3) != 3)
		return -EPROTO;
	if (send(client, &wish, sizeof wish, MSG_NOSIGNAL) != sizeof wish || !all_read(client, asker, &answer, sizeof answer))
		return -EPROTO;
	*ret = (struct nbd_export){ be64toh(answer.size), be16toh(answer.flags) };
	return 0;
}
