/*
 * Configs of containers that come from elsewhere: made to fit this host, and
 * looked at for what would reach beyond the container.  The archive they come
 * from may be a stranger's; who knows it better says so.
 */
#pragma once

#include <stdbool.h>

#include "host/subid.h"
#include "lib/arena.h"
#include "lib/error.h"

struct foreign {
	const char *directory;      /* LXCPATH/NAME where it will be: paths lead there already */
	const char *rootfs;         /* lxc.rootfs.path there; NULL: it has none */
	bool trust;                 /* whatever it says */
	const struct subids *ids;   /* of an ordinary user, who has ids of his own; NULL: root */
};

/*
 * The config for here, in `arena`: includes of the files that every lxs has
 * are those of this one, and ids of an ordinary user are his.  Lines that
 * reach the host are refused unless `trust` says otherwise, and so is what
 * leaves its root unconfined.  To be called last: nothing changes the text
 * that has been judged.  NULL: err.
 */
const char *foreign_config(struct arena *arena, const struct foreign *foreign, const char *text, struct error *err);
