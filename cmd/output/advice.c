/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Advice of the library as hints: it names limits and kinds of advice, here they become options.
 */
#include "cmd/output/advice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/text.h"

/* The words, and what goes between a hint of the library's and them. */
static const struct {
	const char *joint;
	const char *words;
} advices[] = {
	[CG2_ADVICE_OTHER_NAME] = { ", or ", "choose another --name" },
	[CG2_ADVICE_USER_MANAGER] = { ", or ", "leave --system out" },
	[CG2_ADVICE_SYSTEM_MANAGER] = { "; ", "run it as root, with --system" },
	[CG2_ADVICE_AUTO_BACKEND] = { ", or ", "leave --backend out" },
	[CG2_ADVICE_SYSTEMD_BACKEND] = { "; ", "add --backend systemd, or leave --exec out" },
	[CG2_ADVICE_SLICE] = { ", with ", "--slice in place of --in" },
	[CG2_ADVICE_FORCE] = { "; ", "--force does it all the same" },
	[CG2_ADVICE_LEAVE_CHILDREN] = { "; ", "--no-children leaves it where it is" },
	[CG2_ADVICE_SIGNAL] = { ": ", "cgscope kill --force --signal, or stop without --signal" },
	[CG2_ADVICE_ELSEWHERE] = { "; ", "--backend systemd makes it elsewhere" },
	[CG2_ADVICE_SELF] = { ", or ", "run it with --exec, which needs none" },
	[CG2_ADVICE_BEST_EFFORT] = { "; ", "--best-effort runs the command in the job's cgroup" },
};

/* "512M" as the option takes it, or what stands for it in the help. */
static char *limit_value(const struct cg2_limit_info *info, uint64_t value)
{
	char *text = NULL;

	if (value == CG2_MAX)
		text = strdup(info->metavar);
	else if (info->unit == CG2_UNIT_BYTES)
		cg2_size_to_string(value, &text);
	else if (info->unit == CG2_UNIT_PERMYRIAD)
		cg2_percent_to_string(value, &text);
	else
		text = text_format("%" PRIu64, value);
	return text;
}

/* "give it more: --mem 40M" */
static char *limit_hint(const char *hint, const struct cg2_advice *advice)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(advice->limit);
	_cleanup_free_ char *value = info ? limit_value(info, advice->value) : NULL;

	if (!value)
		return NULL;
	if (advice->kind == CG2_ADVICE_RAISE_LIMIT)
		return text_format("give it more: --%s %s", info->option, value);
	return text_format("%s%sgive it a limit: --%s %s", hint ? hint : "", hint ? ", or " : "",
			   info->option, value);
}

char *advice_hint(const char *hint, const struct cg2_advice *advice)
{
	const unsigned int kind = advice->kind;

	if (kind == CG2_ADVICE_RAISE_LIMIT || kind == CG2_ADVICE_SET_LIMIT)
		return limit_hint(hint, advice);
	if (kind >= ARRAY_SIZE(advices) || !advices[kind].words)
		return hint ? strdup(hint) : NULL;
	return text_format("%s%s%s", hint ? hint : "", hint ? advices[kind].joint : "",
			   advices[kind].words);
}

char *advice_error_hint(const struct cg2_error *err)
{
	const struct cg2_advice advice = { .size = sizeof(advice), .kind = err->advice,
					   .limit = err->limit, .value = CG2_MAX };

	return advice_hint(err->hint, &advice);
}

char *advice_record_hint(struct cg2_record *record)
{
	struct cg2_advice advice = { .size = sizeof(advice) };

	cg2_record_get_advice(record, &advice);
	return advice_hint(cg2_record_get_hint(record), &advice);
}

/* The option that sets what a word of the caller's was for, or the library's name of it. */
static const char *option_of(const struct cg2_error *err)
{
	static const char *const options[] = {
		"--name", "--prefix", "--slice", "--description", "--uid",
	};

	for (size_t i = 0; err->path && err->op == CG2_OP_PARSE && i < ARRAY_SIZE(options); i++)
		if (strcmp(options[i] + 2, err->path) == 0)
			return options[i];
	return err->path;
}

/* The limit whose file that is, NULL if it is none's. */
static const struct cg2_limit_info *limit_of_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *file = slash ? slash + 1 : path;
	const struct cg2_limit_info *info;

	for (unsigned int i = 0; (info = cg2_limit_get_info(i)); i++)
		if (info->file && strcmp(info->file, file) == 0)
			return info;
	return NULL;
}

/* What was to be written to a limit's file, as its option takes it. */
static char *option_value(const struct cg2_limit_info *info, const char *text)
{
	const size_t len = strlen(text);
	struct cg2_cpu_max max;
	uint64_t value;

	if (info->unit == CG2_UNIT_BYTES && cg2_parse_value(text, len, &value) == 0 &&
	    value != CG2_MAX)
		return limit_value(info, value);
	if (info->unit == CG2_UNIT_PERMYRIAD && cg2_parse_cpu_max(text, len, &max) == 0 &&
	    max.quota_usec != CG2_MAX && max.period_usec > 0)
		return limit_value(info, max.quota_usec * 10000 / max.period_usec);
	return strdup(text);
}

/* "--io-weight 50 would not hold: PATH: the io controller is not delegated here" */
static char *verify_text(const struct cg2_error *err, const struct cg2_limit_info *info)
{
	_cleanup_free_ char *value = err->value ? option_value(info, err->value) : strdup("");

	if (!value)
		return NULL;
	return text_format("--%s%s%s would not hold: %s: %s", info->option, *value ? " " : "",
			   value, err->path, err->detail ? err->detail : strerror(err->code));
}

char *advice_error_text(const struct cg2_error *err)
{
	const struct cg2_limit_info *info =
		err->op == CG2_OP_VERIFY && err->path ? limit_of_file(err->path) : NULL;
	struct cg2_error named = *err;
	char *text;

	if (info)
		return verify_text(err, info);
	named.path = (char *)option_of(err);
	return cg2_error_format(&named, &text) < 0 ? NULL : text;
}
