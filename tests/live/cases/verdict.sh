# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Why a command ended: the line on stderr, and what the record says of it.

# Allocates 100 MiB, for perl -e.
hog='$x = "x" x (100 << 20); exit 0'

# As run, with a record in the file record.
run_recorded() {
	rm -f record
	run --record record "$@"
}

# Expressions about it, see helper/check-record.
expect_record() {
	"$helper/check-record" record "$@" || fail "'$args': status $status; the record:" "$(<record)" "stderr:" "$(<err)"
}

# ---- memory ----

live oom_in_the_command alice root
oom_in_the_command() {
	run_recorded -m 32M perl -e "$hog"
	expect_status 137
	expect_lines err 'cgscope: perl: out of memory: memory.max 32M of this scope, 1 process killed' \
		'cgscope: hint: give it more: --mem 64M'
	expect_record 'verdict == "oom"' 'exit.signal == "SIGKILL" and exit.code is None and exit.status == 137' \
		'blame.own and blame.certain' 'blame.file == "memory.max" and blame.limit == 32 * MiB' \
		'placement.cgroup.startswith(blame.cgroup)' 'memory.events.oom_kill == 1' \
		'31 * MiB <= memory.peak_bytes < 33 * MiB' 'reason and hint' 'leftovers == 0 and complete'
	# Nothing of it is there in the next run.
	run_recorded -m 32M true
	expect_success
	expect_record 'verdict == "ok"' 'blame is None' 'memory.events.oom_kill == memory.events.max == 0' \
		'memory.peak_bytes < 8 * MiB' 'tasks.peak == 1 and tasks.refused == 0' 'notes == []' 'complete'
}

live oom_in_a_grandchild_while_the_command_ends_with_0 alice root
oom_in_a_grandchild_while_the_command_ends_with_0() {
	local command=(-m 32M -- sh -c 'exec 2>/dev/null; (perl -e "$1"; :); exit 0' sh "$hog")
	run_recorded "${command[@]}"
	expect_status 0
	expect_lines err 'cgscope: sh: out of memory: memory.max 32M of this scope, 1 process killed; the command itself ended with 0' \
		'cgscope: hint: give it more: --mem 64M'
	expect_record 'verdict == "oom"' 'exit.code == 0 == exit.status' 'blame.own and blame.certain' \
		'memory.events.oom_kill == 1'
	run_recorded --strict "${command[@]}"
	expect_status 1
	expect_record 'verdict == "oom"' 'exit.code == 0 and exit.status == 1'
	run -q "${command[@]}"
	expect_success
}

live oom_of_a_whole_group alice
oom_of_a_whole_group() {
	run_recorded -m 32M --oom kill sh -c 'sleep 1000 & setsid sleep 1000 & perl -e "$1"; sleep 1000' sh "$hog"
	expect_status 137
	expect_lines err 'cgscope: sh: out of memory: memory.max 32M of this scope, the whole group killed' \
		'cgscope: hint: give it more: --mem 64M'
	expect_record 'verdict == "oom"' 'exit.signal == "SIGKILL"' 'memory.events.oom_group_kill == 1' 'leftovers == 0'
	# Otherwise the command goes on.
	run_recorded -m 32M --oom continue sh -c 'exec 2>/dev/null; perl -e "$1"; exit 3' sh "$hog"
	expect_status 3
	expect_record 'verdict == "oom"' 'exit.code == 3' 'memory.events.oom_group_kill == 0'
}

live oom_is_not_swapped_away alice +swap
oom_is_not_swapped_away() {
	run_recorded -m 32M perl -e "$hog"
	expect_status 137
	expect_record 'verdict == "oom"' 'memory.swap_peak_bytes in (0, None)' \
		'any(limit.name == "memory.swap.max" and limit.effective == 0 and limit.verified for limit in limits)'
	run_recorded -m 32M --swap 100M perl -e '$x = "x" x (40 << 20)'
	expect_status 0
	expect_record 'verdict == "ok"' 'memory.swap_peak_bytes is None or memory.swap_peak_bytes > 4 * MiB' \
		'any("memory.max reached" in note for note in notes)'
}

# user-1000.slice gets the property $1=$2 until the end of the case; $3 is its usual value.
limit_the_slice() {
	defer systemctl revert user-1000.slice
	defer systemctl set-property --runtime user-1000.slice "$1=$3"
	systemctl set-property --runtime user-1000.slice "$1=$2"
}

live an_ancestors_memory_limit_is_named root
an_ancestors_memory_limit_is_named() {
	local slice=/sys/fs/cgroup/user.slice/user-1000.slice limit
	play_alice
	limit=$(($(<$slice/memory.current) + (64 << 20)))
	limit_the_slice MemoryMax $limit infinity
	limit=$(<$slice/memory.max)
	run_recorded -m 1G perl -e '$x = "x" x (300 << 20)'
	expect_status 137
	expect_match err '^cgscope: perl: out of memory(, probably)?: memory.max [0-9.]+[MGK]? of user-1000.slice, 1 process killed \(this run.s own limit is 1G\)'
	expect_match err 'hint: as root: systemctl set-property user-1000.slice MemoryMax='
	expect_record 'verdict == "oom"' 'blame.cgroup == "/user.slice/user-1000.slice" and not blame.own' \
		"blame.file == 'memory.max' and blame.limit == $limit" 'memory.events.oom_kill == 1' 'complete'
}

live the_machines_memory_is_named_as_such root
the_machines_memory_is_named_as_such() {
	# As if there was none left; this one wants to be the victim.
	start --record record sh -c 'echo 1000 >/proc/self/oom_score_adj; echo ready; exec sleep 1000'
	until_true has out
	echo f >/proc/sysrq-trigger
	finish
	expect_status 137
	expect_record 'verdict == "oom"' 'blame.file == "ram" and blame.cgroup is None' 'not blame.own' \
		'memory.events.oom_kill == 1' 'blame.limit is None'
	expect_match err '^cgscope: sh: out of memory.*: the machine has no memory left, 1 process killed'
}

# A command that goes round and round in more memory than it may have beside the swap.
expect_oomd() {
	run_recorded -p ManagedOOMMemoryPressure=kill -p ManagedOOMMemoryPressureLimit=1% --mem-high 20M --swap 200M \
		--time 50s perl -e '$x = "x" x (30 << 20); for (;;) { substr($x, $_ << 12, 1) = "y" for 0 .. 7679 }'
	expect_status 137
	expect_match err 'cgscope: perl: out of memory: systemd-oomd killed this scope
cgscope: hint: journalctl -u systemd-oomd says which pressure or swap limit was reached'
	expect_record 'verdict == "oomd"' 'exit.signal == "SIGKILL"' 'blame.own and blame.certain' \
		'blame.file == "user.oomd_kill" and blame.limit is None' 'memory.events.oom_kill == 0' 'complete'
}

live a_kill_by_systemd_oomd_is_named root +swap 120s
a_kill_by_systemd_oomd_is_named() {
	start_oomd
	expect_oomd
	play_alice
	expect_oomd
}

# ---- tasks ----

live tasks_of_our_own_limit alice root
tasks_of_our_own_limit() {
	local n
	for n in 2 32; do
		run_recorded --tasks $n "$helper/bomb"
		expect_status 1
		expect_lines out $n
		expect_lines err "cgscope: $helper/bomb: fork refused once: pids.max $n of this scope" \
			"cgscope: hint: give it more: --tasks $((n * 2))"
		expect_record 'verdict == "tasks"' 'blame.file == "pids.max" and blame.own and blame.certain' \
			"blame.limit == $n == tasks.peak" 'tasks.refused == 1' 'exit.code == 1' 'complete'
	done
	# As many as that are not refused.
	run_recorded --tasks 3 sh -c 'sleep 0.2 & sleep 0.2 & wait'
	expect_success
	expect_record 'verdict == "ok"' 'tasks.peak == 3' 'tasks.refused == 0' '"3 tasks of 3 at the peak" in notes'
}

live refused_forks_of_a_command_that_ends_with_0 alice
refused_forks_of_a_command_that_ends_with_0() {
	local command=(--tasks 8 -- sh -c '"$1" >/dev/null; exit 0' sh "$helper/bomb")
	run_recorded "${command[@]}"
	expect_status 0
	expect_lines err 'cgscope: sh: exit status 0, but fork refused once: pids.max 8 of this scope' \
		'cgscope: hint: give it more: --tasks 16'
	expect_record 'verdict == "ok"' 'tasks.refused == 1' 'exit.status == 0'
	run_recorded --strict "${command[@]}"
	expect_status 1
	expect_record 'verdict == "ok"' 'tasks.refused == 1' 'exit.code == 0 and exit.status == 1'
}

live a_fork_bomb_is_held alice
a_fork_bomb_is_held() {
	run_recorded --tasks 32 --time 3s --grace 500ms bash -c 'b() { b | b & b; }; trap "" TERM; b'
	expect_status 124
	expect_record 'verdict == "time"' 'tasks.peak == 32' 'tasks.refused > 0' 'leftovers == 0' \
		'any("forks were refused" in note for note in notes)'
}

live an_ancestors_tasks_limit_is_named root
an_ancestors_tasks_limit_is_named() {
	local slice=/sys/fs/cgroup/user.slice/user-1000.slice limit
	play_alice
	limit=$(($(<$slice/pids.current) + 40))
	limit_the_slice TasksMax $limit 33%
	run_recorded --tasks 1000 "$helper/bomb"
	expect_status 1
	expect_match err "bomb: fork refused[a-z0-9 ]*(, probably)?: pids.max $limit of user-1000.slice \(this run.s own limit is 1000\)"
	expect_match err "hint: as root: systemctl set-property user-1000.slice TasksMax=$((limit * 2))"
	expect_record 'verdict == "tasks"' 'blame.cgroup == "/user.slice/user-1000.slice" and not blame.own' \
		"blame.file == 'pids.max' and blame.limit == $limit" 'tasks.refused == 1' 'complete' \
		'("probably" in reason) != blame.certain'
	# The same where the command hides it.
	run_recorded --tasks 1000 sh -c '"$1" >/dev/null; exit 0' sh "$helper/bomb"
	expect_status 0
	expect_match err "cgscope: sh: exit status 0, but fork refused.*: pids.max $limit of user-1000.slice"
	expect_record 'verdict == "ok"' 'tasks.refused == 1'
}

live tasks_of_the_users_own_limit alice
tasks_of_the_users_own_limit() {
	local limit
	limit=$(($(ps -L -u alice --no-headers | wc -l) + 25))
	launcher=(bash -c 'ulimit -u "$1" && shift && exec "$@"' bash "$limit")
	run_recorded --tasks 1000 "$helper/bomb"
	expect_status 1
	expect_match err "bomb: fork refused, probably: RLIMIT_NPROC $limit, its user has [0-9]+ tasks"
	expect_match err "hint: ulimit -u $((limit * 2)) "
	expect_record 'verdict == "tasks"' 'blame.file == "RLIMIT_NPROC" and blame.cgroup is None' \
		"blame.limit == $limit" 'not blame.own and not blame.certain' 'tasks.refused is None'
}

set_sysctl() {
	echo "$2" >"/proc/sys/kernel/$1"
}

# $1: the sysctl, $2: what it is above the machine's tasks for a while.
expect_sysctl_blamed() {
	local usual tasks limit
	usual=$(<"/proc/sys/kernel/$1")
	defer set_sysctl "$1" "$usual"
	tasks=$(grep -o '/[0-9]*' /proc/loadavg)
	set_sysctl "$1" $((${tasks#/} + $2))
	run_recorded --tasks 1500 "$helper/bomb"
	limit=$(<"/proc/sys/kernel/$1")
	set_sysctl "$1" "$usual"
	expect_status 1
	expect_match err "bomb: fork refused, probably: kernel.$1 $limit, the machine has [0-9]+ tasks"
	expect_record 'verdict == "tasks"' "blame.file == 'kernel.$1' and blame.cgroup is None" \
		"blame.limit == $limit" 'not blame.own and not blame.certain' 'tasks.refused is None'
}

live tasks_of_the_machines_limits root
tasks_of_the_machines_limits() {
	expect_sysctl_blamed threads-max 60
	expect_sysctl_blamed pid_max 360
}

live zombies_are_told alice +once
zombies_are_told() {
	run_recorded --tasks 32 "$helper/bomb" 12
	expect_status 1
	expect_lines out 32
	expect_match err ': pids.max 32 of this scope; of 32 tasks 12 are zombies that their parent does not reap'
	expect_match err 'hint: .*parent'
	expect_record 'verdict == "tasks"' 'blame.own and blame.certain' 'tasks.peak == 32'
}

# ---- time ----

live time_and_cpu_time alice +once +native
time_and_cpu_time() {
	local i
	run_recorded --time 1s sleep 1000
	expect_status 124
	expect_lines err 'cgscope: sleep: ended by its time limit of 1s'
	expect_record 'verdict == "time"' 'exit.status == 124 and exit.signal == "SIGTERM"' \
		'1000000 <= wall_usec < 5000000' 'leftovers == 0' \
		'[(l.unit, l.requested, l.effective, l.verified) for l in limits if l.name == "time"] == [("usec", 1000000, 1000000, True)]'
	# The first signal goes out within 0.1 s of CPU time. As much again is for what comes on top in
	# an emulated machine: its CPUs do not stop while the signal is on its way. A busy host may
	# take a CPU away at that moment, but not always.
	for i in 1 2 3; do
		run_recorded --cpu-time 1s sh -c 'perl -e "1 while 1" & exec perl -e "1 while 1"'
		expect_status 124
		! "$helper/check-record" record 'cpu.usage_usec <= 1200000' || break
	done
	expect_record 'verdict == "cpu_time"' 'exit.status == 124 and exit.signal == "SIGTERM"' \
		'1000000 <= cpu.usage_usec <= 1200000'
	expect_lines err 'cgscope: sh: ended by its CPU time limit of 1s'
}

live a_stubborn_command_is_ended_and_said_so alice +once +native
a_stubborn_command_is_ended_and_said_so() {
	run_recorded --time 1s --grace 500ms sh -c 'trap "" TERM
		setsid sh -c "kill -STOP \$\$" &
		mkdir "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/own"
		echo 1 >"/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/cgroup.freeze"
		sleep 1000'
	expect_status 124
	expect_record 'verdict == "time"' 'exit.signal == "SIGKILL" and exit.status == 124' 'leftovers == 0' \
		'wall_usec >= 1500000'
}

# ---- signals ----

live kill_9_is_not_oom alice root
kill_9_is_not_oom() {
	start --record record "${some_limit[@]}" sh -c 'echo $$; exec sleep 1000'
	until_true has out
	kill -KILL "$(<out)"
	finish
	expect_status 137
	expect_lines err
	expect_record 'verdict == "signal"' 'exit.signal == "SIGKILL" and exit.status == 137' 'blame is None' \
		'reason == "killed by SIGKILL, sent by another process, not by a limit"' 'complete'
}

live the_whole_scope_killed_from_outside alice +native
the_whole_scope_killed_from_outside() {
	local line
	start --record record --name live-outside "${some_limit[@]}" sh -c 'echo ready; sleep 1000 & sleep 1000'
	until_true has out
	systemctl --user kill --signal=KILL live-outside.scope
	finish
	expect_status 137
	expect_record 'verdict == "signal"' 'exit.signal == "SIGKILL"' 'blame is None'
	# The same by way of the kernel, from where nothing can be saved.
	rm out
	start --record record --name live-outside2 "${some_limit[@]}" sh -c 'grep ^0:: /proc/self/cgroup; sleep 1000 & sleep 1000'
	until_true has out
	read -r line <out
	line=/sys/fs/cgroup${line#0::}
	echo 1 >"${line%/run}/cgroup.kill"
	finish
	expect_status 137
	expect_record 'verdict == "signal"' 'exit.signal == "SIGKILL"' 'blame is None'
}

live an_abort_with_and_without_a_core alice +once +native
an_abort_with_and_without_a_core() {
	[[ $(</proc/sys/kernel/core_pattern) == core ]] || skip "cores do not go into files"
	ulimit -c 0
	run_recorded perl -e 'kill ABRT => $$'
	expect_status 134
	expect_lines err
	expect_record 'verdict == "signal"' 'exit.signal == "SIGABRT" and exit.status == 134' 'reason == "killed by SIGABRT"'
	[[ -z $(find . -name 'core*') ]]
}

live an_abort_that_dumps_core alice +once +native
an_abort_that_dumps_core() {
	[[ $(</proc/sys/kernel/core_pattern) == core ]] || skip "cores do not go into files"
	ulimit -S -c "$(ulimit -H -c)"
	run_recorded perl -e 'kill ABRT => $$'
	expect_status 134
	expect_lines err
	expect_record 'verdict == "signal"' 'exit.signal == "SIGABRT"' 'reason == "killed by SIGABRT, core dumped"'
	# The command's; cgscope leaves none.
	[[ $(find . -name 'core*' | wc -l) -eq 1 ]]
}

live other_ends alice +once +native
other_ends() {
	run_recorded sh -c 'exit 7'
	expect_status 7
	expect_lines err
	expect_record 'verdict == "failed"' 'reason == "exit status 7"' 'hint is None' 'exit.code == 7'
	run_recorded sh -c 'exit 143'
	expect_record 'verdict == "failed"' '"SIGTERM" in reason' 'exit.code == 143 and exit.signal is None'
	run_recorded sh -c 'ulimit -S -t 1; exec perl -e "1 while 1"'
	expect_record 'verdict == "signal"' 'exit.signal == "SIGXCPU"' '"ulimit -t" in hint'
}

# ---- it never ran ----

# $1: the status, $2: words of the reason, then the command.
expect_exec() {
	local expected=$1 words=$2
	shift 2
	run_recorded "$@"
	expect_status "$expected"
	expect_match err '^cgscope: cannot execute: '
	expect_record 'verdict == "exec"' 'exit.code is None and exit.signal is None' \
		"exit.status == $expected" "'$words' in reason" 'memory.events.oom_kill in (0, None)'
}

live what_cannot_be_executed alice
what_cannot_be_executed() {
	expect_exec 127 'not found' ./missing
	expect_exec 127 'not found' live-no-such-program
	echo 'exit 0' >plain
	expect_exec 126 'no right to execute' ./plain
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	expect_exec 127 'interpreter' ./script
	expect_exec 126 'director' /tmp
	cp /bin/true busy
	exec 4>>busy
	expect_exec 126 'open for writing' ./busy
	exec 4>&-
}

live a_program_on_a_noexec_mount root +once +native
a_program_on_a_noexec_mount() {
	mkdir mnt
	mount -t tmpfs -o noexec,size=1M tmpfs mnt
	defer umount mnt
	cp /bin/true mnt/
	run_recorded mnt/true
	expect_status 126
	expect_record 'verdict == "exec"' '"noexec" in reason' 'exit.status == 126 and exit.code is None'
}

live what_is_refused alice +once +native
what_is_refused() {
	run_recorded --cpuset-cpus 0 "${some_limit[@]}" touch ran
	expect_refused cpuset
	expect_record 'verdict == "refused"' 'exit.status == 125 and exit.code is None and exit.signal is None' \
		'"cpuset" in reason' 'hint' 'placement.cgroup is None' 'memory.peak_bytes is None' 'tasks.refused is None'
	[[ ! -e ran ]]
	# A usage error has no record.
	run_recorded --mem 512MB touch ran
	expect_usage_error 512M
	[[ ! -e ran && ! -e record ]]
}

# ---- what scripts do with it ----

live an_expected_verdict_is_success alice +once
an_expected_verdict_is_success() {
	run_recorded -q --expect tasks,oom -m 32M perl -e "$hog"
	expect_success
	expect_record 'verdict == "oom"' 'exit.status == 0 and exit.signal == "SIGKILL"'
	run_recorded --expect oom -m 32M true
	expect_status 1
	expect_lines err 'cgscope: true: expected the verdict oom, got ok'
	expect_record 'verdict == "ok"' 'exit.status == 1 and exit.code == 0'
	run -q --expect failed sh -c 'exit 9'
	expect_success
	run --expect exec -- live-no-such-program
	expect_status 0
	run --expect refused --cpuset-cpus 0 true
	expect_status 0
	run --expect time,signal --time 500ms sleep 1000
	expect_status 0
	run --expect sometimes true
	expect_usage_error sometimes
}

# Prepares a module and what is built of it.
write_module() {
	cat >main.go <<-'END'
		package main

		import (
			"fmt"
			"strings"
		)

		func main() { fmt.Println(strings.ToUpper("words")) }
	END
	printf 'module example.org/words\n\ngo 1.19\n' >go.mod
}

live go_build_in_too_little_time alice +once 120s
go_build_in_too_little_time() {
	write_module
	run_recorded --time 300ms go build -o words .
	expect_status 124
	expect_record 'verdict == "time"' 'leftovers == 0'
	run_recorded --cpu-time 200ms go build -o words .
	expect_status 124
	expect_record 'verdict == "cpu_time"' 'leftovers == 0'
}

live go_build_with_too_few_tasks alice +once 120s
go_build_with_too_few_tasks() {
	write_module
	# Its runtime wants some more before it does anything.
	run_recorded --tasks 4 go build -o words .
	[[ $status -ne 0 ]] || fail "4 tasks were enough"
	expect_record 'verdict == "tasks"' 'blame.own and blame.certain and blame.limit == 4' 'tasks.refused > 0'
}

live go_build_with_too_little_memory alice +once 120s
go_build_with_too_little_memory() {
	write_module
	# The files of the compiler are in memory by then, and not charged to the run: it is to be killed,
	# not to spend its time with reading them again and again.
	go build -o words .
	rm words
	echo '// changed' >>main.go
	run_recorded -m 24M go build -o words .
	[[ $status -ne 0 ]] || fail "24M were enough"
	expect_record 'verdict == "oom"' 'blame.own and blame.certain and blame.limit == 24 * MiB'
}
