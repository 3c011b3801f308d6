# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The library's example as a program: what it does with a limit is seen in tests/live.

run_example() {
	status=0
	"$example" "$@" >out 2>err </dev/null || status=$?
	args=$*
}

test_example_without_a_command() {
	run_example
	expect_status 2
	expect_lines out
	expect_lines err "usage: run-limited PROGRAM [ARG...]"
}

# A user with a manager may run this; on other machines the example has to say why not.
test_example_runs_or_says_why_not() {
	run_example /bin/true
	if [[ $status -eq 0 ]]; then
		grep -qxE 'ok: exit status 0, peak [0-9]+ bytes' out
		expect_lines err
	else
		expect_status 1
		expect_lines out
		[[ $(wc -l <err) -eq 1 && $(<err) == 'run-limited: '*': '* ]] || fail "not one line that says why:" "$(<err)"
	fi
}
