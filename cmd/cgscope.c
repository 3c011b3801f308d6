/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The program: which verb it is, and what holds before any of them starts. What is in which folder
 * is in docs/architecture.md.
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

static int dispatch(char **argv)
{
	static char *no_words[] = { NULL };
	const struct verb *verb = argv[0] ? verb_find(verbs, argv[0]) : verb_find(verbs, "help");
	struct invocation inv = {
		.verbs = verbs, .verb = verb, .named = verb, .argv = argv
	};

	if (!verb)
		inv.verb = &verbs[0];
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
