#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a trace costs, beside strace with the same calls: a build of many processes and threads,
# plain and traced, the ways taking turns. Medians of the time by the clock and of the processor
# time of all, and of their ratios to the plain run of the same round. A Go compiler builds a part
# of its library; without one, or if told to, gcc compiles files, and its driver looks for the
# assembler in all directories of PATH.
#
#   trace.sh [ROUNDS [CGSCOPE [go | gcc]]]
set -euo pipefail

rounds=${1:-7}
cgscope=${2:-cgscope}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
calls=fork,vfork,clone,clone3,execve,execveat

compiler=${3:-$(command -v go >/dev/null && echo go || echo gcc)}
if [[ $compiler == go ]]; then
	build="GOCACHE=$work/cache go build -a strconv sort && rm -rf $work/cache"
else
	for i in {1..40}; do
		printf '#include <stdio.h>\nint f%d(int x) { return printf("%%d", x); }\n' "$i" \
			>"$work/$i.c"
	done
	build="for f in $work/*.c; do gcc -O1 -c -o /dev/null \$f; done"
fi

names=(plain 'trace --only fork,exec' trace 'strace, fork and exec' 'strace, memory as well')
traced=("$cgscope" trace --best-effort -q -o /dev/null)
straced=(strace -f -qq --seccomp-bpf -o /dev/null -e)
run() {
	local words=()
	case $1 in
	plain) ;;
	trace) words=("${traced[@]}") ;;
	trace*) words=("${traced[@]}" "--only=fork,exec") ;;
	*memory*) words=("${straced[@]}" "trace=$calls,mmap,brk,mremap") ;;
	*) words=("${straced[@]}" "trace=$calls") ;;
	esac
	"${words[@]}" sh -c "$build"
}

# Appends milliseconds by the clock and of processor time to the file of that way.
measure() {
	local TIMEFORMAT='%3R %3U %3S' times
	times=$({ time run "$1" >/dev/null 2>"$work/err"; } 2>&1) || {
		cat "$work/err" >&2
		exit 1
	}
	awk '{ printf "%d %d\n", $1 * 1000, ($2 + $3) * 1000 }' <<<"$times" >>"$work/times-$2"
}

# median WAY COLUMN: of a figure; of its ratio to the plain run's.
median() {
	cut -d ' ' -f "$2" "$work/times-$1" | sort -n | sed -n "$((rounds / 2 + 1))p"
}

ratio() {
	paste -d ' ' "$work/times-$1" "$work/times-0" |
		awk -v at="$2" '{ printf "%.2f\n", $at / $(at + 2) }' | sort -n |
		sed -n "$((rounds / 2 + 1))p"
}

for ((round = 0; round <= rounds; round++)); do
	for ((k = 0; k < ${#names[@]}; k++)); do
		way=$(((round + k) % ${#names[@]}))
		measure "${names[way]}" "$way"
	done
	# The first one fills the page cache.
	[[ $round -gt 0 ]] || rm "$work"/times-*
done
printf '%-26s %10s %6s %14s %6s\n' '' 'clock, ms' ratio 'processor, ms' ratio
for ((way = 0; way < ${#names[@]}; way++)); do
	printf '%-26s %10d %6s %14d %6s\n' "${names[way]}" \
		"$(median "$way" 1)" "$(ratio "$way" 1)" "$(median "$way" 2)" "$(ratio "$way" 2)"
done
