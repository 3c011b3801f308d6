/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a job. The manager answers the call with the job's object and tells its end by a
 * signal, for which there is a match before the call is sent.
 */
#include "systemd/job.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "value/error.h"

#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

/* Results of a job, in systemd's words. */
static const struct {
	const char *word;
	int code;
	const char *detail; /* NULL: the caller's */
} job_results[] = {
	{ "done", 0, NULL },
	{ "canceled", ECANCELED, "the start was cancelled" },
	{ "timeout", ETIMEDOUT, "the start took too long" },
	{ "dependency", EIO, "a unit that it depends on failed" },
	{ "skipped", EIO, "a condition was not met" },
	{ "collected", ECANCELED, "it was collected before it started" },
	{ "failed", EIO, NULL },
};

static int job_error(struct job *job, const char *word)
{
	bool is_user = job->bus->manager == CG2_MANAGER_USER;
	const char *detail = "its job did not succeed";
	int code = EIO, r;

	for (size_t i = 0; i < ARRAY_SIZE(job_results); i++)
		if (strcmp(job_results[i].word, word) == 0) {
			code = job_results[i].code;
			detail = job_results[i].detail ? job_results[i].detail : job->failed;
		}
	if (code == 0)
		return 0;
	r = error_setf(job->reterr, CG2_OP_JOB, code, job->unit, word, "%s", detail);
	error_hint(job->reterr, "see: journalctl %s-u %s", is_user ? "--user " : "", job->unit);
	return r;
}

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct job *job = userdata;
	const char *unit, *word;

	if (sdbus.sd_bus_message_read(m, "uoss", NULL, NULL, &unit, &word) < 0 ||
	    strcmp(unit, job->unit) != 0 || !job->is_answered || job->is_done)
		return 0;
	job->result = job_error(job, word);
	job->is_pending = false;
	job->is_done = true;
	return 0;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sdbus.sd_bus_message_get_error(m);
	struct job *job = userdata;

	job->is_answered = true;
	if (!error)
		return 0;
	/* A closed connection answers every call before it says what happened. */
	if (bus_was_closed(job->bus, error)) {
		job->is_answered = false;
		return 0;
	}
	job->is_pending = false;
	job->is_done = true;
	job->met_expected = job->is_expected && job->is_expected(error);
	if (job->met_expected)
		return 0;
	job->result = bus_error_set(job->bus, error, job->unit, job->reterr);
	/* What is to be made can be made elsewhere; what is there already cannot. */
	if (bus_needs_right(error))
		error_advice(job->reterr, CG2_ADVICE_USER_MANAGER);
	return 0;
}

static int on_disconnect(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct job *job = userdata;

	if (job->is_done)
		return 0;
	job->is_answered = job->is_done = true;
	job->result = error_setf(job->reterr, CG2_OP_CALL, ECONNRESET, job->unit, NULL,
				 "the manager closed the connection");
	error_hint(job->reterr, "it may have restarted; try again");
	return 0;
}

/* The matches are there before the call, so that the job's end can't be missed. */
static int subscribe(struct job *job, sd_bus_slot **ret_removed, sd_bus_slot **ret_gone)
{
	int r;

	r = sdbus.sd_bus_match_signal_async(job->bus->bus, ret_removed, NULL, MANAGER_PATH,
					    MANAGER_INTERFACE, "JobRemoved", on_job_removed, NULL,
					    job);
	if (r < 0)
		return r;
	return sdbus.sd_bus_match_signal_async(job->bus->bus, ret_gone,
					       "org.freedesktop.DBus.Local",
					       "/org/freedesktop/DBus/Local",
					       "org.freedesktop.DBus.Local", "Disconnected",
					       on_disconnect, NULL, job);
}

/*
 * Only the system manager asks an ordinary user for a password, and that may take as long as
 * it takes: the time until the call is answered is given back.
 */
static int wait_for_end(struct job *job)
{
	bool may_prompt = job->bus->manager == CG2_MANAGER_SYSTEM && bus_uid() != 0;
	uint64_t left_usec = may_prompt ? usec_until(*job->end_usec) : 0;
	int r;

	r = bus_run_until(job->bus, &job->is_answered, may_prompt ? CG2_MAX : *job->end_usec,
			  job->reterr);
	if (r < 0)
		return r;
	if (may_prompt)
		*job->end_usec = end_after(left_usec);
	r = bus_run_until(job->bus, &job->is_done, job->is_patient ? CG2_MAX : *job->end_usec,
			  job->reterr);
	return r < 0 ? r : job->result;
}

int job_run(struct job *job, sd_bus_message *call)
{
	_cleanup_(sdbus_slot_unrefp) sd_bus_slot *removed = NULL, *gone = NULL, *reply = NULL;
	int r;

	r = subscribe(job, &removed, &gone);
	if (r >= 0)
		r = sdbus.sd_bus_call_async(job->bus->bus, &reply, call, on_reply, job, UINT64_MAX);
	if (r < 0)
		return error_set(job->reterr, CG2_OP_CALL, r, job->unit, NULL);
	job->is_pending = true;
	return wait_for_end(job);
}
