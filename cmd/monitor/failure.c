/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a unit failed, as explain would say it, for the event that it did.
 */
#include "cmd/monitor/failure.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* So many at once, and then so long for each: others wait for their events. */
#define BURST 10
#define EACH_USEC (USEC_PER_SEC / BURST)

/* Whether it is the manager's turn to be asked, which takes some milliseconds. */
static bool may_ask(struct failure_pace *pace)
{
	uint64_t now = now_usec(), earliest = now - MIN(now, (uint64_t)BURST * EACH_USEC);

	pace->spent_usec = MAX(pace->spent_usec, earliest) + EACH_USEC;
	if (pace->spent_usec <= now)
		return true;
	pace->spent_usec -= EACH_USEC;
	return false;
}

static enum cg2_manager manager_of(struct cg2_event *event, enum cg2_manager wished)
{
	const char *cgroup = cg2_event_get_cgroup(event);

	if (!cgroup || wished != CG2_MANAGER_AUTO)
		return wished;
	return strstr(cgroup, "/user@") ? CG2_MANAGER_USER : CG2_MANAGER_SYSTEM;
}

/* Whether it is about the end that the event tells of: another may have come since. */
static bool is_of_event(struct cg2_explanation *explanation, struct cg2_event *event)
{
	struct cg2_life life = { .size = sizeof(life) };
	int code, status;

	if (cg2_explanation_get_life(explanation, 0, &life) <= 0)
		return false;
	if (cg2_event_get_exit(event, &code, &status) <= 0 || life.exit_code == 0)
		return true;
	return life.exit_code == code && life.exit_status == status;
}

static void take_cause(const struct cg2_cause *cause, struct failure *failure)
{
	failure->cause = cause->id;
	failure->certainty = cause->certainty;
	failure->reason = strdup(cause->reason);
	failure->hint = cause->hint ? strdup(cause->hint) : NULL;
	if (!failure->reason)
		failure->cause = NULL;
}

void failure_explain(struct cg2_ctx *ctx, enum cg2_manager manager, struct cg2_event *event,
		     struct failure_pace *pace, struct failure *failure)
{
	_cleanup_(cg2_explanations_freep) struct cg2_explanation **list = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	const struct cg2_explain_wish wish = { .size = sizeof(wish),
					       .manager = manager_of(event, manager) };
	struct cg2_cause cause = { .size = sizeof(cause) };

	if (cg2_event_get_kind(event) != CG2_EVENT_FAILED || !ctx || !may_ask(pace) ||
	    cg2_explain(ctx, cg2_event_get_target(event), &wish, &list, &err) < 0)
		return;
	for (size_t i = 0; list[i] && !failure->cause; i++)
		if (is_of_event(list[i], event) &&
		    cg2_explanation_get_cause(list[i], 0, 0, &cause) > 0)
			take_cause(&cause, failure);
}

bool failure_says_more(const struct failure *failure)
{
	/* The event itself has these. */
	static const char *const plain[] = { "exit",	"exit-128n",  "signal",	 "unknown",
					     "running", "ended-well", "stopped", "unloaded" };

	if (!failure || !failure->cause)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (strcmp(failure->cause, plain[i]) == 0)
			return false;
	return true;
}

void failure_clear(struct failure *failure)
{
	free(failure->reason);
	free(failure->hint);
	*failure = (struct failure){ .cause = NULL };
}
