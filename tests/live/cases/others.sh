# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Root among other users: their links, files, marks, locks and threads are not believed.

# ---- files ----

# Where everybody may make names; alice's there are removed.
everybodys() {
	place=$(mktemp -d /tmp/live-XXXXXX)
	chmod 1777 "$place"
	defer rm -rf "$place"
}

# expect_untouched NAME WHY: neither a record nor a line of one nor metrics is written there.
expect_untouched() {
	run --record "$1" "${some_limit[@]}" touch ran
	expect_refused "cannot write the record: $1: $2"
	run --record "$1" --append "${some_limit[@]}" touch ran
	expect_refused "cannot write the record: $1: $2"
	status=0
	args="monitor --openmetrics $1"
	cgscope monitor --openmetrics "$1" --timeout 1s user.slice >out 2>err || status=$?
	[[ $status -ne 0 && $status -ne 124 ]] || fail "'$args': status $status"
	expect_match err "cannot write the metrics: $1: $2"
	[[ ! -e ran ]] || fail "'$args': the command was run"
}

live nothing_is_written_where_another_user_points root +native
nothing_is_written_where_another_user_points() {
	local place
	everybodys
	echo secret >secret
	chmod 600 secret
	as alice ln -s "$PWD/secret" "$place/link"
	as alice ln -s "$PWD" "$place/way"
	as alice ln -s "$PWD/secret" "$place/way2"
	as alice touch "$place/theirs"
	as alice mkfifo "$place/fifo"
	as alice ln -sf "$PWD/secret" /home/alice/live-link
	defer rm -f /home/alice/live-link
	ln "$PWD/secret" "$place/hard" 2>/dev/null || cp secret "$place/hard"
	expect_untouched "$place/link" 'a link of another user \(uid 1000\) in a directory for all is not followed'
	expect_untouched "$place/way/new" 'a link of another user'
	expect_untouched "$place/theirs" 'it belongs to another user \(uid 1000\), in a directory for all'
	expect_untouched "$place/fifo" 'it belongs to another user'
	expect_untouched /home/alice/live-link 'a link of another user \(uid 1000\) is not followed'
	expect_equal "$(<secret) $(stat -c '%a %u' secret)" 'secret 600 0' 'the file behind the links'
	# His own, and root's, lead where they should.
	ln -s "$PWD/mine" "$place/mine"
	run --record "$place/mine" "${some_limit[@]}" true
	expect_success
	has mine
	run --record "$place/new" "${some_limit[@]}" true
	expect_success
	has "$place/new"
}

live an_ordinary_user_is_as_safe_as_with_the_shell alice +once +native
an_ordinary_user_is_as_safe_as_with_the_shell() {
	local place
	everybodys
	sudo -n ln -s "$PWD/own" "$place/link"
	sudo -n chown -h 1001 "$place/link"
	run --record "$place/link" "${some_limit[@]}" touch ran
	expect_refused 'a link of another user \(uid 1001\) in a directory for all is not followed'
	[[ ! -e own && ! -e ran ]]
	ln -s "$PWD/own" "$place/mine"
	run --record "$place/mine" "${some_limit[@]}" true
	expect_success
	has own
}

# compare and fit are told of before their first run.
live no_output_of_compare_is_written_where_another_user_points root +native +once
no_output_of_compare_is_written_where_another_user_points() {
	local place option
	everybodys
	echo secret >secret
	as alice ln -s "$PWD/secret" "$place/link.json"
	as alice mkfifo "$place/fifo.json"
	for option in --output --records --export; do
		run compare -w 0 -n 1 "$option" "$place/link.json" --vs -- touch ran
		expect_status 1
		expect_match err "$place/link.json: a link of another user"
		run compare -w 0 -n 1 "$option" "$place/fifo.json" --vs -- touch ran
		expect_status 1
		expect_match err "$place/fifo.json: it belongs to another user"
	done
	run --timeline "$place/link.json" "${some_limit[@]}" touch ran
	expect_refused "cannot write the timeline: $place/link.json: a link of another user"
	run trace --output "$place/link.json" "${some_limit[@]}" touch ran
	expect_refused "cannot write the trace: $place/link.json: a link of another user"
	[[ ! -e ran ]]
	expect_equal "$(<secret)" secret 'the file behind the link'
}

# ---- names ----

# What is printed of the last run has nothing that a terminal obeys, and is UTF-8.
expect_plain() {
	python3 - out err <<-'END' || fail "'$args': $(cat -v out err)"
		import sys
		for name in sys.argv[1:]:
		    text = open(name, "rb").read().decode()
		    assert all(c in "\n\t" or " " <= c < "\x7f" or c > "\x9f" for c in text)
		    assert "\nFAKE" not in text
	END
}

# No byte that an ordinary user puts into names gets to root's terminal as it is.
live names_of_others_are_shown_and_not_obeyed root +native
names_of_others_are_shown_and_not_obeyed() {
	local name pid words
	local theirs=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice
	name=$'live\e[31m\a\x9b\xc2\x9bx.scope'
	as alice mkdir "$theirs/$name"
	defer until_true rmdir "$theirs/$name"
	as alice python3 -c 'import os, sys
os.setxattr(sys.argv[1], "user.cgscope", b"\x1b[31m\nFAKE")' "$theirs/$name"
	as alice python3 -c 'import ctypes, os, time
ctypes.CDLL(None).prctl(15, b"\x1b]0;x\x07\nFAKE\x9b", 0, 0, 0)
print(os.getpid(), flush=True)
time.sleep(1000)' $'\e[2J\nFAKE\x9b\xc2\x9b' >pid &
	until_true has pid
	pid=$(<pid)
	defer kill -9 "$pid"
	echo "$pid" >"$theirs/$name/cgroup.procs"
	run explain "$pid"
	expect_match err 'x\.scope. has a name that no unit can have'
	for words in 'list user-1000.slice' 'list --json user-1000.slice' "check $pid" \
		"check --json $pid" "explain $pid" "explain --json $pid" "trace $pid"; do
		# shellcheck disable=SC2086
		run $words
		expect_plain
	done
	name=${theirs#/sys/fs/cgroup}/$name
	for words in status 'status --json' check 'check --json' explain 'explain --json' stop \
		kill freeze thaw 'set --tasks 9' 'move --force' 'monitor --timeout 1s' \
		'monitor --json --timeout 1s' 'run --name' 'run --slice' unit list; do
		# shellcheck disable=SC2086
		run $words "$name"
		expect_plain
	done
	run status "$name"
	expect_match out '\\x1b\[31m\\x07\\x9b\\xc2\\x9bx\.scope'
	run -v --in "$name" sh -c 'exit 3'
	expect_plain
	run attach -v "$pid"
	expect_plain
}

# ---- marks ----

live marks_of_another_user_are_not_believed root +native
marks_of_another_user_are_not_believed() {
	local dir=/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/live-theirs.scope
	as alice cgscope --name live-theirs "${some_limit[@]}" sleep 1000 >theirs 2>&1 &
	defer as alice cgscope kill live-theirs
	until_true has_its_command "$dir"
	# As root's shell is that came by su(1) in that user's terminal.
	(
		echo "$BASHPID" >"$dir/run/cgroup.procs"
		exec cgscope run -v "${some_limit[@]}" cat /proc/self/cgroup
	) >out 2>err </dev/null
	expect_match err 'placement: systemd, since live-theirs.scope belongs to another user \(uid 1000\)'
	expect_match out '0::/system.slice/'
	# Who names it means it.
	run --in "${dir#/sys/fs/cgroup}" cat /proc/self/cgroup
	expect_success
	expect_match out '/live-theirs.scope/'
}

# ---- locks ----

# hold USER FILE: he has it open and locked.
hold() {
	as "$1" sh -c 'exec 9<"$1" && flock 9 && echo held && exec sleep 1000' sh "$2" >held &
	defer kill $!
	until_true has_line held held
}

live locks_of_another_user_hold_nobody_up root +native
locks_of_another_user_hold_nobody_up() {
	local base pid
	systemd-run --quiet --unit live-base -p Delegate=yes sleep 1000
	defer systemctl stop live-base.service
	base=/sys/fs/cgroup/system.slice/live-base.service
	hold bob "$base/cgroup.subtree_control"
	hold bob "$base"
	hold bob "$base/cgroup.procs"
	SECONDS=0
	(
		echo "$BASHPID" >"$base/cgroup.procs"
		exec cgscope run -v "${some_limit[@]}" true
	) >out 2>err </dev/null || fail "$(<err)"
	expect_match err 'placement: nested'
	((SECONDS < 8)) || fail "it took $SECONDS s"
	sleep 1000 &
	pid=$!
	defer kill "$pid"
	hold bob "/proc/$pid"
	run attach --name live-held "${some_limit[@]}" "$pid"
	expect_status 0
	expect_equal "$(cgroup_of "$pid")" /system.slice/live-held.scope 'its cgroup'
}

# In a unit that systemd gave to its user cgroup.kill is root's, and every other file can be opened.
live a_lock_that_stays_is_told_of alice +once +native
a_lock_that_stays_is_told_of() {
	local base=/sys/fs/cgroup/system.slice/live-given.service
	sudo -n systemd-run --quiet --unit live-given -p Delegate=yes -p User=alice \
		sh -c 'until [ -e '"$PWD"'/go ]; do sleep 0.1; done
			cgscope true >'"$PWD"'/out 2>'"$PWD"'/err; echo $? >'"$PWD"'/status; exec sleep 1000'
	defer sudo -n systemctl stop live-given.service
	until_true test -e "$base/cgroup.subtree_control"
	# shellcheck disable=SC2024 # the file is the case's own
	sudo -n -u bob sh -c 'exec 9<"$1" && flock 9 && echo held && exec sleep 1000' sh \
		"$base/cgroup.subtree_control" >held &
	defer sudo -n kill $!
	until_true has_line held held
	touch go
	until_true 30 has status
	expect_equal "$(<status)" 125 status
	expect_match err 'another process has had the lock on the cgroup for 10 s'
	expect_match err 'hint: lslocks'
}

# ---- FIFOs ----

# It may be in the home of the service's user, who puts a FIFO there once the service runs.
live no_fifo_of_another_user_is_waited_for root +native +once
no_fifo_of_another_user_is_waited_for() {
	local place
	everybodys
	as alice sh -c 'echo LIVE_WORD=1 >"$1"' sh "$place/environment"
	systemd-run --quiet --unit live-env -p User=alice \
		-p EnvironmentFile="$place/environment" sleep 1000
	defer systemctl stop live-env.service
	as alice sh -c 'rm "$1" && mkfifo "$1"' sh "$place/environment"
	status=0
	timeout 20 cgscope explain --env live-env.service >out 2>err || status=$?
	expect_equal "$status" 0 'the status of explain --env'
}

# ---- threads ----

# Starts a process of two threads, main: $pid, the other: $tid.
threads() {
	python3 -c 'import threading, time
def tell():
    print(threading.get_native_id(), flush=True)
    time.sleep(1000)
threading.Thread(target=tell).start()' >tid &
	pid=$!
	defer kill -9 "$pid"
	until_true has tid
	tid=$(<tid)
}

live a_thread_is_not_taken_for_a_process alice root +native
a_thread_is_not_taken_for_a_process() {
	local pid tid before verb
	threads
	before=$(cgroup_of "$pid")
	run --name live-there "${some_limit[@]}" --leftovers leave -- sh -c 'sleep 1000 >/dev/null 2>&1 & :'
	defer cgscope kill live-there
	for verb in 'attach --force' attach 'move --force live-there'; do
		# shellcheck disable=SC2086
		run $verb "$tid"
		expect_status 1
		expect_match err "$tid.*it is a thread of process $pid"
		expect_match err "hint: name the process: $pid"
	done
	for verb in check explain 'monitor --timeout 1s' status stop kill freeze thaw \
		'set --tasks 9'; do
		# shellcheck disable=SC2086
		run $verb "$tid"
		[[ $status -ne 0 && $status -ne 124 ]] || fail "$verb: status $status"
		expect_match err "it is a thread of process $pid"
	done
	expect_equal "$(cgroup_of "$pid")" "$before" 'its cgroup'
	run check "$pid"
	[[ $status -le 1 ]]
}

# ---- the service ----

live the_monitor_is_in_a_sandbox root +native
the_monitor_is_in_a_sandbox() {
	local service=cgscope-monitor@live.service conf=/etc/cgscope/monitor/live.conf metrics=/var/lib/live-metrics
	systemd-analyze security --no-pager --threshold=40 "$service" >exposure ||
		fail "$(<exposure)"
	mkdir -p "${conf%/*}" "$metrics"
	chown alice "$metrics"
	defer rm -rf "$conf" "$metrics"
	cat >"$conf" <<-'END'
		TARGETS=live-watched.service
		OPTIONS=--openmetrics /var/lib/live-metrics/cgscope.prom --interval 500ms --warn-at pressure:memory:some:50%/2s --hook /var/lib/live-metrics/hook
	END
	cat >"$metrics/hook" <<-'END'
		#!/bin/sh
		cat >>/var/lib/live-metrics/event
		systemctl reset-failed live-watched.service && touch /var/lib/live-metrics/done
	END
	chmod +x "$metrics/hook"
	systemd-run --quiet --unit live-watched sleep 1000
	defer eval 'systemctl stop live-watched.service; systemctl reset-failed live-watched.service || true'
	systemctl start "$service"
	defer systemctl stop "$service"
	until_true has "$metrics/cgscope.prom"
	systemctl kill -s KILL live-watched.service
	until_true test -e "$metrics/done"
	grep -q '"target":"live-watched.service"' "$metrics/event"
	expect_equal "$(systemctl show --value -p ActiveState "$service")" active state
	expect_equal "$(systemctl show --value -p NRestarts "$service")" 0 restarts
}
