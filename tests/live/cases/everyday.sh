# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2094,SC2154
# What a newcomer does on the first day.

# A process of the case's own, attached: $pid; the directory of its scope: $group.
attach_sleep() {
	sleep 1000 &
	pid=$!
	defer kill "$pid"
	run attach "$@" "$pid"
	expect_status 0
	group=/sys/fs/cgroup$(cgroup_of "$pid")
}

# DIRECTORY FILE=VALUE...
expect_files() {
	local dir=$1 pair
	shift
	for pair; do
		expect_equal "$(<"$dir/${pair%%=*}")" "${pair#*=}" "${pair%%=*}"
	done
}

# ---- set ----

live set_keeps_what_it_does_not_name alice root
set_keeps_what_it_does_not_name() {
	attach_sleep --name live-att --oom kill
	run set live-att --mem 60M
	expect_success
	expect_files "$group" memory.oom.group=1 memory.max=62914560
	run set live-att --cpu 1
	expect_success
	expect_files "$group" memory.oom.group=1 'cpu.max=100000 100000'
	# What was written by hand, too.
	echo $((50 << 20)) >"$group/memory.high"
	run set live-att --mem 61M
	expect_success
	expect_files "$group" memory.high=52428800 memory.oom.group=1
	run set live-att --oom continue
	expect_success
	run set live-att --mem 62M --oom kill
	expect_success
	expect_files "$group" memory.oom.group=1 memory.max=65011712
}

# That of the command's cgroup, too, which the manager knows nothing of.
live set_keeps_the_period_of_the_quota alice root
set_keeps_the_period_of_the_quota() {
	start --name live-period -p CPUQuotaPeriodSec=10ms sleep 1000
	until_true group_of live-period >where
	until_true has_its_command "$(group_of live-period)"
	group=$(group_of live-period)
	for cpu in 20 30; do
		run set live-period --cpu $cpu%
		expect_success
		expect_files "$group" "cpu.max=${cpu}00 10000"
		expect_files "$group/run" "cpu.max=${cpu}00 10000"
	done
	run set live-period -p CPUQuotaPeriodSec=20ms
	expect_success
	expect_files "$group" "cpu.max=6000 20000"
	expect_files "$group/run" "cpu.max=6000 20000"
	run set live-period --unlimited
	expect_success
	expect_files "$group/run" "cpu.max=max 20000"
	run stop live-period
	finish
	# Without a manager.
	run cgscope --name live-inner --cpu 20% -p CPUQuotaPeriodSec=10ms sh -c '
		cgscope set live-inner --cpu 30%
		cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/cpu.max
		cgscope set live-inner -p CPUQuotaPeriodSec=20ms
		cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/cpu.max'
	expect_success
	expect_lines out '3000 10000' '6000 20000'
}

live set_takes_limits_off alice root
set_takes_limits_off() {
	local leaf
	start --name live-off -m 100M --tasks 20 --cpu 50% --cpu-weight 50 sleep 1000
	until_true group_of live-off >where
	until_true has_its_command "$(group_of live-off)"
	group=$(group_of live-off)
	leaf=$group/run
	run set -v live-off --unlimited --tasks 30
	expect_status 0
	expect_match err 'memory: 100M -> no limit'
	expect_files "$leaf" memory.max=max memory.swap.max=max pids.max=30 \
		'cpu.max=max 100000' cpu.weight=50
	expect_files "$group" memory.max=max pids.max=31 'cpu.max=max 100000'
	run set live-off --unlimited
	expect_success
	expect_files "$leaf" pids.max=max
	# There is nothing left to take off.
	run set live-off --unlimited
	expect_success
	run stop live-off
	finish
}

live set_takes_cpus_and_disks_off root
set_takes_cpus_and_disks_off() {
	start --name live-off --cpuset-cpus 0 --io-max /dev/vda:rbps=1M,wiops=100 sleep 1000
	until_true group_of live-off >where
	until_true has_its_command "$(group_of live-off)"
	group=$(group_of live-off)
	[[ -n $(<"$group/run/io.max") ]] || fail "no limit of I/O"
	run set live-off --unlimited
	expect_success
	# The kernel takes no empty list while there are processes.
	expect_files "$group/run" cpuset.cpus="$(<"${group%/*}/cpuset.cpus.effective")" io.max=
	expect_files "$group" io.max=
	run stop live-off
	finish
}

# ---- runs in runs ----

# What --record wrote to the file r: VERDICT NESTED-RUNS OOM-KILLED REFUSED.
nested_of() {
	python3 -c 'import json
r = json.load(open("r"))
print(r["verdict"], *r["nested"].values())'
}

hog='python3 -c "bytearray(400 << 20)"'

live what_a_nested_limit_kills_is_the_nested_run_s alice root
what_a_nested_limit_kills_is_the_nested_run_s() {
	run -m 200M --strict --record r -- sh -c "cgscope -m 20M -q --expect oom -- $hog"
	expect_status 0
	! grep -q '^cgscope' err || fail "$(<err)"
	expect_equal "$(nested_of)" 'ok 1 1 0'
	# One in one, in one: all are told of outside.
	run -m 200M --record r -- sh -c "cgscope -m 100M -- sh -c 'cgscope -m 20M -q -- $hog; true'"
	expect_equal "$(nested_of)" 'ok 2 1 0'
	# Its own is still its own.
	run -m 100M --record r -- sh -c "cgscope -m 20M -q -- $hog; $hog"
	expect_status 137
	expect_equal "$(nested_of)" 'oom 1 1 0'
	expect_match err 'memory.max 100M of this scope, 1 process killed'
	# And so is what it kills in a nested run.
	run -m 60M --record r -- sh -c "cgscope -m 200M -q -- $hog"
	expect_equal "$(nested_of)" 'oom 1 0 0'
	expect_match err 'memory.max 60M of this scope'
}

live what_a_nested_limit_refuses_is_the_nested_run_s alice
what_a_nested_limit_refuses_is_the_nested_run_s() {
	run -t 50 --strict --record r -- \
		sh -c 'cgscope -t 2 -q -- sh -c "sleep 0 & sleep 0 & sleep 0 & wait"; true'
	expect_status 0
	expect_match "$(nested_of >n; echo n)" '^ok 1 0 [1-9]'
	run -t 12 --record r -- sh -c 'cgscope -t 30 -q -- \
		sh -c "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; wait"'
	[[ $status -ne 0 ]] || fail "no fork was refused"
	expect_equal "$(nested_of)" 'tasks 1 0 0'
	expect_match err 'pids.max 12 of this scope'
}

live a_run_inside_a_scope_tells_its_outer_run alice
a_run_inside_a_scope_tells_its_outer_run() {
	start --name live-outer -m 300M --record r sh -c 'while ! [ -e over ]; do sleep 0.1; done'
	until_true group_of live-outer >where
	until_true has_its_command "$(group_of live-outer)"
	status=0
	cgscope --in live-outer -m 20M -q -- python3 -c 'bytearray(200 << 20)' || status=$?
	expect_status 137
	touch over
	finish
	expect_status 0
	expect_equal "$(nested_of)" 'ok 1 1 0'
}

# ---- one line each ----

live exit_code_is_a_status_and_no_death alice +native +once
exit_code_is_a_status_and_no_death() {
	run --exit-code --record r sh -c 'kill -KILL $$'
	expect_status 137
	# A death by a signal would stop xargs, and bash would print a word for it.
	python3 -c 'import subprocess
print(subprocess.run(["cgscope", "--exit-code", "sh", "-c", "kill -KILL $$"]).returncode,
      subprocess.run(["cgscope", "sh", "-c", "kill -KILL $$"]).returncode)' >codes
	expect_lines codes '137 -9'
	grep -q '"exit":{"status":137,"code":null,"signal":"SIGKILL"}' r || fail "$(<r)"
}

live options_behind_the_command_get_a_hint alice +native +once
options_behind_the_command_get_a_hint() {
	run sleep 0 --mem 100M
	expect_status 1
	expect_match err "cgscope: hint: '--mem' was an argument of sleep: options of"
	# It may have been meant so.
	run echo --mem 100M
	expect_success
	run cgscope --time 100ms sleep 100
	expect_status 124
	! grep hint err || fail "a hint to the run that had its option"
}

live move_into_what_is_not_delegated_is_refused_at_once alice +native
move_into_what_is_not_delegated_is_refused_at_once() {
	sleep 1000 &
	defer kill $!
	systemd-run -q --user --unit live-service sleep 1000
	defer systemctl --user stop live-service
	run move --force live-service.service $!
	expect_status 1
	expect_match err '^cgscope: cannot move a process: live-service.service: it is not'
}

live monitor_tells_of_the_kinds_that_were_asked_for alice
monitor_tells_of_the_kinds_that_were_asked_for() {
	mkfifo go
	start --name live-on -m 40M sh -c 'read -r _ <go; python3 -c "bytearray(200 << 20)"; true'
	until_true group_of live-on >where
	cgscope monitor --on oom --hook 'echo "$CGSCOPE_EVENT" >>hooked' live-on >told 2>&1 &
	monitor=$!
	sleep 1
	echo >go
	finish
	wait $monitor
	expect_lines hooked oom
	expect_equal "$(awk '{ print $2 }' told)" oom
}

# ---- list and status ----

live list_marks_what_is_not_plainly_running alice
list_marks_what_is_not_plainly_running() {
	local want='live-a.scope hit memory, near tasks'
	start --name live-a -m 30M -t 4 \
		sh -c 'python3 -c "bytearray(100 << 20)"; sleep 99 & sleep 99 & sleep 99 & wait'
	until_true eval '[[ $(cgscope list -n -o name,state) == *"$want"* ]]'
	run freeze live-a
	run list -n -o name,state
	expect_lines out 'live-a.scope frozen'
	# A pipe gets one table after the other, until it is closed.
	cgscope list --watch=100ms -n -o state | head -n 3 >tables
	expect_lines tables frozen frozen frozen
	run thaw live-a
	# A PID is the scope that the process is in, but for what cannot be undone.
	child=$(head -n 1 "$(group_of live-a)/run/cgroup.procs")
	run set "$child" --tasks 30
	expect_success
	run status "$child"
	expect_match out '^live-a.scope .*state: running, hit memory'
	run stop "$child"
	expect_status 1
	expect_match err "the process of that PID is in live-a.scope"
	run stop live-a
	finish
}

# In the terminal's other screen, which it leaves however this ends; Ctrl-C is one of the ways.
live watch_gives_the_terminal_back alice +native +once
watch_gives_the_terminal_back() {
	local way
	for way in 'type q' 'key C'; do
		terminal <<-END
			size 24 80
			start trap : INT; cgscope list --watch; echo "is \$?"; stty -a|grep icanon
			see 1049h
			see no scopes
			$way
			see 1049l
			see is 0
			see  icanon
			exit 0
		END
	done
	terminal <<-END
		size 24 80
		start cgscope list --watch & sleep 1; kill \$!; wait \$!; echo "status \$?"
		see 1049l
		see status 143
		exit 0
	END
}

live a_person_is_told_and_a_script_is_not alice +native +once
a_person_is_told_and_a_script_is_not() {
	export leave='sleep 1000 >/dev/null 2>&1 &'
	terminal <<-END
		size 24 80
		start cgscope list; cgscope --name live-left sh -c "\$leave"; cgscope stop live-l
		see no scopes
		see 1 process goes on in live-left.scope: cgscope stop live-left.scope
		see live-left.scope: stopped
		exit 0
	END
	terminal <<-END
		size 24 200
		start cgscope monitor --timeout 1s; cgscope monitor --timeout 1s 'live-none@*'
		see watching .*, where this command runs; Ctrl-C ends this
		see waiting for a unit that matches 'live-none@\*'; Ctrl-C ends this
		exit 124
	END
	run list
	expect_success
	expect_lines out
	run --name live-left sh -c "$leave"
	! grep -q 'go on in' err || fail "$(<err)"
	run stop live-left
	expect_success
}

live a_list_begins_with_the_largest alice +native +once
a_list_begins_with_the_largest() {
	local unit
	cgscope --name live-busy sh -c 'while [ ! -e stop ]; do :; done' &
	until_true group_of live-busy >where
	nap 1.1
	cgscope --name live-idle sleep 1000 &
	until_true group_of live-idle >where
	for unit in busy idle; do
		until_true has_its_command "$(group_of live-$unit)"
		defer cgscope stop "live-$unit"
	done
	# Used CPU time, age: the first is ahead. A PID and a name are no figures.
	for column in cpu age pid name; do
		cgscope list -n -o name --sort "$column" | grep live- >"$column"
	done
	expect_lines cpu live-busy.scope live-idle.scope
	expect_lines age live-busy.scope live-idle.scope
	expect_lines name live-busy.scope live-idle.scope
	expect_lines pid live-busy.scope live-idle.scope
	run list -n -o name --sort -cpu
	expect_lines out live-idle.scope live-busy.scope
	touch stop
}

live the_tour_is_as_it_is_told alice +once 240s
the_tour_is_as_it_is_told() {
	"${helper%/helper}/tour" >told
	diff -u "${helper%/tests/live/helper}/docs/tour.md" told || fail "it differs"
}
