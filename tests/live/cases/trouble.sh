# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What a run stands on gives way while it starts or runs: its manager, its disk, its cgroup. What
# fails inside of cgscope is tried by tests/fault.

live a_manager_that_is_slow_is_waited_for alice +once +native
a_manager_that_is_slow_is_waited_for() {
	local manager begin=$SECONDS
	manager=$(systemctl show -P MainPID user@1000.service)
	kill -STOP "$manager"
	defer kill -CONT "$manager"
	(sleep 3 && kill -CONT "$manager") &
	run "${some_limit[@]}" sh -c 'exit 3'
	expect_status 3
	expect_lines err
	((SECONDS - begin >= 2)) || fail "the manager was not needed"
}

# Each of them runs, or says why not and has not run. The reexecution closes every connection.
live runs_that_start_while_their_manager_reexecutes alice +once +native 120s
runs_that_start_while_their_manager_reexecutes() {
	local i n=0 refused=0
	(for i in {1..6}; do systemctl --user daemon-reexec; done) &
	for i in {1..40}; do
		run --name "live-reexec-$i" "${some_limit[@]}" sh -c 'echo >>ran; exit 3'
		case $status in
		3) n=$((n + 1)) ;;
		125) has err && refused=$((refused + 1)) ;;
		*) fail "status $status: $(<err)" ;;
		esac
	done
	wait
	expect_equal "$((n + refused))" 40 'runs'
	[[ ! -e ran ]] || expect_equal "$(wc -l <ran)" "$n" 'commands that ran'
	((n > 0)) || fail 'none ran'
}

live a_record_that_has_no_room_is_refused_before root +once +native
a_record_that_has_no_room_is_refused_before() {
	mkdir disk
	mount -t tmpfs -o size=16k,nr_inodes=3 none disk
	defer umount disk
	head -c 100000 /dev/zero >disk/full || true
	: >disk/more
	run "${some_limit[@]}" --record disk/record.json touch ran
	expect_refused 'No space left on device'
	[[ ! -e ran && ! -e disk/record.json ]]
}

# Somebody moves the command away and removes its cgroup: it ends as it would have.
live a_cgroup_that_goes_while_the_command_runs root +once +native
a_cgroup_that_goes_while_the_command_runs() {
	local pid dir
	mkfifo go
	start --name live-gone sh -c 'echo $$ >pid; read -r line <go; exit 3'
	until_true has pid
	dir=/sys/fs/cgroup$(cgroup_of "$(<pid)")
	echo "$(<pid)" >/sys/fs/cgroup/cgroup.procs
	until_true rmdir "$dir"
	echo >go
	finish
	expect_status 3
	expect_match err 'the command moved to /'
}
