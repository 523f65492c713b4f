/* Runs a fuzz target over files, without a fuzzer: so each seed is an ordinary test. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/file.h"
#include "lib/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		owned_error err = ERROR_INIT;
		owned_str text = NULL;
		size_t length;

		if (file_read(argv[i], &text, &length, &err) < 0) {
			error_print(&err, stderr, argv[0], NULL);
			return EXIT_FAILURE;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)text, length);
	}
	printf("%d seeds\n", argc - 1);
	return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
