# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# run --in: a command inside of a scope that is there.

# up NAME OPTION...: a scope of cgscope's that sleeps; $outer.
up() {
	cgscope --name "$@" -- sleep 1000 >outer.out 2>outer.err </dev/null &
	outer=$!
	defer eval "kill -KILL $outer 2>/dev/null"
	until_true eval "grep -q . \"\$(group_of $1)/run/cgroup.procs\""
}

# The first line of what a command says of its cgroup.
expect_inside() {
	expect_match out "^0::/.*/$1\.scope/$2"
}

live in_a_scope_from_its_first_instruction alice root
in_a_scope_from_its_first_instruction() {
	up live-a -m 100M
	run --in live-a sh -c 'grep ^0:: /proc/self/cgroup; exit 7'
	expect_status 7
	expect_lines err
	expect_inside live-a run/cgscope-sh-
	run --in live-a --exec sh -c 'grep ^0:: /proc/self/cgroup'
	expect_success
	expect_inside live-a run/cgscope-sh-
	run --in live-a --name live-within -m 30M sh -c "$read_limits" sh memory.max
	expect_success
	expect_lines out "memory.max=$((30 << 20))"
	# Nothing of all that is left, and the scope is as it was.
	run list --no-headings --output name
	expect_lines out live-a.scope
	run stop live-a
	expect_success
}

live in_a_scope_under_its_limits alice
in_a_scope_under_its_limits() {
	up live-a -m 60M
	run --in live-a --record record perl -e '$x = "x" x (120 << 20)'
	expect_status 137
	expect_match err 'out of memory: memory.max 60M of .*live-a.scope/run'
	expect_match record '"verdict":"oom".*"blame":\{"cgroup":"[^"]*/live-a.scope/run","file":"memory.max"'
	expect_match record '"backend":"nested".*"complete":true'
	# It took the newcomer, which was the largest.
	kill -0 "$outer"
	run kill live-a
	expect_success
}

live in_a_scope_that_is_not_there alice +native
in_a_scope_that_is_not_there() {
	run --in live-nowhere true
	expect_refused 'no scope of yours has that name'
	run --in init.scope true
	expect_refused 'not delegated' 'Delegate=yes'
	run --in app.slice true
	expect_refused 'not delegated|belongs to its manager' 'in app.slice, with --slice'
	run --in live-a --slice app.slice true
	expect_usage_error 'exclude each other'
	up live-a
	run --in live-a -p KillMode=process true
	expect_refused 'a property is given that only a manager can apply'
	run kill live-a
}

live in_a_scope_of_another_tool alice +native
in_a_scope_of_another_tool() {
	systemd-run --user --quiet --scope --unit live-other -p Delegate=yes sleep 1000 2>/dev/null &
	defer eval 'systemctl --user stop live-other.scope 2>/dev/null'
	systemd-run --user --quiet --scope --unit live-shut sleep 1000 2>/dev/null &
	defer eval 'systemctl --user stop live-shut.scope 2>/dev/null'
	until_true group_of live-other
	until_true group_of live-shut
	run --in live-other true
	expect_refused 'no scope of yours has that name'
	run --in live-other.scope grep ^0:: /proc/self/cgroup
	expect_success
	expect_inside live-other cgscope-grep-
	run --in live-shut.scope true
	expect_refused 'not delegated'
}

# The end of one cgscope is the end of its own run, not of the scope.
live in_a_scope_sigkill_ends_the_run_alone alice
in_a_scope_sigkill_ends_the_run_alone() {
	local inner
	up live-a
	start --in live-a sh -c 'sleep 1000 & echo $!; wait'
	until_true has out
	inner=$(<out)
	kill -KILL "$pid"
	until_true is_gone "$inner"
	kill -0 "$outer"
	grep -q . "$(group_of live-a)/run/cgscope-main/cgroup.procs"
	start --in live-a sh -c 'echo up; sleep 1000'
	until_true has_line out up
	run stop live-a
	expect_success
	finish
	expect_equal "$status" 143
}

live in_a_scope_time_ends_the_run_alone alice +native
in_a_scope_time_ends_the_run_alone() {
	up live-a
	run --in live-a --time 500ms sh -c 'sleep 1000 & sleep 1000'
	expect_status 124
	kill -0 "$outer"
	run kill live-a
}

# Whose limits are tighter does not get out of them by another scope.
live in_a_scope_the_callers_limits_still_hold alice
in_a_scope_the_callers_limits_still_hold() {
	up live-a
	run --backend systemd --name live-b --tasks 30 cgscope --in live-a sh -c "$read_limits" sh pids.max
	expect_status 0
	expect_lines out pids.max=30
	expect_match err 'binds the caller too'
	run kill live-a
}
