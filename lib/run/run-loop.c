/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A started run until it is over: the command's end, time limits, leftovers. Everything that is
 * waited for hangs on one epoll descriptor.
 */
#include "run/run.h"
#include "run/wait-usage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "process/pidfd-info.h"
#include "value/error.h"
#include "value/unknown.h"

/* The CPU time is looked at when it can be used up at the earliest, and not oftener than this. */
#define CPU_CHECK_MIN_USEC (5 * USEC_PER_MSEC)

#define DOZE_CPU_CHECK_USEC USEC_PER_SEC

/* Samples of memory begin early, for short commands, and become rarer. */
#define SAMPLE_FIRST_USEC (20 * USEC_PER_MSEC)
#define SAMPLE_STEP_MAX_USEC USEC_PER_SEC

/* How often is looked for what the kernel cannot tell of. */
#define LOOK_USEC (10 * USEC_PER_MSEC)

/* Zombies that are still there after that long are not reaped. */
#define ZOMBIE_USEC (50 * USEC_PER_MSEC)

/* ---- signals ---- */

static int signal_command(struct cg2_run *run, int sig)
{
	return syscall(SYS_pidfd_send_signal, run->pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

/* Somebody may have moved the command out, and the cgroup may be gone since. */
static void signal_group(struct cg2_run *run, int sig)
{
	if (!run->group)
		run_here_signal(run, sig);
	else if (group_signal(run->group, sig, NULL, NULL) < 0 && run->state == RUN_STARTED)
		signal_command(run, sig);
}

static void kill_group(struct cg2_run *run)
{
	if (!run->group) {
		run_here_signal(run, SIGKILL);
		return;
	}
	if (run->state == RUN_STARTED)
		signal_command(run, SIGKILL);
	group_kill_all(run->group);
}

CG2_EXPORT int cg2_run_signal(struct cg2_run *run, int sig, struct cg2_error *err)
{
	if (run->state == RUN_STARTED) {
		int r = signal_command(run, sig);

		return r < 0 ? error_set(err, CG2_OP_CALL, r, run->file, NULL) : 0;
	}
	if (run->state == RUN_ENDED && run->group)
		return group_signal(run->group, sig, NULL, err);
	if (run->state == RUN_ENDED) {
		run_here_signal(run, sig);
		return 0;
	}
	return error_set(err, CG2_OP_CALL, ESRCH, run->file, NULL);
}

/* ---- waiting ---- */

static int add_fd(struct cg2_run *run, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (fd < 0)
		return -errno;
	return epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Sets the timer to whatever is due first. */
static void arm(struct cg2_run *run)
{
	uint64_t usec = MIN(MIN(run->kill_usec, MIN(run->sample_usec, run->zombie_usec)),
			    MIN(MIN(run->trace.tick_usec, run->look_usec),
				MIN(run->wall_end_usec, run->cpu_check_usec)));
	struct itimerspec spec = { { 0, 0 }, { 0, 0 } };

	if (run->timer_fd < 0)
		return;
	if (usec != CG2_MAX) {
		/* 0 would disarm it. */
		usec = MAX(usec, 1);
		spec.it_value.tv_sec = (time_t)(usec / USEC_PER_SEC);
		spec.it_value.tv_nsec = (long)(usec % USEC_PER_SEC * NSEC_PER_USEC);
	}
	timerfd_settime(run->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static uint64_t from_now(uint64_t usec)
{
	uint64_t now = now_usec();

	return usec > CG2_MAX - 1 - now ? CG2_MAX : now + usec;
}

/* What cannot be refused any more, since the command runs: without memory for it, by the clock. */
static int add_or_look(struct cg2_run *run, int fd, uint32_t events)
{
	const int r = add_fd(run, fd, events);

	if ((r != -ENOMEM && r != -ENOSPC) || run->timer_fd < 0)
		return r;
	run->look_usec = from_now(0);
	arm(run);
	return 0;
}

/* The kernel notifies when pids.events grows; it may have no pids controller. */
static int watch_refusals(struct cg2_run *run)
{
	char buf[64];
	int r;

	if (run->group)
		run->refusals_fd = fsio_open(cg2_group_get_fd(run->group), "pids.events");
	if (run->refusals_fd < 0)
		return 0;
	r = add_fd(run, run->refusals_fd, EPOLLPRI);
	/* Reading arms the notification. */
	return r < 0 ? r : pread(run->refusals_fd, buf, sizeof(buf), 0) < 0 ? -errno : 0;
}

/* A process that another thread has just forked may have it too, and epoll would go on. */
static void forget_refusals(struct cg2_run *run)
{
	if (run->refusals_fd >= 0)
		epoll_ctl(run->epoll_fd, EPOLL_CTL_DEL, run->refusals_fd, NULL);
	run->refusals_fd = close_fd(run->refusals_fd);
}

/*
 * Zombies count against pids.max and are in no list: what the counter has beyond the list of
 * threads. Looked at when a fork was refused, since they are gone when the command is.
 */
static uint64_t count_zombies(struct cg2_run *run)
{
	const uint64_t tasks = group_peek_value(run->group, "pids.current");
	const uint64_t n = group_count_words(run->group, "cgroup.threads");

	return is_known(tasks) && tasks > n ? tasks - n : 0;
}

static int open_timer(struct cg2_run *run)
{
	if (run->timer_fd >= 0)
		return 0;
	run->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return add_fd(run, run->timer_fd, EPOLLIN);
}

/* Whoever ended a moment ago is about to be reaped; a second look tells. */
static void expect_zombies(struct cg2_run *run)
{
	run->n_zombies_first = count_zombies(run);
	if (run->n_zombies_first == 0 || open_timer(run) < 0)
		return;
	run->zombie_usec = from_now(ZOMBIE_USEC);
	arm(run);
}

static void handle_refusals(struct cg2_run *run)
{
	uint64_t refused;
	char buf[64];
	ssize_t n;

	if (run->refusals_fd < 0)
		return;
	n = pread(run->refusals_fd, buf, sizeof(buf), 0);
	if (n > 0 && (cg2_parse_flat(buf, (size_t)n, "max", &refused) < 0 || refused == 0))
		return;
	expect_zombies(run);
	forget_refusals(run);
}

/* Anything but the command's end. */
static bool has_more_to_wait_for(struct cg2_run *run)
{
	return run->is_sampling || run->watch || run->processes.source || run->trace.is_wanted ||
	       run->leftovers != CG2_LEFTOVERS_LEAVE ||
	       limits_has(run->limits, CG2_LIMIT_WALL_TIME) ||
	       limits_has(run->limits, CG2_LIMIT_CPU_TIME);
}

static int open_epoll(struct cg2_run *run)
{
	run->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return run->epoll_fd < 0 ? -errno : 0;
}

/*
 * What a command that ends at once does without. Failures cost no more than a part of the
 * explanation, should there be something to explain.
 */
static void settle(struct cg2_run *run)
{
	if (run->is_settled)
		return;
	run->is_settled = true;
	if (run->group)
		chain_settle(&run->chain);
	if (run->epoll_fd < 0 && (open_epoll(run) < 0 || add_fd(run, run->pidfd, EPOLLIN) < 0))
		return;
	if (watch_refusals(run) == 0)
		handle_refusals(run);
}

/* All that it takes but the command itself, so that it does not run before there is all of it. */
static int prepare(struct cg2_run *run)
{
	int r;

	r = open_epoll(run);
	if (r == 0)
		r = open_timer(run);
	if (r == 0 && run->watch)
		r = add_fd(run, cg2_watch_get_fd(run->watch), EPOLLIN);
	if (r == 0 && run->processes.source)
		r = add_fd(run, cg2_processes_get_fd(run->processes.source), EPOLLIN);
	if (r == 0 && run->trace.is_wanted)
		r = add_fd(run, run->trace.tracer.socket_fd, EPOLLIN);
	if (r < 0 || !run->group)
		return r;
	/* Waited for when the command has ended. */
	run->events_fd = fsio_open(cg2_group_get_fd(run->group), "cgroup.events");
	return MIN(run->events_fd, 0);
}

int run_loop_prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = has_more_to_wait_for(run) ? prepare(run) : 0;

	return r < 0 ? error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL) : 0;
}

static void set_deadlines(struct cg2_run *run)
{
	uint64_t wall = CG2_MAX, cpu = CG2_MAX;

	if (cg2_limits_get(run->limits, CG2_LIMIT_WALL_TIME, &wall) > 0)
		run->wall_end_usec = from_now(wall);
	if (run->group && cg2_limits_get(run->limits, CG2_LIMIT_CPU_TIME, &cpu) > 0 &&
	    cpu != CG2_MAX)
		run->cpu_check_usec = from_now(0);
	if (run->is_sampling) {
		run->sample_step_usec = SAMPLE_FIRST_USEC;
		run->sample_usec = from_now(SAMPLE_FIRST_USEC);
	}
	arm(run);
}

int run_loop_open(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = 0;

	if (run->pidfd < 0)
		run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	if (run->pidfd < 0)
		r = -errno;
	else if (run->epoll_fd >= 0)
		r = add_or_look(run, run->pidfd, EPOLLIN);
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
	set_deadlines(run);
	return 0;
}

/* From the command's end on the group's emptiness is what is waited for. */
static int watch_group(struct cg2_run *run)
{
	if (!run->group)
		return 0;
	return add_or_look(run, run->events_fd, EPOLLPRI);
}

static bool is_group_empty(struct cg2_run *run)
{
	return run->group ? group_is_empty_by(run->events_fd) : run_here_is_empty(run);
}

/* ---- time limits ---- */

static void end_by_limit(struct cg2_run *run, enum cg2_end end)
{
	static const char *const names[] = {
		[CG2_END_WALL_TIME] = "the time limit is reached",
		[CG2_END_CPU_TIME] = "the CPU time limit is reached",
		[CG2_END_THRESHOLD] = "a threshold is reached",
	};

	ctx_log(run->ctx, CG2_LOG_INFO, NULL, "%s: %s to the group", names[end],
		cg2_signal_to_string(run->signal) ? cg2_signal_to_string(run->signal)
						  : "the signal");
	run->end = end;
	run->wall_end_usec = run->cpu_check_usec = CG2_MAX;
	run->kill_usec = from_now(run->grace_usec);
	if (run->signal == SIGKILL) {
		kill_group(run);
		return;
	}
	signal_group(run, run->signal);
	/* A stopped process would not notice. */
	if (run->signal != SIGCONT)
		signal_group(run, SIGCONT);
}

static void check_cpu_time(struct cg2_run *run)
{
	uint64_t used, limit = run->limits->value[CG2_LIMIT_CPU_TIME];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cg2_group_read_flat(run->group, "cpu.stat", "usage_usec", &used, NULL) < 0) {
		ctx_log(run->ctx, CG2_LOG_WARNING, NULL,
			"%s: its cgroup is gone, the CPU time limit is no longer enforced",
			run->file);
		run->cpu_check_usec = CG2_MAX;
		return;
	}
	if (used >= limit) {
		end_by_limit(run, CG2_END_CPU_TIME);
		return;
	}
	run->cpu_check_usec = from_now(MAX((limit - used) / (uint64_t)MAX(cpus, 1),
					   CPU_CHECK_MIN_USEC));
}

static void handle_watch(struct cg2_run *run)
{
	if (run_watch_dispatch(run) > 0 && run->end == CG2_END_NONE) {
		end_by_limit(run, CG2_END_THRESHOLD);
		arm(run);
	}
}

static void handle_timer(struct cg2_run *run)
{
	uint64_t expirations, now = now_usec();

	if (run->timer_fd < 0)
		return;
	if (read(run->timer_fd, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return;
	if (now >= run->wall_end_usec)
		end_by_limit(run, CG2_END_WALL_TIME);
	else if (now >= run->cpu_check_usec)
		check_cpu_time(run);
	if (now >= run->kill_usec) {
		run->kill_usec = CG2_MAX;
		kill_group(run);
	}
	if (now >= run->zombie_usec) {
		run->zombie_usec = CG2_MAX;
		run->n_zombies = MIN(run->n_zombies_first, count_zombies(run));
	}
	if (now >= run->look_usec)
		run->look_usec = from_now(LOOK_USEC);
	run_trace_tick(run, now);
	if (now >= run->sample_usec) {
		if (run->group)
			figures_sample(&run->samples, run->group);
		run->sample_step_usec = MIN(run->sample_step_usec * 2, SAMPLE_STEP_MAX_USEC);
		run->sample_usec = from_now(run->sample_step_usec);
	}
	arm(run);
}

/* ---- the end ---- */

/* The zombie still has the limits that the command ended with; only a failure may be theirs. */
static void note_limits(struct cg2_run *run, const siginfo_t *info)
{
	struct rlimit nproc;

	if (info->si_code == CLD_EXITED && info->si_status == 0)
		return;
	if (prlimit(run->pid, RLIMIT_NPROC, NULL, &nproc) == 0)
		run->nproc_limit = nproc.rlim_cur == RLIM_INFINITY ? CG2_MAX : nproc.rlim_cur;
}

/* By one call where the kernel has it, before its path is looked for. */
static bool is_in_own_group(struct cg2_run *run)
{
	uint64_t id = 0;

	return pidfd_get_cgroup_id(run->pidfd, &id) == 0 && id == group_get_id(run->group);
}

/*
 * systemd-run --scope, podman and others move themselves away, and what they run is not limited:
 * a zombie is still in the cgroup that it ended in.
 */
static void note_place(struct cg2_run *run)
{
	_cleanup_free_ char *path = NULL;
	char *end;

	if (!run->group || is_in_own_group(run) ||
	    group_path_of_pid(run->ctx, run->pid, &path, NULL) < 0)
		return;
	end = strrchr(path, ' ');
	if (end && strcmp(end, " (deleted)") == 0)
		*end = '\0';
	if (path_is_within(path, run->group->path))
		return;
	ctx_log(run->ctx, CG2_LOG_NOTICE, NULL,
		"the command moved to %s, where the limits of this run do not apply", path);
	run->left_for = take_ptr(&path);
}

static int reap(struct cg2_run *run)
{
	struct process_usage usage = { 0 };
	siginfo_t info = { 0 };
	int r;

	r = wait_usage(run->pid, &info, WEXITED | WNOHANG | WNOWAIT, NULL);
	if (r < 0 || info.si_pid == 0)
		return r;
	note_limits(run, &info);
	note_place(run);
	r = wait_usage(run->pid, &info, WEXITED | WNOHANG, &usage);
	if (r < 0)
		return r;
	run->max_rss_bytes = usage.max_rss_bytes;
	run->user_usec = usage.user_usec;
	run->system_usec = usage.system_usec;
	run->exit_code = info.si_code;
	run->exit_status = info.si_status;
	if (run->epoll_fd >= 0)
		epoll_ctl(run->epoll_fd, EPOLL_CTL_DEL, run->pidfd, NULL);
	return 1;
}

/* Whoever the command has left behind is not waited for. */
static bool is_left_alone(const struct cg2_run *run)
{
	return run->end == CG2_END_NONE && run->leftovers == CG2_LEFTOVERS_LEAVE;
}

static bool is_over(struct cg2_run *run)
{
	return run_trace_is_complete(run) && (is_left_alone(run) || is_group_empty(run));
}

static int command_ended(struct cg2_run *run)
{
	run_enter_state(run, RUN_ENDED);
	/* What was not noticed while it ran is not there any more. */
	forget_refusals(run);
	run->zombie_usec = CG2_MAX;
	if (is_left_alone(run)) {
		if (run_trace_is_complete(run))
			run_enter_state(run, RUN_OVER);
		return 0;
	}
	if (run->end == CG2_END_NONE && run->leftovers == CG2_LEFTOVERS_KILL)
		kill_group(run);
	return watch_group(run);
}

CG2_EXPORT int cg2_run_dispatch(struct cg2_run *run, struct cg2_error *err)
{
	int r = 0;

	if (run->state == RUN_OVER)
		return 1;
	if (run->state != RUN_STARTED && run->state != RUN_ENDED)
		return error_setf(err, CG2_OP_CALL, EINVAL, run->file, NULL,
				  "this run has not been started or is over");
	if (run->is_dozing) {
		run->is_dozing = false;
		run->backend->awake(run);
	}
	run_processes_dispatch(run);
	run_trace_dispatch(run);
	if (run->state == RUN_STARTED) {
		handle_refusals(run);
		r = reap(run);
		if (r > 0)
			r = command_ended(run);
	}
	if (r < 0)
		return error_set(err, CG2_OP_SPAWN, r, run->file, NULL);
	if (run->state != RUN_OVER) {
		handle_timer(run);
		handle_watch(run);
	}
	if (run->state == RUN_ENDED && is_over(run))
		run_enter_state(run, RUN_OVER);
	if (run->state == RUN_STARTED)
		settle(run);
	if (run->state == RUN_OVER) {
		run->ended_mono_usec = now_usec();
		run_processes_end(run);
		run_trace_end(run);
		run->backend->over(run);
	}
	return run->state == RUN_OVER;
}

CG2_EXPORT int cg2_run_wait(struct cg2_run *run, struct cg2_error *err)
{
	int msec = CG2_RUN_SETTLE_MSEC;

	for (;;) {
		struct pollfd fd = { .fd = cg2_run_get_fd(run), .events = POLLIN };
		int r = poll(&fd, 1, msec);

		/* Without memory for it by the clock: the command is not to end for that. */
		if (r < 0 && errno == ENOMEM)
			usleep(LOOK_USEC);
		else if (r < 0 && errno != EINTR)
			return error_set(err, CG2_OP_SPAWN, errno, run->file, NULL);
		r = cg2_run_dispatch(run, err);
		if (r != 0)
			return r < 0 ? r : 0;
		msec = -1;
	}
}

CG2_EXPORT int cg2_run_doze(struct cg2_run *run)
{
	uint64_t now = now_usec(), due = MIN(run->kill_usec, run->wall_end_usec);
	int r;

	/* Of a group whose command is stopped, CPU time is looked at now and then. */
	if (run->cpu_check_usec != CG2_MAX)
		due = MIN(due, now + DOZE_CPU_CHECK_USEC);

	r = run->backend->doze(run, due == CG2_MAX ? CG2_MAX : due > now ? due - now : 0);
	run->is_dozing = r == 0;
	return r;
}

CG2_EXPORT int cg2_run_finish(struct cg2_run *run, struct cg2_error *err)
{
	if (run->state != RUN_OVER)
		return error_setf(err, CG2_OP_CALL, EBUSY, run->file, NULL,
				  "the run is not over");
	run->backend->release(run);
	run_enter_state(run, RUN_FINISHED);
	return 0;
}
