/*
 * What the linker set aside to be read-only after relocation becomes so: tables
 * of functions, mostly.  Apart because only static programs need it: in others
 * the dynamic linker does it, while musl's start-up code for static ones leaves
 * those pages writable.  Called before main().
 */
#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden"))); /* made by the linker */

/* Where the program was loaded, less where it was linked to be. */
static uintptr_t load_bias(const ElfW(Phdr) *segments, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (segments[i].p_type == PT_LOAD && segments[i].p_offset == 0)
			return (uintptr_t)&__ehdr_start - segments[i].p_vaddr;
	return 0;
}

__attribute__((constructor)) static void relro_protect(void)
{
	const ElfW(Ehdr) *header = &__ehdr_start;
	const ElfW(Phdr) *segments = (const void *)((const char *)header + header->e_phoff);
	uintptr_t bias = load_bias(segments, header->e_phnum), page = (uintptr_t)sysconf(_SC_PAGESIZE);

	for (unsigned i = 0; i < header->e_phnum; i++) {
		uintptr_t start = (bias + segments[i].p_vaddr) & -page;
		uintptr_t end = (bias + segments[i].p_vaddr + segments[i].p_memsz) & -page;

		if (segments[i].p_type == PT_GNU_RELRO && end > start)
			mprotect((void *)start, end - start, PROT_READ);
	}
}
