/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What people write who know other tools, and what it would have to be here.
 */
#include "cmd/run/mistakes.h"

#include <string.h>

#include "cmd/output/message.h"

/* Words that are no programs as a rule, and what whoever writes them wants. */
static const struct {
	const char *words[8]; /* ended by NULL */
	const char *hint;
} meant[] = {
	{ { "detach", "release", "unset", "unlimit", "unlimited", "remove" },
	  "to take limits off: cgscope set SCOPE --unlimited" },
	{ { "seconds", "second", "secs", "sec", "minutes", "minute", "mins" },
	  "a time is one word: --time 5min, --time 90s" },
	{ { "min", "hours", "hour", "days", "day" }, "a time is one word: --time 5min, --time 2h" },
};

static const char *find_meant(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(meant); i++)
		for (size_t k = 0; k < ARRAY_SIZE(meant[i].words) && meant[i].words[k]; k++)
			if (strcmp(meant[i].words[k], word) == 0)
				return meant[i].hint;
	return NULL;
}

bool mistakes_hint_not_found(char *const argv[])
{
	const char *hint = find_meant(argv[0]);

	if (!hint && !strchr(argv[0], ' '))
		return false;
	if (hint)
		message_hint("%s", hint);
	else
		message_hint("the command and its arguments are words of their own: cgscope %s; "
			     "or use a shell: cgscope sh -c '%s'", argv[0], argv[0]);
	return true;
}

/* The option of a limit that the word is: "--mem", "--mem=1G". */
static const struct cg2_limit_info *find_limit(const char *word)
{
	const struct cg2_limit_info *info;
	size_t len;

	if (strncmp(word, "--", 2) != 0)
		return NULL;
	word += 2;
	len = strcspn(word, "=");
	for (unsigned int i = 0; (info = cg2_limit_get_info(i)); i++)
		if (strlen(info->option) == len && strncmp(info->option, word, len) == 0)
			return info;
	return NULL;
}

/* Programs that have options of such names themselves. */
static bool has_limits_too(const char *command)
{
	static const char *const names[] = { "cgscope", "docker", "nerdctl", "podman" };
	const char *slash = strrchr(command, '/');

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(slash ? slash + 1 : command, names[i]) == 0)
			return true;
	return false;
}

void mistakes_hint_failed(const struct run_options *opts)
{
	if (opts->quiet || options_have_limits(opts->limits) || has_limits_too(opts->argv[0]))
		return;
	for (size_t i = 1; opts->argv[i]; i++) {
		const struct cg2_limit_info *info = find_limit(opts->argv[i]);

		if (!info)
			continue;
		message_hint("'%s' was an argument of %s: options of cgscope come before the "
			     "command, as in cgscope --%s %s %s", opts->argv[i], opts->argv[0],
			     info->option, info->metavar, opts->argv[0]);
		return;
	}
}
