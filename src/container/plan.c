/*
 * A plan, made and printed: lxs-start --plan, lxs-config check.  Apart from
 * start.c because the front program prints no plans, and runs those it can.
 */
#include "container/container.h"

#include "container/run.h"

const char run_ended_program[] = PKGLIBEXECDIR "/lxs-full";

int run_admit(struct run *run, struct error *err)
{
	(void)run;
	(void)err;
	return 0;
}

int container_plan(struct container *container, const struct start_options *options, bool json, FILE *out,
		   struct error *err)
{
	struct start_options preview = *options;
	owned_run run = { 0 };

	preview.preview = true;
	run_init(&run, container, &preview);
	if (run_plan(&run, err) < 0)
		return -1;
	if (json)
		return plan_print_json(run.plan, out, err);
	plan_print(run.plan, out);
	return 0;
}
