/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A watch over files of a fixture: what is told of counters that move, of use at the edge of a
 * threshold, of files and cgroups that vanish, and when descriptors run out. Nobody notifies of
 * ordinary files, so that the tests say themselves which one has changed.
 */
#include <poll.h>
#include <sys/resource.h>

#include "base/dir.h"
#include "tree.h"

#include "watch/watch-internal.h"

#define SLICE "/system.slice"

struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct cg2_group *group;
	struct cg2_watch *watch;
	struct cg2_event *event;
	struct cg2_error err;
};

static void put(struct work *w, const char *cgroup, const char *file, const char *text)
{
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, MOUNT "%s/%s", cgroup, file) > 0);
	put_file(w->scratch.root, path, text);
}

/* The same through the file that is open, as the kernel would. */
static void change(struct work *w, const char *cgroup, const char *file, const char *text)
{
	_cleanup_free_ char *path = NULL;
	FILE *f;

	assert_true(asprintf(&path, "%s/" MOUNT "%s/%s", w->scratch.root, cgroup, file) > 0);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int start(void **state)
{
	static const char *const files[][2] = {
		{ "cgroup.events", "populated 1\nfrozen 0\n" },
		{ "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 5\noom_group_kill 0\n" },
		{ "memory.events.local", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 5\n" },
		{ "pids.events", "max 7\n" },
		{ "pids.events.local", "max 7\n" },
		{ "pids.current", "10\n" },
		{ "pids.max", "100\n" },
		{ "memory.current", "1048576\n" },
		{ "memory.max", "max\n" },
	};
	struct work *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->ctx = open_copy("trixie", &w->scratch);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		put(w, SLICE, files[i][0], files[i][1]);
		put(w, SERVICE, files[i][0], files[i][1]);
	}
	put(w, SLICE, "pids.max", "max\n");
	w->group = open_group(w->ctx, SERVICE);
	assert_int_equal(cg2_watch_new(w->ctx, &w->watch, &w->err), 0);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct work *w = *state;

	cg2_event_unref(w->event);
	cg2_watch_unref(w->watch);
	cg2_group_unref(w->group);
	cg2_error_clear(&w->err);
	cg2_ctx_unref(w->ctx);
	scratch_remove(&w->scratch);
	free(w);
	return 0;
}

static void begin(struct work *w)
{
	assert_int_equal(cg2_watch_add_group(w->watch, w->group, NULL, &w->err), 0);
}

/* The kernel notifies of a file of the target's. */
static void notify(struct work *w, enum watch_file_id id)
{
	struct watch_file *file = &w->watch->targets->levels[0]->files[id];

	file->source.ready(w->watch, &file->source);
}

/* The next event, or that there is none. */
static bool next(struct work *w)
{
	w->event = cg2_event_unref(w->event);
	return cg2_watch_dispatch(w->watch, &w->event, &w->err) > 0;
}

static void check_next(struct work *w, enum cg2_event_kind kind, uint64_t value)
{
	uint64_t have = UNTOUCHED;

	assert_true(next(w));
	check_text("kind", cg2_event_kind_to_string(cg2_event_get_kind(w->event)),
		   cg2_event_kind_to_string(kind));
	if (cg2_event_get_value(w->event, &have) > 0 || value != UNTOUCHED)
		assert_int_equal(have, value);
}

static void check_blame(struct work *w, const char *cgroup, const char *file)
{
	struct cg2_blame blame = { .size = sizeof(blame) };

	assert_int_equal(cg2_event_get_blame(w->event, &blame), 1);
	check_text("cgroup", blame.cgroup, cgroup);
	check_text("file", blame.file, file);
}

/* ---- counters ---- */

static void counters_are_told_by_their_difference(void **state)
{
	struct work *w = *state;

	begin(w);
	assert_false(next(w));
	change(w, SERVICE, "pids.events.local", "max 10\n");
	change(w, SERVICE, "pids.events", "max 10\n");
	notify(w, FILE_PIDS_EVENTS);
	check_next(w, CG2_EVENT_REFUSED, 3);
	check_blame(w, SERVICE, "pids.max");
	change(w, SERVICE, "memory.events", "oom 2\noom_kill 7\n");
	change(w, SERVICE, "memory.events.local", "oom 2\noom_kill 7\n");
	notify(w, FILE_MEMORY_EVENTS);
	check_next(w, CG2_EVENT_OOM, 2);
	check_blame(w, SERVICE, "memory.max");
	/* Nothing is told twice. */
	notify(w, FILE_PIDS_EVENTS);
	notify(w, FILE_MEMORY_EVENTS);
	assert_false(next(w));
	assert_int_equal(cg2_watch_get_lost(w->watch), 0);
}

static void counters_that_go_back_tell_nothing(void **state)
{
	struct work *w = *state;

	begin(w);
	change(w, SERVICE, "memory.events", "oom 0\noom_kill 1\n");
	change(w, SERVICE, "pids.events", "max 2\n");
	notify(w, FILE_MEMORY_EVENTS);
	notify(w, FILE_PIDS_EVENTS);
	assert_false(next(w));
	change(w, SERVICE, "memory.events", "oom 0\noom_kill 2\n");
	notify(w, FILE_MEMORY_EVENTS);
	check_next(w, CG2_EVENT_OOM, 1);
}

/* Who does not take events loses some, and is told how many. */
static void events_that_find_no_room_are_counted(void **state)
{
	struct work *w = *state;
	uint64_t told = 0, value;
	char text[64];

	begin(w);
	for (unsigned int i = 1; i <= 3000; i++) {
		snprintf(text, sizeof(text), "max %u\n", 7 + i);
		change(w, SERVICE, "pids.events", text);
		change(w, SERVICE, "pids.events.local", text);
		w->watch->round++;
		notify(w, FILE_PIDS_EVENTS);
		watch_targets_dispatch(w->watch);
	}
	while (next(w)) {
		assert_int_equal(cg2_event_get_value(w->event, &value), 1);
		told += value;
	}
	assert_true(told >= 1024);
	assert_int_equal(told + cg2_watch_get_lost(w->watch), 3000);
}

static void state_of_the_cgroup(void **state)
{
	struct work *w = *state;

	begin(w);
	change(w, SERVICE, "cgroup.events", "populated 1\nfrozen 1\n");
	notify(w, FILE_CGROUP_EVENTS);
	check_next(w, CG2_EVENT_FROZEN, UNTOUCHED);
	change(w, SERVICE, "cgroup.events", "populated 0\nfrozen 0\n");
	notify(w, FILE_CGROUP_EVENTS);
	check_next(w, CG2_EVENT_EMPTY, UNTOUCHED);
	assert_false(next(w));
}

/* ---- use ---- */

static void warn_at(struct work *w, const char *text)
{
	struct cg2_threshold threshold = { .size = sizeof(threshold) };

	assert_int_equal(cg2_threshold_from_string(text, &threshold, &w->err), 0);
	assert_int_equal(cg2_watch_add_threshold(w->watch, &threshold, &w->err), 0);
}

/* One look at the use; whether a threshold was crossed. */
static bool crosses(struct work *w, const char *use)
{
	change(w, SERVICE, "pids.current", use);
	w->watch->round++;
	watch_poll(w->watch);
	return next(w);
}

static void use_at_the_edge_is_told_once(void **state)
{
	struct work *w = *state;

	assert_int_equal(cg2_watch_set_poll(w->watch, 1000 * USEC_PER_SEC), 0);
	warn_at(w, "tasks:80%");
	begin(w);
	assert_false(next(w));
	assert_false(crosses(w, "79\n"));
	assert_true(crosses(w, "80\n"));
	check_blame(w, SERVICE, "pids.max");
	assert_false(crosses(w, "79\n"));
	assert_false(crosses(w, "80\n"));
	assert_false(crosses(w, "73\n"));
	assert_false(crosses(w, "95\n"));
	assert_false(crosses(w, "72\n"));
	assert_true(crosses(w, "80\n"));
}

static void limit_of_the_level_that_leaves_the_least(void **state)
{
	struct work *w = *state;

	assert_int_equal(cg2_watch_set_poll(w->watch, 1000 * USEC_PER_SEC), 0);
	put(w, SLICE, "pids.max", "20\n");
	put(w, SLICE, "pids.current", "19\n");
	warn_at(w, "tasks:90%");
	begin(w);
	check_next(w, CG2_EVENT_TASKS, 19);
	check_blame(w, SLICE, "pids.max");
}

/* It knows nothing of the window, which is of pressure alone. */
static void threshold_of_an_older_caller(void **state)
{
	struct cg2_threshold t = { .size = offsetof(struct cg2_threshold, window_usec),
				   .kind = CG2_THRESHOLD_TASKS,
				   .value = 10,
				   .window_usec = UNTOUCHED };
	struct work *w = *state;

	assert_int_equal(cg2_watch_set_poll(w->watch, 1000 * USEC_PER_SEC), 0);
	assert_int_equal(cg2_watch_add_threshold(w->watch, &t, &w->err), 0);
	t.size = sizeof(size_t) - 1;
	assert_int_equal(cg2_watch_add_threshold(w->watch, &t, &w->err), -EINVAL);
	begin(w);
	check_next(w, CG2_EVENT_TASKS, 10);
}

/* ---- samples ---- */

static void figures_without_a_file_are_unknown(void **state)
{
	struct work *w = *state;
	uint64_t value = UNTOUCHED;

	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, MOUNT "%s/pids.max", SERVICE) > 0);
	remove_file(w->scratch.root, path);
	assert_int_equal(cg2_watch_set_sample(w->watch, 1000 * USEC_PER_SEC, 0), 0);
	begin(w);
	assert_true(next(w));
	assert_int_equal(cg2_event_get_kind(w->event), CG2_EVENT_SAMPLE);
	assert_int_equal(cg2_event_get_use(w->event, CG2_USE_TASKS_MAX_COUNT, &value), 0);
	assert_true(value == UNTOUCHED);
	assert_int_equal(cg2_event_get_use(w->event, CG2_USE_TASKS_COUNT, &value), 1);
	assert_int_equal(value, 10);
	assert_int_equal(cg2_event_get_use(w->event, CG2_USE_MEMORY_MAX_BYTES, &value), 1);
	assert_true(value == CG2_MAX);
}

/* ---- what runs out, and what is gone ---- */

static unsigned int count_fds(void)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(AT_FDCWD, "/proc/self/fd");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	return n;
}

static void cgroup_that_is_removed_before_it_is_added(void **state)
{
	struct work *w = *state;
	unsigned int before = count_fds();
	_cleanup_free_ char *path = path_of(w->scratch.root, MOUNT SERVICE);

	assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(cg2_watch_add_group(w->watch, w->group, NULL, &w->err), -ENOENT);
	check_in("detail", w->err.detail, "removed in the meantime");
	assert_int_equal(cg2_watch_has_targets(w->watch), 0);
	watch_levels_sweep(w->watch);
	assert_int_equal(count_fds(), before);
}

/* The dispatch that is told of a removal by inotify looks for what was removed. */
static void empty_cgroup_is_gone_with_its_removal(void **state)
{
	struct work *w = *state;
	_cleanup_free_ char *path = path_of(w->scratch.root, MOUNT SERVICE);
	struct watch_file *file;

	begin(w);
	change(w, SERVICE, "cgroup.events", "populated 0\nfrozen 0\n");
	notify(w, FILE_CGROUP_EVENTS);
	check_next(w, CG2_EVENT_EMPTY, UNTOUCHED);
	assert_false(next(w));
	/* Of cgroupfs a removed file would say so itself. */
	file = &w->watch->targets->levels[0]->files[FILE_CGROUP_EVENTS];
	file->fd = close_fd(file->fd);
	assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
	check_next(w, CG2_EVENT_GONE, UNTOUCHED);
	assert_false(next(w));
	assert_int_equal(cg2_watch_has_targets(w->watch), 0);
}

static void set_room(unsigned int n, struct rlimit *ret_old)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, ret_old), 0);
	limit = *ret_old;
	limit.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* However few are left: it says so, and gives back what it had. */
static void descriptors_run_out(void **state)
{
	struct work *w = *state;
	unsigned int before = count_fds();
	struct rlimit old;
	int r = -EMFILE;

	for (unsigned int room = 0; r == -EMFILE; room++) {
		assert_true(room < 64);
		set_room(before + room, &old);
		cg2_error_clear(&w->err);
		r = cg2_watch_add_group(w->watch, w->group, NULL, &w->err);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		if (r == 0)
			break;
		assert_int_equal(r, -EMFILE);
		check_in("hint", w->err.hint, "ulimit -n");
		watch_levels_sweep(w->watch);
		assert_int_equal(count_fds(), before);
	}
	assert_int_equal(cg2_watch_has_targets(w->watch), 1);
}

/* Without inotify an empty cgroup is looked at now and then. */
static void inotify_runs_out(void **state)
{
	struct work *w = *state;
	struct rlimit old;

	begin(w);
	change(w, SERVICE, "cgroup.events", "populated 0\nfrozen 0\n");
	set_room(0, &old);
	notify(w, FILE_CGROUP_EVENTS);
	check_next(w, CG2_EVENT_EMPTY, UNTOUCHED);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_true(w->watch->due[DUE_REMOVAL] != CG2_MAX);
	/* It has processes again. */
	change(w, SERVICE, "cgroup.events", "populated 1\nfrozen 0\n");
	notify(w, FILE_CGROUP_EVENTS);
	assert_false(next(w));
	assert_int_equal(cg2_watch_has_targets(w->watch), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counters_are_told_by_their_difference),
		TEST(counters_that_go_back_tell_nothing),
		TEST(events_that_find_no_room_are_counted),
		TEST(state_of_the_cgroup),
		TEST(use_at_the_edge_is_told_once),
		TEST(limit_of_the_level_that_leaves_the_least),
		TEST(threshold_of_an_older_caller),
		TEST(figures_without_a_file_are_unknown),
		TEST(cgroup_that_is_removed_before_it_is_added),
		TEST(empty_cgroup_is_gone_with_its_removal),
		TEST(descriptors_run_out),
		TEST(inotify_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
