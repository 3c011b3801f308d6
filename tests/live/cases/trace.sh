# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Which process met which failing call, and under which limit: each row is provoked.

# shellcheck source=../trace-lib.sh
source "${BASH_SOURCE[0]%/*}/../trace-lib.sh"

# ---- programs ----

live what_cannot_be_executed_is_told alice root +native
what_cannot_be_executed_is_told() {
	printf '#!/nowhere/python2\n' >missing
	printf '#!/bin/sh\r\ntrue\r\n' >crlf
	printf 'true\n' >plain
	cp /bin/true denied
	mkdir folder
	chmod +x missing crlf plain
	chmod -x denied
	trace sh -c './missing; ./crlf; ./plain; ./denied; ./folder; /nowhere/x; exit 0' 2>/dev/null
	expect_status 0
	expect_failures \
		'sh exec ENOENT - certain exited ^its interpreter /nowhere/python2 is missing$' \
		'sh exec ENOENT - certain exited ^its first line ends as Windows ends lines' \
		'sh exec EACCES - certain exited ^no right to execute it$' \
		'sh exec EACCES - certain exited ^it is a directory$' \
		'sh exec ENOENT - certain exited ^there is no such file$'
	expect_equal "$(get 't["folded"]["fallback"]')" 1
}

# The file is looked for where the process is: in its directory, behind its mounts.
live a_program_is_looked_at_where_its_process_is alice +native +once
a_program_is_looked_at_where_its_process_is() {
	local script='printf "#!/nowhere/x\n" >/opt/x; chmod +x /opt/x; cd /opt; /opt/x; ./x; :'
	trace bwrap --bind / / --tmpfs /opt sh -c "$script" 2>/dev/null
	expect_status 0
	expect_failures \
		'sh exec ENOENT - certain exited ^its interpreter /nowhere/x is missing$' \
		'sh exec ENOENT - certain exited ^its interpreter /nowhere/x is missing$'
}

# In five directories, found in the last one, or in none.
live a_search_in_path_is_no_failure alice +native +once
a_search_in_path_is_no_failure() {
	local search='import os, sys; os.execvp(sys.argv[1], sys.argv[1:])'
	local path=/a:/b:/c:/d:$PWD/bin
	mkdir bin
	ln -s /bin/true bin/found
	printf '#!/bin/sh\n' >bin/script
	chmod +x bin/script
	for name in found script; do
		trace env PATH="$path" /usr/bin/python3 -c "$search" "$name"
		expect_status 0
		expect_failures
		expect_equal "$(get 't["folded"]["path_search"]')" 4
	done
	trace env PATH="$path" /usr/bin/python3 -c "$search" nowhere
	expect_status 1
	expect_failures 'python3 exec ENOENT - certain exited ^in none of 5 directories of PATH$'
	expect_equal "$(get 't["failures"][0]["path"]')" nowhere
	trace --unfolded env PATH="$path" /usr/bin/python3 -c "$search" found
	expect_equal "$(get '[(f["folded"], f["path"]) for f in t["failures"]]')" \
		"[('path_search', '/a/found')]"
}

live words_that_are_too_long_are_measured alice +native +once
words_that_are_too_long_are_measured() {
	local execute='import os; os.execv("/bin/true", ["true"] + ["x" * SIZE] * N)'
	trace python3 -c "${execute/SIZE] \* N/140000]}"
	expect_failures 'python3 exec E2BIG - certain exited ^a word of 136K among'
	local both='its arguments and environment'
	execute=${execute/SIZE] \* N/100000] * 30}
	trace bash -c 'ulimit -s 8192; exec "$@"' bash python3 -c "$execute"
	expect_failures \
		"python3 exec E2BIG RLIMIT_STACK certain exited ^RLIMIT_STACK 8M: $both are 2M"
}

# ---- memory ----

live memory_that_is_refused_names_its_limit alice +native
memory_that_is_refused_names_its_limit() {
	local map='import mmap; mmap.mmap(-1, 1 << 45)'
	trace sh -c 'ulimit -v 200000; exec "$@"' sh python3 -c 'bytearray(300 << 20)'
	expect_status 1
	expect_failures \
		'python3 memory ENOMEM RLIMIT_AS certain exited ^RLIMIT_AS 195M \(it has'
	expect_equal "$(get 't["failures"][0]["count"]')" 1
	trace bash -c 'ulimit -d 100000; exec "$@"' bash python3 -c 'bytearray(300 << 20)'
	expect_failures \
		'python3 memory ENOMEM RLIMIT_DATA certain exited ^RLIMIT_DATA 97M \(it has'
	trace python3 -c "$map"
	expect_failures 'python3 memory ENOMEM ram certain exited ^it is more than RAM and swap, '
}

live locked_memory_names_its_limit alice +native +once
locked_memory_names_its_limit() {
	trace sh -c 'ulimit -l 64; exec "$@"' sh python3 -c '
import ctypes
c = ctypes.CDLL(None)
c.mmap.restype = ctypes.c_void_p
c.mmap(None, ctypes.c_size_t(64 << 20), 3, 0x2022, -1, 0)'
	expect_status 0
	expect_failures 'python3 memory EAGAIN RLIMIT_MEMLOCK certain went_on ^RLIMIT_MEMLOCK 64K'
}

live a_killed_hog_is_no_refused_memory alice
a_killed_hog_is_no_refused_memory() {
	trace -m 50M python3 -c 'bytearray(200 << 20)'
	expect_failures
	expect_equal "$(get 't["record"]["verdict"]')" oom
}

# ---- processes and threads ----

# Forks until it is refused; what it made ends with it.
forks='
import os, sys
r, w = os.pipe()
try:
    for _ in range(500):
        if os.fork() == 0:
            os.close(w)
            os.read(r, 1)
            os._exit(0)
except BlockingIOError:
    sys.exit(3)'

threads='
import threading
stop = threading.Event()
try:
    for _ in range(500):
        threading.Thread(target=stop.wait).start()
except RuntimeError:
    stop.set()'

live a_fork_over_the_own_limit_is_certain alice root
a_fork_over_the_own_limit_is_certain() {
	trace --tasks 12 python3 -c "$forks"
	expect_status 3
	expect_failures 'python3 fork EAGAIN pids.max certain exited ^pids.max 12 of this scope$'
	expect_equal "$(get 'list(t["failures"][0]["limit"].values())[2:5]')" \
		'[12, 12, True]'
	expect_equal "$(get 't["failures"][0]["hint"]')" 'give it more: --tasks 24'
}

live a_thread_over_a_nested_run_s_limit_is_certain alice
a_thread_over_a_nested_run_s_limit_is_certain() {
	args=nested
	cgscope sh -c 'exec cgscope trace --tasks 12 --json -o report python3 -c "$0"' "$threads"
	expect_failures \
		'python3 fork EAGAIN pids.max certain went_on ^pids.max 12 of this run.s cgroup$'
	expect_equal "$(get 't["failures"][0]["thread"]')" True
}

live a_fork_over_a_limit_above_is_probable root
a_fork_over_a_limit_above_is_probable() {
	defer systemctl stop livetrace.slice
	systemctl start livetrace.slice
	systemctl set-property --runtime livetrace.slice TasksMax=14
	trace --slice livetrace.slice --tasks 1000 python3 -c "$forks"
	expect_status 3
	expect_failures \
		'python3 fork EAGAIN pids.max probably exited ^pids.max 14 of livetrace.slice$'
	expect_equal "$(get 't["failures"][0]["hint"]')" \
		'as root: systemctl set-property livetrace.slice TasksMax=28'
}

# A shell tries again after 1, 2, 4 and 8 s, by when there is room: a child's end would wake it, and
# then it gives up.
live a_fork_that_works_later_is_folded alice
a_fork_that_works_later_is_folded() {
	trace --tasks 3 bash -c '(sleep 2 &); exec bash -c "sleep 9 & /bin/true; kill \$!"' \
		2>/dev/null
	expect_status 0
	expect_failures
	[[ $(get 't["folded"]["retried"]') -ge 1 ]] || fail "$(<report)"
}

live the_user_s_limit_is_probable alice +native
the_user_s_limit_is_probable() {
	trace bash -c 'ulimit -u 1; exec "$@"' bash python3 -c "$forks"
	expect_status 3
	expect_failures \
		'python3 fork EAGAIN RLIMIT_NPROC probably exited ^RLIMIT_NPROC 1 of uid 1000'
}

live the_user_s_limit_does_not_bind_root root +native +once
the_user_s_limit_does_not_bind_root() {
	trace bash -c 'ulimit -u 1; exec "$@"' bash sh -c true
	expect_status 0
	expect_failures
}

live the_machine_s_limit_is_probable root +once
the_machine_s_limit_is_probable() {
	local before n
	before=$(</proc/sys/kernel/threads-max)
	defer sysctl -qw "kernel.threads-max=$before"
	n=$(sed 's:.*/\([0-9]*\) .*:\1:' /proc/loadavg)
	sysctl -qw "kernel.threads-max=$((n + 40))"
	trace python3 -c "$forks"
	sysctl -qw "kernel.threads-max=$before"
	expect_status 3
	expect_failures \
		'python3 fork EAGAIN kernel.threads-max probably exited ^kernel.threads-max [0-9]+ '
}

live namespaces_are_no_tasks alice +native +once
namespaces_are_no_tasks() {
	trace python3 -c '
import ctypes
c = ctypes.CDLL(None, use_errno=True)
c.syscall(56, 0x40000000 | 17, 0, 0, 0, 0)'
	expect_failures 'python3 fork EPERM - certain went_on ^it may not make a network namespace$'
}

# ---- what is no failure ----

live programs_that_are_well_have_no_failures alice +native
programs_that_are_well_have_no_failures() {
	# A runtime that reserves its memory first.
	trace go version
	expect_status 0
	expect_failures
	trace python3 -c 'import subprocess; subprocess.run(["true"])'
	expect_failures
	trace bash -c 'ls | cat; (exit 0); wait' >/dev/null
	expect_failures
}

# ---- what tracing changes ----

live a_program_without_its_rights_is_noted alice +native
a_program_without_its_rights_is_noted() {
	trace sudo -n id -u
	expect_status 1
	expect_failures
	[[ $(get 't["notes"]') == *"/usr/bin/sudo ran without the rights that its file gives"* ]] ||
		fail "$(<report)"
}

live root_s_programs_keep_their_rights root +native +once
root_s_programs_keep_their_rights() {
	play_alice
	launcher=()
	trace su alice -c 'sudo -n id -u'
	expect_status 0
	expect_lines out 0
	expect_equal "$(get 't["notes"]')" '[]'
}
