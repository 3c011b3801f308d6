# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# Limits are there before the command's first instruction, exactly as asked, and they hold.

# The scope has a little more, for the process that holds it.
scope_allowance=1048576

live a_user_has_the_limits_that_he_asked_for alice
a_user_has_the_limits_that_he_asked_for() {
	show_limits --mem 64M --mem-high 48M --swap 16M --cpu 50% --cpu-weight 50 --tasks 20 --oom kill -- \
		memory.max memory.high memory.swap.max cpu.max cpu.weight pids.max memory.oom.group \
		../memory.max ../memory.high ../memory.swap.max ../cpu.max ../cpu.weight ../pids.max
	expect_success
	expect_lines out memory.max=67108864 memory.high=50331648 memory.swap.max=16777216 'cpu.max=50000 100000' \
		cpu.weight=50 pids.max=20 memory.oom.group=1 \
		../memory.max=$((67108864 + scope_allowance)) ../memory.high=$((50331648 + scope_allowance)) \
		../memory.swap.max=16777216 '../cpu.max=50000 100000' ../cpu.weight=50 ../pids.max=21
}

live root_has_the_limits_that_he_asked_for root
root_has_the_limits_that_he_asked_for() {
	show_limits -m 64M -t 20 --cpu 1.5 --cpuset-cpus 1 --cpuset-mems 0 \
		--io-max /dev/vda:rbps=1M,wiops=100 --io-max /dev/vdb:wbps=2M -- \
		memory.max memory.swap.max pids.max cpu.max cpuset.cpus cpuset.mems ../cpuset.cpus ../cpuset.mems
	expect_success
	expect_lines out memory.max=67108864 memory.swap.max=0 pids.max=20 'cpu.max=150000 100000' cpuset.cpus=1 cpuset.mems=0 \
		../cpuset.cpus=1 ../cpuset.mems=0
	run --io-max /:rbps=1M,wiops=100 --io-max /dev/vdb:wbps=2M sh -c \
		'g=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup); sort "$g/io.max"; sort "${g%/run}/io.max"'
	expect_success
	[[ $(sort -u out) == "$(lsblk -dno MAJ:MIN /dev/vda | tr -d ' ') rbps=1048576 wbps=max riops=max wiops=100
$(lsblk -dno MAJ:MIN /dev/vdb | tr -d ' ') rbps=max wbps=2097152 riops=max wiops=max" ]] || fail "io.max:" "$(<out)"
}

live other_ways_to_write_limits alice
other_ways_to_write_limits() {
	local kib total pages
	read -r _ kib _ </proc/meminfo
	show_limits --memory=10% --mem-high max --cpus 25% --tasks 10% --swap 1.5M -- \
		memory.max memory.high cpu.max pids.max memory.swap.max
	expect_success
	total=$((kib * 1024 / 10))
	pages=$((total / 4096 * 4096))
	expect_match out "memory.max=($pages|$((pages - 4096)))"$'\n'"memory.high=max"$'\n'"cpu.max=25000 100000"$'\n''pids.max=[0-9]+'$'\n''memory.swap.max=1572864$'
	show_limits -m 67108865 -t max --cpu 12.5% --cpu-weight idle --oom continue -- \
		memory.max pids.max cpu.max cpu.idle memory.oom.group
	expect_success
	expect_match out '^memory.max=67108864'$'\n''pids.max=max'$'\n''cpu.max=12500 100000'$'\n''cpu.idle=1'$'\n''memory.oom.group=0$'
	show_limits -m max --cpu max -- memory.max memory.swap.max cpu.max
	expect_success
	expect_lines out memory.max=max memory.swap.max=max 'cpu.max=max 100000'
}

# systemd would give it a part of the machine's tasks.
live a_run_without_options_has_no_limits_of_its_own alice root
a_run_without_options_has_no_limits_of_its_own() {
	show_limits -- memory.max memory.swap.max pids.max ../memory.max ../pids.max ../cpu.weight
	expect_success
	expect_lines out memory.max=max memory.swap.max=max pids.max=max ../memory.max=max ../pids.max=max ../cpu.weight=100
}

live tasks_allows_exactly_that_many alice root
tasks_allows_exactly_that_many() {
	local n
	for n in 1 7; do
		# Perl is one, and its children are the others.
		run --tasks $n --leftovers kill perl -e '
			my $n = 1;
			while ($n < 100) { my $pid = fork // last; sleep 1000 if !$pid; $n++ }
			print "$n\n"'
		expect_status 0
		expect_lines out $n
	done
}

live a_memory_overrun_is_killed_although_there_is_swap alice root +swap
a_memory_overrun_is_killed_although_there_is_swap() {
	wait_status cgscope -m 32M perl -e '$x = "x" x (100 << 20); print "survived\n"' >out 2>err
	expect_lines out "signal 9"
	run -m 32M --swap 200M perl -e '$x = "x" x (100 << 20); print "survived\n"'
	expect_lines out survived
}

live oom_kill_takes_the_group_and_continue_one_process alice
oom_kill_takes_the_group_and_continue_one_process() {
	local script='sleep 1000 & perl -e "\$x = q(x) x (100 << 20)"; echo "child $?"; kill $!; exit 3'
	run -m 32M --oom continue sh -c "$script"
	expect_status 3
	expect_lines out "child 137"
	wait_status cgscope -m 32M --oom kill sh -c "$script" >out 2>err
	expect_lines out "signal 9"
}

# The least that is accepted must not make the manager or cgscope hang.
live a_very_small_limit_ends_quickly alice
a_very_small_limit_ends_quickly() {
	run -m 1M true
	[[ $status -eq 0 || $status -eq 137 ]] || fail "status $status" "$(<err)"
	run -m 1M bash -c 'a=$(seq 100000); echo ${#a}'
	[[ $status -eq 137 ]] || fail "status $status" "$(<err)"
}

live cpu_really_throttles alice
cpu_really_throttles() {
	run --cpu 20% perl -e '
		open my $c, "/proc/self/cgroup"; my ($g) = grep { s/^0::// } <$c>; chomp $g;
		sub stat_of { open my $s, "/sys/fs/cgroup$g/cpu.stat"; my %stat = map { split } <$s>; $stat{$_[0]} }
		sub seconds { open my $u, "/proc/uptime"; (split " ", <$u>)[0] }
		my ($begin, $used) = (seconds, stat_of("usage_usec"));
		1 while seconds() < $begin + 3;
		printf "%d\n", (stat_of("usage_usec") - $used) / (seconds() - $begin) / 10000;
		print "throttled\n" if stat_of("nr_throttled") > 5'
	expect_success
	expect_match out '^([0-9]|[1-3][0-9])'$'\n'throttled
}

live cpuset_restricts root
cpuset_restricts() {
	run --cpuset-cpus 1 sh -c 'nproc; grep Cpus_allowed_list /proc/self/status'
	expect_success
	expect_lines out 1 $'Cpus_allowed_list:\t1'
	run --cpuset-cpus 0,1 nproc
	expect_lines out 2
	run --cpuset-cpus 0,7 nproc
	expect_status 125
}

live io_max_really_throttles root
io_max_really_throttles() {
	local begin
	begin=${EPOCHREALTIME/./}
	run --io-max /dev/vda:rbps=1M dd if=/dev/vda of=/dev/null bs=256K count=8 iflag=direct status=none
	expect_success
	((${EPOCHREALTIME/./} - begin > 1000000)) || fail "2 MiB at 1 MiB/s took $((${EPOCHREALTIME/./} - begin)) us"
}

live a_zswap_limit_is_in_force_or_refused alice
a_zswap_limit_is_in_force_or_refused() {
	local version
	version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
	show_limits -p MemoryZSwapMax=10M -- ../memory.zswap.max
	if ((version < 253)); then
		expect_refused MemoryZSwapMax
	else
		expect_success
		expect_lines out ../memory.zswap.max=10485760
	fi
}

live other_properties_are_set alice
other_properties_are_set() {
	run --name live-props -p ManagedOOMPreference=avoid -p Documentation=man:true -p CPUQuotaPeriodSec=20ms --cpu 50% sh -c '
		systemctl --user show -p ManagedOOMPreference -p Documentation live-props.scope
		cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/../cpu.max'
	expect_success
	sort -o out out
	expect_lines out '10000 20000' 'Documentation=man:true "man:cgscope(1)"' 'ManagedOOMPreference=avoid'
}

live limits_hold_for_the_whole_family alice
limits_hold_for_the_whole_family() {
	run --tasks 30 sh -c 'setsid sh -c "setsid grep ^0:: /proc/self/cgroup"; grep ^0:: /proc/self/cgroup'
	expect_success
	[[ $(uniq out | wc -l) -eq 1 && $(<out) == */run* ]]
}

# Nobody but its owner sees the command in a cgroup other than that of its limits, at any time.
live the_command_never_runs_outside_its_cgroup alice
the_command_never_runs_outside_its_cgroup() {
	local cgroup i
	for i in 1 2 3; do
		run --name "live-where$i" -m 64M sh -c 'while read -r line && [ "${line#0::}" = "$line" ]; do :; done </proc/self/cgroup; echo "$line"; sleep 0.3; grep ^0:: /proc/self/cgroup'
		expect_success
		cgroup="0::/user.slice/user-1000.slice/user@1000.service/app.slice/live-where$i.scope/run"
		expect_lines out "$cgroup" "$cgroup"
	done
}

# A scope is somewhere else in the tree, where the service's own limit does not reach.
live the_command_gets_no_more_than_its_caller root
the_command_gets_no_more_than_its_caller() {
	local caller=(systemd-run --quiet --wait --pipe --collect -p MemoryMax=96M -p TasksMax=40 -p CPUQuota=50%)
	"${caller[@]}" cgscope -m 1G -t 1000 sh -c "$read_limits" sh memory.max pids.max cpu.max >out 2>err
	expect_lines out memory.max=100663296 pids.max=40 'cpu.max=50000 100000'
	[[ $(grep -c 'which binds the caller too: /system.slice/run-.*\.service$' err) == 3 ]] || fail "$(<err)"
	"${caller[@]}" cgscope -m 1G --exec true >out 2>err
	has err
	# Less is nobody's business.
	"${caller[@]}" cgscope -q -m 32M -t 7 sh -c "$read_limits" sh memory.max pids.max cpu.max >out 2>err
	expect_lines out memory.max=33554432 pids.max=7 'cpu.max=50000 100000'
	expect_lines err
}

live the_caller_of_a_user_scope_keeps_his_limits alice
the_caller_of_a_user_scope_keeps_his_limits() {
	export XDG_RUNTIME_DIR=/run/user/$EUID
	# systemd-run has come to expand "${...}" in a scope's command; Debian 12 has no option against it.
	printf '%s\n' "$read_limits" >read-limits
	systemd-run --user --scope -q -p MemoryMax=80M cgscope --record record sh read-limits memory.max >out 2>err
	expect_lines out memory.max=83886080
	grep -q '"name":"memory.max","unit":"bytes","requested":null,"effective":83886080,"verified":true' record || fail "$(<record)"
	grep -q 'the caller.s own, of /user.slice' record || fail "$(<record)"
}
