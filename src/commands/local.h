/* What the template `local` calls: `lxs-full local ARGUMENT...`. */
#pragma once

/* argv[0] is "local"; returns the exit code. */
int local_main(int argc, char **argv);
