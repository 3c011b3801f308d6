# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Which word is a verb, and which a command. Of commands that run reaches only names that no
# program has.

nowhere() {
	mkdir -p empty
	PATH=$PWD/empty run "$@"
}

expect_not_found() {
	expect_status 127
	expect_lines out
	grep -qF -- "$1" err || fail "'$args': $(<err)"
}

existing() {
	echo run help attach move set list status check doctor \
		explain monitor stop kill freeze thaw unit compare fit trace
}

test_program_with_a_verbs_name_after_an_option() {
	local verb
	for verb in $(existing); do
		nowhere -- "$verb"
		expect_not_found "$verb"
		nowhere -q "$verb"
		expect_not_found "$verb"
		nowhere run "$verb"
		expect_not_found "$verb"
		nowhere run -- "$verb"
		expect_not_found "$verb"
	done
}

test_word_after_dashes_is_a_command() {
	nowhere -- --quiet
	expect_not_found --quiet
	nowhere -m 1G -- -x
	expect_not_found -x
}

test_command_that_is_not_found_may_be_a_verb() {
	nowhere hlep
	expect_not_found hlep
	grep -q '^cgscope: hint: .*help' err || fail "$(<err)"
}

test_command_that_cannot_be_executed() {
	touch plain
	run ./plain
	expect_status 126
	expect_lines out
	grep -q '^cgscope: .*plain' err || fail "$(<err)"
}

test_command_is_the_first_word_that_is_no_option() {
	nowhere nonesuch --bogus --help -V
	expect_not_found nonesuch
	nowhere --oom kill nonesuch
	expect_not_found nonesuch
}
