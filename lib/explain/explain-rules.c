/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one table of causes, in the order of their precedence: the first that applies is the cause,
 * what else applies is told beside it.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "explain/explain-internal.h"

#define ROW(id_, verdict_, stage_, cause_, help_)                                                  \
	{                                                                                          \
		.info = { sizeof(struct cg2_finding_info), (id_), (help_) },                       \
		.verdict = (verdict_), .stage = (stage_), .fn = (cause_)                           \
	}
#define LAST(id_, verdict_, stage_, cause_, help_)                                                 \
	{                                                                                          \
		.info = { sizeof(struct cg2_finding_info), (id_), (help_) },                       \
		.verdict = (verdict_), .stage = (stage_), .is_last_resort = true, .fn = (cause_)   \
	}

/* An id never changes its meaning. */
static const struct explain_rule rules[] = {
	ROW("unit-unknown", "unknown", STAGE_UNKNOWN, cause_unit_unknown, "there is no such unit"),
	LAST("running", "running", STAGE_RUNNING, cause_running, "it runs"),
	ROW("bad-unit-file", "start", STAGE_START, cause_bad_unit_file, "the unit file is wrong"),
	ROW("masked", "start", STAGE_START, cause_masked, "the unit is masked"),
	ROW("skipped-condition", "skipped", STAGE_SKIPPED, cause_skipped_condition,
	    "a Condition...= of the unit was not met"),
	ROW("skipped-exec-condition", "skipped", STAGE_SKIPPED, cause_skipped_exec_condition,
	    "its ExecCondition= said no"),
	LAST("stopped", "stopped", STAGE_STOPPED, cause_stopped, "it was stopped on request"),
	LAST("ended-well", "ok", STAGE_WELL, cause_ended_well, "it ended by itself, and well"),
	ROW("dependency", "start", STAGE_START, cause_dependency, "a unit that it needs failed"),
	ROW("assert", "start", STAGE_START, cause_assert, "an Assert...= of the unit was not met"),
	ROW("start-limit", "start", STAGE_START, cause_start_limit,
	    "it was started too often in a short time"),
	ROW("environment-file", "start", STAGE_START, cause_environment_file,
	    "a file of EnvironmentFile= cannot be read"),
	ROW("manager-cannot-fork", "start", STAGE_START, cause_manager_cannot_fork,
	    "the manager could not make a process"),
	ROW("scope-no-process", "start", STAGE_START, cause_scope_no_process,
	    "the process of a scope had ended before it was in it"),
	ROW("job-canceled", "start", STAGE_START, cause_job_canceled,
	    "another job took the place of its start"),
	ROW("job-timeout", "start", STAGE_START, cause_job_timeout,
	    "its start job was not run in time"),
	ROW("exec-not-found", "exec", STAGE_START, cause_exec_not_found,
	    "the program is not there"),
	ROW("exec-not-in-path", "exec", STAGE_START, cause_exec_not_in_path,
	    "systemd has no such program in its search path"),
	ROW("exec-crlf", "exec", STAGE_START, cause_exec_crlf,
	    "the script has line ends of Windows"),
	ROW("exec-interpreter", "exec", STAGE_START, cause_exec_interpreter,
	    "the interpreter of a script is missing"),
	ROW("exec-elf-interpreter", "exec", STAGE_START, cause_exec_elf_interpreter,
	    "the dynamic loader of a program is missing"),
	ROW("exec-directory-right", "exec", STAGE_START, cause_exec_directory_right,
	    "its user may not enter a directory on the way"),
	ROW("exec-no-x", "exec", STAGE_START, cause_exec_no_x, "the file is not executable"),
	ROW("exec-noexec", "exec", STAGE_START, cause_exec_noexec,
	    "its file system is mounted noexec"),
	ROW("exec-policy", "exec", STAGE_START, cause_exec_policy, "SELinux or AppArmor denied it"),
	ROW("exec-format", "exec", STAGE_START, cause_exec_format,
	    "no #! line, or another architecture"),
	ROW("exec-busy", "exec", STAGE_START, cause_exec_busy, "the program was open for writing"),
	ROW("exec-too-long", "exec", STAGE_START, cause_exec_too_long,
	    "its arguments and environment are too long"),
	ROW("exec-eperm", "exec", STAGE_START, cause_exec_eperm, "executing it was not permitted"),
	ROW("exec-memory", "exec", STAGE_START, cause_exec_memory, "there was no memory for it"),
	ROW("exec-other", "exec", STAGE_START, cause_exec_other,
	    "systemd could not execute it, for another reason"),
	ROW("setup-chdir", "start", STAGE_START, cause_setup_chdir,
	    "WorkingDirectory= cannot be entered"),
	ROW("setup-user", "start", STAGE_START, cause_setup_user, "User= cannot be changed to"),
	ROW("setup-group", "start", STAGE_START, cause_setup_group, "Group= cannot be changed to"),
	ROW("setup-stdio", "start", STAGE_START, cause_setup_stdio,
	    "a standard stream cannot be opened"),
	ROW("setup-namespace", "start", STAGE_START, cause_setup_namespace,
	    "its own view of the file system cannot be made"),
	ROW("setup-step", "start", STAGE_START, cause_setup_step,
	    "another step of systemd's failed before the program"),
	ROW("exec-env-interpreter", "failed", STAGE_END, cause_exec_env_interpreter,
	    "env did not find the interpreter of a script"),
	ROW("command-not-found-inside", "failed", STAGE_END, cause_command_not_found_inside,
	    "a script did not find a command in the unit's PATH"),
	ROW("oomd", "oomd", STAGE_END, cause_oomd, "systemd-oomd killed the group"),
	ROW("oom-own", "oom", STAGE_END, cause_oom_own, "it reached memory.max of its own cgroup"),
	ROW("oom-ancestor", "oom", STAGE_END, cause_oom_ancestor,
	    "memory.max of a cgroup above it was reached"),
	ROW("oom-ram", "oom", STAGE_END, cause_oom_ram, "the machine ran out of memory"),
	ROW("oom-unknown-limit", "oom", STAGE_END, cause_oom_unknown_limit,
	    "memory ran out, under a limit that cannot be read"),
	ROW("oom-helper", "oom", STAGE_END, cause_oom_helper,
	    "another process of its was killed, and systemd stopped the rest"),
	ROW("tasks", "tasks", STAGE_END, cause_tasks, "forks were refused"),
	ROW("watchdog", "time", STAGE_END, cause_watchdog, "it sent no WATCHDOG=1 in time"),
	ROW("start-timeout-notify", "start", STAGE_START, cause_start_timeout_notify,
	    "it never sent READY=1"),
	ROW("start-timeout", "start", STAGE_START, cause_start_timeout, "it was not ready in time"),
	ROW("stop-timeout", "stopped", STAGE_END, cause_stop_timeout,
	    "it did not end in time when it was stopped"),
	ROW("runtime-max", "time", STAGE_END, cause_runtime_max, "it reached RuntimeMaxSec="),
	ROW("protocol", "start", STAGE_START, cause_protocol,
	    "it ended before it had said that it was ready"),
	ROW("seccomp", "signal", STAGE_END, cause_seccomp, "a system call was forbidden"),
	ROW("core", "signal", STAGE_END, cause_core, "it crashed"),
	LAST("killed-by-manager", "signal", STAGE_END, cause_killed_by_manager,
	     "systemd killed it"),
	LAST("killed-by-client", "signal", STAGE_END, cause_killed_by_client,
	     "somebody had systemd kill it"),
	LAST("signal", "signal", STAGE_END, cause_signal, "a signal from elsewhere killed it"),
	ROW("no-terminal", "failed", STAGE_END, cause_no_terminal,
	    "it wants a terminal, and a service has none"),
	ROW("no-home", "failed", STAGE_END, cause_no_home, "HOME is not set"),
	ROW("no-space", "failed", STAGE_END, cause_no_space, "a disk was full"),
	ROW("address-in-use", "failed", STAGE_END, cause_address_in_use,
	    "another program has its address or port"),
	LAST("exit-128n", "failed", STAGE_END, cause_exit_128n,
	     "its shell reports that a command died by a signal"),
	LAST("exit", "failed", STAGE_END, cause_exit, "it ended with a status other than 0"),
	LAST("unloaded", "unknown", STAGE_UNKNOWN, cause_unloaded,
	     "its manager has forgotten it, and the journal has no end of it"),
	LAST("unknown", "unknown", STAGE_UNKNOWN, cause_unknown, "nothing that can be read tells"),
};

const struct explain_rule *explain_rule(size_t i)
{
	assert(i < ARRAY_SIZE(rules));
	return &rules[i];
}

CG2_EXPORT const struct cg2_finding_info *cg2_cause_get_info(unsigned int cause)
{
	return cause < ARRAY_SIZE(rules) ? &rules[cause].info : NULL;
}

/* ---- the decision ---- */

static bool is_start_limit(const struct explain_answer *a)
{
	return strcmp(rules[a->cause].info.id, "start-limit") == 0;
}

/* What has brought the starts to an end is what each of them died of. */
static void join_start_limit(struct explain_answer *limit, const struct explain_answer *own)
{
	_cleanup_free_ char *reason = limit->reason, *hint = limit->hint;

	limit->reason = text_format(
		"%s; %s%s", reason,
		own->certainty == CG2_CERTAINTY_CERTAIN ? "each time " : "probably ", own->reason);
	limit->hint = own->hint ? text_format("%s; then %s", own->hint, hint) : strdup(hint);
	limit->certainty = own->certainty;
	limit->is_out_of_memory = !limit->reason || !limit->hint;
	for (size_t i = 0; i < own->n_from; i++)
		cite(limit, own->from[i]);
}

/* Whether it adds something to those before. */
static bool is_wanted(const struct explain_answer *answers, size_t n, size_t cause)
{
	if (n == 1 && is_start_limit(answers))
		return rules[cause].stage != STAGE_UNKNOWN;
	return n == 0 || !rules[cause].is_last_resort;
}

int explain_decide(const struct explain_facts *facts, struct explain_answer **ret_answers,
		   size_t *ret_n)
{
	struct explain_answer *answers = calloc(ARRAY_SIZE(rules), sizeof(*answers));
	bool is_out_of_memory = !answers;
	size_t n = 0;

	for (size_t i = 0; answers && i < ARRAY_SIZE(rules); i++) {
		answers[n] = (struct explain_answer){ .cause = (unsigned int)i, .limit = UNKNOWN };
		if (!is_wanted(answers, n, i) || !rules[i].fn(facts, &answers[n]))
			continue;
		is_out_of_memory = is_out_of_memory || answers[n].is_out_of_memory;
		n++;
	}
	if (n > 1 && is_start_limit(&answers[0]) && !is_out_of_memory) {
		join_start_limit(&answers[0], &answers[1]);
		is_out_of_memory = answers[0].is_out_of_memory;
	}
	*ret_answers = answers;
	*ret_n = n;
	return is_out_of_memory ? -ENOMEM : 0;
}
