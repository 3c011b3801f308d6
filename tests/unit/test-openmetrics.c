/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The file of metrics: what is in it, that both formats' rules hold for it, and that it is
 * whole at any time.
 */
#include "tests/scratch.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "cmd/monitor/hook.h"
#include "cmd/monitor/openmetrics.h"
#include "watch/event.h"

struct work {
	struct scratch scratch;
	char *path;
	struct metrics *metrics;
	struct metrics_self self;
};

static int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	scratch_make(&work->scratch);
	work->path = path_of(work->scratch.root, "cgscope.prom");
	assert_int_equal(metrics_new(work->path, &work->metrics), 0);
	*state = work;
	return 0;
}

static int work_end(void **state)
{
	struct work *work = *state;

	metrics_free(work->metrics);
	scratch_remove(&work->scratch);
	free(work->path);
	free(work);
	return 0;
}

static void set_use(struct cg2_event *event, enum cg2_use use, uint64_t value)
{
	event->uses[use] = value;
	event->uses_known |= UINT64_C(1) << use;
}

static void add(struct work *work, enum cg2_event_kind kind, const char *target,
		const char *cgroup)
{
	_cleanup_(cg2_event_unrefp) struct cg2_event *event = event_new(kind, target, cgroup);

	assert_non_null(event);
	if (kind == CG2_EVENT_SAMPLE) {
		set_use(event, CG2_USE_MEMORY_BYTES, 12 << 20);
		set_use(event, CG2_USE_MEMORY_MAX_BYTES, CG2_MAX);
		set_use(event, CG2_USE_TASKS_COUNT, 3);
		set_use(event, CG2_USE_TASKS_REFUSED_COUNT, 7);
		set_use(event, CG2_USE_CPU_USEC, 1203441);
		set_use(event, CG2_USE_MEMORY_SOME_PERMYRIAD, 1234);
	}
	metrics_add(work->metrics, event);
}

static char *text_of(struct work *work)
{
	size_t len;
	char *text = metrics_to_text(work->metrics, &work->self, &len);

	assert_non_null(text);
	assert_int_equal(strlen(text), len);
	return text;
}

/* ---- the rules that both formats have ---- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

/* NAME, or NAME{LABEL="VALUE",...}; returns what follows, NULL if it is wrong. */
static const char *skip_labels(const char *pos)
{
	if (*pos != '{')
		return pos;
	do {
		size_t n = strcspn(++pos, "=");

		if (n == 0 || !is_name_char(*pos) || pos[n + 1] != '"')
			return NULL;
		for (pos += n + 2; *pos && *pos != '"'; pos++)
			if (*pos == '\\' && !strchr("\\\"n", *++pos))
				return NULL;
		if (*pos++ != '"')
			return NULL;
	} while (*pos == ',');
	return *pos == '}' ? pos + 1 : NULL;
}

static void check_sample(const char *line, const char *family)
{
	size_t n = strlen(family);
	const char *value;
	char *end;

	if (strncmp(line, family, n) != 0 || (line[n] != '{' && line[n] != ' '))
		fail_msg("'%s' is not of %s", line, family);
	value = skip_labels(line + n);
	if (!value || *value != ' ')
		fail_msg("'%s' is malformed", line);
	strtod(value + 1, &end);
	if (*end || end == value + 1)
		fail_msg("'%s' has no number, or more", line);
}

/* "# HELP NAME ...": a family that was not there before. */
static void begin_family(const char *line, char *family, size_t size, char *seen)
{
	char name[128];

	snprintf(name, sizeof(name), " %.*s ", (int)strcspn(line, " "), line);
	if (strncmp(name, " cgscope_", 9) != 0 || strstr(seen, name))
		fail_msg("%s: not our name, or twice", name);
	strcat(seen, name);
	snprintf(family, size, "%.*s", (int)strcspn(line, " "), line);
}

static void check_rules(const char *text)
{
	_cleanup_free_ char *copy = strdup(text), *seen = calloc(1, strlen(text) + 1);
	char family[128] = "", typed[128] = "", *rest = copy;
	const char *line;
	bool is_over = false;

	while ((line = strsep(&rest, "\n")) && (*line || rest)) {
		assert_false(is_over);
		if (strcmp(line, "# EOF") == 0)
			is_over = true;
		else if (strncmp(line, "# TYPE ", 7) == 0)
			snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(line + 7, " "),
				 line + 7);
		else if (strncmp(line, "# HELP ", 7) == 0)
			begin_family(line + 7, family, sizeof(family), seen);
		else
			check_sample(line, family);
		if (!strstr(line, "# TYPE") && *typed && strcmp(typed, family) != 0)
			fail_msg("type of %s at %s", typed, family);
		if (strncmp(line, "# TYPE", 6) != 0)
			*typed = '\0';
	}
	assert_true(is_over);
	assert_true(text[strlen(text) - 1] == '\n');
}

/* ---- cases ---- */

static void file_obeys_the_rules(void **state)
{
	struct work *work = *state;
	const struct hook_counts hooks = { 1, 2, 3, 4 };
	const uint64_t unjoined = 5;
	_cleanup_free_ char *empty = text_of(work), *text = NULL;

	check_rules(empty);
	add(work, CG2_EVENT_SAMPLE, "x.service", "/system.slice/x.service");
	add(work, CG2_EVENT_SAMPLE, "we\"ird\\\n\xff.service", "/we\"ird");
	add(work, CG2_EVENT_REFUSED, "x.service", "/system.slice/x.service");
	work->self.hooks = &hooks;
	work->self.unjoined = &unjoined;
	assert_null(strstr(empty, "unjoined"));
	text = text_of(work);
	check_rules(text);
	check_in("unjoined", text, "\ncgscope_monitor_unjoined_processes_total 5\n");
	check_in("labels", text, "{target=\"we\\\"ird\\\\\\n\xef\xbf\xbd.service\",cgroup=");
}

static int run_reference(const char *path)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		execl(CHECK_METRICS, CHECK_METRICS, path, NULL);
		_exit(errno == ENOENT ? 77 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void file_is_what_others_read(void **state)
{
	struct work *work = *state;
	const struct hook_counts hooks = { 1, 2, 3, 4 };
	const uint64_t unjoined = 5;
	int status;

	add(work, CG2_EVENT_SAMPLE, "x.service", "/system.slice/x.service");
	add(work, CG2_EVENT_SAMPLE, "we\"ird\\\n\r\xff{}=,.service", "/we\"ird#");
	add(work, CG2_EVENT_REFUSED, "x.service", "/system.slice/x.service");
	add(work, CG2_EVENT_GONE, "x.service", "/system.slice/x.service");
	work->self.hooks = &hooks;
	work->self.unjoined = &unjoined;
	metrics_write(work->metrics, &work->self);
	status = run_reference(work->path);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

static void figures_are_in_base_units(void **state)
{
	static const char *const lines[] = {
		"\ncgscope_memory_bytes{target=\"x\",cgroup=\"/x\"} 12582912\n",
		"\ncgscope_memory_limit_bytes{target=\"x\",cgroup=\"/x\"} +Inf\n",
		"\ncgscope_tasks_refused_total{target=\"x\",cgroup=\"/x\"} 7\n",
		"\ncgscope_cpu_seconds_total{target=\"x\",cgroup=\"/x\"} 1.203441\n",
		"\ncgscope_memory_pressure_some_ratio{target=\"x\",cgroup=\"/x\"} 0.1234\n",
	};
	_cleanup_free_ char *text = NULL;

	add(*state, CG2_EVENT_SAMPLE, "x", "/x");
	text = text_of(*state);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		check_in("the text", text, lines[i]);
	/* What the kernel did not tell is left out. */
	assert_null(strstr(text, "cgscope_swap"));
}

static void events_are_counted(void **state)
{
	_cleanup_free_ char *text = NULL;

	for (unsigned int i = 0; i < 3; i++)
		add(*state, CG2_EVENT_OOM, "x", "/x");
	add(*state, CG2_EVENT_OOM, "y", "/y");
	text = text_of(*state);
	check_in("of x", text,
		 "\ncgscope_events_total{target=\"x\",cgroup=\"/x\",event=\"oom\"} 3\n");
	check_in("of all", text, "\ncgscope_monitor_events_total{event=\"oom\"} 4\n");
	check_in("none", text, "\ncgscope_monitor_events_total{event=\"refused\"} 0\n");
}

/* An alert needs its counts for some time; the figures would be wrong. */
static void counts_of_a_cgroup_outlive_it(void **state)
{
	_cleanup_free_ char *text = NULL, *again = NULL;

	add(*state, CG2_EVENT_SAMPLE, "x", "/x");
	add(*state, CG2_EVENT_OOM, "x", "/x");
	add(*state, CG2_EVENT_GONE, "x", "/x");
	text = text_of(*state);
	assert_null(strstr(text, "cgscope_tasks{"));
	check_in("counts", text, "cgscope_tasks_refused_total{target=\"x\"");
	check_in("events", text, "event=\"oom\"} 1\n");
	add(*state, CG2_EVENT_SAMPLE, "x", "/x");
	again = text_of(*state);
	check_in("back", again, "cgscope_tasks{target=\"x\"");
}

static void cgroups_that_come_and_go_do_not_pile_up(void **state)
{
	_cleanup_free_ char *text = NULL;
	size_t n = 0;

	for (unsigned int i = 0; i < 5000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "/%u", i);
		add(*state, CG2_EVENT_SAMPLE, "all", name);
		add(*state, CG2_EVENT_GONE, "all", name);
	}
	text = text_of(*state);
	for (const char *c = text; (c = strstr(c, "\ncgscope_cpu_seconds_total{")); c++)
		n++;
	assert_true(n >= 1 && n <= 1000);
}

static void file_is_replaced_whole(void **state)
{
	struct work *work = *state;
	_cleanup_free_ char *before = NULL, *after = NULL, *other = NULL;

	metrics_write(work->metrics, &work->self);
	other = path_of(work->scratch.root, "a");
	assert_int_equal(link(work->path, other), 0);
	before = get_file("", work->path);
	check_rules(before);
	add(work, CG2_EVENT_OOM, "x", "/x");
	metrics_write(work->metrics, &work->self);
	after = get_file("", work->path);
	check_in("the file", after, "event=\"oom\"} 1\n");
	/* Who had it open reads on in the old one. */
	free(before);
	before = get_file("", other);
	assert_null(strstr(before, "event=\"oom\"} 1\n"));
}

static size_t count_files(const char *directory)
{
	DIR *dir = opendir(directory);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

/* As a full disk: no byte more fits. The old file stays, and it goes on when there is room. */
static void failure_is_counted_and_goes_by(void **state)
{
	struct work *work = *state;
	struct rlimit old, none;
	_cleanup_free_ char *text = NULL;

	metrics_write(work->metrics, &work->self);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	none = old;
	none.rlim_cur = 10;
	setrlimit(RLIMIT_FSIZE, &none);
	metrics_write(work->metrics, &work->self);
	metrics_write(work->metrics, &work->self);
	setrlimit(RLIMIT_FSIZE, &old);
	text = get_file("", work->path);
	check_rules(text);
	check_in("as before", text, "\ncgscope_monitor_write_failures_total 0\n");
	assert_int_equal(count_files(work->scratch.root), 1);
	metrics_write(work->metrics, &work->self);
	free(text);
	text = get_file("", work->path);
	check_in("afterwards", text, "\ncgscope_monitor_write_failures_total 2\n");
}

static void directory_that_is_gone_is_waited_for(void **state)
{
	struct work *work = *state;
	_cleanup_free_ char *directory = path_of(work->scratch.root, "metrics");
	_cleanup_free_ char *path = path_of(work->scratch.root, "metrics/cgscope.prom");
	_cleanup_(metrics_freep) struct metrics *metrics = NULL;
	_cleanup_free_ char *text = NULL;

	assert_int_equal(mkdir(directory, 0755), 0);
	assert_int_equal(metrics_new(path, &metrics), 0);
	assert_int_equal(rmdir(directory), 0);
	metrics_write(metrics, &work->self);
	metrics_write(metrics, &work->self);
	assert_int_equal(mkdir(directory, 0755), 0);
	metrics_write(metrics, &work->self);
	text = get_file("", path);
	check_rules(text);
	check_in("counted", text, "\ncgscope_monitor_write_failures_total 2\n");
}

static void what_is_no_file_is_refused(void **state _unused_)
{
	struct metrics *metrics;

	assert_true(metrics_new("/nonexistent/x", &metrics) < 0);
	assert_true(metrics_new("/dev/null", &metrics) < 0);
	assert_true(metrics_new("-", &metrics) < 0);
}

int main(void)
{
#define METRICS_TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		METRICS_TEST(file_obeys_the_rules),
		METRICS_TEST(file_is_what_others_read),
		METRICS_TEST(figures_are_in_base_units),
		METRICS_TEST(events_are_counted),
		METRICS_TEST(counts_of_a_cgroup_outlive_it),
		METRICS_TEST(cgroups_that_come_and_go_do_not_pile_up),
		METRICS_TEST(file_is_replaced_whole),
		METRICS_TEST(failure_is_counted_and_goes_by),
		METRICS_TEST(directory_that_is_gone_is_waited_for),
		METRICS_TEST(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests_name("openmetrics", tests, NULL, NULL);
}
