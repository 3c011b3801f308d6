# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# check and doctor as far as they get without a cgroup: their help, and what they do not take.

expect_usage_error_2() {
	expect_status 2
	expect_lines out
	expect_lines err "cgscope: $1" "Try 'cgscope help ${args%% *}'"
}

test_help_of_check() {
	run help check
	expect_status 0
	expect_snapshot help-check
	! grep -E '.{81}' out || fail "more than 80 columns"
}

test_help_of_doctor() {
	run help doctor
	expect_status 0
	expect_snapshot help-doctor
	! grep -E '.{81}' out || fail "more than 80 columns"
}

test_usage_errors_of_check() {
	run check --time 10
	expect_usage_error_2 "'--time' is not an option of check: cgroups have no such limit; cgscope run enforces it"
	run check a.service b.service
	expect_usage_error_2 "more than one target given: 'b.service'"
	run check --uid root user.slice
	expect_usage_error_2 "--uid names the target already"
	run check --worst user.slice
	expect_usage_error_2 "--worst checks the whole machine"
	run check --worst --uid 0
	expect_usage_error_2 "'--worst' and '--uid' exclude each other: the whole machine is checked"
	run check --worst --mem 1G
	expect_usage_error_2 "--worst takes no limits"
	run check --user --system
	expect_usage_error_2 "'--user' and '--system' exclude each other: a unit belongs to one manager"
	run check --mem 512MB
	expect_status 2
	expect_lines out
	run check --color sometimes
	expect_usage_error_2 "--color: 'sometimes': expected auto, always or never"
}

test_usage_errors_of_doctor() {
	run doctor user.slice
	expect_usage_error_2 "doctor takes no target: 'user.slice'; did you mean check?"
	run doctor --cpu-time 10
	expect_usage_error_2 "'--cpu-time' is not an option of doctor: cgscope run enforces it, on every machine"
	run doctor --worst
	expect_status 2
}

test_check_of_nothing_is_an_error() {
	run check nosuch-unit-anywhere.service
	expect_status 1
	expect_lines out
	grep -q '^cgscope: ' err || fail "$(<err)"
	run check --uid no-such-user-anywhere
	expect_status 1
	grep -q "there is no such user" err || fail "$(<err)"
}

test_manual_page_lists_all_findings() {
	local id
	need mandoc
	mandoc -Tascii "$top/man/cgscope.1" 2>/dev/null | sed 's/.\x08//g' >page
	for id in frozen tasks-headroom controller-missing limit-differs zombies cpu-share hierarchy oomd; do
		grep -q "^ *$id\$\|^ *$id  " page || fail "$id"
	done
}
