/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a run's wishes to the command's first instruction: where it is put is decided here, how
 * is run-scope.c and run-nest.c. Whatever fails, nothing stays.
 */
#include "run/run.h"
#include "run/elsewhere.h"

#include <errno.h>
#include <paths.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "systemd/bus.h"
#include "value/error.h"

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

/* The caller's own may be changed, and its memory freed, before the start. */
static int make_environment(struct cg2_run *run, struct exec_plan *plan)
{
	static const char *const none[] = { NULL };

	if (!run->envp)
		run->envp = strv_copy(environ ? (const char *const *)environ : none);
	if (!run->envp)
		return -ENOMEM;
	plan->envp = run->envp;
	if (run->passes_activation)
		plan->envp = self_words_make(run->envp, &plan->self_words);
	return plan->envp ? 0 : -ENOMEM;
}

static int make_plan(struct cg2_run *run)
{
	struct exec_plan *plan = &run->plan;

	plan->file = run->file;
	plan->argv = run->argv;
	plan->directory = run->directory;
	if (make_environment(run, plan) < 0)
		return -ENOMEM;
	memcpy(plan->stdio, run->stdio, sizeof(plan->stdio));
	plan->ignored = run->ignored;
	plan->error_fd = -1;
	plan->is_unkillable = exec_is_unkillable();
	if (run->has_mask)
		plan->mask = run->mask;
	else
		pthread_sigmask(SIG_SETMASK, NULL, &plan->mask);
	plan->sh_argv = make_sh_argv(run);
	return plan->sh_argv ? 0 : -ENOMEM;
}

/* ---- where ---- */

/* What only a manager can do. */
static const char *find_need(struct cg2_run *run)
{
	if (run->manager != CG2_MANAGER_AUTO && !run->inside)
		return run->manager == CG2_MANAGER_USER ? "the user manager is asked for"
							: "the system manager is asked for";
	if (run->wish.slice)
		return "a slice is given";
	for (size_t i = 0; i < run->wish.properties.n; i++)
		if (!property_is_direct(run->wish.properties.list[i]) &&
		    !property_cpu_period_usec(run->wish.properties.list[i]))
			return "a property is given that only a manager can apply";
	return NULL;
}

static void settle_on(struct cg2_run *run, enum cg2_backend backend)
{
	run->place.backend = backend;
	if (backend == CG2_BACKEND_SYSTEMD)
		run->manager = bus_manager(run->manager);
	run->backend = backend == CG2_BACKEND_SYSTEMD ? &run_backend_scope : &run_backend_nest;
	ctx_log(run->ctx, CG2_LOG_INFO, NULL, "placement: %s, since %s",
		cg2_backend_to_string(backend), run->place.reason);
}

static int decide_place(struct cg2_run *run, struct cg2_error *reterr)
{
	const struct place_wish wish = { run->wanted, find_need(run), run->answer_end_usec };
	int r;

	r = hierarchy_detect(run->ctx, reterr);
	if (r < 0)
		return r;
	if (!run->inside)
		r = place_decide(run->ctx, &wish, &run->place, reterr);
	else if (wish.needs_manager)
		r = error_setf(reterr, CG2_OP_CREATE, EINVAL, cg2_scope_get_name(run->inside),
			       NULL, "a run inside of a scope uses no manager, but %s",
			       wish.needs_manager);
	else
		r = place_inside(run->inside, run->answer_end_usec, &run->place, reterr);
	if (r == 0)
		settle_on(run, run->place.backend);
	return r;
}

/* Delegated to somebody else, or mounted read-only: a manager may still do it. */
static bool may_fall_back(struct cg2_run *run, int r)
{
	if (run->inside || run->place.backend == CG2_BACKEND_SYSTEMD)
		return false;
	return run->wanted == CG2_BACKEND_AUTO &&
	       (r == -EACCES || r == -EPERM || r == -EROFS) && !run->group &&
	       place_has_systemd(run->ctx);
}

static int fall_back(struct cg2_run *run, struct cg2_error *reterr)
{
	char *reason;

	if (asprintf(&reason, "%s is not writable", run->place.base->path) < 0)
		return error_set(reterr, CG2_OP_CREATE, ENOMEM, NULL, NULL);
	free(run->place.reason);
	run->place.reason = reason;
	settle_on(run, CG2_BACKEND_SYSTEMD);
	return 0;
}

/* A manager puts the run elsewhere, which the caller may have been forbidden. */
static int check_job(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = 0;

	if (run->place.backend == CG2_BACKEND_SYSTEMD)
		r = place_check_job(&run->place, reterr);
	run->is_kept_in_job = r < 0;
	return r;
}

/*
 * Best effort where nobody could make a cgroup: in a container as a rule, and in a job. What is the
 * caller's to write otherwise stays refused.
 */
static bool may_do_without(struct cg2_run *run, int r)
{
	return run->is_best_effort && !run->inside && !run->group && !run->scope &&
	       run->wanted == CG2_BACKEND_AUTO && r != -EEXIST && r != -EINVAL && r != -ENOMEM &&
	       (run->is_kept_in_job || !place_has_systemd(run->ctx));
}

/*
 * Calls the backend's function, and that of the manager's if the caller's cgroup turns out not
 * to be his.
 */
static int with_backend(struct cg2_run *run,
			int (*call)(struct cg2_run *run, struct cg2_error *reterr),
			struct cg2_error *reterr)
{
	_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
	int r;

	run->answer_end_usec = end_after(run->answer_timeout_usec);
	r = decide_place(run, &failure);
	if (r == 0)
		r = check_job(run, &failure);
	if (r == 0)
		r = call(run, &failure);
	if (r < 0 && run->backend && may_fall_back(run, r)) {
		cg2_error_clear(&failure);
		r = fall_back(run, &failure);
		if (r == 0)
			r = check_job(run, &failure);
		if (r == 0)
			return call(run, reterr);
	}
	if (r < 0 && may_do_without(run, r)) {
		run_here_begin(run, &failure);
		return call(run, reterr);
	}
	if (r < 0)
		cg2_error_move(reterr, &failure);
	return r;
}

/* ---- the start ---- */

/* Undoes a start that failed half way. */
static void abandon(struct cg2_run *run)
{
	run_abandon(run);
	run_processes_close(&run->processes);
	chain_close(&run->chain);
	run->group = cg2_group_unref(run->group);
	run->scope = cg2_group_unref(run->scope);
	run_enter_state(run, RUN_FINISHED);
}

static int prepare_backend(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = run->backend->prepare(run, reterr);

	return r < 0 ? r : run_watch_open(run, reterr);
}

static int prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	int r;

	r = make_plan(run);
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, run->file, NULL);
	r = run_trace_prepare(run, reterr);
	return r < 0 ? r : with_backend(run, prepare_backend, reterr);
}

/* Keeps the reason for the record. */
static int give_up(struct cg2_run *run, int r, struct cg2_error *reterr)
{
	abandon(run);
	if (run->failure.op == CG2_OP_TRACE)
		tracer_explain(run->ctx, &run->failure);
	run->started_real_usec = now_real_usec();
	error_copy(reterr, &run->failure);
	return r;
}

CG2_EXPORT void cg2_run_refuse(struct cg2_run *run, const struct cg2_error *reason)
{
	cg2_error_clear(&run->failure);
	error_copy(&run->failure, reason);
	give_up(run, 0, NULL);
}

/* Then the kernel keeps no exit status, and takes processes away before they are waited for. */
static bool is_sigchld_ignored(void)
{
	struct sigaction old;

	return sigaction(SIGCHLD, NULL, &old) == 0 &&
	       (old.sa_handler == SIG_IGN || old.sa_flags & SA_NOCLDWAIT);
}

CG2_EXPORT int cg2_run_prepare(struct cg2_run *run, struct cg2_error *err)
{
	int r;

	if (is_sigchld_ignored()) {
		error_setf(err, CG2_OP_SPAWN, ECHILD, NULL, NULL,
			   "this program ignores SIGCHLD, and could not wait for it");
		error_hint(err, "the program has to call signal(SIGCHLD, SIG_DFL) before");
		return -ECHILD;
	}

	if (run->state != RUN_NEW || !run->file)
		return error_setf(err, CG2_OP_SPAWN, EINVAL, NULL, NULL,
				  run->file ? "this run was started before" : "no command is set");
	r = prepare(run, &run->failure);
	if (r < 0)
		return give_up(run, r, err);
	run_enter_state(run, RUN_PREPARED);
	return 0;
}

static void say_elsewhere(struct cg2_run *run)
{
	struct cg2_error advice = CG2_ERROR_INIT;

	run->elsewhere = run->limits->set ? elsewhere_find(run->argv) : NULL;
	if (!run->elsewhere)
		return;
	advice.hint = (char *)run->elsewhere->hint;
	ctx_log(run->ctx, CG2_LOG_NOTICE, &advice,
		"%s has its containers started elsewhere, where the limits of this run do not "
		"apply", run->elsewhere->program);
}

CG2_EXPORT int cg2_run_start(struct cg2_run *run, struct cg2_error *err)
{
	int r = 0;

	if (run->state != RUN_PREPARED)
		r = cg2_run_prepare(run, err);
	if (r < 0)
		return r;
	run_processes_open(run);
	run->started_real_usec = now_real_usec();
	run->started_mono_usec = now_usec();
	r = run_loop_prepare(run, &run->failure);
	if (r == 0)
		r = run_trace_make(run, &run->failure);
	if (r == 0)
		r = run->backend->spawn(run, &run->failure);
	if (r == 0) {
		run_trace_begin(run);
		run_processes_begin(run);
		r = run_loop_open(run, &run->failure);
	}
	if (r < 0)
		return give_up(run, r, err);
	run_enter_state(run, RUN_STARTED);
	say_elsewhere(run);
	ctx_log(run->ctx, CG2_LOG_INFO, NULL, "started %s as process %d", run->file,
		(int)run->pid);
	return 0;
}

/* ---- the caller itself ---- */

static int enter_backend(struct cg2_run *run, struct cg2_error *reterr)
{
	return run->backend->enter(run, reterr);
}

CG2_EXPORT int cg2_run_start_self(struct cg2_run *run, struct cg2_error *err)
{
	int r;

	if (run->state != RUN_NEW || limits_has(run->limits, CG2_LIMIT_CPU_TIME) ||
	    run->leftovers != CG2_LEFTOVERS_LEAVE || run->trace.is_wanted)
		return error_setf(err, CG2_OP_SPAWN, EINVAL, NULL, NULL,
				  "no supervisor remains to enforce a CPU time, end leftovers or "
				  "trace");
	r = with_backend(run, enter_backend, err);
	if (r < 0)
		return r;
	if (exec_is_unkillable())
		exec_make_killable();
	run_enter_state(run, RUN_FINISHED);
	say_elsewhere(run);
	return 0;
}
