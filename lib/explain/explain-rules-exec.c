/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Causes of systemd's own steps before a program's first instruction, 200 to 244. What the manager
 * says counts, not the status: a program may end with 203 itself.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"
#include "explain/explain-internal.h"

#define STATUS_EXEC 203

/* The status by which the manager's child ended, if it was the manager's. 0: none. */
static int failed_step(const struct explain_facts *f)
{
	int status = 0, code = explain_exit(f, &status);

	if (code != CLD_EXITED || !explain_step_of(status))
		return 0;
	/* Where the journal can be read and has no word of a step, the program ended so itself. */
	return (f->life && f->life->spawn) || !f->has_journal ? status : 0;
}

static bool has_spawn(const struct explain_facts *f)
{
	return f->life && f->life->spawn;
}

static enum cg2_certainty sure_if_said(const struct explain_facts *f)
{
	return has_spawn(f) ? CG2_CERTAINTY_CERTAIN : CG2_CERTAINTY_PROBABLE;
}

/* The errno of the step; 0: unknown. */
static int step_errno(const struct explain_facts *f)
{
	struct scan word =
		scan_of_string(journal_get(has_spawn(f) ? f->life->spawn : NULL, JOURNAL_ERRNO));
	uint64_t value;

	return scan_u64(&word, &value) == 0 && value < 4096 ? (int)value : 0;
}

static const char *executable(const struct explain_facts *f)
{
	const struct unit_command *command;

	if (has_spawn(f) && *journal_get(f->life->spawn, JOURNAL_EXECUTABLE))
		return journal_get(f->life->spawn, JOURNAL_EXECUTABLE);
	command = unit_get_command(f->unit->properties, "ExecStart", 0);
	return command ? command->path : "its program";
}

static bool is_exec(const struct explain_facts *f, int code)
{
	return failed_step(f) == STATUS_EXEC && step_errno(f) == code;
}

/* Whether the file was changed after that: then what it is now says little. */
static bool is_changed_since(const struct explain_facts *f)
{
	return f->file && has_spawn(f) && f->file->changed_usec > f->life->spawn->real_usec;
}

static enum cg2_certainty sure_of_file(const struct explain_facts *f, bool is_certain)
{
	return is_certain && !is_changed_since(f) ? CG2_CERTAINTY_CERTAIN : CG2_CERTAINTY_PROBABLE;
}

/* ---- the program's file ---- */

/* By the row of the table of words that has this cause. */
static bool exec_by_words(const struct explain_facts *f, struct explain_answer *a,
			  const char *cause)
{
	struct exec_words words;
	bool is_it;

	if (failed_step(f) != STATUS_EXEC || !f->file || step_errno(f) == 0)
		return false;
	exec_words_find(f->file, step_errno(f), &words);
	is_it = strcmp(words.cause, cause) == 0 && words.detail;
	if (is_it) {
		cite(a, f->life->spawn);
		say(a, sure_of_file(f, words.is_certain), "%s: %s", f->file->path, words.detail);
		if (words.hint)
			advise(a, "%s", words.hint);
	}
	exec_words_clear(&words);
	return is_it;
}

/* A path that the unit sees nothing of. */
static bool is_hidden(const struct explain_facts *f)
{
	static const char *const homes[] = { "/home/", "/root/", "/run/user/" };
	const char *setting = f->unit->protect_home;

	if (!setting || strcmp(setting, "no") == 0 || strcmp(setting, "read-only") == 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++)
		if (strncmp(executable(f), homes[i], strlen(homes[i])) == 0)
			return true;
	return false;
}

bool cause_exec_not_found(const struct explain_facts *f, struct explain_answer *a)
{
	const char *file = executable(f);

	if (!is_exec(f, ENOENT) || !strchr(file, '/') || is_hidden(f))
		return false;
	/* What is there now, and lacks nothing, was not there then. */
	if (f->file && f->file->code == 0 &&
	    (f->file->is_crlf || f->file->is_interpreter_missing || !is_changed_since(f)))
		return false;
	cite(a, f->life->spawn);
	advise(a,
	       "correct the path in ExecStart=, or install the program; on a file system that is "
	       "mounted late: RequiresMountsFor=%s",
	       file);
	if (is_changed_since(f))
		return say(a, CG2_CERTAINTY_PROBABLE,
			   "%s was not there; it is now, made or changed since", file);
	return say(a, CG2_CERTAINTY_CERTAIN, "%s is not there", file);
}

bool cause_exec_not_in_path(const struct explain_facts *f, struct explain_answer *a)
{
	const char *name = executable(f);

	if (!is_exec(f, ENOENT) || strchr(name, '/'))
		return false;
	cite(a, f->life->spawn);
	if (!f->elsewhere) {
		advise(a, "write the path of the program: ExecStart=/PATH/%s", name);
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "systemd has no program \"%s\" in its own search path (%s)", name,
			   f->unit->search_path);
	}
	advise(a, "[Service] ExecStart=%s/%s ...   (%s edit %s)", f->elsewhere, name,
	       explain_systemctl(f), f->unit->name);
	return say(a, CG2_CERTAINTY_CERTAIN,
		   "systemd has no program \"%s\" in its own search path (%s); "
		   "it is in %s, which is in your PATH and not in systemd's",
		   name, f->unit->search_path, f->elsewhere);
}

bool cause_exec_interpreter(const struct explain_facts *f, struct explain_answer *a)
{
	return !is_hidden(f) && exec_by_words(f, a, "interpreter");
}

bool cause_exec_crlf(const struct explain_facts *f, struct explain_answer *a)
{
	return exec_by_words(f, a, "crlf");
}

bool cause_exec_elf_interpreter(const struct explain_facts *f, struct explain_answer *a)
{
	return exec_by_words(f, a, "elf-interpreter");
}

bool cause_exec_no_x(const struct explain_facts *f, struct explain_answer *a)
{
	return exec_by_words(f, a, "no-x");
}

bool cause_exec_directory_right(const struct explain_facts *f, struct explain_answer *a)
{
	const char *home = "/home, /root and /run/user are hidden from it by ProtectHome=";

	if ((is_exec(f, EACCES) || is_exec(f, ENOENT)) && is_hidden(f)) {
		cite(a, f->life->spawn);
		advise(a, "move the program elsewhere, or ProtectHome=no");
		return say(a, CG2_CERTAINTY_PROBABLE, "%s: %s", executable(f), home);
	}
	if (!exec_by_words(f, a, "directory-right"))
		return false;
	return say(a, CG2_CERTAINTY_PROBABLE, "%s: %s may not enter %s", f->file->path,
		   f->unit->user			  ? f->unit->user
		   : f->unit->manager == CG2_MANAGER_USER ? "you"
							  : "root",
		   f->file->closed);
}

bool cause_exec_noexec(const struct explain_facts *f, struct explain_answer *a)
{
	if (!exec_by_words(f, a, "noexec"))
		return false;
	if (f->unit->has_mounts)
		a->certainty = CG2_CERTAINTY_PROBABLE;
	return true;
}

/* The kernel's line on it. */
static const struct journal_entry *find_denied(const struct explain_facts *f)
{
	for (size_t i = 0; f->kernel && i < f->kernel->n; i++)
		if (kernel_line_denied(journal_get(f->kernel->entries[i], JOURNAL_MESSAGE),
				       executable(f)))
			return f->kernel->entries[i];
	return NULL;
}

bool cause_exec_policy(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *denied = find_denied(f);

	if (denied && is_exec(f, EACCES)) {
		cite(a, f->life->spawn);
		cite(a, denied);
		advise(a, "change the profile, or where SELinux is used: restorecon -v %s",
		       executable(f));
		return say(a, CG2_CERTAINTY_CERTAIN, "%s: a security policy denied it",
			   executable(f));
	}
	if (!exec_by_words(f, a, "policy"))
		return false;
	a->certainty = CG2_CERTAINTY_POSSIBLE;
	return true;
}

bool cause_exec_format(const struct explain_facts *f, struct explain_answer *a)
{
	if (!exec_by_words(f, a, "format"))
		return false;
	if (f->file->is_readable && !f->file->is_elf && !f->file->interpreter[0])
		say(a, sure_of_file(f, true),
		    "%s: it has no #! line (a shell runs such files, systemd does not)",
		    f->file->path);
	return true;
}

bool cause_exec_busy(const struct explain_facts *f, struct explain_answer *a)
{
	return exec_by_words(f, a, "busy");
}

bool cause_exec_too_long(const struct explain_facts *f, struct explain_answer *a)
{
	return exec_by_words(f, a, "too-long");
}

bool cause_exec_eperm(const struct explain_facts *f, struct explain_answer *a)
{
	return exec_by_words(f, a, "eperm");
}

bool cause_exec_memory(const struct explain_facts *f, struct explain_answer *a)
{
	return exec_by_words(f, a, "memory");
}

/* A cause of the table of words that a row before this one has told of. */
static bool has_own_row(const struct explain_facts *f)
{
	static const char *const rest[] = { "exec", "not-found", "eagain", "not-a-program" };
	struct exec_words words;
	bool is_rest = false;

	if (!f->file || step_errno(f) == 0)
		return false;
	exec_words_find(f->file, step_errno(f), &words);
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
		is_rest = is_rest || strcmp(words.cause, rest[i]) == 0;
	exec_words_clear(&words);
	return !is_rest;
}

bool cause_exec_other(const struct explain_facts *f, struct explain_answer *a)
{
	int code = step_errno(f);

	/* ENOENT has a row, whatever the file is now. */
	if (failed_step(f) != STATUS_EXEC || (code == ENOENT && has_spawn(f)) || has_own_row(f))
		return false;
	cite(a, has_spawn(f) ? f->life->spawn : NULL);
	if (code)
		return say(a, CG2_CERTAINTY_CERTAIN, "systemd could not execute %s: %s",
			   executable(f), strerror(code));
	return say(a, CG2_CERTAINTY_PROBABLE, "systemd could not execute %s (203/EXEC)",
		   executable(f));
}

/* ---- other steps ---- */

/* Why, as the child said it; "" if it did not. */
static const char *step_reason(const struct explain_facts *f)
{
	const struct journal_entry *entry = f->life ? f->life->words[WORD_STEP] : NULL;
	const char *message = journal_get(entry, JOURNAL_MESSAGE), *at;

	/* Behind the unit's name and what failed. */
	at = strstr(message, ": ");
	at = at ? strstr(at + 2, ": ") : NULL;
	if (at)
		return at + 2;
	return step_errno(f) ? strerror(step_errno(f)) : "";
}

static bool is_step(const struct explain_facts *f, int status)
{
	return failed_step(f) == status;
}

static void cite_step(const struct explain_facts *f, struct explain_answer *a)
{
	if (!f->life)
		return;
	cite(a, f->life->spawn);
	cite(a, f->life->words[WORD_STEP]);
}

static const char *joint(const char *reason)
{
	return *reason ? ": " : "";
}

bool cause_setup_chdir(const struct explain_facts *f, struct explain_answer *a)
{
	const char *directory = f->is_current ? f->unit->working_directory : NULL;
	const char *reason = step_reason(f);

	if (!is_step(f, 200))
		return false;
	cite_step(f, a);
	advise(a, "create the directory, or WorkingDirectory=-%s", directory ? directory : "...");
	return say(a, sure_if_said(f), "WorkingDirectory=%s cannot be entered%s%s",
		   directory ? directory : "", joint(reason), reason);
}

/* The child's own word has the better errno: 262 gives EINVAL for the step. */
static bool is_unknown_name(const struct explain_facts *f, bool is_unknown_now)
{
	/* That word may be lost. */
	if (step_errno(f) == EINVAL && f->is_current && is_unknown_now)
		return true;
	return step_errno(f) == ESRCH ||
	       (f->life && journal_has(f->life->words[WORD_STEP], JOURNAL_ERRNO, "3"));
}

bool cause_setup_user(const struct explain_facts *f, struct explain_answer *a)
{
	const char *user = f->is_current && f->unit->user ? f->unit->user : "";

	if (!is_step(f, 217))
		return false;
	cite_step(f, a);
	if (is_unknown_name(f, f->unit->is_user_unknown)) {
		advise(a, "create the user, or correct the name");
		return say(a, sure_if_said(f), "User=%s is unknown", user);
	}
	if (f->unit->manager == CG2_MANAGER_USER) {
		advise(a, "drop User=: a user's manager runs everything as that user");
		return say(a, sure_if_said(f), "User=%s cannot be changed to in a user's manager",
			   user);
	}
	return say(a, sure_if_said(f), "User=%s cannot be changed to%s%s", user,
		   joint(step_reason(f)), step_reason(f));
}

bool cause_setup_group(const struct explain_facts *f, struct explain_answer *a)
{
	const char *group = f->is_current && f->unit->group ? f->unit->group : "";

	if (!is_step(f, 216))
		return false;
	cite_step(f, a);
	if (is_unknown_name(f, f->unit->is_group_unknown)) {
		advise(a, "create the group, or correct the name");
		return say(a, sure_if_said(f), "Group=%s is unknown", group);
	}
	if (f->unit->manager == CG2_MANAGER_USER)
		advise(a, "drop Group= and User=: a user's manager may not change them");
	return say(a, sure_if_said(f), "Group=%s cannot be changed to%s%s", group,
		   joint(step_reason(f)), step_reason(f));
}

bool cause_setup_stdio(const struct explain_facts *f, struct explain_answer *a)
{
	static const int statuses[] = { 208, 209, 222 };
	const char *reason = step_reason(f);

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		const struct explain_step *step = explain_step_of(statuses[i]);

		if (!step || !is_step(f, statuses[i]))
			continue;
		cite_step(f, a);
		advise(a, "correct the path, or %snull", step->setting);
		if (f->is_current && f->unit->tty_path && *f->unit->tty_path)
			return say(a, sure_if_said(f), "%s cannot be opened%s%s (TTYPath=%s)",
				   step->setting, joint(reason), reason, f->unit->tty_path);
		return say(a, sure_if_said(f), "what %s names cannot be opened%s%s", step->setting,
			   joint(reason), reason);
	}
	return false;
}

bool cause_setup_namespace(const struct explain_facts *f, struct explain_answer *a)
{
	const char *reason = step_reason(f);

	if (!is_step(f, 226))
		return false;
	cite_step(f, a);
	advise(a, "create what it names, or put - before the path: ReadWritePaths=-/...");
	return say(a, sure_if_said(f), "its own view of the file system cannot be made%s%s",
		   joint(reason), reason);
}

bool cause_setup_step(const struct explain_facts *f, struct explain_answer *a)
{
	static const int others[] = { 200, 203, 208, 209, 216, 217, 222, 226 };
	int status = failed_step(f);
	const struct explain_step *step = explain_step_of(status);
	const char *reason = step_reason(f);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (status == others[i])
			return false;
	if (!step)
		return false;
	cite_step(f, a);
	if (step->hint)
		advise(a, "%s", step->hint);
	else
		advise(a, "look at it: %s cat %s", explain_systemctl(f), f->unit->name);
	return say(a, sure_if_said(f), "systemd could not set up %s%s%s (%d/%s)", step->setting,
		   joint(reason), reason, status, step->name);
}
