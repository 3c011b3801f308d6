# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# What limits me? As users ask it who do not know where a limit comes from, and as their admin does.

# Prints a part of the JSON in the file out, as "effective.tasks.limit"; findings by their id.
get() {
	python3 -IS - "$@" <<-'END'
		import json, sys
		value = json.load(open("out"))
		value["findings"] = {f["id"]: f for f in value.get("findings", [])}
		for key in sys.argv[1].split("."):
		    value = value.get(key) if isinstance(value, dict) else value[int(key)]
		print(json.dumps(value))
	END
}

expect_value() {
	expect_equal "$(get "$1")" "$2" "$1"
}

# There is a finding of that id whose text matches, and whose fix matches.
expect_finding() {
	[[ $(get "findings.$1.text") =~ $2 ]] || fail "'$args': finding $1: $(get "findings.$1")" "$(<out)"
	[[ -z ${3-} || $(get "findings.$1.fix") =~ $3 ]] || fail "'$args': fix of $1: $(get "findings.$1")"
}

expect_no_finding() {
	[[ $(get "findings.$1") == null ]] || fail "'$args': finding $1: $(get "findings.$1")"
}

set_for_now() {
	systemctl set-property --runtime "$@"
}

# ---- limits of ancestors ----

tasks_of_alice_are_few() {
	defer rm -rf /run/systemd/system.control/user-1000.slice.d
	defer systemctl daemon-reload
	defer systemctl set-property --runtime user-1000.slice TasksMax=33%
	set_for_now user-1000.slice TasksMax=40
}

live a_limit_above_a_login_is_found_from_everywhere root 120s
a_limit_above_a_login_is_found_from_everywhere() {
	local pid where
	tasks_of_alice_are_few
	for where in login scope; do
		launcher=()
		[[ $where == login ]] || launcher=(systemd-run --user --scope --quiet --unit "live-check-$where")
		as alice "${launcher[@]}" cgscope check --json >out 2>err || status=$?
		args="check from a $where"
		expect_status 1
		expect_lines err
		expect_value effective.tasks.limit 40
		expect_value effective.tasks.source '"cgroup"'
		expect_value effective.tasks.cgroup '"/user.slice/user-1000.slice"'
		expect_finding tasks-tiny 'pids.max 40 of user-1000.slice' 'set-property user-1000.slice TasksMax='
		expect_finding limit-source 'TasksMax=40 of user-1000.slice is set in /run/systemd/system.control/user-1000.slice.d/50-TasksMax.conf'
	done
	launcher=()
	# Somebody else's process, for an ordinary user.
	(become alice sleep 1000) &
	pid=$!
	until_true grep -q /user-1000.slice/ "/proc/$pid/cgroup"
	defer kill "$pid"
	as bob cgscope check --json "$pid" >out 2>err || status=$?
	args="check $pid as bob"
	expect_status 1
	expect_value effective.tasks.cgroup '"/user.slice/user-1000.slice"'
	run check --uid alice
	expect_status 1
	expect_match out 'user-1000.slice +[0-9]+/40'
	expect_match out 'tasks +[0-9]+ of 40 left, by pids.max of user-1000.slice'
}

live a_memory_limit_of_all_users_binds root
a_memory_limit_of_all_users_binds() {
	defer rm -rf /run/systemd/system.control/user.slice.d
	defer systemctl daemon-reload
	defer systemctl set-property --runtime user.slice MemoryMax=infinity
	set_for_now user.slice MemoryMax=900M
	run check --json user-1000.slice
	expect_value effective.memory.limit $((900 << 20))
	expect_value effective.memory.cgroup '"/user.slice"'
	expect_finding limit-source 'MemoryMax=900M of user.slice is set in /run/systemd/system.control/user.slice.d/'
	run check --mem 100M user-1000.slice
	expect_status 0
	expect_match out 'info: need: 100M of memory fits'
	run check --mem 901M user-1000.slice
	expect_status 1
	expect_match out 'error: need: 901M of memory does not fit: only [0-9.]+[KM] available, limited by memory.max of user.slice'
	run check --tasks 100 --cpu 2 user-1000.slice
	expect_status 0
	run check --cpu 2 --cpuset-cpus 0-1 --tasks max user-1000.slice
	expect_status 1
}

live a_drop_in_is_named root
a_drop_in_is_named() {
	local dir=/run/systemd/system/live-dropin.service.d
	defer rm -rf "$dir"
	mkdir -p "$dir"
	printf '[Service]\nMemoryMax=64M\nTasksMax = 30\nCPUQuota=50%%\n' >"$dir/a limit.conf"
	systemctl daemon-reload
	defer systemctl stop live-dropin.service
	systemd-run --quiet --unit live-dropin.service sleep 1000
	run check live-dropin.service
	expect_status 1
	expect_match out "TasksMax=30 of live-dropin.service is set in $dir/a limit.conf"
	expect_match out "MemoryMax=64M of live-dropin.service is set in $dir/a limit.conf"
	expect_match out 'warning: cpu-under-one: live-dropin.service gets 50% of one CPU'
	expect_match out 'live-dropin.service +[0-9]+/30 .*/64M .*50%'
}

live the_default_of_the_manager_is_told root
the_default_of_the_manager_is_told() {
	defer systemctl stop live-default.service
	systemd-run --quiet --unit live-default.service sleep 1000
	run check --json live-default.service
	expect_finding limit-source 'TasksMax=[0-9]+ of live-default.service is the default of the system manager' DefaultTasksMax
}

live a_delegated_service_without_a_subgroup_is_a_finding root +native
a_delegated_service_without_a_subgroup_is_a_finding() {
	local options=(--quiet --unit live-deleg.service -p Delegate=yes)
	defer systemctl stop live-deleg.service
	systemd-run "${options[@]}" sh -c 'cgscope sleep 1000 & wait'
	# As the target, and of a process that had to move in it.
	for target in live-deleg.service "$(systemctl show -P MainPID live-deleg.service)"; do
		run check --json "$target"
		if ! systemd_is_at_least 254; then
			expect_no_finding delegate-subgroup
			continue
		fi
		expect_finding delegate-subgroup 'live-deleg.service is delegated' Subgroup=main
	done
	systemctl stop live-deleg.service
	systemd_is_at_least 254 || return 0
	systemd-run "${options[@]}" -p DelegateSubgroup=main sleep 1000
	run check --json live-deleg.service
	expect_no_finding delegate-subgroup
}

# One runs again, one waits for it, one was given up: why they ended, in place of what limits them.
live a_unit_that_fails_again_and_again_is_a_finding alice root +native
a_unit_that_fails_again_and_again_is_a_finding() {
	local manager=--system
	[[ $USER == root ]] || manager=--user
	local ctl=(systemctl "$manager") again=(systemd-run "$manager" --quiet -p Restart=always)
	defer "${ctl[@]}" reset-failed 'live-again-*'
	defer "${ctl[@]}" stop live-again-{runs,waits,stops}.service
	"${again[@]}" --unit live-again-runs -p RestartSec=0 \
		-p StartLimitIntervalSec=0 sh -c '[ -e "$0" ] && exec sleep 1000; >"$0"; exit 3' \
		"$PWD/was-run"
	"${again[@]}" --unit live-again-waits -p RestartSec=1000 sh -c 'exit 4'
	"${again[@]}" --unit live-again-stops -p RestartSec=0 sh -c 'exit 5'
	until_true eval '[[ $("${ctl[@]}" show -P NRestarts live-again-runs) -eq 1 ]]'
	until_true eval '[[ $("${ctl[@]}" show -P SubState live-again-waits) == auto-restart* ]]'
	until_true "${ctl[@]}" is-failed --quiet live-again-stops
	until_true eval 'cgscope check --json live-again-runs.service >out;
		[[ $(get findings.unit-failed.text) == *"ended with status 3"* ]]'
	expect_finding unit-failed \
		'live-again-runs.* 1 time, last [0-9]+s ago: it ended with status 3'
	run check live-again-waits.service
	expect_status 1
	expect_match out '^error: unit-failed: live-again-waits.* waits .*: it ended with status 4'
	run check --json live-again-stops.service
	expect_status 1
	expect_finding unit-failed \
		'live-again-stops.* has failed: .*each time it ended with status 5' reset-failed
	expect_value levels '[]'
}

# systemd drops it without a word, and shows it as if it were there.
live a_limit_that_systemd_could_not_set_is_a_finding alice
a_limit_that_systemd_could_not_set_is_a_finding() {
	defer systemctl --user stop live-io.scope
	systemd-run --user --scope --quiet --unit live-io -p IOWeight=50 sleep 1000 &
	until_true systemctl --user is-active --quiet live-io.scope
	expect_equal "$(systemctl --user show -P IOWeight live-io.scope)" 50
	run check --json live-io
	expect_status 1
	expect_finding controller-missing 'IOWeight=50 of live-io.scope has no effect: .*io controller is not delegated' \
		'Delegate=cpu cpuset io memory pids.*restart user@'
	run check --io-weight 50 live-io.scope
	expect_status 1
	expect_match out 'error: need: io.weight cannot be set for live-io.scope'
}

live a_scope_of_a_run_shows_the_limits_that_were_given alice +once
a_scope_of_a_run_shows_the_limits_that_were_given() {
	start --name live-given -m 64M --tasks 20 sleep 1000
	until_true group_of live-given
	until_true has_its_command "$(group_of live-given)"
	run check --json live-given
	expect_match out '"cgroup": ?"/user.slice/[^"]*/live-given.scope/run"'
	python3 - <<-'END'
		import json
		levels = json.load(open("out"))["levels"]
		assert levels[0]["memory"]["max"] == 64 << 20, levels[0]
		assert levels[0]["tasks"]["max"] == 20, levels[0]
		assert levels[1]["unit"] == "live-given.scope", levels[1]
	END
	kill -TERM "$pid"
	finish
}

live a_limit_that_somebody_wrote_past_systemd_is_a_finding root
a_limit_that_somebody_wrote_past_systemd_is_a_finding() {
	defer systemctl stop live-differs.service
	systemd-run --quiet --unit live-differs.service -p MemoryMax=64M sleep 1000
	echo 128M >/sys/fs/cgroup/system.slice/live-differs.service/memory.max
	run check --json live-differs.service
	expect_status 1
	expect_finding limit-differs 'MemoryMax=64M in systemd, but memory.max 128M in the kernel' 'MemoryMax=64M'
}

# ---- the process ----

live a_low_ulimit_binds alice +once
a_low_ulimit_binds() {
	launcher=(prlimit --nproc=50 --nofile=64)
	run check --json
	expect_status 1
	expect_value effective.tasks.source '"rlimit"'
	expect_value effective.tasks.limit 50
	expect_finding rlimit-nproc 'RLIMIT_NPROC of .* is 50, below' 'ulimit -u'
	launcher=(prlimit --as=500000000)
	run check --json
	expect_finding rlimit-as 'RLIMIT_AS of .* is 477M' 'ulimit -v'
}

live what_else_limits_a_process root
what_else_limits_a_process() {
	local pid
	setpriv --no-new-privs --bounding-set -net_raw choom -n 300 -- \
		perl -e '$SIG{ALRM} = "IGNORE"; open $f[$_], "/dev/null" for 0 .. 55; print "ready\n"; $| = 1; sleep 1000' >ready &
	pid=$!
	defer kill "$pid"
	until_true grep -q perl "/proc/$pid/comm"
	prlimit --pid "$pid" --nofile=64:64
	until_true test -e "/proc/$pid/fd/57"
	run check --json "$pid"
	expect_status 1
	expect_finding no-new-privs "perl \($pid\)" NoNewPrivileges
	expect_finding capabilities 'lacks 1 capability' CapabilityBoundingSet
	expect_finding oom-score-adj 'is 300: when memory runs out it is killed before others' choom
	expect_finding rlimit-nofile 'has [0-9]+ of 64 files open' 'prlimit --pid'
	defer systemctl stop live-seccomp.service
	systemd-run --quiet --unit live-seccomp.service -p SystemCallFilter=~swapon sleep 1000
	pid=$(systemctl show -P MainPID live-seccomp.service)
	until_true grep -q '^Seccomp:.*2' "/proc/$pid/status"
	run check --json "$pid"
	expect_finding seccomp 'has a seccomp filter' SystemCallFilter
}

live zombies_that_nobody_reaps_are_counted alice
zombies_that_nobody_reaps_are_counted() {
	systemd-run --user --scope --quiet --unit live-zombies \
		perl -e 'for (1 .. 3) { exit 0 if !(fork // die) } open my $f, ">", "made"; sleep 1000' &
	defer systemctl --user stop live-zombies.scope
	until_true test -e made
	run check --json live-zombies
	expect_status 1
	expect_finding zombies 'live-zombies.scope has 3 zombie processes, which still count as tasks; perl' 'reaps'
}

live a_frozen_ancestor_is_an_error root +native
a_frozen_ancestor_is_an_error() {
	defer systemctl stop live-frozen.service
	systemd-run --quiet --unit live-frozen.service sleep 1000
	defer systemctl thaw live-frozen.service
	systemctl freeze live-frozen.service
	run check live-frozen.service
	expect_status 1
	expect_match out 'error: frozen: live-frozen.service is frozen'
	expect_match out 'fix: systemctl thaw live-frozen.service'
}

live memory_limits_and_swap root +swap
memory_limits_and_swap() {
	defer systemctl stop live-swap.service
	systemd-run --quiet --unit live-swap.service -p MemoryMax=64M -p CPUWeight=50 sleep 1000
	run check --json live-swap.service
	expect_status 1
	expect_finding swap-unlimited 'live-swap.service may use 64M of memory, and all swap in addition' MemorySwapMax=0
	expect_finding cpu-share 'cpu.weight 50 of live-swap.service: .* the target gets [0-9.]+% of the CPU time'
	expect_no_finding high-without-swap
}

live memory_high_without_swap root
memory_high_without_swap() {
	defer systemctl stop live-high.service
	systemd-run --quiet --unit live-high.service -p MemoryHigh=64M sleep 1000
	run check --json live-high.service
	expect_finding high-without-swap 'memory.high 64M of live-high.service' MemoryMax
}

# ---- targets ----

live targets_that_are_not_there alice root +native
targets_that_are_not_there() {
	run check nosuch-unit.service
	expect_status 1
	expect_lines out
	expect_match err '^cgscope: .*nosuch-unit.service.*: no unit nosuch-unit.service$'
	# In memory or on disk, and not running.
	run check systemd-tmpfiles-clean.service
	expect_status 1
	expect_match err 'not running \((inactive|dead)\), so it has no cgroup'
	run check nosuch
	expect_status 1
	run check /nosuch.slice
	expect_status 1
	run check 4194301
	expect_status 1
	expect_match err 'no process 4194301'
	run check "$(printf 'a\nb')"
	expect_status 1
}

live targets_of_every_kind alice +native
targets_of_every_kind() {
	local target
	for target in user.slice user-1000.slice user@1000.service -.slice / app.slice 1 \
		/sys/fs/cgroup/user.slice /user.slice/user-1000.slice ssh.service systemd-journald; do
		run check -- "$target" || true
		[[ $status -le 1 ]] || fail "$target: status $status" "$(<err)"
		[[ $target == systemd-journald ]] || expect_lines err
	done
	# The type was left out, and it is no scope.
	run check systemd-journald
	expect_status 1
	expect_match err 'hint: did you mean systemd-journald.service\?'
}

live in_a_container_there_may_be_more_above root
in_a_container_there_may_be_more_above() {
	launcher=(unshare --cgroup --mount sh -ec 'umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"' sh)
	run check --json
	expect_finding hidden-above 'root of a cgroup namespace' 'outside'
	launcher=()
	run check --json
	expect_no_finding hidden-above
}

live a_cgroup_that_vanishes_is_no_crash root +once +native
a_cgroup_that_vanishes_is_no_crash() {
	local cgroup=/sys/fs/cgroup/live-vanish.slice
	(while :; do mkdir -p $cgroup/a/b; rmdir $cgroup/a/b $cgroup/a $cgroup; done) 2>/dev/null &
	defer wait_for_none
	for _ in {1..30}; do
		run check /live-vanish.slice/a/b
		[[ $status -le 1 ]] || fail "status $status" "$(<err)"
		[[ $status -eq 0 || -s err || -s out ]] || fail "silent failure"
		run check --worst
		[[ $status -le 1 ]] || fail "status $status" "$(<err)"
	done
}

wait_for_none() {
	jobs -p | xargs -r kill 2>/dev/null || true
	wait 2>/dev/null || true
	rmdir /sys/fs/cgroup/live-vanish.slice/a/b /sys/fs/cgroup/live-vanish.slice/a \
		/sys/fs/cgroup/live-vanish.slice 2>/dev/null || true
}

live hostile_names_leave_table_and_json_whole root +once
hostile_names_leave_table_and_json_whole() {
	local top=/sys/fs/cgroup/live-names.slice long escape name
	long=$(printf 'x%.0s' {1..255})
	escape=$'e\033[31m"\\x2d'
	defer find "$top" -depth -type d -exec rmdir '{}' ';'
	for name in "$long" "$escape" 'a b  c' "\$(touch pwned)" "-rf" $'\xff\xfe' "tab"$'\t'"x"; do
		mkdir -p "$top/$name"
		echo 1 >"$top/$name/pids.max" 2>/dev/null || echo +pids >"$top/../cgroup.subtree_control"
		echo +pids >"$top/cgroup.subtree_control"
		echo 0 >"$top/$name/pids.max"
		run check --json "/live-names.slice/$name"
		expect_status 1
		python3 -IS -c 'import json; json.loads(open("out", encoding="utf-8").read())'
		expect_equal "$(wc -l <out)" 1
		run check "/live-names.slice/$name"
		! grep -q $'\033' out || fail "an escape sequence in the table"
		! LC_ALL=C grep -q $'\xff' out || fail "invalid bytes in the table"
	done
	run check --worst --json
	python3 -IS -c 'import json; assert len(json.load(open("out"))["worst"]) >= 7'
	[[ ! -e pwned ]]
}

# ---- the output ----

live the_table_fits_the_terminal alice +once +native
the_table_fits_the_terminal() {
	local columns widest
	for columns in 132 80 60 40; do
		script -qec "stty cols $columns; cgscope check --color always" typescript >/dev/null </dev/null || true
		# The table ends with an empty line; what follows may have a path as long as it likes.
		widest=$(sed '/^Script/d; s/\x1b\[[0-9;]*m//g; s/\r//; /^$/q' typescript |
			python3 -c 'import sys; print(max(len(line.decode().rstrip()) for line in sys.stdin.buffer))')
		((widest <= columns)) || fail "$widest columns of $columns" "$(<typescript)"
	done
	NO_COLOR=1 script -qec "cgscope check" typescript >/dev/null </dev/null || true
	! grep -q $'\033\[3' typescript || fail "colours in spite of NO_COLOR"
}

live a_write_error_is_a_failure alice +once +native
a_write_error_is_a_failure() {
	status=0
	cgscope check >/dev/full 2>err || status=$?
	expect_equal "$status" 1
	expect_match err 'cannot write to the standard output'
}

live a_check_reads_a_few_dozen_files alice +once +native
a_check_reads_a_few_dozen_files() {
	local n
	command -v strace >/dev/null || skip "no strace"
	strace -f -e trace=openat -o trace cgscope check >/dev/null 2>&1 || true
	n=$(grep -c '"\(cgroup\|memory\|pids\|cpu\|cpuset\|io\)\.' trace)
	((n > 0 && n < 120)) || fail "$n files of cgroups"
}

live the_worst_of_the_machine root
the_worst_of_the_machine() {
	run check --worst
	expect_status 0
	expect_match out '^[0-9]+ cgroups checked, none has less than 10% of a limit left$'
	defer systemctl stop live-worst.service
	systemd-run --quiet --unit live-worst.service -p TasksMax=1 sleep 1000
	run check --worst
	expect_status 1
	expect_match out '0 +1 +tasks +/system.slice/live-worst.service'
}
