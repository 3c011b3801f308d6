/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An observed process: the object, its getters, and what its threads' records come to.
 */
#include "process/process.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "cgroup/group.h"

struct cg2_process *process_new(pid_t pid, pid_t ppid, struct cg2_group *group)
{
	struct cg2_process *process = calloc(1, sizeof(*process));

	if (!process)
		return NULL;
	process->n_ref = 1;
	process->pid = pid;
	process->ppid = ppid;
	process->group = cg2_group_ref(group);
	return process;
}

struct cg2_process *process_copy(const struct cg2_process *process)
{
	struct cg2_process *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *process;
	copy->n_ref = 1;
	copy->next = NULL;
	cg2_group_ref(copy->group);
	return copy;
}

CG2_EXPORT struct cg2_process *cg2_process_ref(struct cg2_process *process)
{
	if (process)
		process->n_ref++;
	return process;
}

CG2_EXPORT struct cg2_process *cg2_process_unref(struct cg2_process *process)
{
	assert(!process || process->n_ref > 0);
	if (!process || --process->n_ref > 0)
		return NULL;
	cg2_group_unref(process->group);
	free(process);
	return NULL;
}

static void set_figure(struct cg2_process *process, enum cg2_process_figure figure,
		       uint64_t value)
{
	process->figures[figure] = value;
	process->known |= UINT64_C(1) << figure;
}

static void set_delays(struct cg2_process *process, const struct taskstats_record *record)
{
	static const enum cg2_process_figure figures[] = {
		[TASKSTATS_CPU] = CG2_PROCESS_CPU_DELAY_USEC,
		[TASKSTATS_IO] = CG2_PROCESS_IO_DELAY_USEC,
		[TASKSTATS_RECLAIM] = CG2_PROCESS_RECLAIM_DELAY_USEC,
		[TASKSTATS_SWAP] = CG2_PROCESS_SWAP_DELAY_USEC,
		[TASKSTATS_THRASHING] = CG2_PROCESS_THRASHING_DELAY_USEC,
	};

	for (size_t i = 0; i < N_TASKSTATS_DELAYS; i++)
		if (i == TASKSTATS_CPU || process->has_delayacct || record->has_delays)
			set_figure(process, figures[i], record->delay_usec[i]);
}

void process_merge(struct cg2_process *process, const struct taskstats_record *record)
{
	uint64_t peak = process->figures[CG2_PROCESS_PEAK_RSS_BYTES];

	/* Without memory of its own it is a kernel thread, or has given it up already. */
	if (record->peak_rss_bytes > 0)
		set_figure(process, CG2_PROCESS_PEAK_RSS_BYTES,
			   MAX(peak, record->peak_rss_bytes));
	if (record->pid == process->pid) {
		process->leader_code = record->exit_code;
		process->has_leader_code = true;
		memcpy(process->command, record->command, sizeof(process->command));
	}
	if (!record->is_last || (process->is_threaded && !record->is_sum))
		return;
	process->is_dead = true;
	process->last_code = record->exit_code;
	set_figure(process, CG2_PROCESS_CPU_USEC, record->cpu_usec);
	set_delays(process, record);
}

CG2_EXPORT pid_t cg2_process_get_pid(struct cg2_process *process)
{
	return process->pid;
}

CG2_EXPORT pid_t cg2_process_get_ppid(struct cg2_process *process)
{
	return process->ppid;
}

CG2_EXPORT const char *cg2_process_get_command(struct cg2_process *process)
{
	return *process->command ? process->command : NULL;
}

CG2_EXPORT struct cg2_group *cg2_process_get_group(struct cg2_process *process)
{
	return process->group;
}

/*
 * exit_group(2) and a signal give every thread the same code, but for those that had ended before.
 * So does the C library when the last thread ends by itself, with 0: then the first thread's is
 * the process's.
 */
CG2_EXPORT int cg2_process_get_exit(struct cg2_process *process, int *ret_code, int *ret_status)
{
	uint32_t wait_status = process->leader_code;

	if (!process->has_ended || (!process->has_leader_code && !process->is_dead))
		return 0;
	if (process->is_dead && process->last_code != 0)
		wait_status = process->last_code;
	if (WIFEXITED(wait_status)) {
		*ret_code = CLD_EXITED;
		*ret_status = WEXITSTATUS(wait_status);
	} else {
		*ret_code = WCOREDUMP(wait_status) ? CLD_DUMPED : CLD_KILLED;
		*ret_status = WTERMSIG(wait_status);
	}
	return 1;
}

CG2_EXPORT int cg2_process_get_figure(struct cg2_process *process,
				      enum cg2_process_figure figure, uint64_t *ret_value)
{
	if ((unsigned int)figure >= N_PROCESS_FIGURES)
		return -EINVAL;
	if (!(process->known & UINT64_C(1) << figure))
		return 0;
	*ret_value = process->figures[figure];
	return 1;
}
