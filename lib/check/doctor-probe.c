/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Testing by doing: a scope with a limit is made, the limit read back, and the scope
 * removed before any command would have run. What a scope's cgroup has is looked at on
 * the way.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "check/check-internal.h"
#include "check/doctor-internal.h"
#include "limit/limit.h"

#define PREFIX "cgscope-doctor"

/*
 * Without a question these are tried. Not cpuset: enabling it makes kernels before 6.2
 * forget the CPU affinity of everything beside the scope.
 */
static const struct {
	enum cg2_limit limit;
	const char *value;
	bool is_needed; /* without it the machine can't do what most ask for */
} probes[] = {
	{ CG2_LIMIT_MEMORY_MAX, "64M", true }, { CG2_LIMIT_TASKS_MAX, "64", true },
	{ CG2_LIMIT_CPU_MAX, "50%", true },    { CG2_LIMIT_CPU_WEIGHT, "50", true },
	{ CG2_LIMIT_IO_WEIGHT, "50", false },
};

/* Makes a scope with the limits; what it has can be looked at until it is given back. */
static int make_scope(struct cg2_doctor *doctor, struct cg2_limits *limits,
		      struct cg2_run **ret_run, struct cg2_error *reterr)
{
	static const char *const argv[] = { "true", NULL };
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	int r;

	r = cg2_run_new(doctor->ctx, limits, &run);
	if (r < 0)
		return r;
	cg2_run_set_manager(run, doctor->manager);
	r = cg2_run_set_command(run, "/bin/true", argv, NULL);
	if (r == 0)
		r = cg2_run_set_prefix(run, PREFIX, reterr);
	if (r == 0)
		r = cg2_run_prepare(run, reterr);
	if (r < 0)
		return r;
	*ret_run = take_ptr(&run);
	return 0;
}

/* What was said of the controller before is not said again. */
static char *failure_fix(const struct cg2_doctor *doctor, const struct cg2_limit_info *info,
			 const struct cg2_error *err)
{
	if (err->code == EOPNOTSUPP && info->controller &&
	    doctor->missing & controller_bit(info->controller))
		return strdup("see above");
	return err->hint ? strdup(err->hint) : NULL;
}

/* One limit: PASS if it was in force, else the failure, which is worth what it is needed. */
static int probe_limit(struct cg2_doctor *doctor, struct cg2_limits *limits, enum cg2_limit limit,
		       enum cg2_health failure)
{
	const struct cg2_limit_info *info = &limit_row(limit)->info;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	_cleanup_free_ char *text = NULL, *value = NULL;
	int r;

	if (cg2_limits_to_string(limits, limit, &value) < 0)
		return -ENOMEM;
	r = make_scope(doctor, limits, &run, &err);
	if (r == 0)
		return doctor_add(
			doctor, CG2_HEALTH_PASS,
			text_format("%s %s: set on a test scope and read back", info->file, value),
			NULL);
	if (err.code == 0)
		return r;
	if (cg2_error_format(&err, &text) < 0)
		return -ENOMEM;
	return doctor_add(doctor, failure, text_format("%s %s: %s", info->file, value, text),
			  failure_fix(doctor, info, &err));
}

static int probe_value(struct cg2_doctor *doctor, enum cg2_limit limit, const char *value,
		       enum cg2_health failure)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	int r;

	r = cg2_limits_new(doctor->ctx, &limits);
	if (r == 0)
		r = cg2_limits_parse(limits, limit, value, NULL);
	return r < 0 ? r : probe_limit(doctor, limits, limit, failure);
}

/* The limits that are asked about, each in a scope of its own. */
static int probe_asked(struct cg2_doctor *doctor)
{
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		_cleanup_(cg2_limits_unrefp) struct cg2_limits *one = NULL;
		int r;

		if (!limits_has(doctor->limits, (enum cg2_limit)i) || !limit_row(i)->info.file)
			continue;
		r = limits_dup(doctor->limits, &one);
		if (r < 0)
			return r;
		one->set &= UINT64_C(1) << i;
		r = probe_limit(doctor, one, (enum cg2_limit)i, CG2_HEALTH_FAIL);
		if (r < 0)
			return r;
	}
	return 0;
}

int doctor_test_limits(struct cg2_doctor *doctor)
{
	int r = 0;

	if (!doctor->is_manager_there)
		return 0;
	if (doctor->limits && doctor->limits->set)
		return probe_asked(doctor);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(probes); i++)
		r = probe_value(doctor, probes[i].limit, probes[i].value,
				probes[i].is_needed ? CG2_HEALTH_FAIL : CG2_HEALTH_WARN);
	return r;
}

/* ---- what newer kernels have ---- */

static const struct {
	const char *file;
	const char *there;
	const char *missing;
	const char *since;
} features[] = {
	{ "memory.peak", "peak memory is recorded (memory.peak)",
	  "no memory.peak: records lack peak memory", "5.19" },
	{ "pids.peak", "the peak of tasks is recorded (pids.peak)",
	  "no pids.peak: records lack the peak of tasks", "6.1" },
	{ "cgroup.kill", "a cgroup is killed at once (cgroup.kill)",
	  "no cgroup.kill: cgroups are killed process by process", "5.14" },
	{ "pids.events.local", "refused forks are counted at the limit (pids.events.local)",
	  "refused forks are counted where they were tried, not at the limit: some verdicts say "
	  "\"probably\"",
	  "6.11" },
};

int doctor_test_features(struct cg2_doctor *doctor)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	int r;

	if (!doctor->is_manager_there)
		return 0;
	r = cg2_limits_new(doctor->ctx, &limits);
	if (r == 0)
		r = cg2_limits_parse(limits, CG2_LIMIT_MEMORY_MAX, "64M", NULL);
	if (r == 0)
		r = cg2_limits_parse(limits, CG2_LIMIT_TASKS_MAX, "64", NULL);
	if (r < 0)
		return r;
	/* Why there can't be a scope has been told. */
	if (make_scope(doctor, limits, &run, NULL) < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(features); i++) {
		if (faccessat(cg2_group_get_fd(cg2_run_get_group(run)), features[i].file, F_OK,
			      0) == 0)
			r = doctor_add(doctor, CG2_HEALTH_PASS,
				       text_format("%s", features[i].there), NULL);
		else
			r = doctor_add(doctor, CG2_HEALTH_WARN,
				       text_format("%s", features[i].missing),
				       text_format("use kernel %s or later", features[i].since));
	}
	return r;
}
