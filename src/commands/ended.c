/*
 * `lxs ended`: no command for users but what the supervisor executes when a
 * container is gone, so it is in no table and has no help.
 */
#include "commands/command.h"

#include "provision/provision.h"

int ended_main(int argc, char **argv)
{
	return container_ended(argc, argv, container_remove);
}
