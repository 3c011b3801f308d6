#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a machine with systemd, as an ordinary user: what starting a command costs, by cgscope, by its
# peers and without any of them. Everything runs in one scope of the user's manager, from where
# cgexec may move a process into the group that is prepared for it.
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
	own=/sys/fs/cgroup$(sed 's/^0:://' /proc/self/cgroup)
	mkdir "$own/bench" "$own/prepared"
	echo $$ >"$own/bench/cgroup.procs"
	echo '+memory +pids' >"$own/cgroup.subtree_control"
	echo 512M >"$own/prepared/memory.max"
	echo 64 >"$own/prepared/pids.max"
	group=${own#/sys/fs/cgroup/}/prepared
}

prepare_group
ways=(
	"systemd-run=systemd-run --user --scope -q -p MemoryMax=512M -p TasksMax=64 true"
	"true=true"
	"env true=env true"
	"cgscope=cgscope --mem 512M --tasks 64 true"
	"cgscope --exec=cgscope --mem 512M --tasks 64 --exec true"
)
if command -v cgexec >/dev/null; then
	ways+=("cgexec, prepared group=cgexec -g memory,pids:$group true")
fi
for gap in 20 0; do
	if ((gap)); then
		echo "launches $gap ms apart, $rounds rounds"
	else
		echo "launches back to back, $rounds rounds"
	fi
	"$here/launch" -n "$rounds" -g "$gap" "${ways[@]}"
	echo
done
