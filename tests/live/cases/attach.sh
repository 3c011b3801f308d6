# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Processes that run already: attach, move; and other limits for scopes that are there: set.

# The cgroup's name of the process $1.
home_of() {
	local cgroup
	cgroup=$(cgroup_of "$1")
	echo "${cgroup##*/}"
}

# A process of its own that is no session's leader: $child.
background() {
	"$@" &
	child=$!
	defer eval "kill -KILL $child 2>/dev/null"
}

expect_failure() {
	expect_status 1
	expect_lines out
	expect_match err "^cgscope: [^"$'\n'"]*$1"
}

live attach_puts_a_busy_shell_under_limits alice root
attach_puts_a_busy_shell_under_limits() {
	background sh -c 'while :; do sleep 0.1; done'
	run attach -q --name live-a --tasks 20 -m 100M "$child"
	expect_success
	expect_lines out live-a.scope
	expect_equal "$(home_of "$child")" live-a.scope
	expect_equal "$(<"$(group_of live-a)/pids.max")" 20
	expect_equal "$(<"$(group_of live-a)/memory.max")" $((100 << 20))
	run list --no-headings --output name
	has_line out live-a.scope
	run stop live-a
	expect_success
	until_true is_gone "$child"
}

live attach_takes_the_children_along alice +native
attach_takes_the_children_along() {
	local grandchild
	background sh -c '(sh -c "sleep 1000 & wait" & wait) & wait'
	until_true pgrep -P "$child"
	until_true eval 'grandchild=$(pgrep -n -x sleep)'
	run attach -q --name live-a "$child"
	expect_success
	expect_equal "$(home_of "$grandchild")" live-a.scope
	run kill live-a
	background sh -c 'sleep 1000 & wait'
	until_true pgrep -P "$child"
	run attach -q --no-children --name live-a "$child"
	expect_success
	[[ $(home_of "$(pgrep -P "$child")") != live-a.scope ]]
	pkill -P "$child"
}

live attach_says_what_limits_cannot_change alice
attach_says_what_limits_cannot_change() {
	background sh -c 'sleep 1000 & sleep 1000 & sleep 1000 & wait'
	until_true eval "[[ \$(pgrep -c -P $child) -eq 3 ]]"
	run attach --name live-a --tasks 2 -m 50M "$child"
	expect_status 0
	expect_match err '4 tasks are more than the 2'
	expect_match err 'stays charged'
	run kill live-a
}

live attach_moves_nothing_if_one_cannot_be alice
attach_moves_nothing_if_one_cannot_be() {
	background sleep 1000
	run attach --name live-a "$child" 1
	expect_failure "the system manager"
	run attach --name live-a "$child" 2
	expect_failure 'kernel thread'
	run attach --name live-a "$child" 4194303
	expect_failure 'no such process'
	run attach --name live-a "$child" "$(pgrep -o -u root dbus-daemon || pgrep -o -u root systemd-logind)"
	expect_failure 'another user'
	[[ $(home_of "$child") != live-a.scope ]]
	! group_of live-a
	run attach --name live-a "$child" --cpu-time 3
	expect_status 2
	run attach --name live-a 0
	expect_status 2
}

live attach_takes_daemons_and_leaves_logins_alone alice +native
attach_takes_daemons_and_leaves_logins_alone() {
	local leader
	background setsid -f sleep 1017
	until_true eval 'leader=$(pgrep -x -f "sleep 1017")'
	defer eval "kill $leader"
	run attach --name live-a "$leader"
	expect_success
	expect_equal "$(home_of "$leader")" live-a.scope
}

live attach_leaves_a_login_s_leader_alone root +native
attach_leaves_a_login_s_leader_alone() {
	local session leader
	ssh -o BatchMode=yes alice@localhost sleep 1000 >/dev/null 2>&1 </dev/null &
	defer kill $!
	until_true eval 'leader=$(pgrep -n -f "^sshd.*: alice \[(priv|postauth)\]")'
	session=$(cgroup_of "$leader")
	session=${session##*/session-}
	session=${session%.scope}
	run attach --name live-a "$leader"
	expect_failure "it is the leader of login session $session"
	! group_of live-a
}

live of_two_attaches_one_wins alice +native 120s
of_two_attaches_one_wins() {
	local i a b won
	for i in 1 2 3 4 5; do
		background sleep 1000
		cgscope attach --name "live-a$i" "$child" >a.out 2>a.err &
		a=$!
		cgscope attach --name "live-b$i" "$child" >b.out 2>b.err &
		b=$!
		won=0
		if wait "$a"; then won=$((won + 1)); fi
		if wait "$b"; then won=$((won + 1)); fi
		[[ $won -eq 1 ]] || fail "$won of two won" "$(cat a.err b.err)"
		[[ -s a.err || -s b.err ]]
		expect_equal "$(cat a.out b.out)" "$(home_of "$child")"
		kill "$child"
	done
	until_true eval '! group_of live-a1 && ! group_of live-b1'
}

# Processes that end just then: each is there or is reported, and nobody else is hit.
live attach_meets_quick_processes alice +native 180s
attach_meets_quick_processes() {
	local i
	for i in {1..15}; do
		sh -c 'exec sleep 0.0$1' sh "$i" &
		run attach -q --prefix live-quick "$!"
		[[ $status -eq 0 || -s err ]] || fail "neither moved nor reported"
		[[ $(home_of "$$") != live-quick* ]]
	done
}

# Whatever -q leaves out, this it does not.
live attach_names_who_ended_meanwhile alice +native
attach_names_who_ended_meanwhile() {
	local manager stays ends pid
	manager=$(pgrep -u alice -x systemd)
	background sleep 1000
	stays=$child
	background sleep 1000
	ends=$child
	kill -STOP "$manager"
	defer kill -CONT "$manager"
	start attach -q --name live-a "$stays" "$ends"
	until_true pgrep -x -P "$pid" cg-hold
	nap 0.5
	kill -KILL "$ends"
	wait "$ends" || true
	kill -CONT "$manager"
	finish
	expect_status 1
	expect_lines out live-a.scope
	expect_lines err "cgscope: warning: process $ends ended before it was moved"
	expect_equal "$(home_of "$stays")" live-a.scope
}

# follow NUMBER: another process of alice's gets the number, which is free: its PID is that.
follow() {
	sudo -n setpriv --reuid=0 sh -c 'echo $(($1 - 1)) >/proc/sys/kernel/ns_last_pid
		setpriv --reuid=1000 --regid=1000 --clear-groups sleep 1000 >/dev/null 2>&1 &
		[ $! -eq "$1" ] || { kill $!; exit 1; }' sh "$1"
}

# Between the look at the process and the manager's move another one gets its number.
live attach_leaves_alone_who_got_the_number alice
attach_leaves_alone_who_got_the_number() {
	local manager pid home
	manager=$(pgrep -u alice -x systemd)
	background sleep 1000
	defer eval "kill -KILL $child 2>/dev/null"
	kill -STOP "$manager"
	defer kill -CONT "$manager"
	start attach --name live-a "$child"
	until_true eval "ls -l /proc/$pid/fd | grep -q socket:"
	nap 0.5
	kill -KILL "$child"
	wait "$child" || true
	until_true follow "$child"
	home=$(home_of "$child")
	kill -CONT "$manager"
	finish
	expect_status 1
	expect_lines out
	expect_match err 'ended'
	# A manager before 255 moves numbers: then it is told.
	[[ $(home_of "$child") == "$home" ]] || expect_match err 'got its number'
	kill -0 "$child"
	kill -KILL "$child"
	until_true eval '! group_of live-a'
}

# As if cgscope had been killed before it could mark the scope; the manager knows whose it is.
live a_scope_without_its_mark_is_known_by_its_full_name alice +native
a_scope_without_its_mark_is_known_by_its_full_name() {
	background sleep 1000
	run attach -q --name live-a "$child"
	expect_success
	python3 -c 'import os, sys; os.removexattr(sys.argv[1], "user.cgscope")' "$(group_of live-a)"
	run list --no-headings --output name
	! has_line out live-a.scope
	run status live-a.scope
	expect_success
	run stop live-a
	expect_success
	until_true is_gone "$child"
}

live move_goes_to_where_the_command_is alice root
move_goes_to_where_the_command_is() {
	local pid
	cgscope --name live-a -m 100M sleep 1000 2>/dev/null &
	pid=$!
	until_true eval 'grep -q . "$(group_of live-a)/run/cgroup.procs"'
	background sleep 1000
	run move live-a "$child"
	expect_success
	expect_lines out
	expect_equal "$(home_of "$child")" run
	run move live-a "$child"
	expect_failure 'would leave the limits'
	run kill live-a
	expect_success
	wait "$pid" || true
	until_true is_gone "$child"
}

# The kernel takes no process into a cgroup that gives controllers to others: the command has left it.
live move_goes_to_where_the_command_is_after_a_nested_run alice root
move_goes_to_where_the_command_is_after_a_nested_run() {
	local pid
	cgscope --name live-a -m 100M sh -c 'cgscope true; echo up; exec sleep 1000' >up 2>/dev/null &
	pid=$!
	until_true has_line up up
	background sleep 1000
	run move live-a "$child"
	expect_success
	expect_equal "$(home_of "$child")" cgscope-main
	run --in live-a grep ^0:: /proc/self/cgroup
	expect_success
	expect_match out '^0::/.*/live-a\.scope/run/cgscope-grep-'
	run list -n -o name,pid,command
	expect_match out 'live-a\.scope +[0-9]+ +sleep 1000'
	run kill live-a
	expect_success
	wait "$pid" || true
	until_true is_gone "$child"
}

live attached_processes_make_nested_runs_too alice
attached_processes_make_nested_runs_too() {
	background sh -c 'until [ -e go ]; do sleep 0.1; done; cgscope sleep 1017; sleep 1000'
	run attach -q --name live-a "$child"
	expect_success
	: >go
	until_true pgrep -x -f 'sleep 1017'
	background sleep 1000
	run move live-a "$child"
	expect_success
	expect_equal "$(home_of "$child")" cgscope-main
	run status live-a
	expect_match out "  cgscope sleep 1017"
	run --in live-a true
	expect_success
	run kill live-a
	until_true is_gone "$child"
}

live move_needs_a_scope_that_may_be_moved_into alice +native
move_needs_a_scope_that_may_be_moved_into() {
	background sleep 1000
	run move live-nowhere "$child"
	expect_failure 'no scope of yours has that name'
	run move cron.service "$child"
	expect_status 1
	run move init.scope "$child"
	expect_status 1
	kill "$child"
}

live set_changes_both_levels alice root
set_changes_both_levels() {
	local dir pid
	cgscope --name live-a -m 100M --tasks 50 sleep 1000 2>/dev/null &
	pid=$!
	until_true eval 'grep -q . "$(group_of live-a)/run/cgroup.procs"'
	dir=$(group_of live-a)
	run set -v live-a -m 200M --tasks 20 --cpu 50%
	expect_status 0
	expect_match err "memory: 100M -> 200M"
	expect_match err 'tasks: 50 -> 20'
	expect_equal "$(<"$dir/run/memory.max")" $((200 << 20))
	expect_equal "$(<"$dir/memory.max")" $((201 << 20))
	expect_equal "$(<"$dir/run/pids.max")" 20
	expect_equal "$(<"$dir/run/cpu.max")" '50000 100000'
	run set live-a --tasks max
	expect_success
	expect_equal "$(<"$dir/pids.max")" max
	run set --persistent live-a -m 1G
	expect_failure 'cannot keep settings'
	run set live-a --time 3
	expect_status 2
	run kill live-a
	wait "$pid" || true
	run set live-a -m 1G
	expect_failure 'no scope of yours has that name'
}

live set_gives_an_idle_one_a_weight alice root
set_gives_an_idle_one_a_weight() {
	local dir pid
	cgscope --name live-a --cpu-weight idle sh -c \
		'cgscope --name live-in --cpu-weight idle sleep 1000' 2>/dev/null &
	pid=$!
	until_true eval 'grep -q . "$(group_of live-a)/run/live-in/cgroup.procs"'
	dir=$(group_of live-a)
	run set live-a --cpu-weight 200 --tasks 70
	expect_success
	expect_equal "$(<"$dir/run/cpu.idle") $(<"$dir/run/cpu.weight") $(<"$dir/cpu.weight")" '0 200 200'
	expect_equal "$(<"$dir/run/pids.max")" 70
	run set live-in --cpu-weight 300
	expect_success
	expect_equal "$(<"$dir/run/live-in/cpu.weight")" 300
	run set live-a --cpu-weight idle
	expect_success
	expect_equal "$(<"$dir/run/cpu.idle")" 1
	run kill live-a
	wait "$pid" || true
}

# A nested run has the controllers that it began with, and so have those in between.
live set_enables_what_a_nested_run_has_not_got alice root
set_enables_what_a_nested_run_has_not_got() {
	local dir pid
	cgscope --name live-a sh -c \
		'cgscope --name live-in sh -c "cgscope --name live-deep sleep 1000"' 2>/dev/null &
	pid=$!
	until_true eval 'grep -q . "$(group_of live-a)/run/live-in/live-deep/cgroup.procs"'
	dir=$(group_of live-a)/run
	run set live-deep --cpu 50% --tasks 20
	expect_success
	expect_equal "$(<"$dir/live-in/live-deep/cpu.max")" '50000 100000'
	expect_equal "$(<"$dir/live-in/live-deep/pids.max")" 20
	run set live-in --cpu 70%
	expect_success
	expect_equal "$(<"$dir/live-in/cpu.max")" '70000 100000'
	run kill live-a
	wait "$pid" || true
}

live set_tells_and_takes_properties alice
set_tells_and_takes_properties() {
	local pid top=${helper%/live/*}
	cgscope --name live-a -m 100M sleep 1000 2>/dev/null &
	pid=$!
	until_true eval 'grep -q . "$(group_of live-a)/run/cgroup.procs"'
	run set --json live-a -m 200M --cpu 50%
	expect_success
	expect_match out '^\{"schema":1,"scopes":\[\{"name":"live-a.scope","unit":"live-a.scope","cgroup":'
	expect_match out '\{"name":"memory.max","property":"MemoryMax","before":104857600,"after":209715200\}'
	expect_match out '\{"name":"cpu.max","property":"CPUQuota","before":null,"after":5000\}'
	run set --json live-a -p CPUQuotaPeriodSec=50ms -p ManagedOOMSwap=kill
	expect_success
	expect_match out '"property":"CPUQuotaPeriodSec","before":"50000 100000","after":"25000 50000"'
	expect_match out '"name":null,"property":"ManagedOOMSwap","before":null,"after":"kill"'
	"$top/cli/validate" "${top%/tests}/docs/set.schema.json" <out
	expect_equal "$(<"$(group_of live-a)/cpu.max")" '25000 50000'
	run set live-a -p MemoryMax=3M
	expect_status 2
	expect_match err 'write --'
	run set live-a -p KillMode=mixed
	expect_failure 'a running unit'
	run set live-a -p KillMode=perhaps
	expect_status 2
	run kill live-a
	wait "$pid" || true
	background sleep 1000
	run attach -q --name live-b -p 'Documentation=man:sleep(1)' "$child"
	expect_success
	expect_match <(systemctl --user show -P Documentation live-b.scope) 'man:sleep\(1\)'
	run kill live-b
	run attach -p Delegate=no "$child"
	expect_status 2
}

live set_writes_it_down_for_the_next_boot root
set_writes_it_down_for_the_next_boot() {
	defer eval 'rm -rf /etc/systemd/system.control/cron.service.d; systemctl daemon-reload'
	run set --persistent cron.service --tasks 4321
	expect_success
	expect_equal "$(</sys/fs/cgroup/system.slice/cron.service/pids.max)" 4321
	grep -rqx 'TasksMax=4321' /etc/systemd/system.control/cron.service.d
}

live set_warns_below_the_use alice
set_warns_below_the_use() {
	local pid
	cgscope --name live-a sh -c 'sleep 1000 & sleep 1000 & sleep 1000 & wait' 2>/dev/null &
	pid=$!
	until_true eval '[[ $(wc -l <"$(group_of live-a)/run/cgroup.procs") -eq 4 ]]'
	run set live-a --tasks 2
	expect_status 0
	expect_match err '4 tasks are more than 2'
	run kill live-a
	wait "$pid" || true
}

live set_takes_units_of_the_system root
set_takes_units_of_the_system() {
	defer cgscope set -q user.slice --tasks max
	run set -v user.slice --tasks 12345
	expect_status 0
	expect_match err 'until the next boot'
	expect_equal "$(</sys/fs/cgroup/user.slice/pids.max)" 12345
}

live list_and_status_show_use_and_limit alice
list_and_status_show_use_and_limit() {
	local pid
	cgscope --name live-a -m 100M --tasks 7 sleep 1000 2>/dev/null &
	pid=$!
	until_true eval 'grep -q . "$(group_of live-a)/run/cgroup.procs"'
	run list
	expect_success
	expect_match out 'live-a.scope +running +[0-9.]+[KM]/100M +1/7 .* sleep 1000'
	run list --json
	expect_match out '"name":"live-a.scope".*"max_bytes":104857600.*"command":\["sleep","1000"\]'
	run list --any --no-headings --output name
	has_line out live-a.scope
	has_line out init.scope
	run status live-a
	expect_success
	expect_match out 'tasks: 1 of 7'
	expect_match out 'delegated: .*memory'
	expect_match out "[0-9]+  sleep 1000"
	run status --json live-a
	expect_match out '"delegated":\[.*"memory".*"processes":\[\{"pid":'
	run status cron.service
	expect_match out 'delegated: none'
	run freeze live-a
	run status live-a
	expect_match out 'state: frozen'
	run stop live-a
	expect_success
	wait "$pid" || true
	run status live-a
	expect_failure 'no scope of yours has that name'
	run list --no-headings --output name
	! has_line out live-a.scope
}
