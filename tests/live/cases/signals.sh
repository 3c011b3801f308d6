# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# Signals that somebody sends to cgscope, to its command, or to the scope.

live forwarded_signals_arrive_once alice root +once +native
forwarded_signals_arrive_once() {
	local way name
	for way in --leftovers=leave --exec; do
		rm -f log
		start "$way" "${some_limit[@]}" "$helper/log-signals" log
		until_true has_line log ready
		for name in HUP INT QUIT USR1 USR2 TERM; do
			kill -"$name" "$pid"
			until_true has_line log "$name"
		done
		finish
		expect_status 7
		expect_lines log ready HUP INT QUIT USR1 USR2 TERM
		expect_lines err
	done
}

live signals_sent_together_all_arrive alice +once +native
signals_sent_together_all_arrive() {
	start "${some_limit[@]}" "$helper/log-signals" log
	until_true has_line log ready
	kill -HUP "$pid"
	kill -USR1 "$pid"
	kill -USR2 "$pid"
	kill -QUIT "$pid"
	until_true has_line log QUIT
	until_true has_line log USR2
	kill -TERM "$pid"
	finish
	expect_status 7
	sort log | diff -u <(printf '%s\n' HUP QUIT TERM USR1 USR2 ready) -
}

live cgscope_waits_for_a_command_that_takes_its_time alice +once +native
cgscope_waits_for_a_command_that_takes_its_time() {
	start sh -c 'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.1; done'
	until_true has_line out ready
	kill -TERM "$pid"
	finish
	expect_status 3
	expect_lines out ready bye
	expect_lines err
}

live a_signal_without_a_handler_ends_both_by_it alice +once +native
a_signal_without_a_handler_ends_both_by_it() {
	local name pids=() i=0
	for name in TERM HUP USR1 QUIT; do
		wait_status cgscope sh -c 'echo $PPID >"$1.pid"; ulimit -c 0; exec sleep 1000' sh "$name" \
			>"$name.out" 2>"$name.err" &
		pids+=($!)
	done
	for name in TERM HUP USR1 QUIT; do
		until_true has "$name.pid"
		kill -"$name" "$(<"$name.pid")"
		wait "${pids[i++]}"
		expect_lines "$name.out" "signal $(kill -l "$name")"
		expect_lines "$name.err"
	done
}

# A caller that ignores them (nohup, a background job of a script) has a command that does too;
# the shells' own rule that nothing changes that.
live a_signal_that_the_caller_ignores_is_ignored alice +once +native
a_signal_that_the_caller_ignores_is_ignored() {
	mkfifo fifo
	(
		trap '' HUP INT
		exec cgscope sh -c 'echo $PPID >pid; read -r line <fifo; exit 4'
	) 2>err &
	pid=$!
	until_true has pid
	kill -HUP "$(<pid)"
	kill -INT "$(<pid)"
	nap 0.5
	is_gone "$pid" && fail "it did not survive"
	echo go >fifo
	finish
	expect_status 4
	expect_lines err
}

live a_signal_of_the_command_to_its_parent_comes_back alice +once +native
a_signal_of_the_command_to_its_parent_comes_back() {
	# Whoever sends USR1 to the shell that started it means that shell, and gets it himself here.
	# The shell may or may not get as far as its sleep.
	run --leftovers kill sh -c 'sh -c "kill -USR1 $PPID"; sleep 1000'
	expect_status $((128 + $(kill -l USR1)))
}

live the_command_ends_while_cgscope_is_stopped alice +once +native
the_command_ends_while_cgscope_is_stopped() {
	start sh -c 'echo $$ >pid; read -r line <fifo; exit 5'
	mkfifo fifo
	until_true has pid
	kill -STOP "$pid"
	until_true is_stopped "$pid"
	echo go >fifo
	nap 0.3
	kill -CONT "$pid"
	finish
	expect_status 5
}

live systemctl_stop_ends_the_run alice root +native
systemctl_stop_ends_the_run() {
	local manager=--system begin=$SECONDS
	[[ $user == root ]] || manager=--user
	start --name live-stop -- sh -c 'trap "echo TERM; exit 6" TERM; echo ready; while :; do sleep 0.1; done'
	until_true has_line out ready
	systemctl $manager stop live-stop.scope
	finish
	expect_status 6
	expect_lines out ready TERM
	((SECONDS - begin < 40)) || fail "it took $((SECONDS - begin)) s"
}

live systemctl_kill_ends_the_run alice +native
systemctl_kill_ends_the_run() {
	wait_status cgscope --name live-kill -- sh -c 'echo ready >ready; sleep 1000 & sleep 1000' >out 2>err &
	pid=$!
	until_true has ready
	systemctl --user kill --signal=KILL live-kill.scope
	finish
	expect_lines out "signal 9"
}

live the_run_survives_the_death_of_its_holder alice +native
the_run_survives_the_death_of_its_holder() {
	local line holder
	start "${some_limit[@]}" sh -c 'grep ^0:: /proc/self/cgroup; read -r line <fifo; grep ^0:: /proc/self/cgroup; exit 9'
	mkfifo fifo
	until_true has out
	read -r line <out
	line=${line%/run}
	read -r holder <"/sys/fs/cgroup${line#0::}/hold/cgroup.procs"
	kill -KILL "$holder"
	nap 0.3
	echo go >fifo
	finish
	expect_status 9
	uniq -d out | grep -q /run
}
