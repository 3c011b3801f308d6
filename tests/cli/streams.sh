# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Standard streams that are closed or full.

test_full_stdout_is_a_failure() {
	local arguments
	[[ -w /dev/full ]] || skip "no /dev/full"
	for arguments in '' help 'help run' --help --version; do
		status=0
		# shellcheck disable=SC2086
		"$cgscope" $arguments >/dev/full 2>err || status=$?
		args=$arguments
		expect_status 1
		expect_lines err \
			"cgscope: cannot write to the standard output: No space left on device"
	done
}

test_closed_stdout_is_a_failure_where_something_is_printed() {
	status=0
	"$cgscope" help >&- 2>err || status=$?
	args=help
	expect_status 1
	expect_lines err "cgscope: cannot write to the standard output: Bad file descriptor"
	status=0
	"$cgscope" --bogus >&- 2>err || status=$?
	expect_status 125
	[[ $(wc -l <err) -eq 2 ]] || fail "$(<err)"
}

test_closed_stdin_and_stderr_do_not_matter() {
	status=0
	args='<&- 2>&-'
	"$cgscope" help >out <&- 2>&- || status=$?
	expect_status 0
	[[ -s out ]] || fail "no help"
	"$cgscope" explain >out <&- 2>&- || status=$?
	expect_status 2
	status=0
	"$cgscope" --bogus <&- >&- 2>&- || status=$?
	expect_status 125
}

test_full_stderr_does_not_change_the_status() {
	[[ -w /dev/full ]] || skip "no /dev/full"
	status=0
	args='2>/dev/full'
	"$cgscope" --bogus 2>/dev/full || status=$?
	expect_status 125
}

test_setuid_program_refuses_to_run() {
	[[ $EUID -eq 0 ]] || skip "not root"
	need setpriv
	! grep -q __asan_init "$cgscope" || skip "a sanitizer does not work set-user-ID"
	cp "$cgscope" copy
	chown 1 copy
	chmod 4755 copy
	chmod 755 . ..
	status=0
	args=setuid
	# The loader ignores LD_LIBRARY_PATH then: without an installed library this ends with 127.
	setpriv --reuid 2 --clear-groups ./copy help >out 2>err || status=$?
	[[ $status -ne 127 && $status -ne 126 ]] || skip "cannot start a setuid copy"
	expect_status 125
	expect_lines out
	[[ $(<err) == "cgscope: refusing to run set-user-ID"* ]] || fail "$(<err)"
}
