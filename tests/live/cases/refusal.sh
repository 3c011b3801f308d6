# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Nothing runs without its limits: 125, a line that says why, a hint that says what to do.

live a_controller_that_is_not_delegated_is_refused alice
a_controller_that_is_not_delegated_is_refused() {
	local option
	for option in --cpuset-cpus=0 --cpuset-mems=0 --io-max=/:rbps=1M; do
		run "$option" touch ran
		expect_refused 'controller is not delegated' '/etc/systemd/system/user@.service.d.*Delegate='
	done
	[[ ! -e ran ]]
}

# What the hint says is done to the letter. alice's sessions end with it, and her manager comes back.
live following_the_hint_makes_cpuset_work root 180s
following_the_hint_makes_cpuset_work() {
	local commands
	as_alice_manager run --cpuset-cpus 0 true
	expect_match err '^cgscope: .*'$'\n''cgscope: hint: as root, '
	commands=$(sed -n 's/^cgscope: \{9\}//p' err)
	[[ $commands == *'systemctl restart user@1000.service' ]] || fail "an unexpected hint: $commands"
	[[ ! -e /etc/systemd/system/user@.service.d/delegate.conf ]] || skip "there is a drop-in already"
	defer restore_delegation
	sh -ec "$commands"
	as_alice_manager show_limits --cpuset-cpus 0 --io-max /:rbps=1M -- cpuset.cpus io.max
	expect_success
	expect_match out '^cpuset.cpus=0'$'\n''io.max=[0-9:]+ rbps=1048576 '
	as_alice_manager run --cpuset-cpus 1 nproc
	expect_lines out 1
}

# Not in alice's session, which does not survive this.
as_alice_manager() {
	launcher=(setpriv --reuid=1000 --regid=1000 --init-groups env XDG_RUNTIME_DIR=/run/user/1000)
	"$@"
}

restore_delegation() {
	rm -r /etc/systemd/system/user@.service.d/delegate.conf
	rmdir --ignore-fail-on-non-empty /etc/systemd/system/user@.service.d
	systemctl daemon-reload
	systemctl restart user@1000.service
}

live an_io_weight_that_no_disk_looks_at_is_refused root
an_io_weight_that_no_disk_looks_at_is_refused() {
	run --io-weight 50 touch ran
	expect_refused 'no disk uses bfq or iocost' 'echo bfq'
	[[ ! -e ran ]]
	modprobe bfq || skip "no bfq"
	defer eval 'echo none >/sys/block/vda/queue/scheduler'
	echo bfq >/sys/block/vda/queue/scheduler
	show_limits --io-weight 50 -- io.weight
	expect_success
	expect_lines out 'io.weight=default 50'
}

live a_protection_without_effect_is_refused alice root
a_protection_without_effect_is_refused() {
	local option
	for option in --mem-low --mem-min; do
		run "$option" 16M touch ran
		expect_refused 'no effect' 'systemctl set-property'
	done
	[[ ! -e ran ]]
	[[ $user == root ]] || return 0
	defer systemctl revert system.slice
	systemctl set-property --runtime system.slice MemoryLow=100M MemoryMin=50M
	show_limits --mem-low 16M --mem-min 8M -- memory.low memory.min ../memory.low ../memory.min
	expect_success
	expect_lines out memory.low=16777216 memory.min=8388608 ../memory.low=16777216 ../memory.min=8388608
}

live a_property_that_the_manager_does_not_know_is_refused alice +native
a_property_that_the_manager_does_not_know_is_refused() {
	# systemd 262 knows it, and has not got the controller for alice.
	run -p CPUSetPartition=root touch ran
	expect_refused 'CPUSetPartition|cpuset.cpus.partition'
	run -p RandomNonsense=1 touch ran
	expect_usage_error RandomNonsense
	run -p MemoryMax=1G touch ran
	expect_usage_error 'MemoryMax.*--mem'
	run -p PIDs=1 touch ran
	expect_usage_error PIDs
	run -p LimitNPROC=5 touch ran
	expect_usage_error LimitNPROC
	run -p MemoryZSwapMax=nonsense touch ran
	expect_usage_error MemoryZSwapMax
	[[ ! -e ran ]]
}

# Without root, BPF programs cannot be attached, and the manager does not say a word.
live a_property_without_effect_is_refused alice
a_property_without_effect_is_refused() {
	run -p IPAddressDeny=any touch ran
	expect_refused IPAddressDeny
	run -p DevicePolicy=strict touch ran
	expect_refused DevicePolicy
	run -p IODeviceWeight='/dev/vda 50' touch ran
	expect_refused 'io.weight|IODeviceWeight'
	[[ ! -e ran ]]
}

live properties_of_the_system_manager_are_in_force root
properties_of_the_system_manager_are_in_force() {
	cat >send <<-'END'
		use IO::Socket::INET;
		my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:9", Proto => "udp");
		print $socket->send("x") ? "sent" : "no", "\n";
	END
	run -p IPAccounting=yes perl send
	expect_lines out sent
	run -p IPAddressDeny=any perl send
	expect_success
	expect_lines out no
	run -p DevicePolicy=strict sh -c ': </dev/vdb'
	[[ $status -ne 0 ]]
	run -p NoSuchThing=1 true
	expect_status 125
}

live a_name_in_use_is_refused_and_its_owner_unharmed alice root +native
a_name_in_use_is_refused_and_its_owner_unharmed() {
	start --name live-mine "${some_limit[@]}" -- sh -c 'echo ready; read -r line <fifo
		cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max 2>/dev/null || echo none; exit 6'
	mkfifo fifo
	until_true has_line out ready
	cgscope --name live-mine "${some_limit[@]}" touch ran 2>second && fail "it ran"
	status=$?
	expect_status 125
	expect_match second '^cgscope: .*live-mine.scope: a unit of that name exists.*'$'\n''cgscope: hint: .*--name'
	[[ ! -e ran ]]
	echo go >fifo
	finish
	expect_status 6
	expect_lines out ready "$some_limit_bytes"
	expect_lines err
}

live a_name_of_another_unit_is_refused root +native
a_name_of_another_unit_is_refused() {
	run --name init touch ran
	expect_refused 'init.scope'
	[[ ! -e ran ]]
}

live a_slice_that_cannot_be_is_refused alice +native
a_slice_that_cannot_be_is_refused() {
	local slice
	for slice in a--b -a a/b 'a b' x.service ''; do
		run --slice "$slice" touch ran
		expect_usage_error slice
	done
	mkdir -p ~/.config/systemd/user
	ln -s /dev/null ~/.config/systemd/user/livemasked.slice
	defer rm ~/.config/systemd/user/livemasked.slice
	run --slice livemasked touch ran
	expect_refused masked
	[[ ! -e ran ]]
}

# It has 30 s to answer. What it does when it goes on must not leave anything either.
live a_manager_that_does_not_answer_is_given_up alice +once +native 120s
a_manager_that_does_not_answer_is_given_up() {
	local manager begin=$SECONDS
	manager=$(systemctl --user show -P MainPID user@1000.service --system)
	defer kill -CONT "$manager"
	kill -STOP "$manager"
	run "${some_limit[@]}" touch ran
	expect_refused 'does not answer'
	((SECONDS - begin >= 29 && SECONDS - begin < 60)) || fail "it took $((SECONDS - begin)) s"
	[[ ! -e ran ]]
}

live the_caller_may_give_up_on_a_manager_that_does_not_answer alice +once +native
the_caller_may_give_up_on_a_manager_that_does_not_answer() {
	local manager
	manager=$(systemctl show -P MainPID user@1000.service)
	defer kill -CONT "$manager"
	kill -STOP "$manager"
	wait_status timeout -s INT 2 cgscope "${some_limit[@]}" touch ran >out 2>err
	expect_lines out 'exit 124'
	[[ ! -e ran ]]
}

live a_setuid_cgscope_is_refused root +once +native
a_setuid_cgscope_is_refused() {
	cp "$(command -v cgscope)" setuid
	chmod 4755 setuid
	chmod 777 .
	as alice sh -c 'cd "$1"; ./setuid $LIVE_LIMIT touch ran' sh "$PWD" >out 2>err </dev/null && fail "it ran"
	status=125
	expect_refused 'set-user-ID'
	[[ ! -e ran ]]
}

live no_more_processes_for_the_user_is_refused alice +once +native
no_more_processes_for_the_user_is_refused() {
	launcher=(prlimit --nproc=1)
	run "${some_limit[@]}" touch ran
	expect_refused 'cannot create a process' 'a limit on tasks is reached'
	[[ ! -e ran ]]
}

# The manager has the controller; the unit around the run asked for others.
live a_unit_that_was_given_other_controllers_is_named alice +once
a_unit_that_was_given_other_controllers_is_named() {
	launcher=(systemd-run --user --quiet --wait --pipe --collect --unit live-others
		-p 'Delegate=memory pids')
	run --cpu 50% touch ran
	expect_refused 'cpu controller is not delegated' \
		'live-others.service was given other controllers: it needs Delegate=cpu memory pids'
	[[ ! -e ran ]]
}

# The kernel takes a set of CPUs that the cgroups above do not allow, and uses theirs.
live a_set_of_cpus_that_is_not_allowed_above_is_refused root +once
a_set_of_cpus_that_is_not_allowed_above_is_refused() {
	defer systemctl revert live-cpus.slice
	systemctl set-property --runtime live-cpus.slice AllowedCPUs=0
	run --slice live-cpus --cpuset-cpus 1 touch ran
	expect_refused 'the cgroups above allow only 0' AllowedCPUs
	run --slice live-cpus sh -c 'cgscope --cpuset-cpus 1 touch ran; echo $?'
	expect_lines out 125
	[[ ! -e ran ]]
	run --slice live-cpus --cpuset-cpus 0 nproc
	expect_success
	expect_lines out 1
}

live a_protection_is_worth_what_the_cgroups_above_have root +once
a_protection_is_worth_what_the_cgroups_above_have() {
	defer systemctl revert live-low.slice
	systemctl set-property --runtime live-low.slice MemoryLow=4K
	run --slice live-low --mem-low 16M touch ran
	expect_refused 'no effect beyond 4K' 'set-property live-low.slice MemoryLow'
	[[ ! -e ran ]]
}
