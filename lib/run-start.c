/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a run's wishes to the command's first instruction: the scope, the cgroups in it, the
 * limits and their read-back, the process. Whatever fails, nothing stays: the holder ends, and
 * systemd removes the scope that has become empty.
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctx.h"
#include "dead.h"
#include "effect.h"
#include "error.h"
#include "group.h"
#include "mark.h"
#include "scope.h"
#include "unitname.h"

/* What the holder is charged for beside the command's cgroup: some pages, itself. */
static const struct allowance holder_allowance = { .bytes = UINT64_C(1) << 20, .tasks = 1 };
static const struct allowance no_allowance = { 0, 0 };

/* A made-up name is in use once in four billion times; then another one will do. */
#define NAME_TRIES 3

/* The command's cgroup, and the scope around it. */
#define N_OWN_LEVELS 2

/* Beyond the deadline for the manager's answer: a move that was under way then. */
#define MOVE_MARGIN_USEC (5 * USEC_PER_SEC)

/* The manager's own time limit is there for the case that ours fails. */
#define SAFETY_USEC (10 * USEC_PER_SEC)

/* ---- what is not in force ---- */

/*
 * Best effort turns a limit's failure into a warning. Returns 0 to go on, or the failure, which
 * is then in reterr.
 */
static int judge(struct cg2_run *run, int r, struct cg2_error *failure,
		 struct cg2_error *reterr)
{
	_cleanup_free_ char *text = NULL;

	if (r >= 0)
		return 0;
	if (!run->is_best_effort) {
		cg2_error_move(reterr, failure);
		return r;
	}
	if (cg2_error_format(failure, &text) < 0)
		text = NULL;
	ctx_log(run->ctx, CG2_LOG_WARNING, failure->hint, "%s", text ? text : "out of memory");
	cg2_error_clear(failure);
	return 0;
}

static void log_verified(struct cg2_run *run, enum cg2_limit limit, struct cg2_group *group)
{
	_cleanup_free_ char *text = NULL;

	if (ctx_wants_log(run->ctx, CG2_LOG_INFO) &&
	    cg2_limits_to_string(run->limits, limit, &text) > 0)
		ctx_log(run->ctx, CG2_LOG_INFO, NULL, "%s is %s in %s",
			limit_row(limit)->info.file, text, group->path);
}

/* The scope's own value, which the manager wrote or did not. */
static int verify_on_scope(struct cg2_run *run, enum cg2_limit limit,
			   const struct allowance *extra, struct cg2_error *reterr)
{
	int r;

	if (!limit_row(limit)->is_bus && run->group)
		return 0;
	r = limits_verify(run->limits, limit, extra, run->scope, reterr);
	return r < 0 ? r : effect_check(run->ctx, limit, run->scope, reterr);
}

/* The same on the command's own cgroup, where it is ours to write. */
static int apply_on_leaf(struct cg2_run *run, enum cg2_limit limit, struct cg2_error *reterr)
{
	int r;

	r = limits_write(run->limits, limit, run->group, reterr);
	if (r == -ENOENT) {
		/* Verifying knows whether that is a failure, and of what. */
		cg2_error_clear(reterr);
		r = 0;
	}
	if (r < 0)
		return r;
	return limits_verify(run->limits, limit, &no_allowance, run->group, reterr);
}

static int apply_limit(struct cg2_run *run, enum cg2_limit limit, struct cg2_error *reterr)
{
	const struct allowance *extra = run->group ? &holder_allowance : &no_allowance;
	_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
	int r;

	r = verify_on_scope(run, limit, extra, &failure);
	if (r == 0 && run->group)
		r = apply_on_leaf(run, limit, &failure);
	if (r == 0)
		log_verified(run, limit, run->group ? run->group : run->scope);
	else
		run->unverified |= UINT64_C(1) << limit;
	return judge(run, r, &failure, reterr);
}

/* 1: that file of the scope shows the property. ret_text: what it has, free with free(). */
static int shows_property(struct cg2_run *run, const struct property *property,
			  const char *file, char **ret_text)
{
	size_t len;
	int r;

	if (!file)
		return 0;
	r = cg2_group_read(run->scope, file, ret_text, &len, NULL);
	return r < 0 ? r : property_verify_value(property, *ret_text, len);
}

/* A property given with -p that has a file is a limit as well. */
static int verify_property(struct cg2_run *run, const struct property *property,
			   struct cg2_error *reterr)
{
	const char *file = property_file(property), *value = property_value(property);
	_cleanup_free_ char *text = NULL, *other = NULL, *path = NULL;
	int r;

	if (!file)
		return 0;
	r = shows_property(run, property, file, &text);
	if (r > 0 || shows_property(run, property, property_other_file(property), &other) > 0)
		return 0;
	if (r == -ENOENT) {
		_cleanup_free_ char *controller = strndup(file, strcspn(file, "."));

		return limits_explain_missing(run->scope, file, controller, value, reterr);
	}
	path = group_join(run->scope, file);
	if (!text)
		return error_set(reterr, CG2_OP_READ, r, path, NULL);
	text[strcspn(text, "\n")] = '\0';
	return error_setf(reterr, CG2_OP_VERIFY, EBADE, path, value, "the kernel has %s there",
			  *text ? text : "nothing");
}

/*
 * What a user's manager would take without a word and not do. Looked at before anything is
 * made: no file would show it later.
 */
static int check_privileged(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = 0;

	if (bus_manager(run->manager) == CG2_MANAGER_SYSTEM || geteuid() == 0)
		return 0;
	for (size_t i = 0; r == 0 && i < run->n_properties; i++) {
		const struct property *property = run->properties[i];
		_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;

		if (!property_is_privileged(property))
			continue;
		r = error_setf(&failure, CG2_OP_VERIFY, EOPNOTSUPP, property_name(property),
			       property_value(property),
			       "a user manager has no right to enforce it, and would ignore it");
		error_hint(&failure, "run it as root, with --system");
		r = judge(run, r, &failure, reterr);
	}
	return r;
}

static int apply_limits(struct cg2_run *run, struct cg2_error *reterr)
{
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		int r;

		if (!limits_has(run->limits, (enum cg2_limit)i) || !limit_row(i)->info.file)
			continue;
		r = apply_limit(run, (enum cg2_limit)i, reterr);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < run->n_properties; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
		int r = verify_property(run, run->properties[i], &failure);

		r = judge(run, r, &failure, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- the scope ---- */

static int choose_unit(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = 0;

	if (run->unit && !run->is_unit_made_up)
		return 0;
	if (!run->prefix)
		r = unit_prefix_of_command(run->file ? run->file : program_invocation_name,
					   &run->prefix);
	free(run->unit);
	run->unit = NULL;
	run->is_unit_made_up = true;
	if (r == 0)
		r = unit_name_make_up(run->prefix, &run->unit);
	return r < 0 ? error_set(reterr, CG2_OP_CALL, r, run->prefix, NULL) : 0;
}

/* When the manager itself ends the scope, in case that nobody else does. */
static uint64_t safety_net(struct cg2_run *run)
{
	uint64_t usec = CG2_MAX;

	if (cg2_limits_get(run->limits, CG2_LIMIT_WALL_TIME, &usec) <= 0 || usec == CG2_MAX)
		return CG2_MAX;
	if (run->grace_usec > CG2_MAX - SAFETY_USEC ||
	    usec > CG2_MAX - SAFETY_USEC - run->grace_usec)
		return CG2_MAX;
	return usec + run->grace_usec + SAFETY_USEC;
}

static void fill_request(struct cg2_run *run, bool is_self, struct scope_request *q)
{
	uint64_t value = 0;

	q->use_pidfd = scope_takes_pidfds();
	q->unit = run->unit;
	q->slice = run->slice;
	q->description = run->description ? run->description : run->prefix ? run->prefix
									   : run->unit;
	q->limits = run->limits;
	q->properties = run->properties;
	q->n_properties = run->n_properties;
	q->stop_usec = CG2_MAX;
	if (!is_self) {
		q->pid = run->holder.pid;
		q->extra = holder_allowance;
		q->runtime_max_usec = safety_net(run);
		return;
	}
	/* Nobody supervises: the manager's own means take over. */
	q->pid = getpid();
	q->runtime_max_usec = CG2_MAX;
	if (cg2_limits_get(run->limits, CG2_LIMIT_WALL_TIME, &value) > 0) {
		q->runtime_max_usec = value;
		q->stop_usec = run->grace_usec;
		q->kill_signal = run->signal;
	}
	q->is_oom_kill = cg2_limits_get(run->limits, CG2_LIMIT_OOM_GROUP, &value) > 0 && value;
}

static int expect_move(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = holder_expect_move(&run->holder, run->deadline_usec + MOVE_MARGIN_USEC);

	return r < 0 ? error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL) : 0;
}

static int start_scope(struct cg2_run *run, bool is_self, struct cg2_error *reterr)
{
	struct bus bus;
	int r;

	r = bus_open(run->ctx, run->manager, &bus, reterr);
	if (r < 0)
		return r;
	r = bus_wait_ready(&bus, now_usec() + run->deadline_usec, reterr);
	/* As late as possible: until here the holder may end with us at once. */
	if (r == 0 && !is_self)
		r = expect_move(run, reterr);
	for (int i = 0; r == 0 && i < NAME_TRIES; i++) {
		struct scope_request request = { 0 };

		r = choose_unit(run, reterr);
		if (r < 0)
			break;
		fill_request(run, is_self, &request);
		r = scope_start(&bus, &request, run->deadline_usec, reterr);
		if (r != -EEXIST || i + 1 == NAME_TRIES)
			break;
		/* A name that was chosen is in use, or is one of our dead. */
		if (!run->is_unit_made_up && !dead_clear(run->ctx, &bus, run->unit))
			break;
		cg2_error_clear(reterr);
		r = 0;
	}
	bus_close(&bus);
	return r;
}

/* systemd puts a "_" before names that cgroupfs has files of, such as memory.x. */
static bool is_cgroup_of_unit(const char *name, const char *unit)
{
	return strcmp(name, unit) == 0 || (*name == '_' && strcmp(name + 1, unit) == 0);
}

/* Where the manager put its first process; the unit's name is the last part of the path. */
static int open_scope(struct cg2_run *run, pid_t pid, enum mark_kind kind,
		      struct cg2_error *reterr)
{
	_cleanup_free_ char *path = NULL;
	const char *slash;
	int r;

	r = group_path_of_pid(run->ctx, pid, &path, reterr);
	if (r < 0)
		return r;
	slash = strrchr(path, '/');
	if (!slash || !is_cgroup_of_unit(slash + 1, run->unit))
		return error_setf(reterr, CG2_OP_JOB, EIO, run->unit, NULL,
				  "the manager said done, but the process is in %s", path);
	ctx_log(run->ctx, CG2_LOG_INFO, NULL, "scope %s", path);
	r = cg2_group_open(run->ctx, path, &run->scope, reterr);
	if (r == 0)
		mark_write(run->scope, kind);
	return r;
}

/* ---- supervised ---- */

/* Every controller that the limits need, and those whose counters tell what happened. */
static int enable_controllers(struct cg2_run *run, struct cg2_error *reterr)
{
	uint64_t wanted = limits_controllers(run->limits), have;
	int r;

	wanted |= UINT64_C(1) << cg2_controller_from_string("memory");
	wanted |= UINT64_C(1) << cg2_controller_from_string("pids");
	r = cg2_group_read_controllers(run->scope, &have, reterr);
	if (r < 0)
		return r;
	/* A limit whose controller is missing is found when it is read back. */
	return cg2_group_enable_controllers(run->scope, wanted & have, reterr);
}

static int make_leaves(struct cg2_run *run, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *hold = NULL;
	int r;

	r = cg2_group_create(run->scope, "hold", &hold, reterr);
	if (r == 0)
		r = cg2_group_move(hold, run->holder.pid, reterr);
	if (r == 0)
		r = enable_controllers(run, reterr);
	return r < 0 ? r : cg2_group_create(run->scope, "run", &run->group, reterr);
}

/* /bin/sh, the script, its arguments. */
static char **make_sh_argv(struct cg2_run *run)
{
	size_t n = 0;
	char **argv;

	while (run->argv[n])
		n++;
	argv = calloc(n + 2, sizeof(*argv));
	if (!argv)
		return NULL;
	argv[0] = (char *)_PATH_BSHELL;
	argv[1] = run->file;
	for (size_t i = 1; i < n; i++)
		argv[i + 1] = run->argv[i];
	return argv;
}

static int make_plan(struct cg2_run *run)
{
	struct exec_plan *plan = &run->plan;

	plan->file = run->file;
	plan->argv = run->argv;
	plan->envp = run->envp ? run->envp : environ;
	plan->directory = run->directory;
	memcpy(plan->stdio, run->stdio, sizeof(plan->stdio));
	plan->ignored = run->ignored;
	plan->error_fd = run->exec_pipe[1];
	plan->is_unkillable = exec_is_unkillable();
	if (run->has_mask)
		plan->mask = run->mask;
	else
		pthread_sigmask(SIG_SETMASK, NULL, &plan->mask);
	plan->sh_argv = make_sh_argv(run);
	return plan->sh_argv ? 0 : -ENOMEM;
}

static int spawn(struct cg2_run *run, struct cg2_error *reterr)
{
	const int kill_fds[2] = { cg2_group_get_fd(run->scope), cg2_group_get_fd(run->group) };

	return holder_spawn(&run->holder, cg2_group_get_fd(run->group), kill_fds, &run->pid,
			    reterr);
}

/*
 * After a silent manager the holder is left to it: the request may still be in its queue. After
 * any other failure there is nothing to wait for.
 */
static int start_holders_scope(struct cg2_run *run, struct cg2_error *reterr)
{
	int r;

	r = start_scope(run, false, reterr);
	if (r == -ETIMEDOUT) {
		holder_detach(&run->holder);
		return r;
	}
	if (r == 0)
		r = open_scope(run, run->holder.pid, MARK_RUN, reterr);
	if (r < 0 && holder_expect_nothing(&run->holder) < 0)
		return r;
	return r;
}

static int make_scope(struct cg2_run *run, struct cg2_error *reterr)
{
	_cleanup_free_ char *home = NULL;
	int r;

	r = check_privileged(run, reterr);
	if (r == 0)
		r = group_path_of_pid(run->ctx, 0, &home, reterr);
	if (r == 0)
		r = holder_start(&run->holder, &run->plan, home, reterr);
	if (r == 0)
		r = start_holders_scope(run, reterr);
	if (r == 0)
		r = make_leaves(run, reterr);
	return r < 0 ? r : apply_limits(run, reterr);
}

/* Undoes a start that failed half way: the holder's end takes the scope along. */
static void abandon(struct cg2_run *run)
{
	holder_abort(&run->holder);
	if (run->pid > 0) {
		while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
			;
		run->pid = 0;
	}
	chain_close(&run->chain);
	run->group = cg2_group_unref(run->group);
	run->scope = cg2_group_unref(run->scope);
	run->state = RUN_FINISHED;
}

static uint64_t now_real_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

static int prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	int r;

	r = hierarchy_detect(run->ctx, reterr);
	if (r < 0)
		return r;
	if (pipe2(run->exec_pipe, O_CLOEXEC) < 0)
		return error_set(reterr, CG2_OP_SPAWN, errno, run->file, NULL);
	r = make_plan(run);
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, run->file, NULL);
	r = make_scope(run, reterr);
	if (r == 0)
		r = chain_open(&run->chain, run->group, N_OWN_LEVELS, reterr);
	if (r < 0)
		return r;
	chain_read_before(&run->chain);
	return 0;
}

/* Keeps the reason for the record. */
static int refuse(struct cg2_run *run, int r, struct cg2_error *reterr)
{
	abandon(run);
	run->started_real_usec = now_real_usec();
	error_copy(reterr, &run->failure);
	return r;
}

CG2_EXPORT void cg2_run_refuse(struct cg2_run *run, const struct cg2_error *reason)
{
	cg2_error_clear(&run->failure);
	error_copy(&run->failure, reason);
	refuse(run, 0, NULL);
}

CG2_EXPORT int cg2_run_prepare(struct cg2_run *run, struct cg2_error *err)
{
	int r;

	if (run->state != RUN_NEW || !run->file)
		return error_setf(err, CG2_OP_SPAWN, EINVAL, NULL, NULL,
				  run->file ? "this run was started before" : "no command is set");
	r = prepare(run, &run->failure);
	if (r < 0)
		return refuse(run, r, err);
	run->state = RUN_PREPARED;
	return 0;
}

CG2_EXPORT int cg2_run_start(struct cg2_run *run, struct cg2_error *err)
{
	int r = 0;

	if (run->state != RUN_PREPARED)
		r = cg2_run_prepare(run, err);
	if (r < 0)
		return r;
	run->started_real_usec = now_real_usec();
	run->started_mono_usec = now_usec();
	r = spawn(run, &run->failure);
	/* Ours would hide the end of file that tells of a successful execve(). */
	run->exec_pipe[1] = close_fd(run->exec_pipe[1]);
	if (r == 0)
		r = exec_await(run->exec_pipe[0], &run->plan, &run->failure);
	if (r == 0)
		r = run_loop_open(run, &run->failure);
	run->exec_pipe[0] = close_fd(run->exec_pipe[0]);
	if (r < 0)
		return refuse(run, r, err);
	run->state = RUN_STARTED;
	ctx_log(run->ctx, CG2_LOG_INFO, NULL, "started %s as process %d", run->file,
		(int)run->pid);
	return 0;
}

/* ---- the caller itself ---- */

CG2_EXPORT int cg2_run_start_self(struct cg2_run *run, struct cg2_error *err)
{
	int r;

	if (run->state != RUN_NEW || limits_has(run->limits, CG2_LIMIT_CPU_TIME) ||
	    run->leftovers != CG2_LEFTOVERS_LEAVE)
		return error_setf(err, CG2_OP_SPAWN, EINVAL, NULL, NULL,
				  "nobody is left to keep a CPU time or to end leftovers");
	r = hierarchy_detect(run->ctx, err);
	if (r == 0)
		r = check_privileged(run, err);
	if (r == 0)
		r = start_scope(run, true, err);
	if (r == 0)
		r = open_scope(run, 0, MARK_EXEC, err);
	if (r == 0)
		r = apply_limits(run, err);
	if (r < 0)
		return r;
	if (exec_is_unkillable())
		exec_make_killable();
	run->state = RUN_FINISHED;
	return 0;
}
