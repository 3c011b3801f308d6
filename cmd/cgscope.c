/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The program: which verb it is, and what holds before any of them starts.
 *
 *   cgscope.c           this
 *   verbs.c             the table of verbs; verb.c: what is the same for all of them
 *   options.c           option tables, for parser, help, completions, man page
 *   options-parse.c     a command line against such a table
 *   run-options.c       the options of run
 *   run.c               run: the command from its scope's start to its end
 *   attach.c            attach and move
 *   set.c               set
 *   list.c              list; list-columns.c: what it shows; list-json.c: as JSON
 *   scope-status.c      status
 *   manage.c            stop, kill, freeze, thaw
 *   check.c             check; check-text.c: for people, check-json.c: for scripts
 *   doctor.c            doctor; doctor-json.c
 *   monitor.c           monitor; monitor-loop.c: its life; monitor-text.c, -json.c, -journal.c:
 *                       an event for people, scripts and the journal
 *   hook.c              hooks, one at a time for a target; hook-process.c: the processes of one
 *   openmetrics.c       the file of metrics
 *   service.c           what a service owes to systemd
 *   outbox.c            lines for a standard output that may be slow
 *   supervise.c         what cgscope is while the command runs
 *   report.c            what is told when a run is over: record, summary, verdict, status
 *   record.c            what a record says; record-json.c: as JSON
 *   record-file.c       where a record goes
 *   summary.c           a record as lines for a person
 *   human.c             numbers for people
 *   table.c             tables for people
 *   jsonc.c             json-c, loaded when it is needed; smartcols.c: libsmartcols
 *   utf8.c              UTF-8 from any bytes
 *   help.c              help; help-text.c: its texts
 *   status.c            exit statuses
 *   message.c           lines on stderr
 *   streams.c           the standard streams
 *   dump-interface.c    a program of its own: the tables as JSON, for tools/gen-*
 */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/xattr.h>

#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/streams.h"
#include "cmd/verbs.h"

/*
 * With the rights of its file instead of its caller's, cgscope would hand them to any
 * command. AT_SECURE alone would be too much: security modules set it where no right was
 * gained.
 */
static bool has_rights_of_file(void)
{
	if (getauxval(AT_UID) != getauxval(AT_EUID) ||
	    getauxval(AT_GID) != getauxval(AT_EGID))
		return true;
	return getauxval(AT_SECURE) &&
	       getxattr("/proc/self/exe", "security.capability", NULL, 0) >= 0;
}

static int refuse_reserved(const struct verb *verb)
{
	message_failure("the verb '%s' is not in this version; write 'cgscope run %s' "
			"to run a program of that name",
			verb->name, verb->name);
	return STATUS_USAGE;
}

static int dispatch(char **argv)
{
	static char *no_words[] = { NULL };
	const struct verb *verb = argv[0] ? verb_find(verbs, argv[0]) : verb_find(verbs, "help");
	struct invocation inv = {
		.verbs = verbs, .verb = verb, .named = verb, .argv = argv
	};

	if (!verb)
		inv.verb = &verbs[0];
	else if (!verb->fn)
		return refuse_reserved(verb);
	else
		inv.argv = argv[0] ? argv + 1 : no_words;
	return verb_call(&inv);
}

int main(int argc, char **argv)
{
	int r = streams_guard();

	if (r < 0) {
		message_failure("cannot guard the standard streams: %s", strerror(-r));
		return STATUS_REFUSED;
	}
	if (has_rights_of_file()) {
		message_failure("refusing to run set-user-ID, set-group-ID or with "
				"capabilities: every command would get these rights");
		return STATUS_REFUSED;
	}
	/* An empty argv is allowed to a caller that executes cgscope by hand. */
	return dispatch(argc > 0 ? argv + 1 : argv);
}
