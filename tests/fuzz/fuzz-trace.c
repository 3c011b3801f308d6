/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records of a tracer in any order: four bytes each say what it is, whose, of which call, and how
 * much. Whatever comes, each failure is listed, folded or counted as lost.
 */
#include "fuzz.h"
#include "trace/trace-fold.h"
#include "value/unknown.h"

static const int codes[] = { EAGAIN, ENOMEM, ENOENT, EACCES, ENOEXEC, ENOSYS, ETXTBSY, 4711 };

static struct trace_record make_record(const uint8_t *data, uint64_t at_usec)
{
	static const char *const paths[] = { "/bin/a", "/usr/bin/a", "/bin/b", "", "a/", "./c" };
	struct trace_record record = {
		.type = (enum trace_record_type)(data[0] % (TRACE_FINISHED + 1)),
		.at_usec = at_usec,
		.pid = 1 + data[1] % 4, .tid = 1 + data[1] % 8,
		.status = data[3] << (data[1] & 8),
		.note = (enum trace_note)(data[3] % 6),
		.call = { .number = (enum trace_call_number)(data[2] % _TRACE_CALL_MAX),
			  .code = codes[data[3] % ARRAY_SIZE(codes)],
			  .bytes = (uint64_t)data[3] << (data[1] / 8),
			  .flags = (uint64_t)data[0] << 16, .has_slept = data[0] & 8 },
	};

	record.call.kind = record.call.number < TRACE_CALL_EXECVE ? CG2_TRACE_FORK
			   : record.call.number < TRACE_CALL_MMAP ? CG2_TRACE_EXEC
								  : CG2_TRACE_MEMORY;
	if (record.call.kind == CG2_TRACE_EXEC)
		strcpy(record.call.path, paths[data[1] % ARRAY_SIZE(paths)]);
	record.facts.rlimit_as = data[1] & 1 ? UNKNOWN : (uint64_t)data[3] << 8;
	record.facts.file.code = data[1] & 2 ? ENOENT : 0;
	return record;
}

static void check_failure(const struct cg2_trace_failure *f, uint64_t *last_at)
{
	check(f->at_usec >= *last_at && f->last_at_usec >= f->at_usec);
	check(f->count > 0 && f->reason && *f->reason && f->command && f->call);
	check((f->kind == CG2_TRACE_EXEC) == (f->path != NULL));
	check(f->folding == CG2_TRACE_NOT_FOLDED || f->then == CG2_TRACE_RETRIED);
	check((f->status != 0) == (f->then == CG2_TRACE_DIED || f->then == CG2_TRACE_EXITED));
	*last_at = f->at_usec;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct trace_setup setup = { .place = { "/a/b", "/a" } };
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	struct cg2_trace_failure f = { .size = sizeof(f) };
	uint64_t n_failed = 0, n_listed = 0, last_at = 0;
	struct cg2_trace *trace;
	size_t i = 0;

	check(trace_new(&setup, &trace) == 0);
	for (size_t at = 0; at + 4 <= size; at += 4) {
		const struct trace_record record = make_record(data + at, at * 1000);

		n_failed += record.type == TRACE_FAILED;
		trace_fold_add(trace, &record);
	}
	trace_fold_end(trace, size * 1000);
	for (; cg2_trace_get_failure(trace, i, &f) > 0; i++) {
		check_failure(&f, &last_at);
		n_listed += f.count;
	}
	cg2_trace_get_totals(trace, &totals);
	/* Some are several ways to the same. */
	check((n_failed > 0) == (n_listed + totals.lost > 0));
	check(n_listed + totals.lost <= n_failed);
	check(totals.path_searches + totals.tried_again + totals.fallbacks <= n_failed);
	cg2_trace_unref(trace);
	return 0;
}
