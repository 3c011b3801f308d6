# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154,SC2016
# fit, with runs that are made up: no limit holds, so that the lowest is the answer.

run_fit() {
	status=0
	"$fake" fit "$@" >out 2>err </dev/null || status=$?
	args=$*
}

expect_fit_usage() {
	expect_status 2
	expect_lines out
	expect_lines err "cgscope: $1" "Try 'cgscope help fit'"
}

test_help_of_fit_fits_on_a_screen() {
	run help fit
	expect_status 0
	expect_snapshot help-fit
	! grep -E '.{81}' out || fail "more than 80 columns"
}

test_usage_errors_of_fit() {
	run fit
	expect_fit_usage "there is no command to run"
	run fit --find disk true
	expect_fit_usage "--find: 'disk': expected memory, tasks or cpu"
	run fit --tasks -- true
	expect_fit_usage "'--tasks' sets a limit; to find one, write --find tasks"
	run fit cpu -- true
	expect_fit_usage "'cpu' is no command here; write --find cpu"
	run fit --find memory:2G..1G true
	expect_fit_usage "--find: 'memory:2G..1G': LOW is not below HIGH"
	run fit --find memory:1G true
	expect_fit_usage "--find: 'memory:1G': expected RESOURCE:LOW..HIGH"
	run fit --find memory:x..1G true
	expect_fit_usage "--find: 'memory:x..1G': expected a size like 512M, 1.5G, 25% or max"
	run fit --find tasks --find tasks:1..9 true
	expect_fit_usage "--find: 'tasks:1..9': it is given twice"
	run fit --find cpu --max-slowdown none true
	expect_fit_usage "--find cpu needs a slowdown that is too much: nothing fails for too\
 little CPU time"
	run fit -m 64M true
	expect_fit_usage "--mem is given, and --find memory looks for it"
	run fit -t 5,6 true
	expect_fit_usage "several limits in a list: fit looks for one; compare takes lists"
	run fit --as docker --json true
	expect_fit_usage "'--as' and '--json' exclude each other: both are the standard output"
	run fit --export x.svgz true
	expect_status 2
}

test_an_answer_with_its_evidence() {
	local trust="5 of 5 says with 95 % confidence: passes at least 54 of 100 times"
	trust+=" (--confirm 59: 95)."
	need python3
	run_fit --find tasks:3..20 --export f.json --confirm 5 true
	expect_status 0
	expect_lines err
	sed -i '/ runs, /d' out
	expect_lines out "without limit: 3 of 3 passed, 1.20s, peak 385M of which 300M anonymous" \
		"pids.max       3: passed 5 of 5, 1.00 times the time" \
		"            nothing lower was tried: it is the lowest value" \
		"Checked above: 4, 7, 11 and 12 passed." \
		"$trust" \
		"shown:        cgscope --tasks 3" "with margin:  cgscope --tasks 4" \
		"In CI, put what has the margin before the command; --as writes it for units and \
containers."
	"$here/validate" "$top/docs/fit.schema.json" <f.json || fail "$(<f.json)"
	grep -q '"value":3,"passed":5,"failed":0,"below":null' f.json || fail "$(<f.json)"
}

test_only_the_advice() {
	run_fit --find tasks:10..20 --as dropin true
	expect_status 0
	expect_lines err
	expect_lines out '[Service]' TasksMax=12
	run_fit --json --find mem:64M..1G --find tasks:10..20 true
	expect_status 0
	"$here/validate" "$top/docs/fit.schema.json" <out || fail "$(<out)"
}

test_a_command_that_fails_anyway_has_no_fit() {
	run_fit -- sh -c 'echo why >&2; exit 3'
	expect_status 1
	expect_lines out
	grep -q '^cgscope: fit: it fails without the limit too: ' err || fail "$(<err)"
	grep -qx 'cgscope:   why' err || fail "$(<err)"
}

test_a_search_ends_after_so_many_runs() {
	run_fit --max-runs 8 true
	expect_status 124
	grep -q '^memory.max: between 0 and [0-9]*M, which passed [01] of 10: not confirmed$' out ||
		fail "$(<out)"
	expect_lines err "cgscope: fit: ended by --max-runs before there was an answer"
}

test_pictures_of_a_fit() {
	run_fit --find tasks:3..20 --find cpu --confirm 2 --export f.svg --export f.html true
	expect_status 0
	expect_lines err
	expect_picture f.svg
	expect_picture f.html
	grep -q '<title id="title">pids.max: 3 passed 2 of 2; cpu.max: ' f.svg || fail "$(<f.svg)"
}
