# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The record of a run: exact figures, and where it is written.

# As run, with a record in the file record.
run_recorded() {
	rm -f record
	run --record record "$@"
}

# Expressions about it, see helper/check-record.
expect_record() {
	"$helper/check-record" record "$@" || fail "'${args-}': the record:" "$(<record)" "stderr:" "$(<err)"
}

# The file $1 holds $2 records, one a line, for all of which the expressions are true.
expect_records() {
	local file=$1
	[[ $(wc -l <"$file") -eq $2 ]] || fail "$(wc -l <"$file") lines, not $2:" "$(<"$file")"
	shift 2
	python3 -IS - "$file" "$@" <<-'END' || fail "not all of $file"
		import json, sys
		for line in open(sys.argv[1], "rb"):
		    record = json.loads(line)
		    for text in sys.argv[2:]:
		        if not eval(text, {"r": record}):
		            sys.exit("{}: {}".format(text, record))
	END
}

# ---- figures ----

live a_hundred_short_runs_lose_nothing alice 240s
a_hundred_short_runs_lose_nothing() {
	local i k runs
	for ((i = 0; i < 25; i++)); do
		runs=()
		for k in 1 2 3 4; do
			cgscope --record records --append true &
			runs+=($!)
		done
		for k in "${runs[@]}"; do
			wait "$k"
		done
	done
	expect_records records 100 'r["complete"] is True' 'r["memory"]["peak_bytes"] > 0' 'r["tasks"]["peak"] == 1' \
		'r["cpu"]["usage_usec"] > 0' 'r["verdict"] == "ok"' 'r["leftovers"] == 0' 'r["notes"] == []' \
		'not any(r["memory"]["events"].values())'
}

in_use() {
	[[ $(<"$1/memory.current") -ge $2 ]]
}

live the_peak_is_the_sum_of_what_is_there_at_once alice
the_peak_is_the_sum_of_what_is_there_at_once() {
	local line
	mkfifo fifo
	exec 4<>fifo
	# dd reads a whole block, then can't get rid of it.
	start --record record sh -c '
		grep ^0:: /proc/self/cgroup
		for n in 10 20 30 40; do
			dd if=/dev/zero bs=${n}M count=1 status=none >&4 &
		done
		wait'
	until_true has out
	read -r line <out
	until_true in_use "/sys/fs/cgroup${line#0::}" $((100 << 20))
	nap 0.2
	head -c 100M <&4 >/dev/null
	finish
	expect_success
	# On top of the blocks: five processes' stacks, page tables and kernel objects.
	expect_record '100 * MiB <= memory.peak_bytes <= 105 * MiB' '40 * MiB <= memory.max_rss_bytes <= 45 * MiB' \
		'memory.anon_peak_bytes is None or memory.anon_peak_bytes <= 105 * MiB' 'tasks.peak in (5, 6)'
}

live page_cache_is_in_the_peak_but_not_anonymous alice
page_cache_is_in_the_peak_but_not_anonymous() {
	local directory
	# /tmp may be in memory.
	directory=$(mktemp -d /var/tmp/live-XXXXXX)
	defer rm -rf "$directory"
	run_recorded sh -c 'dd if=/dev/zero of="$1" bs=1M count=200 status=none; sleep 1.5' sh "$directory/file"
	expect_success
	expect_record 'memory.peak_bytes >= 200 * MiB' 'memory.anon_peak_bytes < 10 * MiB' \
		'memory.file_peak_bytes >= 190 * MiB' 'memory.max_rss_bytes < 20 * MiB'
}

live cpu_time_and_throttling alice
cpu_time_and_throttling() {
	local i begin ms
	# A busy host keeps the emulated CPUs from being used, so that there is less to throttle; not always.
	for i in 1 2 3; do
		begin=$EPOCHREALTIME
		run_recorded --cpu 10% --time 3s --grace 0 perl -e '1 while 1'
		ms=$(((${EPOCHREALTIME/./} - ${begin/./}) / 1000))
		expect_status 124
		! "$helper/check-record" record 'cpu.usage_usec <= 600000 and cpu.throttled_usec > 500000' || break
	done
	expect_record '100000 <= cpu.usage_usec <= 600000' 'cpu.throttled_usec > 500000 and cpu.periods_throttled > 5' \
		"3000000 <= wall_usec <= $ms * 1000" 'any("of the time by cpu.max 10%" in note for note in notes)' \
		'abs(cpu.user_usec + cpu.system_usec - cpu.usage_usec) < 10000'
}

live what_the_kernel_cannot_tell_is_null alice
what_the_kernel_cannot_tell_is_null() {
	run_recorded -m 67108865 true
	expect_success
	expect_record 'io.read_bytes is None and io.write_ops is None' 'cpu.throttled_usec in (None, 0)' 'complete' \
		'[(l.requested, l.effective, l.verified) for l in limits if l.name == "memory.max"] == [(67108865, 67108864, True)]' \
		'placement.backend == "systemd" and placement.manager == "user"' \
		'placement.unit in placement.cgroup' 'memory.events.oom == 0' 'exit.code == 0'
}

live files_that_are_not_there_are_null alice
files_that_are_not_there_are_null() {
	# As if the kernel had been booted with psi=0.
	run_recorded "${some_limit[@]}" sh -c 'echo 0 >"/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/cgroup.pressure"; exit 3'
	expect_status 3
	expect_lines err
	expect_record 'complete' 'verdict == "failed" and reason == "exit status 3"' 'memory.peak_bytes > 0 and tasks.peak > 0' \
		'{v for kind in vars(pressure).values() for v in vars(kind).values()} == {None}'
}

live leftovers_are_counted alice +once
leftovers_are_counted() {
	local how expected pids='sleep 1000 & echo $!; sleep 1000 & echo $!'
	run_recorded sh -c "$pids; exit 3"
	expect_status 3
	expect_record 'leftovers == 2' 'complete' 'memory.peak_bytes > 0'
	xargs kill <out
	run_recorded --leftovers kill sh -c "$pids; exit 3"
	expect_status 3
	expect_record 'leftovers in (0, 2)' 'complete'
	run_recorded --leftovers wait sh -c 'sleep 1 & exit 3'
	expect_status 3
	expect_record 'leftovers == 0' 'wall_usec >= 1000000' 'complete'
}

live records_are_as_the_schema_says alice +once
records_are_as_the_schema_says() {
	local top="${helper%/live/helper}"
	local validate=$top/cli/validate schema=${top%/tests}/docs/record.schema.json
	run_all() {
		run --record records --append --label "case=$#" "$@"
	}
	run_all true
	run_all "${some_limit[@]}" --mem-high 32M -t 10 --cpu 50% --oom kill --time 10 --cpu-time 10 sh -c 'exit 3'
	run_all -m 32M perl -e '$x = "x" x (100 << 20)'
	run_all -t 3 "$helper/bomb"
	run_all --time 300ms sleep 1000
	run_all live-no-such-program
	run_all --cpuset-cpus 0 true
	run_all --leftovers kill sh -c 'sleep 1000 & kill -9 $$'
	"$validate" "$schema" <records || fail "$(<records)"
	python3 -IS -c 'import json; print([json.loads(line)["verdict"] for line in open("records")])' >out
	expect_lines out "['ok', 'failed', 'oom', 'tasks', 'time', 'exec', 'refused', 'signal']"
}

live a_restart_of_the_manager_loses_nothing alice
a_restart_of_the_manager_loses_nothing() {
	mkfifo fifo
	start --record record "${some_limit[@]}" sh -c 'echo ready; read -r line <fifo; perl -e "\$x = q(x) x (20 << 20)"; exit 4'
	until_true has out
	systemctl --user daemon-reexec
	systemctl --user daemon-reload
	echo go >fifo
	finish
	expect_status 4
	expect_lines err
	expect_record 'complete' 'memory.peak_bytes > 20 * MiB' 'tasks.peak >= 2' 'cpu.usage_usec > 0' \
		'verdict == "failed" and exit.code == 4'
	# The next run finds it at work.
	run "${some_limit[@]}" true
	expect_success
}

# What a record has when there was no cgroup any more to read from: nothing that looks like a figure, and
# the limits as they were found before the command started. Since kernel 6.11 the cgroups above tell of
# refused forks.
expect_lost_figures() {
	expect_record 'not complete' 'wall_usec > 0 and memory.max_rss_bytes > 0' \
		'memory.peak_bytes is tasks.peak is leftovers is cpu.usage_usec is None' 'tasks.refused in (None, 0)' \
		'set(vars(memory.events).values()) == {None} and pressure.memory.some_usec is None' \
		'[(l.effective, l.verified) for l in limits if l.name == "memory.max"] == [(64 * MiB, True)]' "$@"
}

live a_killed_scope_is_not_complete alice
a_killed_scope_is_not_complete() {
	local line
	start --record record --name live-killed "${some_limit[@]}" sh -c 'grep ^0:: /proc/self/cgroup; sleep 1000 & sleep 1000'
	until_true has out
	read -r line <out
	line=/sys/fs/cgroup${line#0::}
	# So that nothing can be saved.
	kill -STOP "$pid"
	echo 1 >"${line%/run}/cgroup.kill"
	until_true eval "[[ ! -e $line ]]"
	kill -CONT "$pid"
	finish
	expect_status 137
	expect_lines err
	expect_lost_figures 'verdict == "signal" and exit.signal == "SIGKILL" and blame is None'
}

# Moves the command of live-moved.scope, whose PID is in the file out, elsewhere, and lets the scope's
# cgroup vanish.
move_the_command_out() {
	local scope=/sys/fs/cgroup/system.slice/live-moved.scope elsewhere=/sys/fs/cgroup/live-elsewhere
	[[ -d $elsewhere ]] || {
		mkdir $elsewhere
		defer rmdir $elsewhere
	}
	until_true has out
	echo "$(<out)" >$elsewhere/cgroup.procs
	kill -KILL "$(<$scope/hold/cgroup.procs)"
	until_true eval "[[ ! -e $scope ]]"
}

live a_cgroup_that_vanishes_takes_its_figures_along root
a_cgroup_that_vanishes_takes_its_figures_along() {
	mkfifo fifo
	start --record record --name live-moved "${some_limit[@]}" sh -c 'echo $$; read -r line <fifo; exit 5'
	move_the_command_out
	echo go >fifo
	finish
	expect_status 5
	expect_match err '^cgscope: the command moved to /live-elsewhere, where the limits'
	expect_lost_figures 'verdict == "failed"' \
		'reason == "exit status 5" + "; its counters were lost, so whether a limit was the cause is unknown" * (tasks.refused is None)'
	rm out
	start --record record --name live-moved "${some_limit[@]}" --leftovers wait sh -c 'echo $$; read -r line <fifo; exit 5'
	move_the_command_out
	echo go >fifo
	finish
	expect_status 5
	expect_lost_figures 'verdict == "failed"'
}

live a_time_limit_holds_when_the_cgroup_has_vanished root
a_time_limit_holds_when_the_cgroup_has_vanished() {
	start --record record --name live-moved "${some_limit[@]}" --time 5s --grace 500ms sh -c 'trap "" TERM; echo $$; while :; do :; done'
	move_the_command_out
	finish
	expect_status 124
	expect_lost_figures 'verdict == "time" and exit.signal == "SIGKILL"'
	# Of CPU time nobody knows any more; that is said.
	rm out
	start --name live-moved "${some_limit[@]}" --cpu-time 10s sh -c 'echo $$; exec sleep 1000'
	move_the_command_out
	until_true 60 eval "grep -q '^cgscope: warning: .*the CPU time limit is no longer enforced' err"
	kill -KILL "$(<out)"
	finish
	expect_status 137
}

live a_restarted_manager_ends_the_run root +native 120s
a_restarted_manager_ends_the_run() {
	play_alice
	start --record record "${some_limit[@]}" sh -c 'echo ready; sleep 1000 & sleep 1000'
	until_true has out
	systemctl restart user@1000.service
	finish
	expect_status 143
	! grep '^cgscope: ' err
	expect_record 'verdict == "signal" and exit.signal == "SIGTERM" and blame is None' 'complete or memory.peak_bytes != 0'
	until_true 60 as alice systemctl --user -q is-active basic.target
	run "${some_limit[@]}" true
	expect_success
}

# ---- what is in it ----

live labels_and_what_was_run alice +once +native
labels_and_what_was_run() {
	run_recorded --label a=1 --label 'b c=x=y' --label $'d=\xff\n' -- sh -c 'exit 0' x '' ä $'\x01\e\n"\\\xff'
	expect_success
	python3 -IS - <<-'END'
		import json
		record = json.load(open("record", encoding="utf-8"))
		assert record["labels"] == {"a": "1", "b c": "x=y", "d": "\ufffd\n"}, record
		assert record["command"] == ["sh", "-c", "exit 0", "x", "", "ä", "\x01\x1b\n\"\\\ufffd"], record
	END
	expect_record "kernel == '$(uname -r)' and host == '$(uname -n)'" 'schema == 1' \
		"started_at[:10] in ('$(date -u +%F)', '$(date -u -d '-5 min' +%F)') and started_at[-1] == 'Z'"
}

live a_hundred_thousand_arguments alice +once +native
a_hundred_thousand_arguments() {
	# shellcheck disable=SC2046 # words are wanted
	run_recorded true $(seq 100000)
	args='true $(seq 100000)'
	expect_success
	expect_record 'len(command) == 100001 and command[100000] == "100000"' 'verdict == "ok"'
}

live summary_is_on_stderr alice +once
summary_is_on_stderr() {
	run --summary "${some_limit[@]}" -t 10 sh -c 'echo output; exit 3'
	expect_status 3
	expect_lines out output
	expect_match err '64M'
	[[ $(grep -vc '^cgscope: ' err) -eq 0 ]]
}

# ---- where it is written ----

live ten_runs_share_a_file alice +once +native
ten_runs_share_a_file() {
	local i pids=()
	for i in 1 2 3 4 5 6 7 8 9 10; do
		# Each line is longer than a pipe or a page.
		cgscope --record records --append --label "n=$i" true "$(head -c 20000 /dev/zero | tr '\0' "$((i % 10))")" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	expect_records records 10 'len(r["command"][1]) == 20000 and r["complete"]' \
		'set(r["command"][1]) == {r["labels"]["n"][-1]}'
}

live descriptors_and_fifos alice +once +native
descriptors_and_fifos() {
	exec 4>record
	run --record /dev/fd/4 -- sh -c 'echo output; exit 3'
	exec 4>&-
	expect_status 3
	expect_lines out output
	expect_record 'exit.code == 3'
	run --record - -- sh -c 'echo output; exit 3'
	expect_status 3
	[[ $(head -n 1 out) == output ]]
	tail -n +2 out >record
	expect_record 'exit.code == 3'
	mkfifo fifo
	cat fifo >record &
	run --record fifo -- sh -c 'exit 3'
	wait $!
	expect_status 3
	[[ -p fifo ]]
	expect_record 'exit.code == 3'
}

live a_file_is_replaced_as_a_whole alice +once +native
a_file_is_replaced_as_a_whole() {
	echo old >real
	chmod 600 real
	ln -s real record
	run --record record sh -c 'cat real'
	expect_success
	expect_lines out old
	[[ -L record && $(stat -c %a real) == 600 ]]
	expect_record 'verdict == "ok"'
	# Whoever is killed has written nothing.
	echo old >real
	start --record record sh -c 'echo ready; sleep 1000'
	until_true has out
	kill -KILL "$pid"
	finish
	expect_lines real old
	[[ $(find . -name '*cgscope*' | wc -l) -eq 0 ]] || fail "left behind:" "$(ls -A)"
}

live a_killed_cgscope_leaves_whole_records_or_none alice +once +native 120s
a_killed_cgscope_leaves_whole_records_or_none() {
	local i
	for ((i = 0; i < 12; i++)); do
		true >out
		start --record "record$i" sh -c 'echo ready; sleep 0.1'
		until_true has out
		nap "0.1$((RANDOM % 10))"
		kill -KILL "$pid" || true
		finish
	done
	for ((i = 0; i < 12; i++)); do
		[[ ! -e record$i ]] || "$helper/check-record" "record$i" 'verdict == "ok"'
	done
}

# It cannot be written: that is found before the command runs.
expect_unwritable() {
	run --record "$@" touch ran
	expect_status 125
	expect_match err '^cgscope: cannot write the record: '
	[[ ! -e ran ]] || fail "'$args': it ran"
}

live an_unwritable_place_is_found_before_the_command_runs alice +once +native
an_unwritable_place_is_found_before_the_command_runs() {
	mkdir -m 500 locked
	expect_unwritable missing/record
	expect_unwritable locked/record
	expect_unwritable locked/record --append
	expect_unwritable locked
	expect_unwritable /dev/fd/47
	expect_unwritable /etc/passwd
	expect_unwritable /proc/version
	expect_unwritable ''
}

live a_full_device_does_not_change_the_status alice +once +native
a_full_device_does_not_change_the_status() {
	run --record /dev/full sh -c 'echo output; exit 3'
	expect_status 3
	expect_lines out output
	expect_lines err 'cgscope: cannot write the record: /dev/full: No space left on device'
	run --record /dev/full --append true
	expect_status 0
	expect_lines err 'cgscope: cannot write the record: /dev/full: No space left on device'
}

live a_full_file_system_leaves_the_old_record root +once +native
a_full_file_system_leaves_the_old_record() {
	mkdir mnt
	mount -t tmpfs -o size=64k tmpfs mnt
	defer umount mnt
	echo old >mnt/record
	run --record mnt/record sh -c 'cat /dev/zero >mnt/fill 2>/dev/null; exit 3'
	expect_status 3
	expect_lines err 'cgscope: cannot write the record: mnt/record: No space left on device'
	expect_lines mnt/record old
	[[ $(ls -A mnt) == $'fill\nrecord' ]] || fail "left behind:" "$(ls -A mnt)"
}

# What explains a failure is read when there is one. A missing controller is none.
live a_run_that_went_well_needs_no_explanation root +once +native
a_run_that_went_well_needs_no_explanation() {
	run sh -c 'strace -f -e trace=openat -o trace cgscope --record record true'
	expect_success
	grep -q '"verdict":"ok"' record
	! grep -E 'kmsg|threads-max|pid_max' trace || fail "it looked for an explanation"
	run sh -c 'strace -f -e trace=openat -o trace cgscope --record record false'
	expect_status 1
	grep -q threads-max trace || fail "there is nothing that could have been found in this test"
}
