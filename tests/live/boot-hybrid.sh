#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# cgscope where cgroup v2 is not in use. For a machine of its own, which is booted for it:
#
#   tests/vm/vm run bookworm --install --append systemd.unified_cgroup_hierarchy=0 -- tests/live/boot-hybrid.sh
#
# systemd.legacy_systemd_cgroup_controller=1 beside it makes it v1 alone instead of hybrid. Runs as
# any user; prints TAP.
set -u

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

# A run is refused in one line that says why and one that says what to boot with.
is_refused() {
	local status=0 lines
	cgscope "$@" touch ran >out 2>err </dev/null || status=$?
	echo "$*: status $status"
	cat out err
	mapfile -t lines <err
	[[ $status -eq 125 && ! -e ran && ! -s out && ${#lines[@]} -eq 2 &&
		${lines[0]} == 'cgscope: '*'cgroup v1'* &&
		${lines[1]} == 'cgscope: hint: '*'systemd.unified_cgroup_hierarchy=1'* ]]
}

nothing_is_left() {
	! pgrep -x cgscope && [[ $(systemctl list-units --all --plain --no-legend 'cgscope*.scope') == '' ]]
}

main() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cd "$work" || exit 1
	if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
		echo "1..0 # SKIP this machine was booted with cgroup v2"
		exit 77
	fi
	echo "1..6"
	check "a run with a limit" is_refused -m 64M
	check "a run without limits" is_refused
	check "a run that becomes the command" is_refused --exec -t 10
	check "a limit that may be missing does not help" is_refused --best-effort -m 64M
	check "the system's manager" is_refused --system -m 64M
	check "nothing is left" nothing_is_left
	[[ $is_well == yes ]]
}

main
