# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Runs in a delegated cgroup: made without a manager.

# What a nested run prints of its cgroup's files: "nested OPTION... -- FILE...".
read_own='
	group=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)
	for file; do echo "$file=$(cat "$group/$file")"; done'

# The children of the cgroup that the shell was started in, when no run is left.
list_children='
	base=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup); base=${base%/cgscope-main}
	(cd "$base"; ls -d */ 2>/dev/null)'

live a_run_in_a_run_needs_no_manager alice root +native
a_run_in_a_run_needs_no_manager() {
	run sh -c 'cgscope -v --name inner $LIVE_LIMIT grep ^0:: /proc/self/cgroup'
	expect_status 0
	expect_match out '/cgscope-sh-[0-9a-f]{8}\.scope/run/inner$'
	expect_match err 'cgscope: placement: nested, since cgscope-sh-[0-9a-f]*.scope is delegated'
	! grep -q 'manager at .*private$' <(tail -n +3 err) || fail "a manager was asked:" "$(<err)"
}

live a_nested_run_has_exactly_its_limits alice root
a_nested_run_has_exactly_its_limits() {
	run sh -c 'cgscope -m 64M --mem-high 48M --swap 16M -t 7 --cpu 50% --cpu-weight 50 --oom kill sh -c "$0" sh "$@"' "$read_own" \
		memory.max memory.high memory.swap.max pids.max cpu.max cpu.weight memory.oom.group
	expect_success
	expect_lines out memory.max=67108864 memory.high=50331648 memory.swap.max=16777216 pids.max=7 'cpu.max=50000 100000' \
		cpu.weight=50 memory.oom.group=1
}

live a_property_with_a_file_is_written_by_nested_runs alice
a_property_with_a_file_is_written_by_nested_runs() {
	run sh -c 'cgscope -v --cpu 50% -p CPUQuotaPeriodSec=20ms -- \
		sh -c "cat /sys/fs/cgroup\$(sed -n s/^0:://p /proc/self/cgroup)/cpu.max"'
	expect_status 0
	expect_lines out '10000 20000'
	expect_match err 'cgscope: placement: nested'
}

live nested_tasks_allow_exactly_that_many alice
nested_tasks_allow_exactly_that_many() {
	run sh -c 'cgscope --tasks 5 --leftovers kill perl -e "my \$n = 1; while (\$n < 100) { my \$p = fork // last; sleep 1000 if !\$p; \$n++ } print \"\$n\n\""'
	expect_lines out 5
	expect_match err 'cgscope: perl: .*fork.* refused.*pids.max 5 of this run.s cgroup.*'
}

live the_outer_limit_holds_and_is_blamed alice root
the_outer_limit_holds_and_is_blamed() {
	run -m 60M sh -c 'cgscope -m 500M --record inner python3 -c "bytearray(200 << 20)"; echo $?'
	expect_lines out 137
	grep -q '"verdict":"oom"' inner || fail "$(<inner)"
	grep -q '"blame":{"cgroup":"[^"]*/run","file":"memory.max","limit":62914560,"own":false' inner || fail "$(<inner)"
}

live the_outer_tasks_limit_is_blamed alice
the_outer_tasks_limit_is_blamed() {
	run --tasks 8 sh -c 'cgscope --tasks 100 --record inner sh -c "sleep 0.3; for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait"; echo $?'
	grep -q '"verdict":"tasks"' inner || fail "$(<inner)" "$(<err)"
	grep -q '"file":"pids.max","limit":8,"own":false' inner || fail "$(<inner)"
}

# It ends before its supervisor has looked at the cgroups above.
live a_quick_failure_blames_the_outer_limit_too alice
a_quick_failure_blames_the_outer_limit_too() {
	run --tasks 4 sh -c 'cgscope --tasks 100 --record inner sh -c "sleep 9 & sleep 9 & sleep 9 & sleep 9 & sleep 9 & wait"'
	grep -q '"verdict":"tasks"' inner || fail "$(<inner)" "$(<err)"
	grep -q '"file":"pids.max","limit":4,"own":false' inner || fail "$(<inner)"
}

live runs_nest_three_deep alice +once
runs_nest_three_deep() {
	run --name cgscope-deep -m 200M sh -c 'cgscope --name a -m 150M sh -c "cgscope --name b -m 100M sh -c \"cgscope --name c -m 500M grep ^0:: /proc/self/cgroup\""'
	expect_success
	expect_match out '/cgscope-deep\.scope/run/a/b/c$'
}

live figures_of_a_nested_run_are_its_own alice
figures_of_a_nested_run_are_its_own() {
	run -m 300M sh -c 'cgscope --record inner python3 -c "x = bytearray(50 << 20); x[::4096] = b\"x\" * len(x[::4096])"'
	python3 -IS - <<'EOF'
import json
r = json.load(open('inner'))
assert r['complete'] and r['placement']['backend'] == 'nested' and r['placement']['unit'] is None, r
assert 50 << 20 < r['memory']['peak_bytes'] < 80 << 20 and r['tasks']['peak'] == 1 and r['leftovers'] == 0, r
EOF
}

live sigkill_ends_a_nested_group_and_its_cgroup alice root
sigkill_ends_a_nested_group_and_its_cgroup() {
	run sh -c '
		cgscope -m 64M sh -c "setsid sleep 1000 & echo \$! >pids; sleep 1000 & echo \$! >>pids; wait" & cgscope=$!
		until [ "$(wc -l 2>/dev/null <pids)" = 2 ]; do sleep 0.05; done
		kill -KILL $cgscope
		while read -r pid; do while kill -0 $pid 2>/dev/null; do sleep 0.05; done; done <pids
		n=0; until [ "$(eval "$0")" = cgscope-main/ ] || [ $((n += 1)) = 200 ]; do sleep 0.05; done
		eval "$0"' "$list_children"
	expect_success
	expect_lines out cgscope-main/
}

# Both the supervisor and what would end the group for it.
live the_next_run_removes_what_a_dead_one_left alice +once
the_next_run_removes_what_a_dead_one_left() {
	run sh -c '
		cgscope --name dead sh -c "echo \$\$ >pid; exec sleep 1000" & cgscope=$!
		until [ -s pid ]; do sleep 0.05; done
		kill -STOP $cgscope
		kill -KILL $(pgrep -P $cgscope -x cg-guard) $cgscope
		kill -KILL "$(cat pid)"
		while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.05; done
		eval "$0"
		cgscope true
		eval "$0"' "$list_children"
	expect_lines out cgscope-main/ dead/ cgscope-main/
}

# Without controllers there is no leaf around it either.
live the_next_run_removes_the_only_one_that_is_left alice +once +native
the_next_run_removes_the_only_one_that_is_left() {
	run --backend systemd sh -c '
		cgscope --backend nested --exec --name left true
		eval "$0" | grep -c left
		cgscope --backend nested true
		eval "$0" | grep -c left' "$list_children"
	expect_lines out 1 0
}

live the_name_of_a_dead_run_can_be_had_again alice +once +native
the_name_of_a_dead_run_can_be_had_again() {
	run --backend systemd sh -c '
		cgscope --backend nested --exec --name again sh -c "echo first"
		cgscope --backend nested --exec --name again sh -c "echo second"'
	expect_success
	expect_lines out first second
}

# Killed between mkdir(2) and the mark. Nobody knows of a given name, or of a new one, whose it is.
live a_run_that_died_before_it_could_mark_its_cgroup alice +once +native
a_run_that_died_before_it_could_mark_its_cgroup() {
	run --backend systemd sh -c '
		base=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)
		mkdir "$base/cgscope-true-1234abcd" "$base/named"
		sleep 12
		mkdir "$base/cgscope-true-5678abcd"
		cgscope --backend nested true
		cd "$base" && ls -d cgscope-true-* named'
	expect_lines out cgscope-true-5678abcd named
}

live a_cgroup_of_somebody_elses_is_not_removed alice +once
a_cgroup_of_somebody_elses_is_not_removed() {
	run sh -c 'cgscope true; mkdir "/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)/../mine"; cgscope true; cgscope true; eval "$0"' "$list_children"
	expect_success
	expect_lines out cgscope-main/ mine/
}

live twenty_first_runs_at_once alice root +once 120s
twenty_first_runs_at_once() {
	run sh -c '
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cgscope -m 64M sh -c "exit $i" & pids="$pids $!"; done
		for pid in $pids; do wait $pid; echo $?; done
		eval "$0"' "$list_children"
	expect_success
	[[ $(<out) == "$(seq 20)"$'\n'cgscope-main/ ]] || fail "$(<out)"
}

live leftovers_of_a_nested_run alice +once
leftovers_of_a_nested_run() {
	run sh -c '
		cgscope --leftovers kill sh -c "sleep 1000 &"; echo $?
		cgscope --leftovers wait sh -c "(sleep 0.5; echo waited) &"; echo $?
		cgscope --name left --leftovers leave sh -c "sleep 1000 & echo \$! >pid"; echo $?
		eval "$0"
		kill "$(cat pid)"; while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.05; done
		cgscope true
		eval "$0"' "$list_children"
	expect_success
	expect_lines out 0 waited 0 0 cgscope-main/ left/ cgscope-main/
}

live time_limits_of_a_nested_run alice +once
time_limits_of_a_nested_run() {
	run sh -c 'cgscope --time 1s --grace 0.2s sh -c "trap : TERM; sleep 1000 & while :; do wait; done"; echo $?
		cgscope --cpu-time 0.3s perl -e "1 while 1"; echo $?; eval "$0"' "$list_children"
	expect_status 0
	expect_lines out 124 124 cgscope-main/
}

live a_nested_exec_keeps_its_pid alice +once
a_nested_exec_keeps_its_pid() {
	run sh -c 'echo $$; exec cgscope --exec -m 64M -v sh -c "echo \$\$; grep -o nested /proc/\$\$/cgroup; cat /sys/fs/cgroup\$(sed -n s/^0:://p /proc/self/cgroup)/memory.max"'
	expect_status 0
	[[ $(sed -n 1p out) == "$(sed -n 2p out)" ]]
	[[ $(tail -n 1 out) == 67108864 ]]
	expect_match err 'cgscope: placement: nested.*'
}

live a_name_in_use_is_refused alice +native
a_name_in_use_is_refused() {
	run --name same sh -c '
		cgscope --name a sh -c "touch up; exec sleep 1000" & other=$!
		until [ -e up ]; do sleep 0.1; done
		cgscope --backend nested --name a true; echo $?
		kill $other'
	expect_lines out 125
	expect_match err '.*/a: File exists.*'
}

# It would be taken for that of the processes around it, and be moved into.
live the_name_of_the_callers_leaf_is_refused alice +native
the_name_of_the_callers_leaf_is_refused() {
	run --name same sh -c 'cgscope --backend nested --name cgscope-main true; echo $?'
	expect_lines out 125
	expect_match err '.*reserved for the processes around.*'
}

live a_session_is_not_delegated alice +native
a_session_is_not_delegated() {
	run --backend nested touch ran
	expect_refused 'not delegated'
	[[ ! -e ran ]]
}

live systemd_can_be_asked_for_inside alice +native
systemd_can_be_asked_for_inside() {
	run sh -c 'cgscope --backend systemd grep ^0:: /proc/self/cgroup; cgscope --user grep ^0:: /proc/self/cgroup; cgscope --slice live.slice grep ^0:: /proc/self/cgroup'
	expect_status 0
	expect_match out 'app.slice/cgscope-grep-[0-9a-f]*\.scope/run'$'\n''.*app.slice/cgscope-grep-[0-9a-f]*\.scope/run'$'\n''.*/live.slice/cgscope-grep-[0-9a-f]*\.scope/run$'
}

# user managers mark nothing: the first run asks, and notes the answer.
live a_delegated_service_of_the_user alice +native
a_delegated_service_of_the_user() {
	export XDG_RUNTIME_DIR=/run/user/$EUID
	systemd-run --user -q --collect --wait --pipe -p Delegate=yes sh -c 'cgscope -v true; cgscope -v grep ^0:: /proc/self/cgroup' >out 2>err
	expect_match out '/run-[^/]*\.service/cgscope-grep-[0-9a-f]*$'
	[[ $(grep -c 'placement: nested' err) == 2 ]]
	[[ $(grep -c 'manager at' err) == 1 ]]
	systemd-run --user -q --collect --wait --pipe cgscope -v true >out 2>err
	expect_match err 'cgscope: placement: systemd, since run-.*\.service is not delegated'
}

live a_delegated_service_of_the_system root +native
a_delegated_service_of_the_system() {
	systemd-run -q --collect --wait --pipe -p Delegate=yes cgscope "${some_limit[@]}" grep ^0:: /proc/self/cgroup >out 2>err
	expect_match out '^0::/system.slice/run-[^/]*\.service/cgscope-grep-[0-9a-f]*$'
	systemd-run -q --collect --wait --pipe -p Delegate=yes -p User=alice cgscope "${some_limit[@]}" grep ^0:: /proc/self/cgroup >out 2>err
	expect_match out '^0::/system.slice/run-[^/]*\.service/cgscope-grep-[0-9a-f]*$'
	# Root may write everywhere; what is not delegated stays systemd's.
	systemd-run -q --collect --wait --pipe cgscope -v grep ^0:: /proc/self/cgroup >out 2>err
	expect_match out '^0::/system.slice/cgscope-grep-[0-9a-f]*\.scope/run$'
}

# As a container has it: a cgroup namespace whose root is ours, and no systemd.
container='
	umount -l /sys/fs/cgroup
	mount -t cgroup2 none /sys/fs/cgroup
	mount -t tmpfs none /run'

live the_root_of_a_namespace_is_given_back root
the_root_of_a_namespace_is_given_back() {
	systemd-run -q --collect --wait --pipe -p Delegate=yes unshare --cgroup --mount sh -c "$container"'
		cgscope -v -m 64M grep ^0:: /proc/self/cgroup
		grep ^0:: /proc/self/cgroup
		ls -d /sys/fs/cgroup/*/ 2>/dev/null
		echo "[$(cat /sys/fs/cgroup/cgroup.subtree_control)]"
		cgscope -t 3 sh -c "sleep 9 & sleep 9 & sleep 9 & wait"; :' >out 2>err || fail "$(<err)"
	expect_match out '^0::/cgscope-grep-[0-9a-f]*'$'\n''0::/'$'\n''\[\]$'
	expect_match err 'cgscope: placement: nested, since no systemd is in charge of this cgroup namespace'
	expect_match err 'cgscope: sh: .*pids.max 3 of this run.s cgroup'
}

# With a cgroup namespace and nothing else, the root that is mounted is not the caller's "/":
# where that is has to be found, and it is in the service.
live the_root_of_the_machine_is_not_the_namespaces root +native
the_root_of_the_machine_is_not_the_namespaces() {
	systemd-run -q --collect --wait --pipe -p Delegate=yes unshare --cgroup \
		sh -c 'cgscope -v grep ^0:: /proc/self/cgroup; echo $?' >out 2>err
	expect_match out '^0::/cgscope-grep-[0-9a-f]*'$'\n''0$'
	expect_match err 'cgscope: placement: nested, since run-.*\.service is delegated'
	! ls -d /sys/fs/cgroup/cgscope-* 2>/dev/null
}

live a_container_in_a_pid_namespace root
a_container_in_a_pid_namespace() {
	# What makes the PID namespace is not in it, and must not be in its cgroup.
	cat >outside <<-'EOF'
		unit=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
		mkdir "$unit/runtime" "$unit/container"
		echo $$ >"$unit/runtime/cgroup.procs"
		echo '+memory +pids' >"$unit/cgroup.subtree_control"
		exec unshare --pid --fork sh -c 'echo 0 >"$0/cgroup.procs"; exec unshare --cgroup --mount --mount-proc sh inside' "$unit/container"
	EOF
	cat >inside <<-EOF
		$container
		cgscope -m 64M --record /proc/self/fd/2 sh -c 'cgscope -m 32M grep ^0:: /proc/self/cgroup'
	EOF
	systemd-run -q --collect --wait --pipe --same-dir -p Delegate=yes sh outside >out 2>err || fail "$(<err)"
	expect_match out '^0::/cgscope-sh-[0-9a-f]*/cgscope-grep-[0-9a-f]*$'
	has err
}

# NOTIFY_SOCKET is set in there, and what is nested stays in its unit: nothing to warn of.
live in_a_container_of_systemds root
in_a_container_of_systemds() {
	local nspawn=(systemd-nspawn -q -D / --volatile=yes --pipe --register=no --machine=live)
	"${nspawn[@]}" sh -c '
		cgscope -m 64M grep ^0:: /proc/self/cgroup
		cgscope -t 3 --leftovers kill sh -c "sleep 9 & sleep 9 & sleep 9 & wait"
		grep ^0:: /proc/self/cgroup
		ls -d /sys/fs/cgroup/*/ 2>/dev/null; :' >out 2>err </dev/null || fail "$(<err)"
	expect_match out '^0::/cgscope-grep-[0-9a-f]*'$'\n''0::/$'
	expect_match err 'cgscope: sh: fork refused once: pids.max 3 of this run.s cgroup'
	! grep NOTIFY_SOCKET err
}

live a_read_only_container_is_refused_in_words root
a_read_only_container_is_refused_in_words() {
	status=0
	systemd-run -q --collect --wait --pipe -p Delegate=yes unshare --cgroup --mount sh -c "$container"'
		mount -o remount,ro,bind /sys/fs/cgroup
		cgscope -m 64M touch ran' >out 2>err || status=$?
	expect_refused 'Read-only file system' '-v /sys/fs/cgroup:/sys/fs/cgroup'
	[[ ! -e ran ]]
}

# An old container runtime's seccomp filter; a kernel before 5.7 does not know the longer arguments.
live clone3_may_be_refused root
clone3_may_be_refused() {
	local error
	for error in ENOSYS EPERM E2BIG; do
		systemd-run -q --collect --wait --pipe -p Delegate=yes -p "SystemCallFilter=~clone3:$error" \
			cgscope -m 64M sh -c "$read_own; grep ^0:: /proc/self/cgroup; exit 7" sh memory.max >out 2>err || status=$?
		expect_status 7
		expect_match out '^memory.max=67108864'$'\n''0::/system.slice/run-.*\.service/cgscope-sh-[0-9a-f]*$'
	done
}

live a_missing_program_leaves_nothing alice +once
a_missing_program_leaves_nothing() {
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	run sh -c 'cgscope ./script; echo $?; cgscope ./nothing; echo $?; eval "$0"' "$list_children"
	expect_lines out 127 127 cgscope-main/
	expect_match err '.*its interpreter.*'
}

live a_nested_command_is_stopped_and_continued alice +once +native
a_nested_command_is_stopped_and_continued() {
	run sh -c '
		cgscope sh -c "kill -STOP \$\$; echo continued" & job=$!
		until grep -q "^State:.T" /proc/$job/status; do sleep 0.05; done
		kill -CONT $job
		wait $job; echo $?'
	expect_success
	expect_lines out continued 0
}

# The manager starts the next process in the cgroup of the service.
live a_service_with_two_commands_runs_both alice root +once
a_service_with_two_commands_runs_both() {
	local manager=() dir=/run/systemd/system
	[[ $user == root ]] || manager=(--user) dir=/run/user/$UID/systemd/user
	mkdir -p "$dir"
	defer systemctl "${manager[@]}" daemon-reload
	defer rm -f "$dir/live-two.service"
	echo 'for i in 1 2 3 4; do cgscope -m 64M -- true & done; wait; touch three' >several
	cat >"$dir/live-two.service" <<-END
		[Service]
		Type=oneshot
		Delegate=yes
		RemainAfterExit=yes
		WorkingDirectory=$PWD
		ExecStartPre=/usr/bin/cgscope -m 64M -- touch one
		ExecStart=/usr/bin/cgscope -m 64M -- touch two
		ExecStart=/usr/bin/sh $PWD/several
		ExecReload=/usr/bin/cgscope -t 20 -- touch four
	END
	systemctl "${manager[@]}" daemon-reload
	systemctl "${manager[@]}" start live-two ||
		fail "$(systemctl "${manager[@]}" status live-two)"
	systemctl "${manager[@]}" reload live-two
	[[ -e one && -e two && -e three && -e four ]]
	systemctl "${manager[@]}" stop live-two
}
