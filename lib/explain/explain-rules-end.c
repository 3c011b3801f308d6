/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Causes that a program's own words or its exit status tell of: the weakest.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "explain/explain-internal.h"
#include "explain/explain-words.h"

static int status_of(const struct explain_facts *f)
{
	int status = 0, code = explain_exit(f, &status);

	return code == CLD_EXITED ? status : 0;
}

static const struct journal_entry *find_line(const struct explain_facts *f,
					     const char *const *parts, size_t n)
{
	for (size_t i = 0; f->own && i < f->own->n; i++)
		for (size_t k = 0; k < n; k++)
			if (strstr(journal_get(f->own->entries[i], JOURNAL_MESSAGE), parts[k]))
				return f->own->entries[i];
	return NULL;
}

static const char *text_of(const struct journal_entry *entry)
{
	return journal_get(entry, JOURNAL_MESSAGE);
}

/* "sh: 1: go: not found" */
static const struct journal_entry *find_not_found(const struct explain_facts *f, char *ret_name)
{
	for (size_t i = 0; f->own && i < f->own->n; i++)
		if (explain_missing_command(text_of(f->own->entries[i]), ret_name))
			return f->own->entries[i];
	return NULL;
}

static bool say_not_found(const struct explain_facts *f, struct explain_answer *a, const char *who,
			  const char *name)
{
	const char *path = f->unit->path ? f->unit->path : f->unit->search_path;

	if (strchr(name, '/')) {
		advise(a, "install it, or correct the path");
		return say(a, CG2_CERTAINTY_PROBABLE, "%s did not find the program %s", who, name);
	}
	if (!f->elsewhere) {
		advise(a, "install it, or write its path");
		return say(a, CG2_CERTAINTY_PROBABLE, "%s did not find the command %s; PATH is %s",
			   who, name, path);
	}
	advise(a, "[Service] Environment=PATH=%s:%s   (%s edit %s)", f->elsewhere, path,
	       explain_systemctl(f), f->unit->name);
	return say(a, CG2_CERTAINTY_PROBABLE,
		   "%s did not find the command %s; PATH is %s, and it is in %s, which is in yours",
		   who, name, path, f->elsewhere);
}

bool cause_exec_env_interpreter(const struct explain_facts *f, struct explain_answer *a)
{
	if (status_of(f) != 127 || !f->file || !f->file->program[0])
		return false;
	cite(a, f->life ? f->life->exited : NULL);
	return say_not_found(f, a, "env, in the #! line of the program,", f->file->program);
}

bool cause_command_not_found_inside(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *line;
	char name[EXEC_NAME_MAX];

	if (status_of(f) != 127 || (f->file && f->file->program[0]))
		return false;
	line = find_not_found(f, name);
	if (!line)
		return false;
	cite(a, line);
	return say_not_found(f, a, "it", name);
}

bool cause_no_terminal(const struct explain_facts *f, struct explain_answer *a)
{
	static const char *const parts[] = {
		"/dev/tty: No such device or address",
		"not a tty",
		"not a terminal",
		"Inappropriate ioctl for device",
		"must be run from a terminal",
	};
	const struct journal_entry *line = find_line(f, parts, ARRAY_SIZE(parts));

	if (!line || status_of(f) == 0)
		return false;
	cite(a, line);
	advise(a, "an option of it for use without one (batch, non-interactive); "
		  "or run it with one: systemd-run --pty");
	return say(a, CG2_CERTAINTY_POSSIBLE, "it wants a terminal, and a service has none: \"%s\"",
		   text_of(line));
}

bool cause_no_home(const struct explain_facts *f, struct explain_answer *a)
{
	static const char *const parts[] = {
		"$HOME is not defined",
		"HOME is not set",
		" HOME: parameter not set",
		" HOME: unbound variable",
		"HOME not set",
		"GOCACHE is not defined",
		"neither $XDG_CACHE_HOME nor $HOME",
	};
	const struct journal_entry *line = find_line(f, parts, ARRAY_SIZE(parts));

	if (!line || status_of(f) == 0)
		return false;
	cite(a, line);
	advise(a, "[Service] Environment=HOME=/var/lib/NAME, or User=   (%s edit %s)",
	       explain_systemctl(f), f->unit->name);
	return say(a, f->unit->has_home ? CG2_CERTAINTY_POSSIBLE : CG2_CERTAINTY_PROBABLE,
		   "HOME is not set%s: \"%s\"",
		   f->unit->manager == CG2_MANAGER_SYSTEM ? " for a system service without User="
							  : "",
		   text_of(line));
}

bool cause_no_space(const struct explain_facts *f, struct explain_answer *a)
{
	static const char *const parts[] = { "No space left on device", "Disk quota exceeded" };
	const struct journal_entry *line = find_line(f, parts, ARRAY_SIZE(parts));

	if (!line || status_of(f) == 0)
		return false;
	cite(a, line);
	advise(a, "df -h; df -i");
	return say(a, CG2_CERTAINTY_POSSIBLE, "a file system was full: \"%s\"", text_of(line));
}

bool cause_address_in_use(const struct explain_facts *f, struct explain_answer *a)
{
	static const char *const parts[] = { "Address already in use", "address already in use",
					     "EADDRINUSE" };
	const struct journal_entry *line = find_line(f, parts, ARRAY_SIZE(parts));

	if (!line || status_of(f) == 0)
		return false;
	cite(a, line);
	advise(a, "who has it: ss -ltnp");
	return say(a, CG2_CERTAINTY_POSSIBLE, "another program has its address or port: \"%s\"",
		   text_of(line));
}

bool cause_exit_128n(const struct explain_facts *f, struct explain_answer *a)
{
	int status = status_of(f);
	const char *name = status > 128 ? cg2_signal_to_string(status - 128) : NULL;

	if (status > 192 || !name)
		return false;
	cite(a, f->life ? f->life->exited : NULL);
	return say(a, CG2_CERTAINTY_POSSIBLE,
		   "it ended with %d: if it is a shell, a command of it died of %s; "
		   "the number alone does not say why",
		   status, name);
}

/* What of its commands it was that ended. */
static const char *command_of(const struct explain_facts *f)
{
	if (!f->life || f->life->exited || !f->life->control)
		return NULL;
	return journal_get(f->life->control, JOURNAL_COMMAND);
}

bool cause_exit(const struct explain_facts *f, struct explain_answer *a)
{
	const struct journal_entry *last = f->own && f->own->n ? f->own->entries[0] : NULL;
	const char *command = command_of(f);
	int status = status_of(f);
	_cleanup_free_ char *who = command ? text_format("its %s=", command) : strdup("it");

	if (status == 0)
		return false;
	cite(a, f->life ? f->life->exited ? f->life->exited : f->life->control : NULL);
	advise(a, "all that it said: %s -u %s",
	       f->unit->manager == CG2_MANAGER_USER ? "journalctl --user" : "journalctl",
	       f->unit->name);
	if (last)
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "%s ended with status %d; its last line: \"%s\"", who ? who : "it",
			   status, text_of(last));
	return say(a, CG2_CERTAINTY_CERTAIN, "%s ended with status %d%s", who ? who : "it", status,
		   f->own && f->unit->manager == CG2_MANAGER_SYSTEM ? " and said nothing" : "");
}

bool cause_unloaded(const struct explain_facts *f, struct explain_answer *a)
{
	if (f->unit->properties || !f->life)
		return false;
	cite(a, f->life->last);
	return say(a, CG2_CERTAINTY_POSSIBLE,
		   "its manager has forgotten it, as it does with units that have ended well; "
		   "the journal has nothing of its end");
}

bool cause_unknown(const struct explain_facts *f, struct explain_answer *a)
{
	if (!f->life && text_is(f->unit->active_state, "inactive") && f->has_journal)
		return say(a, CG2_CERTAINTY_CERTAIN,
			   "it has not been started in that time, as far as the journal goes back");
	if (f->life && !f->life->is_over && f->unit->active_state && !f->is_current)
		return say(a, CG2_CERTAINTY_POSSIBLE,
			   "it was started again while this was read: ask once more");
	return say(a, CG2_CERTAINTY_POSSIBLE, "nothing that you may read tells");
}
