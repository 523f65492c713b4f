/* What the template `download` calls: `lxs-full download ARGUMENT...`. */
#pragma once

/* argv[0] is "download"; returns the exit code. */
int download_main(int argc, char **argv);
