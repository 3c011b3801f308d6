# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# cgscope dies before its command: nothing may stay.

live sigkill_ends_the_whole_group alice root +native
sigkill_ends_the_whole_group() {
	start "${some_limit[@]}" -- sh -c "$family"
	until_true has_family
	kill -KILL "$pid"
	finish
	expect_status 137
	expect_family_gone
}

live sigkill_ends_leftovers_that_are_waited_for alice +native
sigkill_ends_leftovers_that_are_waited_for() {
	start --leftovers wait -- sh -c "${family%wait}"
	until_true has_family
	read -r member <pids
	until_true is_gone "$member"
	kill -KILL "$pid"
	finish
	expect_family_gone
}

live sigkill_to_a_stopped_cgscope_ends_the_group alice +native
sigkill_to_a_stopped_cgscope_ends_the_group() {
	start -- sh -c "$family"
	until_true has_family
	kill -STOP "$(head -n 1 pids)"
	until_true is_stopped "$pid"
	kill -KILL "$pid"
	finish
	expect_family_gone
}

live sigkill_of_cgscope_and_holder_at_once_leaves_nothing_but_the_command alice +native
sigkill_of_cgscope_and_holder_at_once_leaves_nothing_but_the_command() {
	local line
	start -- sh -c 'grep ^0:: /proc/self/cgroup; exec sleep 1000'
	until_true has out
	read -r line <out
	line=/sys/fs/cgroup${line#0::}
	# The holder first: it would end the group when cgscope is gone.
	kill -KILL "$(<"${line%/run}/hold/cgroup.procs")" "$pid"
	finish
	# Nobody was left to end it. It is still in its scope, where it can be found.
	systemctl --user kill --signal=KILL "$(basename "${line%/run}")"
	until_true test ! -e "$line"
}

# Until the process $1 is a shell no more: between fork and execve a bash throws SIGTERM away.
until_executed() {
	local name=bash
	while [[ $name == bash ]]; do
		{ read -r name <"/proc/$1/comm"; } 2>/dev/null || return 0
	done
}

# Kills cgscope at a moment that is spread over the whole of a start. $1: the signal, $2: rounds of 5.
kill_during_start() {
	local begin=$EPOCHREALTIME span round i pids
	run "${some_limit[@]}" true
	expect_success
	span=$(((${EPOCHREALTIME/./} - ${begin/./}) / 1000))
	for ((round = 0; round < $2; round++)); do
		pids=()
		for i in 1 2 3 4 5; do
			(
				cgscope "${some_limit[@]}" -- sleep 1000 &
				until_executed $!
				moment=$((RANDOM % (span * 3)))
				nap $((moment / 1000)).$((moment / 100 % 10))$((moment / 10 % 10))
				kill -"$1" $!
				wait $!
			) 2>>err &
			pids+=($!)
		done
		wait "${pids[@]}" || true
	done
}

live sigkill_during_the_start_leaves_nothing alice root +native 180s
sigkill_during_the_start_leaves_nothing() {
	kill_during_start KILL 6
}

live sigterm_during_the_start_leaves_nothing alice +native 120s
sigterm_during_the_start_leaves_nothing() {
	kill_during_start TERM 3
}
