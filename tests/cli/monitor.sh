# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# monitor as far as it gets without a cgroup: its help, and what it does not take.

expect_monitor_usage() {
	expect_status 2
	expect_lines out
	expect_lines err "cgscope: $1" "Try 'cgscope help monitor'"
}

test_help_of_monitor_fits_on_a_screen() {
	run help monitor
	expect_status 0
	expect_snapshot help-monitor
	! grep -E '.{81}' out || fail "more than 80 columns"
	[[ $(wc -l <out) -le 46 ]] || fail "more than 46 lines"
}

# What --help says of them is a text of its own.
test_all_kinds_of_events_are_in_the_help() {
	local kinds kind
	run help monitor
	cp out help
	run monitor --until nonsense
	read -ra kinds < <(sed -n 's/.*expected //; s/,//g; s/ or / /; 1p' err)
	[[ ${#kinds[@]} -ge 14 ]] || fail "${kinds[*]}"
	for kind in "${kinds[@]}"; do
		sed -n '/^  KIND  /,/^$/p' help | grep -qw "$kind" || fail "$kind is not there"
	done
}

test_usage_errors_of_monitor() {
	run monitor --until nonsense
	expect_monitor_usage "--until: 'nonsense': expected sample, tasks, memory, refused, oom, oomd, \
pressure, failed, frozen, empty, gone, fork, exec or exit"
	run monitor --until sample
	expect_monitor_usage "--until sample needs --interval"
	run monitor --on oom,nonsense
	expect_status 2
	[[ $(<err) == "cgscope: --on: 'nonsense': expected sample, tasks, "* ]] || fail "$(<err)"
	run monitor --on oom,sample
	expect_monitor_usage "--on sample needs --interval"
	run monitor --on oom,fork
	expect_monitor_usage "--on fork needs --processes"
	run monitor --count 3
	expect_monitor_usage "'--count' needs '--interval'"
	local word
	for word in 0 -1 x 1.5 ''; do
		run monitor --interval 1s --count "$word"
		expect_monitor_usage "--count: '$word': expected a number of samples, 1 or more"
	done
	run monitor --interval 0
	expect_monitor_usage "--interval: '0': expected a time above 0"
	run monitor --hook-timeout 1s
	expect_monitor_usage "'--hook-timeout' needs '--hook'"
	run monitor --user --system
	expect_monitor_usage "'--user' and '--system' exclude each other: a unit belongs to one manager"
	run monitor --hok x
	expect_monitor_usage "unknown option '--hok'; did you mean --hook?"
}

test_thresholds_of_monitor_are_checked() {
	local word
	for word in x tasks tasks: tasks:x memory:512MB memory:0 pressure:memory:10% ''; do
		run monitor --warn-at "$word"
		expect_status 2
		expect_lines out
		grep -q "^cgscope: --warn-at: '\?$word" err || fail "'$word': $(<err)"
		[[ $(wc -l <err) -eq 2 ]] || fail "'$word': $(<err)"
	done
	for word in tasks memory pressure; do
		run monitor --until $word
		expect_monitor_usage "--until $word needs --warn-at with such a threshold"
	done
}

# Before anything is watched, so that no cgroup is needed.
test_metrics_go_to_a_regular_file_only() {
	run monitor --openmetrics /nonexistent/x.prom
	expect_status 1
	expect_lines out
	grep -q '^cgscope: cannot write the metrics: /nonexistent/x.prom: ' err || fail "$(<err)"
	run monitor --openmetrics /dev/null
	expect_status 1
	expect_lines err "cgscope: cannot write the metrics: /dev/null: not a regular file"
}
