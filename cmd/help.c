/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope help".
 */
#include "cmd/help.h"

#include "base/cleanup.h"
#include "cmd/help-text.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/streams.h"
#include "cmd/verb.h"

const struct option_table help_option_table = { .rows = NULL };

static int help_on(const struct invocation *inv, const char *name)
{
	const struct verb *verb = verb_find(inv->verbs, name);
	const char *nearest = verb ? NULL : verb_nearest(inv->verbs, name);

	if (verb && verb->fn) {
		help_print_verb(stdout, inv->verbs, verb);
		return streams_close_stdout(STATUS_OK);
	}
	if (verb)
		message_usage("the verb '%s' is not in this version", name);
	else if (nearest)
		message_usage("there is no verb '%s'; did you mean %s?", name, nearest);
	else
		message_usage("there is no verb '%s'", name);
	return inv->verb->usage_status;
}

int help_main(const struct invocation *inv)
{
	_cleanup_free_ char *error = NULL;
	enum option_result result;
	size_t n = 0;

	result = options_parse(inv->verb->options, inv->verb->name, NULL, inv->argv, &n,
			       &error);
	if (result != OPTIONS_PARSED)
		return verb_answer(inv, result, error);
	if (n == 1)
		return help_on(inv, inv->argv[0]);
	if (n > 1) {
		message_usage("help is for one verb at a time: '%s'", inv->argv[1]);
		return inv->verb->usage_status;
	}
	help_print_brief(stdout, inv->verbs);
	return streams_close_stdout(STATUS_OK);
}
