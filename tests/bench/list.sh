#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a machine with systemd, as root: how long "cgscope list" takes beside systemd-cgls and
# systemd-cgtop, where other tools have made thousands of scopes. These are cgroups with a process
# each, made in alice's app.slice without her manager, which would take minutes for them.
#
#   list.sh [FOREIGN] [OWN] [ROUNDS]
set -euo pipefail

foreign=${1:-2000}
own=${2:-200}
rounds=${3:-9}
slice=/user.slice/user-1000.slice/user@1000.service/app.slice

# populate PREFIX COUNT MARK: cgroups of alice's, each with a process that sleeps.
populate() {
	python3 - "/sys/fs/cgroup$slice" "$@" <<-'END'
		import os, sys, time

		top, prefix, count, mark = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
		for i in range(count):
		    path = f"{top}/{prefix}-{i}.scope"
		    os.mkdir(path)
		    if mark:
		        os.setxattr(path, "user.cgscope", f"1 {mark} {time.time_ns() // 1000}".encode())
		    os.chown(path, 1000, 1000)
		    if os.fork() == 0:
		        with open(path + "/cgroup.procs", "w") as procs:
		            procs.write("0")
		        os.execlp("sleep", "sleep", "100000")
	END
}

clean_up() {
	local dir
	for dir in /sys/fs/cgroup"$slice"/bench-*.scope; do
		echo 1 >"$dir/cgroup.kill"
	done
	sleep 2
	rmdir /sys/fs/cgroup"$slice"/bench-*.scope
}

# median NAME COMMAND...: milliseconds, as alice.
median() {
	local name=$1 begin times=() i
	shift
	for ((i = 0; i < rounds; i++)); do
		begin=${EPOCHREALTIME/./}
		"$@" >/dev/null
		times+=($((${EPOCHREALTIME/./} - begin)))
	done
	mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
	printf '%-42s %6d ms\n' "$name" $((times[rounds / 2] / 1000))
}

alice=(setpriv --reuid=1000 --regid=1000 --init-groups env XDG_RUNTIME_DIR=/run/user/1000)

measure() {
	echo "$1"
	median 'true' "${alice[@]}" true
	median 'cgscope --version' "${alice[@]}" cgscope --version
	median 'cgscope list' "${alice[@]}" cgscope list
	median 'cgscope list --json' "${alice[@]}" cgscope list --json
	median 'cgscope list -n -o name' "${alice[@]}" cgscope list -n -o name
	median 'systemd-cgls --no-pager' "${alice[@]}" systemd-cgls --no-pager "$slice"
	median 'systemd-cgtop -b -n 1' "${alice[@]}" systemd-cgtop -b -n 1 "$slice"
	echo
}

trap clean_up EXIT
populate bench-own "$own" run
measure "$own scopes of ours:"
populate bench-other "$foreign" ''
measure "$own scopes of ours, $foreign of others:"
