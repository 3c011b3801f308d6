/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is the same for all verbs: their names, the answers to --help, --version and usage
 * errors, and what they need before they do anything.
 */
#include "cmd/verb.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/typo.h"
#include "cmd/help-text.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/streams.h"

const struct verb *verb_find(const struct verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	return NULL;
}

/* A typo_name_fn: the verbs of this version come first. */
static const char *usable_name(size_t i, const void *data)
{
	const struct verb *verbs = data;

	return verbs[i].fn ? verbs[i].name : NULL;
}

const char *verb_nearest(const struct verb *verbs, const char *word)
{
	return typo_nearest(word, usable_name, verbs);
}

int verb_answer(const struct invocation *inv, enum option_result result,
		const char *error)
{
	switch (result) {
	case OPTIONS_PARSED:
		break;
	case OPTIONS_HELP:
		if (inv->named)
			help_print_verb(stdout, inv->verbs, inv->verb);
		else
			help_print_brief(stdout, inv->verbs);
		return streams_close_stdout(STATUS_OK);
	case OPTIONS_VERSION:
		printf("cgscope %s\n", PACKAGE_VERSION);
		return streams_close_stdout(STATUS_OK);
	case OPTIONS_WRONG:
		message_usage("%s", error ? error : "out of memory");
		return inv->verb->usage_status;
	}
	return STATUS_OK;
}

int verb_open_ctx(bool is_verbose, struct cg2_ctx **ret_ctx)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	int r;

	r = cg2_ctx_new(NULL, ret_ctx, &err);
	if (r < 0) {
		message_error(&err);
		return r;
	}
	cg2_ctx_set_log(*ret_ctx, message_log, NULL,
			is_verbose ? CG2_LOG_INFO : CG2_LOG_WARNING);
	return 0;
}

void verb_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
}
