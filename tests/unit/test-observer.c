/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes put together from events, records and /proc: the two sockets are the test's own, the
 * files are in a directory.
 */
#include "tests/unit/netlink.h"

#include <sys/socket.h>

#include "cgroup/group.h"
#include "process/netlink.h"
#include "process/observer.h"
#include "tests/scratch.h"

#define GROUP "/live.slice/target.scope"

struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct cg2_group *group;
	struct cg2_processes *processes;
	int events;
	int records;
	uint32_t seq;
};

/* ------------------------------------------------------------------------------------
 * A kernel
 */

static void put_process(struct work *work, int pid, const char *cgroup, const char *comm)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	snprintf(text, sizeof(text), "0::%s\n", cgroup);
	put_file(work->scratch.root, path, text);
	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	snprintf(text, sizeof(text), "%s\n", comm);
	put_file(work->scratch.root, path, text);
	snprintf(path, sizeof(path), "proc/%d/status", pid);
	put_file(work->scratch.root, path, "Name:\tx\nPPid:\t5\nThreads:\t1\n");
}

static void remove_process(struct work *work, int pid)
{
	char path[64];

	snprintf(path, sizeof(path), "proc/%d", pid);
	remove_file(work->scratch.root, path);
}

static void send_event(struct work *work, const struct proc_event *event)
{
	struct message m;

	event_make(&m, work->seq++, event, sizeof(*event));
	assert_int_equal(send(work->events, m.bytes, m.len, 0), m.len);
}

static void send_fork(struct work *work, int parent, int pid, int tgid)
{
	struct proc_event event = { .what = PROC_EVENT_FORK };

	event.event_data.fork.parent_pid = event.event_data.fork.parent_tgid = parent;
	event.event_data.fork.child_pid = pid;
	event.event_data.fork.child_tgid = tgid;
	send_event(work, &event);
}

static void send_exec(struct work *work, int pid)
{
	struct proc_event event = { .what = PROC_EVENT_EXEC };

	event.event_data.exec.process_pid = event.event_data.exec.process_tgid = pid;
	send_event(work, &event);
}

static void send_exit(struct work *work, int pid, int tgid, uint32_t code)
{
	struct proc_event event = { .what = PROC_EVENT_EXIT };

	event.event_data.exit.process_pid = pid;
	event.event_data.exit.process_tgid = tgid;
	event.event_data.exit.exit_code = code;
	send_event(work, &event);
}

/* sum_usec: the CPU time of all threads, 0: there were no others. */
static void send_record(struct work *work, int pid, int tgid, bool is_last, uint32_t code,
			uint64_t cpu_usec, uint64_t sum_usec)
{
	struct stats stats, sum;
	struct message m;

	stats_begin(&stats, 14, 432, "worker");
	stats_u32(&stats, AT_TGID, (uint32_t)tgid);
	stats_u32(&stats, AT_EXITCODE, code);
	stats.bytes[AT_FLAG] = is_last ? STATS_AGROUP : 0;
	stats_u64(&stats, AT_CPU_VIRTUAL, cpu_usec * 1000);
	stats_u64(&stats, AT_CPU_DELAY, 5000);
	stats_u64(&stats, AT_HIWATER_RSS, 64);
	record_begin(&m);
	aggregate_add(&m, false, (uint32_t)pid, &stats);
	if (sum_usec > 0) {
		stats_begin(&sum, 0, 432, "");
		stats_u64(&sum, AT_CPU_VIRTUAL, sum_usec * 1000);
		aggregate_add(&m, true, (uint32_t)tgid, &sum);
	}
	message_end(&m);
	assert_int_equal(send(work->records, m.bytes, m.len, 0), m.len);
}

static void pair(int *ret_ours, struct mnl_socket **ret_socket)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
				    fds),
			 0);
	*ret_ours = fds[0];
	*ret_socket = mnl_socket_fdopen(fds[1]);
	assert_non_null(*ret_socket);
}

static struct cg2_group *group_make(struct work *work)
{
	struct cg2_group *group = calloc(1, sizeof(*group));
	_cleanup_free_ char *dir = path_of(work->scratch.root, "cgroup");

	assert_non_null(group);
	put_file(work->scratch.root, "cgroup/cgroup.procs", "10\n");
	group->n_ref = 1;
	group->lock_fd = -1;
	group->ctx = cg2_ctx_ref(work->ctx);
	group->fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	group->path = strdup(GROUP);
	assert_true(group->fd >= 0 && group->path);
	return group;
}

/* Process 10 is in the group, 1 is not. */
static int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));
	struct cg2_processes *processes = calloc(1, sizeof(*processes));

	assert_non_null(work);
	assert_non_null(processes);
	scratch_make(&work->scratch);
	assert_int_equal(cg2_ctx_new(work->scratch.root, &work->ctx, NULL), 0);
	processes->n_ref = 1;
	processes->epoll_fd = -1;
	processes->ctx = cg2_ctx_ref(work->ctx);
	processes->taskstats.family = FAMILY;
	pair(&work->events, &processes->source.socket);
	pair(&work->records, &processes->taskstats.socket);
	put_file(work->scratch.root, "proc/sys/kernel/task_delayacct", "0\n");
	put_process(work, 1, "/init.scope", "init");
	put_process(work, 10, GROUP "/run", "sh");
	work->group = group_make(work);
	assert_int_equal(cg2_processes_add_group(processes, work->group, NULL), 0);
	work->processes = processes;
	*state = work;
	return 0;
}

static int work_end(void **state)
{
	struct work *work = *state;

	cg2_processes_unref(work->processes);
	cg2_group_unref(work->group);
	cg2_ctx_unref(work->ctx);
	close(work->events);
	close(work->records);
	scratch_remove(&work->scratch);
	free(work);
	return 0;
}

/* The next change has to be this one. */
static struct cg2_process *expect(struct work *work, enum cg2_process_change change, int pid)
{
	enum cg2_process_change got = (enum cg2_process_change)-1;
	struct cg2_process *process = NULL;

	assert_int_equal(cg2_processes_dispatch(work->processes, &got, &process, NULL), 1);
	assert_int_equal(cg2_process_get_pid(process), pid);
	assert_int_equal(got, change);
	return process;
}

static void expect_nothing(struct work *work)
{
	enum cg2_process_change change;
	struct cg2_process *process = NULL;

	if (cg2_processes_dispatch(work->processes, &change, &process, NULL) > 0)
		fail_msg("a change %d of %d", (int)change, (int)process->pid);
}

static void expect_exit(struct cg2_process *process, int want_code, int want_status)
{
	int code = 0, status = 0;

	assert_int_equal(cg2_process_get_exit(process, &code, &status), 1);
	assert_int_equal(code, want_code);
	assert_int_equal(status, want_status);
}

static uint64_t figure(struct cg2_process *process, enum cg2_process_figure which)
{
	uint64_t value = UNTOUCHED;

	cg2_process_get_figure(process, which, &value);
	return value;
}

/* ------------------------------------------------------------------------------------
 * Who belongs to the group
 */

static void children_belong_where_their_parents_do(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	put_process(work, 20, GROUP "/run", "sh");
	send_fork(work, 1, 19, 19);
	send_fork(work, 10, 20, 20);
	send_fork(work, 20, 21, 21); /* over before anybody looks */
	send_exec(work, 20);
	process = expect(work, CG2_PROCESS_FORK, 20);
	assert_int_equal(cg2_process_get_ppid(process), 10);
	check_text("command", cg2_process_get_command(process), "sh");
	assert_ptr_equal(cg2_process_get_group(process), work->group);
	process = expect(work, CG2_PROCESS_FORK, 21);
	assert_int_equal(cg2_process_get_ppid(process), 20);
	put_process(work, 20, GROUP "/run", "make");
	process = expect(work, CG2_PROCESS_EXEC, 20);
	check_text("command", cg2_process_get_command(process), "make");
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_unjoined(work->processes), 0);
}

static void child_that_was_made_elsewhere_is_left_out(void **state)
{
	struct work *work = *state;

	put_process(work, 20, "/live.slice/target.scope-2", "sh");
	send_fork(work, 10, 20, 20);
	send_exec(work, 20);
	send_exit(work, 20, 20, 0);
	expect_nothing(work);
}

/* The kernel tells of a fork before it puts the child where it belongs. */
static void child_that_is_nowhere_yet_belongs_to_its_parent(void **state)
{
	struct work *work = *state;

	put_process(work, 20, "/", "sh");
	send_fork(work, 10, 20, 20);
	expect(work, CG2_PROCESS_FORK, 20);
	/* As seen from another cgroup namespace. */
	put_process(work, 21, "/../..", "sh");
	send_fork(work, 10, 21, 21);
	expect(work, CG2_PROCESS_FORK, 21);
	/* The scan after a loss is no later than that. */
	work->seq += 1;
	put_process(work, 10, "/live.slice/target.scope/run", "sh");
	send_fork(work, 1, 50, 50);
	expect_nothing(work);
	/* But who executes something is somewhere. */
	put_process(work, 20, GROUP "/run", "sh");
	send_exec(work, 20);
	send_exec(work, 21);
	expect(work, CG2_PROCESS_EXEC, 20);
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_unjoined(work->processes), 1);
}

static void strangers_in_the_root_are_none_of_ours(void **state)
{
	struct work *work = *state;

	put_process(work, 30, "/", "modprobe");
	send_exec(work, 30);
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_unjoined(work->processes), 0);
}

static void process_that_was_moved_out_is_forgotten(void **state)
{
	struct work *work = *state;

	put_process(work, 10, "/live.slice", "sh");
	send_exec(work, 10);
	send_fork(work, 10, 20, 20);
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_unjoined(work->processes), 1);
}

static void stranger_in_the_group_is_met_when_he_executes(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	put_process(work, 30, GROUP " (deleted)", "cron");
	send_fork(work, 1, 30, 30);
	send_exec(work, 30);
	send_exec(work, 31); /* gone already: nobody can tell */
	process = expect(work, CG2_PROCESS_EXEC, 30);
	assert_int_equal(cg2_process_get_ppid(process), 5);
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_unjoined(work->processes), 1);
}

/* ------------------------------------------------------------------------------------
 * Ends
 */

static void end_brings_status_and_figures(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	send_fork(work, 10, 20, 20);
	send_record(work, 20, 20, true, 0x300, 1500, 0);
	send_exit(work, 20, 20, 0x300);
	expect(work, CG2_PROCESS_FORK, 20);
	process = expect(work, CG2_PROCESS_EXIT, 20);
	expect_exit(process, CLD_EXITED, 3);
	check_text("command", cg2_process_get_command(process), "worker");
	assert_int_equal(figure(process, CG2_PROCESS_CPU_USEC), 1500);
	assert_int_equal(figure(process, CG2_PROCESS_PEAK_RSS_BYTES), 65536);
	assert_int_equal(figure(process, CG2_PROCESS_CPU_DELAY_USEC), 5);
	assert_int_equal(figure(process, CG2_PROCESS_IO_DELAY_USEC), UNTOUCHED);
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_lost(work->processes), 0);
}

static void delays_are_known_where_the_kernel_counts_them(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	put_file(work->scratch.root, "proc/sys/kernel/task_delayacct", "1\n");
	send_fork(work, 10, 20, 20);
	send_record(work, 20, 20, true, 0, 1500, 0);
	send_exit(work, 20, 20, 0);
	expect(work, CG2_PROCESS_FORK, 20);
	process = expect(work, CG2_PROCESS_EXIT, 20);
	assert_int_equal(figure(process, CG2_PROCESS_IO_DELAY_USEC), 0);
	assert_int_equal(figure(process, CG2_PROCESS_SWAP_DELAY_USEC), 0);
}

/* Two sockets: the record may be read before the event that tells of the process. */
static void record_waits_for_its_process(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	send_record(work, 20, 20, true, 9, 1500, 0);
	expect_nothing(work);
	send_fork(work, 10, 20, 20);
	send_exit(work, 20, 20, 9);
	expect(work, CG2_PROCESS_FORK, 20);
	process = expect(work, CG2_PROCESS_EXIT, 20);
	expect_exit(process, CLD_KILLED, 9);
	assert_int_equal(figure(process, CG2_PROCESS_CPU_USEC), 1500);
}

static void records_of_others_are_not_kept(void **state)
{
	struct work *work = *state;

	for (int pid = 100; pid < 150; pid++)
		send_record(work, pid, pid, true, 0, 1, 0);
	for (int i = 0; i < 3; i++)
		expect_nothing(work);
	assert_int_equal(work->processes->n_records, 0);
}

/* The first thread may end before the others. */
static void process_ends_with_its_last_thread(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	send_fork(work, 10, 20, 20);
	send_fork(work, 20, 21, 20);
	send_record(work, 20, 20, false, 0, 1000, 0);
	send_exit(work, 20, 20, 0);
	expect(work, CG2_PROCESS_FORK, 20);
	expect_nothing(work);
	send_record(work, 21, 20, true, 0x700, 2000, 3000);
	send_exit(work, 21, 20, 0x700);
	process = expect(work, CG2_PROCESS_EXIT, 20);
	expect_exit(process, CLD_EXITED, 7);
	assert_int_equal(figure(process, CG2_PROCESS_CPU_USEC), 3000);
	expect_nothing(work);
}

static void exec_by_another_thread_ends_the_first_alone(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	put_process(work, 20, GROUP "/run", "sh");
	send_fork(work, 10, 20, 20);
	send_fork(work, 20, 21, 20);
	send_record(work, 20, 20, false, 0, 1000, 0);
	send_exit(work, 20, 20, 0);
	send_exec(work, 20);
	expect(work, CG2_PROCESS_FORK, 20);
	expect(work, CG2_PROCESS_EXEC, 20);
	send_record(work, 20, 20, true, 139, 2000, 3000);
	send_exit(work, 20, 20, 139);
	process = expect(work, CG2_PROCESS_EXIT, 20);
	expect_exit(process, CLD_DUMPED, 11);
}

/* ------------------------------------------------------------------------------------
 * Losses
 */

static void end_without_a_record_is_counted(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;

	send_fork(work, 10, 20, 20);
	send_exit(work, 20, 20, 0x100);
	expect(work, CG2_PROCESS_FORK, 20);
	process = expect(work, CG2_PROCESS_EXIT, 20);
	expect_exit(process, CLD_EXITED, 1);
	assert_int_equal(figure(process, CG2_PROCESS_CPU_USEC), UNTOUCHED);
	assert_int_equal(figure(process, CG2_PROCESS_CPU_DELAY_USEC), UNTOUCHED);
	assert_int_equal(cg2_processes_get_lost(work->processes), 1);
}

static void group_is_scanned_after_a_loss(void **state)
{
	struct work *work = *state;
	struct cg2_process *process;
	int code, status;

	put_process(work, 20, GROUP "/run", "sh");
	put_process(work, 22, GROUP "/run", "new");
	send_fork(work, 10, 20, 20);
	expect(work, CG2_PROCESS_FORK, 20);
	/* 20 ends, 22 begins, and nothing of it is heard. */
	work->seq += 4;
	remove_process(work, 20);
	put_file(work->scratch.root, "cgroup/cgroup.procs", "10\n22\n");
	send_fork(work, 1, 50, 50);
	process = expect(work, CG2_PROCESS_EXIT, 20);
	assert_int_equal(cg2_process_get_exit(process, &code, &status), 0);
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_lost(work->processes), 5);
	send_exec(work, 22);
	process = expect(work, CG2_PROCESS_EXEC, 22);
	assert_int_equal(cg2_process_get_ppid(process), 5);
}

static void who_was_moved_out_unheard_has_not_ended(void **state)
{
	struct work *work = *state;

	put_process(work, 10, "/live.slice", "sh");
	put_file(work->scratch.root, "cgroup/cgroup.procs", "");
	send_fork(work, 1, 50, 50);
	work->seq += 1;
	send_fork(work, 1, 51, 51);
	expect_nothing(work);
	assert_int_equal(cg2_processes_get_unjoined(work->processes), 1);
}

static void groups_that_are_removed_are_not_told_of(void **state)
{
	struct work *work = *state;

	put_process(work, 30, GROUP, "cron");
	cg2_processes_remove_group(work->processes, work->group);
	send_exec(work, 30);
	expect_nothing(work);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(children_belong_where_their_parents_do),
		CASE(child_that_was_made_elsewhere_is_left_out),
		CASE(child_that_is_nowhere_yet_belongs_to_its_parent),
		CASE(strangers_in_the_root_are_none_of_ours),
		CASE(process_that_was_moved_out_is_forgotten),
		CASE(stranger_in_the_group_is_met_when_he_executes),
		CASE(end_brings_status_and_figures),
		CASE(delays_are_known_where_the_kernel_counts_them),
		CASE(record_waits_for_its_process),
		CASE(records_of_others_are_not_kept),
		CASE(process_ends_with_its_last_thread),
		CASE(exec_by_another_thread_ends_the_first_alone),
		CASE(end_without_a_record_is_counted),
		CASE(group_is_scanned_after_a_loss),
		CASE(who_was_moved_out_unheard_has_not_ended),
		CASE(groups_that_are_removed_are_not_told_of),
	};

	if (netlink_load(NULL) < 0) {
		printf("1..0 # SKIP there is no libmnl\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
