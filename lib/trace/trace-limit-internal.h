/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the parts of trace-limit: the rules, in the order in which they are asked, and what they
 * say. A rule that does not apply says nothing and returns false.
 */
#pragma once

#include <stdio.h>

#include "trace/trace-limit.h"
#include "value/unknown.h"

/* A failure that a limit is looked for. */
struct finding {
	const struct trace_call *call;
	const struct trace_facts *facts;
	const struct trace_place *place;
	struct trace_limit *out;
	FILE *reason;
	FILE *hint;
};

typedef bool (*limit_rule_fn)(struct finding *f);

/* The limit and how sure it is; true. */
static inline bool blame_limit(struct finding *f, const char *file, uint64_t limit,
			       uint64_t current, enum cg2_certainty certainty)
{
	f->out->file = file;
	f->out->limit = limit;
	f->out->current = current;
	f->out->certainty = certainty;
	return true;
}

/* trace-limit-tasks.c */
bool limit_pids_own(struct finding *f);
bool limit_pids_forker(struct finding *f);
bool limit_pids_above(struct finding *f);
bool limit_nproc(struct finding *f);
bool limit_nproc_hidden(struct finding *f);
bool limit_threads_max(struct finding *f);
bool limit_pid_max(struct finding *f);
bool limit_pids_full(struct finding *f);
bool limit_tasks_unknown(struct finding *f);
bool limit_namespaces(struct finding *f);
bool limit_namespace_right(struct finding *f);
bool limit_namespace_dead(struct finding *f);
bool limit_fork_memory(struct finding *f);
bool limit_setuid_nproc(struct finding *f);

/* trace-limit-memory.c */
bool limit_huge_pages(struct finding *f);
bool limit_address_space(struct finding *f);
bool limit_data(struct finding *f);
bool limit_maps(struct finding *f);
bool limit_commit(struct finding *f);
bool limit_ram(struct finding *f);
bool limit_bits(struct finding *f);
bool limit_memory_unknown(struct finding *f);
bool limit_locked(struct finding *f);
bool limit_words(struct finding *f);
bool limit_stack(struct finding *f);
