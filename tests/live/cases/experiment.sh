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
