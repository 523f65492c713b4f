/*
 * Whether an ordinary user may have an interface on a bridge, as far as can be
 * told beforehand.  Apart from facts.c because only configs ask that can do
 * without.  Called by run_plan().
 */
#include "host/usernic.h"

#include <sys/stat.h>

#include "lib/file.h"
#include "lib/own.h"
#include "lib/usernet.h"

bool usernic_allows(uid_t uid, const char *bridge)
{
	owned_error ignored = ERROR_INIT;
	owned_owners owners = { 0 };
	owned_str text = NULL;
	owned_str user = usernet_user(uid);
	struct stat helper;
	size_t length;
	bool allowed;

	if (!user || stat(USERNET_HELPER, &helper) < 0 || !(helper.st_mode & S_ISUID) ||
	    file_read(USERNET_FILE, &text, &length, &ignored) < 0)
		return false;
	usernet_owners_read(user, text, &owners);
	allowed = false;
	for (size_t i = 0; i < owners.count && !allowed; i++)
		allowed = usernet_allowed(text, &(struct usernet_wish){ owners.names[i], "veth", bridge }) > 0;
	return allowed;
}
