/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Causes while a program ran that its own words do not tell: memory, tasks, time limits of the
 * unit, signals.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "explain/explain-internal.h"

/* The signal that its process died of, 0: none. */
static int signal_of(const struct explain_facts *f)
{
	int status = 0, code = explain_exit(f, &status);

	return code == CLD_KILLED || code == CLD_DUMPED ? status : 0;
}

static const char *word_text(const struct explain_facts *f, enum explain_word word)
{
	return journal_get(f->life ? f->life->words[word] : NULL, JOURNAL_MESSAGE);
}

static bool has_word(const struct explain_facts *f, enum explain_word word)
{
	return f->life && f->life->words[word];
}

static char *usec_text(uint64_t usec)
{
	char *text = NULL;

	if (usec == 0 || usec >= UNKNOWN || cg2_duration_to_string(usec, &text) < 0)
		return NULL;
	return text;
}

/* The last part of a path: the unit that a cgroup is. */
static const char *unit_of(const char *cgroup)
{
	const char *slash = strrchr(cgroup, '/');

	return slash && slash[1] ? slash + 1 : "the root";
}

/* ---- memory ---- */

static bool is_within_unit(const struct explain_facts *f, const struct kernel_text *cgroup)
{
	return f->unit->cgroup && *f->unit->cgroup &&
	       kernel_text_is_within(cgroup, f->unit->cgroup);
}

bool explain_is_victim(const struct kernel_oom *oom, pid_t pid, const char *unit)
{
	return pid && oom->pid == pid && kernel_text_has_part(&oom->victim, unit);
}

/* The kernel's line on a process of the unit's that was killed. */
static const struct journal_entry *find_oom(const struct explain_facts *f, struct kernel_oom *ret)
{
	for (size_t i = 0; f->kernel && i < f->kernel->n; i++)
		if (kernel_line_oom(journal_get(f->kernel->entries[i], JOURNAL_MESSAGE), ret) &&
		    (f->pid ? explain_is_victim(ret, f->pid, f->unit->name)
			    : is_within_unit(f, &ret->victim)))
			return f->kernel->entries[i];
	return NULL;
}

static uint64_t limit_of(const struct explain_facts *f, const char *cgroup)
{
	for (size_t i = 0; i < f->n_levels; i++)
		if (strcmp(f->levels[i].path, cgroup) == 0)
			return f->levels[i].counters.memory_max;
	return UNKNOWN;
}

/* "memory.max 50M"; without the value if it is unknown, or gone. */
static char *memory_limit(uint64_t limit)
{
	_cleanup_free_ char *size = NULL;

	if (!is_limit(limit) || cg2_size_to_string(limit, &size) < 0)
		return strdup("memory.max");
	return text_format("memory.max %s", size);
}

static void put_victim(const struct explain_facts *f, struct explain_answer *a,
		       const struct kernel_oom *oom, const char *limit, const char *of)
{
	say(a, CG2_CERTAINTY_CERTAIN,
	    "out of memory: %s of %s was reached; the kernel killed %.*s (%d)", limit, of,
	    (int)oom->command.len, oom->command.start, (int)oom->pid);
	cite(a, f->life ? f->life->oom : NULL);
}

bool cause_oomd(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *line = f->oomd && f->oomd->n ? f->oomd->entries[0] : NULL;
	const struct journal_entry *said = f->life ? f->life->oomd : NULL;
	const char *why;

	if (!line && !said)
		return false;
	cite(a, said);
	cite(a, line);
	why = line ? strstr(journal_get(line, JOURNAL_MESSAGE), " due to ") : NULL;
	advise(a, "give it less to do, the machine more memory, or ManagedOOMPreference=avoid");
	return say(a, CG2_CERTAINTY_CERTAIN, "systemd-oomd killed the group%s", why ? why : "");
}

bool cause_oom_own(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *limit = NULL, *cgroup = NULL;
	const struct journal_entry *line;
	struct kernel_oom oom;
	uint64_t value;

	line = find_oom(f, &oom);
	if (!line || !oom.limit.start || !is_within_unit(f, &oom.limit))
		return false;
	cgroup = strndup(oom.limit.start, oom.limit.len);
	value = cgroup ? limit_of(f, cgroup) : UNKNOWN;
	if (!is_known(value) && f->is_current && kernel_text_is(&oom.limit, f->unit->cgroup))
		value = f->unit->memory_max;
	limit = memory_limit(value);
	if (!cgroup || !limit) {
		a->is_out_of_memory = true;
		return true;
	}
	put_victim(f, a, &oom, limit, f->unit->name);
	cite(a, line);
	blame(a, "memory.max", cgroup, value, true);
	advise(a, "give it more: MemoryMax= of %s", f->unit->name);
	return true;
}

bool cause_oom_ancestor(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *limit = NULL, *cgroup = NULL;
	const struct journal_entry *line;
	struct kernel_oom oom;

	line = find_oom(f, &oom);
	if (!line || !oom.limit.start || is_within_unit(f, &oom.limit))
		return false;
	cgroup = strndup(oom.limit.start, oom.limit.len);
	limit = cgroup ? memory_limit(limit_of(f, cgroup)) : NULL;
	if (!cgroup || !limit) {
		a->is_out_of_memory = true;
		return true;
	}
	put_victim(f, a, &oom, limit, unit_of(cgroup));
	cite(a, line);
	blame(a, "memory.max", cgroup, limit_of(f, cgroup), false);
	advise(a, "it is above %s and holds for all below it: cgscope check %s", f->unit->name,
	       cgroup);
	return true;
}

bool cause_oom_ram(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *line;
	struct kernel_oom oom;

	line = find_oom(f, &oom);
	if (!line || !oom.is_global)
		return false;
	cite(a, f->life ? f->life->oom : NULL);
	cite(a, line);
	blame(a, "ram", NULL, UNKNOWN, false);
	advise(a, "more memory or swap; limits for what uses the most: systemd-cgtop -m");
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "out of memory: the machine had none left; the kernel killed %.*s (%d)",
		   (int)oom.command.len, oom.command.start, (int)oom.pid);
}

/* Its cgroup has gone with it: the levels are those above it. */
static bool is_gone(const struct explain_facts *f)
{
	return f->n_levels == 0 || !text_is(f->unit->cgroup, f->levels[0].path);
}

/* That its manager still knows. */
static bool has_own_limit(const struct explain_facts *f)
{
	return is_gone(f) && f->is_current && is_limit(f->unit->memory_max);
}

/* The only level with a limit; NULL: there are several, or none. */
static const struct explain_level *only_limit(const struct explain_facts *f)
{
	const struct explain_level *found = NULL;

	for (size_t i = 0; i < f->n_levels; i++) {
		if (!is_limit(f->levels[i].counters.memory_max))
			continue;
		if (found)
			return NULL;
		found = &f->levels[i];
	}
	return found;
}

static bool has_limit_above(const struct explain_facts *f)
{
	for (size_t i = 0; i < f->n_levels; i++)
		if (is_limit(f->levels[i].counters.memory_max))
			return true;
	return false;
}

/* systemd calls it oom-kill also if systemd-oomd did it; its messages tell the two apart. */
static bool is_oomds(const struct explain_facts *f)
{
	return (f->life && f->life->oomd) || (f->oomd && f->oomd->n);
}

bool cause_oom_unknown_limit(const struct explain_facts *f, struct explain_answer *a)
{
	const struct explain_level *level = only_limit(f);
	const char *other = f->life && f->life->oom ? "" : ", or systemd-oomd did";
	_cleanup_free_ char *limit = NULL;
	struct kernel_oom oom;

	if (!(f->life && f->life->oom) &&
	    !(f->life && journal_has(f->life->failed, JOURNAL_UNIT_RESULT, "oom-kill")) &&
	    !(f->is_current && text_is(f->unit->result, "oom-kill")))
		return false;
	if (find_oom(f, &oom) || (is_oomds(f) && !(f->life && f->life->oom)))
		return false;
	cite(a, f->life ? (f->life->oom ? f->life->oom : f->life->failed) : NULL);
	if (!f->has_kernel)
		advise(a, "read it as root, or as a member of the group systemd-journal: "
			  "the kernel's lines name the limit");
	else
		advise(a, "cgscope check %s", f->unit->name);
	if (!has_limit_above(f) && has_own_limit(f)) {
		limit = memory_limit(f->unit->memory_max);
		return say(
			a, CG2_CERTAINTY_PROBABLE,
			"out of memory: the kernel killed a process of it, probably by its own "
			"%s%s",
			limit ? limit : "memory.max", other);
	}
	if (!level || has_own_limit(f))
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "out of memory: the kernel killed a process of it; by whose limit is "
			   "unknown to you%s", other);
	limit = memory_limit(level->counters.memory_max);
	blame(a, "memory.max", level->path, level->counters.memory_max,
	      text_is(f->unit->cgroup, level->path));
	return say(a, CG2_CERTAINTY_PROBABLE,
		   "out of memory: the kernel killed a process of it, probably by %s of %s, the "
		   "only one that is set%s",
		   limit ? limit : "memory.max", unit_of(level->path), other);
}

bool cause_oom_helper(const struct explain_facts *f, struct explain_answer *a)
{
	struct kernel_oom oom;

	if (!f->life || !f->life->oom || signal_of(f) != SIGTERM)
		return false;
	cite(a, f->life->oom);
	advise(a, "OOMPolicy=continue lets the others go on");
	if (!find_oom(f, &oom))
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "another process of it was killed because memory ran out, and systemd "
			   "stopped the rest");
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "%.*s (%d) was killed because memory ran out, and systemd stopped the rest "
		   "(OOMPolicy=stop)",
		   (int)oom.command.len, oom.command.start, (int)oom.pid);
}

/* ---- tasks ---- */

static const struct journal_entry *find_refused(const struct explain_facts *f)
{
	struct kernel_text cgroup;

	for (size_t i = 0; f->kernel && i < f->kernel->n; i++)
		if (kernel_line_fork_rejected(journal_get(f->kernel->entries[i], JOURNAL_MESSAGE),
					      &cgroup) &&
		    is_within_unit(f, &cgroup))
			return f->kernel->entries[i];
	return NULL;
}

/* Words of programs that could not fork. */
static const struct journal_entry *find_eagain(const struct explain_facts *f)
{
	for (size_t i = 0; f->own && i < f->own->n; i++) {
		const char *line = journal_get(f->own->entries[i], JOURNAL_MESSAGE);

		if (strstr(line, "Resource temporarily unavailable") ||
		    strstr(line, "Cannot fork") || strstr(line, "can't start new thread") ||
		    strstr(line, "newosproc"))
			return f->own->entries[i];
	}
	return NULL;
}

bool cause_tasks(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *refused = find_refused(f), *said = find_eagain(f);
	const struct explain_level *own = is_gone(f) ? NULL : f->levels;
	uint64_t count = own && f->is_current ? own->counters.pids_local : UNKNOWN;
	uint64_t limit = own		 ? own->counters.pids_max
			 : f->is_current ? f->unit->tasks_max
					 : UNKNOWN;
	bool is_counted = is_known(count) && count > 0;

	if (!refused && !is_counted && !said)
		return false;
	cite(a, refused);
	cite(a, said);
	advise(a, "TasksMax= of the unit or a slice above it: cgscope check %s", f->unit->name);
	if (is_counted) {
		blame(a, "pids.max", own->path, limit, true);
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "forks were refused %" PRIu64 " times, by TasksMax= (pids.max %" PRIu64
			   ") of it",
			   count, limit);
	}
	if (!refused)
		return say(a, CG2_CERTAINTY_POSSIBLE,
			   "forks were refused, as its own words say: TasksMax= of it or of a "
			   "slice above, "
			   "or RLIMIT_NPROC");
	if (is_limit(limit))
		return say(
			a, CG2_CERTAINTY_PROBABLE,
			"forks were refused in it; probably by its own TasksMax= (pids.max %" PRIu64
			"), "
			"else by a slice's above it",
			limit);
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "forks were refused in it, by TasksMax= of it or of a slice above it");
}

/* ---- time ---- */

bool cause_watchdog(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *limit = usec_text(f->unit->watchdog_usec);

	if (!has_word(f, WORD_WATCHDOG) && !(f->is_current && text_is(f->unit->result, "watchdog")))
		return false;
	cite(a, f->life ? f->life->words[WORD_WATCHDOG] : NULL);
	advise(a, "it hangs, or needs longer: WatchdogSec=");
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "it sent no WATCHDOG=1 for %s, so systemd killed it (with SIGABRT)",
		   f->is_current && limit ? limit : "WatchdogSec=");
}

static bool has_timed_out(const struct explain_facts *f)
{
	return has_word(f, WORD_TIMED_OUT) && strstr(word_text(f, WORD_TIMED_OUT), "start");
}

bool cause_start_timeout_notify(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *limit = usec_text(f->unit->timeout_start_usec);

	if (!has_timed_out(f) || strstr(word_text(f, WORD_TIMED_OUT), "start-p") ||
	    !f->is_current || !f->unit->type || strncmp(f->unit->type, "notify", 6) != 0)
		return false;
	cite(a, f->life->words[WORD_TIMED_OUT]);
	advise(a, "if a child of it tells: NotifyAccess=all; if it tells nothing: Type=exec");
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "it never sent READY=1, which Type=%s waits for, in %s (TimeoutStartSec=)",
		   f->unit->type, limit ? limit : "its time");
}

bool cause_start_timeout(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *limit = usec_text(f->unit->timeout_start_usec);
	const char *type = f->is_current && f->unit->type ? f->unit->type : "";

	if (!has_timed_out(f) ||
	    (strncmp(type, "notify", 6) == 0 && !strstr(word_text(f, WORD_TIMED_OUT), "start-p")))
		return false;
	cite(a, f->life->words[WORD_TIMED_OUT]);
	if (!f->is_current || !limit) {
		free(limit);
		limit = strdup("its time");
	}
	if (strstr(word_text(f, WORD_TIMED_OUT), "start-p"))
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "a command of ExecStartPre= or ExecStartPost= had not ended after %s "
			   "(TimeoutStartSec=)",
			   limit);
	if (strcmp(type, "dbus") == 0) {
		advise(a, "correct BusName=, or Type=exec if it takes no name");
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "it took no name %s on the bus in %s (TimeoutStartSec=)",
			   f->unit->bus_name ? f->unit->bus_name : "(BusName=)", limit);
	}
	if (strcmp(type, "forking") == 0 && f->unit->pid_file && *f->unit->pid_file) {
		advise(a, "correct PIDFile=, or Type=exec and no option that puts it into the "
			  "background");
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "it wrote no %s (PIDFile=) in %s (TimeoutStartSec=)", f->unit->pid_file,
			   limit);
	}
	if (strcmp(type, "forking") == 0) {
		advise(a, "if it stays in the foreground: Type=exec");
		return say(
			a, CG2_CERTAINTY_CERTAIN,
			"Type=forking waits until its first process has ended; it had not after %s "
			"(TimeoutStartSec=)",
			limit);
	}
	advise(a, "TimeoutStartSec=");
	return say(a, CG2_CERTAINTY_CERTAIN, "it was not ready after %s (TimeoutStartSec=)", limit);
}

bool cause_stop_timeout(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *limit = usec_text(f->unit->timeout_stop_usec);

	if (!has_word(f, WORD_STOP_TIMED_OUT))
		return false;
	cite(a, f->life->stopping);
	cite(a, f->life->words[WORD_STOP_TIMED_OUT]);
	advise(a, "have it end on SIGTERM, or choose what it ends on (KillSignal=), or "
		  "TimeoutStopSec=");
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "it was to stop and did not in %s (TimeoutStopSec=), so systemd killed it",
		   f->is_current && limit ? limit : "its time");
}

bool cause_runtime_max(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *limit = usec_text(f->unit->runtime_max_usec);

	if (!has_word(f, WORD_RUNTIME_MAX))
		return false;
	cite(a, f->life->words[WORD_RUNTIME_MAX]);
	advise(a, "RuntimeMaxSec=");
	return say(a, CG2_CERTAINTY_CERTAIN, "it reached RuntimeMaxSec=%s",
		   f->is_current && limit ? limit : "");
}

bool cause_protocol(const struct explain_facts *f, struct explain_answer *a)
{
	bool is_it = (f->life && journal_has(f->life->failed, JOURNAL_UNIT_RESULT, "protocol")) ||
		     (f->is_current && text_is(f->unit->result, "protocol"));
	const char *type = f->is_current && f->unit->type ? f->unit->type : "";

	if (!is_it)
		return false;
	cite(a, f->life ? f->life->failed : NULL);
	cite(a, f->life ? f->life->words[WORD_PID_FILE] : NULL);
	if (strncmp(type, "notify", 6) == 0) {
		advise(a, "Type=exec, or for a program that does its work and ends Type=oneshot");
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "it ended by itself before it had sent READY=1, which Type=%s waits for",
			   type);
	}
	if (has_word(f, WORD_PID_FILE)) {
		advise(a, "correct PIDFile=");
		return say(a, CG2_CERTAINTY_CERTAIN, "its PID file was never written");
	}
	advise(a, "look at Type=");
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "it did not do what its Type=%s promises, and left no main process", type);
}

/* ---- signals ---- */

static const struct journal_entry *find_seccomp(const struct explain_facts *f, uint64_t *ret_call)
{
	pid_t pid;

	for (size_t i = 0; f->kernel && i < f->kernel->n; i++)
		if (kernel_line_seccomp(journal_get(f->kernel->entries[i], JOURNAL_MESSAGE), &pid,
					ret_call) &&
		    (pid == f->pid || (f->is_current && pid == f->unit->pid)))
			return f->kernel->entries[i];
	return NULL;
}

bool cause_seccomp(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *line;
	uint64_t call = 0;

	if (signal_of(f) != SIGSYS)
		return false;
	line = find_seccomp(f, &call);
	cite(a, line ? line : f->life ? f->life->exited : NULL);
	advise(a, "allow it in SystemCallFilter=; what it needs: strace -f -c");
	if (line)
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "the system call %" PRIu64 " is forbidden to it (SystemCallFilter=)",
			   call);
	return say(a, CG2_CERTAINTY_PROBABLE,
		   "a system call is forbidden to it, by SystemCallFilter= or a filter of its own");
}

static bool is_crash(int sig)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (sig == signals[i])
			return true;
	return false;
}

bool cause_core(const struct explain_facts *f, struct explain_answer *a)
{
	int status = 0, code = explain_exit(f, &status);
	const struct journal_entry *core = f->life ? f->life->core : NULL;
	const char *exe = journal_get(core, JOURNAL_COREDUMP_EXE);

	if (!core && code != CLD_DUMPED && !(code == CLD_KILLED && is_crash(status)))
		return false;
	if (has_word(f, WORD_WATCHDOG) || has_word(f, WORD_BY_CLIENT))
		return false;
	cite(a, core ? core : f->life ? f->life->exited : NULL);
	if (core)
		advise(a, "coredumpctl info %s", journal_get(core, JOURNAL_COREDUMP_PID));
	else if (code == CLD_DUMPED)
		advise(a, "the core is where sysctl kernel.core_pattern says, seen from its "
			  "WorkingDirectory=");
	else
		advise(a, "where it crashed: install systemd-coredump, and see coredumpctl");
	return say(a, CG2_CERTAINTY_CERTAIN, "it crashed with %s%s%s%s",
		   status && cg2_signal_to_string(status) ? cg2_signal_to_string(status)
							  : "a signal",
		   *exe ? " in " : "", exe, code == CLD_DUMPED ? ", core dumped" : "");
}

bool cause_killed_by_manager(const struct explain_facts *f, struct explain_answer *a)
{
	if (!has_word(f, WORD_KILLING) || !signal_of(f))
		return false;
	cite(a, f->life->words[WORD_KILLING]);
	return say(a, CG2_CERTAINTY_CERTAIN, "systemd killed it with %s",
		   cg2_signal_to_string(signal_of(f)));
}

bool cause_killed_by_client(const struct explain_facts *f, struct explain_answer *a)
{
	if (!has_word(f, WORD_BY_CLIENT) || !signal_of(f))
		return false;
	cite(a, f->life->words[WORD_BY_CLIENT]);
	return say(
		a, CG2_CERTAINTY_CERTAIN,
		"somebody had systemd send it %s (systemctl kill, or a program that asked for it)",
		cg2_signal_to_string(signal_of(f)));
}

bool cause_signal(const struct explain_facts *f, struct explain_answer *a)
{
	int sig = signal_of(f);

	if (!sig)
		return false;
	cite(a, f->life ? f->life->exited ? f->life->exited : f->life->control : NULL);
	if (!f->has_journal)
		return say(a, CG2_CERTAINTY_CERTAIN, "killed by %s; who sent it is unknown to you",
			   cg2_signal_to_string(sig));
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "killed by %s from elsewhere: %snot by systemd, as it tells; "
		   "the kernel keeps no note of the sender",
		   cg2_signal_to_string(sig),
		   f->has_kernel ? "not by the OOM killer, not by systemd-oomd, " : "");
}
