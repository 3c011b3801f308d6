/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A call that makes a manager start a job, and how the job ended: its result comes by the signal
 * JobRemoved.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/bus.h"
#include "systemd/sdbus.h"

/* A job of one unit. The first members are the caller's to set, the rest starts as 0. */
struct job {
	struct bus *bus;
	const char *unit;
	const char *failed; /* in words, when its result is "failed" */
	uint64_t *end_usec; /* moved on by as long as a prompt for authentication took */
	struct cg2_error *reterr;
	/* Whether the answer's error is one that the caller deals with. NULL: none is. */
	bool (*is_expected)(const sd_bus_error *error);
	bool met_expected;
	/* end_usec is for the answer alone: the start takes as long as the manager lets it. */
	bool is_patient;

	bool is_answered; /* the call has a reply */
	bool is_done;     /* the job is over, or the call failed */
	bool is_pending;  /* it was sent, and how the manager took it is not known */
	int result;
};

/*
 * Sends the call and waits for the end of its job. 0 with met_expected: there was none, for the
 * error that the caller expected.
 */
int job_run(struct job *job, sd_bus_message *call) _must_check_;
