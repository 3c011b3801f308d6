#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a machine with systemd, as an ordinary user: what starting a command costs, by cgscope, by its
# peers and without any of them. Everything runs in one scope of the user's manager, from where
# cgexec may move a process into the group that is prepared for it. Where the machine has no memory
# and tasks to limit, as a native one of tests/vm may, all are started without limits.
#
#   start.sh [ROUNDS]
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# "vm run" carries this file alone into the machine; launch was installed there.
[[ -x $here/launch ]] || here=/opt/cgscope/tests/bench
rounds=${1:-40}

if [[ -z ${BENCH_IN_SCOPE:-} ]]; then
	export XDG_RUNTIME_DIR=/run/user/$EUID
	exec systemd-run --user --scope --quiet -p Delegate=yes env BENCH_IN_SCOPE=1 "$0" "$@"
fi

# A group with limits below the scope of this script, which itself moves aside.
prepare_group() {
	local own
	own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
	mkdir "$own/bench" "$own/prepared"
	echo $$ >"$own/bench/cgroup.procs"
	echo '+memory +pids' >"$own/cgroup.subtree_control"
	echo 512M >"$own/prepared/memory.max"
	echo 64 >"$own/prepared/pids.max"
	group=${own#/sys/fs/cgroup/}/prepared
}

# compare FIRST OTHER...: the ways in turns, as ratios to the first.
compare() {
	local gap
	for gap in 20 0; do
		if ((gap)); then
			echo "launches $gap ms apart, $rounds rounds"
		else
			echo "launches back to back, $rounds rounds"
		fi
		"$here/launch" -n "$rounds" -g "$gap" "$@"
		echo
	done
}

others=()
if [[ " $(</sys/fs/cgroup/cgroup.controllers) " == *" memory "*" pids "* ]]; then
	prepare_group
	limits="--mem 512M --tasks 64"
	by_systemd="systemd-run=systemd-run --user --scope -q -p MemoryMax=512M -p TasksMax=64 true"
	nested=("cgscope without limits=cgscope true")
	! command -v cgexec >/dev/null || others+=("cgexec, prepared group=cgexec -g memory,pids:$group true")
else
	limits='' nested=()
	by_systemd="systemd-run=systemd-run --user --scope -q true"
	echo "without limits"
fi
if command -v bwrap >/dev/null; then
	others+=("bwrap=bwrap --dev-bind / / true")
fi

echo "with a manager"
compare "$by_systemd" "true=true" "env true=env true" \
	"cgscope=cgscope --backend systemd $limits true" \
	"cgscope --record=cgscope --backend systemd $limits --record /dev/null true" \
	"cgscope --exec=cgscope --backend systemd $limits --exec true" "${others[@]}"

echo "in a delegated cgroup"
cgscope true
compare "true=true" "env true=env true" "cgscope=cgscope $limits true" \
	"${nested[@]}" "cgscope --record=cgscope $limits --record /dev/null true" \
	"cgscope --exec=cgscope $limits --exec true" "${others[@]}" "$by_systemd"
