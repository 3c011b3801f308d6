/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The doctor: is this machine able to limit what its users run? One table of tests, in
 * the order in which they build on each other.
 */
#include "check/doctor-internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/copyout.h"
#include "limit/limit.h"
#include "systemd/bus.h"
#include "value/error.h"

#define INFO(id_, help_) { sizeof(struct cg2_finding_info), (id_), (help_) }

/* An id never changes its meaning. */
static const struct {
	struct cg2_finding_info info;
	doctor_test_fn test;
} tests[] = {
	{ INFO("hierarchy", "only cgroup v2 is mounted"), doctor_test_hierarchy },
	{ INFO("controllers", "the kernel has the controllers of the limits"),
	  doctor_test_controllers },
	{ INFO("manager", "the systemd manager answers, and where it was reached"),
	  doctor_test_manager },
	{ INFO("delegation", "the controllers that the manager can delegate to scopes"),
	  doctor_test_delegation },
	{ INFO("limit", "a limit is set on a test scope and read back"), doctor_test_limits },
	{ INFO("linger", "the user manager runs without a login"), doctor_test_linger },
	{ INFO("system-bus", "the system bus, which logins need for a session and a user manager"),
	  doctor_test_system_bus },
	{ INFO("swap", "swap space, and whether it can be limited"), doctor_test_swap },
	{ INFO("pressure", "pressure is accounted (PSI)"), doctor_test_pressure },
	{ INFO("feature", "files of newer kernels in a scope's cgroup"), doctor_test_features },
	{ INFO("clone3", "processes can be started in their cgroup"), doctor_test_clone3 },
	{ INFO("taskstats", "permission to read the figures of ended processes"),
	  doctor_test_taskstats },
	{ INFO("process-events", "permission to receive forks, execs and exits"),
	  doctor_test_process_events },
	{ INFO("journal", "the system journal can be read"), doctor_test_journal },
	{ INFO("oomd", "the systemd-oomd service, which kills under memory pressure"),
	  doctor_test_oomd },
};

CG2_EXPORT const struct cg2_finding_info *cg2_doctor_get_info(unsigned int test)
{
	return test < ARRAY_SIZE(tests) ? &tests[test].info : NULL;
}

CG2_EXPORT const char *cg2_health_to_string(unsigned int health)
{
	static const char *const names[] = { "pass", "warn", "fail" };

	static_assert(ARRAY_SIZE(names) == CG2_HEALTH_FAIL + 1, "a name each");
	return health < ARRAY_SIZE(names) ? names[health] : NULL;
}

CG2_EXPORT int cg2_doctor_read(struct cg2_ctx *ctx, enum cg2_manager manager,
			       struct cg2_limits *limits, struct cg2_doctor **ret_doctor,
			       struct cg2_error *err)
{
	_cleanup_(cg2_doctor_unrefp) struct cg2_doctor *doctor = calloc(1, sizeof(*doctor));

	if (!doctor)
		return error_set(err, CG2_OP_DETECT, ENOMEM, NULL, NULL);
	doctor->n_ref = 1;
	doctor->ctx = cg2_ctx_ref(ctx);
	doctor->manager = bus_manager(manager);
	doctor->limits = cg2_limits_ref(limits);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
		int r;

		doctor->id = tests[i].info.id;
		r = tests[i].test(doctor);
		if (r < 0)
			return error_set(err, CG2_OP_DETECT, r, doctor->id, NULL);
	}
	*ret_doctor = take_ptr(&doctor);
	return 0;
}

CG2_EXPORT struct cg2_doctor *cg2_doctor_ref(struct cg2_doctor *doctor)
{
	if (doctor)
		doctor->n_ref++;
	return doctor;
}

CG2_EXPORT struct cg2_doctor *cg2_doctor_unref(struct cg2_doctor *doctor)
{
	if (!doctor || --doctor->n_ref > 0)
		return NULL;
	for (size_t i = 0; i < doctor->n; i++) {
		free(doctor->diagnoses[i].text);
		free(doctor->diagnoses[i].fix);
	}
	free(doctor->diagnoses);
	cg2_limits_unref(doctor->limits);
	cg2_ctx_unref(doctor->ctx);
	free(doctor);
	return NULL;
}

CG2_EXPORT int cg2_doctor_get(struct cg2_doctor *doctor, size_t i, struct cg2_diagnosis *diagnosis)
{
	const struct diagnosis *d;
	struct cg2_diagnosis full;

	if (i >= doctor->n)
		return 0;
	d = &doctor->diagnoses[i];
	full = (struct cg2_diagnosis){
		.id = d->id,
		.health = d->health,
		.text = d->text,
		.fix = d->fix,
	};
	return copy_out(diagnosis, &diagnosis->size, &full, sizeof(full));
}
