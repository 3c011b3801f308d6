/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verdict: every row of its table, which row goes first, who is to blame and how sure that
 * is, with counters as kernels 6.1 and 6.12 left them and with every one of them missing.
 */
#include "verdict-case.h"

#include "run/record.h"

/* ------------------------------------------------------------------------------------
 * Before it ran
 */

#define EXEC_FAILS(errno_, detail_, hint_)                                  \
	.failure = { .code = (errno_), .op = CG2_OP_EXEC, .path = (char *)"/bin/x", \
		     .detail = (char *)(detail_), .hint = (char *)(hint_) }

static const struct test_case starts[] = {
	{ "refused", .is_refused = true,
	  .failure = { .code = ENOENT, .op = CG2_OP_CONNECT, .path = (char *)"/run/x",
		       .hint = (char *)"loginctl enable-linger me" },
	  NONE, .verdict = CG2_VERDICT_REFUSED,
	  .reason = "cannot reach the systemd manager: /run/x: No such file or directory",
	  .hint = "loginctl enable-linger me" },
	{ "refused, and nothing known", .is_refused = true, NONE,
	  .verdict = CG2_VERDICT_REFUSED, .reason = "it was not started" },
	{ "never ran", NONE, .verdict = CG2_VERDICT_REFUSED,
	  .reason = "it was not started" },
	{ "refused goes before all", .is_refused = true, .end = CG2_END_WALL_TIME,
	  .changes = { OWN_OOM(1) }, KILLED(SIGKILL), NONE, .oom_killed = 1,
	  .verdict = CG2_VERDICT_REFUSED, .reason = "it was not started" },
	{ "not found", EXEC_FAILS(ENOENT, "command not found", NULL), NONE,
	  .verdict = CG2_VERDICT_EXEC,
	  .reason = "cannot execute: /bin/x: command not found" },
	{ "refused, since it can't be executed", .is_refused = true,
	  EXEC_FAILS(ENOENT, "command not found", NULL), NONE, .verdict = CG2_VERDICT_EXEC,
	  .reason = "cannot execute: /bin/x: command not found" },
	{ "exec goes before time", EXEC_FAILS(ENOENT, NULL, NULL),
	  .end = CG2_END_WALL_TIME, EXITED(127), NONE, .verdict = CG2_VERDICT_EXEC,
	  .reason = "cannot execute: /bin/x: No such file or directory" },
	{ "no right", EXEC_FAILS(EACCES, "no right to execute it", "chmod +x /bin/x"), NONE,
	  .verdict = CG2_VERDICT_EXEC,
	  .reason = "cannot execute: /bin/x: no right to execute it",
	  .hint = "chmod +x /bin/x" },
	{ "an errno of no fame", EXEC_FAILS(EIO, NULL, NULL), NONE,
	  .verdict = CG2_VERDICT_EXEC,
	  .reason = "cannot execute: /bin/x: Input/output error" },
	{ "no path", .failure = { .code = EIO, .op = CG2_OP_EXEC }, NONE,
	  .verdict = CG2_VERDICT_EXEC,
	  .reason = "cannot execute: program: Input/output error" },
};

static void test_starts(void **state _unused_)
{
	RUN(starts);
}

/* ------------------------------------------------------------------------------------
 * Time limits, signals, exit codes
 */

#define SLOW(...)                                                                        \
	.end = CG2_END_WALL_TIME, .time_usec = 10000000, KILLED(SIGTERM), NONE,          \
	.verdict = CG2_VERDICT_WALL_TIME,                                                \
	.brakes = { .wall_usec = 10000000, __VA_ARGS__ }

static const struct test_case ends[] = {
	{ "ok", EXITED(0), NONE, .verdict = CG2_VERDICT_OK, .reason = "exit status 0" },
	{ "ok on 6.1", OLD, EXITED(0), NONE, .verdict = CG2_VERDICT_OK,
	  .reason = "exit status 0" },
	{ "failed", EXITED(3), NONE, .verdict = CG2_VERDICT_FAILED,
	  .reason = "exit status 3" },
	{ "failed as shells do", EXITED(139), NONE, .verdict = CG2_VERDICT_FAILED,
	  .reason = "exit status 139, a shell's word for SIGSEGV" },
	{ "failed as perl does", EXITED(255), NONE, .verdict = CG2_VERDICT_FAILED,
	  .reason = "exit status 255" },
	{ "core", .exit_code = CLD_DUMPED, .exit_status = SIGSEGV, NONE,
	  .verdict = CG2_VERDICT_SIGNAL, .reason = "killed by SIGSEGV, core dumped" },
	{ "no core", KILLED(SIGABRT), NONE, .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGABRT" },
	{ "kill -9", KILLED(SIGKILL), NONE, .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGKILL, sent by another process, not by a limit" },
	{ "the log speaks of another", KILLED(SIGKILL), .oom_memcg = "/", NONE,
	  .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGKILL, sent by another process, not by a limit" },
	{ "kill -9 beside an OOM elsewhere", .changes = { AFTER(4, oom_kill, 4),
	  AFTER(4, oom_local, 4), AFTER(4, oom, 4) }, KILLED(SIGKILL), NONE,
	  .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGKILL, sent by another process, not by a limit" },
	{ "ulimit -t", KILLED(SIGXCPU), NONE, .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGXCPU",
	  .hint = "it used more CPU time than ulimit -t allows" },
	{ "no name", KILLED(33), NONE, .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by signal 33" },
	{ "time", .end = CG2_END_WALL_TIME, .time_usec = 10000000, KILLED(SIGTERM), NONE,
	  .verdict = CG2_VERDICT_WALL_TIME, .reason = "ended by its time limit of 10s" },
	{ "time of a polite command", .end = CG2_END_WALL_TIME, .time_usec = 1500000,
	  EXITED(0), NONE, .verdict = CG2_VERDICT_WALL_TIME,
	  .reason = "ended by its time limit of 1.5s" },
	{ "time that nobody knows", .end = CG2_END_WALL_TIME, KILLED(SIGTERM), NONE,
	  .verdict = CG2_VERDICT_WALL_TIME, .reason = "ended by its time limit" },
	{ "time, over memory.high", SLOW(.memory_high = 48 M, .n_high = 12,
					 .memory_full_usec = 8400000),
	  .reason = "ended by its time limit of 10s; memory.high 48M held it back for 84 % of "
		    "the time",
	  .hint = "raise memory.high to 96M" },
	{ "time, over memory.high for less than half of it",
	  SLOW(.memory_high = 48 M, .n_high = 12, .memory_full_usec = 4900000),
	  .reason = "ended by its time limit of 10s" },
	{ "time, waiting for memory of others", SLOW(.memory_high = 48 M, .n_high = 0,
						     .memory_full_usec = 8400000),
	  .reason = "ended by its time limit of 10s" },
	{ "time, without memory.pressure", SLOW(.memory_high = 48 M, .n_high = 12,
						.memory_full_usec = UNKNOWN),
	  .reason = "ended by its time limit of 10s" },
	{ "time, throttled", SLOW(.memory_high = CG2_MAX, .cpu_max = 1000, .n_periods = 100,
				  .n_throttled = 93),
	  .reason = "ended by its time limit of 10s; cpu.max held it back in 93 % of its periods",
	  .hint = "raise cpu.max" },
	{ "time, throttled now and then", SLOW(.cpu_max = 1000, .n_periods = 100,
					       .n_throttled = 49),
	  .reason = "ended by its time limit of 10s" },
	{ "time, no CPU limit of the run", SLOW(.cpu_max = CG2_MAX, .n_periods = 100,
						.n_throttled = 93),
	  .reason = "ended by its time limit of 10s" },
	{ "CPU time", .end = CG2_END_CPU_TIME, .time_usec = 10000000, KILLED(SIGTERM),
	  NONE, .verdict = CG2_VERDICT_CPU_TIME,
	  .reason = "ended by its CPU time limit of 10s" },
	{ "tasks near the run's own limit", .end = CG2_END_THRESHOLD,
	  .stop = { .threshold = "tasks:80%", .value = 26, .cgroup = SCOPE "/run",
		    .file = "pids.max", .limit = 32, .is_own = true, .is_certain = true },
	  KILLED(SIGTERM), BLAME(0, "pids.max", 32, true), .verdict = CG2_VERDICT_PRESSURE,
	  .reason = "ended by the threshold tasks:80%: 26 of pids.max 32 of this run's cgroup",
	  .hint = "raise pids.max to 64" },
	{ "memory near a slice's limit", .end = CG2_END_THRESHOLD,
	  .stop = { .threshold = "memory:90%", .is_bytes = true, .value = 925 M + 4096,
		    .cgroup = USER, .file = "memory.max", .limit = 1024 M,
		    .is_certain = true },
	  EXITED(0), BLAME(4, "memory.max", 1024 M, true), .verdict = CG2_VERDICT_PRESSURE,
	  .reason = "ended by the threshold memory:90%: 925M of memory.max 1G of user-1000.slice",
	  .hint = "as root: systemctl set-property user-1000.slice MemoryMax=2G" },
	{ "memory near the machine's", .end = CG2_END_THRESHOLD,
	  .stop = { .threshold = "memory:90%", .is_bytes = true, .value = 925 M,
		    .file = "ram", .limit = 1024 M },
	  KILLED(SIGTERM), BLAME(SIZE_MAX, "ram", 1024 M, false),
	  .verdict = CG2_VERDICT_PRESSURE,
	  .reason = "ended by the threshold memory:90%: 925M of ram 1G" },
	{ "a number of tasks", .end = CG2_END_THRESHOLD,
	  .stop = { .threshold = "tasks:20", .value = 21, .limit = CG2_MAX },
	  KILLED(SIGKILL), NONE, .verdict = CG2_VERDICT_PRESSURE,
	  .reason = "ended by the threshold tasks:20: 21" },
	{ "pressure", .end = CG2_END_THRESHOLD,
	  .stop = { .threshold = "pressure:memory:full:40%/10s", .is_pressure = true,
		    .value = 4150, .limit = CG2_MAX },
	  KILLED(SIGTERM), NONE, .verdict = CG2_VERDICT_PRESSURE,
	  .reason = "ended by the threshold pressure:memory:full:40%/10s: tasks waited for 41% of "
		    "the time" },
	{ "time goes before oomd, oom, tasks", .end = CG2_END_WALL_TIME,
	  .time_usec = 1000000, .changes = { OWN_OOM(1), OWN_FORKS(2),
	  AFTER(1, has_oomd_kill, true) }, KILLED(SIGKILL), NONE, COUNT(2, 1),
	  .verdict = CG2_VERDICT_WALL_TIME, .reason = "ended by its time limit of 1s" },
};

static void test_ends(void **state _unused_)
{
	RUN(ends);
}

/* ------------------------------------------------------------------------------------
 * Memory
 */

#define OOMD_HINT "journalctl -u systemd-oomd says which pressure or swap limit was reached"

static const struct test_case oomd[] = {
	{ "oomd", .changes = { AFTER(1, has_oomd_kill, true) }, KILLED(SIGKILL),
	  BLAME(1, "user.oomd_kill", CG2_MAX, true), .verdict = CG2_VERDICT_OOMD,
	  .reason = "out of memory: systemd-oomd killed this scope", .hint = OOMD_HINT },
	{ "oomd, further up", .changes = { AFTER(4, has_oomd_kill, true) },
	  KILLED(SIGKILL), BLAME(4, "user.oomd_kill", CG2_MAX, true),
	  .verdict = CG2_VERDICT_OOMD,
	  .reason = "out of memory: systemd-oomd killed user-1000.slice",
	  .hint = OOMD_HINT },
	{ "oomd goes before oom and tasks", .changes = { AFTER(1, has_oomd_kill, true),
	  OWN_OOM(1), OWN_FORKS(2) }, KILLED(SIGKILL),
	  BLAME(1, "user.oomd_kill", CG2_MAX, true), COUNT(2, 1),
	  .verdict = CG2_VERDICT_OOMD,
	  .reason = "out of memory: systemd-oomd killed this scope", .hint = OOMD_HINT },
	{ "an old mark of oomd's", .changes = { BEFORE(4, has_oomd_kill, true),
	  AFTER(4, has_oomd_kill, true) }, KILLED(SIGKILL), NONE,
	  .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGKILL, sent by another process, not by a limit" },
};

static void test_oomd(void **state _unused_)
{
	RUN(oomd);
}

#define OOM_OWN .verdict = CG2_VERDICT_OOM, .hint = "raise memory.max to 1G"
#define OOM_SLICE                     \
	.verdict = CG2_VERDICT_OOM, \
	.hint = "as root: systemctl set-property user-1000.slice MemoryMax=2G"

static const struct test_case oom[] = {
	{ "own", .changes = { OWN_OOM(1) }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(0, "memory.max", 512 M, true), OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed" },
	{ "of the scope around it", .changes = { KILL(2), AFTER(1, oom, 1),
	  AFTER(1, oom_local, 1) }, KILLED(SIGKILL), COUNT(0, 2),
	  BLAME(1, "memory.max", 516 M, true), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: memory.max 516M of this scope, 2 processes killed",
	  .hint = "raise memory.max to 1032M" },
	{ "a grandchild's", .changes = { OWN_OOM(1) }, EXITED(0), COUNT(0, 1),
	  BLAME(0, "memory.max", 512 M, true), OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed; the "
		    "command itself ended with 0" },
	{ "a nested run's, which was subtracted", .changes = { AFTER(2, oom_kill, 4) },
	  .n_nested_killed = 1, EXITED(0), NONE, COUNT(0, 0), .verdict = CG2_VERDICT_OK,
	  .reason = "exit status 0" },
	{ "in a nested run, where both limits were hit", .changes = { AFTER(0, oom, 1),
	  AFTER(0, oom_local, 1), AFTER(1, oom, 1) }, .n_nested_killed = 2, EXITED(1),
	  BLAME(0, "memory.max", 512 M, false), COUNT(0, NO), OOM_OWN,
	  .reason = "out of memory, probably: memory.max 512M of this scope, a process "
		    "killed" },
	{ "the whole group", .changes = { OWN_OOM(5), AFTER(0, oom_group_kill, 1) },
	  KILLED(SIGKILL), COUNT(0, 5), BLAME(0, "memory.max", 512 M, true), OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, the whole group killed" },
	{ "oom goes before tasks", .changes = { OWN_OOM(1), OWN_FORKS(3) },
	  KILLED(SIGKILL), COUNT(3, 1), BLAME(0, "memory.max", 512 M, true), OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed" },
	{ "own, and an ancestor's as well", .changes = { OWN_OOM(1), AFTER(4, oom, 9),
	  AFTER(4, oom_local, 9) }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(0, "memory.max", 512 M, true), OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed" },
	{ "the limit was lifted meanwhile", .changes = { OWN_OOM(1),
	  AFTER(0, memory_max, CG2_MAX) }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(0, "memory.max", 512 M, true), OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed" },
	{ "limit unknown", .changes = { OWN_OOM(1), BEFORE(0, memory_max, NO),
	  AFTER(0, memory_max, NO) }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(0, "memory.max", CG2_MAX, true), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: memory.max of this scope, 1 process killed",
	  .hint = "raise memory.max" },
	{ "of a cgroup that the command made", .changes = { KILL(1), AFTER(0, oom, 1),
	  AFTER(1, oom, 1) }, EXITED(1), COUNT(0, 1),
	  BLAME(0, "memory.max", CG2_MAX, true), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: memory.max of a cgroup that the command made, 1 "
		    "process killed" },
	{ "an ancestor's", .changes = { SLICE_OOM(2) }, KILLED(SIGKILL), COUNT(0, 2),
	  BLAME(4, "memory.max", 1024 M, true), OOM_SLICE,
	  .reason = "out of memory: memory.max 1G of user-1000.slice, 2 processes killed "
		    "(this run's own limit is 512M)" },
	{ "an ancestor's, without an own one", .changes = { SLICE_OOM(1),
	  AFTER(0, memory_max, CG2_MAX), AFTER(1, memory_max, CG2_MAX),
	  BEFORE(0, memory_max, CG2_MAX), BEFORE(1, memory_max, CG2_MAX) },
	  KILLED(SIGKILL), COUNT(0, 1), BLAME(4, "memory.max", 1024 M, true), OOM_SLICE,
	  .reason = "out of memory: memory.max 1G of user-1000.slice, 1 process killed" },
	{ "two ancestors'", .changes = { SLICE_OOM(1), AFTER(2, oom, 4),
	  AFTER(2, oom_local, 1), AFTER(2, memory_max, 64 M) }, KILLED(SIGKILL),
	  COUNT(0, 1), BLAME(2, "memory.max", 64 M, false), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory, probably: memory.max 64M of app.slice, 1 process "
		    "killed (this run's own limit is 512M)",
	  .hint = "systemctl --user set-property app.slice MemoryMax=128M" },
	{ "two ancestors', and the log knows", .changes = { SLICE_OOM(1),
	  AFTER(2, oom, 4), AFTER(2, oom_local, 1) }, KILLED(SIGKILL),
	  .oom_memcg = USER, COUNT(0, 1), BLAME(4, "memory.max", 1024 M, true),
	  OOM_SLICE,
	  .reason = "out of memory: memory.max 1G of user-1000.slice, 1 process killed "
		    "(this run's own limit is 512M)" },
	{ "the log names one below", .changes = { KILL(1) }, EXITED(1),
	  .oom_memcg = SCOPE "/run/inner", COUNT(0, 1),
	  BLAME(0, "memory.max", CG2_MAX, true), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: memory.max of a cgroup that the command made, 1 "
		    "process killed" },
	{ "the log names a stranger", .changes = { OWN_OOM(1) }, KILLED(SIGKILL),
	  .oom_memcg = SCOPE "/runner", COUNT(0, 1), BLAME(0, "memory.max", 512 M, true),
	  OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed" },
};

static void test_oom(void **state _unused_)
{
	RUN(oom);
}

static const struct test_case oom_elsewhere[] = {
	{ "the machine's", .changes = { KILL(1) }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(SIZE_MAX, "ram", CG2_MAX, true), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: the machine has no memory left, 1 process killed",
	  .hint = "its limit is more than the machine has left: end other programs or "
		  "add swap" },
	{ "the machine's, without an own limit", .changes = { KILL(1),
	  AFTER(0, memory_max, CG2_MAX), AFTER(1, memory_max, CG2_MAX),
	  BEFORE(0, memory_max, CG2_MAX), BEFORE(1, memory_max, CG2_MAX) },
	  KILLED(SIGKILL), COUNT(0, 1), BLAME(SIZE_MAX, "ram", CG2_MAX, true),
	  .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: the machine has no memory left, 1 process killed",
	  .hint = "end other programs or add swap" },
	{ "in a container", .changes = { KILL(1) }, .machine = { .is_namespaced = true },
	  KILLED(SIGKILL), COUNT(0, 1), BLAME(SIZE_MAX, "ram", CG2_MAX, false),
	  .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory, probably: the machine has no memory left, or a limit "
		    "outside of this container, 1 process killed",
	  .hint = "look at the container's memory limit, and at the rest of the machine" },
	{ "own limit in a container", .changes = { OWN_OOM(1) },
	  .machine = { .is_namespaced = true }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(0, "memory.max", 512 M, true), OOM_OWN,
	  .reason = "out of memory: memory.max 512M of this scope, 1 process killed" },
	{ "in a container, and the log knows", .changes = { KILL(1) }, .oom_memcg = "/",
	  .machine = { .is_namespaced = true }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(SIZE_MAX, "ram", CG2_MAX, true), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: the machine has no memory left, 1 process killed",
	  .hint = "its limit is more than the machine has left: end other programs or "
		  "add swap" },
	{ "an ancestor does not tell, but the one above does", .changes = { KILL(1),
	  AFTER(4, oom_local, NO), AFTER(4, oom, NO) }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(SIZE_MAX, "ram", CG2_MAX, true), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory: the machine has no memory left, 1 process killed",
	  .hint = "its limit is more than the machine has left: end other programs or "
		  "add swap" },
	{ "an ancestor does not tell, and the others count for themselves alone",
	  .changes = { AFTER(0, oom_kill, 1), AFTER(4, oom_local, NO), AFTER(4, oom, NO) },
	  .machine = { .is_memory_local = true }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(SIZE_MAX, "ram", CG2_MAX, false), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory, probably: the machine has no memory left, 1 process "
		    "killed; the counters of user-1000.slice are unknown",
	  .hint = "its limit is more than the machine has left: end other programs or "
		  "add swap" },
	{ "an ancestor does not tell", .changes = { KILL(1), AFTER(4, oom_local, NO),
	  AFTER(4, oom, NO), AFTER(5, oom, 5) }, KILLED(SIGKILL), COUNT(0, 1),
	  BLAME(SIZE_MAX, "ram", CG2_MAX, false), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory, probably: the machine has no memory left, 1 process "
		    "killed; the counters of user-1000.slice are unknown",
	  .hint = "its limit is more than the machine has left: end other programs or "
		  "add swap" },
	{ "no local counters", .changes = { SLICE_OOM(1), AFTER(0, oom_local, NO),
	  AFTER(1, oom_local, NO), AFTER(2, oom_local, NO), AFTER(3, oom_local, NO),
	  AFTER(4, oom_local, NO), AFTER(5, oom_local, NO) }, KILLED(SIGKILL),
	  COUNT(0, 1), BLAME(4, "memory.max", 1024 M, false), OOM_SLICE,
	  .reason = "out of memory, probably: memory.max 1G of user-1000.slice, 1 process "
		    "killed (this run's own limit is 512M); the counters of "
		    "user-1000.slice are unknown" },
	{ "own cgroup without the controller", .changes = { KILL(1), NO_OWN_MEMORY },
	  KILLED(SIGKILL), COUNT(0, NO), BLAME(SIZE_MAX, "ram", CG2_MAX, false),
	  .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory, probably: the machine has no memory left, a process "
		    "killed",
	  .hint = "its limit is more than the machine has left: end other programs or "
		  "add swap" },
	{ "nobody can tell, and no SIGKILL", .changes = { KILL(1), NO_OWN_MEMORY },
	  EXITED(1), COUNT(0, NO), .level = SIZE_MAX, .limit = CG2_MAX,
	  .verdict = CG2_VERDICT_FAILED, .reason = "exit status 1" },
	{ "only the log can tell", .changes = { KILL(1), NO_OWN_MEMORY },
	  .oom_memcg = USER, EXITED(137), COUNT(0, NO), BLAME(4, "memory.max", 1024 M, true),
	  OOM_SLICE,
	  .reason = "out of memory: memory.max 1G of user-1000.slice, a process killed "
		    "(this run's own limit is 512M)" },
};

static void test_oom_elsewhere(void **state _unused_)
{
	RUN(oom_elsewhere);
}

/* ------------------------------------------------------------------------------------
 * Tasks
 */

#define TASKS_OWN .verdict = CG2_VERDICT_TASKS, .hint = "raise pids.max to 64"
#define TASKS_SLICE                     \
	.verdict = CG2_VERDICT_TASKS, \
	.hint = "as root: systemctl set-property user-1000.slice TasksMax=66"

/* user-1000.slice with a TasksMax of 33; on new kernels it has refused n. */
#define SLICE_LIMIT BEFORE(4, pids_max, 33), AFTER(4, pids_max, 33), BEFORE(4, pids_peak, 25)
#define SLICE_FULL SLICE_LIMIT, AFTER(4, pids_peak, 33)
#define SLICE_FORKS(n)                                        \
	AFTER(4, pids_events, 2 + (n)), AFTER(4, pids_local, 2 + (n)), \
		AFTER(5, pids_events, 2 + (n))

static const struct test_case tasks[] = {
	{ "own", NEW, .changes = { OWN_FORKS(12), OWN_FULL }, EXITED(1), COUNT(12, 0),
	  BLAME(0, "pids.max", 32, true), TASKS_OWN,
	  .reason = "fork refused 12 times: pids.max 32 of this scope" },
	{ "own, once, died of it", NEW, .changes = { OWN_FORKS(1), OWN_FULL },
	  KILLED(SIGABRT), COUNT(1, 0), BLAME(0, "pids.max", 32, true), TASKS_OWN,
	  .reason = "fork refused once: pids.max 32 of this scope" },
	{ "own, and it got over it", NEW, .changes = { OWN_FORKS(12), OWN_FULL },
	  EXITED(0), NONE, .refused = 12, .verdict = CG2_VERDICT_OK,
	  .hint = "raise pids.max to 64",
	  .reason = "exit status 0, but fork refused 12 times: pids.max 32 of this scope" },
	{ "of a cgroup that the command made", NEW, .changes = { AFTER(0, pids_events, 7),
	  AFTER(1, pids_events, 7) }, EXITED(1), COUNT(7, 0),
	  BLAME(0, "pids.max", CG2_MAX, true), .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused 7 times: pids.max of a cgroup that the command made" },
	{ "an ancestor's", NEW, .changes = { SLICE_LIMIT, SLICE_FORKS(5) }, EXITED(1),
	  COUNT(5, 0), BLAME(4, "pids.max", 33, false), TASKS_SLICE,
	  .reason = "fork refused, probably: pids.max 33 of user-1000.slice (this run's "
		    "own limit is 32)" },
	{ "an ancestor's, of a neighbour: it never forked", NEW,
	  .changes = { SLICE_LIMIT, SLICE_FORKS(5), AFTER(0, pids_peak, 1) }, EXITED(1),
	  NONE, .verdict = CG2_VERDICT_FAILED, .reason = "exit status 1" },
	{ "own and an ancestor's", NEW, .changes = { OWN_FORKS(2), OWN_FULL,
	  SLICE_FORKS(5) }, EXITED(1), COUNT(7, 0), BLAME(0, "pids.max", 32, true),
	  TASKS_OWN, .reason = "fork refused 2 times: pids.max 32 of this scope" },
	{ "an ancestor's, and a level does not tell", NEW,
	  .changes = { SLICE_LIMIT, SLICE_FORKS(5), AFTER(1, pids_local, NO),
	  AFTER(1, pids_events, NO), AFTER(2, pids_events, 7), AFTER(3, pids_events, 7) },
	  EXITED(1), COUNT(NO, 0),
	  BLAME(4, "pids.max", 33, false), TASKS_SLICE,
	  .reason = "fork refused, probably: pids.max 33 of user-1000.slice (this run's "
		    "own limit is 32); the counters of this scope are unknown" },
	{ "the mount option that counts as of old", NEW,
	  .changes = { AFTER(0, pids_events, 4), AFTER(0, pids_local, 4), SLICE_FULL },
	  .machine = { .is_events_local = true }, EXITED(1), COUNT(4, 0),
	  BLAME(4, "pids.max", 33, true), TASKS_SLICE,
	  .reason = "fork refused 4 times: pids.max 33 of user-1000.slice (this run's own "
		    "limit is 32)" },
};

static void test_tasks(void **state _unused_)
{
	RUN(tasks);
}

static const struct test_case tasks_old[] = {
	{ "own", OLD, .changes = { OWN_FORKS(12), OWN_FULL }, EXITED(1), COUNT(12, 0),
	  BLAME(0, "pids.max", 32, true), TASKS_OWN,
	  .reason = "fork refused 12 times: pids.max 32 of this scope" },
	{ "own, in a container", OLD, .changes = { OWN_FORKS(12), OWN_FULL }, EXITED(1),
	  .machine = { .is_namespaced = true }, COUNT(12, 0),
	  BLAME(0, "pids.max", 32, false), TASKS_OWN,
	  .reason = "fork refused 12 times, probably: pids.max 32 of this scope" },
	{ "outside of the container", OLD, .changes = { OWN_FORKS(12) }, EXITED(1),
	  .machine = { .is_namespaced = true }, COUNT(12, 0),
	  BLAME(SIZE_MAX, "pids.max", CG2_MAX, false), .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused 12 times, probably: a pids.max outside of this "
		    "container" },
	{ "own, while an ancestor is full too", OLD, .changes = { OWN_FORKS(12), OWN_FULL,
	  BEFORE(4, pids_max, 50), AFTER(4, pids_max, 50) }, EXITED(1), COUNT(12, 0),
	  BLAME(0, "pids.max", 32, false), TASKS_OWN,
	  .reason = "fork refused 12 times, probably: pids.max 32 of this scope" },
	{ "an ancestor's, the only full one", OLD, .changes = { OWN_FORKS(3), SLICE_FULL,
	  AFTER(0, pids_peak, 5), AFTER(1, pids_peak, 6) }, EXITED(1), COUNT(3, 0),
	  BLAME(4, "pids.max", 33, true), TASKS_SLICE,
	  .reason = "fork refused 3 times: pids.max 33 of user-1000.slice (this run's own "
		    "limit is 32)" },
	{ "one that was full before, too", OLD, .changes = { OWN_FORKS(3), SLICE_FULL,
	  BEFORE(3, pids_peak, 4000), AFTER(3, pids_peak, 4000),
	  BEFORE(5, pids_peak, 9000), AFTER(5, pids_peak, 9000),
	  BEFORE(4, pids_peak, 7000), AFTER(4, pids_peak, 7000) }, EXITED(1),
	  COUNT(3, 0), BLAME(4, "pids.max", 33, false), TASKS_SLICE,
	  .reason = "fork refused 3 times, probably: pids.max 33 of user-1000.slice (this "
		    "run's own limit is 32)" },
	{ "one short of full may have been full", OLD, .changes = { OWN_FORKS(3),
	  SLICE_FULL, AFTER(0, pids_peak, 31), AFTER(1, pids_peak, 32) }, EXITED(1),
	  COUNT(3, 0), BLAME(4, "pids.max", 33, false), TASKS_SLICE,
	  .reason = "fork refused 3 times, probably: pids.max 33 of user-1000.slice (this "
		    "run's own limit is 32)" },
	{ "none is full", OLD, .changes = { OWN_FORKS(3) }, EXITED(1), COUNT(3, 0),
	  BLAME(SIZE_MAX, "pids.max", CG2_MAX, false), .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused 3 times, probably: a pids.max that is not reached any "
		    "more" },
	{ "no peaks", ANCIENT, .changes = { OWN_FORKS(3) }, EXITED(1), COUNT(3, 0),
	  BLAME(0, "pids.max", 32, false), TASKS_OWN,
	  .reason = "fork refused 3 times, probably: pids.max 32 of this scope" },
	{ "no peaks, an ancestor is full", ANCIENT, .changes = { OWN_FORKS(3), SLICE_LIMIT },
	  EXITED(1), COUNT(3, 0), BLAME(4, "pids.max", 33, false), TASKS_SLICE,
	  .reason = "fork refused 3 times, probably: pids.max 33 of user-1000.slice (this "
		    "run's own limit is 32)" },
	{ "a limit can't be read", OLD, .changes = { OWN_FORKS(3), OWN_FULL,
	  BEFORE(4, pids_max, NO), AFTER(4, pids_max, NO) }, EXITED(1), COUNT(3, 0),
	  BLAME(0, "pids.max", 32, false), TASKS_OWN,
	  .reason = "fork refused 3 times, probably: pids.max 32 of this scope; the "
		    "counters of user-1000.slice are unknown" },
	{ "neighbours' forks", OLD, .changes = { AFTER(2, pids_events, 9),
	  AFTER(4, pids_events, 9) }, EXITED(1), NONE, .verdict = CG2_VERDICT_FAILED,
	  .reason = "exit status 1" },
	{ "counted further up", OLD, .changes = { BEFORE(0, pids_events, NO),
	  AFTER(0, pids_events, NO), BEFORE(1, pids_events, NO),
	  AFTER(1, pids_events, NO), AFTER(2, pids_events, 4), SLICE_FULL }, EXITED(1),
	  COUNT(2, 0), BLAME(4, "pids.max", 33, false), TASKS_SLICE,
	  .reason = "fork refused, probably: pids.max 33 of user-1000.slice (this run's "
		    "own limit is 32)" },
};

static void test_tasks_old(void **state _unused_)
{
	RUN(tasks_old);
}

#define NPROC(max, used) .machine = { .nproc_limit = (max), .nproc_current = (used) }
#define NPROC_HINT .hint = "ulimit -u 100 (the hard limit: /etc/security/limits.conf)"
#define FAILED_ONLY NONE, .verdict = CG2_VERDICT_FAILED, .reason = "exit status 1"

static const struct test_case tasks_machine[] = {
	{ "RLIMIT_NPROC", NPROC(50, 50), EXITED(1), COUNT(NO, 0), NPROC_HINT,
	  BLAME(SIZE_MAX, "RLIMIT_NPROC", 50, false), .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused, probably: RLIMIT_NPROC 50, its user has 50 tasks" },
	{ "reached at the run's peak", OLD, NPROC(50, 30), .changes = {
	  AFTER(0, pids_peak, 21), AFTER(0, pids_current, 1) }, KILLED(SIGABRT),
	  COUNT(NO, 0), NPROC_HINT, BLAME(SIZE_MAX, "RLIMIT_NPROC", 50, false),
	  .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused, probably: RLIMIT_NPROC 50, its user has 50 tasks" },
	{ "not reached", NPROC(50, 46), EXITED(1), FAILED_ONLY },
	{ "reached, but it did not fail", NPROC(50, 50), EXITED(0), NONE,
	  .verdict = CG2_VERDICT_OK, .reason = "exit status 0" },
	{ "reached, but it was killed", NPROC(50, 50), KILLED(SIGKILL), NONE,
	  .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGKILL, sent by another process, not by a limit" },
	{ "reached, but pids.max it was", NPROC(50, 50), EXITED(1),
	  .changes = { OWN_FORKS(2), OWN_FULL }, COUNT(2, 0),
	  BLAME(0, "pids.max", 32, true), TASKS_OWN,
	  .reason = "fork refused 2 times: pids.max 32 of this scope" },
	{ "use unknown", NPROC(50, NO), EXITED(1), FAILED_ONLY },
	{ "limit unknown", NPROC(NO, 50), EXITED(1), FAILED_ONLY },
	{ "pids.events unknown", OLD, NPROC(50, 50), EXITED(1),
	  .changes = { BEFORE(0, pids_events, NO) }, COUNT(NO, 0), NPROC_HINT,
	  BLAME(SIZE_MAX, "RLIMIT_NPROC", 50, false), .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused, probably: RLIMIT_NPROC 50, its user has 50 tasks; "
		    "pids.events is unknown" },
	{ "kernel.threads-max", .machine = { .threads_max = 2000, .threads = 1998 },
	  EXITED(2), COUNT(NO, 0), BLAME(SIZE_MAX, "kernel.threads-max", 2000, false),
	  .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused, probably: kernel.threads-max 2000, the machine has "
		    "2000 tasks",
	  .hint = "as root: sysctl kernel.threads-max=4000" },
	{ "kernel.pid_max", .machine = { .pid_max = 1000, .threads = 705 }, EXITED(2),
	  COUNT(NO, 0), BLAME(SIZE_MAX, "kernel.pid_max", 1000, false),
	  .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused, probably: kernel.pid_max 1000, the machine has 707 "
		    "tasks",
	  .hint = "as root: sysctl kernel.pid_max=2000" },
	{ "kernel.pid_max at its highest", .machine = { .pid_max = 4194304,
	  .threads = 4194300, .threads_max = CG2_MAX }, EXITED(2), COUNT(NO, 0),
	  BLAME(SIZE_MAX, "kernel.pid_max", 4194304, false),
	  .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused, probably: kernel.pid_max 4194304, the machine has "
		    "4194302 tasks",
	  .hint = "as root: sysctl kernel.pid_max=4194304" },
	{ "zombies", .machine = { .n_zombies = 12 }, .changes = { OWN_FORKS(9), OWN_FULL },
	  EXITED(1), COUNT(9, 0), BLAME(0, "pids.max", 32, true),
	  .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused 9 times: pids.max 32 of this scope; of 32 tasks 12 are "
		    "zombies that their parent does not reap",
	  .hint = "the parent of the zombies has to wait for its children" },
	{ "a zombie of an unknown number", .machine = { .n_zombies = 1 },
	  .changes = { SLICE_LIMIT, SLICE_FORKS(1), AFTER(0, pids_current, NO) }, EXITED(1),
	  COUNT(1, 0), BLAME(4, "pids.max", 33, false), .verdict = CG2_VERDICT_TASKS,
	  .reason = "fork refused, probably: pids.max 33 of user-1000.slice (this run's "
		    "own limit is 32); 1 is a zombie that its parent does not reap",
	  .hint = "the parent of the zombies has to wait for its children" },
};

static void test_tasks_machine(void **state _unused_)
{
	RUN(tasks_machine);
}

/* ------------------------------------------------------------------------------------
 * Lost and remade
 */

#define LOST "so whether a limit was the cause is unknown"

#define LOST_ALL                                                                   \
	LOST_OWN, AFTER(2, oom_kill, NO), AFTER(3, oom_kill, NO), AFTER(4, oom_kill, NO), \
		AFTER(5, oom_kill, NO), AFTER(2, pids_events, NO),                  \
		AFTER(3, pids_events, NO), AFTER(4, pids_events, NO),               \
		AFTER(5, pids_events, NO)

static const struct test_case lost[] = {
	{ "the cgroup vanished, its ancestors tell", .changes = { LOST_OWN },
	  KILLED(SIGKILL), NONE, .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGKILL, sent by another process, not by a limit" },
	{ "the cgroup vanished on 6.1", OLD, .changes = { LOST_OWN }, EXITED(1),
	  COUNT(NO, 0), NONE, .verdict = CG2_VERDICT_FAILED,
	  .reason = "exit status 1; its counters were lost, " LOST },
	{ "everything vanished", .changes = { LOST_ALL }, KILLED(SIGKILL), COUNT(NO, NO),
	  NONE, .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGKILL; cannot tell whether memory ran out: no "
		    "memory.events" },
	{ "everything vanished, and it failed", .changes = { LOST_ALL }, EXITED(1),
	  COUNT(NO, NO), NONE, .verdict = CG2_VERDICT_FAILED,
	  .reason = "exit status 1; its counters were lost, " LOST },
	{ "everything vanished, and it died", .changes = { LOST_ALL }, KILLED(SIGABRT),
	  COUNT(NO, NO), NONE, .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGABRT; its counters were lost, " LOST },
	{ "everything vanished, and it ended well", .changes = { LOST_ALL }, EXITED(0),
	  COUNT(NO, NO), NONE, .verdict = CG2_VERDICT_OK, .reason = "exit status 0" },
	{ "remade: one counter went back", .changes = { BEFORE(0, oom_kill, 7),
	  BEFORE(1, oom_kill, 7), OWN_OOM(1), OWN_FORKS(5), AFTER(2, pids_events, 7),
	  AFTER(3, pids_events, 7), AFTER(4, pids_events, 7), AFTER(5, pids_events, 7) },
	  KILLED(SIGTERM), COUNT(NO, NO), NONE,
	  .verdict = CG2_VERDICT_SIGNAL,
	  .reason = "killed by SIGTERM; its counters were lost, " LOST },
	{ "remade, and the slice knows", .changes = { BEFORE(0, oom_kill, 7),
	  BEFORE(1, oom_kill, 7), OWN_OOM(1) }, KILLED(SIGKILL), COUNT(0, NO),
	  BLAME(SIZE_MAX, "ram", CG2_MAX, false), .verdict = CG2_VERDICT_OOM,
	  .reason = "out of memory, probably: the machine has no memory left, a process "
		    "killed",
	  .hint = "its limit is more than the machine has left: end other programs or "
		  "add swap" },
};

static void test_lost(void **state _unused_)
{
	RUN(lost);
}

/* ------------------------------------------------------------------------------------
 * What a record has of it, for callers that were built when the structures were smaller
 */

#define SMALLER(type, last) offsetof(struct type, last)

static void older_callers_get_what_they_know(void **state _unused_)
{
	struct record_limit limit = { .info = { .size = sizeof(limit.info), .name = "pids.max",
						.effective = 32, .is_verified = true } };
	struct cg2_record record = { .limits = &limit, .n_limits = 1 };
	struct cg2_advice advice = { .size = SMALLER(cg2_advice, value), .value = 7 };
	struct cg2_blame blame = { .size = SMALLER(cg2_blame, is_certain), .is_certain = true };
	struct cg2_record_limit public = { .size = SMALLER(cg2_record_limit, is_verified) };

	record.verdict.advice = (struct cg2_advice){ .size = sizeof(advice),
						     .kind = CG2_ADVICE_RAISE_LIMIT,
						     .limit = CG2_LIMIT_TASKS_MAX, .value = 64 };
	record.verdict.has_blame = true;
	record.verdict.blame_file = "pids.max";
	assert_int_equal(cg2_record_get_advice(&record, &advice), 1);
	assert_int_equal(advice.size, SMALLER(cg2_advice, value));
	assert_int_equal(advice.limit, CG2_LIMIT_TASKS_MAX);
	assert_int_equal(advice.value, 7);
	assert_int_equal(cg2_record_get_blame(&record, &blame), 1);
	assert_string_equal(blame.file, "pids.max");
	assert_true(blame.is_certain);
	assert_int_equal(cg2_record_get_limit(&record, 0, &public), 1);
	assert_int_equal(public.effective, 32);
	assert_false(public.is_verified);
	advice.size = sizeof(advice.size) - 1;
	assert_int_equal(cg2_record_get_advice(&record, &advice), -EINVAL);
}

static void no_advice_is_none(void **state _unused_)
{
	struct cg2_advice advice = { .size = sizeof(advice), .value = 7 };
	struct cg2_record record = { .limits = NULL };

	assert_int_equal(cg2_record_get_advice(&record, &advice), 0);
	assert_int_equal(advice.value, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_starts),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_oomd),
		cmocka_unit_test(test_oom),
		cmocka_unit_test(test_oom_elsewhere),
		cmocka_unit_test(test_tasks),
		cmocka_unit_test(test_tasks_old),
		cmocka_unit_test(test_tasks_machine),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(older_callers_get_what_they_know),
		cmocka_unit_test(no_advice_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
