/*
 * Prints what was found in a config (config/read.h).  Apart from the reader
 * because programs that only read do not print.
 */
#include "config/read.h"

void findings_print(const struct findings *findings, FILE *out)
{
	static const char *const words[] = { [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error" };

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];
		const struct origin *origin = finding->origin;

		if (origin->line > 0)
			fprintf(out, "%s:%u: ", origin->file, origin->line);
		else
			fprintf(out, "%s: ", origin->file);
		fprintf(out, "%s: %s\n", words[finding->severity], finding->message);
		if (origin->line > 0)
			fprintf(out, "  %s\n", origin->text);
		for (const struct origin *outer = origin->included_by; outer; outer = outer->included_by)
			fprintf(out, "  included by %s:%u\n", outer->file, outer->line);
		if (finding->hint)
			fprintf(out, "  hint: %s\n", finding->hint);
	}
}
