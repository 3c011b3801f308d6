/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Observing processes: the events of the whole machine, joined to the groups that are asked for.
 *
 * A child is in its parent's cgroup, so forks tell who belongs to a group once the processes in it
 * are known; that the child is still there when its fork is heard of is looked at as well, since no
 * event tells of a move. What the kernel tells on two sockets is put together here: when the end of
 * a process is read from the one, the records of its threads are in the queue of the other. A
 * record may be read before the fork of its process, and then waits until all the events that are
 * older were handled.
 */
#include "process/observer.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "value/error.h"

#define BATCHES_MAX 64

/* ------------------------------------------------------------------------------------------
 * Ends
 */

/* Ends it for the set, which keeps it until the next dispatch. */
static int tell_end(struct cg2_processes *processes, struct cg2_process *process)
{
	observer_take_out(processes, process);
	process->has_ended = true;
	if (!process->is_dead)
		processes->n_lost++;
	cg2_process_unref(processes->told);
	processes->told = process;
	return 1;
}

static int tell(struct cg2_processes *processes, struct cg2_process *process)
{
	cg2_process_unref(processes->told);
	processes->told = cg2_process_ref(process);
	return 1;
}

/* Forgets it: it is in another group now, and what it does there is not the observed one's. */
static void forget(struct cg2_processes *processes, struct cg2_process *process)
{
	observer_take_out(processes, process);
	cg2_process_unref(process);
	processes->n_unjoined++;
}

/* Only tasks that were forked with it have their delays counted. */
static bool has_delayacct(struct cg2_processes *processes)
{
	uint64_t value = 0;

	if (processes->delayacct < 0)
		processes->delayacct = ctx_read_value(processes->ctx,
						      "/proc/sys/kernel/task_delayacct",
						      &value) == 0 &&
				       value == 1;
	return processes->delayacct > 0;
}

/* ------------------------------------------------------------------------------------------
 * Events
 */

static int handle_fork(struct cg2_processes *processes, const struct connector_event *event)
{
	struct cg2_process *parent = observer_find(processes, event->parent), *child;
	struct cg2_group *group;
	int r;

	if (event->pid != event->tgid) {
		child = observer_find(processes, event->tgid);
		if (child)
			child->is_threaded = true;
		return 0;
	}
	if (!parent)
		return 0;
	child = observer_find(processes, event->pid);
	if (child) {
		/* A scan was faster. */
		child->ppid = event->parent;
		return 0;
	}
	r = observer_locate(processes, event->pid, &group);
	if (r == 0)
		return 0;
	child = observer_add(processes, event->pid, event->parent,
			      r > 0 ? group : parent->group);
	if (!child)
		return 0;
	memcpy(child->command, parent->command, sizeof(child->command));
	child->has_delayacct = has_delayacct(processes);
	return tell(processes, child);
}

/* The name in a record, where the process is too short-lived to be asked. */
static void find_command(struct cg2_processes *processes, struct cg2_process *process)
{
	for (size_t i = 0; i < processes->n_records; i++) {
		const struct taskstats_record *record = &processes->records[i].record;

		if (record->pid == process->pid)
			memcpy(process->command, record->command, sizeof(process->command));
	}
	observer_read_command(processes, process);
}

/* Somebody who was not forked in a group executes something: he may have been put into one. */
static struct cg2_process *meet_stranger(struct cg2_processes *processes, pid_t pid)
{
	struct cg2_process *process;
	struct cg2_group *group;
	int r;

	if (processes->n_open == 0)
		return NULL;
	r = observer_locate(processes, pid, &group);
	if (r == -ESRCH)
		processes->n_unjoined++;
	if (r <= 0)
		return NULL;
	process = observer_add(processes, pid, 0, group);
	if (process)
		observer_read_status(processes, process);
	return process;
}

/* It executes something, so it is where it belongs: in the root, too. */
static bool is_elsewhere(struct cg2_processes *processes, pid_t pid)
{
	struct cg2_group *group;
	int r = observer_locate(processes, pid, &group);

	return r == 0 || r == -EAGAIN;
}

static int handle_exec(struct cg2_processes *processes, const struct connector_event *event)
{
	struct cg2_process *process = observer_find(processes, event->tgid);

	if (!process) {
		process = meet_stranger(processes, event->tgid);
	} else if (is_elsewhere(processes, event->tgid)) {
		forget(processes, process);
		return 0;
	}
	if (!process)
		return 0;
	/* The other threads are gone. */
	process->is_threaded = false;
	find_command(processes, process);
	return tell(processes, process);
}

/* Merges the process's records, which are not needed any more then. */
static void take_records(struct cg2_processes *processes, struct cg2_process *process)
{
	size_t n = 0;

	for (size_t i = 0; i < processes->n_records; i++) {
		if (processes->records[i].record.tgid == process->pid)
			process_merge(process, &processes->records[i].record);
		else
			processes->records[n++] = processes->records[i];
	}
	processes->n_records = n;
}

/*
 * The first thread's end is that of the process if there were no others, also where the record was
 * lost.
 */
static int handle_exit(struct cg2_processes *processes, const struct connector_event *event)
{
	struct cg2_process *process = observer_find(processes, event->tgid);

	if (!process)
		return 0;
	take_records(processes, process);
	if (event->pid == event->tgid) {
		process->leader_code = event->exit_code;
		process->has_leader_code = true;
	}
	if (process->is_dead || (event->pid == event->tgid && !process->is_threaded))
		return tell_end(processes, process);
	return 0;
}

static int handle(struct cg2_processes *processes, const struct connector_event *event,
		  enum cg2_process_change *ret_change)
{
	switch (event->kind) {
	case CONNECTOR_FORK:
		*ret_change = CG2_PROCESS_FORK;
		return handle_fork(processes, event);
	case CONNECTOR_EXEC:
		*ret_change = CG2_PROCESS_EXEC;
		return handle_exec(processes, event);
	case CONNECTOR_EXIT:
		*ret_change = CG2_PROCESS_EXIT;
		return handle_exit(processes, event);
	case CONNECTOR_OTHER:
		break;
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------
 * Receiving
 */

static int grow_records(struct cg2_processes *processes)
{
	size_t n = MAX(processes->n_records_max * 2, (size_t)64);
	struct observer_record *grown =
		reallocarray(processes->records, n, sizeof(*processes->records));

	if (!grown)
		return -ENOMEM;
	processes->records = grown;
	processes->n_records_max = n;
	return 0;
}

static int receive_records(struct cg2_processes *processes)
{
	int r;

	for (;;) {
		struct observer_record *record;

		if (processes->n_records == processes->n_records_max &&
		    grow_records(processes) < 0)
			return -ENOMEM;
		record = &processes->records[processes->n_records];
		record->is_old = false;
		r = taskstats_receive(&processes->taskstats, &record->record);
		if (r == -ENOBUFS)
			processes->is_lossy = true;
		else if (r <= 0)
			return r;
		else
			processes->n_records++;
	}
}

/* In this order: the records of all ends among the events are there then. */
static int receive(struct cg2_processes *processes)
{
	uint64_t n_lost = processes->source.n_lost;
	int r = 1;

	processes->n_events = processes->i_event = 0;
	processes->is_settled = false;
	processes->delayacct = -1;
	while (processes->n_events < OBSERVER_EVENTS && r != 0) {
		r = connector_receive(&processes->source,
				       &processes->events[processes->n_events]);
		if (r == -ENOBUFS)
			processes->is_lossy = true;
		else if (r < 0)
			return r;
		else
			processes->n_events += (size_t)r;
	}
	processes->is_lossy |= processes->source.n_lost != n_lost;
	processes->is_drained = r == 0;
	return receive_records(processes);
}

/*
 * Once for what was received together, when its events were handled. Records whose process is known
 * are merged. Of others the fork can still come, until all events that are older were read.
 */
static void settle_records(struct cg2_processes *processes)
{
	size_t n = 0;

	if (processes->is_settled)
		return;
	for (size_t i = 0; i < processes->n_records; i++) {
		struct observer_record *record = &processes->records[i];
		struct cg2_process *process = observer_find(processes, record->record.tgid);

		if (process) {
			process_merge(process, &record->record);
			continue;
		}
		if (record->is_old && processes->is_drained)
			continue;
		record->is_old = true;
		processes->records[n++] = *record;
	}
	processes->n_records = n;
	processes->is_settled = true;
}

/*
 * After a loss the groups are scanned. Whoever is not found there and has no event in the queues
 * either has ended unheard, or is somewhere else.
 */
static int recover(struct cg2_processes *processes, enum cg2_process_change *ret_change)
{
	struct cg2_process *process;
	struct cg2_group *group;
	int r;

	while (processes->has_missing) {
		process = observer_find_missing(processes);
		r = process ? observer_locate(processes, process->pid, &group) : 0;
		if (!process) {
			processes->has_missing = false;
		} else if (r == -EAGAIN) {
			process->is_missing = false;
		} else if (r == 0) {
			forget(processes, process);
		} else {
			*ret_change = CG2_PROCESS_EXIT;
			return tell_end(processes, process);
		}
	}
	if (!processes->is_lossy)
		return 0;
	processes->is_lossy = false;
	observer_scan_again(processes);
	return -EAGAIN;
}

/* 1: an event is told, 0: there is none now. */
static int step(struct cg2_processes *processes, enum cg2_process_change *ret_change)
{
	int r;

	/* In a storm the caller has other things to do as well. */
	for (int i = 0; i < BATCHES_MAX; i++) {
		while (processes->i_event < processes->n_events) {
			r = handle(processes, &processes->events[processes->i_event++],
				   ret_change);
			if (r != 0)
				return r;
		}
		settle_records(processes);
		r = receive(processes);
		if (r < 0)
			return r;
		if (processes->n_events > 0)
			continue;
		settle_records(processes);
		r = recover(processes, ret_change);
		if (r != -EAGAIN)
			return r;
	}
	return 0;
}

CG2_EXPORT int cg2_processes_dispatch(struct cg2_processes *processes,
				      enum cg2_process_change *ret_change,
				      struct cg2_process **ret_process, struct cg2_error *err)
{
	enum cg2_process_change change = CG2_PROCESS_FORK;
	int r;

	r = step(processes, &change);
	if (r < 0)
		return error_set(err, CG2_OP_OBSERVE, r, "process events", NULL);
	if (r == 0)
		return 0;
	*ret_change = change;
	*ret_process = processes->told;
	return 1;
}

/* ------------------------------------------------------------------------------------------
 * The object
 */

static int add_fd(struct cg2_processes *processes, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(processes->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_sources(struct cg2_processes *processes, struct cg2_error *reterr)
{
	int r;

	/* First what needs the right to it on all kernels. */
	r = taskstats_open(processes->ctx, &processes->taskstats, reterr);
	if (r == 0)
		r = connector_open(&processes->source, reterr);
	if (r < 0)
		return r;
	processes->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (processes->epoll_fd < 0)
		return error_set(reterr, CG2_OP_OBSERVE, errno, NULL, NULL);
	r = add_fd(processes, connector_get_fd(&processes->source));
	if (r == 0)
		r = add_fd(processes, taskstats_get_fd(&processes->taskstats));
	return r < 0 ? error_set(reterr, CG2_OP_OBSERVE, r, NULL, NULL) : 0;
}

CG2_EXPORT int cg2_processes_new(struct cg2_ctx *ctx, struct cg2_processes **ret_processes,
				 struct cg2_error *err)
{
	_cleanup_(cg2_processes_unrefp) struct cg2_processes *processes =
		calloc(1, sizeof(*processes));
	int r;

	if (!processes)
		return error_set(err, CG2_OP_OBSERVE, ENOMEM, NULL, NULL);
	processes->n_ref = 1;
	processes->epoll_fd = -1;
	processes->ctx = cg2_ctx_ref(ctx);
	r = open_sources(processes, err);
	if (r < 0)
		return r;
	*ret_processes = take_ptr(&processes);
	return 0;
}

CG2_EXPORT struct cg2_processes *cg2_processes_ref(struct cg2_processes *processes)
{
	if (processes)
		processes->n_ref++;
	return processes;
}

CG2_EXPORT struct cg2_processes *cg2_processes_unref(struct cg2_processes *processes)
{
	assert(!processes || processes->n_ref > 0);
	if (!processes || --processes->n_ref > 0)
		return NULL;
	connector_close(&processes->source);
	taskstats_close(&processes->taskstats);
	close_fd(processes->epoll_fd);
	observer_clear(processes);
	cg2_process_unref(processes->told);
	for (size_t i = 0; i < processes->n_groups; i++)
		cg2_group_unref(processes->groups[i].group);
	free(processes->groups);
	free(processes->records);
	cg2_ctx_unref(processes->ctx);
	free(processes);
	return NULL;
}

static int add_group(struct cg2_processes *processes, struct cg2_group *group, bool is_open)
{
	struct observer_group *grown = reallocarray(processes->groups, processes->n_groups + 1,
						     sizeof(*processes->groups));

	if (!grown)
		return -ENOMEM;
	processes->groups = grown;
	processes->groups[processes->n_groups++] =
		(struct observer_group){ cg2_group_ref(group), is_open };
	processes->n_open += is_open;
	return 0;
}

CG2_EXPORT int cg2_processes_add_group(struct cg2_processes *processes, struct cg2_group *group,
				       struct cg2_error *err)
{
	int r = add_group(processes, group, true);

	if (r < 0)
		return error_set(err, CG2_OP_OBSERVE, r, NULL, NULL);
	observer_scan(processes, group);
	return 0;
}

CG2_EXPORT void cg2_processes_remove_group(struct cg2_processes *processes,
					   struct cg2_group *group)
{
	for (size_t i = 0; i < processes->n_groups; i++) {
		if (processes->groups[i].group != group)
			continue;
		processes->n_open -= processes->groups[i].is_open;
		processes->groups[i] = processes->groups[--processes->n_groups];
		cg2_group_unref(group);
		return;
	}
}

int observer_add_root(struct cg2_processes *processes, struct cg2_group *group, pid_t pid,
		       struct cg2_process **ret_process)
{
	struct cg2_process *process = NULL;

	if (add_group(processes, group, false) == 0)
		process = observer_add(processes, pid, 0, group);
	if (!process)
		return -ENOMEM;
	processes->delayacct = -1;
	process->has_delayacct = has_delayacct(processes);
	*ret_process = process;
	return 0;
}

CG2_EXPORT int cg2_processes_get_fd(struct cg2_processes *processes)
{
	return processes->epoll_fd;
}

CG2_EXPORT uint64_t cg2_processes_get_lost(struct cg2_processes *processes)
{
	return processes->n_lost + processes->source.n_lost + processes->source.is_lossy;
}

CG2_EXPORT uint64_t cg2_processes_get_unjoined(struct cg2_processes *processes)
{
	return processes->n_unjoined;
}
