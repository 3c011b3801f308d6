# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Processes that outlive the command.

# A command that ends with status 3 and leaves two processes: a child, and a daemon with a session
# of its own, which ignores what may be ignored. Their PIDs are in the file pids.
leave='
	sleep 1000 >/dev/null 2>&1 &
	echo $! >pids
	trap "" HUP INT TERM
	(setsid sh -c "echo \$\$ >>pids; echo there >there; exec sleep 1000" >/dev/null 2>&1 &)
	until [ -s there ]; do sleep 0.05; done
	exit 3'

# What "leave" has left, as $pids; if they live, the directory of their scope as $scope.
find_leftovers() {
	local line
	mapfile -t pids <pids
	[[ ${#pids[@]} -eq 2 ]] || fail "not two leftovers:" "$(<pids)"
	{ read -r line <"/proc/${pids[0]}/cgroup"; } 2>/dev/null || line=0::/run
	scope=/sys/fs/cgroup${line#0::}
	scope=${scope%/run}
}

expect_all_gone() {
	local pid
	for pid in "${pids[@]}"; do
		is_gone "$pid" || fail "process $pid is still there: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
	done
}

live left_alone_they_go_on_under_the_limits alice root
left_alone_they_go_on_under_the_limits() {
	local pid manager=--system
	[[ $user == root ]] || manager=--user
	run --name live-left "${some_limit[@]}" -t 10 sh -c "$leave"
	expect_status 3
	expect_lines err
	find_leftovers
	for pid in "${pids[@]}"; do
		is_gone "$pid" && fail "process $pid is gone"
		[[ /sys/fs/cgroup$(cgroup_of "$pid") == "$scope/run" ]]
	done
	[[ $scope == */live-left.scope ]]
	[[ $(<"$scope/run/memory.max") == 67108864 && $(<"$scope/run/pids.max") == 10 ]]
	[[ $(<"$scope/cgroup.procs")$(<"$scope/hold/cgroup.procs") == '' ]]
	expect_equal "$(systemctl $manager is-active live-left.scope)" active
	kill -KILL "${pids[0]}"
	nap 0.5
	# One is left, and with it the scope and its name.
	[[ -d $scope ]]
	run --name live-left true
	expect_refused 'a unit of that name exists'
	kill -KILL "${pids[1]}"
	until_true test ! -e "$scope"
	until_true eval '! systemctl '$manager' -q is-active live-left.scope'
}

live leave_is_what_is_done_unless_told alice +native
leave_is_what_is_done_unless_told() {
	run --leftovers leave "${some_limit[@]}" sh -c "$leave"
	expect_status 3
	find_leftovers
	kill -0 "${pids[@]}"
	kill -KILL "${pids[@]}"
	until_true test ! -e "$scope"
}

live systemctl_stop_ends_what_was_left alice +native
systemctl_stop_ends_what_was_left() {
	run --name live-left sh -c 'sleep 1000 >/dev/null 2>&1 & echo $! >pid'
	expect_success
	systemctl --user stop live-left.scope
	is_gone "$(<pid)"
}

live killed_they_are_gone_when_cgscope_is alice root +native
killed_they_are_gone_when_cgscope_is() {
	run --leftovers kill "${some_limit[@]}" sh -c "$leave"
	expect_status 3
	expect_lines err
	find_leftovers
	expect_all_gone
	# That none are there is nothing to say.
	run --leftovers kill sh -c 'exit 4'
	expect_status 4
	expect_lines err
}

live they_are_waited_for alice root +native
they_are_waited_for() {
	start --leftovers wait "${some_limit[@]}" sh -c "$leave"
	until_true has there
	nap 0.3
	find_leftovers
	is_gone "$pid" && fail "it did not wait"
	kill -KILL "${pids[0]}"
	nap 0.3
	is_gone "$pid" && fail "it did not wait for the second one"
	kill -KILL "${pids[1]}"
	finish
	expect_status 3
	expect_lines err
}

live while_waiting_signals_reach_them alice +native
while_waiting_signals_reach_them() {
	start --leftovers wait "${some_limit[@]}" sh -c '"$1" log & setsid "$1" log2 & until [ -s log -a -s log2 ]; do sleep 0.1; done; exit 5' \
		sh "$helper/log-signals"
	until_true has_line log ready
	until_true has_line log2 ready
	nap 0.5
	kill -USR1 "$pid"
	until_true has_line log USR1
	until_true has_line log2 USR1
	kill -TERM "$pid"
	finish
	expect_status 5
	expect_lines log ready USR1 TERM
	expect_lines log2 ready USR1 TERM
}

live while_waiting_sigkill_ends_them alice +native
while_waiting_sigkill_ends_them() {
	start --leftovers wait sh -c "$leave"
	until_true has there
	nap 0.3
	find_leftovers
	kill -KILL "$pid"
	until_true is_gone "${pids[0]}"
	until_true is_gone "${pids[1]}"
}

live one_that_holds_the_output_delays_nothing alice +once +native
one_that_holds_the_output_delays_nothing() {
	local begin=$SECONDS
	run "${some_limit[@]}" sh -c 'sleep 1000 & echo $! >pid; echo x; echo y >&2'
	expect_status 0
	((SECONDS - begin < 30)) || fail "it took $((SECONDS - begin)) s"
	expect_lines out x
	expect_lines err y
	kill -0 "$(<pid)"
	kill "$(<pid)"
}

live after_a_death_by_signal alice +once +native
after_a_death_by_signal() {
	local how
	for how in leave kill; do
		rm -f pids there
		wait_status cgscope --leftovers $how sh -c "${leave/exit 3/kill -KILL \$\$}" >out 2>err
		expect_lines out 'signal 9'
		expect_lines err
		find_leftovers
		[[ $how == leave ]] || expect_all_gone
		[[ $how == kill ]] || kill -KILL "${pids[@]}"
	done
}

# The signal to cgscope is the command's; that cgscope ends by it too doesn't make it forget.
live after_a_signal_to_cgscope_they_are_killed alice +once +native
after_a_signal_to_cgscope_they_are_killed() {
	wait_status cgscope --leftovers kill sh -c "echo \$PPID >parent; ${leave/trap*TERM/:}" >out 2>err &
	pid=$!
	until_true has there
	finish
	expect_lines out 'exit 3'
	find_leftovers
	expect_all_gone
	rm pids there
	wait_status cgscope --leftovers kill sh -c "echo \$PPID >parent; (${leave/exit 3/}); exec sleep 1000" >out 2>err &
	pid=$!
	until_true has there
	nap 0.3
	kill -TERM "$(<parent)"
	finish
	expect_lines out 'signal 15'
	find_leftovers
	expect_all_gone
}

live a_time_limit_ends_the_whole_group alice root +native
a_time_limit_ends_the_whole_group() {
	run --time 2 -k 500ms sh -c "(${leave/exit 3/}); sleep 1000"
	expect_status 124
	expect_match err 'cgscope: sh: ended by its time limit of 2s'
	find_leftovers
	expect_all_gone
}

live a_time_limit_ends_what_is_waited_for alice +native
a_time_limit_ends_what_is_waited_for() {
	run --leftovers wait --time 2 -k 500ms sh -c "$leave"
	expect_status 124
	find_leftovers
	expect_all_gone
}

# A process that waits for its end: it takes note of a TERM, and does not end by it.
stay='
	sh -c "trap \"echo term >>terms\" TERM; echo \$\$ >pid; while :; do sleep 0.1; done" \
		>/dev/null 2>&1 &
	until [ -s pid ]; do sleep 0.05; done'

# It ends 2 s after $begin by SIGTERM and 1 s later by SIGKILL, and whoever kept the time with it.
expect_time_kept() {
	until_true 10 has terms
	((${EPOCHREALTIME/./} - begin >= 2000000)) || fail "SIGTERM came early"
	until_true 10 is_gone "$(<pid)"
	((${EPOCHREALTIME/./} - begin >= 3000000)) || fail "SIGKILL came early"
	((${EPOCHREALTIME/./} - begin < 6000000)) || fail "SIGKILL came late"
	expect_lines terms term
}

live a_time_limit_is_kept_after_the_end alice root +native
a_time_limit_is_kept_after_the_end() {
	local begin=${EPOCHREALTIME/./}
	# Whoever keeps it holds nothing of the caller's: the pipe ends.
	cgscope -v --time 2 --grace 1 --record record sh -c "$stay" 2>err | cat
	expect_match err 'process[^ ]* [a-z]* left, which the time limit ends in [01]'
	grep -q '"notes":\["[12] process.*left, which the time limit ends' record ||
		fail "$(<record)"
	expect_time_kept
}

live a_time_limit_is_kept_after_the_end_of_a_nested_run alice root +native
a_time_limit_is_kept_after_the_end_of_a_nested_run() {
	local begin=${EPOCHREALTIME/./} cgroup
	export stay
	start sh -c 'cgscope --time 2 --grace 1 sh -c "$stay" | cat
		echo over >over; exec sleep 1000'
	until_true 10 has over
	cgroup=/sys/fs/cgroup$(cgroup_of "$(<pid)")
	[[ $cgroup == */run/cgscope-sh-* ]]
	expect_time_kept
	until_true test ! -e "$cgroup"
	kill "$pid"
	finish
}

live who_keeps_the_time_goes_with_the_last_of_them alice +native
who_keeps_the_time_goes_with_the_last_of_them() {
	run --name live-left --time 1000 sh -c 'sleep 1 >/dev/null 2>&1 &'
	expect_success
	until_true test ! -e "$(group_of live-left)"
	run --name live-left --time 1000 sh -c 'sleep 1000 >/dev/null 2>&1 &'
	expect_success
	cgscope stop live-left
	until_true test ! -e "$(group_of live-left)"
}

# bob has a manager while he is logged in, and no longer.
live what_ends_with_the_last_logout_is_told root +native
what_ends_with_the_last_logout_is_told() {
	local bob=(ssh -o BatchMode=yes bob@localhost)
	"${bob[@]}" "cgscope --name live-bob $LIVE_LIMIT -- \
		sh -c 'sleep 1000 >/dev/null 2>&1 &'" 2>err
	expect_match err '^cgscope: 1 process is left in live-bob.scope, which the user manager'
	expect_match err 'cgscope: hint: to keep them: loginctl enable-linger'
	"${bob[@]}" 'cgscope stop --all' 2>err
	expect_lines err
}

# As what a shell has in the background would, but for the manager: nohup says so.
live what_is_to_outlive_a_logout_and_will_not_is_told root +native
what_is_to_outlive_a_logout_and_will_not_is_told() {
	local option bob=(ssh -o BatchMode=yes bob@localhost)
	for option in --exec --leftovers=leave; do
		"${bob[@]}" "nohup cgscope --name live-bob $option $LIVE_LIMIT -- true" 2>err
		expect_match err 'SIGHUP is ignored, but the user manager ends live-bob.scope'
		expect_match err 'cgscope: hint: to keep it: loginctl enable-linger'
	done
	"${bob[@]}" "nohup cgscope -q --exec $LIVE_LIMIT -- true" 2>err
	! grep SIGHUP err
}

live who_lingers_is_told_nothing alice +native
who_lingers_is_told_nothing() {
	run --name live-left "${some_limit[@]}" sh -c 'sleep 1000 >/dev/null 2>&1 &'
	expect_success
	cgscope stop live-left
	launcher=(nohup)
	run "${some_limit[@]}" true
	expect_success
}
