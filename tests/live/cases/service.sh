# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Delegated services: their manager starts the next process in the cgroup that runs nest in.

# write_service NAME LINE...: the lines of [Service]; the working directory is the case's.
write_service() {
	local name=$1
	shift
	defer systemctl daemon-reload
	defer rm -f "/run/systemd/system/$name.service"
	printf '%s\n' '[Service]' "WorkingDirectory=$PWD" "$@" >"/run/systemd/system/$name.service"
	systemctl daemon-reload
}

# Starts it and waits for its end.
run_service() {
	systemctl start "$1" || fail "$(systemctl status "$1")" "$(cat err 2>/dev/null)"
}

live twenty_runs_that_begin_and_end_in_a_service root +once 120s
twenty_runs_that_begin_and_end_in_a_service() {
	cat >several <<-'END'
		for i in $(seq 20); do cgscope -m 64M -- sh -c "exit $i" & pids="$pids $!"; done
		for pid in $pids; do wait $pid; echo $?; done >out
	END
	write_service live-twenty Type=oneshot Delegate=yes "ExecStart=sh several" \
		"ExecStart=cgscope -m 64M -- touch next"
	run_service live-twenty
	[[ $(<out) == "$(seq 20)" && -e next ]]
}

# write_restarted RESTART MODE LINE...: what its last life ended with is in the file result.
write_restarted() {
	write_service live-again Delegate=yes "Restart=$1" RestartSec=0 "RestartMode=$2" \
		"${@:3}" "ExecStopPost=sh -c 'echo \$SERVICE_RESULT >result'"
}

# The modes that this systemd has.
restart_modes() {
	echo normal
	! systemd_is_at_least 254 || echo direct
}

live a_service_that_is_restarted root 150s
a_service_that_is_restarted() {
	local mode
	# Killed with the service: a run that could give nothing back itself.
	cat >again <<-'END'
		echo >>times
		cgscope -m 64M -- sh -c 'exit 3' || echo $? >>statuses
		[ $(wc -l <times) -ge 3 ] && exit 0
		exec cgscope -m 64M -- sh -c 'kill -KILL $PPID; exec sleep 1000'
	END
	for mode in $(restart_modes); do
		rm -f times statuses result
		write_restarted on-failure "$mode" "ExecStart=sh again"
		systemctl start live-again
		until_true 60 grep -qx success result
		expect_lines statuses 3 3 3
	done
}

# Each start is of two processes: systemd takes no second ExecStart= together with Restart=always.
live a_service_that_is_always_restarted root 150s
a_service_that_is_always_restarted() {
	local mode
	mode=$(restart_modes | tail -n 1)
	# The third time it is stopped, which is the only end of such a service.
	cat >second <<-'END'
		echo >>seconds
		[ $(wc -l <seconds) -lt 3 ] || exec cgscope -m 64M -- sleep 1000
		exec cgscope -m 64M -- true
	END
	write_restarted always "$mode" \
		"ExecStartPre=cgscope -m 64M -- sh -c 'echo >>firsts'" "ExecStart=sh second"
	systemctl start live-again
	until_true 60 has_three firsts
	until_true 60 has_three seconds
	systemctl stop live-again
	expect_equal "$(systemctl show -P Result live-again)" success "the result"
	expect_equal "$(wc -l <firsts)" 3 "starts"
}

has_three() {
	[[ $(wc -l <"$1") -eq 3 ]]
}

# Where it is there nobody has to move; the limits are those of the service all the same.
live with_a_subgroup_nobody_moves root 120s
with_a_subgroup_nobody_moves() {
	systemd_is_at_least 254 || skip "no DelegateSubgroup="
	write_service live-sub Type=oneshot Delegate=yes DelegateSubgroup=main MemoryMax=100M \
		"ExecStart=sh -c 'cgscope -v -m 64M -- grep ^0:: /proc/self/cgroup >out 2>err'" \
		"ExecStart=sh -c 'cgscope -m 64M -- true && grep ^0:: /proc/self/cgroup >>out'"
	run_service live-sub
	expect_match out '/live-sub.service/cgscope-grep-[0-9a-f]*'$'\n''.*/live-sub.service/main$'
	! grep moved err || fail "$(<err)"
	# A limit of the cgroup that they are in is kept: the run is below it.
	cat >limited <<-'END'
		unit=/sys/fs/cgroup/system.slice/live-sub.service
		echo '+memory +pids' >$unit/cgroup.subtree_control
		echo 50M >$unit/main/memory.max
		cgscope -v -m 64M -- grep ^0:: /proc/self/cgroup >out 2>err
		echo '-memory -pids' >$unit/cgroup.subtree_control
	END
	write_service live-sub Type=oneshot Delegate=yes DelegateSubgroup=main \
		"ExecStart=sh limited" "ExecStart=touch next"
	run_service live-sub
	expect_match out '/live-sub.service/main/cgscope-grep-[0-9a-f]*$'
	expect_match err 'moved the processes back.*'$'\n''cgscope: hint: .*DelegateSubgroup='
	[[ -e next ]]
}

live a_supervisor_that_is_killed_gives_the_service_back root +once
a_supervisor_that_is_killed_gives_the_service_back() {
	cat >killed <<-'END'
		unit=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)
		cgscope -m 64M -- sh -c 'echo $$ >pid; exec sleep 1000' & cgscope=$!
		until [ -s pid ]; do sleep 0.05; done
		ls -d $unit/*/ >before
		kill -KILL $cgscope
		n=0
		while [ -d $unit/cgscope-main ] && [ $((n += 1)) -lt 200 ]; do sleep 0.05; done
		grep ^0:: /proc/self/cgroup >after
		echo "[$(cat $unit/cgroup.subtree_control)]" >>after
	END
	write_service live-killed Type=oneshot Delegate=yes "ExecStart=sh killed" \
		"ExecStart=cgscope -m 64M -- touch next"
	run_service live-killed
	expect_match before 'cgscope-main'
	expect_lines after 0::/system.slice/live-killed.service '[]'
	is_gone "$(<pid)"
	[[ -e next ]]
}

# The kernel calls the cgroup "domain threaded" then.
live threads_in_cgroups_of_their_own_are_refused_in_words root +once
threads_in_cgroups_of_their_own_are_refused_in_words() {
	cat >threaded <<-'END'
		unit=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)
		mkdir $unit/threads
		echo threaded >$unit/threads/cgroup.type
		cgscope -m 64M -- touch ran >out 2>err
		echo $? >status
		ls -d $unit/*/ >left
		cgscope --backend systemd -m 64M -- touch elsewhere
	END
	write_service live-threads Type=oneshot Delegate=yes "ExecStart=sh threaded"
	run_service live-threads
	status=$(<status)
	expect_refused 'domain threaded' '--backend systemd'
	expect_lines left /sys/fs/cgroup/system.slice/live-threads.service/threads/
	[[ ! -e ran && -e elsewhere ]]
}
