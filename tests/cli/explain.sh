# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# explain as far as it gets without a manager: its help, and what it does not take.

test_help_of_explain() {
	run help explain
	expect_status 0
	expect_snapshot help-explain
	! grep -E '.{81}' out || fail "more than 80 columns"
}

test_usage_errors_of_explain() {
	run explain
	expect_usage_error_2 "explain needs a target: a unit, a pattern or a PID"
	run explain --lives 0 a.service
	expect_usage_error_2 "--lives: '0': expected a number from 1, or all"
	run explain --lives some a.service
	expect_usage_error_2 "--lives: 'some': expected a number up to 65536"
	run explain --lines 100000 a.service
	expect_usage_error_2 "--lines: '100000': expected a number up to 1000"
	run explain --invocation 12 a.service
	expect_usage_error_2 "--invocation: '12': expected 32 hexadecimal digits"
	run explain --start --env a.service
	expect_usage_error_2 \
		"'--start' and '--env' exclude each other: each is an answer of its own"
	run explain --since yesterday a.service
	local moments="expected 1h (ago), 12:30, 2026-01-31 12:30, @SECONDS or boot"
	expect_usage_error_2 "--since: 'yesterday': $moments"
	run explain --until 25:00 a.service
	expect_usage_error_2 "--until: '25:00': $moments"
	run explain --user --system a.service
	expect_usage_error_2 \
		"'--user' and '--system' exclude each other: a unit belongs to one manager"
	run explain --lives 2 --invocation 0123456789abcdef0123456789abcdef a.service
	expect_usage_error_2 \
		"'--lives' and '--invocation' exclude each other: an invocation is one life"
}

# There is neither a journal nor a manager, or no such unit in them.
test_explain_of_nothing_is_an_error() {
	local target
	for target in nosuch-unit-anywhere.service 'nosuch-unit-any*' nosuch-unit-anywhere; do
		run explain "$target"
		expect_status 1
		expect_lines out
		grep -q '^cgscope: ' err || fail "$(<err)"
	done
	run explain 'not a unit!'
	expect_status 1
	grep -q 'expected a unit, a pattern of units, a PID or the path of a' err || fail "$(<err)"
}

test_manual_page_lists_all_causes() {
	local id
	need mandoc
	mandoc -Tascii "$top/man/cgscope.1" 2>/dev/null | sed 's/.\x08//g' >page
	for id in exec-not-in-path oom-ancestor start-limit setup-namespace unknown; do
		grep -qwe "$id" page || fail "the manual page has no cause $id"
		grep -qe "\`$id\`" "$top/docs/explain.md" || fail "docs/explain.md has no cause $id"
	done
}
