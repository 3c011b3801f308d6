# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What cgscope itself prints.

live a_successful_run_prints_nothing alice root +once
a_successful_run_prints_nothing() {
	run "${some_limit[@]}" -t 30 --cpu 100% --time 1000 --leftovers kill true
	expect_success
	expect_lines out
	run sh -c 'exit 3'
	expect_status 3
	expect_lines err
}

live verbose_says_what_is_done alice
verbose_says_what_is_done() {
	run -v "${some_limit[@]}" echo hello
	expect_status 0
	expect_lines out hello
	expect_match err 'scope /user.slice/user-1000.slice/user@1000.service/app.slice/cgscope-echo-'
	expect_match err 'memory.max is 64M'
	[[ $(grep -vc '^cgscope: ' err) -eq 0 ]]
}

live quiet_says_nothing_of_time_limits_but_tells_failures alice +once +native
quiet_says_nothing_of_time_limits_but_tells_failures() {
	run -q --time 500ms sleep 1000
	expect_status 124
	expect_lines err
	run -q --cpuset-cpus 0 true
	expect_refused cpuset
}

live control_characters_do_not_reach_the_terminal alice +once +native
control_characters_do_not_reach_the_terminal() {
	run $'./a\033[31m\nb'
	expect_status 127
	expect_lines err 'cgscope: cannot execute: ./a\x1b[31m\x0ab: command not found'
}

live an_unwritable_stderr_does_not_matter alice +once +native
an_unwritable_stderr_does_not_matter() {
	status=0
	cgscope -v "${some_limit[@]}" sh -c 'exit 3' 2>/dev/full || status=$?
	expect_status 3
	status=0
	cgscope -v "${some_limit[@]}" sh -c 'exit 3' 2>&- || status=$?
	expect_status 3
	status=0
	cgscope --cpuset-cpus 0 true 2>/dev/full || status=$?
	expect_status 125
}

live an_unwritable_stdout_is_a_failure alice +once
an_unwritable_stdout_is_a_failure() {
	local words child
	sleep 1000 &
	child=$!
	defer eval "kill -KILL $child 2>/dev/null"
	cgscope attach -q --name live-a "$child" >/dev/null
	for words in list 'list --json' 'status live-a' 'status --json live-a' \
		'set --json live-a --tasks 9' 'check --json' 'doctor --json'; do
		status=0
		# shellcheck disable=SC2086
		cgscope $words >/dev/full 2>err || status=$?
		args=$words
		expect_status 1
		expect_match err '^cgscope: cannot write to the standard output: No space left on device'
	done
	expect_equal "$(<"$(group_of live-a)/pids.max")" 9
	run kill live-a
	expect_success
	sleep 1000 &
	child=$!
	status=0
	cgscope attach -q --json --name live-a "$child" >&- 2>err || status=$?
	expect_status 1
	expect_match err 'standard output'
	run kill live-a
	expect_success
}

# Files of the kernel must not be opened where the streams would be.
live closed_streams_do_no_harm alice +once
closed_streams_do_no_harm() {
	local closed
	for closed in '2>&-' '<&- 2>&-' '<&- >&- 2>&-'; do
		: >out
		status=0
		eval "cgscope -v --best-effort --cpuset-cpus 0 $LIVE_LIMIT -t 10 sh -c 'exec >>out 2>&1 </dev/null; $read_limits' \
			sh memory.max pids.max ../cgroup.freeze ../cgroup.max.depth $closed" || status=$?
		expect_equal "$status" 0 "status with $closed"
		expect_lines out memory.max=67108864 pids.max=10 ../cgroup.freeze=0 ../cgroup.max.depth=max
		status=0
		eval "cgscope --cpuset-cpus 0 touch ran $closed" || status=$?
		expect_equal "$status" 125 "status with $closed"
		status=0
		eval "cgscope --time 1 -- sleep 1000 $closed" || status=$?
		expect_equal "$status" 124 "status with $closed"
	done
	[[ ! -e ran ]]
}

live nobody_reads_the_messages alice +once +native
nobody_reads_the_messages() {
	mkfifo fifo
	exec 6<>fifo
	exec 5>fifo
	exec 6<&-
	wait_status cgscope -v "${some_limit[@]}" sh -c 'sleep 0.5; exit 3' >out 2>&5
	expect_lines out 'exit 3'
	wait_status cgscope --time 1 sleep 1000 >out 2>&5
	expect_lines out 'exit 124'
	wait_status cgscope --cpuset-cpus 0 true >out 2>&5
	expect_lines out 'exit 125'
}

live help_is_on_stdout_and_a_full_disk_is_a_failure alice +once +native
help_is_on_stdout_and_a_full_disk_is_a_failure() {
	run --help
	expect_success
	expect_match out '^Usage: cgscope'
	run --version
	expect_success
	expect_match out '^cgscope [0-9]'
	status=0
	cgscope --help >/dev/full 2>err || status=$?
	expect_status 1
	expect_match err '^cgscope: .*standard output: No space left'
}

live messages_are_not_on_stdout alice +once +native
messages_are_not_on_stdout() {
	run -v --best-effort --cpuset-cpus 0 --time 1 sleep 1000
	expect_status 124
	expect_lines out
	has err
}

live forty_runs_twenty_at_once alice
forty_runs_twenty_at_once() {
	local i round pids
	for round in 1 2; do
		pids=()
		for ((i = 0; i < 20; i++)); do
			cgscope "${some_limit[@]}" -t 10 sh -c "$read_limits" sh memory.max pids.max >"out.$round.$i" 2>"err.$round.$i" &
			pids+=($!)
		done
		for i in "${pids[@]}"; do
			wait "$i" || fail "one failed:" "$(cat err.*)"
		done
	done
	expect_equal "$(cat err.*)" ''
	expect_equal "$(sort out.* | uniq -c | tr -s ' ')" ' 40 memory.max=67108864'$'\n'' 40 pids.max=10'
}

# The last line of a terminal of 10 lines: \033[10;1H. At the end all lines scroll again: \033[r.
live progress_is_shown_in_the_terminals_last_line alice +once
progress_is_shown_in_the_terminals_last_line() {
	terminal <<-END
		size 10 60
		start TERM=xterm cgscope --progress $LIVE_LIMIT --tasks 5 sh -c 'echo up; read x; echo down'
		see up
		see \033\[10;1Hsh  \d+s  tasks 1 of 5  memory [0-9.]+[KM] of 64M  CPU
		type x
		see down
		see \033\[10;1H\033\[K\033\[r
		never tasks
		exit 0
	END
}

# In 12 columns all but the first. What the kernel does not tell, without a controller, is no item.
live progress_has_whole_items_only alice +once +native
progress_has_whole_items_only() {
	local columns
	for columns in 12 60; do
		terminal <<-END
			size 10 $columns
			start TERM=xterm cgscope --progress $LIVE_LIMIT sh -c 'echo up; read x'
			see up
			see \033\[10;1Hsh  \d+s$([[ $columns -eq 60 ]] || printf '%s' '\033\[K')
			never of 0
			type x
			exit 0
		END
	done
}

live progress_is_nothing_elsewhere alice +once +native
progress_is_nothing_elsewhere() {
	run --progress "${some_limit[@]}" sleep 1.5
	expect_success
	expect_lines out
	terminal <<-END
		size 10 60
		start TERM=dumb cgscope --progress $LIVE_LIMIT sh -c 'echo up; sleep 1.5; echo down'
		see up
		never tasks
		see down
		exit 0
	END
}
