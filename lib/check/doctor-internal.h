/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of the doctor: the table of its tests, and what they add.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct diagnosis {
	const char *id; /* static */
	enum cg2_health health;
	char *text;
	char *fix; /* NULL: nothing to do */
};

struct cg2_doctor {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	enum cg2_manager manager;  /* never AUTO */
	struct cg2_limits *limits; /* that are asked about, or NULL */
	const char *id;		   /* of the test at hand */
	bool is_manager_there;	   /* there is somebody to make a scope */
	uint64_t missing;	   /* controllers that are not delegated, which was told */
	struct diagnosis *diagnoses;
	size_t n;
};

/*
 * doctor-diagnosis.c. Adds a line of the test at hand. text and fix are the line's from then on;
 * NULL for text: memory ran out on the way.
 */
int doctor_add(struct cg2_doctor *doctor, enum cg2_health health, char *text,
	       char *fix) _must_check_;

/* The same from an error: what failed and why, and its hint as the fix. */
int doctor_add_error(struct cg2_doctor *doctor, enum cg2_health health,
		     const struct cg2_error *err) _must_check_;

/* PASS with all controllers, WARN without io and cpuset, FAIL without those that all need. */
int doctor_add_controllers(struct cg2_doctor *doctor, const char *who, uint64_t mask,
			   const char *fix) _must_check_;

typedef int (*doctor_test_fn)(struct cg2_doctor *doctor);

/* doctor-systemd.c: */
int doctor_test_manager(struct cg2_doctor *doctor);
int doctor_test_delegation(struct cg2_doctor *doctor);
int doctor_test_linger(struct cg2_doctor *doctor);
int doctor_test_system_bus(struct cg2_doctor *doctor);
int doctor_test_oomd(struct cg2_doctor *doctor);
int doctor_test_journal(struct cg2_doctor *doctor);

/* doctor-probe.c: a scope for each limit, and what its cgroup has. */
int doctor_test_limits(struct cg2_doctor *doctor);
int doctor_test_features(struct cg2_doctor *doctor);

/* doctor-kernel.c: */
int doctor_test_hierarchy(struct cg2_doctor *doctor);
int doctor_test_controllers(struct cg2_doctor *doctor);
int doctor_test_swap(struct cg2_doctor *doctor);
int doctor_test_pressure(struct cg2_doctor *doctor);
int doctor_test_clone3(struct cg2_doctor *doctor);
int doctor_test_taskstats(struct cg2_doctor *doctor);
int doctor_test_process_events(struct cg2_doctor *doctor);
