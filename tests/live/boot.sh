#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cgscope where the kernel was booted with less than Debian does. For a machine of its own, which is
# booted for it:
#
#   tests/vm/vm run bookworm --install --append 'BOOT PARAMETERS' -- tests/live/boot.sh
#
#   systemd.unified_cgroup_hierarchy=0            hybrid: cgroup v2 without controllers
#   systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1
#                                                 legacy: cgroup v1 alone
#   psi=0 cgroup_disable=memory                   no pressure, no memory controller
#
# Runs as any user; prints TAP.
set -u

helper=/opt/cgscope/tests/live/helper
number=0
is_well=yes

# check NAME COMMAND...
check() {
	local name=$1 result=ok
	shift
	"$@" >log 2>&1 || result='not ok' is_well=no
	echo "$result $((++number)) - $name"
	[[ $result == ok ]] || sed 's/^/#   /' log
}

# Runs cgscope; its output is in the files out and err, its exit status in $status.
run() {
	status=0
	cgscope "$@" >out 2>err </dev/null || status=$?
	echo "$*: status $status"
	cat out err
}

# $1: a pattern of the line that says why, $2: of the one that says what to do.
is_refused() {
	local why=$1 hint=$2 lines
	shift 2
	run "$@" touch ran
	mapfile -t lines <err
	# shellcheck disable=SC2053 # patterns are meant
	[[ $status -eq 125 && ! -e ran && ! -s out && ${#lines[@]} -eq 2 &&
		${lines[0]} == 'cgscope: '$why && ${lines[1]} == 'cgscope: hint: '$hint ]]
}

nothing_is_left() {
	! pgrep -x cgscope && [[ $(systemctl list-units --all --plain --no-legend 'cgscope*.scope') == '' ]]
}

# ---- cgroup v1 ----

is_refused_for_v1() {
	is_refused '*cgroup v1*' '*systemd.unified_cgroup_hierarchy=1*' "$@"
}

check_v1() {
	echo "1..6"
	check "a run with a limit" is_refused_for_v1 -m 64M
	check "a run without limits" is_refused_for_v1
	check "a run that becomes the command" is_refused_for_v1 --exec -t 10
	check "a limit that may be missing does not help" is_refused_for_v1 --best-effort -m 64M
	check "the system's manager" is_refused_for_v1 --system -m 64M
	check "nothing is left" nothing_is_left
}

# ---- no memory controller, no pressure ----

# Expressions about the record, see helper/check-record.
is_recorded() {
	cat record
	"$helper/check-record" record 'complete' 'memory.peak_bytes is None and memory.events.oom_kill is None' \
		'{v for kind in vars(pressure).values() for v in vars(kind).values()} == {None}' 'tasks.peak > 0' \
		'cpu.usage_usec > 0' 'memory.max_rss_bytes > 0' "$@"
}

a_run_without_limits() {
	run --record record sh -c 'exit 3'
	[[ $status -eq 3 && ! -s err ]] && is_recorded 'verdict == "failed" and reason == "exit status 3"'
}

a_run_with_a_limit_on_tasks() {
	run --record record --tasks 8 "$helper/bomb"
	[[ $status -eq 1 && $(<err) == *'fork refused once: pids.max 8 of this scope'* ]] &&
		is_recorded 'verdict == "tasks" and blame.own and blame.certain'
}

a_kill_that_nobody_can_explain() {
	run --record record sh -c 'kill -9 $$'
	[[ $status -eq 137 ]] && is_recorded 'verdict == "signal"' \
		'reason == "killed by SIGKILL; cannot tell whether memory ran out: no memory.events"'
}

a_limit_that_may_be_missing() {
	run --best-effort -m 64M --record record true
	[[ $status -eq 0 && $(<err) == 'cgscope: warning: '*memory.max* ]] && is_recorded 'verdict == "ok"' \
		'[(l.effective, l.verified) for l in limits if l.name == "memory.max"] == [(None, False)]'
}

a_summary() {
	run --summary --tasks 8 true
	[[ $status -eq 0 && $(<err) == *'of 8'* ]]
}

check_bare() {
	echo "1..7"
	check "a limit on memory" is_refused '*this machine has no memory controller*' '*cgroup_disable=*' -m 64M
	check "a limit that may be missing" a_limit_that_may_be_missing
	check "a run without limits" a_run_without_limits
	check "a limit on tasks" a_run_with_a_limit_on_tasks
	check "a kill that nobody can explain" a_kill_that_nobody_can_explain
	check "a summary" a_summary
	check "nothing is left" nothing_is_left
}

main() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cd "$work" || exit 1
	if [[ ! -e /sys/fs/cgroup/cgroup.controllers ]]; then
		check_v1
	elif [[ ! -e /proc/pressure && " $(</sys/fs/cgroup/cgroup.controllers) " != *' memory '* ]]; then
		check_bare
	else
		echo "1..0 # SKIP this machine was booted as usual"
		exit 77
	fi
	[[ $is_well == yes ]]
}

main
