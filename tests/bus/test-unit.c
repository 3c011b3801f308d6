/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Units as a manager tells of them: those that run, those that do not, those that nobody has
 * heard of, and a manager that does not answer.
 */
#include "fake.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "systemd/call.h"
#include "systemd/job.h"
#include "systemd/unit.h"

#define SOON (1500 * USEC_PER_MSEC)

struct work {
	struct fake fake;
	struct bus bus;
	struct unit *unit;
	struct cg2_error err;
};

static void start(struct work *work, const struct fake_step *steps)
{
	*work = (struct work){ .err = CG2_ERROR_INIT };
	fake_connect(&work->fake, steps, CG2_MANAGER_USER, &work->bus);
}

static void end(struct work *work)
{
	unit_free(work->unit);
	cg2_error_clear(&work->err);
	bus_close(&work->bus);
	free(fake_end(&work->fake));
}

static int ask(struct work *work, const char *name, bool is_loading)
{
	return unit_read(&work->bus, name, is_loading, SOON, &work->unit, &work->err);
}

static const struct fake_step nothing[] = { { .act = FAKE_END } };

static void properties_of_all_interfaces(void **state)
{
	struct work work;
	uint64_t value = UNTOUCHED;
	size_t size;

	start(&work, nothing);
	assert_int_equal(ask(&work, FAKE_SLICE, false), 0);
	check_text("Id", unit_get_id(work.unit), FAKE_SLICE);
	check_text("ControlGroup", unit_get_text(work.unit, "ControlGroup"), "/there.slice");
	assert_int_equal(unit_get_number(work.unit, "TasksMax", &value), 1);
	assert_int_equal(value, 40);
	check_text("drop-in", unit_get_item(work.unit, "DropInPaths", 1), "/b.conf");
	assert_null(unit_get_item(work.unit, "DropInPaths", 2));
	assert_int_equal(*unit_get_bytes(work.unit, "AllowedCPUs", &size), 5);
	assert_int_equal(size, 1);
	end(&work);
}

static void properties_that_are_not_there(void **state)
{
	struct work work;
	uint64_t value = UNTOUCHED;
	size_t size;

	start(&work, nothing);
	assert_int_equal(ask(&work, FAKE_SLICE, false), 0);
	assert_int_equal(unit_get_number(work.unit, "MemoryMax", &value), 0);
	assert_int_equal(unit_get_number(work.unit, "Id", &value), 0);
	assert_int_equal(unit_get_number(work.unit, "IODeviceWeight", &value), 0);
	assert_true(value == UNTOUCHED);
	assert_null(unit_get_text(work.unit, "TasksMax"));
	assert_null(unit_get_item(work.unit, "Id", 0));
	assert_null(unit_get_bytes(work.unit, "Id", &size));
	assert_int_equal(size, 0);
	end(&work);
}

static void unit_that_is_not_in_memory(void **state)
{
	struct work work;

	start(&work, nothing);
	assert_int_equal(ask(&work, FAKE_SERVICE, false), -ENOENT);
	check_in("message", work.err.bus_message, "not loaded");
	cg2_error_clear(&work.err);
	assert_int_equal(ask(&work, FAKE_SERVICE, true), 0);
	check_text("state", unit_get_text(work.unit, "ActiveState"), "inactive");
	end(&work);
}

static void unit_that_nobody_has_heard_of(void **state)
{
	struct work work;

	start(&work, nothing);
	assert_int_equal(ask(&work, "nowhere.service", true), -ENOENT);
	check_text("path", work.err.path, "nowhere.service");
	check_in("detail", work.err.detail, "no such unit");
	end(&work);
}

static void the_manager_itself(void **state)
{
	struct work work;
	uint64_t value = UNTOUCHED;

	start(&work, nothing);
	assert_int_equal(unit_read_manager(&work.bus, SOON, &work.unit, &work.err), 0);
	assert_int_equal(unit_get_number(work.unit, "DefaultTasksMax", &value), 1);
	assert_int_equal(value, 40);
	end(&work);
}

static void manager_that_is_silent(void **state)
{
	uint64_t start_usec = now_usec();
	struct work work;

	start(&work, PLAY(MUTE));
	assert_int_equal(unit_read(&work.bus, FAKE_SLICE, false, 100 * USEC_PER_MSEC, &work.unit,
				   &work.err),
			 -ETIMEDOUT);
	check_in("detail", work.err.detail, "does not answer");
	assert_true(now_usec() - start_usec < FAKE_LIFE_MS / 2 * USEC_PER_MSEC);
	end(&work);
}

static void manager_that_hangs_up(void **state)
{
	struct work work;

	start(&work, PLAY(HANG_UP));
	assert_true(ask(&work, FAKE_SLICE, false) < 0);
	assert_true(work.err.code != 0);
	assert_null(work.unit);
	end(&work);
}

static int run_job(const struct fake_step *steps, bool is_patient)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	struct work work;
	uint64_t end_usec;
	struct job job = { .bus = &work.bus, .unit = FAKE_SERVICE, .failed = "it failed to start",
			   .end_usec = &end_usec, .reterr = &work.err, .is_patient = is_patient };
	int r;

	start(&work, steps);
	end_usec = end_after(300 * USEC_PER_MSEC);
	assert_true(call_new(&work.bus, "RestartUnit", &m) >= 0);
	assert_true(sdbus.sd_bus_message_append(m, "ss", FAKE_SERVICE, "replace") >= 0);
	r = job_run(&job, m);
	end(&work);
	return r;
}

/* A manager that has answered is not silent, however long the service takes. */
static void start_that_takes_its_time(void **state)
{
	const struct fake_step *slow = PLAY(CALL, REPLY, PAUSE(600), REMOVED(FAKE_SERVICE, "done"));

	assert_int_equal(run_job(slow, true), 0);
	assert_int_equal(run_job(slow, false), -ETIMEDOUT);
	assert_int_equal(run_job(PLAY(CALL), true), -ETIMEDOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties_of_all_interfaces),
		cmocka_unit_test(properties_that_are_not_there),
		cmocka_unit_test(unit_that_is_not_in_memory),
		cmocka_unit_test(unit_that_nobody_has_heard_of),
		cmocka_unit_test(the_manager_itself),
		cmocka_unit_test(manager_that_is_silent),
		cmocka_unit_test(manager_that_hangs_up),
		cmocka_unit_test(start_that_takes_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
