# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# --time and --cpu-time, --warn-at and --stop-at.

# The time from $begin on is at least $1 ms and less than $2 s.
expect_took() {
	local ms=$(((${EPOCHREALTIME/./} - ${begin/./}) / 1000))
	((ms >= $1 && ms < $2 * 1000)) || fail "'${args-}' took $ms ms, not $1 ms to $2 s"
}

live time_ends_the_command alice root +once +native
time_ends_the_command() {
	local begin=$EPOCHREALTIME
	run --time 1s sleep 1000
	expect_took 1000 15
	expect_status 124
	expect_lines err 'cgscope: sleep: ended by its time limit of 1s'
	run -q --time 500ms sh -c 'trap "echo TERM; exit 0" TERM; sleep 1000 & wait'
	expect_status 124
	expect_lines out TERM
	expect_lines err
}

live in_time_it_is_the_commands_own_end alice +once +native
in_time_it_is_the_commands_own_end() {
	run --time 1000 --cpu-time 1000 sh -c 'exit 3'
	expect_status 3
	expect_lines err
	run --time max --cpu-time infinity true
	expect_success
}

live after_the_grace_it_is_killed alice +once +native
after_the_grace_it_is_killed() {
	local begin=$EPOCHREALTIME
	run --time 1s --grace 1s sh -c 'trap "echo TERM" TERM; while :; do sleep 0.1; done'
	expect_took 2000 20
	expect_status 124
	expect_lines out TERM
	begin=$EPOCHREALTIME
	run --time 1s -k 0 env --ignore-signal=TERM sleep 1000
	expect_took 1000 15
	expect_status 124
}

live another_first_signal alice +once +native
another_first_signal() {
	start --time 2s --signal INT --grace 100 "$helper/log-signals" log 1
	finish
	expect_status 124
	expect_lines log ready INT
	run --time 500ms --signal KILL env --ignore-signal=TERM sleep 1000
	expect_status 124
}

live the_whole_group_is_ended alice +once +native
the_whole_group_is_ended() {
	local members='
		setsid env --ignore-signal=TERM,HUP sleep 1000 & echo $!
		(setsid sleep 1000 & echo $!)'
	run --time 2s --grace 500ms sh -c "$members; exit 0"
	# The command itself was over in time, so that is its end.
	expect_status 0
	while read -r member; do
		kill -KILL "$member"
	done <out
	run --time 2s --grace 500ms sh -c "$members; sleep 1000"
	expect_status 124
	while read -r member; do
		is_gone "$member" || fail "$member is alive"
	done <out
}

live a_command_that_has_stopped_itself_is_ended alice +once +native
a_command_that_has_stopped_itself_is_ended() {
	local begin=$EPOCHREALTIME
	start --time 2s --grace 1s sh -c 'kill -STOP $$; sleep 1000'
	until_true is_stopped "$pid"
	finish
	expect_took 2000 20
	expect_status 124
	begin=$EPOCHREALTIME
	start --time 1s --grace 1s sh -c 'trap "" TERM; kill -STOP $$; while :; do kill -STOP $$; done'
	finish
	expect_took 2000 20
	expect_status 124
}

live a_command_that_has_frozen_itself_is_ended alice +native
a_command_that_has_frozen_itself_is_ended() {
	local begin=$EPOCHREALTIME
	run --time 2s --grace 1s sh -c 'echo 1 >/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/cgroup.freeze; sleep 1000'
	expect_took 2000 20
	expect_status 124
}

live a_fork_loop_is_ended alice +once
a_fork_loop_is_ended() {
	run --tasks 25 --time 2s --grace 500ms perl -e '$SIG{TERM} = $SIG{HUP} = "IGNORE"; fork while 1'
	expect_status 124
}

live cpu_time_ends_a_busy_command alice root +once +native
cpu_time_ends_a_busy_command() {
	run --cpu-time 1s sh -c 'while :; do :; done'
	expect_status 124
	expect_lines err 'cgscope: sh: ended by its CPU time limit of 1s'
}

live cpu_time_is_that_of_the_whole_group alice +once +native
cpu_time_is_that_of_the_whole_group() {
	run --cpu-time 1s sh -c 'perl -e "1 while 1" & perl -e "1 while 1" & wait'
	expect_status 124
	# Sleeping is free.
	run --cpu-time 1s sleep 2
	expect_success
}

live cpu_time_of_a_stopped_command_with_busy_children alice +once +native
cpu_time_of_a_stopped_command_with_busy_children() {
	local begin=$EPOCHREALTIME
	start --cpu-time 1s --grace 1s sh -c 'perl -e "1 while 1" & kill -STOP $$; wait'
	finish
	expect_took 500 30
	expect_status 124
}

# The manager's own time limit is the last resort: 10 s and the grace later.
live a_stopped_cgscope_does_not_suspend_the_limit alice +native
a_stopped_cgscope_does_not_suspend_the_limit() {
	start --time 1s --grace 100ms sh -c 'echo $$; exec sleep 1000'
	until_true has out
	kill -STOP "$pid"
	until_true 30 is_gone "$(<out)"
	kill -CONT "$pid"
	finish
	[[ $status -eq 124 || $status -eq 143 ]] || fail "status $status"
}

live a_time_limit_with_leftovers_that_are_waited_for alice +once +native
a_time_limit_with_leftovers_that_are_waited_for() {
	local begin=$EPOCHREALTIME
	run --time 2s --leftovers wait sh -c 'sleep 1000 & exit 5'
	expect_took 2000 20
	expect_status 124
}

# ---- thresholds ----

six_at_once='for i in 1 2 3 4 5 6; do sleep "$1" & done; wait'

live warn_at_says_one_line alice root +once
warn_at_says_one_line() {
	run --warn-at tasks:50% --tasks 10 --record record sh -c "$six_at_once" sh 3
	expect_status 0
	expect_match err "^cgscope: warning: sh: tasks:50% is reached: [567] of pids.max 10 of this run's cgroup$"
	expect_match record '"notes":\[[^]]*"tasks:50% reached 1 times"'
}

live stop_at_ends_the_run alice root
stop_at_ends_the_run() {
	run --stop-at tasks:5 --record record sh -c "$six_at_once" sh 1000
	expect_status 124
	expect_match err '^cgscope: sh: ended by the threshold tasks:5: [567]$'
	expect_match record '"verdict":"pressure"'
}

live stop_at_a_share_of_an_outer_limit alice
stop_at_a_share_of_an_outer_limit() {
	run --tasks 12 -q sh -c 'cgscope --tasks 1000 --stop-at tasks:60% sh -c "$0" sh 1000' "$six_at_once"
	expect_status 124
	expect_match err 'ended by the threshold tasks:60%: [0-9]+ of pids.max 12 of '
}

live stop_at_memory alice
stop_at_memory() {
	run --stop-at memory:80% -m 100M python3 -c 'import time; a = b"x" * (90 << 20); time.sleep(1000)'
	expect_status 124
	expect_match err "ended by the threshold memory:80%: [89][0-9]M of memory.max 100M of this run's cgroup"
}

live stop_at_pressure alice
stop_at_pressure() {
	run --stop-at pressure:cpu:some:30%/2s --record record sh -c 'for i in 1 2 3 4 5 6; do while :; do :; done & done; wait'
	expect_status 124
	expect_match err 'ended by the threshold pressure:cpu:some:30%/2s: tasks waited for [0-9]+% of the time'
	expect_match record '"blame":null'
}

live thresholds_of_a_nested_run alice +once
thresholds_of_a_nested_run() {
	run sh -c 'cgscope --stop-at tasks:5 sh -c "$0" sh 1000' "$six_at_once"
	expect_status 124
	expect_match err 'ended by the threshold tasks:5: [567]$'
}
