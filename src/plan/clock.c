/*
 * lxs.clock: one container sets the host's clock.  Called from plan.c.
 */
#include "config/types.h"
#include "plan/domains.h"

int plan_clock(struct planner *planner, struct error *err)
{
	const struct value *value = settings_value(planner->settings, "lxs.clock");

	if (!value || value->number != CLOCK_OWNER)
		return 0;
	/* Root of the host's own namespace passes by every helper, as with the clocks of network cards. */
	if (!planner->ids.mapped) {
		error_set(err, 0, "lxs.clock is for containers in a user namespace");
		error_asked_by(err, value->origin);
		return error_hint(err, "without lxc.idmap the container's root is the host's: lxs.cap.grant = sys_time gives it "
				  "the clock");
	}
	plan_add(planner->plan, STEP_CLOCK, value->origin);
	return 0;
}
