# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What cgscope trace tells at the end of a run that fake-run.c and fake-trace.c make up.

run_traced() {
	[[ -x $fake ]] || skip "no fake-cgscope"
	status=0
	FAKE_SCENARIO=plain "$fake" trace "$@" >out 2>err </dev/null || status=$?
	args="trace $*"
}

# The report, which is all that is on stderr.
expect_report() {
	expect_lines out
	mv err out
	touch err
	expect_snapshot "$1"
}

expect_trace_json() {
	need python3
	"$here/validate" "$top/docs/trace.schema.json" <"$1" || fail "'$args': $(<"$1")"
	python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["record"]))' <"$1" |
		"$here/validate" "$top/docs/record.schema.json" || fail "'$args': $(<"$1")"
}

test_help_of_trace() {
	run help trace
	expect_status 0
	expect_snapshot help-trace
	! grep -E '.{81}' out || fail "more than 80 columns"
}

test_a_trace_is_a_table() {
	run_traced true
	expect_status 0
	expect_report trace
}

test_a_trace_shows_what_is_folded() {
	run_traced --unfolded true
	expect_report trace-unfolded
}

test_a_trace_of_nothing_is_a_line() {
	FAKE_TRACE=quiet run_traced true
	expect_lines err 'cgscope: trace: nothing failed in 1.80s, 41 processes'
	FAKE_TRACE=quiet run_traced -q true
	expect_lines err
	FAKE_TRACE=quiet run_traced --fail true
	expect_status 0
}

test_what_worked_later_is_a_line() {
	FAKE_TRACE=folded run_traced --fail true
	expect_status 0
	expect_lines err "cgscope: trace: nothing failed in 1.80s, 41 processes" \
		"cgscope: trace: not listed: 1 call that worked when tried again, as 200M of \
memory (mmap) under RLIMIT_AS 400M (it has 213M) (--unfolded)"
	FAKE_TRACE=folded run_traced --fail --unfolded true
	expect_status 1
}

# What to do about it: on stderr the run's verdict says it, in a file nothing else does.
test_a_hint_is_told_once() {
	local hint='cgscope: hint: give it more: --tasks 128'
	[[ -x $fake ]] || skip "no fake-cgscope"
	FAKE_SCENARIO=refused-forks "$fake" trace true 2>err || fail "$(<err)"
	[[ $(grep -cFx "$hint" err) == 1 && $(tail -n 1 err) == "$hint" ]] || fail "$(<err)"
	FAKE_SCENARIO=refused-forks "$fake" trace -o report true 2>err || fail "$(<err)"
	grep -qFx "$hint" report || fail "$(<report)"
	FAKE_SCENARIO=refused-forks "$fake" trace --expect ok true 2>err || fail "$(<err)"
	[[ $(grep -cFx "$hint" err) == 1 ]] || fail "$(<err)"
}

test_a_trace_on_narrow_terminals() {
	local width
	need python3
	[[ -x $fake ]] || skip "no fake-cgscope"
	for width in 40 60 80 200; do
		echo "== $width"
		FAKE_SCENARIO=plain on_terminal $width "$fake" trace true
	done >out
	true >err
	args=trace
	expect_snapshot trace-terminal
}

test_the_status_of_a_trace() {
	run_traced --fail true
	expect_status 1
	run_traced --fail sh -c 'exit 3'
	expect_status 3
	run_traced sh -c 'exit 3'
	expect_status 3
}

test_a_trace_goes_to_a_file() {
	run_traced -o report true
	expect_lines err
	mv report out
	expect_snapshot trace
	run_traced -o - echo command
	[[ $(head -n 1 out) == command ]] || fail "'$args': $(<out)"
	[[ $(sed -n 2p out) == 'cgscope: trace: 3 kinds of failure in 1.80s, 41 processes' ]] ||
		fail "'$args': $(<out)"
	run_traced -o /nowhere/report touch ran
	expect_status 125
	[[ ! -e ran ]] || fail "'$args': the command ran"
}

test_a_trace_is_json() {
	run_traced --json true
	expect_trace_json out
	run_traced --json --unfolded --only fork,memory true
	expect_trace_json out
	grep -qF '"only":["fork","memory"]' out || fail "'$args': $(<out)"
	FAKE_TRACE=quiet run_traced --json -o report true
	expect_trace_json report
	grep -qF '"failures":[]' report || fail "'$args': $(<report)"
}

test_a_trace_is_followed() {
	run_traced --follow true
	local line="+0.412s make (811): fork: EAGAIN: pids.max 64 of this scope"
	[[ $(head -n 1 err) == "cgscope: trace: $line" ]] ||
		fail "'$args': $(<err)"
}

test_usage_errors_of_trace() {
	local word
	for word in forks '' 'fork,,' ',fork'; do
		run trace --only "$word" true
		expect_status 125
		expect_lines out
		expect_lines err \
			"cgscope: --only: '$word': expected fork, exec and memory, with commas" \
			"Try 'cgscope help trace'"
	done
}
