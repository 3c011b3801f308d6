/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starting a scope: what becomes of every way in which a manager can answer, or not.
 */
#include "fake.h"

#include "base/clock.h"
#include "scope/transient.h"

#define UNIT "cgscope-test.scope"

/* Long enough for a busy machine, short enough to be waited for. */
#define LONG_USEC (30 * USEC_PER_SEC)
#define SHORT_USEC (300 * USEC_PER_MSEC)

/* When a short one was not kept. */
#define LATE_USEC (2 * USEC_PER_SEC)

#define SYSTEMD(name) "org.freedesktop.systemd1." name
#define DBUS(name) "org.freedesktop.DBus.Error." name

#define NO_PIDFDS                                                                        \
	ERROR(DBUS("PropertyReadOnly"),                                                  \
	      "Cannot set property PIDFDs, or unknown property.")

struct stage {
	enum cg2_manager manager;
	bool is_old; /* it is known to take no pidfds */
	uint64_t timeout_usec;
	uint64_t took_usec;
	char *notes;
	struct cg2_error err;
	bool is_pending;
};

static int start_and_tell(struct bus *bus, const char *unit, bool use_pidfd,
			  uint64_t timeout_usec, bool *ret_is_pending, struct cg2_error *err)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct scope_request request = {
		.unit = unit,
		.description = "a test",
		.pid = getpid(),
		.use_pidfd = use_pidfd,
		.runtime_max_usec = CG2_MAX,
		.stop_usec = CG2_MAX,
	};
	uint64_t end_usec = end_after(timeout_usec);
	int r;

	assert_int_equal(cg2_ctx_new(NULL, &ctx, NULL), 0);
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	request.limits = limits;
	r = scope_start(bus, &request, &end_usec, err);
	*ret_is_pending = request.is_pending;
	return r;
}

static int start(struct bus *bus, const char *unit, bool use_pidfd, uint64_t timeout_usec,
		 struct cg2_error *err)
{
	bool is_pending;

	return start_and_tell(bus, unit, use_pidfd, timeout_usec, &is_pending, err);
}

/* Starts a scope while the fake plays; stage_end() afterwards. */
static int stage_play(struct stage *stage, const struct fake_step *steps)
{
	struct fake fake;
	struct bus bus;
	uint64_t before;
	int r;

	if (stage->manager == CG2_MANAGER_AUTO)
		stage->manager = CG2_MANAGER_USER;
	if (!stage->timeout_usec)
		stage->timeout_usec = LONG_USEC;
	fake_connect(&fake, steps, stage->manager, &bus);
	before = now_usec();
	r = start_and_tell(&bus, UNIT, !stage->is_old, stage->timeout_usec, &stage->is_pending,
			   &stage->err);
	stage->took_usec = now_usec() - before;
	bus_close(&bus);
	stage->notes = fake_end(&fake);
	return r;
}

static void stage_end(struct stage *stage)
{
	free(stage->notes);
	cg2_error_clear(&stage->err);
	*stage = (struct stage){ .manager = CG2_MANAGER_AUTO };
}

#define STAGE _cleanup_(stage_end) struct stage stage = { .manager = CG2_MANAGER_AUTO }

/* ------------------------------------------------------------------------------------
 * Jobs
 */

static void done_is_success(void **state)
{
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY_WELL), 0);
	assert_int_equal(stage.err.code, 0);
	assert_false(stage.is_pending);
	check_in("the call", stage.notes, UNIT " fail\n");
}

static void check_job(const char *word, int code, const char *detail)
{
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY(CALL, REPLY, REMOVED(NULL, word))),
			 -code);
	assert_int_equal(stage.err.code, code);
	assert_int_equal(stage.err.op, CG2_OP_JOB);
	assert_false(stage.is_pending);
	check_text("path", stage.err.path, UNIT);
	check_text("value", stage.err.value, word);
	check_text(word, stage.err.detail, detail);
	check_text("hint", stage.err.hint, "see: journalctl --user -u " UNIT);
	assert_true(stage.took_usec < LONG_USEC / 2);
}

static void every_other_result_is_a_failure(void **state)
{
	check_job("failed", EIO, "the manager could not put the process into it");
	check_job("canceled", ECANCELED, "the start was cancelled");
	check_job("timeout", ETIMEDOUT, "the start took too long");
	check_job("dependency", EIO, "a unit that it depends on failed");
	check_job("skipped", EIO, "a condition was not met");
	check_job("collected", ECANCELED, "it was collected before it started");
	check_job("invalid", EIO, "its job did not succeed");
	check_job("frozen", EIO, "its job did not succeed");
	check_job("", EIO, "its job did not succeed");
	check_job("Done", EIO, "its job did not succeed");
}

static void journal_of_the_system_is_named_for_the_system(void **state)
{
	STAGE;

	stage.manager = CG2_MANAGER_SYSTEM;
	assert_int_equal(stage_play(&stage, PLAY(CALL, REPLY, REMOVED(NULL, "failed"))),
			 -EIO);
	check_text("hint", stage.err.hint, "see: journalctl -u " UNIT);
}

static void jobs_of_others_are_passed_over(void **state)
{
	static const char *const others[] = {
		"other.scope", "cgscope-test", "cgscope-test.scopes", "", ("x" UNIT),
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		STAGE;

		assert_int_equal(
			stage_play(&stage, PLAY(CALL, REMOVED(others[i], "failed"), REPLY,
						REMOVED(others[i], "failed"),
						REMOVED(NULL, "done"))),
			0);
		stage_end(&stage);
		stage.timeout_usec = SHORT_USEC;
		assert_int_equal(
			stage_play(&stage, PLAY(CALL, REPLY, REMOVED(others[i], "done"))),
			-ETIMEDOUT);
	}
}

static void job_that_ends_before_the_reply_is_another_one(void **state)
{
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY(CALL, REMOVED(NULL, "failed"), REPLY,
						 REMOVED(NULL, "done"))),
			 0);
}

static void first_result_counts(void **state)
{
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY(CALL, REPLY, REMOVED(NULL, "done"),
						 REMOVED(NULL, "failed"))),
			 0);
	stage_end(&stage);
	assert_int_equal(stage_play(&stage, PLAY(CALL, REPLY, REMOVED(NULL, "failed"),
						 REMOVED(NULL, "done"))),
			 -EIO);
}

/* ------------------------------------------------------------------------------------
 * Silence
 */

static void check_deadline(const struct fake_step *steps)
{
	STAGE;

	stage.timeout_usec = SHORT_USEC;
	assert_int_equal(stage_play(&stage, steps), -ETIMEDOUT);
	assert_int_equal(stage.err.code, ETIMEDOUT);
	assert_int_equal(stage.err.op, CG2_OP_CALL);
	check_text("detail", stage.err.detail, "the user manager does not answer");
	check_text("hint", stage.err.hint,
		   "see whether it hangs: systemctl --user status");
	assert_true(stage.took_usec >= SHORT_USEC);
	if (stage.took_usec > LATE_USEC)
		fail_msg("a deadline of %" PRIu64 " us was kept after %" PRIu64 " us",
			 SHORT_USEC, stage.took_usec);
}

static void job_without_an_end_is_a_timeout(void **state)
{
	check_deadline(PLAY(CALL, REPLY));
	check_deadline(PLAY(CALL, REPLY, REMOVED("other.scope", "done")));
}

static void call_without_a_reply_is_a_timeout(void **state)
{
	check_deadline(PLAY(CALL));
	check_deadline(PLAY(CALL, REMOVED(NULL, "done")));
}

static void manager_that_does_not_authenticate_is_a_timeout(void **state)
{
	check_deadline(PLAY(MUTE));
}

static void manager_that_does_not_read_is_a_timeout(void **state)
{
	check_deadline(PLAY(PAUSE(4000)));
}

static void answers_may_take_their_time(void **state)
{
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY(PAUSE(100), CALL, PAUSE(100), REPLY,
						 PAUSE(100), REMOVED(NULL, "done"))),
			 0);
	assert_true(stage.took_usec >= 300 * USEC_PER_MSEC);
}

/* One length of time for all of it: connecting, the answer, the job. */
static void steps_share_their_time(void **state)
{
	STAGE;

	stage.timeout_usec = USEC_PER_SEC;
	assert_int_equal(stage_play(&stage, PLAY(PAUSE(700), CALL, PAUSE(700), REPLY, PAUSE(700),
						 REMOVED(NULL, "done"))),
			 -ETIMEDOUT);
	stage_end(&stage);
	/* The second try for an older systemd is a part of it. */
	stage.timeout_usec = USEC_PER_SEC;
	assert_int_equal(stage_play(&stage, PLAY(CALL, PAUSE(700), NO_PIDFDS, CALL, PAUSE(700),
						 REPLY, REMOVED(NULL, "done"))),
			 -ETIMEDOUT);
}

/* The manager asks an ordinary user who wants a system scope, and people are slow. */
static void prompt_takes_as_long_as_it_takes(void **state)
{
	STAGE;

	be_ordinary();
	stage.manager = CG2_MANAGER_SYSTEM;
	stage.timeout_usec = SHORT_USEC;
	assert_int_equal(
		stage_play(&stage, PLAY(CALL, PAUSE(900), REPLY, REMOVED(NULL, "done"))),
		0);
	stage_end(&stage);
	/* The job that follows has the deadline again. */
	stage.manager = CG2_MANAGER_SYSTEM;
	stage.timeout_usec = SHORT_USEC;
	assert_int_equal(stage_play(&stage, PLAY(CALL, REPLY)), -ETIMEDOUT);
	check_text("hint", stage.err.hint, "see whether it hangs: systemctl status");
	be_root_again();
}

/* ------------------------------------------------------------------------------------
 * Connections that end
 */

static void check_hang_up(const struct fake_step *steps)
{
	STAGE;

	assert_int_equal(stage_play(&stage, steps), -ECONNRESET);
	/* It may have done what it was asked for all the same. */
	assert_true(stage.is_pending);
	assert_int_equal(stage.err.op, CG2_OP_CALL);
	check_text("path", stage.err.path, UNIT);
	check_text("detail", stage.err.detail, "the manager closed the connection");
	check_text("hint", stage.err.hint, "it may have restarted; try again");
	assert_true(stage.took_usec < LONG_USEC / 2);
}

static void hanging_up_after_the_reply_is_said(void **state)
{
	check_hang_up(PLAY(CALL, REPLY, HANG_UP));
}

static void hanging_up_before_the_reply_is_said(void **state)
{
	check_hang_up(PLAY(CALL, HANG_UP));
}

static void hanging_up_before_the_call_fails(void **state)
{
	STAGE;

	assert_true(stage_play(&stage, PLAY(HANG_UP)) < 0);
	assert_int_equal(stage.err.op, CG2_OP_CALL);
	assert_true(stage.took_usec < LONG_USEC / 2);
}

static void hanging_up_after_the_end_does_no_harm(void **state)
{
	STAGE;

	assert_int_equal(
		stage_play(&stage, PLAY(CALL, REPLY, REMOVED(NULL, "done"), HANG_UP)), 0);
}

/* ------------------------------------------------------------------------------------
 * Errors
 */

struct refusal {
	const char *name;
	const char *message;
	int code;
	const char *detail; /* NULL: the manager's sentence is enough */
	const char *hint;   /* a part of it, NULL: there is none */
};

static const struct refusal refusals[] = {
	{ SYSTEMD("UnitExists"), "Unit cgscope-test.scope was already loaded.", EEXIST,
	  "a unit of that name exists", "systemctl stop" },
	{ SYSTEMD("UnitMasked"), "Unit x is masked.", ERFKILL, "the unit is masked",
	  NULL },
	{ SYSTEMD("LoadFailed"), "Unit x failed to load.", EIO, NULL, NULL },
	{ SYSTEMD("BadUnitSetting"), "Bad setting.", ENOEXEC, NULL, NULL },
	{ SYSTEMD("ShuttingDown"), "System is shutting down.", ESHUTDOWN,
	  "the manager is shutting down", NULL },
	{ SYSTEMD("NoSuchUnit"), "Unit x.slice not found.", ENOENT, NULL, NULL },
	{ DBUS("PropertyReadOnly"),
	  "Cannot set property Frobnicate, or unknown property.", EINVAL,
	  "this version of systemd does not know it", "leave that property out" },
	{ DBUS("InvalidArgs"), "Value specified in MemoryMax is out of range", EINVAL,
	  NULL, NULL },
	{ DBUS("UnixProcessIdUnknown"), "Process with ID 5 does not exist.", ESRCH,
	  "the process has ended", NULL },
	{ DBUS("AccessDenied"), "Permission denied", EACCES, NULL, NULL },
	{ DBUS("InteractiveAuthorizationRequired"),
	  "Interactive authentication required.", EACCES,
	  "only an administrator may do that", "sudo" },
	{ DBUS("ServiceUnknown"), "The name is not activatable", ENOTCONN,
	  "there is no such manager on the bus", NULL },
	{ DBUS("NameHasNoOwner"), "Could not activate", ENOTCONN,
	  "there is no such manager on the bus", NULL },
	{ DBUS("NoReply"), "Remote peer disconnected", ETIMEDOUT,
	  "the manager does not answer", NULL },
	{ DBUS("Timeout"), "Timed out", ETIMEDOUT, "the manager does not answer", NULL },
	{ DBUS("LimitsExceeded"), "Too many units", E2BIG, NULL,
	  "systemctl reset-failed" },
	/* What the table does not know is in the manager's own words. */
	{ DBUS("FileNotFound"), "No such thing.", ENOENT, NULL, NULL },
	{ "org.example.Frobnicated", "It was frobnicated.", EIO, NULL, NULL },
	{ SYSTEMD("FutureTrouble"), "Only systemd 999 says this.", EIO, NULL, NULL },
};

static void check_refusal(const struct refusal *refusal)
{
	_cleanup_free_ char *line = NULL;
	STAGE;
	int r = stage_play(&stage, PLAY(CALL, ERROR(refusal->name, refusal->message)));

	if (r != -refusal->code)
		fail_msg("%s: result %d, not %d", refusal->name, r, -refusal->code);
	assert_int_equal(stage.err.code, refusal->code);
	assert_int_equal(stage.err.op, CG2_OP_CALL);
	assert_int_equal(stage.err.advice == CG2_ADVICE_USER_MANAGER,
			 strcmp(refusal->name, DBUS("InteractiveAuthorizationRequired")) == 0);
	check_text("path", stage.err.path, UNIT);
	check_text("bus_name", stage.err.bus_name, refusal->name);
	check_text("bus_message", stage.err.bus_message, refusal->message);
	check_text(refusal->name, stage.err.detail, refusal->detail);
	if (refusal->hint)
		check_in(refusal->name, stage.err.hint, refusal->hint);
	else
		check_text(refusal->name, stage.err.hint, NULL);
	assert_int_equal(cg2_error_format(&stage.err, &line), 0);
	check_in("the line", line, refusal->message);
}

static void errors_of_the_manager_have_words(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		check_refusal(&refusals[i]);
}

/* "no: no" is no sentence. */
static void sentence_of_the_manager_is_said_once(void **state)
{
	_cleanup_free_ char *line = NULL;
	const char *first;
	STAGE;

	assert_int_equal(
		stage_play(&stage, PLAY(CALL, ERROR("org.example.X", "It is so."))),
		-EIO);
	assert_int_equal(cg2_error_format(&stage.err, &line), 0);
	first = strstr(line, "It is so.");
	assert_non_null(first);
	if (strstr(first + 1, "It is so."))
		fail_msg("said twice: %s", line);
}

static void unknown_property_is_named(void **state)
{
	_cleanup_free_ char *line = NULL;
	STAGE;

	assert_int_equal(
		stage_play(&stage, PLAY(CALL, ERROR(DBUS("PropertyReadOnly"),
						    "Cannot set property OOMPolicy, or "
						    "unknown property."))),
		-EINVAL);
	assert_int_equal(cg2_error_format(&stage.err, &line), 0);
	check_in("the line", line, "OOMPolicy");
	/* One call only. */
	assert_null(strstr(strstr(stage.notes, UNIT) + 1, UNIT " fail"));
}

/* ------------------------------------------------------------------------------------
 * Processes
 */

static void check_processes(const char *notes, const char *form)
{
	_cleanup_free_ char *line = NULL;

	assert_true(asprintf(&line, "\n%s %d\n", form, (int)getpid()) > 0);
	check_in("the call", notes, line);
}

static void process_goes_as_a_pidfd(void **state)
{
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY_WELL), 0);
	check_processes(stage.notes, "PIDFDs ah");
	assert_null(strstr(stage.notes, "PIDs"));
}

static void old_manager_is_not_asked_twice(void **state)
{
	STAGE;

	stage.is_old = true;
	assert_int_equal(stage_play(&stage, PLAY_WELL), 0);
	check_processes(stage.notes, "PIDs au");
	assert_null(strstr(stage.notes, "PIDFDs"));
}

static void older_systemd_gets_a_pid(void **state)
{
	const char *second;
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY(CALL, NO_PIDFDS, CALL, REPLY,
						 REMOVED(NULL, "done"))),
			 0);
	assert_int_equal(stage.err.code, 0);
	second = strstr(stage.notes + 1, UNIT " fail\n");
	assert_non_null(second);
	check_processes(second, "PIDs au");
	assert_null(strstr(second, "PIDFDs"));
}

static void failure_of_the_second_try_is_the_error(void **state)
{
	STAGE;

	assert_int_equal(stage_play(&stage, PLAY(CALL, NO_PIDFDS, CALL,
						 ERROR(DBUS("AccessDenied"), "No."))),
			 -EACCES);
	check_text("sentence", stage.err.bus_message, "No.");
	stage_end(&stage);
	assert_int_equal(stage_play(&stage, PLAY(CALL, NO_PIDFDS, CALL, REPLY,
						 REMOVED(NULL, "failed"))),
			 -EIO);
	assert_int_equal(stage.err.op, CG2_OP_JOB);
	stage_end(&stage);
	/* There is no third one. */
	assert_int_equal(stage_play(&stage, PLAY(CALL, NO_PIDFDS, CALL, NO_PIDFDS)),
			 -EINVAL);
	assert_int_equal(stage.err.code, EINVAL);
}

static void another_name_can_be_tried_on_the_same_connection(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *notes = NULL;
	struct fake fake;
	struct bus bus;

	fake_connect(&fake,
		     PLAY(CALL, ERROR(SYSTEMD("UnitExists"), "It is there."), CALL, REPLY,
			  REMOVED("first.scope", "failed"),
			  REMOVED("second.scope", "done")),
		     CG2_MANAGER_USER, &bus);
	assert_int_equal(start(&bus, "first.scope", true, LONG_USEC, &err), -EEXIST);
	cg2_error_clear(&err);
	assert_int_equal(start(&bus, "second.scope", true, LONG_USEC, &err), 0);
	bus_close(&bus);
	notes = fake_end(&fake);
	check_in("the calls", notes, "first.scope fail\n");
	check_in("the calls", notes, "second.scope fail\n");
}

static void nobody_needs_the_error(void **state)
{
	struct fake fake;
	struct bus bus;

	fake_connect(&fake,
		     PLAY(CALL, NO_PIDFDS, CALL, ERROR(DBUS("AccessDenied"), "No.")),
		     CG2_MANAGER_USER, &bus);
	assert_int_equal(start(&bus, UNIT, true, LONG_USEC, NULL), -EACCES);
	bus_close(&bus);
	free(fake_end(&fake));
	fake_connect(&fake, PLAY(CALL), CG2_MANAGER_USER, &bus);
	assert_int_equal(start(&bus, UNIT, true, SHORT_USEC, NULL), -ETIMEDOUT);
	bus_close(&bus);
	free(fake_end(&fake));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_is_success),
		cmocka_unit_test(every_other_result_is_a_failure),
		cmocka_unit_test(journal_of_the_system_is_named_for_the_system),
		cmocka_unit_test(jobs_of_others_are_passed_over),
		cmocka_unit_test(job_that_ends_before_the_reply_is_another_one),
		cmocka_unit_test(first_result_counts),
		cmocka_unit_test(job_without_an_end_is_a_timeout),
		cmocka_unit_test(call_without_a_reply_is_a_timeout),
		cmocka_unit_test(manager_that_does_not_authenticate_is_a_timeout),
		cmocka_unit_test(manager_that_does_not_read_is_a_timeout),
		cmocka_unit_test(answers_may_take_their_time),
		cmocka_unit_test(steps_share_their_time),
		cmocka_unit_test(prompt_takes_as_long_as_it_takes),
		cmocka_unit_test(hanging_up_after_the_reply_is_said),
		cmocka_unit_test(hanging_up_before_the_reply_is_said),
		cmocka_unit_test(hanging_up_before_the_call_fails),
		cmocka_unit_test(hanging_up_after_the_end_does_no_harm),
		cmocka_unit_test(errors_of_the_manager_have_words),
		cmocka_unit_test(sentence_of_the_manager_is_said_once),
		cmocka_unit_test(unknown_property_is_named),
		cmocka_unit_test(process_goes_as_a_pidfd),
		cmocka_unit_test(old_manager_is_not_asked_twice),
		cmocka_unit_test(older_systemd_gets_a_pid),
		cmocka_unit_test(failure_of_the_second_try_is_the_error),
		cmocka_unit_test(another_name_can_be_tried_on_the_same_connection),
		cmocka_unit_test(nobody_needs_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
