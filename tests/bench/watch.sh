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

# Microseconds of CPU that the process has used.
cpu_of() {
	awk '{ print int($1 / 1000) }' "/proc/$1/schedstat"
}

# Rounds that are complete in the output: lines that begin so, but for the last one.
rounds() {
	grep -c "$1" "$tmp/output" || true
}

# measure WORDS COMMAND...: CPU of a command, in milliseconds a round, once it has settled; a round has
# one line with WORDS. A command that does not keep up with its second makes fewer rounds, not cheaper
# ones. Without WORDS: milliseconds a second.
measure() {
	local pid begin end n=$seconds before words=$1
	shift
	"$@" >"$tmp/output" 2>/dev/null &
	pid=$!
	if [[ $words ]]; then
		while (($(rounds "$words") < 2)); do
			sleep 1
		done
		before=$(rounds "$words")
	else
		sleep 20
	fi
	begin=$(cpu_of "$pid")
	sleep "$seconds"
	end=$(cpu_of "$pid")
	[[ ! $words ]] || n=$(($(rounds "$words") - before))
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	awk "BEGIN { printf \"%.1f\", ($end - $begin) / 1000 / ($n ? $n : 1) }"
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

# All cgroups are frozen one after the other, as fast as it goes: how many a second, how many of them are
# told, and how long after the last write the last one is.
burst() {
	python3 -IS - "$example" "$top" "$n" <<-'END'
	import os, subprocess, sys, time
	example, top, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
	groups = ["%s/bench-%d.scope" % (top, i + 1) for i in range(n)]
	files = [os.open(group + "/cgroup.freeze", os.O_WRONLY) for group in groups]
	command = [example] + [group.removeprefix("/sys/fs/cgroup") for group in groups]
	with subprocess.Popen(command, stdout=subprocess.PIPE) as watch:
	    while b"poll" not in open("/proc/%d/wchan" % watch.pid, "rb").read():
	        time.sleep(0.5)
	    begin = time.monotonic()
	    for file in files:
	        os.write(file, b"1")
	    written = time.monotonic()
	    told = {watch.stdout.readline() for _ in range(n)}
	    end = time.monotonic()
	    watch.kill()
	for file in files:
	    os.write(file, b"0")
	print("%.0f cgroups frozen a second: %d of %d told, the last one %.0f ms after its write"
	      % (n / (written - begin), len(told), n, (end - written) * 1000))
	END
}

trap remove_all EXIT
make_tree
ulimit -n 65536
groups=()
for ((i = 1; i <= n; i++)); do
	groups+=("/bench.slice/bench-$i.scope")
done
echo "$n cgroups of ours, $(find /sys/fs/cgroup -type d | wc -l) in all; CPU in ms, of a round or a second"
a=$(measure '^/ ' systemd-cgtop -b -d 1 -n 100000)
b=$(measure '"/bench.slice/bench-1.scope"' cgscope monitor --json --interval 1s "${groups[@]}")
c=$(measure '^sample /bench.slice/bench-1.scope ' "$example" sample:1s "${groups[@]}")
d=$(measure '' "$example" tasks:80% memory:90% "${groups[@]}")
e=$(measure '' "$example" "${groups[@]}")
echo "systemd-cgtop -b -d 1                       $a"
echo "cgscope monitor --json --interval 1s        $b"
echo "samples of tasks, memory and CPU time       $c"
echo "thresholds of tasks and memory, 4 times     $d"
echo "events of the kernel only                   $e"
awk "BEGIN { printf \"against cgtop: %.2f, %.2f\\n\", $b / $a, $c / $a }"
burst
latencies | sort -n >"$tmp/latencies"
awk '{ v[NR] = $1 }
	END { printf "freezing to the event, ms: median %s, 90 %% below %s, longest %s\n",
		v[int((NR + 1) / 2)], v[int(NR * 0.9 + 0.5)], v[NR] }' "$tmp/latencies"
