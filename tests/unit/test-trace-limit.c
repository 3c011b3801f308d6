/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which limit a call failed by: each row of the tables, and what must not be claimed.
 */
#include "tests/unit/trace-case.h"

typedef void (*stage_fn)(struct trace_record *record);

/* What a case has to come to. */
struct limit_case {
	const char *name;
	stage_fn stage;
	const char *file; /* NULL: no limit */
	const char *cgroup;
	uint64_t limit; /* 0: unknown */
	bool is_own;
	enum cg2_certainty certainty;
	const char *reason;
	const char *hint;
	uint64_t advised; /* tasks; 0: none */
};

#define CERTAIN .certainty = CG2_CERTAINTY_CERTAIN
#define PROBABLE .certainty = CG2_CERTAINTY_PROBABLE
#define POSSIBLE .certainty = CG2_CERTAINTY_POSSIBLE

static bool is_text(const char *text, const char *wanted)
{
	return wanted ? text && strcmp(text, wanted) == 0 : !text;
}

static void check(const struct limit_case *c)
{
	struct trace_record record = { .type = TRACE_FAILED };
	struct trace_limit limit;

	c->stage(&record);
	assert_int_equal(trace_limit_find(&record, &place, &limit), 0);
	if (!is_text(limit.reason, c->reason) || !is_text(limit.hint, c->hint))
		fail_msg("%s: '%s', hint '%s'", c->name, limit.reason, limit.hint);
	check_case(c->name, is_text(limit.file, c->file));
	check_case(c->name, is_text(limit.cgroup, c->cgroup));
	check_case(c->name, limit.limit == (c->limit ? c->limit : CG2_MAX));
	check_case(c->name, limit.is_own == c->is_own);
	check_case(c->name, limit.certainty == c->certainty);
	check_case(c->name, (limit.advice.kind == CG2_ADVICE_RAISE_LIMIT) == (c->advised > 0));
	check_case(c->name, limit.advice.value == c->advised);
	trace_limit_clear(&limit);
}

#define CHECK(cases) \
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) \
		check(&(cases)[i])

/* ---- processes and threads ---- */

static void own_limit(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	set_level(&r->facts, LEVEL_RUN, RUN, 32, 32);
	r->facts.levels[LEVEL_RUN].has_moved = true;
}

/* Somebody has left meanwhile. */
static void own_limit_with_room(struct trace_record *r)
{
	own_limit(r);
	r->facts.levels[LEVEL_RUN].current = 3;
}

/* A group below the command's, with a limit of its own. */
static void inner_limit(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	snprintf(r->facts.cgroup, sizeof(r->facts.cgroup), RUN "/cgscope-true-2");
	memmove(&r->facts.levels[1], &r->facts.levels[0], 6 * sizeof(r->facts.levels[0]));
	set_level(&r->facts, 0, RUN "/cgscope-true-2", 4, 4);
	r->facts.n_levels = 7;
	r->facts.levels[0].has_moved = true;
}

static void limit_above(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	set_level(&r->facts, LEVEL_SLICE, SLICE, 100, 100);
	r->facts.levels[LEVEL_SLICE].has_moved = true;
}

/* Its counter grew by a neighbour's failure; it has room. */
static void refusals_of_neighbours(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts.levels[LEVEL_SLICE].has_moved = true;
}

static void refusals_of_neighbours_and_nproc(struct trace_record *r)
{
	refusals_of_neighbours(r);
	r->facts.user_tasks = 60;
	r->facts.rlimit_nproc = 60;
}

static void make_old(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	for (size_t i = 0; i < r->facts.n_levels; i++)
		r->facts.levels[i].is_local = false;
	r->facts.levels[LEVEL_RUN].has_moved = true;
}

static void old_own(struct trace_record *r)
{
	make_old(r);
	r->facts.levels[LEVEL_RUN].current = 32;
}

static void old_above(struct trace_record *r)
{
	make_old(r);
	r->facts.levels[LEVEL_SLICE].current = 100;
}

/* The kernel asks the lower one first, but may not have come to it. */
static void old_both(struct trace_record *r)
{
	old_own(r);
	r->facts.levels[LEVEL_SLICE].current = 100;
}

/* The scope around it has room for the holder alone. */
static void old_scope(struct trace_record *r)
{
	old_own(r);
	r->facts.levels[LEVEL_SCOPE].current = r->facts.levels[LEVEL_SCOPE].max;
}

static void old_with_room(struct trace_record *r)
{
	make_old(r);
	r->facts.levels[LEVEL_RUN].current = 31;
}

static void old_hidden(struct trace_record *r)
{
	make_old(r);
	for (size_t i = 0; i < r->facts.n_levels; i++)
		r->facts.levels[i].max = CG2_MAX;
}

/* The refusal was put down to another failure of that moment. */
static void full_without_count(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts.levels[LEVEL_RUN].current = 32;
}

static void nproc(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts.user_tasks = 60;
	r->facts.rlimit_nproc = 60;
}

static void nproc_of_root(struct trace_record *r)
{
	nproc(r);
	r->facts.is_nproc_exempt = true;
}

static void nproc_hidden(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts.user_tasks = 10;
	r->facts.rlimit_nproc = 12;
	r->facts.are_tasks_hidden = true;
}

static void threads_max(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts.tasks = 19995;
}

static void pid_max(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts.threads_max = CG2_MAX;
	r->facts.pid_max = 1000;
	r->facts.tasks = 700;
}

static void none_reached(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts.are_tasks_hidden = true;
}

static void nothing_read(struct trace_record *r)
{
	*r = failed_fork(EAGAIN);
	r->facts = (struct trace_facts){
		.user_tasks = UNKNOWN, .rlimit_nproc = UNKNOWN, .tasks = UNKNOWN,
		.threads_max = UNKNOWN, .pid_max = UNKNOWN,
	};
}

static void dead_namespace(struct trace_record *r)
{
	*r = failed_fork(ENOMEM);
	r->facts.is_namespace_dead = true;
}

static void fork_commit(struct trace_record *r)
{
	*r = failed_fork(ENOMEM);
	r->facts.overcommit = 2;
	r->facts.vm_data = 900 * M;
}

static void fork_oom(struct trace_record *r)
{
	*r = failed_fork(ENOMEM);
	r->facts.is_oom_moved = true;
}

static void fork_no_memory(struct trace_record *r)
{
	*r = failed_fork(ENOMEM);
}

static void namespaces_max(struct trace_record *r)
{
	*r = failed_fork(ENOSPC);
	r->call.flags = CLONE_NEWUSER | CLONE_NEWPID;
	r->facts.namespaces_max = 5;
}

static void namespace_right(struct trace_record *r)
{
	*r = failed_fork(EPERM);
	r->call.flags = CLONE_NEWNET;
}

static void user_namespace_right(struct trace_record *r)
{
	*r = failed_fork(EPERM);
	r->call.flags = CLONE_NEWUSER;
}

static void own_filter(struct trace_record *r)
{
	*r = failed_fork(EPERM);
	r->facts.n_filters = 1;
}

static void filter_of_container(struct trace_record *r)
{
	*r = failed_fork(ENOSYS);
	r->facts.n_filters_before = 1;
}

static void invalid_flags(struct trace_record *r)
{
	*r = failed_fork(EINVAL);
}

static const struct limit_case tasks[] = {
	{ "own", own_limit, "pids.max", RUN, 32, true, CERTAIN, "pids.max 32 of this scope",
	  "raise pids.max to 64", 64 },
	{ "own, room again", own_limit_with_room, "pids.max", RUN, 32, true, CERTAIN,
	  "pids.max 32 of this scope", "raise pids.max to 64", 64 },
	{ "below", inner_limit, "pids.max", RUN "/cgscope-true-2", 4, false, CERTAIN,
	  "pids.max 4 of " RUN "/cgscope-true-2", "raise pids.max of " RUN "/cgscope-true-2 to 8",
	  0 },
	{ "above", limit_above, "pids.max", SLICE, 100, false, PROBABLE,
	  "pids.max 100 of user-1000.slice",
	  "as root: systemctl set-property user-1000.slice TasksMax=200", 0 },
	{ "neighbours", refusals_of_neighbours, NULL, NULL, 0, false, POSSIBLE,
	  "unknown: none of the limits is reached, pids.max 32 of this scope (20), pids.max 34 of "
	  "this scope (22), pids.max 100 of user-1000.slice (50), RLIMIT_NPROC 1000 (50), "
	  "kernel.threads-max 20000 (200), kernel.pid_max 4194304 (200)",
	  NULL, 0 },
	{ "neighbours, and RLIMIT_NPROC", refusals_of_neighbours_and_nproc, "RLIMIT_NPROC", NULL,
	  60, false, PROBABLE, "RLIMIT_NPROC 60 of uid 1000 (60 tasks)",
	  "ulimit -u 120 (the hard limit: /etc/security/limits.conf)", 0 },
	{ "6.1: own", old_own, "pids.max", RUN, 32, true, CERTAIN, "pids.max 32 of this scope",
	  "raise pids.max to 64", 64 },
	{ "6.1: above", old_above, "pids.max", SLICE, 100, false, PROBABLE,
	  "pids.max 100 of user-1000.slice",
	  "as root: systemctl set-property user-1000.slice TasksMax=200", 0 },
	{ "6.1: both are full", old_both, "pids.max", RUN, 32, true, PROBABLE,
	  "pids.max 32 of this scope", "raise pids.max to 64", 64 },
	{ "6.1: the scope, too", old_scope, "pids.max", RUN, 32, true, CERTAIN,
	  "pids.max 32 of this scope", "raise pids.max to 64", 64 },
	{ "6.1: none is full any more", old_with_room, "pids.max", RUN, 32, true, PROBABLE,
	  "pids.max 32 of this scope", "raise pids.max to 64", 64 },
	{ "6.1: in a container", old_hidden, "pids.max", NULL, 0, false, CERTAIN,
	  "pids.max of a cgroup above that cannot be seen from here", NULL, 0 },
	{ "full", full_without_count, "pids.max", RUN, 32, true, PROBABLE,
	  "pids.max 32 of this scope", "raise pids.max to 64", 64 },
	{ "RLIMIT_NPROC", nproc, "RLIMIT_NPROC", NULL, 60, false, PROBABLE,
	  "RLIMIT_NPROC 60 of uid 1000 (60 tasks)",
	  "ulimit -u 120 (the hard limit: /etc/security/limits.conf)", 0 },
	{ "RLIMIT_NPROC does not bind root", nproc_of_root, NULL, NULL, 0, false, POSSIBLE,
	  "unknown: none of the limits is reached, pids.max 32 of this scope (20), pids.max 34 of "
	  "this scope (22), pids.max 100 of user-1000.slice (50), kernel.threads-max 20000 (200), "
	  "kernel.pid_max 4194304 (200)",
	  NULL, 0 },
	{ "RLIMIT_NPROC in a PID namespace", nproc_hidden, "RLIMIT_NPROC", NULL, 12, false,
	  PROBABLE, "RLIMIT_NPROC 12 of uid 1000 (at least 10 tasks)",
	  "ulimit -u 24 (the hard limit: /etc/security/limits.conf)", 0 },
	{ "threads-max", threads_max, "kernel.threads-max", NULL, 20000, false, PROBABLE,
	  "kernel.threads-max 20000 (19995 tasks)", "as root: sysctl kernel.threads-max=40000", 0 },
	{ "pid_max", pid_max, "kernel.pid_max", NULL, 1000, false, PROBABLE,
	  "kernel.pid_max 1000 (700 tasks)", "as root: sysctl kernel.pid_max=2000", 0 },
	{ "hidden", none_reached, NULL, NULL, 0, false, POSSIBLE,
	  "unknown: none of the limits is reached, pids.max 32 of this scope (20), pids.max 34 of "
	  "this scope (22), pids.max 100 of user-1000.slice (50), RLIMIT_NPROC 1000 (50) as far as "
	  "can be seen from here, kernel.threads-max 20000 (200), kernel.pid_max 4194304 (200)",
	  NULL, 0 },
	{ "nothing can be read", nothing_read, NULL, NULL, 0, false, POSSIBLE,
	  "unknown: none of the limits is reached", NULL, 0 },
	{ "PID namespace", dead_namespace, NULL, NULL, 0, false, CERTAIN,
	  "the first process of its PID namespace has ended: no other can be made in it",
	  "unshare -f, or keep the first process", 0 },
	{ "commit limit", fork_commit, "CommitLimit", NULL, 1500 * M, false, PROBABLE,
	  "CommitLimit 1500M of the machine (Committed_AS 700M; a copy of its memory, 900M, would "
	  "be over it)",
	  "as root: sysctl vm.overcommit_memory=0, or add swap", 0 },
	{ "memory.max", fork_oom, "memory.max", NULL, 0, true, CERTAIN,
	  "memory.max: nobody could be killed to make room", NULL, 0 },
	{ "no memory", fork_no_memory, NULL, NULL, 0, false, CERTAIN,
	  "the kernel had no memory for it", NULL, 0 },
	{ "namespaces", namespaces_max, "user.max_user_namespaces", NULL, 5, false, PROBABLE,
	  "user.max_user_namespaces 5, or too many user namespaces in each other",
	  "as root: sysctl user.max_user_namespaces=N", 0 },
	{ "no right to a namespace", namespace_right, NULL, NULL, 0, false, CERTAIN,
	  "it may not make a network namespace",
	  "it takes CAP_SYS_ADMIN, or a user namespace around it", 0 },
	{ "no right to a user namespace", user_namespace_right, NULL, NULL, 0, false, CERTAIN,
	  "it may not make a user namespace",
	  "see: sysctl kernel.unprivileged_userns_clone "
	  "kernel.apparmor_restrict_unprivileged_userns",
	  0 },
	{ "filter", own_filter, NULL, NULL, 0, false, PROBABLE,
	  "a seccomp filter that the program has installed", NULL, 0 },
	{ "filter of a container", filter_of_container, NULL, NULL, 0, false, PROBABLE,
	  "a seccomp filter, as containers and services have them",
	  "allow the call: in a service SystemCallFilter=, in a container its seccomp profile", 0 },
	{ "flags", invalid_flags, NULL, NULL, 0, false, CERTAIN, "Invalid argument", NULL, 0 },
};

static void test_tasks(void **state _unused_)
{
	CHECK(tasks);
}

/* ---- memory ---- */

static void address_space(struct trace_record *r)
{
	*r = failed_memory(300 * M);
	r->facts.rlimit_as = 400 * M;
	r->facts.vm_size = 213 * M + 4096;
}

static void data(struct trace_record *r)
{
	*r = failed_memory(300 * M);
	r->facts.rlimit_data = 200 * M;
}

/* RLIMIT_DATA is of memory that can be written. */
static void data_reserved(struct trace_record *r)
{
	data(r);
	r->call.protection = PROT_NONE;
}

static void brk_data(struct trace_record *r)
{
	data(r);
	r->call.number = TRACE_CALL_BRK;
	r->call.protection = 0;
}

static void map_count(struct trace_record *r)
{
	*r = failed_memory(4096);
	r->facts.n_maps = 65531;
}

static void commit(struct trace_record *r)
{
	*r = failed_memory(900 * M);
	r->facts.overcommit = 2;
}

static void more_than_ram(struct trace_record *r)
{
	*r = failed_memory(UINT64_C(1) << 45);
}

static void more_than_ram_shared(struct trace_record *r)
{
	more_than_ram(r);
	r->call.flags = MAP_SHARED | MAP_ANONYMOUS;
}

static void more_than_ram_unreserved(struct trace_record *r)
{
	more_than_ram(r);
	r->call.flags |= MAP_NORESERVE;
}

static void more_than_bits(struct trace_record *r)
{
	*r = failed_memory(UINT64_C(1) << 47);
}

static void more_than_32_bits(struct trace_record *r)
{
	*r = failed_memory(UINT64_C(4080) * M);
	r->call.is_compat = true;
	r->facts.ram_and_swap = UINT64_C(64) << 30;
}

static void huge(struct trace_record *r)
{
	*r = failed_memory(2 * M);
	r->call.flags |= MAP_HUGETLB;
}

static void locked(struct trace_record *r)
{
	*r = failed_memory(9 * M);
	r->call.code = EAGAIN;
	r->call.flags |= MAP_LOCKED;
}

/* memory.max makes no mmap fail. */
static void memory_max(struct trace_record *r)
{
	*r = failed_memory(100 * M);
	r->facts.is_oom_moved = true;
}

static const struct limit_case memory[] = {
	{ "RLIMIT_AS", address_space, "RLIMIT_AS", NULL, 400 * M, false, CERTAIN,
	  "RLIMIT_AS 400M (it has 213M)", "raise ulimit -v", 0 },
	{ "RLIMIT_DATA", data, "RLIMIT_DATA", NULL, 200 * M, false, CERTAIN,
	  "RLIMIT_DATA 200M (it has 50M)", "raise ulimit -d", 0 },
	{ "RLIMIT_DATA, not of what is reserved", data_reserved, NULL, NULL, 0, false, POSSIBLE,
	  "unknown: none of the limits is reached (RLIMIT_AS, RLIMIT_DATA, vm.max_map_count, "
	  "vm.overcommit_memory)",
	  NULL, 0 },
	{ "RLIMIT_DATA by brk", brk_data, "RLIMIT_DATA", NULL, 200 * M, false, CERTAIN,
	  "RLIMIT_DATA 200M (it has 50M)", "raise ulimit -d", 0 },
	{ "max_map_count", map_count, "vm.max_map_count", NULL, 65530, false, CERTAIN,
	  "vm.max_map_count 65530 (it has 65531 mappings)",
	  "as root: sysctl vm.max_map_count=131060", 0 },
	{ "commit limit", commit, "CommitLimit", NULL, 1500 * M, false, CERTAIN,
	  "CommitLimit 1500M of the machine (Committed_AS 700M; vm.overcommit_memory is 2)",
	  "as root: sysctl vm.overcommit_memory=0, or add swap", 0 },
	{ "more than there is", more_than_ram, "ram", NULL, 3000 * M, false, CERTAIN,
	  "it is more than RAM and swap, 3000M", NULL, 0 },
	{ "more than there is, shared", more_than_ram_shared, "ram", NULL, 3000 * M, false, CERTAIN,
	  "it is more than RAM and swap, 3000M", NULL, 0 },
	{ "addresses alone", more_than_ram_unreserved, NULL, NULL, 0, false, POSSIBLE,
	  "unknown: none of the limits is reached (RLIMIT_AS, RLIMIT_DATA, vm.max_map_count, "
	  "vm.overcommit_memory)",
	  NULL, 0 },
	{ "64 bits", more_than_bits, "addresses", NULL, UINT64_C(1) << 47, false, CERTAIN,
	  "its addresses: 128T (it has 100M)", NULL, 0 },
	{ "32 bits", more_than_32_bits, "addresses", NULL, UINT64_C(1) << 32, false, CERTAIN,
	  "its addresses: 4G (it has 100M)", "a 64-bit program has more", 0 },
	{ "huge pages", huge, "vm.nr_hugepages", NULL, 0, false, PROBABLE,
	  "vm.nr_hugepages: 0 huge pages are free", "as root: sysctl vm.nr_hugepages=N", 0 },
	{ "RLIMIT_MEMLOCK", locked, "RLIMIT_MEMLOCK", NULL, 8 * M, false, CERTAIN,
	  "RLIMIT_MEMLOCK 8M (it has 0)", "raise ulimit -l", 0 },
	{ "memory.max", memory_max, NULL, NULL, 0, false, POSSIBLE,
	  "unknown: none of the limits is reached (RLIMIT_AS, RLIMIT_DATA, vm.max_map_count, "
	  "vm.overcommit_memory)",
	  NULL, 0 },
};

static void test_memory(void **state _unused_)
{
	CHECK(memory);
}

/* ---- programs ---- */

static void not_there(struct trace_record *r)
{
	*r = failed_exec("./x", ENOENT);
}

static void interpreter(struct trace_record *r)
{
	*r = failed_exec("./gen.sh", ENOENT);
	r->facts.file = (struct exec_file){ .is_readable = true, .is_interpreter_missing = true,
					    .interpreter = "/usr/bin/python2" };
}

static void crlf(struct trace_record *r)
{
	interpreter(r);
	r->facts.file.is_crlf = true;
}

static void no_right(struct trace_record *r)
{
	*r = failed_exec("./x", EACCES);
	r->facts.file.is_readable = true;
}

static void after_setuid(struct trace_record *r)
{
	*r = failed_exec("/bin/true", EAGAIN);
	r->facts.rlimit_nproc = 20;
	r->facts.user_tasks = 25;
}

static void long_argument(struct trace_record *r)
{
	*r = failed_exec("/bin/true", E2BIG);
	r->call.bytes = 141 * KIB;
	r->call.longest_argument = 140 * KIB;
}

static void many_words(struct trace_record *r)
{
	*r = failed_exec("/bin/true", E2BIG);
	r->call.bytes = 2200 * KIB;
	r->call.longest_argument = 100;
}

static void too_many_words(struct trace_record *r)
{
	many_words(r);
	r->facts.rlimit_stack = CG2_MAX;
	r->call.bytes = 7 * M;
}

static void loop(struct trace_record *r)
{
	*r = failed_exec("./x", ELOOP);
}

static const struct limit_case programs[] = {
	{ "not there", not_there, NULL, NULL, 0, false, CERTAIN, "there is no such file", NULL, 0 },
	{ "interpreter", interpreter, NULL, NULL, 0, false, CERTAIN,
	  "its interpreter /usr/bin/python2 is missing",
	  "install it, or correct the #! line of ./gen.sh", 0 },
	{ "CRLF", crlf, NULL, NULL, 0, false, CERTAIN,
	  "its first line ends as Windows ends lines (\\r\\n)", "sed -i 's/\\r$//' ./gen.sh", 0 },
	{ "no right", no_right, NULL, NULL, 0, false, CERTAIN, "no right to execute it",
	  "if it is a program: chmod +x ./x", 0 },
	{ "RLIMIT_NPROC after setuid", after_setuid, "RLIMIT_NPROC", NULL, 20, false, PROBABLE,
	  "RLIMIT_NPROC 20 of uid 1000 (25 tasks)",
	  "ulimit -u 50 (the hard limit: /etc/security/limits.conf)", 0 },
	{ "a long word", long_argument, NULL, NULL, 0, false, CERTAIN,
	  "a word of 140K among its arguments and environment: one may have 128K",
	  "pass it by a file or a pipe", 0 },
	{ "RLIMIT_STACK", many_words, "RLIMIT_STACK", NULL, 8 * M, false, CERTAIN,
	  "RLIMIT_STACK 8M: its arguments and environment are 2M, and may take a quarter of it",
	  "raise ulimit -s, or use xargs", 0 },
	{ "6M", too_many_words, NULL, NULL, 0, false, CERTAIN,
	  "its arguments and environment, 7M: the kernel takes 6M", NULL, 0 },
	{ "another errno", loop, NULL, NULL, 0, false, PROBABLE,
	  "Too many levels of symbolic links", NULL, 0 },
};

static void test_programs(void **state _unused_)
{
	CHECK(programs);
}

/* ---- without a cgroup of its own ---- */

static void nothing_is_own_where_no_cgroup_was_made(void **state _unused_)
{
	const struct trace_place elsewhere = { .cgroup = RUN };
	struct trace_record record;
	struct trace_limit limit;

	own_limit(&record);
	assert_int_equal(trace_limit_find(&record, &elsewhere, &limit), 0);
	assert_string_equal(limit.reason, "pids.max 32 of " RUN);
	assert_int_equal(limit.certainty, CG2_CERTAINTY_PROBABLE);
	assert_false(limit.is_own);
	assert_int_equal(limit.advice.kind, CG2_ADVICE_NONE);
	trace_limit_clear(&limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tasks),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(nothing_is_own_where_no_cgroup_was_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
