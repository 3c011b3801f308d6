/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A failure is open until it is known what its process did then: the same call worked, another
 * program was executed, the process ended. Programs count on some failures, and recover from
 * others at once; both are folded.
 */
#include "trace/trace-fold.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "trace/trace-internal.h"

/* A fork that works after longer is another one: shells wait 1, 2, 4 and 8 s between theirs. */
#define FORK_AGAIN_USEC (20 * USEC_PER_SEC)
#define MEMORY_AGAIN_USEC (1 * USEC_PER_SEC)

/* Who looks on is told after so long, whatever may become of it. */
#define TELL_USEC (200 * USEC_PER_MSEC)

/* ---- names ---- */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What was looked for in vain has no path. */
static void name_search(struct trace_entry *entry)
{
	char *reason;

	if (!entry->is_search || entry->is_file_there || entry->call.code == EACCES)
		return;
	reason = text_format("in none of %" PRIu64 " directories of PATH",
			     entry->n_calls / entry->count);
	if (!reason)
		return;
	free(entry->limit.reason);
	entry->limit.reason = reason;
	snprintf(entry->call.path, sizeof(entry->call.path), "%s", base_of(entry->first_path));
	entry->is_search = false;
}

/* ---- telling and closing ---- */

static void tell(struct cg2_trace *trace, struct trace_entry *entry)
{
	struct cg2_trace_failure failure = { .size = sizeof(failure) };

	if (!trace->fn || entry->is_told)
		return;
	entry->is_told = true;
	trace_entry_view(trace, entry, &failure);
	trace->fn(trace->userdata, &failure);
}

void trace_fold_tick(struct cg2_trace *trace, uint64_t now_usec)
{
	for (struct trace_entry *e = trace->fn ? trace->open : NULL; e; e = e->next)
		if (now_usec > e->at_usec + TELL_USEC)
			tell(trace, e);
}

/* What became of it. */
struct outcome {
	enum cg2_trace_then then;
	int status;
	enum cg2_trace_folding folding;
};

/* Whether an open failure is over by that record, and how. */
typedef bool (*judge_fn)(const struct trace_entry *entry, const struct trace_record *record,
			 struct outcome *ret_outcome);

static void close_entries(struct cg2_trace *trace, const struct trace_record *record,
			  judge_fn judge)
{
	struct trace_entry **at = &trace->open;

	while (*at) {
		struct trace_entry *entry = *at;
		struct outcome outcome = { .then = CG2_TRACE_WENT_ON };

		if ((record && entry->pid != record->pid) || !judge(entry, record, &outcome)) {
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		entry->then = outcome.then;
		entry->status = outcome.status;
		entry->folding = outcome.folding;
		if (!entry->folding) {
			name_search(entry);
			tell(trace, entry);
		}
		trace_settle(trace, entry);
	}
}

/* ---- programs ---- */

/* execvp(3) goes on to the next directory with these. */
static bool is_search_code(int code)
{
	return code == ENOENT || code == EACCES || code == ENOTDIR || code == ESTALE ||
	       code == ENODEV || code == ETIMEDOUT;
}

/*
 * Whether the process is that program now. Of a script the path is its interpreter's, but the
 * kernel has named the process by the script, as far as a name goes.
 */
static bool is_program(const struct trace_entry *entry, const struct trace_record *record)
{
	const char *name = base_of(entry->call.path);

	return strcmp(name, base_of(record->call.path)) == 0 ||
	       (record->command[0] &&
		strncmp(name, record->command, sizeof(record->command) - 1) == 0);
}

static enum cg2_trace_folding folding_of_exec(const struct trace_entry *entry,
					      const struct trace_record *record)
{
	/* A shell runs what has no #! line; execve(2) is taken where execveat(2) is missing. */
	if (entry->call.code == ENOEXEC || entry->call.code == ENOSYS)
		return CG2_TRACE_FALLBACK;
	if (!is_program(entry, record))
		return CG2_TRACE_NOT_FOLDED;
	return is_search_code(entry->call.code) ? CG2_TRACE_PATH_SEARCH : CG2_TRACE_TRIED_AGAIN;
}

/* Whatever failed before, the process goes on as another program. */
static bool judge_exec(const struct trace_entry *entry, const struct trace_record *record,
		       struct outcome *ret_outcome)
{
	if (entry->call.kind == CG2_TRACE_EXEC)
		ret_outcome->folding = folding_of_exec(entry, record);
	if (ret_outcome->folding)
		ret_outcome->then = CG2_TRACE_RETRIED;
	return true;
}

/* Whether the record goes on with the search of the entry. */
static bool is_same_search(const struct trace_entry *entry, const struct trace_record *record)
{
	return entry->pid == record->pid && entry->call.kind == CG2_TRACE_EXEC &&
	       record->call.kind == CG2_TRACE_EXEC && is_search_code(entry->call.code) &&
	       strcmp(base_of(entry->first_path), base_of(record->call.path)) == 0 &&
	       strcmp(entry->first_path, record->call.path) != 0;
}

/* What says more about a search: a file that is there, a right that is missing. */
static bool is_more_telling(const struct trace_entry *entry, const struct trace_record *record)
{
	const bool is_there = record->facts.file.code == 0;

	if (is_there != entry->is_file_there)
		return is_there;
	return record->call.code != entry->call.code && record->call.code != ENOENT;
}

/* ---- forks and memory ---- */

/* Whether the record is the next way of malloc(3) to the same memory: mmap, brk, mmap. */
static bool is_same_allocation(const struct trace_entry *entry, const struct trace_record *record)
{
	const uint64_t a = entry->last_bytes, b = record->call.bytes;

	return record->call.kind == CG2_TRACE_MEMORY && entry->tid == record->tid &&
	       entry->last_call != record->call.number && (a > b ? a - b : b - a) <= MIB + a / 8;
}

static bool is_huge(const struct trace_call *call)
{
	return call->number == TRACE_CALL_MMAP && call->flags & MAP_HUGETLB;
}

/* What prints that there is no memory needs some, but less. */
static bool is_much_less(const struct trace_entry *entry, const struct trace_record *record)
{
	return record->call.bytes < entry->probe_bytes / TRACE_RETRY_SHARE;
}

/*
 * Allocators and runtimes ask for less, step by step, until they get it; and for as much of other
 * pages where there are no huge ones.
 */
static bool is_retry_of_memory(const struct trace_entry *entry, const struct trace_record *record)
{
	if (is_huge(&entry->call) && !is_huge(&record->call))
		return record->call.bytes == entry->probe_bytes;
	return !is_much_less(entry, record) && (record->call.bytes <= entry->probe_bytes ||
						is_same_allocation(entry, record));
}

static bool is_same_way(const struct trace_entry *entry, const struct trace_record *record)
{
	return entry->call.number == record->call.number &&
	       entry->call.flags == record->call.flags;
}

/*
 * A fork says nothing of what it is for. Who tries it again sleeps before that, or takes another
 * way at once; who does neither forks for the next thing, as make -k does for its next target.
 */
static bool judge_worked(const struct trace_entry *entry, const struct trace_record *record,
			 struct outcome *ret_outcome)
{
	const bool is_fork = entry->call.kind == CG2_TRACE_FORK;
	const uint64_t passed = record->at_usec - entry->last_at_usec;

	if (entry->call.kind != record->call.kind || entry->tid != record->tid)
		return false;
	if (passed > (is_fork ? FORK_AGAIN_USEC : MEMORY_AGAIN_USEC))
		return true;
	if (!is_fork && !is_retry_of_memory(entry, record))
		return false;
	if (is_fork && is_same_way(entry, record) && !record->call.has_slept)
		return true;
	ret_outcome->then = CG2_TRACE_RETRIED;
	ret_outcome->folding = entry->call.code == ENOSYS ? CG2_TRACE_FALLBACK
							  : CG2_TRACE_TRIED_AGAIN;
	return true;
}

/* ---- failures ---- */

static bool is_same(const struct trace_entry *entry, const struct trace_record *record,
		    const struct trace_limit *limit)
{
	const struct trace_call *a = &entry->call, *b = &record->call;

	if (entry->pid != record->pid || a->kind != b->kind || a->code != b->code)
		return false;
	if (a->kind == CG2_TRACE_EXEC)
		return strcmp(entry->first_path, b->path) == 0;
	return trace_is_same_limit(&entry->limit, limit);
}

static struct trace_entry *find_search(struct cg2_trace *trace, const struct trace_record *record)
{
	for (struct trace_entry *e = trace->open; e; e = e->next)
		if (is_same_search(e, record))
			return e;
	return NULL;
}

static struct trace_entry *find_open(struct cg2_trace *trace, const struct trace_record *record,
				     const struct trace_limit *limit)
{
	for (struct trace_entry *e = trace->open; e; e = e->next)
		if (is_same(e, record, limit))
			return e;
	return NULL;
}

/* Takes the limit. NULL: no memory. */
static struct trace_entry *new_entry(struct cg2_trace *trace, const struct trace_record *record,
				     const struct trace_limit *limit)
{
	struct trace_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->first_path = strdup(record->call.path);
	if (!entry->first_path) {
		free(entry);
		return NULL;
	}
	entry->at_usec = record->at_usec;
	entry->pid = record->pid;
	entry->tid = record->tid;
	entry->ppid = record->ppid;
	memcpy(entry->command, record->command, sizeof(entry->command) - 1);
	entry->call = record->call;
	entry->is_file_there = record->facts.file.code == 0;
	entry->limit = *limit;
	entry->next = trace->open;
	trace->open = entry;
	return entry;
}

/* The entry is about this call from now on. Takes the limit. */
static void take_over(struct trace_entry *entry, const struct trace_record *record,
		      const struct trace_limit *limit)
{
	trace_limit_clear(&entry->limit);
	entry->limit = *limit;
	entry->call = record->call;
	entry->is_file_there = record->facts.file.code == 0;
}

static void count(struct trace_entry *entry, const struct trace_record *record)
{
	if (entry->n_calls == 0 || !is_same_allocation(entry, record))
		entry->count++;
	entry->n_calls++;
	if (!is_much_less(entry, record))
		entry->probe_bytes = record->call.bytes;
	entry->last_at_usec = record->at_usec;
	entry->last_call = record->call.number;
	entry->last_bytes = record->call.bytes;
}

/* A program that is looked for in the next directory. Takes the limit. */
static void go_on_search(struct trace_entry *entry, const struct trace_record *record,
			 struct trace_limit *limit)
{
	entry->is_search = true;
	entry->n_calls++;
	entry->last_at_usec = record->at_usec;
	if (is_more_telling(entry, record))
		take_over(entry, record, limit);
	else
		trace_limit_clear(limit);
}

static bool judge_other_program(const struct trace_entry *entry,
				const struct trace_record *record _unused_,
				struct outcome *ret_outcome _unused_)
{
	return entry->call.kind == CG2_TRACE_EXEC;
}

static void add_failure(struct cg2_trace *trace, const struct trace_record *record)
{
	const struct trace_place place = { trace->cgroup, trace->own };
	struct trace_entry *entry;
	struct trace_limit limit;

	if (trace_limit_find(record, &place, &limit) < 0) {
		trace->n_lost++;
		return;
	}
	entry = find_search(trace, record);
	if (entry) {
		go_on_search(entry, record, &limit);
		return;
	}
	entry = find_open(trace, record, &limit);
	if (!entry) {
		/* It looks for another program: the one before was not found. */
		if (record->call.kind == CG2_TRACE_EXEC)
			close_entries(trace, record, judge_other_program);
		entry = new_entry(trace, record, &limit);
		if (!entry) {
			trace_limit_clear(&limit);
			trace->n_lost++;
			return;
		}
	} else if (record->call.kind == CG2_TRACE_MEMORY &&
		   record->call.bytes > entry->call.bytes) {
		take_over(entry, record, &limit);
	} else {
		trace_limit_clear(&limit);
	}
	count(entry, record);
}

/* ---- the ends of processes ---- */

static bool judge_end(const struct trace_entry *entry _unused_, const struct trace_record *record,
		      struct outcome *ret_outcome)
{
	if (WIFSIGNALED(record->status))
		*ret_outcome = (struct outcome){ .then = CG2_TRACE_DIED,
						 .status = WTERMSIG(record->status) };
	else if (WIFEXITED(record->status) && WEXITSTATUS(record->status) != 0)
		*ret_outcome = (struct outcome){ .then = CG2_TRACE_EXITED,
						 .status = WEXITSTATUS(record->status) };
	return true;
}

static bool judge_all(const struct trace_entry *entry _unused_,
		      const struct trace_record *record _unused_,
		      struct outcome *ret_outcome _unused_)
{
	return true;
}

/* ---- notes ---- */

#define NOTES_MAX 32

static const char *const notes[] = {
	[TRACE_NOTE_SETUID] = ("ran without the rights that its file gives: a traced program "
			       "gets none, unless root traces it"),
	[TRACE_NOTE_OWN_FILTER] = "has installed a seccomp filter: what that refuses is not seen",
	[TRACE_NOTE_OWN_TRACER] = "could not trace another process: a process has one tracer",
	[TRACE_NOTE_UNTRACED] = "has made a process that cannot be traced (CLONE_UNTRACED)",
};

/* Each once. */
static void add_note(struct cg2_trace *trace, const struct trace_record *record)
{
	const char *path = record->call.path;
	_cleanup_free_ char *note = NULL;
	char **grown;

	if ((size_t)record->note >= ARRAY_SIZE(notes) || trace->n_notes == NOTES_MAX)
		return;
	note = text_format("%s %s", path[0] ? path : record->command, notes[record->note]);
	for (size_t i = 0; note && i < trace->n_notes; i++)
		if (strcmp(trace->notes[i], note) == 0)
			return;
	grown = reallocarray(trace->notes, trace->n_notes + 1, sizeof(*grown));
	if (!grown || !note)
		return;
	trace->notes = grown;
	trace->notes[trace->n_notes++] = take_ptr(&note);
}

/* ---- records ---- */

void trace_fold_add(struct cg2_trace *trace, const struct trace_record *record)
{
	trace_fold_tick(trace, record->at_usec);
	trace->n_processes = record->totals.n_processes;
	trace->n_unsent = record->totals.n_lost;
	switch (record->type) {
	case TRACE_FAILED:
		add_failure(trace, record);
		break;
	case TRACE_WORKED:
		close_entries(trace, record, judge_worked);
		break;
	case TRACE_EXECED:
		close_entries(trace, record, judge_exec);
		break;
	case TRACE_ENDED:
		close_entries(trace, record, judge_end);
		break;
	case TRACE_NOTED:
		add_note(trace, record);
		break;
	case TRACE_FINISHED:
		break;
	}
}

void trace_fold_end(struct cg2_trace *trace, uint64_t now_usec)
{
	close_entries(trace, NULL, judge_all);
	trace->wall_usec = now_usec - MIN(now_usec, trace->started_usec);
}
