/*
 * Follows a seccomp program (filter_paths.h).  Called by filter_words.c.
 */
#include "policy/filter_paths.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

/* What is in the accumulator, the index register or a cell of memory. */
struct value {
	bool known;
	uint32_t number;           /* of a known one */
	uint32_t offset, mask;     /* of another: this part of the data */
};

struct walker {
	const struct sock_filter *program;
	size_t length;
	uint32_t arch, number;
	struct path *paths;
	int count;                 /* -1: given up */
};

/* Where one way has come to. */
struct place {
	size_t at;
	struct value accumulator, index, cells[BPF_MEMWORDS];
	struct path path;
};

static struct value constant(uint32_t number)
{
	return (struct value){ .known = true, .number = number };
}

static struct value data_load(const struct walker *walker, uint32_t offset)
{
	if (offset == offsetof(struct seccomp_data, arch))
		return constant(walker->arch);
	if (offset == offsetof(struct seccomp_data, nr))
		return constant(walker->number);
	return (struct value){ .offset = offset, .mask = UINT32_MAX };
}

/* What the same comparison, or an equality, said before on this way; -1: nothing. */
static int decided(const struct path *path, const struct path_test *test)
{
	for (size_t i = 0; i < path->count; i++) {
		const struct path_test *earlier = &path->tests[i];

		if (earlier->offset != test->offset || earlier->mask != test->mask)
			continue;
		if (earlier->operation == test->operation && earlier->value == test->value)
			return earlier->holds;
		if (earlier->operation == BPF_JEQ && earlier->holds && test->operation == BPF_JEQ)
			return earlier->value == test->value;
	}
	return -1;
}

static bool compare(uint16_t operation, uint32_t left, uint32_t right)
{
	switch (operation) {
	case BPF_JEQ:
		return left == right;
	case BPF_JGT:
		return left > right;
	case BPF_JGE:
		return left >= right;
	default:
		return left & right;
	}
}

static bool alu(struct place *place, const struct sock_filter *instruction)
{
	struct value *accumulator = &place->accumulator;
	struct value operand = BPF_SRC(instruction->code) == BPF_X ? place->index : constant(instruction->k);

	if (!operand.known)
		return false;
	if (BPF_OP(instruction->code) == BPF_AND) {
		accumulator->number &= operand.number;
		accumulator->mask &= operand.number;
		return true;
	}
	if (!accumulator->known)
		return false;
	switch (BPF_OP(instruction->code)) {
	case BPF_OR:
		accumulator->number |= operand.number;
		return true;
	case BPF_ADD:
		accumulator->number += operand.number;
		return true;
	case BPF_SUB:
		accumulator->number -= operand.number;
		return true;
	default:
		return false;
	}
}

static bool load_or_store(const struct walker *walker, struct place *place, const struct sock_filter *instruction)
{
	switch (instruction->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		place->accumulator = data_load(walker, instruction->k);
		return true;
	case BPF_LD | BPF_IMM:
		place->accumulator = constant(instruction->k);
		return true;
	case BPF_LDX | BPF_IMM:
		place->index = constant(instruction->k);
		return true;
	case BPF_LD | BPF_MEM:
		place->accumulator = place->cells[instruction->k % BPF_MEMWORDS];
		return true;
	case BPF_LDX | BPF_MEM:
		place->index = place->cells[instruction->k % BPF_MEMWORDS];
		return true;
	case BPF_ST:
		place->cells[instruction->k % BPF_MEMWORDS] = place->accumulator;
		return true;
	case BPF_STX:
		place->cells[instruction->k % BPF_MEMWORDS] = place->index;
		return true;
	case BPF_MISC | BPF_TAX:
		place->index = place->accumulator;
		return true;
	case BPF_MISC | BPF_TXA:
		place->accumulator = place->index;
		return true;
	default:
		return false;
	}
}

static void walk(struct walker *walker, struct place *place);

/* Both ways where the outcome is open. */
static bool branch(struct walker *walker, struct place *place, const struct sock_filter *instruction)
{
	struct value right = BPF_SRC(instruction->code) == BPF_X ? place->index : constant(instruction->k);
	struct path_test test = {
		place->accumulator.offset, place->accumulator.mask, BPF_OP(instruction->code), right.number, true,
	};
	struct place other;
	int outcome;

	if (BPF_OP(instruction->code) == BPF_JA) {
		place->at += instruction->k;
		return true;
	}
	if (!right.known)
		return false;
	outcome = place->accumulator.known ? compare(test.operation, place->accumulator.number, right.number)
					   : decided(&place->path, &test);
	if (outcome < 0) {
		if (place->path.count == PATH_TESTS)
			return false;
		other = *place;
		other.path.tests[other.path.count++] = test;
		other.at += instruction->jt;
		walk(walker, &other);
		test.holds = false;
		place->path.tests[place->path.count++] = test;
	}
	place->at += outcome > 0 ? instruction->jt : instruction->jf;
	return walker->count >= 0;
}

/* The kernel has checked that jumps go forwards only, so that every way has an end. */
static void walk(struct walker *walker, struct place *place)
{
	while (walker->count >= 0 && place->at < walker->length) {
		const struct sock_filter *instruction = &walker->program[place->at++];
		bool done;

		if (BPF_CLASS(instruction->code) == BPF_RET) {
			bool stored = BPF_RVAL(instruction->code) == BPF_A;
			struct value result = stored ? place->accumulator : constant(instruction->k);

			if (!result.known || walker->count == PATHS_MAX)
				break;
			place->path.action = result.number;
			walker->paths[walker->count++] = place->path;
			return;
		}
		if (BPF_CLASS(instruction->code) == BPF_JMP)
			done = branch(walker, place, instruction);
		else if (BPF_CLASS(instruction->code) == BPF_ALU)
			done = alu(place, instruction);
		else
			done = load_or_store(walker, place, instruction);
		if (!done)
			break;
	}
	walker->count = -1;
}

int filter_paths(const struct sock_filter *program, size_t length, uint32_t arch, uint32_t number,
		 struct path paths[static PATHS_MAX])
{
	struct walker walker = { program, length, arch, number, paths, 0 };
	struct place start = { .accumulator = constant(0), .index = constant(0) };

	walk(&walker, &start);
	return walker.count;
}
