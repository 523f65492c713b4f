/*
 * Finds helper programs: ovs-vsctl, nft, dnsmasq.  Apart from proc.c, whose
 * callers know their path.
 */
#include "lib/which.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *const which_environment[] = {
	(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin", (char *)"LC_ALL=C", NULL,
};

bool which(const char *name, char path[static PATH_MAX])
{
	static const char *const directories[] = {
		"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin",
	};

	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
		snprintf(path, PATH_MAX, "%s/%s", directories[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

bool which_of_caller(const char *name, char path[static PATH_MAX])
{
	const char *directories = getenv("PATH");

	while (directories && *directories) {
		size_t length = strcspn(directories, ":");

		snprintf(path, PATH_MAX, "%.*s/%s", (int)length, directories, name);
		/* Not the working directory, which others may have chosen. */
		if (*directories == '/' && access(path, X_OK) == 0)
			return true;
		directories += length + (directories[length] == ':');
	}
	return which(name, path);
}
