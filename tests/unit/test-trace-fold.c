/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From records to what is reported: what is folded, what is counted, and what is told of when.
 */
#include "tests/unit/trace-case.h"

#include <signal.h>

#define MSEC (USEC_PER_MSEC)

/* Told of by the trace, in their order. */
static struct {
	size_t n;
	char reasons[8][128];
} told;

static void note_told(void *userdata _unused_, const struct cg2_trace_failure *failure)
{
	assert_true(told.n < ARRAY_SIZE(told.reasons));
	snprintf(told.reasons[told.n++], sizeof(told.reasons[0]), "%s", failure->reason);
}

static struct cg2_trace *new_trace(void)
{
	const struct trace_setup setup = { .started_usec = 500 * MSEC, .place = place,
					   .fn = note_told };
	struct cg2_trace *trace;

	told.n = 0;
	assert_int_equal(trace_new(&setup, &trace), 0);
	return trace;
}

static struct trace_record at(uint64_t msec, struct trace_record record)
{
	record.at_usec = (500 + msec) * MSEC;
	return record;
}

static struct trace_record of(pid_t pid, struct trace_record record)
{
	record.pid = record.tid = pid;
	return record;
}

static struct trace_record full_fork(void)
{
	struct trace_record record = failed_fork(EAGAIN);

	set_level(&record.facts, LEVEL_RUN, RUN, 32, 32);
	record.facts.levels[LEVEL_RUN].has_moved = true;
	return record;
}

static struct trace_record short_of_memory(uint64_t bytes)
{
	struct trace_record record = failed_memory(bytes);

	record.facts.rlimit_as = 100 * M;
	return record;
}

static struct trace_record worked(struct trace_record failure)
{
	failure.type = TRACE_WORKED;
	failure.call.code = 0;
	failure.facts = (struct trace_facts){ .n_levels = 0 };
	return failure;
}

static struct trace_record executed(const char *path, const char *command)
{
	struct trace_record record = failed_exec(path, 0);

	record.type = TRACE_EXECED;
	snprintf(record.command, sizeof(record.command), "%s", command);
	return record;
}

static struct trace_record ended(int status)
{
	return (struct trace_record){ .type = TRACE_ENDED, .pid = 811, .tid = 811,
				      .status = status };
}

#define EXITED(code) ended((code) << 8)

static void add(struct cg2_trace *trace, struct trace_record record)
{
	trace_fold_add(trace, &record);
}

/* What is expected of the i-th failure. */
struct expected {
	uint64_t count;
	enum cg2_trace_then then;
	int status;
	enum cg2_trace_folding folding;
	const char *path; /* NULL: it is not looked at */
	const char *reason;
};

static void end_and_check(struct cg2_trace *trace, const struct expected *expected, size_t n)
{
	struct cg2_trace_failure f = { .size = sizeof(f) };

	trace_fold_end(trace, 2000 * MSEC);
	for (size_t i = 0; i < n; i++) {
		const struct expected *e = &expected[i];

		if (cg2_trace_get_failure(trace, i, &f) <= 0)
			fail_msg("%zu: there is none", i);
		if (f.count != e->count || f.then != e->then || f.status != e->status ||
		    f.folding != e->folding)
			fail_msg("%zu: %" PRIu64 " times, then %s %d, folded %s: %s", i, f.count,
				 cg2_trace_then_to_string(f.then), f.status,
				 cg2_trace_folding_to_string(f.folding), f.reason);
		if (e->path)
			assert_string_equal(f.path, e->path);
		if (e->reason)
			assert_string_equal(f.reason, e->reason);
	}
	assert_int_equal(cg2_trace_get_failure(trace, n, &f), 0);
	cg2_trace_unref(trace);
}

#define END_AND_CHECK(trace, ...)                                                 \
	end_and_check((trace), (const struct expected[]){ __VA_ARGS__ },          \
		      sizeof((const struct expected[]){ __VA_ARGS__ }) /          \
			      sizeof(struct expected))
#define END_WITH_NOTHING(trace) end_and_check((trace), NULL, 0)

/* ---- programs ---- */

static void a_program_that_is_found_in_a_later_directory_is_no_failure(void **state _unused_)
{
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	struct cg2_trace *trace = new_trace();

	add(trace, failed_exec("/usr/local/bin/ls", ENOENT));
	add(trace, failed_exec("/opt/bin/ls", EACCES));
	add(trace, executed("/usr/bin/ls", "ls"));
	add(trace, EXITED(2));
	cg2_trace_get_totals(trace, &totals);
	assert_int_equal(totals.path_searches, 2);
	assert_int_equal(told.n, 0);
	END_AND_CHECK(trace, { 1, CG2_TRACE_RETRIED, 0, CG2_TRACE_PATH_SEARCH, NULL, NULL });
}

/* Of a script the program is its interpreter. */
static void a_script_that_is_found_is_no_failure(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, failed_exec("/usr/local/bin/a-very-long-name", ENOENT));
	add(trace, executed("/usr/bin/python3.13", "a-very-long-nam"));
	END_AND_CHECK(trace, { 1, CG2_TRACE_RETRIED, 0, CG2_TRACE_PATH_SEARCH, NULL, NULL });
}

static void a_program_that_is_nowhere_is_one_failure(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, failed_exec("/usr/local/bin/nosuch", ENOENT));
	add(trace, failed_exec("/usr/bin/nosuch", ENOENT));
	add(trace, failed_exec("/bin/nosuch", ENOENT));
	add(trace, EXITED(127));
	assert_int_equal(told.n, 1);
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 127, CG2_TRACE_NOT_FOLDED, "nosuch",
			       "in none of 3 directories of PATH" });
}

/* execvp(3) fails with EACCES then, whatever the last directory says. */
static void a_right_that_is_missing_says_more_than_a_missing_file(void **state _unused_)
{
	struct trace_record denied = failed_exec("/usr/bin/tool", EACCES);
	struct cg2_trace *trace = new_trace();

	denied.facts.file.is_readable = true;
	add(trace, failed_exec("/usr/local/bin/tool", ENOENT));
	add(trace, denied);
	add(trace, failed_exec("/bin/tool", ENOENT));
	add(trace, EXITED(126));
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 126, CG2_TRACE_NOT_FOLDED, "/usr/bin/tool",
			       "no right to execute it" });
}

static void a_file_without_its_interpreter_says_more_than_a_missing_one(void **state _unused_)
{
	struct trace_record script = failed_exec("/usr/local/bin/tool", ENOENT);
	struct cg2_trace *trace = new_trace();

	script.facts.file = (struct exec_file){ .is_interpreter_missing = true,
						.interpreter = "/bin/python2" };
	add(trace, script);
	add(trace, failed_exec("/usr/bin/tool", ENOENT));
	add(trace, EXITED(127));
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 127, CG2_TRACE_NOT_FOLDED,
			       "/usr/local/bin/tool", "its interpreter /bin/python2 is missing" });
}

static void searches_in_a_row_are_counted(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	for (int i = 0; i < 3; i++) {
		add(trace, failed_exec("/usr/local/bin/nosuch", ENOENT));
		add(trace, failed_exec("/usr/bin/nosuch", ENOENT));
	}
	END_AND_CHECK(trace, { 3, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, "nosuch",
			       "in none of 2 directories of PATH" });
}

/* What was not found stays so, although the process became something else. */
static void another_program_in_its_place_is_no_retry(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, failed_exec("/usr/bin/vim", ENOENT));
	add(trace, failed_exec("/usr/bin/vi", ENOENT));
	add(trace, executed("/usr/bin/nano", "nano"));
	assert_int_equal(told.n, 2);
	END_AND_CHECK(trace,
		      { 1, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, "/usr/bin/vim", NULL },
		      { 1, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, "/usr/bin/vi", NULL });
}

static void a_script_without_a_first_line_is_run_by_a_shell(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, failed_exec("./plain", ENOEXEC));
	add(trace, executed("/usr/bin/dash", "sh"));
	END_AND_CHECK(trace, { 1, CG2_TRACE_RETRIED, 0, CG2_TRACE_FALLBACK, NULL, NULL });
}

static void a_busy_program_is_tried_again(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, failed_exec("/tmp/test", ETXTBSY));
	add(trace, failed_exec("/tmp/test", ETXTBSY));
	add(trace, executed("/tmp/test", "test"));
	END_AND_CHECK(trace, { 2, CG2_TRACE_RETRIED, 0, CG2_TRACE_TRIED_AGAIN, NULL, NULL });
}

/* ---- forks ---- */

static void forks_of_a_process_are_counted(void **state _unused_)
{
	struct cg2_trace_failure f = { .size = sizeof(f) };
	struct cg2_trace *trace = new_trace();

	for (uint64_t i = 0; i < 6; i++)
		add(trace, at(100 + 10 * i, full_fork()));
	add(trace, at(160, of(812, full_fork())));
	add(trace, EXITED(2));
	trace_fold_end(trace, 2000 * MSEC);
	assert_int_equal(cg2_trace_get_failure(trace, 0, &f), 1);
	assert_int_equal(f.at_usec, 100 * MSEC);
	assert_int_equal(f.last_at_usec, 150 * MSEC);
	assert_int_equal(f.limit, 32);
	assert_true(f.has_current);
	assert_int_equal(f.current, 32);
	assert_string_equal(f.call, "clone3");
	END_AND_CHECK(trace, { 6, CG2_TRACE_EXITED, 2, CG2_TRACE_NOT_FOLDED, NULL, NULL },
		      { 1, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

static void forks_under_two_limits_are_two(void **state _unused_)
{
	struct trace_record above = failed_fork(EAGAIN);
	struct cg2_trace *trace = new_trace();

	set_level(&above.facts, LEVEL_SLICE, SLICE, 100, 100);
	above.facts.levels[LEVEL_SLICE].has_moved = true;
	add(trace, at(100, full_fork()));
	add(trace, at(110, above));
	END_AND_CHECK(trace,
		      { 1, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, NULL,
			"pids.max 32 of this scope" },
		      { 1, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, NULL,
			"pids.max 100 of user-1000.slice" });
}

static struct trace_record worked_after_sleep(void)
{
	struct trace_record record = worked(full_fork());

	record.call.has_slept = true;
	return record;
}

static void a_fork_that_works_when_tried_again_is_folded(void **state _unused_)
{
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, full_fork()));
	add(trace, at(1100, full_fork()));
	add(trace, at(3100, worked_after_sleep()));
	add(trace, EXITED(1));
	cg2_trace_get_totals(trace, &totals);
	assert_int_equal(totals.tried_again, 2);
	END_AND_CHECK(trace, { 2, CG2_TRACE_RETRIED, 0, CG2_TRACE_TRIED_AGAIN, NULL, NULL });
}

/* A server whose next fork comes a minute later did not try again. */
static void a_fork_that_works_much_later_is_another(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, full_fork()));
	add(trace, at(60000, worked_after_sleep()));
	END_AND_CHECK(trace, { 1, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

/* make -k: the next target's fork is no second try of the one that was refused. */
static void a_fork_for_something_else_is_no_retry(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, full_fork()));
	add(trace, at(101, worked(full_fork())));
	add(trace, EXITED(2));
	END_AND_CHECK(trace, { 1, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

/* vfork(2) where there is no room for it, then fork(2), as Python's subprocess does. */
static void a_fork_in_another_way_is_a_retry(void **state _unused_)
{
	struct trace_record other = worked(full_fork());
	struct cg2_trace *trace = new_trace();

	other.call.flags ^= CLONE_VFORK;
	add(trace, at(100, full_fork()));
	add(trace, at(101, other));
	END_AND_CHECK(trace, { 1, CG2_TRACE_RETRIED, 0, CG2_TRACE_TRIED_AGAIN, NULL, NULL });
}

static void another_thread_s_fork_is_no_retry(void **state _unused_)
{
	struct trace_record other = worked(full_fork());
	struct cg2_trace *trace = new_trace();

	other.tid = 815;
	add(trace, at(100, full_fork()));
	add(trace, at(101, other));
	add(trace, EXITED(1));
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 1, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

static void clone_in_place_of_clone3_is_a_fallback(void **state _unused_)
{
	struct trace_record refused = failed_fork(ENOSYS), clone = worked(failed_fork(0));
	struct cg2_trace *trace = new_trace();

	clone.call.number = TRACE_CALL_CLONE;
	add(trace, refused);
	add(trace, clone);
	END_AND_CHECK(trace, { 1, CG2_TRACE_RETRIED, 0, CG2_TRACE_FALLBACK, NULL, NULL });
}

/* ---- memory ---- */

/* malloc(3) asks by mmap, brk and mmap again; what prints the error gets its memory. */
static void the_ways_of_malloc_are_one_attempt(void **state _unused_)
{
	struct trace_record by_brk = short_of_memory(300 * M + 132 * KIB);
	struct cg2_trace *trace = new_trace();

	by_brk.call.number = TRACE_CALL_BRK;
	add(trace, at(100, short_of_memory(300 * M + 4096)));
	add(trace, at(101, by_brk));
	add(trace, at(102, short_of_memory(300 * M + 4096)));
	add(trace, at(103, worked(short_of_memory(MIB))));
	add(trace, EXITED(1));
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 1, CG2_TRACE_NOT_FOLDED, NULL,
			       "RLIMIT_AS 100M (it has 100M)" });
}

static void the_same_call_again_is_another_attempt(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, short_of_memory(300 * M)));
	add(trace, at(101, short_of_memory(300 * M)));
	add(trace, ended(SIGSEGV));
	END_AND_CHECK(trace, { 2, CG2_TRACE_DIED, SIGSEGV, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

static void half_as_much_that_works_is_a_probe(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, short_of_memory(64 * M)));
	add(trace, at(101, worked(short_of_memory(32 * M))));
	assert_int_equal(told.n, 0);
	END_AND_CHECK(trace, { 1, CG2_TRACE_RETRIED, 0, CG2_TRACE_TRIED_AGAIN, NULL, NULL });
}

/* A runtime's address space: each step is half of the one before. */
static void step_by_step_less_is_a_probe(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	for (uint64_t bytes = 1024 * M; bytes > 4 * M; bytes /= 2)
		add(trace, at(100, short_of_memory(bytes)));
	add(trace, at(101, worked(short_of_memory(4 * M))));
	END_AND_CHECK(trace, { 8, CG2_TRACE_RETRIED, 0, CG2_TRACE_TRIED_AGAIN, NULL, NULL });
}

/* Refused as well, and then had: it was not for what was refused first. */
static void what_is_much_less_is_no_probe(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, short_of_memory(64 * M)));
	add(trace, at(101, short_of_memory(1 * M)));
	add(trace, at(102, worked(short_of_memory(1 * M))));
	END_AND_CHECK(trace, { 2, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

/* The mappings were too many, and some are gone: nobody has asked for those again. */
static void what_is_larger_is_no_second_try(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, short_of_memory(4096)));
	add(trace, at(101, worked(short_of_memory(1 * M))));
	add(trace, EXITED(1));
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 1, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

/* The next small allocation is none in the place of a huge page; as much of other pages is. */
static void other_pages_take_the_place_of_huge_ones(void **state _unused_)
{
	struct trace_record huge = short_of_memory(2 * M);
	struct cg2_trace *trace = new_trace();

	huge.call.flags |= MAP_HUGETLB;
	add(trace, at(100, huge));
	add(trace, at(101, worked(short_of_memory(1 * M))));
	add(trace, EXITED(1));
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 1, CG2_TRACE_NOT_FOLDED, NULL, NULL });
	trace = new_trace();
	add(trace, at(100, huge));
	add(trace, at(101, worked(short_of_memory(2 * M))));
	END_AND_CHECK(trace, { 1, CG2_TRACE_RETRIED, 0, CG2_TRACE_TRIED_AGAIN, NULL, NULL });
}

static void the_largest_is_reported(void **state _unused_)
{
	struct cg2_trace_failure f = { .size = sizeof(f) };
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, short_of_memory(64 * M)));
	add(trace, at(200, short_of_memory(128 * M)));
	add(trace, at(300, short_of_memory(32 * M)));
	trace_fold_end(trace, 2000 * MSEC);
	assert_int_equal(cg2_trace_get_failure(trace, 0, &f), 1);
	assert_int_equal(f.bytes, 128 * M);
	END_AND_CHECK(trace, { 3, CG2_TRACE_WENT_ON, 0, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

static void a_stack_is_told_from_other_memory(void **state _unused_)
{
	struct trace_record stack = short_of_memory(8 * M), thread = full_fork();
	struct cg2_trace_failure f = { .size = sizeof(f) };
	struct cg2_trace *trace = new_trace();

	stack.call.flags |= MAP_STACK;
	thread.call.flags = CLONE_THREAD | CLONE_VM;
	add(trace, at(100, stack));
	add(trace, at(200, thread));
	trace_fold_end(trace, 2000 * MSEC);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(cg2_trace_get_failure(trace, i, &f), 1);
		assert_true(f.is_thread);
	}
	cg2_trace_unref(trace);
}

/* ---- when it is told ---- */

static void who_looks_on_is_told_after_a_moment(void **state _unused_)
{
	struct cg2_trace *trace = new_trace();

	add(trace, at(100, full_fork()));
	trace_fold_tick(trace, 750 * MSEC);
	assert_int_equal(told.n, 0);
	trace_fold_tick(trace, 850 * MSEC);
	assert_int_equal(told.n, 1);
	add(trace, EXITED(1));
	assert_int_equal(told.n, 1);
	END_AND_CHECK(trace, { 1, CG2_TRACE_EXITED, 1, CG2_TRACE_NOT_FOLDED, NULL, NULL });
}

/* ---- many ---- */

static void what_has_no_room_is_counted(void **state _unused_)
{
	struct cg2_trace_failure f = { .size = sizeof(f) };
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	const struct trace_setup setup = { .place = place };
	struct cg2_trace *trace;
	size_t n = 0;

	assert_int_equal(trace_new(&setup, &trace), 0);
	for (pid_t pid = 1; pid <= 5000; pid++) {
		struct trace_record end = of(pid, EXITED(1));

		add(trace, of(pid, full_fork()));
		add(trace, end);
	}
	trace_fold_end(trace, 1);
	while (cg2_trace_get_failure(trace, n, &f) > 0)
		n++;
	cg2_trace_get_totals(trace, &totals);
	assert_int_equal(n + totals.lost, 5000);
	assert_true(n >= 1000 && n <= 4999);
	cg2_trace_unref(trace);
}

static void notes_are_told_once(void **state _unused_)
{
	struct trace_record note = { .type = TRACE_NOTED, .note = TRACE_NOTE_SETUID,
				     .call.path = "/usr/bin/sudo" };
	struct cg2_trace *trace = new_trace();

	add(trace, note);
	add(trace, note);
	assert_non_null(strstr(cg2_trace_get_note(trace, 0), "/usr/bin/sudo ran without"));
	assert_null(cg2_trace_get_note(trace, 1));
	END_WITH_NOTHING(trace);
}

static void totals_are_the_tracer_s(void **state _unused_)
{
	struct trace_record finished = { .type = TRACE_FINISHED,
					 .totals = { .n_processes = 41, .n_lost = 3 } };
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	struct cg2_trace *trace = new_trace();

	add(trace, finished);
	trace_fold_end(trace, 2300 * MSEC);
	cg2_trace_get_totals(trace, &totals);
	assert_int_equal(totals.processes, 41);
	assert_int_equal(totals.lost, 3);
	assert_int_equal(totals.wall_usec, 1800 * MSEC);
	cg2_trace_unref(trace);
}

static void words_are_read_as_they_are_written(void **state _unused_)
{
	for (unsigned int i = 0; cg2_trace_kind_to_string(i); i++)
		assert_int_equal(cg2_trace_kind_from_string(cg2_trace_kind_to_string(i)), i);
	assert_int_equal(cg2_trace_kind_from_string("forks"), -EINVAL);
	assert_null(cg2_trace_folding_to_string(CG2_TRACE_NOT_FOLDED));
	assert_null(cg2_trace_then_to_string(99));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_that_is_found_in_a_later_directory_is_no_failure),
		cmocka_unit_test(a_script_that_is_found_is_no_failure),
		cmocka_unit_test(a_program_that_is_nowhere_is_one_failure),
		cmocka_unit_test(a_right_that_is_missing_says_more_than_a_missing_file),
		cmocka_unit_test(a_file_without_its_interpreter_says_more_than_a_missing_one),
		cmocka_unit_test(searches_in_a_row_are_counted),
		cmocka_unit_test(another_program_in_its_place_is_no_retry),
		cmocka_unit_test(a_script_without_a_first_line_is_run_by_a_shell),
		cmocka_unit_test(a_busy_program_is_tried_again),
		cmocka_unit_test(forks_of_a_process_are_counted),
		cmocka_unit_test(forks_under_two_limits_are_two),
		cmocka_unit_test(a_fork_that_works_when_tried_again_is_folded),
		cmocka_unit_test(a_fork_that_works_much_later_is_another),
		cmocka_unit_test(a_fork_for_something_else_is_no_retry),
		cmocka_unit_test(a_fork_in_another_way_is_a_retry),
		cmocka_unit_test(another_thread_s_fork_is_no_retry),
		cmocka_unit_test(clone_in_place_of_clone3_is_a_fallback),
		cmocka_unit_test(the_ways_of_malloc_are_one_attempt),
		cmocka_unit_test(the_same_call_again_is_another_attempt),
		cmocka_unit_test(half_as_much_that_works_is_a_probe),
		cmocka_unit_test(step_by_step_less_is_a_probe),
		cmocka_unit_test(what_is_much_less_is_no_probe),
		cmocka_unit_test(what_is_larger_is_no_second_try),
		cmocka_unit_test(other_pages_take_the_place_of_huge_ones),
		cmocka_unit_test(the_largest_is_reported),
		cmocka_unit_test(a_stack_is_told_from_other_memory),
		cmocka_unit_test(who_looks_on_is_told_after_a_moment),
		cmocka_unit_test(what_has_no_room_is_counted),
		cmocka_unit_test(notes_are_told_once),
		cmocka_unit_test(totals_are_the_tracer_s),
		cmocka_unit_test(words_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
