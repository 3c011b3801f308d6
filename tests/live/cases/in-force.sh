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
