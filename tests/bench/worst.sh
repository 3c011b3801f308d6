#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a machine with systemd, as root: how long "cgscope check --worst" takes on a tree of many
# cgroups, beside "systemd-cgtop -b -n 1" on the same tree. The ways take turns.
#
#   worst.sh [CGROUPS [ROUNDS]]
set -euo pipefail

n=${1:-10000}
rounds=${2:-5}
top=/sys/fs/cgroup/bench.slice

# A hundred slices of as many cgroups each, every tenth of them with limits. By one process: in an
# emulated machine each further one takes longer than its mkdir.
make_tree() {
	perl -e '
		my ($top, $n) = @ARGV;
		sub put { open my $f, ">", $_[0] or die "$_[0]: $!"; print $f $_[1]; close $f }
		for my $dir ($top, map { "$top/bench-$_.slice" } 0 .. 99) {
			mkdir $dir or die "$dir: $!";
			put("$dir/cgroup.subtree_control", "+memory +pids +cpu");
			next if $dir eq $top;
			for (1 .. $n / 100 - 1) {
				mkdir "$dir/bench-$_.scope" or die;
				next if $_ % 10;
				put("$dir/bench-$_.scope/pids.max", 100);
				put("$dir/bench-$_.scope/memory.max", 64 << 20);
			}
		}' "$top" "$n"
}

remove_tree() {
	perl -e 'rmdir for glob("$ARGV[0]/*/*.scope"), glob("$ARGV[0]/*.slice"), $ARGV[0]' "$top"
}

# Milliseconds of a command.
time_of() {
	local begin=${EPOCHREALTIME/./}
	"$@" >/dev/null || true
	echo $(((${EPOCHREALTIME/./} - begin) / 1000))
}

median() {
	sort -n | sed -n "$((rounds / 2 + 1))p"
}

trap remove_tree EXIT
make_tree
echo "$(find /sys/fs/cgroup -type d | wc -l) cgroups, $rounds rounds"
worst=() cgtop=()
for ((i = 0; i < rounds; i++)); do
	cgtop+=("$(time_of systemd-cgtop -b -n 1)")
	worst+=("$(time_of cgscope check --worst)")
done
a=$(printf '%s\n' "${cgtop[@]}" | median)
b=$(printf '%s\n' "${worst[@]}" | median)
echo "systemd-cgtop -b -n 1   $a ms"
echo "cgscope check --worst   $b ms"
awk "BEGIN { printf \"ratio                   %.1f\\n\", $a / $b }"
