/*
 * lxs.clock = owner: the clock calls of one container go to a helper that may
 * set the host's clock.  See clock.c for the container's side, clock_claim.c
 * for who becomes the owner.
 */
#pragma once

#include "launch/launch.h"
#include "launch/sync.h"

/* STEP_CLOCK: claims the clock before init is born; loads the filter. */
int launch_clock(struct launch *launch, const struct step *step, struct error *err);
int inside_clock(struct inside *inside, const struct step *step);

/* Called when init has sent the listener of that filter. */
int clock_begin(struct launch *launch, struct error *err);

/*
 * The service of root's for containers of ordinary users (lxs-clock): a
 * SOCK_SEQPACKET socket, packets are struct sync_message.  The user's launcher
 * sends CLAIM with the container's name in `detail`, LISTENER and INIT each
 * with a descriptor, and gets an ANSWER to the first and to the last: `code`
 * is 0, or the reason is in `detail`.  The connection is the claim until the
 * listener is there; who closes it before gives the clock back.
 */
#define CLOCK_SOCKET RUNSTATEDIR "/lxs-clock.sock"
enum clock_message { CLOCK_CLAIM = 100, CLOCK_LISTENER, CLOCK_INIT, CLOCK_ANSWER };

/*
 * Where the helper takes the listeners of commands that lxs-attach runs in its
 * container: a SOCK_DGRAM socket of the container's user, each packet a struct
 * sync_message with one.  Nobody answers there when there is no helper.
 */
#define CLOCK_ATTACHED RUNSTATEDIR "/lxs-clock-attached.sock"

/* In the run directory: the filter that such a command loads. */
#define CLOCK_FILTER "clock.bpf"

/*
 * The claim on the clock for the container NAME of `user`, as lxs.conf allows
 * it and unless another has it.  `ret` is to be given to clock_claim_done().
 */
int clock_claim(const char *name, uid_t user, struct clock_claim *ret, struct error *err);
void clock_claim_done(struct clock_claim *claim);

/* Starts the helper: the clock is its own from here on.  `run` NULL: it is in no journal. */
int clock_serve(struct rundir *run, const struct clock_claim *claim, const char *name, int listener, int init,
		struct error *err);
