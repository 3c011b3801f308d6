/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record's JSON, from views that are filled by hand, and what it is made of: numbers
 * for people, UTF-8, the file it is written to.
 */
#include "unit.h"

#include <json.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "cmd/output/human.h"
#include "cmd/run/record.h"
#include "cmd/output/utf8.h"
#include "process/process.h"

static struct jsonc jsonc;

/* ------------------------------------------------------------------------------------
 * The parts
 */

static void numbers_for_people_are_rounded(void **state _unused_)
{
	static const struct {
		human_fn format;
		uint64_t value;
		const char *text;
	} cases[] = {
		{ human_bytes, 0, "0B" },
		{ human_bytes, 1023, "1023B" },
		{ human_bytes, 1024, "1K" },
		{ human_bytes, 1536, "1.5K" },
		{ human_bytes, 1048575, "1M" },
		{ human_bytes, UINT64_C(512) << 20, "512M" },
		{ human_bytes, (UINT64_C(99) << 20) + (UINT64_C(99) << 13), "99.8M" },
		{ human_bytes, UINT64_MAX, "16E" },
		{ human_usec, 0, "0s" },
		{ human_usec, 10000000, "10s" },
		{ human_usec, 999, "999us" },
		{ human_usec, 1000, "1ms" },
		{ human_usec, 12340, "12.3ms" },
		{ human_usec, 999400, "999ms" },
		{ human_usec, 999600, "1.00s" },
		{ human_usec, 1203441, "1.20s" },
		{ human_usec, 59994999, "59.99s" },
		{ human_usec, 59999000, "1min00s" },
		{ human_usec, UINT64_C(200) * 1000000, "3min20s" },
		{ human_usec, UINT64_C(3599600000), "1h00min" },
		{ human_usec, UINT64_C(7380000000), "2h03min" },
		{ human_count, UINT64_MAX, "18446744073709551615" },
		{ human_percent, 0, "0%" },
		{ human_percent, 8150, "82%" },
		{ human_percent, 8149, "81%" },
		{ human_percent, 15000, "150%" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[HUMAN_MAX];

		cases[i].format(cases[i].value, text);
		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s: %s", cases[i].text, text);
	}
}

static void bytes_become_utf8(void **state _unused_)
{
#define BAD "\xef\xbf\xbd"
	static const struct {
		const char *bytes;
		const char *text;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "a\x80z", "a" BAD "z" },
		{ "\xff", BAD },
		{ "\xc3", BAD },
		{ "\xe2\x82", BAD BAD },
		{ "\xe2\x82z", BAD BAD "z" },
		{ "\xc0\xaf", BAD BAD },		 /* overlong */
		{ "\xe0\x80\xaf", BAD BAD BAD },	 /* overlong */
		{ "\xed\xa0\x80", BAD BAD BAD },	 /* a surrogate */
		{ "\xf4\x90\x80\x80", BAD BAD BAD BAD }, /* above U+10FFFF */
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = utf8_from_bytes(cases[i].bytes);

		check_case(cases[i].bytes, text && strcmp(text, cases[i].text) == 0);
	}
}

/* ------------------------------------------------------------------------------------
 * The JSON
 */

static char true_word[] = "true";
static char *const command_true[] = { true_word, NULL };

static void view_init(struct record_view *view)
{
	record_view_init(view);
	view->command = command_true;
	view->verdict = CG2_VERDICT_OK;
	view->exit_code = CLD_EXITED;
}

/* The record as json-c reads it back; free with json_object_put(). */
static struct json_object *to_json(const struct record_view *view)
{
	_cleanup_free_ char *text = NULL;
	struct json_object *record;
	size_t len = 0;

	assert_int_equal(record_to_json(&jsonc, view, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	record = json_tokener_parse(text);
	assert_non_null(record);
	return record;
}

/* What is at "a.b.c"; fails if it is not there. */
static struct json_object *at(struct json_object *object, const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	char *save = NULL;

	assert_non_null(copy);
	for (char *key = strtok_r(copy, ".", &save); key;
	     key = strtok_r(NULL, ".", &save))
		if (!json_object_object_get_ex(object, key, &object))
			fail_msg("%s: there is no %s", path, key);
	return object;
}

static void check_text(struct json_object *record, const char *path, const char *text)
{
	const char *found = json_object_get_string(at(record, path));

	if (!found || strcmp(found, text) != 0)
		fail_msg("%s: %s", path, found ? found : "null");
}

static void check_number(struct json_object *record, const char *path, uint64_t number)
{
	check_case(path, json_object_is_type(at(record, path), json_type_int));
	check_case(path, json_object_get_uint64(at(record, path)) == number);
}

static const char *const figure_paths[] = {
	"wall_usec",
	"cpu.usage_usec",
	"cpu.user_usec",
	"cpu.system_usec",
	"cpu.throttled_usec",
	NULL, /* nr_periods is not in the record */
	"cpu.periods_throttled",
	"memory.peak_bytes",
	"memory.swap_peak_bytes",
	"memory.anon_peak_bytes",
	"memory.file_peak_bytes",
	"memory.max_rss_bytes",
	"memory.events.low",
	"memory.events.high",
	"memory.events.max",
	"memory.events.oom",
	"memory.events.oom_kill",
	"memory.events.oom_group_kill",
	"tasks.peak",
	"tasks.refused",
	"io.read_bytes",
	"io.write_bytes",
	"io.read_ops",
	"io.write_ops",
	"pressure.cpu.some_usec",
	"pressure.cpu.full_usec",
	"pressure.memory.some_usec",
	"pressure.memory.full_usec",
	"pressure.io.some_usec",
	"pressure.io.full_usec",
	"leftovers",
	"nested.runs",
	"nested.oom_kill",
	"nested.refused",
	NULL, /* file cache is for the summary */
};

static_assert(ARRAY_SIZE(figure_paths) == RECORD_FIGURE_COUNT, "a path for every figure");

static void every_figure_has_its_key(void **state _unused_)
{
	struct record_view view;
	struct json_object *record;

	view_init(&view);
	for (size_t i = 0; i < RECORD_FIGURE_COUNT; i++) {
		view.known |= UINT64_C(1) << i;
		view.figures[i] = i * 1000 + 7;
	}
	record = to_json(&view);
	for (size_t i = 0; i < ARRAY_SIZE(figure_paths); i++)
		if (figure_paths[i])
			check_number(record, figure_paths[i], i * 1000 + 7);
	json_object_put(record);
}

static void what_is_unknown_is_null(void **state _unused_)
{
	static const char *const others[] = { "placement.backend",
					      "placement.manager",
					      "placement.unit",
					      "placement.cgroup",
					      "exit.code",
					      "exit.signal",
					      "reason",
					      "hint",
					      "blame",
					      "processes",
					      "processes_lost",
					      "processes_unjoined" };
	struct record_view view;
	struct json_object *record;

	view_init(&view);
	view.exit_code = 0;
	record = to_json(&view);
	for (size_t i = 0; i < ARRAY_SIZE(figure_paths); i++)
		if (figure_paths[i])
			check_case(figure_paths[i], !at(record, figure_paths[i]));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		check_case(others[i], !at(record, others[i]));
	json_object_put(record);
}

static void large_figures_stay_exact(void **state _unused_)
{
	struct record_view view;
	struct json_object *record;

	view_init(&view);
	view.known = UINT64_C(1) << CG2_FIGURE_WALL_USEC;
	view.figures[CG2_FIGURE_WALL_USEC] = UINT64_MAX - 1;
	record = to_json(&view);
	check_number(record, "wall_usec", UINT64_MAX - 1);
	json_object_put(record);
}

static void the_end_of_the_command_is_told(void **state _unused_)
{
	struct record_view view;
	struct json_object *record;

	view_init(&view);
	view.started_usec = UINT64_C(1769860800000042);
	view.status = 3;
	view.exit_status = 3;
	record = to_json(&view);
	check_text(record, "started_at", "2026-01-31T12:00:00.000042Z");
	check_number(record, "exit.status", 3);
	check_number(record, "exit.code", 3);
	assert_null(at(record, "exit.signal"));
	json_object_put(record);
	view.status = 137;
	view.exit_code = CLD_KILLED;
	view.exit_status = SIGKILL;
	record = to_json(&view);
	check_text(record, "exit.signal", "SIGKILL");
	assert_null(at(record, "exit.code"));
	json_object_put(record);
	view.exit_status = SIGRTMIN + 2;
	record = to_json(&view);
	check_text(record, "exit.signal", "SIGRTMIN+2");
	json_object_put(record);
}

static void limits_have_values_of_their_kind(void **state _unused_)
{
	struct cg2_record_limit limits[] = {
		{ .name = "memory.max",
		  .unit = CG2_UNIT_BYTES,
		  .requested = 1000000,
		  .effective = 999424,
		  .is_verified = true },
		{ .name = "memory.oom.group", .unit = CG2_UNIT_BOOL, .requested = 1 },
		{ .name = "cpuset.cpus", .unit = CG2_UNIT_LIST, .requested_text = "0,1" },
		{ .name = "io.max",
		  .unit = CG2_UNIT_IO,
		  .device = "8:0",
		  .key = "riops",
		  .requested = 5,
		  .effective = CG2_MAX },
	};
	struct record_view view;
	struct json_object *record, *array;

	view_init(&view);
	view.limits = limits;
	view.n_limits = ARRAY_SIZE(limits);
	record = to_json(&view);
	array = at(record, "limits");
	assert_int_equal(json_object_array_length(array), ARRAY_SIZE(limits));
	check_text(json_object_array_get_idx(array, 0), "unit", "bytes");
	check_number(json_object_array_get_idx(array, 0), "effective", 999424);
	check_text(json_object_array_get_idx(array, 0), "verified", "true");
	check_text(json_object_array_get_idx(array, 1), "requested", "true");
	check_text(json_object_array_get_idx(array, 1), "effective", "false");
	check_text(json_object_array_get_idx(array, 2), "requested", "0,1");
	assert_null(at(json_object_array_get_idx(array, 2), "effective"));
	check_text(json_object_array_get_idx(array, 3), "unit", "iops");
	check_text(json_object_array_get_idx(array, 3), "device", "8:0");
	check_text(json_object_array_get_idx(array, 3), "key", "riops");
	assert_null(at(json_object_array_get_idx(array, 3), "effective"));
	json_object_put(record);
}

static void processes_have_rows(void **state _unused_)
{
	const struct taskstats_record end = { .pid = 11,
					      .tgid = 11,
					      .exit_code = 9,
					      .command = "hog",
					      .is_last = true,
					      .cpu_usec = 12,
					      .peak_rss_bytes = 4096 };
	struct cg2_process *list[] = { process_new(10, 1, NULL), process_new(11, 0, NULL) };
	struct record_view view;
	struct json_object *record, *rows;

	assert_true(list[0] && list[1]);
	process_merge(list[1], &end);
	list[1]->has_ended = true;
	view_init(&view);
	view.has_processes = true;
	view.processes = list;
	view.n_processes = ARRAY_SIZE(list);
	view.n_lost = 3;
	record = to_json(&view);
	check_number(record, "processes_lost", 3);
	check_number(record, "processes_unjoined", 0);
	rows = at(record, "processes");
	assert_int_equal(json_object_array_length(rows), 2);
	check_number(json_object_array_get_idx(rows, 0), "pid", 10);
	check_number(json_object_array_get_idx(rows, 0), "ppid", 1);
	assert_null(at(json_object_array_get_idx(rows, 0), "status"));
	assert_null(at(json_object_array_get_idx(rows, 0), "command"));
	assert_null(at(json_object_array_get_idx(rows, 0), "delays_usec.cpu"));
	assert_null(at(json_object_array_get_idx(rows, 1), "ppid"));
	check_text(json_object_array_get_idx(rows, 1), "command", "hog");
	check_text(json_object_array_get_idx(rows, 1), "signal", "SIGKILL");
	check_number(json_object_array_get_idx(rows, 1), "status", 137);
	check_number(json_object_array_get_idx(rows, 1), "cpu_usec", 12);
	check_number(json_object_array_get_idx(rows, 1), "peak_rss_bytes", 4096);
	check_number(json_object_array_get_idx(rows, 1), "delays_usec.cpu", 0);
	assert_null(at(json_object_array_get_idx(rows, 1), "delays_usec.io"));
	json_object_put(record);
	cg2_process_unref(list[0]);
	cg2_process_unref(list[1]);
}

static void labels_are_split_at_the_first_equals_sign(void **state _unused_)
{
	const char *words[] = { "a=1", "b=x=y", "c=", "a=2", "\xff=\xfe" };
	const struct option_list labels = { words, ARRAY_SIZE(words) };
	struct record_view view;
	struct json_object *record;

	view_init(&view);
	view.labels = &labels;
	record = to_json(&view);
	check_text(record, "labels.a", "2");
	check_text(record, "labels.b", "x=y");
	check_text(record, "labels.c", "");
	check_text(record, "labels.\xef\xbf\xbd", "\xef\xbf\xbd");
	json_object_put(record);
}

static void commands_of_any_bytes_are_one_line(void **state _unused_)
{
	char every[256], invalid[] = "\xc3(", empty[] = "";
	char *const command[] = { every, invalid, empty, NULL };
	struct record_view view;
	struct json_object *record, *array;
	const char *word;

	for (size_t i = 0; i < 255; i++)
		every[i] = (char)(i + 1);
	every[255] = '\0';
	view_init(&view);
	view.command = command;
	record = to_json(&view);
	array = at(record, "command");
	assert_int_equal(json_object_array_length(array), 3);
	word = json_object_get_string(json_object_array_get_idx(array, 0));
	assert_memory_equal(word, every, 127);
	assert_int_equal(strlen(word), 127 + 128 * 3);
	check_case("invalid",
		   strcmp(json_object_get_string(json_object_array_get_idx(array, 1)),
			  "\xef\xbf\xbd(") == 0);
	json_object_put(record);
}

/* What a terminal would obey is in no line, and the same when it is read. */
static void no_terminal_obeys_a_record(void **state _unused_)
{
	char hostile[] = "\x1b[31m\a\x7f\xc2\x9b" "2J\xc2\x80\xc3\xa4\x9b\t\n";
	char *const command[] = { hostile, NULL };
	_cleanup_free_ char *text = NULL;
	struct json_object *record, *word;
	struct record_view view;
	size_t len;

	view_init(&view);
	view.command = command;
	assert_int_equal(record_to_json(&jsonc, &view, &text, &len), 0);
	assert_int_equal(len, strlen(text));
	assert_string_equal(text + len - 1, "\n");
	for (size_t i = 0; i + 1 < len; i++)
		check_case("a control character", (unsigned char)text[i] >= 0x20 &&
							  text[i] != 0x7f);
	check_case("U+009B", !strstr(text, "\xc2\x9b") && !strstr(text, "\xc2\x80"));
	record = json_tokener_parse(text);
	word = json_object_array_get_idx(at(record, "command"), 0);
	assert_string_equal(json_object_get_string(word),
			    "\x1b[31m\a\x7f\xc2\x9b" "2J\xc2\x80\xc3\xa4" BAD "\t\n");
	json_object_put(record);
}

static void a_hundred_thousand_arguments_are_no_matter(void **state _unused_)
{
	const size_t n = 100000;
	char **command = calloc(n + 1, sizeof(*command));
	char word[] = "an argument";
	struct record_view view;
	struct json_object *record;

	assert_non_null(command);
	for (size_t i = 0; i < n; i++)
		command[i] = word;
	view_init(&view);
	view.command = command;
	record = to_json(&view);
	assert_int_equal(json_object_array_length(at(record, "command")), n);
	json_object_put(record);
	free(command);
}

static int load_json(void **state _unused_)
{
	return jsonc_load(&jsonc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_for_people_are_rounded),
		cmocka_unit_test(bytes_become_utf8),
		cmocka_unit_test(every_figure_has_its_key),
		cmocka_unit_test(what_is_unknown_is_null),
		cmocka_unit_test(large_figures_stay_exact),
		cmocka_unit_test(the_end_of_the_command_is_told),
		cmocka_unit_test(limits_have_values_of_their_kind),
		cmocka_unit_test(processes_have_rows),
		cmocka_unit_test(labels_are_split_at_the_first_equals_sign),
		cmocka_unit_test(commands_of_any_bytes_are_one_line),
		cmocka_unit_test(no_terminal_obeys_a_record),
		cmocka_unit_test(a_hundred_thousand_arguments_are_no_matter),
	};

	return cmocka_run_group_tests(tests, load_json, NULL);
}
