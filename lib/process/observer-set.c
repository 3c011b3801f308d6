/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The set of processes that are observed, by PID.
 */
#include "process/observer.h"

#include <assert.h>

static struct cg2_process **bucket(struct cg2_processes *processes, pid_t pid)
{
	return &processes->buckets[(unsigned int)pid % OBSERVER_BUCKETS];
}

struct cg2_process *observer_find(struct cg2_processes *processes, pid_t pid)
{
	struct cg2_process *process = *bucket(processes, pid);

	while (process && process->pid != pid)
		process = process->next;
	return process;
}

struct cg2_process *observer_add(struct cg2_processes *processes, pid_t pid, pid_t ppid,
				  struct cg2_group *group)
{
	struct cg2_process *process = process_new(pid, ppid, group);

	if (!process) {
		processes->n_unjoined++;
		return NULL;
	}
	process->next = *bucket(processes, pid);
	*bucket(processes, pid) = process;
	return process;
}

void observer_take_out(struct cg2_processes *processes, struct cg2_process *process)
{
	struct cg2_process **link = bucket(processes, process->pid);

	while (*link && *link != process)
		link = &(*link)->next;
	assert(*link);
	*link = process->next;
	process->next = NULL;
}

void observer_for_each(struct cg2_processes *processes, process_fn fn, void *userdata)
{
	for (size_t i = 0; i < OBSERVER_BUCKETS; i++)
		for (struct cg2_process *process = processes->buckets[i]; process;
		     process = process->next)
			fn(process, userdata);
}

struct cg2_process *observer_find_missing(struct cg2_processes *processes)
{
	for (size_t i = 0; i < OBSERVER_BUCKETS; i++)
		for (struct cg2_process *process = processes->buckets[i]; process;
		     process = process->next)
			if (process->is_missing)
				return process;
	return NULL;
}

void observer_clear(struct cg2_processes *processes)
{
	for (size_t i = 0; i < OBSERVER_BUCKETS; i++)
		while (processes->buckets[i]) {
			struct cg2_process *process = processes->buckets[i];

			processes->buckets[i] = process->next;
			process->next = NULL;
			cg2_process_unref(process);
		}
}
