/* The ids that files are made with (image/identity.h): setfsuid(2), which leaves the rights to mount alone. */
#include "image/identity.h"

#include <sys/fsuid.h>
#include <unistd.h>

void identity_caller(const struct identity *identity)
{
	if (!identity->mapped)
		return;
	setfsgid(identity->gid);
	setfsuid(identity->uid);
}

void identity_own(const struct identity *identity)
{
	if (!identity->mapped)
		return;
	setfsuid(geteuid());
	setfsgid(getegid());
}
