/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run's trace as callers get it.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/copyout.h"
#include "trace/trace-internal.h"
#include "value/unknown.h"

int trace_new(const struct trace_setup *setup, struct cg2_trace **ret_trace)
{
	_cleanup_(cg2_trace_unrefp) struct cg2_trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		return -ENOMEM;
	trace->n_ref = 1;
	trace->started_usec = setup->started_usec;
	trace->fn = setup->fn;
	trace->userdata = setup->userdata;
	trace->cgroup = setup->place.cgroup ? strdup(setup->place.cgroup) : NULL;
	trace->own = setup->place.own ? strdup(setup->place.own) : NULL;
	if ((setup->place.cgroup && !trace->cgroup) || (setup->place.own && !trace->own))
		return -ENOMEM;
	*ret_trace = take_ptr(&trace);
	return 0;
}

CG2_EXPORT struct cg2_trace *cg2_trace_ref(struct cg2_trace *trace)
{
	trace->n_ref++;
	return trace;
}

CG2_EXPORT struct cg2_trace *cg2_trace_unref(struct cg2_trace *trace)
{
	if (!trace || --trace->n_ref > 0)
		return NULL;
	for (struct trace_entry *e = trace->open, *next; e; e = next) {
		next = e->next;
		trace_entry_free(e);
	}
	for (size_t i = 0; i < trace->n_settled; i++)
		trace_entry_free(trace->settled[i]);
	for (size_t i = 0; i < trace->n_notes; i++)
		free(trace->notes[i]);
	free(trace->settled);
	free(trace->notes);
	free(trace->cgroup);
	free(trace->own);
	free(trace);
	return NULL;
}

/* ---- words ---- */

static int find_word(const char *const *words, size_t n, const char *text)
{
	for (size_t i = 0; text && i < n; i++)
		if (words[i] && strcmp(words[i], text) == 0)
			return (int)i;
	return -EINVAL;
}

static const char *const kinds[] = {
	[CG2_TRACE_FORK] = "fork", [CG2_TRACE_EXEC] = "exec", [CG2_TRACE_MEMORY] = "memory",
};

CG2_EXPORT const char *cg2_trace_kind_to_string(unsigned int kind)
{
	return kind < ARRAY_SIZE(kinds) ? kinds[kind] : NULL;
}

CG2_EXPORT int cg2_trace_kind_from_string(const char *text)
{
	return find_word(kinds, ARRAY_SIZE(kinds), text);
}

CG2_EXPORT const char *cg2_trace_then_to_string(unsigned int then)
{
	static const char *const words[] = {
		[CG2_TRACE_WENT_ON] = "went on",
		[CG2_TRACE_RETRIED] = "retried",
		[CG2_TRACE_DIED] = "died",
		[CG2_TRACE_EXITED] = "exited",
	};

	return then < ARRAY_SIZE(words) ? words[then] : NULL;
}

CG2_EXPORT const char *cg2_trace_folding_to_string(unsigned int folding)
{
	static const char *const words[] = {
		[CG2_TRACE_PATH_SEARCH] = "path_search",
		[CG2_TRACE_TRIED_AGAIN] = "retried",
		[CG2_TRACE_FALLBACK] = "fallback",
	};

	return folding < ARRAY_SIZE(words) ? words[folding] : NULL;
}

static const char *call_name(enum trace_call_number number)
{
	static const char *const names[] = {
		[TRACE_CALL_FORK] = "fork",	[TRACE_CALL_VFORK] = "vfork",
		[TRACE_CALL_CLONE] = "clone",	[TRACE_CALL_CLONE3] = "clone3",
		[TRACE_CALL_EXECVE] = "execve", [TRACE_CALL_EXECVEAT] = "execveat",
		[TRACE_CALL_MMAP] = "mmap",	[TRACE_CALL_BRK] = "brk",
		[TRACE_CALL_MREMAP] = "mremap",
	};

	return (size_t)number < ARRAY_SIZE(names) ? names[number] : "unknown";
}

/* ---- what it has ---- */

static bool is_about_thread(const struct trace_call *call)
{
	return (call->kind == CG2_TRACE_FORK && call->flags & CLONE_THREAD) ||
	       (call->number == TRACE_CALL_MMAP && call->flags & MAP_STACK);
}

void trace_entry_view(const struct cg2_trace *trace, const struct trace_entry *entry,
		      struct cg2_trace_failure *ret_failure)
{
	const struct trace_limit *limit = &entry->limit;
	const struct trace_call *call = &entry->call;
	const uint64_t start = trace->started_usec;

	*ret_failure = (struct cg2_trace_failure){
		.size = sizeof(*ret_failure),
		.at_usec = entry->at_usec - MIN(entry->at_usec, start),
		.last_at_usec = entry->last_at_usec - MIN(entry->last_at_usec, start),
		.count = entry->count,
		.pid = entry->pid,
		.tid = entry->tid,
		.ppid = entry->ppid,
		.command = entry->command,
		.kind = call->kind,
		.call = call_name(call->number),
		.is_thread = is_about_thread(call),
		.code = call->code,
		.path = call->kind == CG2_TRACE_EXEC ? call->path : NULL,
		.bytes = call->kind == CG2_TRACE_MEMORY ? call->bytes : 0,
		.then = entry->then,
		.status = entry->status,
		.folding = entry->folding,
		.has_limit = limit->file,
		.limit_file = limit->file,
		.limit_cgroup = limit->cgroup,
		.limit = limit->limit,
		.has_current = is_known(limit->current),
		.current = is_known(limit->current) ? limit->current : 0,
		.is_own = limit->is_own,
		.certainty = limit->certainty,
		.reason = limit->reason,
		.hint = limit->hint,
	};
}

static int compare_times(const void *a, const void *b)
{
	const struct trace_entry *x = *(struct trace_entry *const *)a;
	const struct trace_entry *y = *(struct trace_entry *const *)b;

	if (x->at_usec != y->at_usec)
		return x->at_usec < y->at_usec ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static const struct trace_entry *get_entry(struct cg2_trace *trace, size_t i)
{
	if (!trace->is_sorted && trace->n_settled > 0)
		qsort(trace->settled, trace->n_settled, sizeof(*trace->settled), compare_times);
	trace->is_sorted = true;
	return i < trace->n_settled ? trace->settled[i] : NULL;
}

CG2_EXPORT int cg2_trace_get_failure(struct cg2_trace *trace, size_t i,
				     struct cg2_trace_failure *failure)
{
	const struct trace_entry *entry = get_entry(trace, i);
	struct cg2_trace_failure view;

	if (!entry)
		return 0;
	trace_entry_view(trace, entry, &view);
	return copy_out(failure, &failure->size, &view, sizeof(view));
}

CG2_EXPORT int cg2_trace_get_advice(struct cg2_trace *trace, size_t i, struct cg2_advice *advice)
{
	const struct trace_entry *entry = get_entry(trace, i);

	if (!entry || entry->limit.advice.kind == CG2_ADVICE_NONE)
		return 0;
	return copy_out(advice, &advice->size, &entry->limit.advice, sizeof(*advice));
}

CG2_EXPORT void cg2_trace_get_totals(struct cg2_trace *trace, struct cg2_trace_totals *totals)
{
	const struct cg2_trace_totals all = {
		.size = sizeof(all),
		.wall_usec = trace->wall_usec,
		.processes = trace->n_processes,
		.path_searches = trace->calls[CG2_TRACE_PATH_SEARCH],
		.tried_again = trace->calls[CG2_TRACE_TRIED_AGAIN],
		.fallbacks = trace->calls[CG2_TRACE_FALLBACK],
		.lost = trace->n_lost + trace->n_unsent,
	};

	copy_out(totals, &totals->size, &all, sizeof(all));
}

CG2_EXPORT const char *cg2_trace_get_note(struct cg2_trace *trace, size_t i)
{
	return i < trace->n_notes ? trace->notes[i] : NULL;
}
