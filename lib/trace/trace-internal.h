/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a trace: the failures that are settled, and those of which it is not known yet what
 * became of them.
 */
#pragma once

#include "base/macro.h"
#include "trace/trace-fold.h"
#include "trace/trace-limit.h"

struct trace_entry {
	uint64_t at_usec, last_at_usec; /* CLOCK_MONOTONIC */
	uint64_t count;	  /* attempts */
	uint64_t n_calls; /* an attempt may be several: a PATH search, malloc's ways to memory */
	pid_t pid, tid, ppid;
	char command[TRACE_COMMAND_MAX];
	struct trace_call call; /* the most telling, or the largest */
	enum trace_call_number last_call;
	uint64_t last_bytes;
	uint64_t probe_bytes; /* of memory: of smaller and smaller steps the last */
	bool is_file_there; /* of exec: the path that the call is about */
	bool is_search;	    /* of exec: in several directories */
	char *first_path;   /* of exec; owned */
	struct trace_limit limit;
	enum cg2_trace_then then;
	int status;
	enum cg2_trace_folding folding;
	bool is_told;
	struct trace_entry *next; /* of those that are open */
};

#define N_FOLDINGS (CG2_TRACE_FALLBACK + 1)

struct cg2_trace {
	unsigned int n_ref;
	uint64_t started_usec;
	char *cgroup, *own;
	cg2_trace_fn fn;
	void *userdata;
	struct trace_entry *open;
	struct trace_entry **settled;
	size_t n_settled, n_room;
	size_t n_folded; /* among the settled */
	uint64_t calls[N_FOLDINGS];
	uint64_t n_lost;
	uint64_t n_unsent; /* records that the tracer could not send */
	uint64_t wall_usec, n_processes;
	char **notes;
	size_t n_notes;
	bool is_sorted;
};

/* trace.c: as the getters give it out. */
void trace_entry_view(const struct cg2_trace *trace, const struct trace_entry *entry,
		      struct cg2_trace_failure *ret_failure);

struct trace_entry *trace_entry_free(struct trace_entry *entry);

/* trace-settle.c. Whether it is the same one, whatever is in use of it. */
bool trace_is_same_limit(const struct trace_limit *a, const struct trace_limit *b);

/* What a failure has in common with another is counted there. Takes the entry. */
void trace_settle(struct cg2_trace *trace, struct trace_entry *entry);
