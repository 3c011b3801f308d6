/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs and records of libcg2 without systemd and cgroups, linked in their place into a
 * cgscope for tests/cli: commands are just executed, and the figures are those of a
 * scenario, which FAKE_SCENARIO names. What cgscope itself does at the end of a run is so
 * tested anywhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "libcg2.h"
#include "tests/cli/fake-trace.h"

#define UNKNOWN (UINT64_MAX - 1)
#define CGROUP "/user.slice/user-1000.slice/cgscope-fake.scope/run"
#define STARTED_USEC UINT64_C(1769860800123456)

/* ------------------------------------------------------------------------------------
 * Scenarios
 */

struct scenario {
	const char *name;
	enum cg2_verdict verdict;
	bool is_by_exit; /* the verdict is the one of the command's exit instead */
	enum cg2_end end;
	const char *reason;
	const char *hint;
	struct cg2_advice advice; /* kind NONE: none */
	const char *notes[3];
	struct cg2_blame blame; /* file NULL: none */
	struct cg2_record_limit limits[6];
	uint64_t refused, oom_kill; /* UNKNOWN in "bare" */
	bool is_bare;		    /* nothing is known */
};

#define LIMIT(name_, unit_, value_)                                                      \
	{                                                                                \
		.name = (name_), .unit = (unit_), .requested = (value_),                 \
		.effective = (value_), .is_verified = true                               \
	}

#define RAISE(limit_, value_)                                                            \
	{                                                                                \
		.kind = CG2_ADVICE_RAISE_LIMIT, .limit = (limit_), .value = (value_)     \
	}

static const struct scenario scenarios[] = {
	{ .name = "plain",
	  .is_by_exit = true,
	  .limits = { LIMIT("memory.max", CG2_UNIT_BYTES, 512 * MIB),
		      LIMIT("pids.max", CG2_UNIT_TASKS, 64),
		      LIMIT("cpu.max", CG2_UNIT_PERMYRIAD, 15000),
		      { .name = "cpuset.cpus",
			.unit = CG2_UNIT_LIST,
			.requested_text = "0,1",
			.effective_text = "0-1",
			.is_verified = true },
		      { .name = "io.max",
			.unit = CG2_UNIT_IO,
			.device = "8:0",
			.key = "wbps",
			.requested = MIB,
			.effective = CG2_MAX },
		      LIMIT("memory.oom.group", CG2_UNIT_BOOL, 1) } },
	{ .name = "bare", .is_by_exit = true, .is_bare = true },
	{ .name = "refused-forks",
	  .is_by_exit = true,
	  .reason = "exit status 0, but fork refused 3 times: pids.max 64 of this scope",
	  .refused = 3,
	  .hint = "raise pids.max to 128",
	  .advice = RAISE(CG2_LIMIT_TASKS_MAX, 128),
	  .limits = { LIMIT("pids.max", CG2_UNIT_TASKS, 64) } },
	{ .name = "oom",
	  .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed",
	  .hint = "raise memory.max to 1G",
	  .advice = RAISE(CG2_LIMIT_MEMORY_MAX, 1024 * MIB),
	  .notes = { "memory.max reached 312 times, reclaimed",
		     "throttled 61 % of the time by cpu.max 10%" },
	  .oom_kill = 1,
	  .blame = { .cgroup = CGROUP,
		     .file = "memory.max",
		     .limit = 512 * MIB,
		     .is_own = true,
		     .is_certain = true },
	  .limits = { LIMIT("memory.max", CG2_UNIT_BYTES, 512 * MIB) } },
	{ .name = "tasks",
	  .verdict = CG2_VERDICT_TASKS,
	  .reason = "forks were refused, probably by RLIMIT_NPROC",
	  .refused = UNKNOWN,
	  .blame = { .file = "RLIMIT_NPROC", .limit = CG2_MAX } },
	{ .name = "time",
	  .verdict = CG2_VERDICT_WALL_TIME,
	  .end = CG2_END_WALL_TIME,
	  .reason = "ended by its time limit of 1s",
	  .limits = { LIMIT("time", CG2_UNIT_USEC, USEC_PER_SEC) } },
};

static const struct scenario *scenario(void)
{
	const char *name = getenv("FAKE_SCENARIO");

	for (size_t i = 0; name && i < ARRAY_SIZE(scenarios); i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	return &scenarios[0];
}

/* What every scenario has in common. */
static const uint64_t figures[] = {
	[CG2_FIGURE_WALL_USEC] = 1203441,
	[CG2_FIGURE_CPU_USAGE_USEC] = 983210,
	[CG2_FIGURE_CPU_USER_USEC] = 900000,
	[CG2_FIGURE_CPU_SYSTEM_USEC] = 83210,
	[CG2_FIGURE_CPU_THROTTLED_USEC] = 200000,
	[CG2_FIGURE_CPU_PERIODS_COUNT] = 12,
	[CG2_FIGURE_CPU_THROTTLED_COUNT] = 2,
	[CG2_FIGURE_MEMORY_PEAK_BYTES] = 384 * MIB + 700000,
	[CG2_FIGURE_SWAP_PEAK_BYTES] = UNKNOWN,
	[CG2_FIGURE_ANON_PEAK_BYTES] = 300 * MIB,
	[CG2_FIGURE_FILE_PEAK_BYTES] = 80 * MIB,
	[CG2_FIGURE_MAX_RSS_BYTES] = 200 * MIB,
	[CG2_FIGURE_TASKS_PEAK_COUNT] = 12,
	[CG2_FIGURE_IO_READ_BYTES] = 12 * MIB,
	[CG2_FIGURE_IO_WRITE_BYTES] = 3500000,
	[CG2_FIGURE_IO_READ_COUNT] = 100,
	[CG2_FIGURE_IO_WRITE_COUNT] = 20,
	[CG2_FIGURE_CPU_SOME_USEC] = 340000,
	[CG2_FIGURE_IO_FULL_USEC] = 0,
	[CG2_FIGURE_LEFTOVERS_COUNT] = 0,
	[CG2_FIGURE_CACHE_PEAK_BYTES] = 72 * MIB,
};

/* ------------------------------------------------------------------------------------
 * Records
 */

struct cg2_record {
	const struct scenario *scenario;
	enum cg2_verdict verdict;
	char *reason;
	char *hint;
	bool is_refused;
};

static struct cg2_record *new_record(void)
{
	struct cg2_record *record = calloc(1, sizeof(*record));

	if (!record)
		abort();
	record->scenario = scenario();
	return record;
}

CG2_EXPORT struct cg2_record *cg2_record_unref(struct cg2_record *record)
{
	if (record) {
		free(record->reason);
		free(record->hint);
	}
	free(record);
	return NULL;
}

CG2_EXPORT enum cg2_verdict cg2_record_get_verdict(struct cg2_record *record)
{
	return record->verdict;
}

CG2_EXPORT const char *cg2_record_get_reason(struct cg2_record *record)
{
	return record->reason;
}

CG2_EXPORT const char *cg2_record_get_hint(struct cg2_record *record)
{
	return record->hint;
}

CG2_EXPORT int cg2_record_get_advice(struct cg2_record *record, struct cg2_advice *advice)
{
	size_t size = advice->size;

	if (record->is_refused || record->scenario->advice.kind == CG2_ADVICE_NONE)
		return 0;
	*advice = record->scenario->advice;
	advice->size = size;
	return 1;
}

CG2_EXPORT int cg2_record_get_figure(struct cg2_record *record, enum cg2_figure figure,
				     uint64_t *ret_value)
{
	uint64_t value = figures[figure];

	if (figure == CG2_FIGURE_TASKS_REFUSED_COUNT)
		value = record->scenario->refused;
	if (figure == CG2_FIGURE_MEMORY_OOM_KILL_COUNT)
		value = record->scenario->oom_kill;
	if (record->is_refused || record->scenario->is_bare || value == UNKNOWN)
		return 0;
	*ret_value = value;
	return 1;
}

CG2_EXPORT int cg2_record_get_blame(struct cg2_record *record, struct cg2_blame *blame)
{
	if (record->is_refused || !record->scenario->blame.file)
		return 0;
	*blame = record->scenario->blame;
	return 1;
}

CG2_EXPORT int cg2_record_get_limit(struct cg2_record *record, size_t i,
				    struct cg2_record_limit *limit)
{
	if (i >= ARRAY_SIZE(record->scenario->limits) ||
	    !record->scenario->limits[i].name)
		return 0;
	*limit = record->scenario->limits[i];
	return 1;
}

CG2_EXPORT const char *cg2_record_get_note(struct cg2_record *record, size_t i)
{
	return record->is_refused || i >= 2 ? NULL : record->scenario->notes[i];
}

CG2_EXPORT struct cg2_process *cg2_record_get_process(struct cg2_record *record _unused_,
						      size_t i _unused_)
{
	return NULL;
}

CG2_EXPORT int cg2_record_get_process_losses(struct cg2_record *record _unused_,
					     uint64_t *ret_lost _unused_,
					     uint64_t *ret_unjoined _unused_)
{
	return 0;
}

CG2_EXPORT uint64_t cg2_record_get_started_usec(struct cg2_record *record _unused_)
{
	return STARTED_USEC;
}

CG2_EXPORT const char *cg2_record_get_cgroup(struct cg2_record *record)
{
	return record->is_refused ? NULL : CGROUP;
}

CG2_EXPORT const char *cg2_record_get_unit(struct cg2_record *record)
{
	return record->is_refused ? NULL : "cgscope-fake.scope";
}

CG2_EXPORT int cg2_record_is_complete(struct cg2_record *record)
{
	return !record->scenario->is_bare;
}

/* ------------------------------------------------------------------------------------
 * Runs
 */

struct cg2_run {
	char *file;
	char *const *argv;
	sigset_t mask;
	int stdio[3];
	pid_t pid;
	int fd;
	int exit_code;
	int exit_status;
	bool is_finished;
	struct cg2_error failure;
};

CG2_EXPORT int cg2_run_new(struct cg2_ctx *ctx _unused_,
			   struct cg2_limits *limits _unused_, struct cg2_run **ret_run)
{
	*ret_run = calloc(1, sizeof(**ret_run));
	if (!*ret_run)
		return -ENOMEM;
	(*ret_run)->fd = -1;
	cg2_run_set_stdio(*ret_run, -1, -1, -1);
	return 0;
}

CG2_EXPORT struct cg2_run *cg2_run_unref(struct cg2_run *run)
{
	if (!run)
		return NULL;
	free(run->file);
	if (run->fd >= 0)
		close(run->fd);
	cg2_error_clear(&run->failure);
	free(run);
	return NULL;
}

CG2_EXPORT int cg2_run_set_command(struct cg2_run *run, const char *file,
				   const char *const argv[],
				   const char *const envp[] _unused_)
{
	run->file = strdup(file);
	memcpy(&run->argv, &argv, sizeof(run->argv));
	return run->file ? 0 : -ENOMEM;
}

CG2_EXPORT void cg2_run_set_stdio(struct cg2_run *run, int in, int out, int err)
{
	run->stdio[0] = in;
	run->stdio[1] = out;
	run->stdio[2] = err;
}

CG2_EXPORT void cg2_run_set_signals(struct cg2_run *run, const sigset_t *mask,
				    const sigset_t *ignored _unused_)
{
	run->mask = *mask;
}

CG2_EXPORT void cg2_run_set_manager(struct cg2_run *run _unused_,
				    enum cg2_manager manager _unused_)
{
}

CG2_EXPORT int cg2_run_set_unit(struct cg2_run *run _unused_, const char *name _unused_,
				struct cg2_error *err _unused_)
{
	return 0;
}

CG2_EXPORT int cg2_run_set_prefix(struct cg2_run *run _unused_,
				  const char *prefix _unused_,
				  struct cg2_error *err _unused_)
{
	return 0;
}

CG2_EXPORT int cg2_run_set_slice(struct cg2_run *run _unused_, const char *slice _unused_,
				 struct cg2_error *err _unused_)
{
	return 0;
}

CG2_EXPORT int cg2_run_set_description(struct cg2_run *run _unused_,
				       const char *text _unused_,
				       struct cg2_error *err _unused_)
{
	return 0;
}

CG2_EXPORT int cg2_run_add_property(struct cg2_run *run _unused_,
				    const char *assignment _unused_,
				    struct cg2_error *err _unused_)
{
	return 0;
}

static struct cg2_trace *trace;

CG2_EXPORT int cg2_run_set_trace(struct cg2_run *run _unused_,
				 const struct cg2_trace_wish *wish,
				 struct cg2_error *err _unused_)
{
	trace = fake_trace(wish);
	return 0;
}

CG2_EXPORT struct cg2_trace *cg2_run_get_trace(struct cg2_run *run _unused_)
{
	return trace;
}

CG2_EXPORT void cg2_run_set_adopting(struct cg2_run *run _unused_, bool adopting _unused_)
{
}

CG2_EXPORT void cg2_run_set_best_effort(struct cg2_run *run _unused_,
					bool best_effort _unused_)
{
}

CG2_EXPORT void cg2_run_set_grace(struct cg2_run *run _unused_, int sig _unused_,
				  uint64_t grace_usec _unused_)
{
}

CG2_EXPORT void cg2_run_set_activation(struct cg2_run *run _unused_, bool passes _unused_)
{
}

CG2_EXPORT void cg2_run_set_sampling(struct cg2_run *run _unused_, bool sampling _unused_)
{
}

CG2_EXPORT void cg2_run_set_inside(struct cg2_run *run _unused_,
				   struct cg2_scope *scope _unused_)
{
}

CG2_EXPORT void cg2_run_set_processes(struct cg2_run *run _unused_, bool processes _unused_)
{
}

CG2_EXPORT void cg2_run_set_leftovers(struct cg2_run *run _unused_,
				      enum cg2_leftovers leftovers _unused_)
{
}

static int refuse(struct cg2_run *run, struct cg2_error *err)
{
	const struct cg2_error failure = { .code = EACCES,
					   .op = CG2_OP_VERIFY,
					   .path = strdup("memory.max"),
					   .value = strdup("512M"),
					   .hint = strdup("run it elsewhere") };

	*err = failure;
	cg2_run_refuse(run, err);
	return -EACCES;
}

/* The scenario "refuse" fails here. */
CG2_EXPORT int cg2_run_prepare(struct cg2_run *run, struct cg2_error *err)
{
	const char *name = getenv("FAKE_SCENARIO");

	return name && strcmp(name, "refuse") == 0 ? refuse(run, err) : 0;
}

CG2_EXPORT void cg2_run_refuse(struct cg2_run *run, const struct cg2_error *reason)
{
	cg2_error_clear(&run->failure);
	run->failure.code = reason->code;
	run->failure.op = reason->op;
	run->failure.path = reason->path ? strdup(reason->path) : NULL;
	run->failure.hint = reason->hint ? strdup(reason->hint) : NULL;
}

CG2_EXPORT int cg2_run_start(struct cg2_run *run, struct cg2_error *err _unused_)
{
	run->pid = fork();
	if (run->pid < 0)
		return -errno;
	if (run->pid == 0) {
		sigprocmask(SIG_SETMASK, &run->mask, NULL);
		for (int i = 0; i < 3; i++)
			if (run->stdio[i] >= 0)
				dup2(run->stdio[i], i);
		execv(run->file, run->argv);
		_exit(127);
	}
	run->fd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	return run->fd < 0 ? -errno : 0;
}

CG2_EXPORT int cg2_run_start_self(struct cg2_run *run _unused_,
				  struct cg2_error *err _unused_)
{
	return 0;
}

CG2_EXPORT int cg2_run_get_fd(struct cg2_run *run)
{
	return run->fd;
}

CG2_EXPORT int cg2_run_dispatch(struct cg2_run *run, struct cg2_error *err _unused_)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return 0;
	run->exit_code = info.si_code;
	run->exit_status = info.si_status;
	return 1;
}

CG2_EXPORT pid_t cg2_run_get_pid(struct cg2_run *run)
{
	return run->pid;
}

CG2_EXPORT int cg2_run_signal(struct cg2_run *run, int sig,
			      struct cg2_error *err _unused_)
{
	return kill(run->pid, sig) < 0 ? -errno : 0;
}

CG2_EXPORT int cg2_run_doze(struct cg2_run *run _unused_)
{
	return 0;
}

CG2_EXPORT pid_t cg2_run_get_holder(struct cg2_run *run _unused_)
{
	return 0;
}

CG2_EXPORT int cg2_run_get_exit(struct cg2_run *run, int *ret_code, int *ret_status)
{
	if (run->exit_code == 0)
		return 0;
	*ret_code = run->exit_code;
	*ret_status = run->exit_status;
	return 1;
}

CG2_EXPORT enum cg2_end cg2_run_get_end(struct cg2_run *run _unused_)
{
	return scenario()->end;
}

CG2_EXPORT enum cg2_manager cg2_run_get_manager(struct cg2_run *run _unused_)
{
	return CG2_MANAGER_USER;
}

/* For those who make scopes without a command, which nobody does here. */
CG2_EXPORT const char *cg2_run_get_unit(struct cg2_run *run _unused_)
{
	return NULL;
}

CG2_EXPORT struct cg2_group *cg2_run_get_group(struct cg2_run *run _unused_)
{
	return NULL;
}

CG2_EXPORT void cg2_run_set_backend(struct cg2_run *run _unused_,
				    enum cg2_backend backend _unused_)
{
}

CG2_EXPORT enum cg2_backend cg2_run_get_backend(struct cg2_run *run _unused_)
{
	return CG2_BACKEND_SYSTEMD;
}

CG2_EXPORT const char *cg2_run_get_left_for(struct cg2_run *run _unused_)
{
	return NULL;
}

CG2_EXPORT const char *cg2_run_get_placement_reason(struct cg2_run *run _unused_)
{
	return "session-1.scope is not delegated";
}

CG2_EXPORT int cg2_run_is_quiet(struct cg2_run *run _unused_)
{
	return 0;
}

CG2_EXPORT int cg2_run_finish(struct cg2_run *run, struct cg2_error *err _unused_)
{
	run->is_finished = true;
	return 0;
}

static enum cg2_verdict by_exit(const struct cg2_run *run)
{
	if (run->exit_code != CLD_EXITED)
		return CG2_VERDICT_SIGNAL;
	return run->exit_status == 0 ? CG2_VERDICT_OK : CG2_VERDICT_FAILED;
}

CG2_EXPORT int cg2_run_make_record(struct cg2_run *run, struct cg2_record **ret_record)
{
	struct cg2_record *record;

	if (run->is_finished)
		return -EBUSY;
	record = new_record();
	if (run->failure.code) {
		record->is_refused = true;
		record->verdict = run->failure.op == CG2_OP_EXEC ? CG2_VERDICT_EXEC
								 : CG2_VERDICT_REFUSED;
		if (cg2_error_format(&run->failure, &record->reason) < 0)
			abort();
		record->hint = run->failure.hint ? strdup(run->failure.hint) : NULL;
	} else {
		record->verdict = record->scenario->is_by_exit
					  ? by_exit(run)
					  : record->scenario->verdict;
		if (record->scenario->reason)
			record->reason = strdup(record->scenario->reason);
		if (record->scenario->hint)
			record->hint = strdup(record->scenario->hint);
	}
	*ret_record = record;
	return 0;
}
