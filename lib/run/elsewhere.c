/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/elsewhere.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/macro.h"

static const struct elsewhere programs[] = {
	{ "podman", "podman run --cgroups=disabled keeps the container in this run, and podman run "
		    "-m 256m limits it" },
	{ "docker", "docker run -m 256m limits the container" },
	{ "nerdctl", "nerdctl run -m 256m limits the container" },
};

static const char *const verbs[] = { "run", "start", "exec" };

static bool is_one_of(const char *word, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* What podman's option says, whose "split" is below the caller's cgroup; NULL: another word. */
static const char *value_of_cgroups(char *const word[])
{
	static const char option[] = "cgroups";
	const size_t len = strlen("--") + strlen(option);

	if (strncmp(word[0], "--", 2) != 0 || strncmp(word[0] + 2, option, strlen(option)) != 0)
		return NULL;
	return word[0][len] == '=' ? word[0] + len + 1 : word[0][len] ? NULL : word[1];
}

/* Whether the words ask for a container, and not for one that stays in the caller's cgroup. */
static bool starts_container(char *const argv[])
{
	static const char *const inside[] = { "disabled", "split" };
	bool result = false;

	for (size_t i = 1; argv[i]; i++) {
		const char *value = value_of_cgroups(argv + i);

		if (value && is_one_of(value, inside, ARRAY_SIZE(inside)))
			return false;
		result |= is_one_of(argv[i], verbs, ARRAY_SIZE(verbs));
	}
	return result;
}

const struct elsewhere *elsewhere_find(char *const argv[])
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (strcmp(programs[i].program, name) == 0 && starts_container(argv))
			return &programs[i];
	return NULL;
}
