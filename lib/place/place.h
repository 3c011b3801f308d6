/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a run's cgroup is made: below the caller's own, if that is delegated or nobody's, or by
 * a systemd manager.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* What speaks for a manager, whatever the caller's cgroup is; NULL: nothing. */
struct place_wish {
	enum cg2_backend backend;
	const char *needs_manager; /* "a slice is given" */
	uint64_t end_usec;         /* until when a manager that is asked may answer */
};

struct place {
	enum cg2_backend backend; /* never AUTO */
	struct cg2_group *home;   /* the caller's own; NULL: it was not looked at, or not seen */
	struct cg2_group *base;   /* of NESTED and CGROUPFS: what it is made in */
	unsigned int n_above;     /* how many levels above base are delegated with it */
	bool is_given_back;       /* by the last run: others enter base later, as docker exec does
				   * or a manager with the next process of a service */
	bool is_service;          /* base is the cgroup of one */
	char *reason;
};

/* place_clear() ends what comes back. */
int place_decide(struct cg2_ctx *ctx, const struct place_wish *wish, struct place *ret_place,
		 struct cg2_error *reterr) _must_check_;
void place_clear(struct place *place);

/*
 * Whether a run that a manager places would leave a job: a cgroup that somebody else than systemd
 * made in a unit that is delegated to him, as slurmstepd makes job_7/step_0/user/task_0. -EPERM if
 * so: the job's limits, and its end, are meant for all that the job starts.
 */
int place_check_job(const struct place *place, struct cg2_error *reterr) _must_check_;

/*
 * Inside of a scope that is there, whoever is in it: below the cgroup of its command. -EPERM: it
 * is not delegated. end_usec: as in a wish.
 */
int place_inside(struct cg2_scope *scope, uint64_t end_usec, struct place *ret_place,
		 struct cg2_error *reterr) _must_check_;

/*
 * What a cgroup that is there was made in. 1; 0: systemd is in charge of the cgroups above it, or
 * there are none.
 */
int place_around(struct cg2_group *group, struct place *ret_place,
		 struct cg2_error *reterr) _must_check_;

/* Whether a systemd runs this machine or container. */
bool place_has_systemd(struct cg2_ctx *ctx);
