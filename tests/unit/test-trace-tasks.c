/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tracer's table of threads, also where it gets no memory: whoever it could not follow would be
 * killed, and all others with it.
 */
#include "tests/unit/unit.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include "trace/tracer-internal.h"

/* As far as mmap(2) goes: nothing else is asked for meanwhile. */
static void allow_memory(bool is_allowed)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
	limit.rlim_cur = is_allowed ? limit.rlim_max : 1;
	assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

static void end(struct tracer_tasks *tasks)
{
	munmap(tasks->places, tasks->n_places * sizeof(*tasks->places));
}

static void assert_all_are_found(const struct tracer_tasks *tasks, pid_t n)
{
	for (pid_t tid = 1; tid <= n; tid++) {
		const struct tracer_task *task = tracer_task_find(tasks, tid);

		assert_non_null(task);
		assert_int_equal(task->tid, tid);
	}
	assert_null(tracer_task_find(tasks, n + 1));
}

static void it_grows(void **state _unused_)
{
	struct tracer_tasks tasks = { .n = 0 };

	for (pid_t tid = 1; tid <= 5000; tid++)
		assert_non_null(tracer_task_get(&tasks, tid));
	assert_all_are_found(&tasks, 5000);
	end(&tasks);
}

static void without_memory_there_is_none(void **state _unused_)
{
	struct tracer_tasks tasks = { .n = 0 };

	allow_memory(false);
	assert_null(tracer_task_get(&tasks, 1));
	allow_memory(true);
	assert_non_null(tracer_task_get(&tasks, 1));
	end(&tasks);
}

static void one_that_cannot_grow_is_filled(void **state _unused_)
{
	struct tracer_tasks tasks = { .n = 0 };
	pid_t n;

	assert_non_null(tracer_task_get(&tasks, 1));
	allow_memory(false);
	n = (pid_t)tasks.n_places - 1;
	for (pid_t tid = 2; tid <= n; tid++)
		assert_non_null(tracer_task_get(&tasks, tid));
	assert_all_are_found(&tasks, n);
	assert_null(tracer_task_get(&tasks, n + 1));
	allow_memory(true);
	assert_non_null(tracer_task_get(&tasks, n + 1));
	assert_all_are_found(&tasks, n + 1);
	end(&tasks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows),
		cmocka_unit_test(without_memory_there_is_none),
		cmocka_unit_test(one_that_cannot_grow_is_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
