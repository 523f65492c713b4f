/*
 * flip PATH OTHER...: exchanges each pair of names, over and over, as fast as
 * the kernel can: what a hostile process inside does while the host works on
 * its files.  Prints "flipping" once it does; ends by a signal.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc < 3 || argc % 2 == 0)
		return 2;
	for (unsigned long round = 0;; round++) {
		for (int i = 1; i < argc; i += 2)
			if (renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE) < 0) {
				perror(argv[i]);
				return 1;
			}
		if (round == 0) {
			puts("flipping");
			fflush(stdout);
		}
	}
}
