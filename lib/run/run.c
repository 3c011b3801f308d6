/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run: the object, and what is set before the start.
 */
#include "run/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "systemd/deadline.h"

#define GRACE_USEC (5 * USEC_PER_SEC)

CG2_EXPORT int cg2_run_new(struct cg2_ctx *ctx, struct cg2_limits *limits,
			   struct cg2_run **ret_run)
{
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = calloc(1, sizeof(*run));
	int r;

	if (!run)
		return -ENOMEM;
	run->n_ref = 1;
	run->owner = getpid();
	run->ctx = cg2_ctx_ref(ctx);
	run->stdio[0] = run->stdio[1] = run->stdio[2] = -1;
	run->exec_pipe[0] = run->exec_pipe[1] = -1;
	run->epoll_fd = run->pidfd = run->timer_fd = run->events_fd = -1;
	run->holder = (struct holder)HOLDER_NONE;
	run->guard = (struct guard)GUARD_NONE;
	run->family = (struct family)FAMILY_NONE;
	run->signal = SIGTERM;
	run->grace_usec = GRACE_USEC;
	run->answer_timeout_usec = ANSWER_TIMEOUT_USEC;
	run->wall_end_usec = run->cpu_check_usec = run->kill_usec = CG2_MAX;
	run->sample_usec = run->zombie_usec = run->look_usec = CG2_MAX;
	run->trace.tracer = (struct tracer)TRACER_NONE;
	run->trace.tick_usec = CG2_MAX;
	run->refusals_fd = -1;
	run->nproc_limit = CG2_MAX;
	run->n_zombies = UNKNOWN;
	sigemptyset(&run->ignored);
	r = limits ? limits_dup(limits, &run->limits) : cg2_limits_new(ctx, &run->limits);
	if (r < 0)
		return r;
	limits_complete(run->limits);
	*ret_run = take_ptr(&run);
	return 0;
}

/* From which states each is reached. */
void run_enter_state(struct cg2_run *run, enum run_state state)
{
	static const unsigned int from[] = {
		[RUN_PREPARED] = 1U << RUN_NEW,
		[RUN_STARTED] = 1U << RUN_PREPARED,
		[RUN_ENDED] = 1U << RUN_STARTED,
		[RUN_OVER] = 1U << RUN_ENDED,
		/* Whatever it is doing, it can be given up. */
		[RUN_FINISHED] = ~0U,
	};

	static_assert(ARRAY_SIZE(from) == RUN_FINISHED + 1, "a state has no row");
	assert(from[state] & 1U << run->state);
	run->state = state;
}

CG2_EXPORT struct cg2_run *cg2_run_ref(struct cg2_run *run)
{
	if (run)
		run->n_ref++;
	return run;
}

static void strv_free(char **v)
{
	for (char **p = v; p && *p; p++)
		free(*p);
	free(v);
}

char **strv_copy(const char *const v[])
{
	size_t n = 0;
	char **copy;

	while (v[n])
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = strdup(v[i]);
		if (!copy[i]) {
			strv_free(copy);
			return NULL;
		}
	}
	return copy;
}

static void free_strings(struct cg2_run *run)
{
	free(run->file);
	strv_free(run->argv);
	strv_free(run->envp);
	free(run->directory);
}

void run_abandon(struct cg2_run *run)
{
	if (run->backend)
		run->backend->abandon(run);
	run_trace_stop(run);
	run_reap_command(run);
}

CG2_EXPORT struct cg2_run *cg2_run_unref(struct cg2_run *run)
{
	if (!run || --run->n_ref > 0)
		return NULL;
	/* Descriptors and processes are those of the one that it was forked from, who goes on. */
	if (run->owner != getpid())
		return NULL;
	/* As our death would, this ends the group. */
	if (run->state != RUN_FINISHED)
		run_abandon(run);
	place_clear(&run->place);
	run_watch_close(run);
	scope_wish_clear(&run->wish);
	free_strings(run);
	free(run->plan.sh_argv);
	self_words_free((char **)run->plan.envp, &run->plan.self_words);
	close_fd(run->exec_pipe[0]);
	close_fd(run->exec_pipe[1]);
	close_fd(run->epoll_fd);
	close_fd(run->pidfd);
	close_fd(run->timer_fd);
	close_fd(run->events_fd);
	close_fd(run->refusals_fd);
	cg2_error_clear(&run->failure);
	run_processes_close(&run->processes);
	run_trace_close(&run->trace);
	guard_close(&run->guard);
	family_close(&run->family);
	chain_close(&run->chain);
	cg2_group_unref(run->group);
	cg2_group_unref(run->scope);
	cg2_scope_unref(run->inside);
	cg2_limits_unref(run->limits);
	cg2_limits_unref(run->asked);
	bounds_clear(run->bounds);
	free(run->left_for);
	cg2_ctx_unref(run->ctx);
	free(run);
	return NULL;
}

static int replace(char **string, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*string);
	*string = copy;
	return 0;
}

CG2_EXPORT int cg2_run_set_command(struct cg2_run *run, const char *file,
				   const char *const argv[], const char *const envp[])
{
	char **argv_copy, **envp_copy = NULL;

	if (!argv || !argv[0])
		return -EINVAL;
	/* What is prepared has been made from them. */
	if (run->state != RUN_NEW)
		return -EBUSY;
	argv_copy = strv_copy(argv);
	if (envp)
		envp_copy = strv_copy(envp);
	if (!argv_copy || (envp && !envp_copy) || replace(&run->file, file) < 0) {
		strv_free(argv_copy);
		strv_free(envp_copy);
		return -ENOMEM;
	}
	strv_free(run->argv);
	strv_free(run->envp);
	run->argv = argv_copy;
	run->envp = envp_copy;
	return 0;
}

CG2_EXPORT int cg2_run_set_directory(struct cg2_run *run, const char *path)
{
	return run->state == RUN_NEW ? replace(&run->directory, path) : -EBUSY;
}

CG2_EXPORT void cg2_run_set_stdio(struct cg2_run *run, int in, int out, int err)
{
	run->stdio[0] = in;
	run->stdio[1] = out;
	run->stdio[2] = err;
}

CG2_EXPORT void cg2_run_set_signals(struct cg2_run *run, const sigset_t *mask,
				    const sigset_t *ignored)
{
	run->has_mask = mask != NULL;
	if (mask)
		run->mask = *mask;
	if (ignored)
		run->ignored = *ignored;
	else
		sigemptyset(&run->ignored);
}

CG2_EXPORT void cg2_run_set_backend(struct cg2_run *run, enum cg2_backend backend)
{
	run->wanted = backend;
}

CG2_EXPORT enum cg2_backend cg2_run_get_backend(struct cg2_run *run)
{
	return run->backend && run->backend != &run_backend_here ? run->place.backend
								 : CG2_BACKEND_AUTO;
}

CG2_EXPORT const char *cg2_run_get_placement_reason(struct cg2_run *run)
{
	return run->place.reason;
}

CG2_EXPORT const char *cg2_run_get_left_for(struct cg2_run *run)
{
	return run->left_for;
}

CG2_EXPORT void cg2_run_set_manager(struct cg2_run *run, enum cg2_manager manager)
{
	run->manager = manager;
}

CG2_EXPORT void cg2_run_set_inside(struct cg2_run *run, struct cg2_scope *scope)
{
	cg2_scope_unref(run->inside);
	run->inside = cg2_scope_ref(scope);
}

CG2_EXPORT int cg2_run_set_unit(struct cg2_run *run, const char *name, struct cg2_error *err)
{
	return scope_wish_set_unit(&run->wish, name, err);
}

CG2_EXPORT int cg2_run_set_prefix(struct cg2_run *run, const char *prefix,
				  struct cg2_error *err)
{
	return scope_wish_set_prefix(&run->wish, prefix, err);
}

CG2_EXPORT int cg2_run_set_slice(struct cg2_run *run, const char *slice, struct cg2_error *err)
{
	return scope_wish_set_slice(&run->wish, slice, err);
}

CG2_EXPORT int cg2_run_set_description(struct cg2_run *run, const char *text,
				       struct cg2_error *err)
{
	return scope_wish_set_description(&run->wish, text, err);
}

CG2_EXPORT int cg2_run_add_property(struct cg2_run *run, const char *assignment,
				    struct cg2_error *err)
{
	return property_list_add(&run->wish.properties, assignment, err);
}

CG2_EXPORT void cg2_run_set_best_effort(struct cg2_run *run, bool best_effort)
{
	run->is_best_effort = best_effort;
}

CG2_EXPORT void cg2_run_set_adopting(struct cg2_run *run, bool adopting)
{
	run->is_adopting = adopting;
}

CG2_EXPORT void cg2_run_set_grace(struct cg2_run *run, int sig, uint64_t grace_usec)
{
	run->signal = sig;
	run->grace_usec = grace_usec;
}

CG2_EXPORT void cg2_run_set_activation(struct cg2_run *run, bool passes)
{
	run->passes_activation = passes;
}

CG2_EXPORT void cg2_run_set_sampling(struct cg2_run *run, bool sampling)
{
	run->is_sampling = sampling;
}

CG2_EXPORT void cg2_run_set_processes(struct cg2_run *run, bool processes)
{
	run->processes.is_wanted = processes;
}

CG2_EXPORT void cg2_run_set_leftovers(struct cg2_run *run, enum cg2_leftovers leftovers)
{
	run->leftovers = leftovers;
}

CG2_EXPORT void cg2_run_set_deadline(struct cg2_run *run, uint64_t usec)
{
	run->answer_timeout_usec = usec;
}

CG2_EXPORT pid_t cg2_run_get_pid(struct cg2_run *run)
{
	return run->pid;
}

CG2_EXPORT pid_t cg2_run_get_holder(struct cg2_run *run)
{
	return run->backend ? run->backend->get_helper(run) : 0;
}

CG2_EXPORT int cg2_run_get_exit(struct cg2_run *run, int *ret_code, int *ret_status)
{
	if (run->exit_code == 0)
		return 0;
	*ret_code = run->exit_code;
	*ret_status = run->exit_status;
	return 1;
}

CG2_EXPORT enum cg2_end cg2_run_get_end(struct cg2_run *run)
{
	return run->end;
}

CG2_EXPORT const char *cg2_run_get_unit(struct cg2_run *run)
{
	return run->backend == &run_backend_scope ? run->wish.unit : NULL;
}

CG2_EXPORT enum cg2_manager cg2_run_get_manager(struct cg2_run *run)
{
	return bus_manager(run->manager);
}

CG2_EXPORT struct cg2_group *cg2_run_get_group(struct cg2_run *run)
{
	return run->group;
}

CG2_EXPORT int cg2_run_get_fd(struct cg2_run *run)
{
	return run->epoll_fd >= 0 ? run->epoll_fd : run->pidfd;
}
