# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Help, version, and the manual page.

test_help_is_one_screen() {
	run help
	expect_status 0
	expect_snapshot help
	[[ $(wc -l <out) -le 45 ]] || fail "more than 45 lines"
	! grep -E '.{81}' out || fail "more than 80 columns"
}

test_help_is_printed_without_arguments() {
	run help
	mv out expected
	run
	expect_status 0
	expect_lines err
	diff -u expected out
}

test_help_option_is_the_same_in_a_run() {
	local arguments
	run help
	mv out expected
	for arguments in -h --help '-m 1G --help' '-qh' '--help --nonsense'; do
		# shellcheck disable=SC2086
		run $arguments
		expect_status 0
		expect_lines err
		diff -u expected out || fail "$arguments"
	done
}

test_help_of_a_verb_tells_more() {
	run help run
	expect_status 0
	expect_snapshot help-run
	mv out expected
	run run --help
	diff -u expected out
	run run -h
	diff -u expected out
}

# No word is broken, and none is lost. A label that is one word may be wider than the terminal.
test_help_on_terminals_of_any_width() {
	local verb width
	need python3
	for verb in "" run check monitor compare fit; do
		run help $verb
		tr -s ' \n' '\n' <out >words
		for width in 40 60 80 200; do
			on_terminal $width "$cgscope" help $verb >out
			tr -s ' \n' '\n' <out | diff -u words - || fail "'help $verb': other words"
			! grep -E ".{$((width + 1))}" out | grep -Ev '^ +--[^ ]+ [^ ]+$' ||
				fail "'help $verb': more than $width columns"
		done
	done
}

test_help_of_help() {
	run help help
	expect_status 0
	expect_snapshot help-help
	mv out expected
	run help --help
	diff -u expected out
}

test_help_of_what_is_no_verb() {
	run help nonsense
	expect_status 2
	expect_lines out
	expect_lines err "cgscope: there is no verb 'nonsense'" "Try 'cgscope help'"
	run help rnu
	expect_status 2
	expect_lines err "cgscope: there is no verb 'rnu'; did you mean run?" "Try 'cgscope help'"
	run help run help
	expect_status 2
	expect_lines err "cgscope: more than one verb given: 'help'" "Try 'cgscope help'"
}

test_usage_error_of_help_is_2() {
	run help --nonsense
	expect_status 2
	expect_lines out
	expect_lines err "cgscope: unknown option '--nonsense'" "Try 'cgscope help'"
}

test_version_is_one_line() {
	local option
	for option in -V --version '-m 1G -V' 'run --version' 'help -V'; do
		# shellcheck disable=SC2086
		run $option
		expect_status 0
		expect_lines err
		[[ $(wc -l <out) -eq 1 ]] || fail "more than a line"
		grep -qE '^cgscope [0-9]+\.[0-9]+\.[0-9]+$' out || fail "$(<out)"
	done
}

test_manual_page_is_clean() {
	need mandoc
	# Which other pages and which index of pages a machine has is not the page's matter.
	{
		mandoc -Tlint "$top/man/cgscope.1"
		# The header's words have no markup.
		mandoc -Tlint -Wwarning "$top/man/libcg2.3"
	} 2>&1 | grep -v -e 'referenced manual not found' -e 'mandoc\.db' >lint || true
	[[ ! -s lint ]] || fail "$(<lint)"
}

test_manual_page_has_a_line_for_each_verb() {
	need nroff
	nroff -mdoc "$top/man/cgscope.1" 2>/dev/null | sed 's/\x1b\[[0-9;]*m//g; s/.\x08//g' |
		sed -n '/^SYNOPSIS/,/^DESCRIPTION/p' | grep '^  ' >page
	[[ $(grep -cE '^ {5,7}cgscope ' page) -gt 15 ]] || fail "$(<page)"
	# Newer ones of nroff indent more, and go on with a long one below its words.
	! grep -vE '^ {5,7}cgscope |^ {12}' page || fail "$(<page)"
	! grep 'cgscope .*cgscope ' page || fail "$(<page)"
}

test_manual_page_names_every_option() {
	need mandoc
	mandoc -Tascii "$top/man/cgscope.1" 2>/dev/null | sed 's/.\x08//g' >page
	run help run
	grep -oE -- '--[a-z-]+[a-z]' out | sort -u | while read -r option; do
		grep -qF -- "$option" page || fail "$option"
	done
}
