/*
 * The host's end of a pair whose other end a container has: what comes out of
 * it is a stranger's.
 */
#pragma once

/*
 * The host takes neither routes nor addresses from routers behind this
 * interface (IPv6 router advertisements): else root of a container could
 * become the host's default route.  To be called before the interface is up;
 * a port of a bridge needs it not.  0 or -errno.
 */
int host_end_distrust(const char *name);

/* The hint when that fails. */
#define HOST_END_REMEDY "where its setting cannot be written, sysctl -w net.ipv6.conf.default.accept_ra=0 does the same"
