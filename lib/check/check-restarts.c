/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why the target's service was started again. That is not in its cgroup, which is a new one each
 * time, but in the journal.
 */
#include "check/check-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "systemd/unit-name.h"

/* The service that the target is in; those further up run what has units of its own. */
static size_t find_service(const struct cg2_check *check)
{
	for (size_t i = 0; i < check->n_levels; i++)
		if (check->levels[i].unit)
			return unit_name_is_of(check->levels[i].unit, ".service") ? i : SIZE_MAX;
	return SIZE_MAX;
}

static bool is_failure(const char *verdict)
{
	static const char *const others[] = { "ok", "stopped", "skipped", "running", "unknown" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcmp(verdict, others[i]) == 0)
			return false;
	return true;
}

static int take_cause(struct check_restarts *restarts, struct cg2_explanation *explanation)
{
	struct cg2_life life = { .size = sizeof(life) };
	struct cg2_cause cause = { .size = sizeof(cause) };
	uint64_t now = now_real_usec();

	if (cg2_explanation_get_life(explanation, 0, &life) <= 0 || !is_failure(life.verdict) ||
	    cg2_explanation_get_cause(explanation, 0, 0, &cause) <= 0)
		return 0;
	restarts->certainty = cause.certainty;
	restarts->ago_usec = now - MIN(now, life.ended_usec);
	restarts->reason = strdup(cause.reason);
	restarts->hint = cause.hint ? strdup(cause.hint) : NULL;
	return restarts->reason && (restarts->hint || !cause.hint) ? 0 : -ENOMEM;
}

int check_read_restarts(struct cg2_check *check, struct cg2_ctx *ctx)
{
	_cleanup_(cg2_explanations_freep) struct cg2_explanation **list = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_explain_wish wish = { .size = sizeof(wish) };
	size_t i = find_service(check);
	int r;

	if (i == SIZE_MAX || check->levels[i].n_restarts == 0)
		return 0;
	check->restarts.n = check->levels[i].n_restarts;
	check->restarts.level = i;
	wish.manager = check->levels[i].manager;
	r = cg2_explain(ctx, check->levels[i].unit, &wish, &list, &err);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return list[0] ? take_cause(&check->restarts, list[0]) : 0;
}
