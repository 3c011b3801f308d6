/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Causes before any program was to be executed: the unit's file, conditions, dependencies, jobs;
 * and ends that nobody would call a failure.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "explain/explain-internal.h"

static bool has_job_result(const struct explain_facts *f, const char *result)
{
	return f->life && journal_has(f->life->job_failed, JOURNAL_JOB_RESULT, result);
}

bool cause_unit_unknown(const struct explain_facts *f, struct explain_answer *a)
{
	if (!text_is(f->unit->load_state, "not-found") || f->life)
		return false;
	advise(a, "if you have just written it: %s daemon-reload", explain_systemctl(f));
	return say(a, CG2_CERTAINTY_CERTAIN, "there is no unit %s", f->unit->name);
}

bool cause_running(const struct explain_facts *f, struct explain_answer *a)
{
	if (!f->is_alive || (f->life && (f->life->is_over || !f->is_current)))
		return false;
	advise(a, "what limits it now: cgscope check %s", f->unit->name);
	return say(a, CG2_CERTAINTY_CERTAIN, "it is %s", f->unit->active_state);
}

/* What comes after "unit: " or "file:line: " of a message. */
static const char *skip_name(const char *message)
{
	const char *at = strstr(message, ": ");

	return at ? at + 2 : message;
}

bool cause_bad_unit_file(const struct explain_facts *f, struct explain_answer *a)
{
	const char *state = f->unit->load_state;

	if (!text_is(state, "bad-setting") && !text_is(state, "error"))
		return false;
	cite(a, f->config);
	advise(a, "systemd-analyze %sverify %s",
	       f->unit->manager == CG2_MANAGER_USER ? "--user " : "",
	       f->unit->fragment ? f->unit->fragment : f->unit->name);
	return say(a, CG2_CERTAINTY_CERTAIN, "its unit file is wrong: %s",
		   f->config		 ? skip_name(journal_get(f->config, JOURNAL_MESSAGE))
		   : f->unit->load_error ? f->unit->load_error
					 : state);
}

bool cause_masked(const struct explain_facts *f, struct explain_answer *a)
{
	if (!text_is(f->unit->load_state, "masked"))
		return false;
	advise(a, "%s unmask %s", explain_systemctl(f), f->unit->name);
	return say(a, CG2_CERTAINTY_CERTAIN, "it is masked, so that nothing can start it");
}

/* The condition that the message itself names: "(X=y)." in 252, "X=y" since. */
static struct kernel_text named_condition(const struct journal_entry *entry)
{
	static const char words[] = "unmet condition check ";
	const char *message = journal_get(entry, JOURNAL_MESSAGE), *at = strstr(message, words);
	struct kernel_text text = { NULL, 0 };

	if (!at)
		return text;
	text.start = at + strlen(words);
	text.len = strlen(text.start);
	if (text.start[0] == '(' && text.len > 3) {
		text.start++;
		text.len -= strlen("().");
	}
	return text;
}

/* Its start job was done without a start. */
static bool is_skipped(const struct explain_facts *f)
{
	const struct explain_life *life = f->life;

	if (!life)
		return !f->has_journal && f->unit->condition && !f->is_alive &&
		       !f->unit->invocation[0];
	return life->started && !life->invocation[0] &&
	       journal_has(life->started, JOURNAL_JOB_RESULT, "done");
}

bool cause_skipped_condition(const struct explain_facts *f, struct explain_answer *a)
{
	const char *condition = f->is_current ? f->unit->condition : NULL;
	struct kernel_text named;

	if (!is_skipped(f))
		return false;
	named = named_condition(f->life ? f->life->started : NULL);
	if (f->life)
		cite(a, f->life->started);
	advise(a, "make it so, or remove the line: %s edit %s", explain_systemctl(f),
	       f->unit->name);
	if (condition)
		return say(a, CG2_CERTAINTY_CERTAIN, "skipped: %s was not met", condition);
	if (named.start)
		return say(a, CG2_CERTAINTY_CERTAIN, "skipped: %.*s was not met", (int)named.len,
			   named.start);
	return say(a, CG2_CERTAINTY_CERTAIN, "skipped: one of its conditions was not met");
}

bool cause_skipped_exec_condition(const struct explain_facts *f, struct explain_answer *a)
{
	const struct unit_command *command =
		unit_get_command(f->unit->properties, "ExecCondition", 0);

	if (!f->life || !journal_has(f->life->skipped, JOURNAL_UNIT_RESULT, "exec-condition"))
		return false;
	cite(a, f->life->skipped);
	if (command && f->is_current && command->code == CLD_EXITED)
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "skipped: its own check, ExecCondition=%s, said no (status %d)",
			   command->path, command->status);
	return say(a, CG2_CERTAINTY_CERTAIN, "skipped: its own check (ExecCondition=) said no");
}

bool cause_stopped(const struct explain_facts *f, struct explain_answer *a)
{
	const struct explain_life *life = f->life;

	if (!life || !life->stopping || life->failed || life->job_failed)
		return false;
	cite(a, life->stopping);
	if (life->words[WORD_BOUND_TO]) {
		cite(a, life->words[WORD_BOUND_TO]);
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "stopped, since a unit that it is bound to (BindsTo=) was not active");
	}
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "stopped by a job: somebody's request, the end of a session or the machine, "
		   "or a unit with PartOf= or Conflicts=");
}

bool cause_ended_well(const struct explain_facts *f, struct explain_answer *a)
{
	const struct explain_life *life = f->life;
	bool is_users = f->unit->manager == CG2_MANAGER_USER;
	int status = 0, code = explain_exit(f, &status);

	if (f->is_alive && f->is_current)
		return false;
	/* It goes on, as far as the journal has it, and the manager was asked before. */
	if (life && !life->is_over && f->unit->active_state)
		return false;
	if (life && (life->failed || life->job_failed || life->stopping || life->skipped ||
		     !life->invocation[0]))
		return false;
	/* User managers say so only when they debug, and of failures always. */
	if (!(life && (life->well || (is_users && f->has_journal && !life->exited))) &&
	    !(f->is_current && f->unit->invocation[0] && text_is(f->unit->result, "success")))
		return false;
	cite(a, life && life->well ? life->well : life ? life->last : NULL);
	if (code == CLD_KILLED)
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "it ended by %s, which systemd takes as a good end",
			   cg2_signal_to_string(status));
	if (code == CLD_EXITED && status)
		return say(
			a, CG2_CERTAINTY_CERTAIN,
			"it ended by itself with status %d, which SuccessExitStatus= takes as good",
			status);
	advise(a, "if it is to stay: have its program stay in the foreground, or [Service] "
		  "Restart=always");
	return say(a, CG2_CERTAINTY_CERTAIN, "it ended by itself, %s",
		   code == CLD_EXITED ? "with 0" : "without a failure");
}

bool cause_dependency(const struct explain_facts *f, struct explain_answer *a)
{
	if (!has_job_result(f, "dependency"))
		return false;
	cite(a, f->life->job_failed);
	if (!f->need) {
		advise(a, "%s list-dependencies %s", explain_systemctl(f), f->unit->name);
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "a unit that it needs failed, or did not come");
	}
	if (f->need_hint)
		advise(a, "%s", f->need_hint);
	return say(a, f->n_needs == 1 ? CG2_CERTAINTY_CERTAIN : CG2_CERTAINTY_PROBABLE,
		   "it needs %s, which failed%s%s", f->need, f->need_reason ? ": " : "",
		   f->need_reason ? f->need_reason : "");
}

bool cause_assert(const struct explain_facts *f, struct explain_answer *a)
{
	if (!has_job_result(f, "assert"))
		return false;
	cite(a, f->life->job_failed);
	advise(a, "make it so, or remove the line: %s edit %s", explain_systemctl(f),
	       f->unit->name);
	if (f->is_current && f->unit->assertion)
		return say(a, CG2_CERTAINTY_CERTAIN, "%s was not met", f->unit->assertion);
	return say(a, CG2_CERTAINTY_CERTAIN, "one of its asserts was not met");
}

bool cause_start_limit(const struct explain_facts *f, struct explain_answer *a)
{
	_cleanup_free_ char *time = NULL;

	if (!f->life || !f->life->gave_up)
		return false;
	cite(a, f->life->words[WORD_START_LIMIT]);
	if (journal_has(f->life->failed, JOURNAL_UNIT_RESULT, "start-limit-hit")) {
		advise(a,
		       "Restart=on-failure, or Type=oneshot for a program that is to end; then %s "
		       "reset-failed %s",
		       explain_systemctl(f), f->unit->name);
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "started %zu times in a short time, then given up: each time it ended "
			   "by itself, "
			   "and well, and Restart= started it again",
			   f->n_starts + 1);
	}
	advise(a, "%s reset-failed %s; StartLimitBurst= allows more starts", explain_systemctl(f),
	       f->unit->name);
	if (f->n_starts == 0 ||
	    cg2_duration_to_string(MAX(f->starts_usec / 1000, 1) * 1000, &time) < 0)
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "it was started too often in a short time, then given up");
	return say(a, CG2_CERTAINTY_CERTAIN, "started %zu times in %s, then given up",
		   f->n_starts + 1, time);
}

bool cause_environment_file(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *entry = f->life ? f->life->words[WORD_ENVIRONMENT_FILE] : NULL;

	if (!entry)
		return false;
	cite(a, entry);
	if (!f->is_current || !f->unit->environment_file) {
		advise(a,
		       "create it, or write EnvironmentFile=- before a path that may be missing");
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "a file of its EnvironmentFile= cannot be read");
	}
	advise(a, "create it, or: EnvironmentFile=-%s", f->unit->environment_file);
	return say(a, CG2_CERTAINTY_CERTAIN, "%s of its EnvironmentFile= cannot be read",
		   f->unit->environment_file);
}

bool cause_manager_cannot_fork(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *entry = f->life ? f->life->words[WORD_FORK] : NULL;

	if (!entry)
		return false;
	cite(a, entry);
	if (!journal_has(entry, JOURNAL_ERRNO, "11"))
		return say(a, CG2_CERTAINTY_CERTAIN, "its manager could not make a process: %s",
			   skip_name(journal_get(entry, JOURNAL_MESSAGE)));
	if (f->unit->manager == CG2_MANAGER_USER)
		advise(a, "cgscope check user-%u.slice", (unsigned int)f->unit->uid);
	else
		advise(a, "cgscope check init.scope");
	return say(a, CG2_CERTAINTY_PROBABLE,
		   "its manager could not make a process (EAGAIN), by TasksMax= of a cgroup that "
		   "it is in");
}

bool cause_scope_no_process(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *entry = f->life ? f->life->words[WORD_NO_PROCESS] : NULL;

	if (!entry)
		return false;
	cite(a, entry);
	return say(a, CG2_CERTAINTY_CERTAIN, "its process had ended before it was in the scope");
}

bool cause_job_canceled(const struct explain_facts *f, struct explain_answer *a)
{
	if (!has_job_result(f, "canceled"))
		return false;
	cite(a, f->life->job_failed);
	advise(a, "%s list-jobs; %s start %s", explain_systemctl(f), explain_systemctl(f),
	       f->unit->name);
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "its start was canceled: somebody did so, or a contrary job took its place");
}

bool cause_job_timeout(const struct explain_facts *f, struct explain_answer *a)
{
	if (!has_job_result(f, "timeout"))
		return false;
	cite(a, f->life->job_failed);
	advise(a, "%s list-jobs", explain_systemctl(f));
	return say(a, CG2_CERTAINTY_CERTAIN, "its start job had not run after JobTimeoutSec=");
}
