/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which limit refused memory. No cgroup's: what is over memory.max is not refused, somebody is
 * killed when it is used. The kernel compares the same figures, so that this is certain.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

#include "trace/trace-limit-internal.h"
#include "verdict/limit-words.h"

/* MAX_ARG_STRLEN of the kernel. */
#define ARGUMENT_MAX (128 * KIB)

/* What a program of either width can address. */
#define ADDRESSES (UINT64_C(1) << 47)
#define ADDRESSES_32 (UINT64_C(1) << 32)

static bool is_over(uint64_t have, uint64_t more, uint64_t limit)
{
	uint64_t sum;

	return is_limit(limit) && is_known(have) &&
	       (__builtin_add_overflow(have, more, &sum) || sum > limit);
}

static void put_limit(struct finding *f, const char *name, uint64_t limit, uint64_t have)
{
	fprintf(f->reason, "%s ", name);
	put_about(f->reason, limit);
	if (!is_known(have))
		return;
	fputs(" (it has ", f->reason);
	put_about(f->reason, have);
	fputc(')', f->reason);
}

/* The process's own limit, and the letter by which ulimit sets it. */
static bool blame_rlimit(struct finding *f, const char *name, char letter, uint64_t limit,
			 uint64_t have)
{
	put_limit(f, name, limit, have);
	fprintf(f->hint, "raise ulimit -%c", letter);
	return blame_limit(f, name, limit, have, CG2_CERTAINTY_CERTAIN);
}

/* Memory that may be written, and that no other process shares. */
static bool is_private(const struct trace_call *call)
{
	return call->number != TRACE_CALL_MMAP ||
	       (call->protection & PROT_WRITE && (call->flags & MAP_TYPE) == MAP_PRIVATE);
}

/* Memory that counts against what the machine has; what is shared always does. */
static bool is_accounted(const struct trace_call *call)
{
	const bool is_shared = call->number == TRACE_CALL_MMAP &&
			       (call->flags & MAP_TYPE) != MAP_PRIVATE;

	return (is_shared || is_private(call)) && !(call->flags & MAP_NORESERVE);
}

bool limit_huge_pages(struct finding *f)
{
	const uint64_t n = f->facts->huge_free;

	if (f->call->number != TRACE_CALL_MMAP || !(f->call->flags & MAP_HUGETLB))
		return false;
	fputs("vm.nr_hugepages", f->reason);
	if (is_known(n))
		fprintf(f->reason, ": %" PRIu64 " huge pages are free", n);
	fputs("as root: sysctl vm.nr_hugepages=N", f->hint);
	return blame_limit(f, "vm.nr_hugepages", CG2_MAX, UNKNOWN, CG2_CERTAINTY_PROBABLE);
}

bool limit_address_space(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	return is_over(facts->vm_size, f->call->bytes, facts->rlimit_as) &&
	       blame_rlimit(f, "RLIMIT_AS", 'v', facts->rlimit_as, facts->vm_size);
}

bool limit_data(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	return is_private(f->call) &&
	       is_over(facts->vm_data, f->call->bytes, facts->rlimit_data) &&
	       blame_rlimit(f, "RLIMIT_DATA", 'd', facts->rlimit_data, facts->vm_data);
}

bool limit_locked(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	return is_over(facts->vm_locked, f->call->bytes, facts->rlimit_memlock) &&
	       blame_rlimit(f, "RLIMIT_MEMLOCK", 'l', facts->rlimit_memlock, facts->vm_locked);
}

bool limit_maps(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	if (!is_limit(facts->max_map_count) || !is_known(facts->n_maps) ||
	    facts->n_maps < facts->max_map_count)
		return false;
	fprintf(f->reason, "vm.max_map_count %" PRIu64 " (it has %" PRIu64 " mappings)",
		facts->max_map_count, facts->n_maps);
	put_machine_hint(f->hint, "vm.max_map_count", facts->max_map_count);
	return blame_limit(f, "vm.max_map_count", facts->max_map_count, facts->n_maps,
			   CG2_CERTAINTY_CERTAIN);
}

/* With vm.overcommit_memory 2 all memory that is asked for has to be there. */
bool limit_commit(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	/* In this mode MAP_NORESERVE means nothing. */
	if (facts->overcommit != 2 || !(is_private(f->call) || is_accounted(f->call)) ||
	    !is_over(facts->committed, f->call->bytes, facts->commit_limit))
		return false;
	fputs("CommitLimit ", f->reason);
	put_about(f->reason, facts->commit_limit);
	fputs(" of the machine (Committed_AS ", f->reason);
	put_about(f->reason, facts->committed);
	fputs("; vm.overcommit_memory is 2)", f->reason);
	fputs("as root: sysctl vm.overcommit_memory=0, or add swap", f->hint);
	return blame_limit(f, "CommitLimit", facts->commit_limit, facts->committed,
			   CG2_CERTAINTY_CERTAIN);
}

/* With vm.overcommit_memory 0 a single call gets no more than all there is. */
bool limit_ram(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	if (facts->overcommit != 0 || !is_accounted(f->call) ||
	    !is_over(0, f->call->bytes, facts->ram_and_swap))
		return false;
	fputs("it is more than RAM and swap, ", f->reason);
	put_about(f->reason, facts->ram_and_swap);
	return blame_limit(f, "ram", facts->ram_and_swap, UNKNOWN, CG2_CERTAINTY_CERTAIN);
}

bool limit_bits(struct finding *f)
{
	const uint64_t all = f->call->is_compat ? ADDRESSES_32 : ADDRESSES;

	if (!is_over(is_known(f->facts->vm_size) ? f->facts->vm_size : 0, f->call->bytes, all))
		return false;
	put_limit(f, "its addresses:", all, f->facts->vm_size);
	if (f->call->is_compat)
		fputs("a 64-bit program has more", f->hint);
	return blame_limit(f, "addresses", all, f->facts->vm_size, CG2_CERTAINTY_CERTAIN);
}

bool limit_memory_unknown(struct finding *f)
{
	fputs("unknown: none of the limits is reached (RLIMIT_AS, RLIMIT_DATA, vm.max_map_count, "
	      "vm.overcommit_memory)",
	      f->reason);
	f->out->certainty = CG2_CERTAINTY_POSSIBLE;
	return true;
}

/* ---- the words of a program ---- */

bool limit_words(struct finding *f)
{
	if (f->call->longest_argument <= ARGUMENT_MAX)
		return false;
	fputs("a word of ", f->reason);
	put_about(f->reason, f->call->longest_argument);
	fputs(" among its arguments and environment: one may have 128K", f->reason);
	fputs("pass it by a file or a pipe", f->hint);
	return true;
}

/* A quarter of the stack's limit is theirs, and 6M at most. */
bool limit_stack(struct finding *f)
{
	const uint64_t stack = f->facts->rlimit_stack, bytes = f->call->bytes;

	if (bytes == 0 || !is_known(stack) || (stack != CG2_MAX && bytes <= stack / 8))
		return false;
	if (stack == CG2_MAX || stack / 4 > 6 * MIB) {
		fputs("its arguments and environment, ", f->reason);
		put_about(f->reason, bytes);
		fputs(": the kernel takes 6M", f->reason);
		return true;
	}
	fputs("RLIMIT_STACK ", f->reason);
	put_about(f->reason, stack);
	fputs(": its arguments and environment are ", f->reason);
	put_about(f->reason, bytes);
	fputs(", and may take a quarter of it", f->reason);
	fputs("raise ulimit -s, or use xargs", f->hint);
	return blame_limit(f, "RLIMIT_STACK", stack, bytes, CG2_CERTAINTY_CERTAIN);
}
