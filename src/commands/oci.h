/* What the template `oci` calls: `lxs-full oci ARGUMENT...`. */
#pragma once

/* argv[0] is "oci"; returns the exit code. */
int oci_main(int argc, char **argv);
