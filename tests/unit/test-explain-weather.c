/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Journals in bad weather: forged entries, parts that are gone or damaged, a clock that went back,
 * many lives.
 */
#include "recording.h"

#include <errno.h>
#include <sys/wait.h>

#include "explain/explain-internal.h"

#define UNIT "live-xp-u.service"
#define ID(n) "0123456789abcdef0123456789abcde" n
#define MANAGER "_PID=1 _UID=0 _TRANSPORT=journal _SYSTEMD_CGROUP=/init.scope\n\n"
#define SAYS(time, id, n, rest)                                                                    \
	"+" time " M\nMESSAGE_ID=" id "\nUNIT=" UNIT "\nINVOCATION_ID=" ID(n) "\n" rest "\n"
#define STARTED(time, n) SAYS(time, "39f53479d3a045ac8e11786248231fbf", n, "JOB_RESULT=done\n")
#define ENDED(time, n, status)                                                                     \
	SAYS(time, "98e322203f7a4ed290d09fe03c09fe15", n,                                          \
	     "EXIT_CODE=exited\nEXIT_STATUS=" status "\nCOMMAND=ExecStart\n")
#define FAILED(time, n)                                                                            \
	SAYS(time, "d9b373ed55a64feb8242e02dbe79a49c", n, "UNIT_RESULT=exit-code\n")
#define LIFE(a, b, c, n, status) STARTED(a, n) ENDED(b, n, status) FAILED(c, n)
#define SPAWN_OF(uid, program, code)                                                               \
	"+150\nMESSAGE_ID=641257651c1b4ec9a8624d7a40a9e1e7\nUNIT=" UNIT "\nINVOCATION_ID=" ID("1") \
	"\n_TRANSPORT=journal\n_UID=" uid "\nEXECUTABLE=" program "\nERRNO=" code               \
	"\nMESSAGE=x\n\n"
#define SPAWN(uid) SPAWN_OF(uid, "/no/such", "2")
#define LINE(time, text)                                                                           \
	"+" time "\n_SYSTEMD_UNIT=" UNIT "\n_TRANSPORT=stdout\nMESSAGE=" text "\n\n"

struct weather {
	struct recording recording;
	struct cg2_explain_wish wish;
	struct explain_work work;
	struct cg2_explanation e;
	struct explain_told told;
	struct explain_facts facts;
};

static void read_text(struct weather *w, const char *text, struct explain_unit about)
{
	*w = (struct weather){ .wish = { .n_lives = SIZE_MAX, .n_lines = 5 } };
	open_text(&w->recording, text);
	w->work = (struct explain_work){ .wish = &w->wish, .journal = &w->recording.source };
	w->e = (struct cg2_explanation){ .name = (char *)UNIT,
					 .about = about,
					 .has_journal = true,
					 .has_kernel = true };
	w->e.about.name = UNIT;
	w->e.about.manager = CG2_MANAGER_SYSTEM;
	w->e.about.search_path = "/s";
	assert_int_equal(explain_read_entries(&w->work, &w->e), 0);
}

static void read_life(struct weather *w, size_t i)
{
	assert_true(i < w->e.n_lives);
	w->told = (struct explain_told){ .life = &w->e.lives[i] };
	assert_int_equal(explain_read_life(&w->work, &w->e, &w->told), 0);
}

static void expect_cause(struct weather *w, const char *cause, const char *reason)
{
	struct explain_answer *answers;
	size_t n;

	w->facts = (struct explain_facts){
		.unit = &w->e.about,
		.life = w->told.life,
		.is_current = w->told.is_current,
		.own = &w->told.own,
		.kernel = &w->told.kernel,
		.has_journal = true,
		.has_kernel = true,
		.pid = w->e.pid,
	};
	assert_int_equal(explain_decide(&w->facts, &answers, &n), 0);
	assert_true(n > 0);
	if (strcmp(explain_rule(answers[0].cause)->info.id, cause) != 0 ||
	    !strstr(answers[0].reason, reason))
		fail_msg("%s: %s", explain_rule(answers[0].cause)->info.id, answers[0].reason);
	for (size_t i = 0; i < n; i++)
		explain_answer_clear(&answers[i]);
	free(answers);
}

static void end(struct weather *w)
{
	journal_list_clear(&w->told.own);
	journal_list_clear(&w->told.steps);
	journal_list_clear(&w->told.kernel);
	journal_list_clear(&w->told.oomd);
	journal_list_clear(&w->told.core);
	journal_list_clear(&w->e.entries);
	free(w->e.lives);
	for (size_t i = 0; i < w->e.n_unread; i++) {
		free(w->e.unread[i].why);
		free(w->e.unread[i].hint);
	}
	free(w->e.unread);
	close_recording(&w->recording);
}

/* A program that ends with 203 itself, and somebody who says that systemd did it. */
static void a_step_that_somebody_else_tells_of_is_none(void **state _unused_)
{
	static const struct {
		const char *text;
		struct explain_unit about;
		const char *cause;
	} cases[] = {
		{ MANAGER STARTED("100", "1") SPAWN("0") ENDED("200", "1", "203")
			  FAILED("210", "1"), { .uid = 0 }, "exec-not-found" },
		{ MANAGER STARTED("100", "1") SPAWN("1000") ENDED("200", "1", "203")
			  FAILED("210", "1"), { .uid = 0 }, "exit" },
		/* User=alice, and DynamicUser=. */
		{ MANAGER STARTED("100", "1") SPAWN("1000") ENDED("200", "1", "203")
			  FAILED("210", "1"), { .user_uid = 1000 }, "exec-not-found" },
		{ MANAGER STARTED("100", "1") SPAWN("61184") ENDED("200", "1", "203")
			  FAILED("210", "1"), { .uid = 0 }, "exec-not-found" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct weather w;

		read_text(&w, cases[i].text, cases[i].about);
		read_life(&w, 0);
		expect_cause(&w, cases[i].cause, "");
		end(&w);
	}
}

/* What the kernel, systemd-coredump or journald would say, by others. */
static void forged_messages_of_others_are_none(void **state _unused_)
{
	static const char text[] = MANAGER LIFE("100", "200", "210", "1", "6")
		"+150\nMESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1\nCOREDUMP_UNIT=" UNIT
		"\n_TRANSPORT=journal\n_UID=1000\n_SYSTEMD_UNIT=user@1000.service\nMESSAGE=x\n\n"
		"+151\nMESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\n_TRANSPORT=journal\n"
		"_UID=1000\nMESSAGE=Suppressed 9 messages from " UNIT "\n\n"
		"+152\nMESSAGE_ID=fe6faa94e7774663a0da52717891d8ef\nUNIT=" UNIT "\nINVOCATION_ID="
		ID("1") "\n_TRANSPORT=journal\n_UID=1000\n_PID=7\nMESSAGE=x\n\n";
	struct weather w;

	read_text(&w, text, (struct explain_unit){ .uid = 0 });
	read_life(&w, 0);
	expect_cause(&w, "exit", "status 6");
	assert_int_equal(w.told.core.n, 0);
	assert_int_equal(w.e.n_unread, 0);
	end(&w);
}

static void suppressed_lines_are_named(void **state _unused_)
{
	static const char text[] = MANAGER LIFE("100", "200", "210", "1", "6")
		"+151\nMESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e\n_TRANSPORT=driver\n"
		"MESSAGE=Suppressed 9 messages from " UNIT "\n\n";
	struct weather w;

	read_text(&w, text, (struct explain_unit){ .uid = 0 });
	read_life(&w, 0);
	assert_int_equal(w.e.n_unread, 1);
	assert_non_null(strstr(w.e.unread[0].why, "Suppressed 9 messages"));
	end(&w);
}

/* The oldest files were thrown away: the end of a life is all that there is. */
static void a_life_without_its_beginning(void **state _unused_)
{
	struct weather w;

	read_text(&w, MANAGER ENDED("200", "1", "6") FAILED("210", "1"),
		  (struct explain_unit){ .uid = 0 });
	read_life(&w, 0);
	expect_cause(&w, "exit", "status 6");
	end(&w);
	/* Nor its end, and the manager has forgotten it. */
	read_text(&w, MANAGER STARTED("100", "1"), (struct explain_unit){ .uid = 0 });
	read_life(&w, 0);
	expect_cause(&w, "unloaded", "forgotten");
	end(&w);
}

static void a_clock_that_went_back(void **state _unused_)
{
	/* Set from 9000100 to 1000000: the next life is before the first's beginning. */
	static const char text[] = MANAGER STARTED("9000000", "1") LINE("9000100", "first")
		LINE("1000100", "last words") ENDED("1000200", "1", "6") FAILED("1000210", "1")
		STARTED("3000000", "2") LINE("3000100", "other") ENDED("3000200", "2", "7")
		FAILED("3000210", "2");
	struct weather w;

	read_text(&w, text, (struct explain_unit){ .uid = 0 });
	assert_int_equal(w.e.n_lives, 2);
	read_life(&w, 1);
	expect_cause(&w, "exit", "status 6; its last line: \"last words\"");
	end(&w);
}

#define LIVES 1000

static void a_thousand_lives(void **state _unused_)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *recorded = NULL;
	struct weather w;

	assert_non_null(text_open(&text));
	fputs(MANAGER, text.f);
	for (unsigned int i = 0; i < LIVES; i++)
		fprintf(text.f,
			"+%u M\nMESSAGE_ID=39f53479d3a045ac8e11786248231fbf\nUNIT=" UNIT
			"\nINVOCATION_ID=%032x\nJOB_RESULT=done\n\n"
			"+%u M\nMESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15\nUNIT=" UNIT
			"\nINVOCATION_ID=%032x\nEXIT_CODE=exited\nEXIT_STATUS=%u\n"
			"COMMAND=ExecStart\n\n",
			i * 10, i + 1, i * 10 + 5, i + 1, i % 200 + 1);
	assert_int_equal(text_close(&text, &recorded), 0);
	read_text(&w, recorded, (struct explain_unit){ .uid = 0 });
	assert_int_equal(w.e.n_lives, LIVES);
	for (size_t i = 0; i < LIVES; i++) {
		int status;

		assert_int_equal(explain_life_exit(&w.e.lives[i], &status), CLD_EXITED);
		assert_int_equal(status, (LIVES - 1 - i) % 200 + 1);
	}
	end(&w);
}

/* What is more than a question may read: it says so. */
static void more_than_is_read(void **state _unused_)
{
	struct weather w;

	read_text(&w, MANAGER LIFE("100", "200", "210", "1", "6"),
		  (struct explain_unit){ .uid = 0 });
	assert_false(w.e.is_cut);
	end(&w);
	w = (struct weather){ .wish = { .n_lives = SIZE_MAX } };
	open_text(&w.recording, MANAGER LIFE("100", "200", "210", "1", "6"));
	w.recording.source.n_read = JOURNAL_READ_MAX - 2;
	w.work = (struct explain_work){ .wish = &w.wish, .journal = &w.recording.source };
	w.e = (struct cg2_explanation){ .name = (char *)UNIT };
	w.e.about.manager = CG2_MANAGER_SYSTEM;
	assert_int_equal(explain_read_entries(&w.work, &w.e), 0);
	assert_true(w.e.is_cut);
	assert_int_equal(w.e.entries.n, 2);
	end(&w);
}

/* A program's own words may be in any language: what is not understood is quoted, not guessed. */
static void words_in_another_locale(void **state _unused_)
{
	struct weather w;

	read_text(&w,
		  MANAGER STARTED("100", "1")
			  LINE("150", "sh: 1: go: nicht gefunden")
				  ENDED("200", "1", "127") FAILED("210", "1"),
		  (struct explain_unit){ .uid = 0 });
	read_life(&w, 0);
	expect_cause(&w, "exit", "status 127; its last line: \"sh: 1: go: nicht gefunden\"");
	end(&w);
}

/* In 262 the step has EINVAL for a name that is unknown, and its child's word may be lost. */
static void an_unknown_user_in_262(void **state _unused_)
{
	static const char text[] = MANAGER STARTED("100", "1")
		SAYS("150", "641257651c1b4ec9a8624d7a40a9e1e7", "1",
		     "EXECUTABLE=/bin/true\nERRNO=22\nMESSAGE=x: Failed at step USER\n")
		ENDED("200", "1", "217") FAILED("210", "1");
	struct weather w;

	read_text(&w, text, (struct explain_unit){ .user = "nosuch", .is_user_unknown = true });
	read_life(&w, 0);
	w.told.is_current = true;
	expect_cause(&w, "setup-user", "User=nosuch is unknown");
	w.e.about.is_user_unknown = false;
	expect_cause(&w, "setup-user", "User=nosuch cannot be changed to: Invalid argument");
	end(&w);
}

/* What AppArmor and SELinux say of a program that they do not let be executed, and of others. */
static void a_policy_that_denied_it(void **state _unused_)
{
#define APPARMOR(name)                                                                             \
	"audit: type=1400 audit(1796012174.113:91): apparmor=\"DENIED\" operation=\"exec\" "       \
	"class=\"file\" profile=\"x\" name=\"" name "\" pid=4711 comm=\"(program)\" "              \
	"requested_mask=\"x\" denied_mask=\"x\" fsuid=0 ouid=0"
#define SELINUX(what, file, permissive)                                                            \
	"AVC avc:  denied  { " what " } for  pid=4711 comm=\"(program)\" " file                    \
	" dev=\"vda1\" ino=41 scontext=system_u:system_r:init_t:s0 "                               \
	"tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive=" permissive
	static const struct {
		const char *line;
		bool is_it;
	} cases[] = {
		{ APPARMOR("/srv/x/program"), true },
		{ APPARMOR("/srv/x/program-2"), false },
		{ APPARMOR("/usr/srv/x/program"), false },
		{ SELINUX("execute", "name=\"program\"", "0"), true },
		{ SELINUX("entrypoint", "path=\"/srv/x/program\"", "0"), true },
		{ SELINUX("execute", "name=\"program\"", "1"), false },
		{ SELINUX("read", "name=\"program\"", "0"), false },
		{ SELINUX("execute", "name=\"other\"", "0"), false },
		{ "audit: apparmor=\"ALLOWED\" operation=\"exec\" name=\"/srv/x/program\"", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = text_format(
			"%s+151\n_TRANSPORT=%s\nMESSAGE=%s\n\n%s",
			MANAGER STARTED("100", "1") SPAWN_OF("0", "/srv/x/program", "13"),
			cases[i].line[1] == 'V' ? "audit" : "kernel", cases[i].line,
			ENDED("200", "1", "203") FAILED("210", "1"));
		struct weather w;

		assert_non_null(text);
		read_text(&w, text, (struct explain_unit){ .uid = 0 });
		read_life(&w, 0);
		expect_cause(&w, cases[i].is_it ? "exec-policy" : "exec-other", "/srv/x/program");
		end(&w);
	}
}

/* The kernel killed a process of that number, and then another one had it. */
static void a_number_that_was_used_again(void **state _unused_)
{
	static const struct {
		const char *cgroup, *cause;
	} cases[] = {
		{ "/system.slice/other.service", "exit" },
		{ "/system.slice/" UNIT ".d", "exit" },
		{ "/system.slice/" UNIT, "oom-own" },
		/* Where the unit was is not known when it has gone. */
		{ "/a.slice/" UNIT "/child", "oom-ancestor" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = text_format(
			"%s+110\n_TRANSPORT=kernel\nMESSAGE=oom-kill:constraint=CONSTRAINT_MEMCG,"
			"nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=%s,task_memcg=%s,task=x,"
			"pid=4711,uid=0\n\n%s",
			MANAGER STARTED("100", "1"), cases[i].cgroup, cases[i].cgroup,
			ENDED("200", "1", "6") FAILED("210", "1"));
		struct weather w;

		assert_non_null(text);
		read_text(&w, text, (struct explain_unit){ .cgroup = "/system.slice/" UNIT });
		w.e.cgroup = (char *)w.e.about.cgroup;
		w.e.pid = 4711;
		read_life(&w, 0);
		expect_cause(&w, cases[i].cause, "");
		end(&w);
	}
}

/* The manager was asked before the journal was read, and a life may have begun in between. */
static void a_unit_that_restarts_while_it_is_read(void **state _unused_)
{
#define AT(usec) .asked_usec = RECORDED_USEC + (usec), .asked_monotonic_usec = (usec)
	static const struct {
		struct explain_unit about;
		bool is_over;
	} cases[] = {
		{ { .active_state = "active", .invocation = ID("1") }, false },
		{ { .active_state = "activating", .invocation = ID("0") }, false },
		{ { .active_state = "failed", .invocation = ID("0") }, false },
		{ { .active_state = "inactive" }, false },
		/* Asked after it had begun. */
		{ { .active_state = "active", .invocation = ID("1"), AT(500) }, false },
		{ { .active_state = "active", .invocation = ID("2"), AT(500) }, true },
		{ { .active_state = "inactive", .invocation = ID("1"), AT(500) }, true },
		/* A manager has forgotten what ended well. */
		{ { .active_state = "inactive", AT(500) }, true },
		/* The clock was set back meanwhile, or it is a life of an earlier boot. */
		{ { .active_state = "inactive", .asked_usec = 1, .asked_monotonic_usec = 500 },
		  true },
		{ { .active_state = "inactive", .asked_usec = RECORDED_USEC + 500 }, true },
		{ { .active_state = NULL }, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct weather w;

		read_text(&w, MANAGER STARTED("100", "1"), (struct explain_unit){ .uid = 0 });
		explain_life_settle(&w.e.lives[0], &cases[i].about);
		assert_int_equal(w.e.lives[0].is_over, cases[i].is_over);
		end(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_that_somebody_else_tells_of_is_none),
		cmocka_unit_test(forged_messages_of_others_are_none),
		cmocka_unit_test(suppressed_lines_are_named),
		cmocka_unit_test(a_life_without_its_beginning),
		cmocka_unit_test(a_clock_that_went_back),
		cmocka_unit_test(a_thousand_lives),
		cmocka_unit_test(more_than_is_read),
		cmocka_unit_test(words_in_another_locale),
		cmocka_unit_test(an_unknown_user_in_262),
		cmocka_unit_test(a_policy_that_denied_it),
		cmocka_unit_test(a_number_that_was_used_again),
		cmocka_unit_test(a_unit_that_restarts_while_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
