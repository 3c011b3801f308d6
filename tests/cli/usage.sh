# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Usage errors: two lines on stderr, nothing on stdout, nothing executed.

test_unknown_option() {
	run --bogus true
	expect_usage_error "unknown option '--bogus'"
	run -x true
	expect_usage_error "unknown option '-x'"
	run -qx true
	expect_usage_error "unknown option '-x' in '-qx'"
	run run --bogus
	expect_usage_error "unknown option '--bogus'"
}

test_near_miss_is_named() {
	run --cpu-wieght 5 true
	expect_usage_error "unknown option '--cpu-wieght'; did you mean --cpu-weight?"
	run --bestefort true
	expect_usage_error "unknown option '--bestefort'; did you mean --best-effort?"
	run --desc=x true
	expect_usage_error "unknown option '--desc'; did you mean --description?"
	run -user true
	expect_usage_error "unknown option '-user'; did you mean --user?"
}

test_missing_command() {
	local arguments
	for arguments in -q -- 'run' 'run --' '--mem 1G' '-m 1G --'; do
		# shellcheck disable=SC2086
		run $arguments
		expect_usage_error "there is no command to run"
	done
}

test_missing_value() {
	run --mem
	expect_usage_error "'--mem' needs a value: SIZE"
	run -qm
	expect_usage_error "'-m' needs a value: SIZE"
	run --leftovers
	expect_usage_error "'--leftovers' needs a value: leave|kill|wait"
}

test_value_for_a_flag() {
	run --quiet=yes true
	expect_usage_error "'--quiet' takes no value: 'yes'"
}

test_options_that_exclude_each_other() {
	run --user --system true
	expect_usage_error "'--user' and '--system' exclude each other: a scope belongs to one manager"
	run --leftovers kill --exec true
	expect_usage_error \
		"'--exec' and '--leftovers' exclude each other: no supervisor remains to handle them"
	run --exec --cpu-time 5 true
	expect_usage_error "'--exec' and '--cpu-time' exclude each other: no supervisor remains to enforce it"
}

test_json_is_not_an_option_of_a_run() {
	run --json true
	expect_usage_error "'--json' is not an option of run: the output belongs to the command; \
use '--record -'"
}

test_option_that_needs_another_one() {
	run --append true
	expect_usage_error "'--append' needs '--record'"
	run --label a=b true
	expect_usage_error "'--label' needs '--record'"
}

# An option and a word that it does not take, one pair a line.
bad_values() {
	cat <<-'END'
		-m 512MB
		-m 0
		-m -1
		-m 1Q
		-m 99999999999999999999
		--mem 1023K
		--memory 1,5G
		--mem-high none
		--mem-low 200%
		--mem-min G
		--swap +1
		--cpu 0
		--cpu 100000
		--cpus 1e3
		--cpu-weight 0
		--cpu-weight 10001
		--cpu-weight Idle
		-t 0
		-t 1.5
		--tasks 101%
		--io-weight idle
		--io-max sda
		--io-max /dev/null:rbps=1M
		--cpuset-cpus 0-
		--cpuset-cpus 3-1
		--cpuset-mems a
		--oom die
		--time 0
		--time 5x
		--time -1
		--cpu-time 1h30
		-p novalue
		-p Nonsense=1
		--slice a/b
		-u a/b
		--name x.service
		--prefix a/b
		--leftovers stay
		--signal NONE
		--signal 999
		-k soon
		--grace -5
		--expect never
		--label novalue
	END
}

test_bad_value_is_quoted_and_never_runs() {
	local option word
	bad_values | while read -r option word; do
		run "$option" "$word" true
		expect_status 125
		expect_lines out
		[[ $(wc -l <err) -eq 2 ]] || fail "'$args': not two lines" "$(<err)"
		[[ $(head -n 1 err) == "cgscope: "*"'${word%%:rbps*}"* ]] || fail "'$args': $(<err)"
		[[ $(tail -n 1 err) == "Try 'cgscope help'" ]] || fail "'$args': $(<err)"
	done
}

test_message_holds_no_control_characters() {
	run --mem $'5\n\e[31m\x7f\u9bM' true
	expect_status 125
	[[ $(wc -l <err) -eq 2 ]] || fail "not two lines" "$(<err)"
	! LC_ALL=C grep -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' err || fail "control characters"
	run $'--bo\ngus' true
	expect_usage_error "unknown option '--bo\x0agus'"
}

# ---- what people write who know other tools ----

test_mistakes_get_a_hint() {
	run kill -9 x
	expect_status 2
	expect_lines err "cgscope: unknown option '-9'; did you mean --signal 9?" \
		"Try 'cgscope help kill'"
	run kill -KILL x
	expect_lines err "cgscope: unknown option '-KILL'; did you mean --signal KILL?" \
		"Try 'cgscope help kill'"
	run -9 x
	expect_status 125
	expect_lines err "cgscope: unknown option '-9'" "Try 'cgscope help'"
	run --time 5 minutes sleep 1000
	expect_status 127
	expect_lines err "cgscope: cannot execute: minutes: command not found" \
		"cgscope: hint: a time is one word: --time 5min, --time 90s"
	run 'ls -l'
	expect_status 127
	[[ $(<err) == *"cgscope ls -l; or use a shell: cgscope sh -c 'ls -l'"* ]] || fail "$(<err)"
	run detach live-a
	expect_status 127
	[[ $(<err) == *'cgscope set SCOPE --unlimited' ]] || fail "$(<err)"
}

test_the_word_of_watch_is_optional_and_joined() {
	run list --watch=0
	expect_status 2
	expect_lines err "cgscope: --watch: '0': expected a time above 0" "Try 'cgscope help list'"
	run list --watch=soon
	expect_status 2
	[[ $(<err) == "cgscope: --watch: 'soon': expected a duration like "* ]] || fail "$(<err)"
	run list --watch 2s 3s
	expect_lines err "cgscope: more than one slice given: '3s'" "Try 'cgscope help list'"
}
