/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which limit a call failed by. The table has for each kind of call and each errno what is asked,
 * in the order in which the kernel does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-text.h"
#include "base/text.h"
#include "child/exec-file.h"
#include "trace/trace-limit-internal.h"

/* ---- what has no limit ---- */

/* A filter may answer with any errno; these are what filters answer. */
static bool limit_seccomp(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	if (is_known(facts->n_filters) && facts->n_filters > 0) {
		fputs("a seccomp filter that the program has installed", f->reason);
	} else if (is_known(facts->n_filters_before) && facts->n_filters_before > 0) {
		fputs("a seccomp filter, as containers and services have them", f->reason);
		fputs("allow the call: in a service SystemCallFilter=, in a container its seccomp "
		      "profile",
		      f->hint);
	} else {
		return false;
	}
	f->out->certainty = CG2_CERTAINTY_PROBABLE;
	return true;
}

/* The kernel's own words for it. */
static bool limit_errno(struct finding *f)
{
	char buf[64];

	fputs(errno_text(f->call->code, buf, sizeof(buf)), f->reason);
	return true;
}

/* ---- programs ---- */

/* The one table of why a program cannot be executed. */
static bool limit_program(struct finding *f)
{
	struct exec_file file = f->facts->file;
	struct exec_words words;
	bool is_there;

	file.path = f->call->path;
	is_there = file.code == 0;
	exec_words_find(&file, f->call->code, &words);
	if (f->call->code == ENOENT && !is_there)
		fputs("there is no such file", f->reason);
	else if (words.detail)
		fputs(words.detail, f->reason);
	else
		limit_errno(f);
	if (words.hint)
		fputs(words.hint, f->hint);
	f->out->certainty = words.is_certain ? CG2_CERTAINTY_CERTAIN : CG2_CERTAINTY_PROBABLE;
	exec_words_clear(&words);
	return true;
}

/* ---- the table ---- */

/* code 0: any. */
static const struct {
	enum cg2_trace_kind kind;
	int code;
	limit_rule_fn rule;
} rules[] = {
	{ CG2_TRACE_FORK, EAGAIN, limit_pids_own },
	{ CG2_TRACE_FORK, EAGAIN, limit_pids_forker },
	{ CG2_TRACE_FORK, EAGAIN, limit_pids_above },
	{ CG2_TRACE_FORK, EAGAIN, limit_nproc },
	{ CG2_TRACE_FORK, EAGAIN, limit_threads_max },
	{ CG2_TRACE_FORK, EAGAIN, limit_pid_max },
	{ CG2_TRACE_FORK, EAGAIN, limit_pids_full },
	{ CG2_TRACE_FORK, EAGAIN, limit_nproc_hidden },
	{ CG2_TRACE_FORK, EAGAIN, limit_tasks_unknown },
	{ CG2_TRACE_FORK, ENOMEM, limit_namespace_dead },
	{ CG2_TRACE_FORK, ENOMEM, limit_fork_memory },
	{ CG2_TRACE_FORK, ENOSPC, limit_namespaces },
	{ CG2_TRACE_FORK, EUSERS, limit_namespaces },
	{ CG2_TRACE_FORK, EPERM, limit_seccomp },
	{ CG2_TRACE_FORK, EPERM, limit_namespace_right },
	{ CG2_TRACE_FORK, ENOSYS, limit_seccomp },
	{ CG2_TRACE_FORK, 0, limit_errno },
	{ CG2_TRACE_EXEC, ENOSYS, limit_seccomp },
	{ CG2_TRACE_EXEC, EAGAIN, limit_setuid_nproc },
	{ CG2_TRACE_EXEC, E2BIG, limit_words },
	{ CG2_TRACE_EXEC, E2BIG, limit_stack },
	{ CG2_TRACE_EXEC, 0, limit_program },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_huge_pages },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_bits },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_maps },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_address_space },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_data },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_commit },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_ram },
	{ CG2_TRACE_MEMORY, ENOMEM, limit_memory_unknown },
	{ CG2_TRACE_MEMORY, EAGAIN, limit_locked },
	{ CG2_TRACE_MEMORY, 0, limit_errno },
};

static void apply(struct finding *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].kind == f->call->kind &&
		    (!rules[i].code || rules[i].code == f->call->code) && rules[i].rule(f))
			return;
}

/* NULL for an empty text. -ENOMEM. */
static int finish(struct text *text, char **ret_text)
{
	int r = text_close(text, ret_text);

	if (r == 0 && !**ret_text) {
		free(*ret_text);
		*ret_text = NULL;
	}
	return r;
}

int trace_limit_find(const struct trace_record *record, const struct trace_place *place,
		     struct trace_limit *ret_limit)
{
	_cleanup_(text_discard) struct text reason = { .f = NULL }, hint = { .f = NULL };
	struct trace_limit limit = { .limit = CG2_MAX, .current = UNKNOWN };
	struct finding f = { .call = &record->call, .facts = &record->facts, .place = place,
			     .out = &limit };

	f.reason = text_open(&reason);
	f.hint = text_open(&hint);
	if (!f.reason || !f.hint)
		return -ENOMEM;
	limit.advice.size = sizeof(limit.advice);
	apply(&f);
	if (finish(&reason, &limit.reason) < 0 || finish(&hint, &limit.hint) < 0) {
		trace_limit_clear(&limit);
		return -ENOMEM;
	}
	*ret_limit = limit;
	return 0;
}

void trace_limit_clear(struct trace_limit *limit)
{
	free(limit->cgroup);
	free(limit->reason);
	free(limit->hint);
}
