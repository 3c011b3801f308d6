/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records of the kernel's log: whose limit killed, and when.
 */
#include "unit.h"

#include "evidence/kernel-log.h"

#define OWN "/system.slice/a.scope"
#define BY(limit, task) \
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=" \
	limit ",task_memcg=" task ",task=perl,pid=77,uid=0\n"

static void records_of_a_victim(void **state _unused_)
{
	static const struct {
		const char *name;
		const char *text;
		const char *memcg;
	} cases[] = {
		{ "ours", "6,100,5000000,-;" BY(OWN, OWN), OWN },
		{ "an ancestor's limit", "6,100,5000000,-;" BY("/system.slice", OWN),
		  "/system.slice" },
		{ "below ours", "6,100,5000000,-;" BY(OWN, OWN "/run"), OWN },
		{ "another's", "6,100,5000000,-;" BY("/b", "/b"), NULL },
		{ "a name that begins as ours", "6,100,5000000,-;" BY(OWN "x", OWN "x"), NULL },
		{ "at that moment", "6,100,4000000,-;" BY(OWN, OWN), OWN },
		{ "of an older run", "6,100,3999999,-;" BY(OWN, OWN), NULL },
		{ "with more before the text", "6,100,5000000,c,caller=T7;" BY(OWN, OWN), OWN },
		{ "no time", BY(OWN, OWN), OWN },
		{ "another record", "6,100,5000000,-;Memory cgroup out of memory\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *memcg = kmsg_memcg_of_record(cases[i].text, OWN, 4000000);

		if (cases[i].memcg ? !memcg || strcmp(memcg, cases[i].memcg) != 0 : memcg != NULL)
			fail_msg("%s: %s", cases[i].name, memcg ? memcg : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_a_victim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
