# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# The library's watch objects, by their example: whose limit it was, units over restarts, scopes as they
# come, and that nothing wakes up in between.

# watch WORD...: the example in the background, its lines in the file events, until it waits. $watch_pid.
watch() {
	"${helper%/tests/live/helper}/docs/examples/watch" "$@" >events 2>watch.err </dev/null &
	watch_pid=$!
	defer end_watch "$watch_pid"
	until_true is_waiting "$watch_pid"
}

is_waiting() {
	[[ $(<"/proc/$1/wchan") == *poll* ]]
}

end_watch() {
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

told() {
	until_true grep -qE "$1" events
}

# How often the process has been woken up.
wakeups() {
	sed -n 's/^voluntary_ctxt_switches:[[:blank:]]*//p' "/proc/$1/status"
}

# A cgroup of root's with another one in it: /live-w and /live-w/in.
make_groups() {
	defer remove_groups
	mkdir -p /sys/fs/cgroup/live-w/in
	echo '+memory +pids +cpu' >/sys/fs/cgroup/live-w/cgroup.subtree_control
}

remove_groups() {
	[[ ! -d /sys/fs/cgroup/live-w ]] || echo 1 >/sys/fs/cgroup/live-w/cgroup.kill
	until_true no_groups
}

no_groups() {
	rmdir /sys/fs/cgroup/live-w/in || true
	rmdir /sys/fs/cgroup/live-w || true
	[[ ! -d /sys/fs/cgroup/live-w ]]
}

# Runs a command in /live-w/in.
inside() {
	(echo "$BASHPID" >/sys/fs/cgroup/live-w/in/cgroup.procs && exec "$@") || true
}

live the_limit_of_an_ancestor_is_to_blame root
the_limit_of_an_ancestor_is_to_blame() {
	make_groups
	echo 8 >/sys/fs/cgroup/live-w/pids.max
	echo 48M >/sys/fs/cgroup/live-w/memory.max
	echo 0 >/sys/fs/cgroup/live-w/memory.swap.max
	echo 100 >/sys/fs/cgroup/live-w/in/pids.max
	watch /live-w/in
	inside "$helper/bomb" >/dev/null
	told '^refused /live-w/in [0-9]+ pids\.max 8 of /live-w'
	inside perl -e 'my $x = "x" x (200 << 20)' 2>/dev/null
	told '^oom /live-w/in 1 memory\.max 50331648 of /live-w$'
	told '^empty /live-w/in$'
	rmdir /sys/fs/cgroup/live-w/in
	told '^gone /live-w/in$'
	until_true is_gone "$watch_pid"
}

live thresholds_are_of_the_limit_that_binds root
thresholds_are_of_the_limit_that_binds() {
	local job
	make_groups
	echo 10 >/sys/fs/cgroup/live-w/pids.max
	echo 100 >/sys/fs/cgroup/live-w/in/pids.max
	watch tasks:50% tasks:3 /live-w/in
	inside perl -e 'for (1 .. 4) { fork or sleep 1000 } sleep 1000' &
	job=$!
	told '^tasks /live-w/in 5 pids\.max 10 of /live-w$'
	told '^tasks /live-w/in [3-5] pids\.max 100 of /live-w/in$'
	echo 1 >/sys/fs/cgroup/live-w/cgroup.kill
	wait "$job" || true
	# The file cache of a cgroup is no use of memory.
	echo 64M >/sys/fs/cgroup/live-w/in/memory.max
	dd if=/dev/zero of=file bs=1M count=100 conv=fsync 2>/dev/null
	end_watch "$watch_pid"
	watch memory:60% /live-w/in
	inside sh -c 'cat file >/dev/null; sleep 1'
	[[ $(grep -c '^memory' events) -eq 0 ]] || fail "$(<events)"
	# Once and no more: perl has a constant of that size, and a copy of it.
	inside python3 -IS -c 'import time; x = b"x" * (45 << 20); time.sleep(2)'
	told '^memory /live-w/in [0-9]+ memory\.max 67108864 of /live-w/in$'
}

# What the events of that kind count, all in all.
sum_of() {
	awk -v kind="$1" '$1 == kind { n += $3 } END { print n + 0 }' events
}

all_refusals_told() {
	[[ $(sum_of refused) -eq $(awk '$1 == "max" { print $2 }' /sys/fs/cgroup/live-w/in/pids.events) ]]
}

live a_storm_of_refusals_is_counted_to_the_last root
a_storm_of_refusals_is_counted_to_the_last() {
	make_groups
	echo 1 >/sys/fs/cgroup/live-w/in/pids.max
	watch /live-w/in
	# Threads are refused faster than processes, of which all is copied first.
	inside python3 -IS -c '
import _thread, time
begin = time.monotonic()
for i in range(3000):
    try:
        _thread.start_new_thread(time.sleep, (0,))
    except RuntimeError:
        pass
print("%.0f refusals a second" % (3000 / (time.monotonic() - begin)))'
	until_true all_refusals_told
	expect_equal "$(sum_of refused)" 3000 'refusals told of'
	# The kernel notifies once in 10 ms: not an event for each of them.
	[[ $(grep -c '^refused' events) -lt 1500 ]]
}

live nothing_wakes_up_between_events root
nothing_wakes_up_between_events() {
	local before pressure=()
	make_groups
	# Older kernels wake nobody but a trigger's own poller: the totals are read there.
	[[ $(uname -r) == 6.1.* ]] || pressure=(pressure:memory:full:40%/2s)
	watch "${pressure[@]}" /live-w/in 'live-*.service' --own
	nap 1
	before=$(wakeups "$watch_pid")
	nap 5
	expect_equal "$(wakeups "$watch_pid")" "$before" 'wake-ups'
}

live pressure_is_told_once_while_it_lasts root
pressure_is_told_once_while_it_lasts() {
	make_groups
	echo '20000 100000' >/sys/fs/cgroup/live-w/in/cpu.max
	watch pressure:cpu:some:10%/2s pressure:cpu:some:5%/12s /live-w/in
	inside timeout 25 sh -c 'while :; do :; done & while :; do :; done'
	echo 1 >/sys/fs/cgroup/live-w/cgroup.kill
	told '^empty'
	# One by the kernel's trigger; it takes no window of 12 s, for which the totals are read.
	expect_equal "$(grep -c '^pressure' events)" 2 'events of pressure'
}

# A service that fails again and again, in the manager of root.
make_service() {
	defer drop_service
	cat >/run/systemd/system/live-w@.service <<-END
		[Unit]
		StartLimitBurst=3
		StartLimitIntervalSec=100
		[Service]
		ExecStart=/bin/sh -c 'echo going %i; sleep 6; exit 7'
		Restart=on-failure
	END
	systemctl daemon-reload
}

drop_service() {
	systemctl stop 'live-w@*.service' || true
	rm -f /run/systemd/system/live-w@.service
	systemctl daemon-reload
	systemctl reset-failed 'live-w@*.service' 2>/dev/null || true
}

n_failures() {
	[[ $(grep -c '^failed live-w@a.service exit-code code 7$' events) -eq $1 ]]
}

# As often as it has failed: systemd before 253 counts the starts anew after a daemon-reexec.
all_failures_told() {
	n_failures "$(journal_of "$1" | grep -c 'Main process exited')"
}

has_given_up() {
	journal_of "$1" | grep -q 'Start request repeated too quickly'
}

journal_of() {
	journalctl -q -o cat -u live-w@a --since "@$1"
}

live failures_of_units_are_told_over_restarts root +native 180s
failures_of_units_are_told_over_restarts() {
	local begin
	begin=$(date +%s)
	make_service
	watch 'live-w@*.service'
	systemctl start live-w@a
	until_true 40 n_failures 1
	systemctl daemon-reexec
	until_true 90 has_given_up "$begin"
	until_true 60 all_failures_told "$begin"
	nap 1
	all_failures_told "$begin"
	[[ $(grep -c '^  going a$' events) -ge 2 ]] || fail "$(<events)"
	grep -q '^gone live-w@a.service$' events
}

live a_unit_that_does_not_exist_is_refused alice root +native
a_unit_that_does_not_exist_is_refused() {
	"${helper%/tests/live/helper}/docs/examples/watch" live-nowhere.service >out 2>err && fail 'it is watched'
	expect_match err 'live-nowhere\.service.*no such unit'
}

# The marks that systemd-oomd leaves on what it kills.
live kills_by_systemd_oomd_are_told_apart root
kills_by_systemd_oomd_are_told_apart() {
	local job
	make_groups
	watch /live-w/in
	inside sleep 1000 &
	job=$!
	until_true is_populated
	python3 -IS -c '
import os
for name, value in ("oomd_ooms", b"1"), ("oomd_kill", b"1"):
    os.setxattr("/sys/fs/cgroup/live-w/in", "user." + name, value)'
	echo 1 >/sys/fs/cgroup/live-w/in/cgroup.kill
	wait "$job" || true
	told '^oomd /live-w/in 1 user\.oomd_kill of /live-w/in$'
	told '^empty /live-w/in$'
	if grep -q '^oom ' events; then
		fail "$(<events)"
	fi
}

is_populated() {
	grep -q '^populated 1' /sys/fs/cgroup/live-w/in/cgroup.events
}

live own_scopes_are_watched_as_they_come alice
own_scopes_are_watched_as_they_come() {
	cgscope --name live-first -- sleep 1000 &
	defer end_watch $!
	watch tasks:1 --own
	told '^tasks live-first\.scope'
	cgscope --name live-second -t 4 -- "$helper/bomb" >/dev/null 2>&1 || true
	told '^refused live-second\.scope [0-9]+ pids\.max'
	told '^gone live-second\.scope$'
}
