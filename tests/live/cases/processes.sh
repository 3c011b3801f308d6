# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The processes of a run: who ran, how it ended, what it used.

# As run, with a record of its processes in the file record.
run_observed() {
	rm -f record
	run --processes --record record "$@"
}

# Expressions about it, see helper/check-record.
expect_record() {
	"$helper/check-record" record "$@" || fail "'${args-}': the record:" "$(<record)" "stderr:" "$(<err)"
}

# ---- who ran ----

live every_process_has_a_row_with_its_end root
every_process_has_a_row_with_its_end() {
	run_observed sh -c 'sleep 0; (exit 3); sh -c "kill -USR1 \$\$"; sh -c "kill -9 \$\$"; exit 4'
	expect_status 4
	# The kernel has not yet counted what a process ran since the last tick or switch.
	expect_record '[p.status for p in processes] == [4, 0, 3, 138, 137]' \
		'[p.signal for p in processes] == [None, None, None, "SIGUSR1", "SIGKILL"]' \
		'[p.command for p in processes] == ["sh", "sleep", "sh", "sh", "sh"]' \
		'all(p.ppid == processes[0].pid for p in processes[1:])' \
		'processes_lost == 0' 'processes_unjoined == 0' \
		'all(p.peak_rss_bytes > 100000 for p in processes)' 'sum(p.cpu_usec for p in processes) > 0' \
		'sum(p.cpu_usec for p in processes) <= cpu.usage_usec * 1.02'
}

live grandchildren_and_orphans_have_theirs root
grandchildren_and_orphans_have_theirs() {
	run_observed --leftovers wait sh -c 'sh -c "(sleep 0.3; exit 5) & sh -c :"; exit 0'
	expect_success
	expect_record 'len(processes) == 5' 'all(p.status is not None for p in processes)' \
		'[p for p in processes if p.status == 5][0].ppid == processes[1].pid' 'processes_lost == 0'
}

live who_outlives_the_run_has_no_status_yet root
who_outlives_the_run_has_no_status_yet() {
	run_observed --name live-left sh -c 'sleep 100 >/dev/null 2>&1 & sleep 0.2'
	defer systemctl stop live-left.scope
	expect_status 0
	expect_record 'leftovers == 1' '[p.status for p in processes if p.command == "sleep"] in ([None, 0], [0, None])' \
		'[p.cpu_usec for p in processes if p.status is None] == [None]'
}

live a_nested_run_has_its_processes_alone root
a_nested_run_has_its_processes_alone() {
	run sh -c 'sleep 0; cgscope --processes --record record sh -c "sleep 0; exit 6"; exit $?'
	expect_status 6
	expect_record 'placement.backend == "nested"' '[p.status for p in processes] == [6, 0]' \
		'[p.command for p in processes] == ["sh", "sleep"]' 'processes_lost == 0'
}

# The outer run has them too, and what cgscope makes for itself; but not what goes elsewhere.
live what_leaves_the_run_is_not_its_own root
what_leaves_the_run_is_not_its_own() {
	run_observed sh -c 'sleep 0; cgscope --backend systemd env true'
	expect_success
	expect_record '"env" not in [p.command for p in processes]' '"true" not in [p.command for p in processes]' \
		'"sleep" in [p.command for p in processes]' '"cgscope" in [p.command for p in processes]'
}

live a_command_of_an_instant_is_there root 120s
a_command_of_an_instant_is_there() {
	local i
	for ((i = 0; i < 10; i++)); do
		run_observed true
		expect_success
		expect_record '[p.status for p in processes] == [0]' '[p.command for p in processes] == ["true"]' \
			'processes[0].cpu_usec is not None' 'processes_lost == 0'
	done
}

# ---- figures ----

live cpu_time_and_memory_are_plausible root
cpu_time_and_memory_are_plausible() {
	run_observed sh -c '
		python3 -c "
import time
while time.process_time() < 1: pass"
		python3 -c "b = bytearray(64 << 20)"'
	expect_success
	expect_record 'len(processes) == 3' '1000000 <= processes[1].cpu_usec <= 2500000' \
		'processes[1].cpu_usec <= cpu.usage_usec' \
		'64 * MiB <= processes[2].peak_rss_bytes <= 100 * MiB' \
		'processes[1].peak_rss_bytes < 40 * MiB'
}

live threads_are_one_process root
threads_are_one_process() {
	run_observed python3 -c '
import threading, time
def burn():
    end = time.thread_time() + 0.3
    while time.thread_time() < end: pass
threads = [threading.Thread(target=burn) for i in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()'
	expect_success
	expect_record 'len(processes) == 1' '1200000 <= processes[0].cpu_usec <= cpu.usage_usec * 1.02' \
		'processes[0].status == 0' 'tasks.peak >= 5'
}

# The first thread goes, another one ends the process.
live the_last_thread_ends_the_process root
the_last_thread_ends_the_process() {
	run_observed python3 -c '
import ctypes, os, threading, time
threading.Thread(target=lambda: (time.sleep(1), os._exit(7))).start()
ctypes.CDLL(None).pthread_exit(None)'
	expect_status 7
	expect_record '[p.status for p in processes] == [7]' 'processes[0].cpu_usec is not None' \
		'processes[0].peak_rss_bytes > 4 * MiB'
}

set_delayacct() {
	defer sysctl -qw kernel.task_delayacct="$(sysctl -n kernel.task_delayacct)"
	sysctl -qw kernel.task_delayacct="$1"
}

live delays_are_there_where_the_kernel_counts_them root
delays_are_there_where_the_kernel_counts_them() {
	set_delayacct 1
	run_observed dd if=/dev/vda of=/dev/null bs=1M count=32 iflag=direct status=none
	expect_success
	expect_record 'processes[0].delays_usec.io > 0' 'processes[0].delays_usec.cpu is not None' \
		'processes[0].delays_usec.swap == 0' 'processes[0].delays_usec.reclaim is not None' \
		'processes[0].delays_usec.thrashing is not None'
}

live delays_are_null_where_it_does_not root
delays_are_null_where_it_does_not() {
	set_delayacct 0
	run_observed dd if=/dev/vda of=/dev/null bs=1M count=8 iflag=direct status=none
	expect_success
	expect_record 'processes[0].delays_usec.io is None' 'processes[0].delays_usec.swap is None' \
		'processes[0].delays_usec.reclaim is None' 'processes[0].delays_usec.thrashing is None' \
		'processes[0].delays_usec.cpu is not None' 'processes[0].cpu_usec is not None'
}

# ---- losses ----

# Nothing waits in the netlink sockets of $pid.
has_read_all() {
	awk -v pid="$pid" '$3 == pid { n++; waiting += $5 } END { exit n < 2 || waiting > 0 }' /proc/net/netlink
}

# cgscope is stopped, and more happens than the kernel keeps for it.
live a_storm_is_survived_and_counted root 180s
a_storm_is_survived_and_counted() {
	start --processes --record record python3 -W ignore -c '
import os, sys, time, _thread
def child(status):
    pid = os.fork()
    if pid == 0: os._exit(status)
    os.waitpid(pid, 0)
def wait_for(name):
    while not os.path.exists(name): time.sleep(0.1)
child(7)
os.close(os.open("go", os.O_CREAT))
wait_for("stopped")
for i in range(4000):
    lock = _thread.allocate_lock()
    lock.acquire()
    _thread.start_new_thread(lock.release, ())
    lock.acquire()
for i in range(20): child(9)
os.close(os.open("over", os.O_CREAT))
wait_for("on")
child(8)
sys.exit(5)'
	until_true test -e go
	kill -STOP "$pid"
	until_true is_stopped "$pid"
	: >stopped
	until_true 120 test -e over
	kill -CONT "$pid"
	until_true 60 has_read_all
	: >on
	finish
	expect_status 5
	expect_lines err
	# What began and ended unheard has no row; the others have.
	expect_record 'processes_lost > 0' '[p.status for p in processes] == [5, 7, 8]' \
		'processes[0].cpu_usec is not None' 'complete'
}

# ---- monitor ----

live monitor_tells_of_forks_execs_and_exits root
monitor_tells_of_forks_execs_and_exits() {
	local scope
	start --name live-watched sh -c ': >there; until test -e go; do sleep 0.1; done; env true; (exit 3); sleep 0.5'
	until_true test -e there
	scope=$pid
	cgscope monitor --json --processes live-watched.scope >events 2>errors &
	pid=$!
	until_true has events
	: >go
	wait "$scope"
	until_true grep -q '"event":"gone"' events
	finish
	# Others execute something meanwhile, and may be gone when that is heard of.
	! grep -v 'left out: .* not known' errors || fail "$(<errors)"
	"${helper%/live/*}/cli/validate" "${helper%/tests/live/*}/docs/monitor.schema.json" <events
	python3 -IS - <<-'END' || fail "$(<events)"
		import json
		events = [json.loads(line) for line in open("events")]
		ran = [e for e in events if e["event"] == "exec" and e["command"] == "true"]
		ended = [e for e in events if e["event"] == "exit" and e["pid"] == ran[0]["pid"]]
		assert ended[0]["status"] == 0 and ended[0]["cpu_usec"] is not None and ended[0]["peak_rss_bytes"] > 0
		assert any(e["event"] == "fork" and e["pid"] == ran[0]["pid"] for e in events)
		assert any(e["event"] == "exit" and e["status"] == 3 for e in events)
		assert all(e["target"] == "live-watched.scope" for e in events)
	END
}

# All of them wait to be read when the cgroup is gone already.
live monitor_tells_of_a_burst_before_the_end root
monitor_tells_of_a_burst_before_the_end() {
	local scope
	start --name live-burst sh -c ': >there; until test -e go; do sleep 0.1; done
		i=0; while [ "$i" -lt 450 ]; do (exit 3); i=$((i + 1)); done'
	until_true test -e there
	scope=$pid
	start monitor --json --processes live-burst.scope
	until_true has out
	kill -STOP "$pid"
	: >go
	wait "$scope"
	kill -CONT "$pid"
	finish
	expect_status 0
	! grep lost err || fail "$(<err)"
	expect_equal "$(grep -c '"event":"exit".*"status":3,' out)" 450
	tail -n 1 out | grep -q '"event":"gone"' || fail "$(tail -n 3 out)"
}

live monitor_without_the_right_says_so_and_goes_on alice +once
monitor_without_the_right_says_so_and_goes_on() {
	run monitor --processes --interval 200ms --count 1
	expect_status 0
	expect_lines err 'cgscope: cannot observe processes: taskstats: CAP_NET_ADMIN is missing'
	expect_match out 'sample '
	run monitor --processes --until exit
	expect_status 1
}

# ---- the right to it ----

live without_the_right_a_line_says_so_and_the_run_goes_on alice +once
without_the_right_a_line_says_so_and_the_run_goes_on() {
	run_observed sh -c 'exit 3'
	expect_status 3
	expect_lines err 'cgscope: warning: cannot observe processes: taskstats: CAP_NET_ADMIN is missing'
	expect_record 'processes is None' 'processes_lost is None' 'verdict == "failed"' 'complete' \
		'memory.peak_bytes > 0'
}

live the_one_right_is_enough root
the_one_right_is_enough() {
	run true
	launcher=(setpriv --reuid=alice --regid=alice --init-groups --inh-caps=+net_admin --ambient-caps=+net_admin
		env XDG_RUNTIME_DIR=/run/user/1000)
	chown alice: .
	run_observed sh -c 'sleep 0; exit 3'
	expect_status 3
	expect_lines err
	expect_record 'placement.manager == "user"' '[p.status for p in processes] == [3, 0]'
}

live in_a_container_a_line_says_so root
in_a_container_a_line_says_so() {
	local version
	version=$(systemctl --version | awk "NR == 1 { print \$2 }")
	((version >= 255)) || skip "systemd $version has no runs in a PID namespace"
	run true
	expect_success
	run_in_container --processes --record record true
	expect_status 0
	expect_match err '^cgscope: warning: cannot observe processes: [a-z ]*: the kernel reports processes in the initial namespaces only$'
	expect_record 'processes is None'
}

run_in_container() {
	status=0
	args=$*
	unshare --pid --net --fork --mount-proc cgscope "$@" >out 2>err </dev/null || status=$?
}

live the_record_is_needed_for_it alice +once
the_record_is_needed_for_it() {
	run --processes true
	expect_usage_error "'--processes' needs '--record'"
}

# ---- what it costs who does not ask ----

live nothing_of_it_is_loaded_unasked root +once
nothing_of_it_is_loaded_unasked() {
	strace -f -o trace cgscope --record record true
	! grep -E 'libmnl|NETLINK|taskstats' trace || fail "asked for nothing"
	strace -f -o trace cgscope --processes --record record true
	grep -q libmnl trace || fail "where is it then?"
}
