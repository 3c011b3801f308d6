#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a machine with systemd, as root: what it costs to sample many cgroups each second, beside
# "systemd-cgtop -b -d 1" on the same tree, and how long an event of the kernel's takes to be told.
#
#   watch.sh [CGROUPS [SECONDS [EVENTS]]]
set -euo pipefail

n=${1:-1000}
seconds=${2:-20}
events=${3:-40}
top=/sys/fs/cgroup/bench.slice
example=${BASH_SOURCE[0]%/tests/bench/*}/docs/examples/watch
tmp=$(mktemp -d)
tick=$(getconf CLK_TCK)

make_tree() {
	perl -e '
		my ($top, $n) = @ARGV;
		sub put { open my $f, ">", $_[0] or die "$_[0]: $!"; print $f $_[1]; close $f }
		mkdir $top or die "$top: $!";
		put("$top/cgroup.subtree_control", "+memory +pids +cpu");
		for (1 .. $n) {
			mkdir "$top/bench-$_.scope" or die;
			put("$top/bench-$_.scope/pids.max", 100);
			put("$top/bench-$_.scope/memory.max", 64 << 20);
		}' "$top" "$n"
}

remove_all() {
	perl -e 'rmdir for glob("$ARGV[0]/*.scope"), $ARGV[0]' "$top"
	rm -rf "$tmp"
}

# Milliseconds of CPU that the process uses in that time.
cpu_of() {
	local before after
	before=$(ticks "$1")
	sleep "$seconds"
	after=$(ticks "$1")
	echo $(((after - before) * 1000 / tick))
}

ticks() {
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# CPU of a command in the background, once it has settled.
measure() {
	local pid
	"$@" >/dev/null 2>&1 &
	pid=$!
	sleep 5
	cpu_of "$pid"
	kill "$pid"
	wait "$pid" 2>/dev/null || true
}

# Milliseconds from the write that freezes a cgroup to the line about it, one a line; most of the time is
# the kernel's.
latencies() {
	python3 -IS - "$example" "$top/bench-1.scope" "$events" <<-'END'
	import subprocess, sys, time
	example, group, n = sys.argv[1:]
	with subprocess.Popen([example, group.removeprefix("/sys/fs/cgroup")], stdout=subprocess.PIPE) as watch:
	    time.sleep(2)
	    for i in range(int(n)):
	        begin = time.monotonic()
	        with open(group + "/cgroup.freeze", "w") as file:
	            file.write("1")
	        watch.stdout.readline()
	        print("%.1f" % ((time.monotonic() - begin) * 1000))
	        with open(group + "/cgroup.freeze", "w") as file:
	            file.write("0")
	        time.sleep(0.1)
	    watch.kill()
	END
}

trap remove_all EXIT
make_tree
ulimit -n 65536
groups=()
for ((i = 1; i <= n; i++)); do
	groups+=("/bench.slice/bench-$i.scope")
done
echo "$n cgroups of ours, $(find /sys/fs/cgroup -type d | wc -l) in all; CPU in $seconds s"
a=$(measure systemd-cgtop -b -d 1 -n 100000)
b=$(measure "$example" sample:1s "${groups[@]}")
c=$(measure "$example" tasks:80% memory:90% "${groups[@]}")
d=$(measure "$example" "${groups[@]}")
echo "systemd-cgtop -b -d 1             $a ms"
echo "samples of tasks, memory, CPU, 1 s  $b ms"
echo "thresholds of tasks and memory, 250 ms  $c ms"
echo "events of the kernel only         $d ms"
awk "BEGIN { printf \"samples against cgtop             %.2f\\n\", $b / $a }"
latencies | sort -n >"$tmp/latencies"
awk '{ v[NR] = $1 } END { print "freezing to the event: median " v[int((NR + 1) / 2)] " ms, longest " v[NR] " ms" }' "$tmp/latencies"
