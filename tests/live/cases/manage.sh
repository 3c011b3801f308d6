# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# Scopes as things to manage: stop, kill, freeze, thaw, and which ones a word means.

# up NAME COMMAND...: cgscope --name NAME in the background, until its scope is there. $last.
up() {
	cgscope "${up_options[@]}" --name "$1" -- "${@:2}" >"$1.out" 2>"$1.err" </dev/null &
	last=$!
	until_true 30 group_of "$1" >/dev/null
	until_true has_its_command "$(group_of "$1")"
}
up_options=()

# failed PATTERN: the last cgscope ended with 1, and a line that matches.
expect_failure() {
	expect_status 1
	expect_lines out
	expect_match err "^cgscope: [^"$'\n'"]*$1"
}

ended() {
	status=0
	wait "$1" 2>/dev/null || status=$?
}

live stop_ends_politely alice +native
stop_ends_politely() {
	local pid
	up live-a sh -c 'trap "echo TERM; exit 7" TERM; echo up; while :; do sleep 0.1; done'
	pid=$last
	until_true has_line live-a.out up
	run stop live-a
	expect_success
	expect_lines out
	ended "$pid"
	expect_equal "$status" 7
	expect_lines live-a.out up TERM
	! group_of live-a
	run --name live-a true
	expect_success
}

live stop_kills_what_does_not_end alice +native
stop_kills_what_does_not_end() {
	local pid
	up live-a sh -c 'trap "" TERM; echo up; while :; do sleep 0.1; done'
	pid=$last
	until_true has_line live-a.out up
	run stop --grace 500ms live-a
	expect_success
	ended "$pid"
	expect_equal "$status" 137
}

live kill_takes_everything alice root +native
kill_takes_everything() {
	local pid
	up live-a sh -c 'trap "" TERM; setsid sleep 1000 & sleep 1000 & wait'
	pid=$last
	run kill live-a.scope
	expect_success
	ended "$pid"
	expect_equal "$status" 137
	! group_of live-a
}

live kill_sends_any_signal_to_all alice +native
kill_sends_any_signal_to_all() {
	local pid
	up live-a sh -c 'trap "echo USR1" USR1; (trap "echo child" USR1; echo up; sleep 1000 & wait; wait) &
		wait; wait; wait'
	pid=$last
	until_true has_line live-a.out up
	run kill --signal USR1 live-a
	expect_success
	until_true has_line live-a.out USR1
	until_true has_line live-a.out child
	run kill live-a
	ended "$pid"
}

# cgroup.kill asks nobody, a signal is from one user to another.
live kill_tells_of_whom_it_may_not_signal alice +native
kill_tells_of_whom_it_may_not_signal() {
	local pid
	up live-a sh -c 'trap "" USR1; sudo -n sh -c "touch up; exec sleep 1000" & wait'
	pid=$last
	until_true test -e up
	run kill --signal USR1 live-a
	expect_failure 'cannot signal: live-a.scope: .*did not get SIGUSR1.* belongs to root'
	expect_match err 'hint: cgscope kill live-a.scope'
	run kill live-a
	expect_success
	ended "$pid"
	expect_equal "$status" 137
}

live a_frozen_scope_stands_still_and_goes_on alice root +native
a_frozen_scope_stands_still_and_goes_on() {
	local pid before
	up live-a sh -c 'while :; do echo x >>ticks; sleep 0.05; done'
	pid=$last
	until_true has ticks
	run freeze live-a
	expect_success
	grep -qx 'frozen 1' "$(group_of live-a)/run/cgroup.events"
	before=$(wc -l <ticks)
	nap 0.5
	expect_equal "$(wc -l <ticks)" "$before"
	run thaw live-a
	expect_success
	until_true eval '[[ $(wc -l <ticks) -gt $before ]]'
	run stop live-a
	expect_success
	ended "$pid"
}

live a_frozen_scope_can_be_stopped alice +native
a_frozen_scope_can_be_stopped() {
	local pid
	up live-a sh -c 'trap "echo TERM; exit 0" TERM; echo up; while :; do sleep 0.1; done'
	pid=$last
	until_true has_line live-a.out up
	run freeze live-a
	expect_success
	run stop live-a
	expect_success
	ended "$pid"
	expect_lines live-a.out up TERM
	up live-a sleep 1000
	pid=$last
	run freeze live-a
	run kill live-a
	expect_success
	ended "$pid"
	expect_equal "$status" 137
}

live a_scope_that_became_its_command alice +native
a_scope_that_became_its_command() {
	local pid
	up_options=(--exec)
	up live-a sleep 1000
	pid=$last
	run freeze live-a
	expect_success
	run thaw live-a
	expect_success
	run stop live-a
	expect_success
	ended "$pid"
	expect_equal "$status" 143
}

live names_are_short_for_our_own alice +once +native
names_are_short_for_our_own() {
	local a b
	systemd-run --user --quiet --scope --unit live-other sleep 1000 2>/dev/null &
	defer eval 'systemctl --user stop live-other.scope 2>/dev/null'
	up live-go-1 sleep 1000
	a=$last
	up live-go-2 sleep 1000
	b=$last
	until_true group_of live-other
	run stop live-go
	expect_failure 'live-go-1.scope, live-go-2.scope|live-go-2.scope, live-go-1.scope'
	run stop live-o
	expect_failure 'no scope of yours has that name'
	run stop 'live-o*'
	expect_failure 'matches'
	run stop live-other.scope
	expect_failure 'not a scope of yours'
	run freeze live-other.scope
	expect_failure 'not a scope of yours'
	[[ -d $(group_of live-other) ]]
	# One that is ambiguous, or others', stops none; one that nobody has is no hindrance.
	run stop live-go-1 live-go
	expect_failure 'live-go: it could be'
	run stop live-go-1 live-other.scope
	expect_failure 'not a scope of yours'
	group_of live-go-1 >/dev/null
	run stop live-gone 'live-go-?' live-none.scope
	expect_failure 'live-gone: no scope of yours has that name'
	expect_match err 'live-none.scope: '
	ended "$a"
	ended "$b"
	[[ -d $(group_of live-other) ]]
	run freeze --force live-other.scope
	expect_success
	# To let one go on does no harm.
	run thaw live-other.scope
	expect_success
	grep -qx 'frozen 0' "$(group_of live-other)/cgroup.events"
	run kill --force live-other.scope
	expect_success
	until_true eval '! group_of live-other'
}

# A name is anybody's; the mark is ours.
live stop_all_ends_ours_and_nothing_else alice +native
stop_all_ends_ours_and_nothing_else() {
	local a b
	systemd-run --user --quiet --scope --unit cgscope-live-fake -p Delegate=yes sleep 1000 2>/dev/null &
	defer eval 'systemctl --user stop cgscope-live-fake.scope'
	up live-a sleep 1000
	a=$last
	up_options=(--exec)
	up live-b sleep 1000
	b=$last
	until_true group_of cgscope-live-fake
	run stop --all
	expect_success
	ended "$a"
	ended "$b"
	[[ -d $(group_of cgscope-live-fake) ]]
	run stop --all
	expect_success
}

live the_callers_own_scope_is_spared alice +once +native
the_callers_own_scope_is_spared() {
	run --name live-self sh -c 'cgscope stop live-self; cgscope freeze live-self; cgscope kill live-self
		cgscope stop --all; echo alive'
	expect_status 0
	expect_lines out alive
	expect_match err 'itself runs in it'
	# What runs beside cgscope in there is not spared.
	run --name live-self sh -c 'cgscope --name live-in sh -c "touch up; exec sleep 1000" 2>/dev/null &
		until [ -e up ]; do sleep 0.1; done; cgscope stop --all; wait "$!"; echo "inner $?"'
	expect_status 0
	expect_lines out 'inner 143'
	expect_match err 'live-self.scope is left alone'
	run --name live-self sh -c 'cgscope kill --force live-self; echo alive'
	expect_status 137
	expect_lines out
}

# Nested runs are many at little cost; what made them goes first, and none of them has a unit.
live many_are_stopped_at_once alice +once +native 240s
many_are_stopped_at_once() {
	local pid begin n=100
	cgscope --name live-many -- sh -c 'i=0
		while [ $i -lt '$n' ]; do
			cgscope --name live-many-$i sleep 1000 2>/dev/null &
			i=$((i + 1))
		done
		wait' 2>/dev/null &
	pid=$!
	until_true 150 eval "[[ \$(cat \"\$(group_of live-many)\"/run/live-many-*/cgroup.procs | wc -l) -eq $n ]]"
	begin=$SECONDS
	# Each of them takes some descriptors.
	ulimit -Sn 64
	run stop 'live-many-*'
	expect_success
	((SECONDS - begin < 60))
	# What waited for all of them has nothing left to do.
	ended "$pid"
	expect_equal "$status" 0
	until_true eval '! group_of live-many >/dev/null'
}

live scopes_are_stopped_with_their_units alice +native 120s
scopes_are_stopped_with_their_units() {
	local i pids=()
	for i in {1..8}; do
		cgscope --exec --name "live-many-$i" -- sleep 1000 2>/dev/null &
		pids+=($!)
	done
	until_true 60 eval '[[ $(cgscope list --no-headings --output name | grep -c "^live-many-") -eq 8 ]]'
	run stop 'live-many-*'
	expect_success
	for i in "${pids[@]}"; do
		ended "$i"
		expect_equal "$status" 143
	done
	[[ -z $(units --user 'live-many-*') ]]
}

# A scope of that name that has failed, as one of ours would whose manager does not collect it.
fail_scope() {
	systemd-run --user --quiet --scope --unit "$1" -p RuntimeMaxSec=1 -p "Documentation=$2" \
		sleep 1000 2>/dev/null || true
	until_true eval "[[ \$(systemctl --user is-failed $1.scope) == failed ]]"
}

live a_failed_scope_is_cleared alice +native 90s
a_failed_scope_is_cleared() {
	fail_scope live-a 'man:cgscope(1)'
	fail_scope live-other 'man:sleep(1)'
	defer systemctl --user reset-failed live-other.scope
	run stop --failed -v
	expect_status 0
	expect_match err 'live-a.scope: cleared'
	! grep -q live-other err
	[[ -z $(units --user live-a.scope) ]]
	[[ $(systemctl --user is-failed live-other.scope) == failed ]]
	run stop --failed
	expect_success
	# Nor does it block its name.
	fail_scope live-a 'man:cgscope(1)'
	run --name live-a true
	expect_success
	fail_scope live-b 'man:cgscope(1)'
	sleep 1000 &
	run attach -q --name live-b "$!"
	expect_success
	run kill live-b
	expect_success
}

# The processes of a scope and many others come and go, and share a few hundred numbers.
live a_signal_hits_members_only root 120s
a_signal_hits_members_only() {
	local pid storm
	defer sysctl -q "kernel.pid_max=$(</proc/sys/kernel/pid_max)"
	sysctl -q kernel.pid_max=600
	up live-a sh -c 'trap "" USR1; while :; do "$1" 50 >/dev/null; done' sh "$helper/storm"
	pid=$last
	"$helper/storm" 200 >hit &
	storm=$!
	while kill -0 "$storm" 2>/dev/null; do
		run kill --signal USR1 live-a
		expect_success
	done
	wait "$storm" || fail "$(<hit) of them were hit"
	run kill live-a
	expect_success
	ended "$pid"
}

live nested_runs_are_managed_like_scopes alice
nested_runs_are_managed_like_scopes() {
	local pid dir
	up live-a sh -c 'cgscope --name live-in --tasks 50 -- sh -c "while :; do sleep 0.1; done" 2>/dev/null
		echo "inner $?"; sleep 1000'
	pid=$last
	dir=$(group_of live-a)/run/live-in
	until_true grep -q . "$dir/cgroup.procs"
	run list --tree -n -o name,tasks
	expect_success
	expect_match out 'live-a.scope .*'$'\n''.*─ ?live-in '
	run list --json
	expect_match out '"name":"live-in","unit":null,"cgroup":"[^"]*/live-a.scope/run/live-in","parent":"[^"]*/live-a.scope"'
	run set --json live-in --tasks 60
	expect_status 0
	expect_match out '"name":"live-in","unit":null,.*\{"name":"pids.max","property":"TasksMax","before":50,"after":60\}'
	expect_equal "$(<"$dir/pids.max")" 60
	run freeze live-in
	expect_success
	grep -qx 'frozen 1' "$dir/cgroup.events"
	grep -qx 'frozen 0' "$(group_of live-a)/run/cgroup.events"
	run status live-in
	expect_match out 'state: frozen'
	run stop live-in
	expect_success
	until_true has_line live-a.out 'inner 143'
	kill -0 "$pid"
	run stop live-a
	expect_success
	ended "$pid"
}

live another_users_scopes_are_not_ours alice
another_users_scopes_are_not_ours() {
	sudo -n cgscope --system --name live-roots sleep 1000 2>/dev/null >/dev/null &
	defer sudo -n cgscope kill live-roots
	until_true test -d /sys/fs/cgroup/system.slice/live-roots.scope/run
	run stop live-roots
	expect_failure 'no scope of yours has that name'
	run kill live-roots.scope
	expect_failure 'not a scope of yours'
	run set live-roots.scope --tasks 5
	expect_status 1
	run --in live-roots.scope true
	expect_status 125
	run list --no-headings --output name
	! has_line out live-roots.scope
	run stop --all
	expect_success
	[[ -d /sys/fs/cgroup/system.slice/live-roots.scope ]]
}

live set_meets_a_scope_that_is_being_stopped alice
set_meets_a_scope_that_is_being_stopped() {
	local pid stop
	up live-a sh -c 'trap "" TERM; while :; do sleep 0.1; done'
	pid=$last
	cgscope stop --grace 2s live-a &
	stop=$!
	while kill -0 "$stop" 2>/dev/null; do
		run set live-a --tasks 70
		[[ $status -eq 0 ]] || expect_match err 'live-a'
	done
	wait "$stop"
	ended "$pid"
	! group_of live-a
}
