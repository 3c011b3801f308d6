/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tracer's table of threads.
 */
#include <sys/mman.h>

#include "trace/tracer-internal.h"

#define N_PLACES_FIRST 1024

static size_t place_of(const struct tracer_tasks *tasks, pid_t tid)
{
	/* Numbers that follow each other are near each other, and that is good. */
	return (size_t)tid & (tasks->n_places - 1);
}

/* The task's place, or a free one. */
static size_t look_up(const struct tracer_tasks *tasks, pid_t tid)
{
	size_t at = place_of(tasks, tid);

	while (tasks->places[at].tid != 0 && tasks->places[at].tid != tid)
		at = (at + 1) & (tasks->n_places - 1);
	return at;
}

static bool grow(struct tracer_tasks *tasks)
{
	struct tracer_tasks grown = {
		.n_places = tasks->n_places ? 2 * tasks->n_places : N_PLACES_FIRST,
		.n = tasks->n,
	};
	void *memory = mmap(NULL, grown.n_places * sizeof(*grown.places), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	grown.places = memory;
	for (size_t i = 0; i < tasks->n_places; i++)
		if (tasks->places[i].tid != 0)
			grown.places[look_up(&grown, tasks->places[i].tid)] = tasks->places[i];
	if (tasks->places)
		munmap(tasks->places, tasks->n_places * sizeof(*tasks->places));
	*tasks = grown;
	return true;
}

struct tracer_task *tracer_task_find(const struct tracer_tasks *tasks, pid_t tid)
{
	struct tracer_task *task;

	if (tasks->n_places == 0)
		return NULL;
	task = &tasks->places[look_up(tasks, tid)];
	return task->tid == tid ? task : NULL;
}

struct tracer_task *tracer_task_get(struct tracer_tasks *tasks, pid_t tid)
{
	struct tracer_task *task = tracer_task_find(tasks, tid);

	if (task)
		return task;
	/* Without memory for more it gets fuller, but for one place: the end of a search. */
	if (tasks->n >= tasks->n_places / 2 && !grow(tasks) && tasks->n + 1 >= tasks->n_places)
		return NULL;
	task = &tasks->places[look_up(tasks, tid)];
	*task = (struct tracer_task){ .tid = tid };
	tasks->n++;
	return task;
}

void tracer_task_remove(struct tracer_tasks *tasks, pid_t tid)
{
	struct tracer_task *task = tracer_task_find(tasks, tid);
	const size_t mask = tasks->n_places - 1;
	size_t hole, at;

	if (!task)
		return;
	hole = at = (size_t)(task - tasks->places);
	tasks->n--;
	/* Whoever had to go on because of it comes back. */
	for (;;) {
		size_t home;

		at = (at + 1) & mask;
		if (tasks->places[at].tid == 0)
			break;
		home = place_of(tasks, tasks->places[at].tid);
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			tasks->places[hole] = tasks->places[at];
			hole = at;
		}
	}
	tasks->places[hole].tid = 0;
}
