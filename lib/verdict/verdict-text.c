/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verdict in words: one line that says why, and one that says what to do about it,
 * with a value that can be typed as it stands.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "verdict/verdict-cause.h"

#define PID_MAX_LIMIT 4194304

/* ------------------------------------------------------------------------------------
 * Words
 */

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), n_end = strlen(end);

	return n > n_end && strcmp(text + n - n_end, end) == 0;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_unit(const char *name)
{
	static const char *const types[] = { ".slice",	".scope", ".service",
					     ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (ends_with(name, types[i]))
			return true;
	return false;
}

static const char *own_name(const struct verdict_input *in)
{
	for (size_t i = 0; is_own(in, i); i++)
		if (ends_with(in->after[i].path, ".scope"))
			return "this scope";
	return "this run's cgroup";
}

void put_cgroup_name(FILE *f, const char *path)
{
	put_escaped(f, is_unit(last_part(path)) ? last_part(path) : path, SIZE_MAX);
}

static void put_level(FILE *f, const struct verdict_input *in, size_t level)
{
	if (is_own(in, level))
		fputs(own_name(in), f);
	else
		put_cgroup_name(f, in->after[level].path);
}

static bool is_size(const char *file)
{
	return strncmp(file, "memory.", 7) == 0;
}

/* A limit as its option takes it. */
static void put_amount(FILE *f, const char *file, uint64_t amount)
{
	_cleanup_free_ char *text = NULL;

	if (amount == CG2_MAX)
		fputs("max", f);
	else if (is_size(file) && cg2_size_to_string(amount, &text) == 0)
		fputs(text, f);
	else
		fprintf(f, "%" PRIu64, amount);
}

/* Most of the time was spent over a limit that slows down. */
static bool is_slowed_by_memory(const struct verdict_brakes *b)
{
	return is_limit(b->memory_high) && b->n_high > 0 && b->wall_usec > 0 &&
	       is_known(b->memory_full_usec) && b->memory_full_usec >= b->wall_usec / 2;
}

static bool is_slowed_by_cpu(const struct verdict_brakes *b)
{
	return is_limit(b->cpu_max) && b->n_throttled > 0 && b->n_throttled * 2 >= b->n_periods &&
	       b->n_periods > 0;
}

static void put_duration(FILE *f, uint64_t usec)
{
	_cleanup_free_ char *text = NULL;

	if (cg2_duration_to_string(usec, &text) == 0)
		fputs(text, f);
	else
		fprintf(f, "%" PRIu64 "us", usec);
}

/* "once", "12 times". */
static void put_times(FILE *f, uint64_t n)
{
	if (n == 1)
		fputs("once", f);
	else
		fprintf(f, "%" PRIu64 " times", n);
}

/* "memory.max 100M of user-1000.slice". */
static void put_limit(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	if (c->is_below) {
		fprintf(f, "%s of a cgroup that the command made", c->file);
		return;
	}
	fputs(c->file, f);
	if (c->limit != CG2_MAX) {
		fputc(' ', f);
		put_amount(f, c->file, c->limit);
	}
	fputs(" of ", f);
	put_level(f, in, c->level);
}

/* Beside an ancestor's limit: it is not the one that was asked for. */
static void put_own_limit(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	uint64_t own = own_limit(in, is_size(c->file)
					     ? offsetof(struct verdict_level, memory_max)
					     : offsetof(struct verdict_level, pids_max));

	if (c->level == SIZE_MAX || is_own(in, c->level) || own == CG2_MAX)
		return;
	fputs(" (this run's own limit is ", f);
	put_amount(f, c->file, own);
	fputc(')', f);
}

static void put_gap(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	if (!c->has_gap || c->is_certain || c->gap_level >= in->n_levels)
		return;
	fputs("; the counters of ", f);
	put_level(f, in, c->gap_level);
	fputs(" are not known", f);
}

/* ------------------------------------------------------------------------------------
 * Reasons
 */

static void put_time_limit(FILE *f, uint64_t usec, const char *name)
{
	fprintf(f, "ended by its %s", name);
	if (usec == 0 || !is_limit(usec))
		return;
	fputs(" of ", f);
	put_duration(f, usec);
}

static uint64_t percent(uint64_t part, uint64_t all)
{
	return MIN(part * 100 / all, UINT64_C(100));
}

static void reason_wall_time(FILE *f, const struct evidence *e)
{
	const struct verdict_brakes *b = &e->in->brakes;

	put_time_limit(f, e->in->wall_limit_usec, "time limit");
	if (is_slowed_by_memory(b)) {
		fputs("; memory.high ", f);
		put_amount(f, "memory.high", b->memory_high);
		fprintf(f, " held it back for %" PRIu64 " %% of the time",
			percent(b->memory_full_usec, b->wall_usec));
	} else if (is_slowed_by_cpu(b)) {
		fprintf(f, "; cpu.max held it back in %" PRIu64 " %% of its periods",
			percent(b->n_throttled, b->n_periods));
	}
}

static void reason_cpu_time(FILE *f, const struct evidence *e)
{
	put_time_limit(f, e->in->cpu_limit_usec, "CPU time limit");
}

static void reason_oomd(FILE *f, const struct evidence *e)
{
	fputs("out of memory: systemd-oomd killed ", f);
	put_level(f, e->in, e->oomd.level);
}

/* The kernel counts the victim twice when it kills a group. */
static void put_killed(FILE *f, const struct evidence *e)
{
	if (e->is_group_killed)
		fputs(", the whole group killed", f);
	else if (!is_known(e->oom_killed))
		fputs(", a process killed", f);
	else
		fprintf(f, ", %" PRIu64 " process%s killed", e->oom_killed,
			e->oom_killed == 1 ? "" : "es");
}

static void reason_oom(FILE *f, const struct evidence *e)
{
	const struct cause *c = &e->oom;

	fprintf(f, "out of memory%s: ", c->is_certain ? "" : ", probably");
	if (c->level != SIZE_MAX)
		put_limit(f, e->in, c);
	else if (e->in->machine.is_namespaced && !c->is_certain)
		fputs("the machine has no memory left, or a limit outside of this "
		      "container",
		      f);
	else
		fputs("the machine has no memory left", f);
	put_killed(f, e);
	put_own_limit(f, e->in, c);
	if (!has_failed(e->in))
		fputs("; the command itself ended with 0", f);
	put_gap(f, e->in, c);
}

/* A pids.max that is known to have refused, and no visible one was reached. */
static const char *unseen_limit(const struct verdict_input *in)
{
	return in->machine.is_namespaced ? "a pids.max outside of this container"
					 : "a pids.max that is not reached any more";
}

static void put_machine_limit(FILE *f, const struct cause *c)
{
	bool is_user = strcmp(c->file, "RLIMIT_NPROC") == 0;

	fprintf(f, "%s %" PRIu64 ", %s has %" PRIu64 " tasks", c->file, c->limit,
		is_user ? "its user" : "the machine", c->use);
	if (c->has_gap)
		fputs("; pids.events is not known", f);
}

static void put_zombies(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	uint64_t n = in->machine.n_zombies;
	uint64_t tasks = in->n_levels > 0 ? in->after[0].pids_current : VERDICT_UNKNOWN;

	if (!is_known(n) || n == 0)
		return;
	/* When its own limit refused, it had as many as that. */
	if (is_own(in, c->level) && is_limit(c->limit))
		tasks = c->limit;
	fputs("; ", f);
	if (is_limit(tasks) && tasks >= n)
		fprintf(f, "of %" PRIu64 " tasks ", tasks);
	fprintf(f, "%" PRIu64 " %s that %s parent does not reap", n,
		n == 1 ? "is a zombie" : "are zombies", n == 1 ? "its" : "their");
}

static void put_tasks(FILE *f, const struct evidence *e)
{
	const struct cause *c = &e->tasks;

	fputs("fork refused", f);
	if (c->is_counted && is_known(c->count)) {
		fputc(' ', f);
		put_times(f, c->count);
	}
	fputs(c->is_certain ? ": " : ", probably: ", f);
	if (strcmp(c->file, "pids.max") != 0)
		put_machine_limit(f, c);
	else if (c->level == SIZE_MAX)
		fputs(unseen_limit(e->in), f);
	else
		put_limit(f, e->in, c);
	put_own_limit(f, e->in, c);
	put_zombies(f, e->in, c);
	put_gap(f, e->in, c);
}

static void reason_tasks(FILE *f, const struct evidence *e)
{
	put_tasks(f, e);
}

static void put_signal(FILE *f, int sig)
{
	const char *name = cg2_signal_to_string(sig);

	if (name)
		fputs(name, f);
	else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		fprintf(f, "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		fprintf(f, "signal %d", sig);
}

static void put_lost(FILE *f, const struct evidence *e)
{
	if (e->has_lost)
		fputs("; what its limits did is not known, its counters are lost", f);
}

static void reason_signal(FILE *f, const struct evidence *e)
{
	fputs("killed by ", f);
	put_signal(f, e->in->exit_status);
	if (e->in->exit_code == CLD_DUMPED)
		fputs(", core dumped", f);
	if (e->in->exit_status != SIGKILL)
		put_lost(f, e);
	else if (is_known(e->oom_killed))
		fputs(", by somebody else: no limit did it", f);
	else
		fputs("; whether for want of memory is not known: no memory.events", f);
}

static void reason_failed(FILE *f, const struct evidence *e)
{
	int status = e->in->exit_status;
	const char *sig = status > 128 ? cg2_signal_to_string(status - 128) : NULL;

	fprintf(f, "exit status %d", status);
	if (sig)
		fprintf(f, ", a shell's word for %s", sig);
	put_lost(f, e);
}

static void reason_ok(FILE *f, const struct evidence *e)
{
	fputs("exit status 0", f);
	if (e->tasks.is_found) {
		fputs(", but ", f);
		put_tasks(f, e);
	}
}

/* ------------------------------------------------------------------------------------
 * Hints
 */

/* Twice as much is the next thing to try. */
static uint64_t twice(uint64_t amount)
{
	return is_limit(amount) && amount < UINT64_MAX / 4 ? amount * 2 : CG2_MAX;
}

/* Only what held it back: that more time helps is no news. */
static void hint_wall_time(FILE *f, const struct evidence *e)
{
	const struct verdict_brakes *b = &e->in->brakes;

	if (is_slowed_by_memory(b)) {
		fputs("raise memory.high to ", f);
		put_amount(f, "memory.high", twice(b->memory_high));
	} else if (is_slowed_by_cpu(b)) {
		fputs("raise cpu.max", f);
	}
}

static void hint_oomd(FILE *f, const struct evidence *e _unused_)
{
	fputs("journalctl -u systemd-oomd says which pressure or swap limit was reached",
	      f);
}

/* Below user@UID.service, units are that user manager's. */
static bool is_of_user_manager(const char *path)
{
	const char *manager = strstr(path, "/user@");

	return manager && strchr(manager + 1, '/');
}

/* An ancestor's limit: how its unit's manager raises it. */
static void put_ancestor_hint(FILE *f, const struct verdict_input *in,
			      const struct cause *c)
{
	const char *path = in->after[c->level].path;
	bool is_users = is_of_user_manager(path);

	if (!is_unit(last_part(path))) {
		fprintf(f, "raise %s of ", c->file);
		put_escaped(f, path, SIZE_MAX);
		fputs(" to ", f);
		put_amount(f, c->file, twice(c->limit));
		return;
	}
	fputs(is_users ? "systemctl --user set-property "
		       : "as root: systemctl set-property ",
	      f);
	put_escaped(f, last_part(path), SIZE_MAX);
	fputs(is_size(c->file) ? " MemoryMax=" : " TasksMax=", f);
	if (twice(c->limit) == CG2_MAX)
		fputs("infinity", f);
	else
		put_amount(f, c->file, twice(c->limit));
}

static void put_limit_hint(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	if (c->is_below)
		return;
	if (!is_own(in, c->level)) {
		put_ancestor_hint(f, in, c);
		return;
	}
	fprintf(f, "raise %s", c->file);
	if (twice(c->limit) == CG2_MAX)
		return;
	fputs(" to ", f);
	put_amount(f, c->file, twice(c->limit));
}

static void hint_pressure(FILE *f, const struct evidence *e)
{
	if (e->stop.is_found && e->stop.level != SIZE_MAX)
		put_limit_hint(f, e->in, &e->stop);
}

static void hint_oom(FILE *f, const struct evidence *e)
{
	size_t max = offsetof(struct verdict_level, memory_max);

	if (e->oom.level != SIZE_MAX)
		put_limit_hint(f, e->in, &e->oom);
	else if (e->in->machine.is_namespaced && !e->oom.is_certain)
		fputs("look at the container's memory limit, and at the rest of the "
		      "machine",
		      f);
	else if (own_limit(e->in, max) != CG2_MAX)
		fputs("its limit is more than the machine has left: end other programs or add "
		      "swap", f);
	else
		fputs("end other programs or add swap", f);
}

static void put_machine_hint(FILE *f, const struct cause *c)
{
	uint64_t amount = MIN(twice(c->limit), PID_MAX_LIMIT);

	if (strcmp(c->file, "RLIMIT_NPROC") == 0)
		fprintf(f,
			"ulimit -u %" PRIu64
			" (the hard limit: /etc/security/limits.conf)",
			amount);
	else
		fprintf(f, "as root: sysctl %s=%" PRIu64, c->file, amount);
}

static void hint_tasks(FILE *f, const struct evidence *e)
{
	const struct cause *c = &e->tasks;
	uint64_t n_zombies = e->in->machine.n_zombies;

	if (is_known(n_zombies) && n_zombies > 0)
		fputs("the parent of the zombies has to wait for its children", f);
	else if (strcmp(c->file, "pids.max") != 0)
		put_machine_hint(f, c);
	else if (c->level != SIZE_MAX)
		put_limit_hint(f, e->in, c);
}

/* Signals that a limit sends which is not a cgroup's. */
static void hint_signal(FILE *f, const struct evidence *e)
{
	static const struct {
		int number;
		const char *hint;
	} hints[] = {
		{ SIGXCPU, "it used more CPU time than ulimit -t allows" },
		{ SIGXFSZ, "it wrote a larger file than ulimit -f allows" },
		{ SIGSYS, "a seccomp filter forbids a system call that it made" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (hints[i].number == e->in->exit_status)
			fputs(hints[i].hint, f);
}

static void hint_none(FILE *f _unused_, const struct evidence *e _unused_)
{
}

static void hint_ok(FILE *f, const struct evidence *e)
{
	if (e->tasks.is_found)
		hint_tasks(f, e);
}

/* ------------------------------------------------------------------------------------
 * All of it
 */

typedef void (*put_fn)(FILE *f, const struct evidence *e);

static const struct {
	put_fn reason;
	put_fn hint;
} texts[] = {
	[CG2_VERDICT_REFUSED] = { reason_refused, hint_refused },
	[CG2_VERDICT_EXEC] = { reason_exec, hint_exec },
	[CG2_VERDICT_WALL_TIME] = { reason_wall_time, hint_wall_time },
	[CG2_VERDICT_CPU_TIME] = { reason_cpu_time, hint_none },
	[CG2_VERDICT_PRESSURE] = { reason_pressure, hint_pressure },
	[CG2_VERDICT_OOMD] = { reason_oomd, hint_oomd },
	[CG2_VERDICT_OOM] = { reason_oom, hint_oom },
	[CG2_VERDICT_TASKS] = { reason_tasks, hint_tasks },
	[CG2_VERDICT_SIGNAL] = { reason_signal, hint_signal },
	[CG2_VERDICT_FAILED] = { reason_failed, hint_none },
	[CG2_VERDICT_OK] = { reason_ok, hint_ok },
};

/* ret_text: NULL if nothing was said. */
static int say(put_fn put, const struct evidence *e, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	int failed;

	if (!f)
		return -ENOMEM;
	put(f, e);
	failed = ferror(f);
	if (fclose(f) != 0 || failed)
		return -ENOMEM;
	*ret_text = size > 0 ? take_ptr(&text) : NULL;
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Advice: the hints that are about a limit of the run
 */

static void advise(struct cg2_advice *advice, enum cg2_advice_kind kind, enum cg2_limit limit,
		   uint64_t value)
{
	*advice = (struct cg2_advice){ .size = sizeof(*advice), .kind = kind, .limit = limit,
				       .value = value };
}

static void advise_own_limit(struct cg2_advice *advice, const struct verdict_input *in,
			     const struct cause *c)
{
	if (c->is_found && !c->is_below && is_own(in, c->level))
		advise(advice, CG2_ADVICE_RAISE_LIMIT,
		       is_size(c->file) ? CG2_LIMIT_MEMORY_MAX : CG2_LIMIT_TASKS_MAX,
		       twice(c->limit));
}

static void advise_wall_time(struct cg2_advice *advice, const struct verdict_brakes *b)
{
	if (is_slowed_by_memory(b))
		advise(advice, CG2_ADVICE_RAISE_LIMIT, CG2_LIMIT_MEMORY_HIGH,
		       twice(b->memory_high));
	else if (is_slowed_by_cpu(b))
		advise(advice, CG2_ADVICE_RAISE_LIMIT, CG2_LIMIT_CPU_MAX, twice(b->cpu_max));
}

static void advise_oom(struct cg2_advice *advice, const struct evidence *e)
{
	if (e->oom.level != SIZE_MAX)
		advise_own_limit(advice, e->in, &e->oom);
	else if ((!e->in->machine.is_namespaced || e->oom.is_certain) &&
		 own_limit(e->in, offsetof(struct verdict_level, memory_max)) == CG2_MAX)
		advise(advice, CG2_ADVICE_SET_LIMIT, CG2_LIMIT_MEMORY_MAX, CG2_MAX);
}

static void advise_tasks(struct cg2_advice *advice, const struct evidence *e)
{
	uint64_t n_zombies = e->in->machine.n_zombies;

	if (!is_known(n_zombies) || n_zombies == 0)
		advise_own_limit(advice, e->in, &e->tasks);
}

void verdict_advise(const struct evidence *e, enum cg2_verdict verdict, struct cg2_advice *advice)
{
	const struct cg2_error *failure = e->in->failure;

	if (verdict == CG2_VERDICT_REFUSED && failure)
		advise(advice, failure->advice, failure->limit, CG2_MAX);
	else if (verdict == CG2_VERDICT_WALL_TIME)
		advise_wall_time(advice, &e->in->brakes);
	else if (verdict == CG2_VERDICT_PRESSURE)
		advise_own_limit(advice, e->in, &e->stop);
	else if (verdict == CG2_VERDICT_OOM)
		advise_oom(advice, e);
	else if (verdict == CG2_VERDICT_TASKS || verdict == CG2_VERDICT_OK)
		advise_tasks(advice, e);
}

int verdict_text(const struct evidence *e, enum cg2_verdict verdict, char **ret_reason,
		 char **ret_hint)
{
	_cleanup_free_ char *reason = NULL;
	char *hint;
	int r;

	r = say(texts[verdict].reason, e, &reason);
	if (r < 0)
		return r;
	if (!reason)
		return -ENOMEM;
	r = say(texts[verdict].hint, e, &hint);
	if (r < 0)
		return r;
	*ret_reason = take_ptr(&reason);
	*ret_hint = hint;
	return 0;
}
