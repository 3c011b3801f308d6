/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events: what a watch tells, behind typed getters.
 */
#include "watch/event.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/copyout.h"

static const char *const kind_names[] = {
	[CG2_EVENT_SAMPLE] = "sample",	   [CG2_EVENT_TASKS] = "tasks",
	[CG2_EVENT_MEMORY] = "memory",	   [CG2_EVENT_REFUSED] = "refused",
	[CG2_EVENT_OOM] = "oom",	   [CG2_EVENT_OOMD] = "oomd",
	[CG2_EVENT_PRESSURE] = "pressure", [CG2_EVENT_FAILED] = "failed",
	[CG2_EVENT_FROZEN] = "frozen",	   [CG2_EVENT_EMPTY] = "empty",
	[CG2_EVENT_GONE] = "gone",	   [CG2_EVENT_FORK] = "fork",
	[CG2_EVENT_EXEC] = "exec",	   [CG2_EVENT_EXIT] = "exit",
};

static_assert(ARRAY_SIZE(kind_names) == CG2_EVENT_EXIT + 1, "a name each");
static_assert(N_USES <= 64, "a bit each of uses_known");

CG2_EXPORT const char *cg2_event_kind_to_string(unsigned int kind)
{
	return kind < ARRAY_SIZE(kind_names) ? kind_names[kind] : NULL;
}

CG2_EXPORT int cg2_event_kind_from_string(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind_names); i++)
		if (strcmp(kind_names[i], text) == 0)
			return (int)i;
	return -EINVAL;
}

struct cg2_event *event_new(enum cg2_event_kind kind, const char *target, const char *cgroup)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = calloc(1, sizeof(*event));

	if (!event)
		return NULL;
	event->n_ref = 1;
	event->kind = kind;
	event->time_usec = now_real_usec();
	event->target = strdup(target);
	if (cgroup)
		event->cgroup = strdup(cgroup);
	return event->target && (event->cgroup || !cgroup) ? take_ptr(&event) : NULL;
}

CG2_EXPORT struct cg2_event *cg2_event_ref(struct cg2_event *event)
{
	if (event)
		event->n_ref++;
	return event;
}

CG2_EXPORT struct cg2_event *cg2_event_unref(struct cg2_event *event)
{
	if (!event || --event->n_ref > 0)
		return NULL;
	free(event->target);
	free(event->cgroup);
	free(event->blame_cgroup);
	cg2_process_unref(event->process);
	free(event->result);
	for (size_t i = 0; event->lines && event->lines[i]; i++)
		free(event->lines[i]);
	free(event->lines);
	free(event);
	return NULL;
}

void event_set_value(struct cg2_event *event, uint64_t value)
{
	event->has_value = true;
	event->value = value;
}

int event_set_blame(struct cg2_event *event, const char *cgroup, const char *file,
		    uint64_t limit, bool is_own, bool is_certain)
{
	if (cgroup) {
		event->blame_cgroup = strdup(cgroup);
		if (!event->blame_cgroup)
			return -ENOMEM;
	}
	assert(file && !event->has_blame);
	event->has_blame = event->has_limit = true;
	event->limit = limit;
	event->blame = (struct cg2_blame){
		.size = sizeof(event->blame),
		.cgroup = event->blame_cgroup,
		.file = file,
		.limit = limit,
		.is_own = is_own,
		.is_certain = is_certain,
	};
	return 0;
}

/* ---- getters ---- */

CG2_EXPORT enum cg2_event_kind cg2_event_get_kind(struct cg2_event *event)
{
	return event->kind;
}

CG2_EXPORT uint64_t cg2_event_get_time_usec(struct cg2_event *event)
{
	return event->time_usec;
}

CG2_EXPORT const char *cg2_event_get_target(struct cg2_event *event)
{
	return event->target;
}

CG2_EXPORT const char *cg2_event_get_cgroup(struct cg2_event *event)
{
	return event->cgroup;
}

CG2_EXPORT int cg2_event_get_value(struct cg2_event *event, uint64_t *ret_value)
{
	if (event->has_value)
		*ret_value = event->value;
	return event->has_value;
}

CG2_EXPORT int cg2_event_get_limit(struct cg2_event *event, uint64_t *ret_limit)
{
	if (event->has_limit)
		*ret_limit = event->limit;
	return event->has_limit;
}

CG2_EXPORT int cg2_event_get_threshold(struct cg2_event *event, struct cg2_threshold *threshold)
{
	return event->has_threshold ? copy_out(threshold, &threshold->size, &event->threshold,
					       sizeof(event->threshold))
				    : 0;
}

CG2_EXPORT int cg2_event_get_blame(struct cg2_event *event, struct cg2_blame *blame)
{
	return event->has_blame
		       ? copy_out(blame, &blame->size, &event->blame, sizeof(event->blame))
		       : 0;
}

CG2_EXPORT const char *cg2_event_get_result(struct cg2_event *event)
{
	return event->result;
}

CG2_EXPORT int cg2_event_get_exit(struct cg2_event *event, int *ret_code, int *ret_status)
{
	if (event->exit_code == 0)
		return 0;
	*ret_code = event->exit_code;
	*ret_status = event->exit_status;
	return 1;
}

CG2_EXPORT const char *cg2_event_get_line(struct cg2_event *event, size_t i)
{
	size_t n = 0;

	while (event->lines && event->lines[n] && n < i)
		n++;
	return event->lines ? event->lines[n] : NULL;
}

CG2_EXPORT struct cg2_process *cg2_event_get_process(struct cg2_event *event)
{
	return event->process;
}

CG2_EXPORT int cg2_event_get_use(struct cg2_event *event, enum cg2_use use,
				 uint64_t *ret_value)
{
	if ((size_t)use >= N_USES || !(event->uses_known & UINT64_C(1) << use))
		return 0;
	*ret_value = event->uses[use];
	return 1;
}
