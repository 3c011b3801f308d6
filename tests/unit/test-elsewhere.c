/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands whose containers others start, by their words.
 */
#include "unit.h"
#include "tests/scratch.h"

#include "run/elsewhere.h"

#define WORDS(...) { __VA_ARGS__, NULL }

static const struct {
	const char *words[8];
	const char *program; /* NULL: all stays */
} cases[] = {
	{ WORDS("podman", "run", "alpine", "true"), "podman" },
	{ WORDS("/usr/bin/podman", "--log-level", "error", "run", "alpine"), "podman" },
	{ WORDS("podman", "exec", "box", "true"), "podman" },
	{ WORDS("podman", "start", "-a", "box"), "podman" },
	{ WORDS("docker", "run", "alpine"), "docker" },
	{ WORDS("nerdctl", "run", "alpine"), "nerdctl" },
	{ WORDS("podman", "run", "--cgroups=enabled", "alpine"), "podman" },
	{ WORDS("podman", "run", "--cgroups", "no-conmon", "alpine"), "podman" },
	{ WORDS("podman", "run", "--cgroupsx=disabled", "alpine"), "podman" },
	{ WORDS("podman", "run", "--cgroups"), "podman" },
	/* In the caller's cgroup, or below it. */
	{ WORDS("podman", "run", "--cgroups=disabled", "alpine"), NULL },
	{ WORDS("podman", "run", "--cgroups", "disabled", "alpine"), NULL },
	{ WORDS("podman", "run", "--cgroups=split", "alpine"), NULL },
	/* No container is started. */
	{ WORDS("podman", "ps"), NULL },
	{ WORDS("podman"), NULL },
	{ WORDS("docker", "images"), NULL },
	{ WORDS("podman-compose", "run"), NULL },
	{ WORDS("sh", "run"), NULL },
	{ WORDS("go", "run", "."), NULL },
};

static void commands_by_their_words(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct elsewhere *found = elsewhere_find((char *const *)cases[i].words);
		char label[64];

		snprintf(label, sizeof(label), "case %zu: %s", i, cases[i].words[0]);
		check_case(label, !found == !cases[i].program);
		if (found && cases[i].program)
			check_text(label, found->program, cases[i].program);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_by_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
