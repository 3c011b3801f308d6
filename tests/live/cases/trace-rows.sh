# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# More rows of a trace: settings of the machine, other debuggers, containers, and what is tried
# again.

# shellcheck source=../trace-lib.sh
source "${BASH_SOURCE[0]%/*}/../trace-lib.sh"

# setting NAME VALUE: as it was when the case has ended.
setting() {
	local file=/proc/sys/${1//.//}
	[[ -e $file ]] || skip "no $1"
	defer sysctl -qw "$1=$(<"$file")"
	sysctl -qw "$1=$2"
}

# ---- who may trace ----

# 3 cannot be taken back: it was tried by hand.
live yama_leaves_traces_to_root root +once
yama_leaves_traces_to_root() {
	chmod 777 .
	setting kernel.yama.ptrace_scope 1
	as alice cgscope trace -o report sh -c /nowhere/x 2>/dev/null || status=$?
	expect_equal "$status" 127
	expect_match report 'exec /nowhere/x +ENOENT'
	rm report
	sysctl -qw kernel.yama.ptrace_scope=2
	status=0
	as alice cgscope trace touch ran >out 2>err || status=$?
	expect_refused 'cannot trace: .*touch: Operation not permitted' \
		'ptrace_scope is 2: .*CAP_SYS_PTRACE .*sysctl kernel.yama.ptrace_scope=1'
	[[ ! -e ran ]] || fail "it ran"
	trace sh -c '/nowhere/x; exit 0' 2>/dev/null
	expect_status 0
	expect_failures 'sh exec ENOENT - certain exited ^there is no such file$'
}

live a_debugger_inside_cannot_trace alice +native +once
a_debugger_inside_cannot_trace() {
	"$helper/debugger" sh -c 'exit 3' || [[ $? -eq 3 ]] || fail "it does not work alone"
	run trace -o report "$helper/debugger" touch ran
	expect_status 127
	expect_match err 'debugger: .*ptrace: Operation not permitted'
	[[ ! -e ran ]] || fail "it ran"
	expect_match report 'note: .*python3.* could not trace another process'
}

# It has the tracer, which is made by clone(2) as threads are, and lets it do nothing.
live a_debugger_outside_is_named alice +native +once
a_debugger_outside_is_named() {
	launcher=("$helper/debugger" -t)
	run trace touch ran
	expect_refused 'cannot trace: .*touch: .*the tracer does not answer' \
		'debugger \(process [0-9]*\) traces it already'
	[[ ! -e ran ]] || fail "it ran"
}

# ---- containers ----

live a_container_s_programs_are_traced root +native +once
a_container_s_programs_are_traced() {
	trace systemd-nspawn -q -D / --volatile=yes --pipe --register=no --machine=live \
		sh -c '/nowhere/x; exit 0' 2>/dev/null
	expect_status 0
	expect_failures 'sh exec ENOENT - certain exited ^there is no such file$'
}

# ---- memory ----

live what_reserves_addresses_names_its_limit alice +native +once
what_reserves_addresses_names_its_limit() {
	local asan
	asan=$(compgen -G '/usr/lib/*/libasan.so.8') || skip "no libasan"
	# 20T of its shadow are reserved, and may not count for what cannot be had.
	trace env LD_PRELOAD="$asan" ASAN_OPTIONS=detect_leaks=0 /bin/true
	expect_status 0
	expect_failures
	trace bash -c 'ulimit -v 4000000; exec "$@"' bash \
		env LD_PRELOAD="$asan" ASAN_OPTIONS=detect_leaks=0 /bin/true 2>/dev/null
	# It aborts or exits, as its version does.
	expect_equal "$(get '[(f["command"], f["reason"][:17]) for f in t["failures"]]')" \
		"[('true', 'RLIMIT_AS 3906M (')]"
	# A runtime asks for half of it, until it gets it.
	trace bash -c 'ulimit -v 4000000; exec "$@"' bash python3 -c "$halves"
	expect_status 0
	expect_failures
	[[ $(get 't["folded"]["retried"]') -ge 8 ]] || fail "$(<report)"
}

halves='
import mmap
size = 1 << 40
while True:
    try:
        mmap.mmap(-1, size, flags=0x4022, prot=mmap.PROT_READ)
        break
    except OSError:
        size //= 2'

live memory_that_the_machine_refuses_names_its_setting root +once
memory_that_the_machine_refuses_names_its_setting() {
	local map='import mmap; mmap.mmap(-1, SIZE, flags=FLAGS)'
	local huge=${map/SIZE/1 << 21}
	trace python3 -c "${huge/FLAGS/0x40022}"
	expect_failures \
		'python3 memory ENOMEM vm.nr_hugepages probably exited ^vm.nr_hugepages: 0 huge'

	setting vm.max_map_count 600
	trace python3 -c '
import mmap
kept = [mmap.mmap(-1, 4096, prot=1 + i % 2 * 2) for i in range(1000)]'
	expect_failures "python3 memory ENOMEM vm.max_map_count certain exited \
^vm.max_map_count 600 \(it has 60[01] mappings\)$"

	setting vm.overcommit_ratio 100
	setting vm.overcommit_memory 2
	map=${map/FLAGS/0x22}
	trace python3 -c "${map/SIZE/8 << 30}"
	expect_failures "python3 memory ENOMEM CommitLimit certain exited \
^CommitLimit [0-9.]+[GM] of the machine \(Committed_AS [0-9.]+[GM]; vm.overcommit_memory is 2\)$"
	trace python3 -c '
import mmap, os
limit, used = [int(line.split()[1]) << 10 for line in open("/proc/meminfo")
               if line.startswith("Commit")]
kept = mmap.mmap(-1, (limit - used) * 2 // 3, flags=0x22)
os.fork()'
	expect_failures "python3 fork ENOMEM CommitLimit probably exited \
^CommitLimit .* a copy of its memory, [0-9.]+[GM], would be over it\)$"
}

# ---- what is tried again ----

# A fork that is refused, and one that works. With a word, it sleeps between them.
forks_twice='
import os, resource, sys, time
def fork():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
resource.setrlimit(resource.RLIMIT_NPROC, (0, hard))
try:
    fork()
except BlockingIOError:
    pass
resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
if sys.argv[1:]:
    time.sleep(0.1)
fork()'

live a_fork_for_something_else_is_no_second_try alice +native +once
a_fork_for_something_else_is_no_second_try() {
	trace python3 -c "$forks_twice"
	expect_failures 'python3 fork EAGAIN RLIMIT_NPROC probably went_on ^RLIMIT_NPROC 0 of uid'
	trace python3 -c "$forks_twice" sleeps
	expect_failures
	expect_equal "$(get 't["folded"]["retried"]')" 1
}
