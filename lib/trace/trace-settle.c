/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Failures of which it is known what became of them: the same of one process are one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "trace/trace-internal.h"

/* More is counted, and not kept. */
#define FAILURES_MAX 4096
#define FOLDED_MAX 1024

struct trace_entry *trace_entry_free(struct trace_entry *entry)
{
	if (entry) {
		trace_limit_clear(&entry->limit);
		free(entry->first_path);
		free(entry);
	}
	return NULL;
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool trace_is_same_limit(const struct trace_limit *a, const struct trace_limit *b)
{
	return is_same_text(a->file, b->file) && is_same_text(a->cgroup, b->cgroup);
}

static bool is_alike(const struct trace_entry *a, const struct trace_entry *b)
{
	return a->pid == b->pid && a->call.kind == b->call.kind && a->call.code == b->call.code &&
	       a->then == b->then && a->status == b->status && a->folding == b->folding &&
	       strcmp(a->command, b->command) == 0 && strcmp(a->call.path, b->call.path) == 0 &&
	       trace_is_same_limit(&a->limit, &b->limit);
}

static struct trace_entry *find_alike(struct cg2_trace *trace, const struct trace_entry *entry)
{
	for (size_t i = trace->n_settled; i > 0; i--)
		if (is_alike(trace->settled[i - 1], entry))
			return trace->settled[i - 1];
	return NULL;
}

static void join(struct trace_entry *to, const struct trace_entry *from)
{
	to->count += from->count;
	to->n_calls += from->n_calls;
	to->at_usec = MIN(to->at_usec, from->at_usec);
	to->last_at_usec = MAX(to->last_at_usec, from->last_at_usec);
	to->call.bytes = MAX(to->call.bytes, from->call.bytes);
}

/* False: there are too many of them, or no memory. */
static bool keep(struct cg2_trace *trace, struct trace_entry *entry)
{
	const size_t n_room = trace->n_room ? trace->n_room * 2 : 16;
	const size_t n_failures = trace->n_settled - trace->n_folded;
	struct trace_entry **grown;

	if (entry->folding ? trace->n_folded == FOLDED_MAX : n_failures == FAILURES_MAX)
		return false;
	if (trace->n_settled == trace->n_room) {
		grown = reallocarray(trace->settled, n_room, sizeof(*grown));
		if (!grown)
			return false;
		trace->settled = grown;
		trace->n_room = n_room;
	}
	trace->settled[trace->n_settled++] = entry;
	trace->n_folded += entry->folding != CG2_TRACE_NOT_FOLDED;
	trace->is_sorted = false;
	return true;
}

void trace_settle(struct cg2_trace *trace, struct trace_entry *entry)
{
	struct trace_entry *alike = find_alike(trace, entry);

	if (entry->folding)
		trace->calls[entry->folding] += entry->n_calls;
	if (!alike && keep(trace, entry))
		return;
	if (alike)
		join(alike, entry);
	else if (!entry->folding)
		trace->n_lost += entry->n_calls;
	trace_entry_free(entry);
}
