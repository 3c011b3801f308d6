/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why it ended: every cause from entries that systemd 252, 257 and 262 wrote, and from kernel lines
 * of 6.1 and 6.12. The files and properties that go with them are made up here.
 */
#include "recording.h"

#include <sys/wait.h>

#include "explain/explain-internal.h"
#include "explain/explain-words.h"
#include "systemd/journal.h"

#define ALICE 1000

static const struct {
	const char *name;
	enum cg2_manager manager;
} recordings[] = {
	{ "bookworm-system", CG2_MANAGER_SYSTEM },
	{ "trixie-system", CG2_MANAGER_SYSTEM },
	{ "trixie-user", CG2_MANAGER_USER },
	{ "forky-user", CG2_MANAGER_USER },
};

/* What is asked of a unit's newest life that is over. */
struct question {
	const char *unit; /* "live-xp-" and ".service" go around it */
	const char *cause;
	const char *reason; /* a part of it */
	unsigned int certainty;
	const char *hint; /* a part of it; NULL: none is looked for */
	struct explain_unit properties;
	const struct exec_file *file;
	const char *need; /* with a reason of its own, "it is ill" */
	const char *elsewhere;
	bool is_system; /* only there it can be staged */
	bool is_unread; /* the journal is not readable: the properties alone */
};

#define FILE_(...)                                                                                 \
	&(const struct exec_file)                                                                  \
	{                                                                                          \
		.path = "/x/p", .may_execute = true, __VA_ARGS__                                   \
	}
#define Q(unit_, cause_, reason_) .unit = (unit_), .cause = (cause_), .reason = (reason_)
#define EXITED(n) .exit_code = CLD_EXITED, .exit_status = (n)
#define KILLED(n) .exit_code = CLD_KILLED, .exit_status = (n)

static const struct question questions[] = {
	{ Q("condition", "skipped-condition",
	    "skipped: ConditionPathExists=/no/such/path was not met"),
	  .properties = { .condition = (char *)"ConditionPathExists=/no/such/path" } },
	{ Q("exec-condition", "skipped-exec-condition", "said no") },
	{ Q("stopped", "stopped", "stopped by a job") },
	{ Q("well", "ended-well", "it ended by itself") },
	{ Q("term", "ended-well", "SIGTERM, which systemd takes as a good end"),
	  .properties = { .result = "success", .invocation = "x", KILLED(SIGTERM) } },
	{ Q("bad", "bad-unit-file", "Neither a valid executable name nor an absolute path"),
	  .hint = "systemd-analyze ", .properties = { .load_state = "bad-setting" } },
	{ Q("masked", "masked", "masked"), .hint = "unmask live-xp-masked.service",
	  .properties = { .load_state = "masked" } },
	{ Q("nosuch", "unit-unknown", "there is no unit live-xp-nosuch.service"),
	  .properties = { .load_state = "not-found" } },
	{ Q("dependency", "dependency", "it needs a.service, which failed: it is ill"),
	  .need = "a.service", .hint = "heal it" },
	{ Q("dependency", "dependency", "a unit that it needs failed") },
	{ Q("assert", "assert", "AssertPathExists=/no/such/path was not met"),
	  .properties = { .assertion = (char *)"AssertPathExists=/no/such/path" } },
	{ Q("start-limit-203", "start-limit", "then given up; each time /no/such is not there"),
	  .hint = "reset-failed live-xp-start-limit-203.service", .file = FILE_(.code = ENOENT) },
	{ Q("start-limit-true", "start-limit", "each time it ended by itself, and well"),
	  .hint = "Restart=on-failure" },
	{ Q("environment-file", "environment-file",
	    "/no/such/env of its EnvironmentFile= cannot be read"),
	  .hint = "EnvironmentFile=-/no/such/env",
	  .properties = { .environment_file = "/no/such/env" } },
	{ Q("exec-not-found", "exec-not-found", "/no/such/program is not there"),
	  .file = FILE_(.code = ENOENT) },
	{ Q("exec-not-found", "exec-not-found", "it is now, made or changed since"),
	  .certainty = CG2_CERTAINTY_PROBABLE, .file = FILE_(.changed_usec = UINT64_MAX) },
	{ Q("exec-not-in-path", "exec-not-in-path", "systemd has no program \"xp-tool\"") },
	{ Q("exec-not-in-path", "exec-not-in-path", "in /opt/x, which is in your PATH"),
	  .hint = "ExecStart=/opt/x/xp-tool", .elsewhere = "/opt/x" },
	{ Q("f-interp", "exec-interpreter", "its interpreter /no/such/interp is missing"),
	  .file = FILE_(.is_interpreter_missing = true, .interpreter = "/no/such/interp") },
	{ Q("f-crlf", "exec-crlf", "as Windows ends lines"),
	  .file = FILE_(.is_interpreter_missing = true, .interpreter = "/bin/sh",
			.is_crlf = true) },
	{ Q("f-elf", "exec-elf-interpreter", "/lib64/ld.no, the dynamic loader, is missing"),
	  .file = FILE_(.is_interpreter_missing = true, .interpreter = "/lib64/ld.no",
			.is_elf = true) },
	{ Q("f-envi", "exec-env-interpreter", "did not find the command nosuchprog"),
	  .certainty = CG2_CERTAINTY_PROBABLE, .file = FILE_(.program = "nosuchprog") },
	{ Q("f-nox", "exec-no-x", "no right to execute it"),
	  .file = (&(const struct exec_file){ .path = "/x/p" }), .hint = "chmod +x /x/p" },
	{ Q("f-nox", "exec-noexec", "mounted noexec"), .file = FILE_(.is_noexec = true) },
	{ Q("f-nox", "exec-noexec", "mounted noexec"), .certainty = CG2_CERTAINTY_PROBABLE,
	  .file = FILE_(.is_noexec = true), .properties = { .has_mounts = true } },
	{ Q("f-nox", "exec-policy", "a security policy"), .certainty = CG2_CERTAINTY_POSSIBLE,
	  .file = FILE_(.has_x = true) },
	{ Q("f-nox", "exec-directory-right", "bob may not enter /x"),
	  .certainty = CG2_CERTAINTY_PROBABLE, .file = FILE_(.closed = "/x"),
	  .properties = { .user = "bob" } },
	{ Q("f-plain", "exec-format", "no #! line"), .hint = "#!/bin/sh",
	  .file = FILE_(.is_readable = true) },
	{ Q("f-arm", "exec-format", "another machine: Arm64"),
	  .file = FILE_(.is_readable = true, .is_elf = true, .is_foreign = true, .machine = 183) },
	{ Q("busy", "exec-busy", "open for writing"), .file = FILE_(.has_x = true) },
	{ Q("alice-dir", "exec-directory-right", "alice may not enter /srv/xp"),
	  .certainty = CG2_CERTAINTY_PROBABLE, .file = FILE_(.closed = "/srv/xp"),
	  .properties = { .user = "alice" }, .is_system = true },
	{ Q("home-prot", "exec-directory-right", "ProtectHome="),
	  .certainty = CG2_CERTAINTY_PROBABLE, .file = FILE_(.has_x = true),
	  .properties = { .protect_home = "yes" }, .is_system = true },
	{ Q("chdir", "setup-chdir",
	    "WorkingDirectory=/no/such/dir cannot be entered: No such file"),
	  .properties = { .working_directory = "/no/such/dir" } },
	{ Q("user", "setup-user", "User=nosuch is unknown"), .properties = { .user = "nosuch" } },
	{ Q("group", "setup-group", "Group=nosuch is unknown"),
	  .properties = { .group = "nosuch" } },
	{ Q("stdin", "setup-stdio", "StandardInput= names cannot be opened: No such file") },
	{ Q("stdout", "setup-stdio", "StandardOutput= names cannot be opened: No such file") },
	{ Q("ttypath", "setup-stdio", "TTYPath=/dev/tty99"),
	  .properties = { .tty_path = "/dev/tty99" } },
	{ Q("rwpaths", "setup-namespace", "/no/such/rw: No such file") },
	{ Q("netns", "setup-step", "225/NETWORK") },
	{ Q("cred", "setup-step", "243/CREDENTIALS"), .is_system = true },
	{ Q("inside", "command-not-found-inside", "did not find the command xp-tool"),
	  .certainty = CG2_CERTAINTY_PROBABLE },
	{ Q("inside-sh", "command-not-found-inside", "it is in /opt/x"),
	  .certainty = CG2_CERTAINTY_PROBABLE, .hint = "Environment=PATH=/opt/x:/s",
	  .elsewhere = "/opt/x" },
	{ Q("watchdog", "watchdog", "no WATCHDOG=1 for 1s"),
	  .properties = { .watchdog_usec = USEC_PER_SEC } },
	{ Q("notify-timeout", "start-timeout-notify",
	    "READY=1, which Type=notify waits for, in 1s"),
	  .properties = { .type = "notify", .timeout_start_usec = USEC_PER_SEC } },
	{ Q("forking-timeout", "start-timeout", "first process has ended"),
	  .properties = { .type = "forking" } },
	{ Q("forking-pidfile", "start-timeout", "wrote no /x.pid"),
	  .properties = { .type = "forking", .pid_file = "/x.pid" } },
	{ Q("dbus-timeout", "start-timeout", "no name org.example.No on the bus"),
	  .properties = { .type = "dbus", .bus_name = "org.example.No" } },
	{ Q("killed-pre", "start-timeout", "ExecStartPre="), .properties = { .type = "notify" } },
	{ Q("stop-timeout", "stop-timeout", "did not in 1s (TimeoutStopSec=)"),
	  .properties = { .timeout_stop_usec = USEC_PER_SEC } },
	{ Q("runtime-max", "runtime-max", "RuntimeMaxSec=1s"),
	  .properties = { .runtime_max_usec = USEC_PER_SEC } },
	{ Q("protocol", "protocol", "before it had sent READY=1"),
	  .properties = { .type = "notify" } },
	{ Q("seccomp", "seccomp", "a system call is forbidden"),
	  .certainty = CG2_CERTAINTY_PROBABLE },
	{ Q("segv", "core", "it crashed with SIGSEGV") },
	{ Q("by-client", "killed-by-client", "had systemd send it SIGKILL") },
	{ Q("by-other", "signal", "killed by SIGKILL from elsewhere") },
	{ Q("tty", "no-terminal", "cannot open /dev/tty"), .certainty = CG2_CERTAINTY_POSSIBLE },
	{ Q("home", "no-home", "GOCACHE is not defined"), .certainty = CG2_CERTAINTY_PROBABLE },
	{ Q("home", "no-home", "GOCACHE is not defined"), .certainty = CG2_CERTAINTY_POSSIBLE,
	  .properties = { .has_home = true } },
	{ Q("nospace", "no-space", "No space left on device"),
	  .certainty = CG2_CERTAINTY_POSSIBLE },
	{ Q("inuse", "address-in-use", "Address already in use"),
	  .certainty = CG2_CERTAINTY_POSSIBLE },
	{ Q("exit3", "exit", "it ended with status 3; its last line: \"last words\"") },
	{ Q("exit203", "exit", "it ended with status 203") },
	{ Q("exit137", "exit-128n", "died of SIGKILL"), .certainty = CG2_CERTAINTY_POSSIBLE },
	{ Q("pre", "exit", "its ExecStartPre= ended with status 4") },
	{ Q("pre-missing", "exec-not-found", "/no/such/pre is not there"),
	  .file = FILE_(.code = ENOENT) },
	{ Q("post", "exit", "its ExecStartPost= ended with status 5") },
	{ Q("lives3", "ended-well", "it ended by itself") },
	{ Q("device", "dependency", "a unit that it needs") },
	/* Without a journal there is what the manager knows. */
	{ Q("u", "running", "it is active"), .properties = { .active_state = "active" },
	  .is_unread = true },
	{ Q("u", "skipped-condition", "ConditionX=y was not met"), .is_unread = true,
	  .properties = { .condition = (char *)"ConditionX=y", .active_state = "inactive" } },
	{ Q("u", "exec-other", "systemd could not execute"), .certainty = CG2_CERTAINTY_PROBABLE,
	  .properties = { EXITED(203), .invocation = "x" }, .is_unread = true },
	{ Q("u", "setup-chdir", "WorkingDirectory=/y"), .certainty = CG2_CERTAINTY_PROBABLE,
	  .is_unread = true,
	  .properties = { EXITED(200), .working_directory = "/y", .invocation = "x" } },
	{ Q("u", "signal", "who sent it is unknown to you"), .is_unread = true,
	  .properties = { KILLED(SIGKILL), .invocation = "x", .result = "signal" } },
	{ Q("u", "exit", "it ended with status 7"), .is_unread = true,
	  .properties = { EXITED(7), .invocation = "x", .result = "exit-code" } },
	{ Q("u", "oom-unknown-limit", "by whose limit is unknown to you"), .is_unread = true,
	  .properties = { KILLED(SIGKILL), .invocation = "x", .result = "oom-kill",
			  .memory_max = CG2_MAX } },
	{ Q("u", "oom-unknown-limit", "by its own memory.max 50M, or systemd-oomd did"),
	  .is_unread = true, .certainty = CG2_CERTAINTY_PROBABLE,
	  .properties = { KILLED(SIGKILL), .invocation = "x", .result = "oom-kill",
			  .memory_max = 50 << 20 } },
	{ Q("u", "watchdog", "no WATCHDOG=1"), .is_unread = true,
	  .properties = { KILLED(SIGABRT), .invocation = "x", .result = "watchdog" } },
	{ Q("u", "protocol", "before it had sent READY=1"), .is_unread = true,
	  .properties = { .type = "notify", .invocation = "x", .result = "protocol" } },
	{ Q("u", "ended-well", "ended by itself, with 0"), .is_unread = true,
	  .properties = { EXITED(0), .invocation = "x", .result = "success" } },
	{ Q("u", "unknown", "nothing that you may read tells"), .is_unread = true,
	  .certainty = CG2_CERTAINTY_POSSIBLE, .properties = { .active_state = "inactive" } },
};

/* ---- one life ---- */

static int collect(void *userdata, struct journal_entry *entry)
{
	return journal_list_add(userdata, entry) < 0 ? -ENOMEM : 1;
}

static void query(struct recording *r, const char *field, const char *name,
		  struct journal_list *list)
{
	_cleanup_free_ char *term = text_format("%s=%s", field, name);
	const struct journal_query q = { { term }, 0, UINT64_MAX };

	assert_int_equal(r->source.read(&r->source, &q, collect, list), 0);
}

/* Everything that is known of a unit in a recording. */
struct world {
	struct recording recording;
	enum cg2_manager manager;
	char *name;
	struct journal_list entries;
	struct journal_list own;
	struct journal_list steps;
	struct explain_life *lives;
	size_t n_lives;
	struct explain_unit unit;
	struct explain_facts facts;
	struct explain_answer *answers;
	size_t n_answers;
};

static void world_clear(struct world *w)
{
	for (size_t i = 0; i < w->n_answers; i++)
		explain_answer_clear(&w->answers[i]);
	free(w->answers);
	free(w->lives);
	free(w->name);
	journal_list_clear(&w->entries);
	journal_list_clear(&w->own);
	journal_list_clear(&w->steps);
}

/* What the unit itself printed: the manager's child has the unit's cgroup, too. */
static void keep_own(struct world *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->own.n; i++) {
		struct journal_entry *entry = w->own.entries[i];

		if (!*journal_get(entry, JOURNAL_INVOCATION_ID) &&
		    !*journal_get(entry, JOURNAL_USER_INVOCATION_ID)) {
			w->own.entries[n++] = entry;
			continue;
		}
		if (w->n_lives)
			explain_life_take_childs(w->lives, entry);
		assert_int_equal(journal_list_add(&w->steps, entry), 0);
	}
	w->own.n = n;
}

static void read_world(struct world *w, const char *unit)
{
	bool is_user = w->manager == CG2_MANAGER_USER;
	const struct explain_unit about = {
		.manager = w->manager, .uid = is_user ? ALICE : 0, .user_uid = ALICE
	};

	w->name = text_format("live-xp-%s.service", unit);
	query(&w->recording, is_user ? "USER_UNIT" : "UNIT", w->name, &w->entries);
	query(&w->recording, is_user ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT", w->name, &w->own);
	assert_int_equal(explain_lives_make(&w->entries, &about, &w->lives, &w->n_lives),
			 0);
	keep_own(w);
}

/* As explain-facts.c counts them. */
static size_t count_starts(const struct world *w)
{
	size_t n = 0;

	while (n + 1 < w->n_lives && w->lives[n + 1].restart)
		n++;
	return n;
}

static void decide(struct world *w, const struct question *q)
{
	w->unit = q->properties;
	w->unit.name = w->name;
	w->unit.manager = w->manager;
	w->unit.search_path = "/s";
	w->facts = (struct explain_facts){
		.unit = &w->unit,
		.life = w->n_lives ? w->lives : NULL,
		.n_starts = count_starts(w),
		.starts_usec = USEC_PER_SEC,
		.is_current = true,
		.is_alive = text_is(q->properties.active_state, "active"),
		.own = q->is_unread ? NULL : &w->own,
		.file = q->file,
		.elsewhere = q->elsewhere,
		.need = q->need,
		.need_reason = q->need ? "it is ill" : NULL,
		.need_hint = q->need ? "heal it" : NULL,
		.n_needs = q->need ? 1 : 0,
		.has_journal = !q->is_unread,
		.has_kernel = !q->is_unread,
	};
	for (size_t i = 0; i < w->entries.n && !w->facts.config; i++)
		if (journal_has(w->entries.entries[i], JOURNAL_MESSAGE_ID,
				"c772d24e9a884cbeb9ea12625c306c01"))
			w->facts.config = w->entries.entries[i];
	assert_int_equal(explain_decide(&w->facts, &w->answers, &w->n_answers), 0);
}

/* All that is wrong is told before the test fails. */
static unsigned int n_wrong;

#define complain(...) (n_wrong++, print_error(__VA_ARGS__), print_error("\n"))

static void check_answer(const struct world *w, const struct question *q, const char *recording)
{
	const struct explain_answer *a = w->answers;
	const char *cause;

	assert_true(w->n_answers > 0);
	cause = explain_rule(a->cause)->info.id;
	if (strcmp(cause, q->cause) != 0 || !strstr(a->reason, q->reason))
		complain("%s in %s: %s: %s; wanted %s: %s", q->unit, recording, cause, a->reason,
			 q->cause, q->reason);
	if (a->certainty != q->certainty)
		complain("%s in %s: %s", q->unit, recording, cg2_certainty_to_string(a->certainty));
	if (q->hint && (!a->hint || !strstr(a->hint, q->hint)))
		complain("%s in %s: hint %s", q->unit, recording, a->hint ? a->hint : "(none)");
}

/* Causes that no unit here has: the tests below have them. */
static bool is_asked_for[128];

static void ask(const struct question *q, const char *recording, enum cg2_manager manager)
{
	struct world w = { .manager = manager };

	if (q->is_system && manager == CG2_MANAGER_USER)
		return;
	open_recording(&w.recording, recording);
	if (q->is_unread)
		w.name = strdup("live-xp-u.service");
	else
		read_world(&w, q->unit);
	decide(&w, q);
	check_answer(&w, q, recording);
	is_asked_for[w.answers[0].cause] = true;
	world_clear(&w);
	close_recording(&w.recording);
}

static void recorded_ends_have_causes(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		for (size_t k = 0; k < ARRAY_SIZE(recordings); k++)
			ask(&questions[i], recordings[k].name, recordings[k].manager);
	assert_int_equal(n_wrong, 0);
}

/* ---- what no native machine can stage: memory, tasks, systemd-oomd, cores ---- */

#define UNIT_CGROUP "/system.slice/live-xp-u.service"
#define ID "0123456789abcdef0123456789abcdef"
#define MANAGER                                                                                    \
	"_PID=1 _UID=0 _TRANSPORT=journal _SYSTEMD_CGROUP=/init.scope _SYSTEMD_UNIT=init.scope\n"  \
	"\n"
#define SAYS(id, rest)                                                                             \
	"+1 M\nMESSAGE_ID=" id "\nUNIT=live-xp-u.service\nINVOCATION_ID=" ID "\n" rest "\n"
#define STARTED SAYS("39f53479d3a045ac8e11786248231fbf", "JOB_RESULT=done\n")
#define ENDED(code, status)                                                                        \
	SAYS("98e322203f7a4ed290d09fe03c09fe15",                                                   \
	     "EXIT_CODE=" code "\nEXIT_STATUS=" status "\nCOMMAND=ExecStart\n")
#define FAILED(result) SAYS("d9b373ed55a64feb8242e02dbe79a49c", "UNIT_RESULT=" result "\n")
#define OOM SAYS("fe6faa94e7774663a0da52717891d8ef", "")
#define TEXT_SAID(text) SAYS("0", "MESSAGE=live-xp-u.service: " text "\n")
#define JOB(result)                                                                                \
	"+1 M\nMESSAGE_ID=be02cf6855d2428ba40df7e9d022f03d\nUNIT=live-xp-u.service\nJOB_ID=7\n"    \
	"JOB_TYPE=start\nJOB_RESULT=" result "\n\n"
#define KERNEL_OOM(limit, victim)                                                                  \
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0," limit      \
	"task_memcg=" victim ",task=python3,pid=4711,uid=0"

struct made {
	const char *text; /* the manager's messages */
	const char *cause;
	const char *reason;
	const char *kernel; /* one line of it, or NULL */
	const char *oomd;
	unsigned int certainty;
	bool is_also; /* not the cause, but told beside it */
	bool is_all;  /* and nothing else is told */
	bool is_gone; /* its cgroup, as it is with the end of a real unit */
};

#define M(text_, cause_, reason_) .text = (text_), .cause = (cause_), .reason = (reason_)

static const struct made made[] = {
	{ M(STARTED OOM ENDED("killed", "9") FAILED("oom-kill"), "oom-own",
	    "memory.max 50M of live-xp-u.service was reached; the kernel killed python3 (4711)"),
	  .kernel = KERNEL_OOM("oom_memcg=" UNIT_CGROUP ",", UNIT_CGROUP) },
	{ M(STARTED OOM ENDED("killed", "9") FAILED("oom-kill"), "oom-own",
	    "memory.max of live-xp-u"),
	  .kernel = KERNEL_OOM("oom_memcg=" UNIT_CGROUP "/child,", UNIT_CGROUP "/child") },
	{ M(STARTED OOM ENDED("killed", "9") FAILED("oom-kill"), "oom-ancestor",
	    "memory.max 1G of system.slice was reached"),
	  .kernel = KERNEL_OOM("oom_memcg=/system.slice,", UNIT_CGROUP) },
	{ M(STARTED OOM ENDED("killed", "9") FAILED("oom-kill"), "oom-ram",
	    "the machine had none left"),
	  .kernel = KERNEL_OOM("global_oom,", UNIT_CGROUP) },
	{ M(STARTED OOM ENDED("killed", "15") FAILED("oom-kill"), "oom-helper", "stopped the rest"),
	  .kernel = KERNEL_OOM("oom_memcg=" UNIT_CGROUP ",", UNIT_CGROUP), .is_also = true },
	{ M(STARTED OOM SAYS("7ad2d189f7e94e70a38c781354912448", ""), "ended-well", "by itself") },
	{ M(STARTED OOM ENDED("killed", "9") FAILED("oom-kill"), "oom-unknown-limit",
	    "by whose limit is unknown") },
	{ M(STARTED ENDED("killed", "9") FAILED("signal"), "signal", "SIGKILL from elsewhere"),
	  .kernel = KERNEL_OOM("oom_memcg=/a,", "/system.slice/live-xp-u.service.d") },
	{ M(STARTED ENDED("killed", "9") FAILED("signal"), "oomd", "due to memory pressure"),
	  .oomd = "Killed /system.slice due to memory pressure for /system.slice being 62%" },
	{ M(STARTED SAYS("d989611b15e44c9dbf31e3c81256e4ed", "N_PROCESSES=3\n")
		    ENDED("killed", "9") FAILED("oom-kill"),
	    "oomd", "systemd-oomd killed the group"), .is_all = true },
	{ M(STARTED ENDED("exited", "1") FAILED("exit-code"), "tasks", "forks were refused in it"),
	  .kernel = "cgroup: fork rejected by pids controller in " UNIT_CGROUP,
	  .certainty = CG2_CERTAINTY_PROBABLE },
	{ M(STARTED ENDED("exited", "1") FAILED("exit-code"), "exit", "status 1"),
	  .kernel = "cgroup: fork rejected by pids controller in " UNIT_CGROUP "x" },
	/* Its cgroup has gone: its manager knows the limits, and counters above say nothing. */
	{ M(STARTED OOM ENDED("killed", "9") FAILED("oom-kill"), "oom-own",
	    "memory.max 30M of live-xp-u.service was reached"),
	  .kernel = KERNEL_OOM("oom_memcg=" UNIT_CGROUP ",", UNIT_CGROUP), .is_gone = true },
	{ M(STARTED OOM ENDED("killed", "9") FAILED("oom-kill"), "oom-ancestor",
	    "memory.max 1G of system.slice was reached"),
	  .kernel = KERNEL_OOM("oom_memcg=/system.slice,", UNIT_CGROUP), .is_gone = true },
	{ M(STARTED ENDED("exited", "2") FAILED("exit-code"), "tasks",
	    "probably by its own TasksMax= (pids.max 3)"),
	  .kernel = "cgroup: fork rejected by pids controller in " UNIT_CGROUP,
	  .certainty = CG2_CERTAINTY_PROBABLE, .is_gone = true },
	{ M(STARTED ENDED("exited", "2") FAILED("exit-code"), "exit", "status 2"),
	  .kernel = "cgroup: fork rejected by pids controller in /system.slice/other.service",
	  .is_gone = true },
	{ M(STARTED ENDED("dumped", "11") FAILED("core-dump"), "core", "it crashed with SIGSEGV") },
	{ M(STARTED ENDED("killed", "31") FAILED("signal"), "seccomp", "the system call 39"),
	  .kernel = "audit: type=1326 audit(1.1:1): uid=0 pid=4711 comm=\"x\" sig=31 syscall=39 "
		    "ip=0" },
	{ M(STARTED TEXT_SAID("Killing process 4711 (x) with signal SIGKILL.") ENDED("killed", "9"),
	    "killed-by-manager", "systemd killed it with SIGKILL") },
	{ M(STARTED TEXT_SAID("Bound to unit a.device, but unit isn't active.")
		    SAYS("de5b426a63be47a7b6ac3eaac82e2f6f", "JOB_TYPE=stop\n"),
	    "stopped", "BindsTo=") },
	{ M(SAYS("7d4958e842da4a758f6c1cdc7b36dcc5", "JOB_TYPE=start\n") TEXT_SAID(
		    "Failed to fork: Resource temporarily unavailable") FAILED("resources"),
	    "manager-cannot-fork", "could not make a process") },
	{ M(TEXT_SAID("No PIDs left to attach to the scope's control group, refusing.")
		    FAILED("resources"),
	    "scope-no-process", "had ended before") },
	{ M(JOB("canceled"), "job-canceled", "canceled") },
	{ M(JOB("timeout"), "job-timeout", "JobTimeoutSec=") },
	{ M(STARTED, "unloaded", "its manager has forgotten it"),
	  .certainty = CG2_CERTAINTY_POSSIBLE },
};

/* One line that the journal has from somebody else. */
static struct journal_list line_of(struct recording *r, const char *text)
{
	_cleanup_free_ char *recorded =
		text ? text_format("_TRANSPORT=kernel\n\n+1 M\nMESSAGE=%s\n", text) : NULL;

	open_text(r, recorded ? recorded : "\n");
	return r->entries;
}

static void decide_made(struct world *w, const struct made *m)
{
	static const struct explain_level levels[] = {
		{ (char *)UNIT_CGROUP,
		  { .memory_max = 50 << 20, .pids_max = 5, .pids_local = UNKNOWN } },
		/* Forks that were refused there were another unit's. */
		{ (char *)"/system.slice",
		  { .memory_max = 1 << 30, .pids_max = CG2_MAX, .pids_local = 9 } },
	};
	struct recording kernel, oomd;
	const struct journal_list kernel_lines = line_of(&kernel, m->kernel);
	const struct journal_list oomd_lines = line_of(&oomd, m->oomd);
	bool has_levels = m->kernel;
	size_t n_gone = m->is_gone;

	w->unit = (struct explain_unit){ .name = w->name,
					 .cgroup = UNIT_CGROUP,
					 .manager = w->manager,
					 .search_path = "/s",
					 .memory_max = 30 << 20,
					 .tasks_max = 3,
					 .pid = 4711 };
	w->facts = (struct explain_facts){
		.unit = &w->unit,
		.life = w->lives,
		.is_current = has_levels,
		.own = &w->own,
		.kernel = &kernel_lines,
		.oomd = &oomd_lines,
		.levels = has_levels ? levels + n_gone : NULL,
		.n_levels = has_levels ? ARRAY_SIZE(levels) - n_gone : 0,
		.has_journal = true,
		.has_kernel = true,
	};
	assert_int_equal(explain_decide(&w->facts, &w->answers, &w->n_answers), 0);
	close_recording(&kernel);
	close_recording(&oomd);
}

static const struct explain_answer *find_answer(const struct world *w, const struct made *m)
{
	for (size_t i = 0; i < w->n_answers && (i == 0 || m->is_also); i++)
		if (strcmp(explain_rule(w->answers[i].cause)->info.id, m->cause) == 0)
			return &w->answers[i];
	return NULL;
}

static void made_up_ends_have_causes(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		_cleanup_free_ char *text = text_format("%s%s", MANAGER, made[i].text);
		struct world w = { .manager = CG2_MANAGER_SYSTEM };
		const struct explain_answer *a;

		assert_non_null(text);
		open_text(&w.recording, text);
		read_world(&w, "u");
		assert_true(w.n_lives > 0);
		decide_made(&w, &made[i]);
		a = find_answer(&w, &made[i]);
		check_case(made[i].cause, !made[i].is_all || w.n_answers == 1);
		if (!a || !strstr(a->reason, made[i].reason) || a->certainty != made[i].certainty)
			complain("%zu: %s: %s; wanted %s: %s", i,
				 explain_rule(w.answers[0].cause)->info.id, w.answers[0].reason,
				 made[i].cause, made[i].reason);
		else
			is_asked_for[a->cause] = true;
		world_clear(&w);
		close_recording(&w.recording);
	}
	assert_int_equal(n_wrong, 0);
}

/* No cause without a case. What execve(2) says of these tests/unit/test-exec.c has. */
static void every_cause_has_a_case(void **state _unused_)
{
	static const char *const elsewhere[] = { "exec-too-long", "exec-eperm", "exec-memory" };

	for (unsigned int i = 0; cg2_cause_get_info(i); i++) {
		const char *id = explain_rule(i)->info.id;
		bool has_case = is_asked_for[i];

		for (size_t k = 0; k < ARRAY_SIZE(elsewhere); k++)
			has_case = has_case || strcmp(id, elsewhere[k]) == 0;
		check_case(id, has_case);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_ends_have_causes),
		cmocka_unit_test(made_up_ends_have_causes),
		cmocka_unit_test(every_cause_has_a_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
