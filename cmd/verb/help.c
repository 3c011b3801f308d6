/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope help".
 */
#include "cmd/verb/help.h"

#include "cmd/output/status.h"
#include "cmd/verb/help-text.h"
#include "cmd/verb/verb.h"

const struct option_table help_option_table = { .rows = NULL };

static int help_on(const struct invocation *inv, const char *name)
{
	const struct verb *verb = verb_find(inv->verbs, name);
	const char *nearest = verb ? NULL : verb_nearest(inv->verbs, name);

	if (verb) {
		help_print_verb(stdout, inv->verbs, verb);
		return STATUS_OK;
	}
	if (nearest)
		return verb_usage(inv, "there is no verb '%s'; did you mean %s?", name, nearest);
	return verb_usage(inv, "there is no verb '%s'", name);
}

int help_main(const struct invocation *inv)
{
	if (inv->argc == 1)
		return help_on(inv, inv->argv[0]);
	if (inv->argc > 1)
		return verb_usage(inv, "more than one verb given: '%s'", inv->argv[1]);
	help_print_brief(stdout, inv->verbs);
	return STATUS_OK;
}
