# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# A limit that is there is in force: in the command's own cgroup, and against all that is around.

# Limits of the caller's that a scope elsewhere would escape, beside those of "limits".
live the_callers_cpus_and_memory_high_bind_too root
the_callers_cpus_and_memory_high_bind_too() {
	local caller=(systemd-run -q --wait --pipe --collect -p AllowedCPUs=0 -p MemoryHigh=96M)
	local service='/system.slice/run-[^ ]*\.service'
	"${caller[@]}" cgscope -m 64M nproc >out 2>err
	expect_lines out 1
	expect_match err "^cgscope: memory.high is 96M, which binds the caller too: $service"
	expect_match err "cgscope: cpuset.cpus is 0, which binds the caller too: $service\$"
	# What both have.
	"${caller[@]}" cgscope --cpuset-cpus 0,1 --record "$PWD/record" nproc >out 2>err
	expect_lines out 1
	grep -q '"list","requested":"0-1","effective":"0","verified":true' record ||
		fail "$(<record)"
	status=0
	"${caller[@]}" cgscope -q --cpuset-cpus 1 nproc >out 2>err || status=$?
	expect_refused "cpuset-cpus 1 would not hold: .*: the caller's $service allows only 0"
}

# The leaf has the scope's period, so what throttles is counted where the command is.
live a_quota_has_the_period_that_was_given alice
a_quota_has_the_period_that_was_given() {
	show_limits --cpu 20% -p CPUQuotaPeriodSec=10ms -- cpu.max ../cpu.max
	expect_success
	expect_lines out 'cpu.max=2000 10000' '../cpu.max=2000 10000'
	run --cpu 20% -p CPUQuotaPeriodSec=10ms --record record \
		timeout 2 sh -c 'while :; do :; done'
	expect_status 124
	grep -qE '"throttled_usec":[1-9][0-9]{6}' record ||
		fail "throttled for less than a second of two:" "$(<record)"
	# A run in it needs no manager for the same.
	run cgscope --cpu 20% -p CPUQuotaPeriodSec=10ms --backend nested \
		sh -c "$read_limits" sh cpu.max
	expect_success
	expect_lines out 'cpu.max=2000 10000'
}

# The scheduler has a file of its own, with another scale: nested as with a manager.
live an_io_weight_is_the_schedulers root
an_io_weight_is_the_schedulers() {
	modprobe bfq || skip "no bfq"
	defer eval 'echo none >/sys/block/vda/queue/scheduler'
	echo bfq >/sys/block/vda/queue/scheduler
	show_limits --io-weight 200 -- io.weight io.bfq.weight ../io.bfq.weight
	expect_success
	expect_lines out 'io.weight=default 200' 'io.bfq.weight=default 109' \
		'../io.bfq.weight=default 109'
	run cgscope --io-weight 200 sh -c "$read_limits" sh io.weight io.bfq.weight
	expect_success
	expect_lines out 'io.weight=default 200' 'io.bfq.weight=default 109'
}

# What LVM or LUKS have made of a disk is limited on the disk, by whom ever.
live a_limit_on_io_is_that_of_the_disk_below root
a_limit_on_io_is_that_of_the_disk_below() {
	local line
	modprobe dm_mod || skip "no dm"
	"$helper/dm-linear" live /dev/vdb 2048
	defer "$helper/dm-linear" live
	line="$(lsblk -dno MAJ:MIN /dev/vdb | tr -d ' ') rbps=1048576 wbps=max riops=max wiops=max"
	show_limits --io-max /dev/mapper/live:rbps=1M -- io.max ../io.max
	expect_success
	expect_lines out "io.max=$line" "../io.max=$line"
	run cgscope -v --io-max /dev/mapper/live:rbps=1M sh -c "$read_limits" sh io.max
	expect_status 0
	expect_lines out "io.max=$line"
	expect_match err 'io.max is vdb \([0-9:]+\) rbps=1048576 in /'
}

# RLIMIT_NPROC is about all tasks of the user, whatever /proc of a PID namespace shows of them.
live tasks_out_of_sight_are_counted root +once 120s
tasks_out_of_sight_are_counted() {
	systemd_is_at_least 255 || skip "this manager makes no scope for a PID namespace"
	local alice=(setpriv --reuid=1000 --regid=1000 --clear-groups)
	local inside=(unshare --pid --fork --mount-proc "${alice[@]}" env
		XDG_RUNTIME_DIR=/run/user/1000)
	unshare --pid --fork --kill-child "${alice[@]}" perl -e '
		for (1 .. 30) { fork or sleep 1000 } sleep 1000' &
	defer kill -KILL $!
	until_true eval '[[ $(pgrep -cu alice perl) -ge 31 ]]'
	status=0
	"${inside[@]}" prlimit --nproc=60 cgscope check --tasks 30 >out 2>err || status=$?
	expect_status 1
	expect_match out '30 tasks do not fit: only [0-9]+ available, limited by RLIMIT_NPROC'
	"${inside[@]}" prlimit --nproc=60 cgscope "$helper/bomb" >out 2>err || true
	expect_match err 'bomb: fork refused, probably: RLIMIT_NPROC 60, its user has [0-9]+ tasks'
	# Nobody else can count them.
	"${inside[@]:0:4}" sh -c 'setpriv --reuid=1000 sleep 1000 & pid=$!
		until grep -q sleep /proc/$pid/comm; do :; done
		prlimit --nproc=1000 --pid $pid; cgscope check $pid' >out 2>err || true
	expect_match out 'RLIMIT_NPROC of sleep .* tasks, and those out of sight'
}
