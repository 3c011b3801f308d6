# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# compare and fit: what their runs are under, and that nothing of them is left.

# One scope, in which the runs are nested; each has its time limit and no other.
live the_runs_of_compare_are_nested_in_a_scope_of_its_own alice root +native
the_runs_of_compare_are_nested_in_a_scope_of_its_own() {
	run compare -w 0 -n 2 --output groups --records records --time 20s --vs -- \
		sh -c 'grep ^0:: /proc/self/cgroup'
	expect_success
	[[ $(wc -l <groups) -eq 4 ]] || fail "$(<groups)"
	sed 's|/cgscope-sh-[0-9a-f]*$||' groups | sort -u >scopes
	expect_match scopes '^0::/.*/cgscope-compare-[0-9a-f]{8}\.scope$'
	[[ $(wc -l <scopes) -eq 1 ]] || fail "$(<scopes)"
	[[ $(grep -c '"unit":"usec","requested":20000000' records) -eq 2 ]] || fail "$(<records)"
	! grep -q '"backend":"systemd"' records || fail "$(<records)"
}

live compare_in_a_run_makes_no_scope alice +native +once
compare_in_a_run_makes_no_scope() {
	run sh -c 'cgscope compare -w 0 -n 1 --output groups --vs -- \
		sh -c "grep ^0:: /proc/self/cgroup"'
	expect_success
	expect_match groups '/cgscope-sh-[0-9a-f]*\.scope/run/cgscope-sh-[0-9a-f]*'
}

live what_a_set_is_limited_to_is_what_its_runs_get alice
what_a_set_is_limited_to_is_what_its_runs_get() {
	run compare -w 0 -n 1 --order fixed --output values -m max,64M --vs -t 7 -- \
		sh -c "$read_limits" sh memory.max pids.max
	expect_success
	expect_lines values memory.max=max pids.max=max memory.max=67108864 pids.max=max \
		memory.max=max pids.max=7
}

live a_set_that_runs_out_of_memory_is_a_result alice
a_set_that_runs_out_of_memory_is_a_result() {
	run compare -w 0 -n 1 -m max,32M -- python3 -c 'bytearray(60 << 20)'
	expect_success
	expect_match out '
2: out of memory in 1 of 1 runs: memory\.max 32M of '
}

live a_set_above_what_binds_the_caller_is_refused alice
a_set_above_what_binds_the_caller_is_refused() {
	run -m 64M sh -c 'cgscope compare -m 32M,96M -- touch was-run; echo $?'
	expect_lines out 1
	expect_match err 'cgscope: --mem 96M is above what binds you: memory\.max of /.*cgscope'
	[[ ! -e was-run ]] || fail "it was run"
}

# The last set's limit cannot be had: nothing is run.
live a_limit_that_cannot_be_enforced_is_found_before_the_first_run alice +once
a_limit_that_cannot_be_enforced_is_found_before_the_first_run() {
	run compare --vs --vs --io-weight 50 -- touch was-run
	expect_status 1
	expect_lines out
	expect_match err '^cgscope: cannot run with --io-weight 50:
cgscope: .*io'
	[[ ! -e was-run ]] || fail "it was run"
}

is_under_way() {
	[[ $(wc -l <records) -ge $1 ]]
}

# However it ends: no cgroup, no process, no half file; the cases' end looks for them.
live ctrl_c_ends_a_comparison_and_prints_what_is_there alice +native +once
ctrl_c_ends_a_comparison_and_prints_what_is_there() {
	terminal <<-'END'
		size 24 80
		shell
		type export TERM=vt100
		type cgscope compare -n 500 -w 0 --vs --cleanup 'echo clean >cleaned' sleep 0.05
		see round 3 of 500  set
		key C
		see not complete,
		see ended in round
		see 2 no limit
		see ready>
		type echo status=$?
		see status=130
	END
	expect_lines cleaned clean
}

is_interrupted() {
	[[ -s pids ]] && read -r parent child <pids && [[ $(<"/proc/$parent/stat") == *') T '* ]] &&
		[[ ! -e /proc/$child || $(<"/proc/$child/stat") == *') Z '* ]]
}

# Its command is gone before it sees the signal itself.
live the_signal_that_kills_the_command_first_ends_a_comparison alice +native +once
the_signal_that_kills_the_command_first_ends_a_comparison() {
	echo 'echo $PPID $$ >pids; kill -STOP $PPID; kill -INT 0' >interrupt
	{ until_true is_interrupted && kill -CONT "$parent"; } &
	terminal <<-'END'
		size 24 80
		start exec cgscope compare -w 0 --vs --cleanup 'echo clean >cleaned' sh interrupt
		signal 2
	END
	wait "$!"
	expect_lines cleaned clean
}

live a_cleanup_is_not_cut_short_by_a_signal alice +native +once
a_cleanup_is_not_cut_short_by_a_signal() {
	start compare -w 0 -n 1 --vs --cleanup '>begun; sleep 0.3; echo clean >cleaned' true
	until_true test -e begun
	kill -TERM "$pid"
	finish
	expect_status 143
	expect_lines cleaned clean
}

live a_terminal_that_closes_ends_a_comparison alice +native +once
a_terminal_that_closes_ends_a_comparison() {
	export TERM=vt100
	terminal <<-'END'
		size 24 80
		start exec cgscope compare -w 0 -n 500 --vs --cleanup 'echo clean >cleaned' sleep 1
		see round 2 of 500  set
		hangup
		signal 1
	END
	expect_lines cleaned clean
}

live a_killed_comparison_leaves_nothing alice +native
a_killed_comparison_leaves_nothing() {
	start compare -n 500 -w 0 --vs --records records --export c.json -- sleep 0.1
	until_true is_under_way 2
	kill -KILL "$pid"
	finish
	[[ ! -e c.json && -z $(find . -name '*.cgscope-*') ]] || fail "$(ls -la)"
}

live a_stopped_scope_ends_a_comparison alice +native +once
a_stopped_scope_ends_a_comparison() {
	start compare -n 500 -w 0 --vs --records records -- sleep 0.1
	until_true is_under_way 2
	systemctl --user stop 'cgscope-compare-*.scope'
	finish
	expect_status 143
	expect_match out '^not complete, ended in round '
}

# ---- fit ----

live fit_finds_what_a_command_needs alice +once 120s
fit_finds_what_a_command_needs() {
	run fit --confirm 3 --baseline 1 --max-slowdown none --find memory:48M..128M -- \
		python3 -c 'bytearray(60 << 20)'
	expect_success
	expect_match out '
memory\.max +6[2-8]M: passed 3 of 3, [^
]*
 +6[0-6]M: failed [1-3] of [1-3]: out of memory
'
}

# Nothing kills it: with too little memory it reads its mapped file from the disk all the time. So a
# run that is too slow is ended, and has failed.
live fit_ends_runs_that_only_thrash alice +once 240s
fit_ends_runs_that_only_thrash() {
	mkdir -p "$HOME/live-mapped"
	defer rm -r "$HOME/live-mapped"
	cd "$HOME/live-mapped"
	head -c 16M /dev/urandom >file
	sync file
	cat >walk <<-'END'
		import mmap
		f = open("file", "rb")
		m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)
		for i in range(8):
		    m[::4096]
	END
	run fit --baseline 1 --confirm 1 --precision 100% --find memory:6M..48M --records records \
		--prepare 'dd if=file iflag=nocache count=0 status=none' -- python3 walk
	expect_success
	expect_match out '
memory\.max +[0-9]+M: passed 1 of 1, .*
 +[0-9.]+M: failed [1-3] of [1-3]: too slow
'
	expect_match out 'Some [0-9.]+M of its peak were page cache of files'
	[[ $(grep -c '"verdict":"time"' records) -ge 1 ]] || fail "$(<records)"
	! grep -q '"oom_kill":[1-9]' records || fail "$(<records)"
}

# memory.high slows without an end: only the budget ends that.
live a_budget_ends_a_run_that_does_not_end alice +once
a_budget_ends_a_run_that_does_not_end() {
	run fit --budget 3s --mem-high 8M -- python3 -c 'x = bytearray(60 << 20)'
	expect_status 124
	expect_match err '^cgscope: fit: ended by --budget before there was an answer'
}

live fit_counts_tasks_to_the_one alice 120s
fit_counts_tasks_to_the_one() {
	run fit --find tasks --confirm 2 --baseline 1 --max-slowdown none --as dropin -- perl -e '
		for (1 .. 5) {
			my $p = fork;
			exit 1 if !defined $p;
			sleep 1000 if !$p;
			push @p, $p;
		}
		kill 9, @p;
		wait for @p'
	expect_success
	expect_lines out '[Service]' TasksMax=8
}

live fit_stays_below_what_binds_the_caller alice +once
fit_stays_below_what_binds_the_caller() {
	run -m 64M sh -c 'cgscope fit --find memory:32M..96M -- touch was-run; echo $?'
	expect_lines out 2
	expect_match err 'cgscope: HIGH of --find is above what binds you: memory\.max of /'
	[[ ! -e was-run ]] || fail "it was run"
}

# All ways to say it are the same limits: what was found is what the unit has.
live what_fit_found_holds_as_a_unit alice +once 300s
what_fit_found_holds_as_a_unit() {
	local dir=$HOME/.config/systemd/user unit=live-fit.service
	local -a command=(python3 -c 'bytearray(40 << 20); "100%", "$HOME"')
	mkdir -p "$dir"
	defer rm -rf "$dir/$unit" "$dir/$unit.d"
	run fit --confirm 2 --baseline 1 --max-slowdown none --precision 25% --as unit \
		--find memory:24M..96M -- "${command[@]}"
	expect_success
	expect_match out '
ExecStart=/[^ ]*/python3 -c "bytearray\(40 << 20\); \\"100%%\\", \\"\$\$HOME\\""
MemoryMax=(4[89]|5[0-9]|6[0-9]|7[0-9]|80)M
MemorySwapMax=0
'
	# Started and ended, again and again: a command that ends is no service that fails.
	sed 's/^Type=exec$/Type=oneshot/' out >"$dir/$unit"
	systemctl --user daemon-reload
	for ((i = 0; i < 5; i++)); do
		systemctl --user start "$unit"
	done
	[[ $(systemctl --user show -p MemoryMax --value "$unit") -eq \
		$(($(sed -n 's/^MemoryMax=\(.*\)M$/\1/p' out) << 20)) ]] || fail "$(<out)"
}

live what_fit_found_holds_as_a_drop_in alice +once 300s
what_fit_found_holds_as_a_drop_in() {
	local dir=$HOME/.config/systemd/user unit=live-fit.service
	mkdir -p "$dir/$unit.d"
	defer rm -rf "$dir/$unit" "$dir/$unit.d"
	printf '%s\n' '[Service]' Type=oneshot \
		"ExecStart=$(type -P python3) -c 'bytearray(40 << 20)'" >"$dir/$unit"
	run fit --confirm 1 --baseline 1 --max-slowdown none --precision 25% --as dropin \
		--find memory:24M..96M -- \
		python3 -c 'bytearray(40 << 20)'
	expect_success
	cp out "$dir/$unit.d/50-fit.conf"
	systemctl --user daemon-reload
	for ((i = 0; i < 3; i++)); do
		systemctl --user start "$unit"
	done
	# And below it fails: the limit is in force.
	defer systemctl --user reset-failed "$unit"
	sed -i 's/^MemoryMax=.*/MemoryMax=24M/' "$dir/$unit.d/50-fit.conf"
	systemctl --user daemon-reload
	! systemctl --user start "$unit" 2>/dev/null || fail "it did with 24M"
}

# As a JVM does, or Go: it reads its limit and ends, and the kernel has nothing to tell.
live a_program_that_reads_its_limit_is_no_proof alice +once 300s
a_program_that_reads_its_limit_is_no_proof() {
	cat >picky <<-'END'
		read -r max </sys/fs/cgroup"$(cut -d: -f3 /proc/self/cgroup)"/memory.max
		[ "$max" = max ] || [ "$max" -ge $((100 << 20)) ] || exit 3
	END
	run fit --confirm 2 --baseline 1 --max-slowdown none --find memory:32M..256M -- sh picky
	expect_status 1
	expect_match err '^cgscope: fit: runs fail, and it cannot be shown that the limit is why: .*
.*--failures$|--failures any'
	run fit --confirm 1 --baseline 1 --max-slowdown none --precision 25% \
		--find memory:64M..256M --failures any --export any.json -- sh picky
	expect_success
	expect_match out '
memory\.max +(10[0-9]|11[0-2])M: passed 1 of 1, '
	grep -q '"certain":false' any.json || fail "$(<any.json)"
}

live fit_finds_how_much_cpu_twice_the_time_needs alice +once 300s
fit_finds_how_much_cpu_twice_the_time_needs() {
	run fit --confirm 2 --baseline 2 --find cpu:10%..100% --max-slowdown 2 --precision 6% -- \
		python3 -c '
import time
while time.process_time() < 0.7: pass'
	expect_success
	expect_match out '
cpu\.max +(4[0-9]|5[0-9]|6[0-9])%: passed 2 of 2, '
}

live limits_that_are_found_are_shown_together alice +once 300s
limits_that_are_found_are_shown_together() {
	run fit --confirm 1 --baseline 1 --max-slowdown none --precision 25% \
		--find memory:32M..80M --find tasks:2..4 -- python3 -c '
import subprocess
x = bytearray(40 << 20)
subprocess.run(["sleep", "0"], check=True)'
	expect_success
	expect_match out '
with margin:  cgscope --mem [4-6][0-9]M --tasks 3
Under all of these 1 of 1 passed\.
'
}

live a_search_that_is_interrupted_says_how_far_it_was alice +once 120s
a_search_that_is_interrupted_says_how_far_it_was() {
	terminal <<-'END'
		size 24 80
		shell
		type export TERM=vt100
		type cgscope fit --max-slowdown none --cleanup 'echo clean >cleaned' sleep 0.3
		see memory between .* run 1
		key C
		see not confirmed
		see ready>
		type echo status=$?
		see status=130
	END
	expect_lines cleaned clean
}

live a_killed_search_leaves_nothing alice +once 120s
a_killed_search_leaves_nothing() {
	start fit --max-slowdown none --records records --export f.svg -- sleep 0.3
	until_true 60 is_under_way 4
	kill -KILL "$pid"
	finish
	[[ ! -e f.svg && -z $(find . -name '*.cgscope-*') ]] || fail "$(ls -la)"
}

# ---- bad weather ----

# It has room for the file's name, and for nothing in it.
live a_full_disk_leaves_no_half_export root +native +once
a_full_disk_leaves_no_half_export() {
	mkdir small
	mount -t tmpfs -o size=4k none small
	defer umount small
	: >small/fill
	head -c 8192 /dev/zero >>small/fill 2>/dev/null || true
	run compare -w 0 -n 4 --vs --export small/c.json --export good.json true
	expect_status 1
	expect_match err '^cgscope: .*small/c\.json.*No space left on device'
	[[ $(ls -A small) == fill && -s good.json ]] || fail "$(ls -lA . small)"
}

live a_clock_that_jumps_is_no_slow_run root +once 120s
a_clock_that_jumps_is_no_slow_run() {
	start compare -w 0 -n 6 --vs --records records --export c.csv -- sleep 0.3
	until_true 60 is_under_way 4
	date -s '+1 hour' >/dev/null
	defer date -s '-1 hour'
	finish
	expect_success
	# None took an hour, nor less than it slept.
	[[ $(grep -cE '"wall_usec":[0-9]{6,7},' records) -eq 12 ]] || fail "$(<records)"
}

live two_experiments_at_once_do_not_meet alice +native +once
two_experiments_at_once_do_not_meet() {
	start compare -w 0 -n 5 --vs --records a -- sleep 0.05
	cgscope compare -w 0 -n 5 --vs --records b -- sleep 0.05 >out2
	finish
	expect_success
	[[ $(wc -l <a) -eq 10 && $(wc -l <b) -eq 10 ]] || fail "$(wc -l a b)"
	[[ $(grep -o 'cgscope-compare-[0-9a-f]*\.scope' a b | sort -u | wc -l) -eq 2 ]] ||
		fail "$(<a)" "$(<b)"
}

# ---- memory over time, in a word ----

live a_utf8_terminal_shows_memory_over_time alice +once 120s
a_utf8_terminal_shows_memory_over_time() {
	cat >grow <<-'END'
		import time
		held = []
		for i in range(8):
		    held.append(bytearray(6 << 20))
		    time.sleep(0.1)
	END
	terminal <<-'END'
		size 24 100
		start exec env LC_ALL=C.UTF-8 cgscope -m 64M --summary python3 grow
		see memory .* of 64M
		see [▁-█]{40}  over time
		exit 0
	END
	terminal <<-'END'
		size 24 100
		start exec env LC_ALL=C cgscope -m 64M --summary python3 -c ''
		see memory .* of 64M
		never over time
	END
	terminal <<-'END'
		size 24 120
		start exec env LC_ALL=C.UTF-8 TERM=xterm cgscope -m 64M -- cgscope list --watch
		see TREND
		see [▁-█]{3}
	END
	LC_ALL=C.UTF-8 run -m 64M --summary python3 grow
	! grep -q 'over time' err || fail "$(<err)"
}
