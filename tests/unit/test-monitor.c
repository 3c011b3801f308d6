/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an event becomes: a line for a person, and JSON.
 */
#include "unit.h"

#include <json.h>
#include <signal.h>
#include <time.h>

#include "cmd/monitor/failure.h"
#include "cmd/monitor/monitor.h"
#include "cmd/scope/list-row.h"
#include "watch/event.h"
#include "process/process.h"

static struct jsonc jsonc;

static struct cg2_event *new_event(enum cg2_event_kind kind, uint64_t value)
{
	struct cg2_event *event = event_new(kind, "x.service", "/system.slice/x.service");

	assert_non_null(event);
	event->time_usec = UINT64_C(1769860800123456); /* 2026-01-31 12:00 UTC */
	if (value != CG2_MAX)
		event_set_value(event, value);
	return event;
}

/* ---- text ---- */

struct text_case {
	enum cg2_event_kind kind;
	uint64_t value;
	const char *threshold;
	struct cg2_blame blame;
	const char *text;
};

static void check_case_text(const struct text_case *c)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = new_event(c->kind, c->value);
	const struct cg2_blame *blame = &c->blame;
	_cleanup_free_ char *text = NULL;

	if (c->threshold) {
		event->threshold.size = sizeof(event->threshold);
		assert_int_equal(
			cg2_threshold_from_string(c->threshold, &event->threshold, NULL), 0);
		event->has_threshold = true;
	}
	if (blame->file)
		assert_int_equal(event_set_blame(event, blame->cgroup, blame->file, blame->limit,
						 blame->is_own, blame->is_certain), 0);
	text = monitor_event_to_text(event, NULL);
	assert_non_null(text);
	if (strcmp(text, c->text) != 0)
		fail_msg("'%s' is not '%s'", text, c->text);
}

static void events_are_told_in_words(void **state _unused_)
{
#define OWN(name, value) { .cgroup = "/x", .file = name, .limit = value, .is_own = true, \
			   .is_certain = true }
#define ABOVE(name, value) { .cgroup = "/user.slice/user-1000.slice", .file = name, \
			     .limit = value }
	static const struct text_case cases[] = {
		{ CG2_EVENT_REFUSED, 1, NULL, OWN("pids.max", 64),
		  "1 fork refused: pids.max 64 of this cgroup" },
		{ CG2_EVENT_REFUSED, 312, NULL, ABOVE("pids.max", 10000),
		  "312 forks refused: probably pids.max 10000 of user-1000.slice" },
		{ CG2_EVENT_REFUSED, 3, NULL, { .size = 0 }, "3 forks refused" },
		{ CG2_EVENT_OOM, 1, NULL, OWN("memory.max", 64 << 20),
		  "1 process killed by the OOM killer: memory.max 64M of this cgroup" },
		{ CG2_EVENT_OOM, 2, NULL, { .file = "ram", .limit = CG2_MAX, .is_certain = true },
		  "2 processes killed by the OOM killer: ram" },
		{ CG2_EVENT_TASKS, 52, "tasks:80%", OWN("pids.max", 64),
		  "52 tasks (tasks:80%): pids.max 64 of this cgroup" },
		{ CG2_EVENT_MEMORY, 58 << 20, "memory:90%", OWN("memory.max", 64 << 20),
		  "58M of memory (memory:90%): memory.max 64M of this cgroup" },
		{ CG2_EVENT_PRESSURE, 1234, "pressure:memory:some:10%/2s", { .size = 0 },
		  "stalled 12% of the time (pressure:memory:some:10%/2s)" },
		{ CG2_EVENT_OOMD, CG2_MAX, NULL, { .size = 0 }, "killed by systemd-oomd" },
		{ CG2_EVENT_FROZEN, CG2_MAX, NULL, { .size = 0 }, "frozen" },
		{ CG2_EVENT_EMPTY, CG2_MAX, NULL, { .size = 0 }, "no processes left" },
		{ CG2_EVENT_GONE, CG2_MAX, NULL, { .size = 0 }, "the cgroup is gone" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_case_text(&cases[i]);
}

static struct cg2_event *new_failure(int code, int status)
{
	struct cg2_event *event = new_event(CG2_EVENT_FAILED, CG2_MAX);

	event->result = strdup(code == CLD_EXITED ? "exit-code" : "signal");
	event->exit_code = code;
	event->exit_status = status;
	event->lines = calloc(3, sizeof(*event->lines));
	assert_non_null(event->lines);
	event->lines[0] = strdup("starting");
	event->lines[1] = strdup("no such table");
	return event;
}

static void failure_is_told_with_the_last_line(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = new_failure(CLD_EXITED, 3);
	_cleanup_(cg2_event_unrefp) struct cg2_event *killed = new_failure(CLD_KILLED, SIGKILL);
	_cleanup_free_ char *text = monitor_event_to_text(event, NULL);
	_cleanup_free_ char *killed_text = monitor_event_to_text(killed, NULL);
	const struct failure full = { .cause = "no-space",
				      .certainty = CG2_CERTAINTY_PROBABLE,
				      .reason = (char *)"a disk was full" };
	const struct failure exit = { .cause = "exit", .reason = (char *)"it ended with status 3" };
	_cleanup_free_ char *why = monitor_event_to_text(event, &full);
	_cleanup_free_ char *plain = monitor_event_to_text(event, &exit);

	assert_string_equal(text, "the unit failed, exit-code, status 3: no such table");
	assert_string_equal(killed_text, "the unit failed, signal, SIGKILL: no such table");
	assert_string_equal(why, "the unit failed, exit-code, status 3: probably a disk was full");
	assert_string_equal(plain, "the unit failed, exit-code, status 3: no such table");
}

static void set_use(struct cg2_event *event, enum cg2_use use, uint64_t value)
{
	event->uses[use] = value;
	event->uses_known |= UINT64_C(1) << use;
}

static struct cg2_event *new_sample(void)
{
	struct cg2_event *event = new_event(CG2_EVENT_SAMPLE, CG2_MAX);

	set_use(event, CG2_USE_MEMORY_BYTES, 12 << 20);
	set_use(event, CG2_USE_MEMORY_MAX_BYTES, 64 << 20);
	set_use(event, CG2_USE_TASKS_COUNT, 3);
	set_use(event, CG2_USE_TASKS_MAX_COUNT, CG2_MAX);
	set_use(event, CG2_USE_CPU_USEC, 1203441);
	return event;
}

static void sample_shows_what_list_does(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = new_sample();
	_cleanup_free_ char *text = monitor_event_to_text(event, NULL);

	assert_string_equal(text, "memory 12M/64M, tasks 3, cpu 1.20s, pressure unknown");
}

/* ---- processes ---- */

/* status: a wait status; -1: it has not ended. */
static struct cg2_event *new_process_event(enum cg2_event_kind kind, const char *command,
					   int status)
{
	struct cg2_event *event = new_event(kind, CG2_MAX);
	struct cg2_process *process = process_new(1234, 1200, NULL);

	assert_non_null(process);
	strncpy(process->command, command, sizeof(process->command) - 1);
	process->has_ended = process->is_dead = status >= 0;
	process->has_leader_code = status >= 0;
	process->leader_code = process->last_code = (uint32_t)status;
	event->process = process;
	return event;
}

static void set_figure(struct cg2_event *event, enum cg2_process_figure figure, uint64_t value)
{
	event->process->figures[figure] = value;
	event->process->known |= UINT64_C(1) << figure;
}

static struct cg2_event *new_exit(int status)
{
	struct cg2_event *event = new_process_event(CG2_EVENT_EXIT, "make", status);

	set_figure(event, CG2_PROCESS_CPU_USEC, 1203441);
	set_figure(event, CG2_PROCESS_PEAK_RSS_BYTES, 12 << 20);
	set_figure(event, CG2_PROCESS_CPU_DELAY_USEC, 300);
	set_figure(event, CG2_PROCESS_IO_DELAY_USEC, 2500000);
	set_figure(event, CG2_PROCESS_SWAP_DELAY_USEC, 40000);
	return event;
}

static void check_text_of(struct cg2_event *event, const char *expected)
{
	_cleanup_free_ char *text = monitor_event_to_text(event, NULL);

	assert_non_null(text);
	if (strcmp(text, expected) != 0)
		fail_msg("'%s' is not '%s'", text, expected);
	cg2_event_unref(event);
}

static void processes_are_told_in_words(void **state _unused_)
{
	struct cg2_event *orphan = new_process_event(CG2_EVENT_FORK, "sh", -1);

	orphan->process->ppid = 0;
	check_text_of(orphan, "sh (1234)");
	check_text_of(new_process_event(CG2_EVENT_FORK, "sh", -1), "sh (1234) by 1200");
	check_text_of(new_process_event(CG2_EVENT_EXEC, "a\nb", -1), "a\\x0ab (1234)");
	check_text_of(new_exit(3 << 8),
		      "make (1234) with 3, 1.20s of CPU, 12M of memory, "
		      "waited 2.50s for I/O, 40ms for swap");
	check_text_of(new_process_event(CG2_EVENT_EXIT, "sh", SIGKILL),
		      "sh (1234) by SIGKILL");
	/* Its end was lost. */
	check_text_of(new_process_event(CG2_EVENT_EXIT, "sh", -1),
		      "sh (1234), exit status unknown");
}

/* A target is what somebody called a unit. */
static void line_is_one_line(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event =
		event_new(CG2_EVENT_GONE, "a\nb\x1b[31m.service", NULL);
	_cleanup_free_ char *line = NULL, *message = NULL;

	assert_non_null(event);
	setenv("TZ", "UTC", 1);
	tzset();
	event->time_usec = UINT64_C(1769860800123456);
	line = monitor_event_to_line(event, "gone\r");
	assert_string_equal(line, "12:00:00 gone      a\\x0ab\\x1b[31m.service: gone\\x0d\n");
	message = monitor_event_to_message(event, "gone\r");
	assert_string_equal(message, "gone a\\x0ab\\x1b[31m.service: gone\\x0d");
}

/* ---- JSON ---- */

static struct json_object *to_json(struct cg2_event *event)
{
	_cleanup_free_ char *text = NULL;
	struct json_object *object;
	size_t len;

	assert_int_equal(monitor_event_to_json(&jsonc, event, NULL, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	object = json_tokener_parse(text);
	assert_non_null(object);
	return object;
}

static void check_member(struct json_object *object, const char *key, const char *expected)
{
	struct json_object *member;

	if (!json_object_object_get_ex(object, key, &member))
		fail_msg("no %s", key);
	if (strcmp(json_object_to_json_string_ext(member, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE),
		   expected) != 0)
		fail_msg("%s: %s is not %s", key, json_object_to_json_string(member), expected);
}

static void json_of_a_failure_has_its_cause(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = new_failure(CLD_EXITED, 3);
	const struct failure failure = { .cause = "no-space",
					 .certainty = CG2_CERTAINTY_POSSIBLE,
					 .reason = (char *)"a disk was full" };
	_cleanup_free_ char *text = NULL;
	struct json_object *object = to_json(event);
	size_t len;

	check_member(object, "cause", "null");
	check_member(object, "certainty", "null");
	check_member(object, "reason", "null");
	json_object_put(object);
	assert_int_equal(monitor_event_to_json(&jsonc, event, &failure, &text, &len), 0);
	object = json_tokener_parse(text);
	check_member(object, "cause", "\"no-space\"");
	check_member(object, "certainty", "\"maybe\"");
	check_member(object, "reason", "\"a disk was full\"");
	check_member(object, "hint", "null");
	json_object_put(object);
}

static void json_has_all_keys_of_an_event(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = new_event(CG2_EVENT_REFUSED, 3);
	struct json_object *object;

	assert_int_equal(event_set_blame(event, "/system.slice/x.service", "pids.max", 64, true,
					 true), 0);
	object = to_json(event);
	check_member(object, "schema", "1");
	check_member(object, "time", "\"2026-01-31T12:00:00.123456Z\"");
	check_member(object, "event", "\"refused\"");
	check_member(object, "target", "\"x.service\"");
	check_member(object, "cgroup", "\"/system.slice/x.service\"");
	check_member(object, "value", "3");
	check_member(object, "limit", "64");
	check_member(object, "blame",
		     "{\"cgroup\":\"/system.slice/x.service\",\"file\":\"pids.max\","
		     "\"limit\":64,\"own\":true,\"certain\":true}");
	json_object_put(object);
}

static void what_is_not_known_is_null(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event =
		event_new(CG2_EVENT_GONE, "x", NULL);
	struct json_object *object = to_json(event);

	check_member(object, "cgroup", "null");
	check_member(object, "value", "null");
	check_member(object, "limit", "null");
	check_member(object, "blame", "null");
	json_object_put(object);
}

static void json_of_a_sample_has_the_figures(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = new_sample();
	struct json_object *object = to_json(event), *tasks;

	check_member(object, "event", "\"sample\"");
	assert_true(json_object_object_get_ex(object, "tasks", &tasks));
	check_member(tasks, "current", "3");
	check_member(tasks, "max", "null");
	json_object_put(object);
}

static void json_of_a_failure_says_how_it_ended(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = new_failure(CLD_EXITED, 3);
	_cleanup_(cg2_event_unrefp) struct cg2_event *killed = new_failure(CLD_DUMPED, SIGSEGV);
	struct json_object *object = to_json(event), *killed_object = to_json(killed);

	check_member(object, "result", "\"exit-code\"");
	check_member(object, "status", "3");
	check_member(object, "signal", "null");
	check_member(object, "log", "[\"starting\",\"no such table\"]");
	check_member(killed_object, "status", "null");
	check_member(killed_object, "signal", "\"SIGSEGV\"");
	json_object_put(object);
	json_object_put(killed_object);
}

static void json_of_a_process_has_its_row(void **state _unused_)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *begin =
		new_process_event(CG2_EVENT_EXEC, "a\xff", -1);
	_cleanup_(cg2_event_unrefp) struct cg2_event *end = new_exit(3 << 8);
	_cleanup_(cg2_event_unrefp) struct cg2_event *killed = new_exit(SIGKILL);
	struct json_object *begin_object = to_json(begin), *object = to_json(end);
	struct json_object *killed_object = to_json(killed);

	check_member(begin_object, "event", "\"exec\"");
	check_member(begin_object, "value", "null");
	check_member(begin_object, "pid", "1234");
	check_member(begin_object, "ppid", "1200");
	check_member(begin_object, "command", "\"a\xef\xbf\xbd\"");
	check_member(begin_object, "status", "null");
	check_member(begin_object, "signal", "null");
	check_member(begin_object, "cpu_usec", "null");
	check_member(begin_object, "peak_rss_bytes", "null");
	check_member(begin_object, "delays_usec",
		     "{\"cpu\":null,\"io\":null,\"reclaim\":null,\"swap\":null,"
		     "\"thrashing\":null}");
	check_member(object, "status", "3");
	check_member(object, "signal", "null");
	check_member(object, "cpu_usec", "1203441");
	check_member(object, "peak_rss_bytes", "12582912");
	check_member(object, "delays_usec",
		     "{\"cpu\":300,\"io\":2500000,\"reclaim\":null,\"swap\":40000,"
		     "\"thrashing\":null}");
	check_member(killed_object, "status", "137");
	check_member(killed_object, "signal", "\"SIGKILL\"");
	json_object_put(begin_object);
	json_object_put(object);
	json_object_put(killed_object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_told_in_words),
		cmocka_unit_test(failure_is_told_with_the_last_line),
		cmocka_unit_test(sample_shows_what_list_does),
		cmocka_unit_test(processes_are_told_in_words),
		cmocka_unit_test(line_is_one_line),
		cmocka_unit_test(json_of_a_failure_has_its_cause),
		cmocka_unit_test(json_has_all_keys_of_an_event),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(json_of_a_sample_has_the_figures),
		cmocka_unit_test(json_of_a_failure_says_how_it_ended),
		cmocka_unit_test(json_of_a_process_has_its_row),
	};

	if (jsonc_load(&jsonc) < 0)
		return 77;
	return cmocka_run_group_tests_name("monitor", tests, NULL, NULL);
}
