# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# --best-effort: a limit that cannot be enforced is a warning.

live it_runs_with_a_warning_for_each_limit alice
it_runs_with_a_warning_for_each_limit() {
	run --best-effort --cpuset-cpus 0 --io-max /:rbps=1M -m 64M sh -c 'cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max; exit 3'
	expect_status 3
	# What can be enforced is.
	expect_lines out 67108864
	expect_equal "$(grep -c '^cgscope: warning: ' err)" 2 warnings
	grep -q '^cgscope: warning: .*cpuset' err
	grep -q '^cgscope: warning: .*io\.max\|^cgscope: warning: .*io controller' err
	# A hint's commands are lines of their own.
	[[ $(grep -vc '^cgscope: \(warning: \|hint: \|        \)' err) -eq 0 ]]
}

live the_warning_stays_with_quiet alice +once
the_warning_stays_with_quiet() {
	run -q --best-effort --cpuset-cpus 0 true
	expect_status 0
	expect_equal "$(grep -c '^cgscope: warning: ' err)" 1 warnings
}

live there_is_none_when_all_is_well alice root
there_is_none_when_all_is_well() {
	run --best-effort -m 64M -t 30 true
	expect_success
}

live limits_without_effect_are_a_warning_too alice
limits_without_effect_are_a_warning_too() {
	run --best-effort --mem-low 16M true
	expect_status 0
	expect_match err '^cgscope: warning: .*no effect'
}

live it_works_with_exec_too alice +once
it_works_with_exec_too() {
	run --best-effort --exec --cpuset-cpus 0 sh -c 'exit 4'
	expect_status 4
	expect_match err '^cgscope: warning: '
}

live without_a_manager_it_is_still_refused root +once
without_a_manager_it_is_still_refused() {
	as bob cgscope --best-effort "${some_limit[@]}" true >out 2>err </dev/null && fail "it ran"
	status=125
	expect_refused 'no user manager'
}

live what_cannot_be_at_all_is_still_refused alice +once
what_cannot_be_at_all_is_still_refused() {
	run --best-effort -p RandomNonsense=1 touch ran
	expect_usage_error RandomNonsense
	run --best-effort -m 512MB touch ran
	expect_usage_error 512M
	[[ ! -e ran ]]
	run --best-effort --cpuset-cpus 0 -- /nonexistent
	expect_status 127
}

live an_io_weight_that_no_disk_looks_at_is_a_warning root
an_io_weight_that_no_disk_looks_at_is_a_warning() {
	show_limits --best-effort --io-weight 50 -m 64M -- memory.max
	expect_status 0
	expect_lines out memory.max=67108864
	expect_equal "$(grep -c '^cgscope: warning: .*bfq' err)" 1 warnings
}

# As in a plain container: no cgroup can be made, nobody can be asked. PROPERTY...: of its unit.
without_a_cgroup() {
	cat >inside
	systemd-run --quiet --collect --wait --pipe --same-dir -p Delegate=yes "${@/#/-p}" \
		unshare --cgroup --mount sh -c '
		umount -l /sys/fs/cgroup
		mount -t cgroup2 none /sys/fs/cgroup
		mount -o remount,ro,bind /sys/fs/cgroup
		mount -t tmpfs none /run
		sh inside' >out 2>err </dev/null
}

live where_no_cgroup_can_be_made_it_runs_without root +native
where_no_cgroup_can_be_made_it_runs_without() {
	without_a_cgroup <<-'END'
		cgscope -m 64M true; echo $?
		cgscope --best-effort --tasks 5 --record record sh -c 'exit 3' 2>lines; echo $?
		cgscope -q --best-effort --exec sh -c 'kill -USR1 $$'; echo $?
		cgscope -q --best-effort --time 1s --exec true 2>/dev/null; echo $?
	END
	expect_lines out 125 3 138 125
	expect_equal "$(grep -c '^cgscope: warning: ' lines)" 2 warnings
	expect_match lines "^cgscope: warning: .* runs in the cgroup of its caller.*Read-only"
	expect_match lines "cgscope: warning: the limit '5' is not in force: pids.max"
	"$helper/check-record" record 'verdict == "failed"' 'placement.cgroup is None' \
		'not limits[0].verified' 'limits[0].effective is None' \
		'memory.peak_bytes is None' 'memory.max_rss_bytes > 0' \
		'cpu.usage_usec > 0' '"no cgroup could be made" in notes[0]'
}

live where_no_cgroup_can_be_made_the_time_is_kept root +native
where_no_cgroup_can_be_made_the_time_is_kept() {
	without_a_cgroup <<-'END'
		# Who has ended has to be reaped by somebody, too.
		told_gone() {
			n=0
			while kill -0 "$1" 2>/dev/null && [ $((n += 1)) -lt 100 ]; do
				sleep 0.05
			done
			kill -0 "$1" 2>/dev/null; echo $?
		}
		cgscope -q --best-effort --time 1s --grace 1s sh -c 'trap "" TERM
			(trap "" TERM; sleep 1000; :) & echo $! >child
			sleep 1000; :' 2>/dev/null; echo $?
		told_gone "$(cat child)"
		# The command and what is below it, when cgscope is killed.
		cgscope -q --best-effort sh -c 'sh -c "trap : HUP; sleep 1000; :" & echo $! >child
			echo $$ >command; wait' 2>/dev/null &
		until [ -s command ]; do sleep 0.05; done
		kill -KILL $!
		told_gone "$(cat command)"
		told_gone "$(cat child)"
		# What has been left behind, while cgscope waits for it and when it has ended.
		leave='(setsid sh -c "echo \$\$ >left; exec sleep 1000" >/dev/null 2>&1 &)
			until [ -s left ]; do sleep 0.05; done'
		leaving() {
			rm -f left
			cgscope -q --best-effort "$@" sh -c "$leave" 2>/dev/null; echo $?
		}
		leaving --leftovers kill
		told_gone "$(cat left)"
		leaving --time 1s --leftovers wait
		told_gone "$(cat left)"
		leaving --time 2s
		kill -0 "$(cat left)"; echo $?
		told_gone "$(cat left)"
		leaving
		kill -0 "$(cat left)" && kill "$(cat left)"; echo $?
	END
	expect_lines out 124 1 1 1 0 1 124 1 0 0 1 0 0
}

live an_oom_kill_of_the_containers_limit_is_said root +once
an_oom_kill_of_the_containers_limit_is_said() {
	without_a_cgroup MemoryMax=60M MemorySwapMax=0 <<-'END'
		cgscope -q --best-effort --record record python3 -c 'bytearray(200 << 20)' 2>lines
		echo $?
		cgscope -q --best-effort true 2>quiet; echo $?
	END
	expect_lines out 137 0
	expect_match lines "cgscope: warning: 1 process was killed for want of memory meanwhile"
	"$helper/check-record" record '"has killed 1 process in the caller" in str(notes)'
	! grep -q meanwhile quiet || fail "$(<quiet)"
}
