/* Questions about what the process sees: files, mounts, cgroups, the network. */
#include "probe.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static int print_file(const char *path)
{
	char bytes[8192];
	ssize_t length;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return fail(path);
	while ((length = read(fd, bytes, sizeof bytes)) > 0)
		fwrite(bytes, 1, (size_t)length, stdout);
	close(fd);
	return length < 0 ? fail(path) : 0;
}

int ask_cgroup(char **words)
{
	return print_file("/proc/self/cgroup");
}

int ask_mounts(char **words)
{
	return print_file("/proc/self/mountinfo");
}

int ask_read(char **words)
{
	return print_file(words[0]);
}

/* The last line wins: it is the mount on top.  Prints type, source, mount options, super options. */
int ask_mount(char **words)
{
	char line[8192], answer[8192] = "", point[PATH_MAX], options[1024];
	FILE *in = fopen("/proc/self/mountinfo", "re");

	if (!in)
		return fail("/proc/self/mountinfo");
	while (fgets(line, sizeof line, in)) {
		const char *rest = strstr(line, " - ");

		if (!rest || sscanf(line, "%*d %*d %*s %*s %4095s %1023s", point, options) != 2)
			continue;
		if (strcmp(point, words[0]) == 0)
			snprintf(answer, sizeof answer, "%s %s", options, rest + 3);
	}
	fclose(in);
	if (!*answer)
		return 1;
	fputs(answer, stdout);
	return 0;
}

int ask_ns(char **words)
{
	char path[64], target[256];
	ssize_t length;

	snprintf(path, sizeof path, "/proc/self/ns/%s", words[0]);
	length = readlink(path, target, sizeof target - 1);
	if (length < 0)
		return fail(path);
	printf("%.*s\n", (int)length, target);
	return 0;
}

int ask_log(char **words)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[4096];
	ssize_t got;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", words[0]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return fail(words[0]);
	while ((got = read(fd, text, sizeof text)) > 0)
		printf("%.*s\n", (int)got, text);
	return got < 0 ? fail(words[0]) : 0;
}

int ask_list(char **words)
{
	struct dirent **entries;
	int count = scandir(words[0], &entries, NULL, alphasort);

	if (count < 0)
		return fail(words[0]);
	for (int i = 0; i < count; i++)
		if (entries[i]->d_name[0] != '.' || !strchr("./", entries[i]->d_name[1]))
			puts(entries[i]->d_name);
	return 0;
}

int ask_readlink(char **words)
{
	char target[PATH_MAX];
	ssize_t length = readlink(words[0], target, sizeof target - 1);

	if (length < 0)
		return fail(words[0]);
	printf("%.*s\n", (int)length, target);
	return 0;
}

static const char *type_word(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return "directory";
	case S_IFREG: return "file";
	case S_IFLNK: return "link";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "fifo";
	default: return "socket";
	}
}

int ask_stat(char **words)
{
	struct stat st;

	if (lstat(words[0], &st) < 0)
		return fail(words[0]);
	printf("%s %04o %u:%u", type_word(st.st_mode), st.st_mode & 07777, st.st_uid, st.st_gid);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		printf(" %u:%u", major(st.st_rdev), minor(st.st_rdev));
	puts("");
	return 0;
}

int ask_open(char **words)
{
	int fd = open(words[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	puts(fd < 0 ? error_word(errno) : "ok");
	if (fd >= 0)
		close(fd);
	return 0;
}

int ask_sysctl(char **words)
{
	char path[512];

	snprintf(path, sizeof path, "/proc/sys/%s", words[0]);
	for (char *c = path; *c; c++)
		if (*c == '.')
			*c = '/';
	return print_file(path);
}

int ask_write(char **words)
{
	size_t length = strlen(words[1]);
	int fd = open(words[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t written;

	if (fd < 0)
		return fail(words[0]);
	written = write(fd, words[1], length);
	if (written != (ssize_t)length || close(fd) < 0)
		return fail(words[0]);
	puts("ok");
	return 0;
}

/* ---- network ---- */

static void print_link(const struct ifaddrs *entry, int sock)
{
	const struct sockaddr_ll *link = (const void *)entry->ifa_addr;
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof request.ifr_name, "%s", entry->ifa_name);
	if (ioctl(sock, SIOCGIFMTU, &request) < 0)
		request.ifr_mtu = 0;
	printf("%s %s ", entry->ifa_name, entry->ifa_flags & IFF_UP ? "up" : "down");
	for (int i = 0; i < link->sll_halen; i++)
		printf("%s%02x", i ? ":" : "", link->sll_addr[i]);
	printf(" %d\n", request.ifr_mtu);
}

int ask_links(char **words)
{
	struct ifaddrs *all;
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (getifaddrs(&all) < 0)
		return fail("getifaddrs");
	for (struct ifaddrs *entry = all; entry; entry = entry->ifa_next)
		if (entry->ifa_addr && entry->ifa_addr->sa_family == AF_PACKET)
			print_link(entry, sock);
	freeifaddrs(all);
	return 0;
}

static int count_bits(const unsigned char *mask, int length)
{
	int bits = 0;

	for (int i = 0; i < length; i++)
		bits += __builtin_popcount(mask[i]);
	return bits;
}

static void print_address(const struct ifaddrs *entry)
{
	char text[INET6_ADDRSTRLEN];
	const struct sockaddr_in *four = (const void *)entry->ifa_addr;
	const struct sockaddr_in6 *six = (const void *)entry->ifa_addr;
	int is_four = entry->ifa_addr->sa_family == AF_INET;
	const void *mask = entry->ifa_netmask;

	if (is_four)
		inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
	else
		inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
	printf("%s %s/%d\n", entry->ifa_name, text,
	       is_four ? count_bits((const void *)&((const struct sockaddr_in *)mask)->sin_addr, 4)
		       : count_bits((const void *)&((const struct sockaddr_in6 *)mask)->sin6_addr, 16));
}

int ask_addresses(char **words)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) < 0)
		return fail("getifaddrs");
	for (struct ifaddrs *entry = all; entry; entry = entry->ifa_next)
		if (entry->ifa_addr && (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6))
			print_address(entry);
	freeifaddrs(all);
	return 0;
}
