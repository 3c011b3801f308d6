# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# monitor: events of real cgroups, hooks, metrics, the service, and bad weather.

# up [CGSCOPE-OPTION...] -- COMMAND...: the scope live-a in the background, until the command runs.
# $up_pid.
up() {
	"${launcher[@]}" cgscope --name live-a "$@" >up.out 2>up.err </dev/null &
	up_pid=$!
	defer kill_up "$up_pid"
	until_true 30 grep -q . "$(group_of)/run/cgroup.procs"
}

kill_up() {
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# The directory of the scope live-a, once it is there.
group_of() {
	local dir
	for dir in /sys/fs/cgroup/user.slice/user-"$UID".slice/user@"$UID".service/app.slice \
		/sys/fs/cgroup/system.slice; do
		[[ ! -d $dir ]] || break
	done
	[[ $UID -ne 0 ]] || dir=/sys/fs/cgroup/system.slice
	until_true 30 test -d "$dir/live-a.scope/run"
	echo "$dir/live-a.scope"
}

# Starts monitor in the background, until it watches: its ready line is the first sample, or the
# trace of its waiting.
watch() {
	start monitor "$@"
	until_true waits_in_poll "$pid"
}

# read, since a file that cannot be read ends the shell where bash 5.2 expands $(<FILE).
waits_in_poll() {
	local wchan='' syscall=''
	read -r wchan <"/proc/$1/wchan" || true
	read -r syscall <"/proc/$1/syscall" || true
	[[ $wchan == *poll* || $syscall == 7\ * ]]
}

# As a command: refuses itself forks when the file go is there.
forks='
	until (-e "go") { select undef, undef, undef, 0.05 }
	for (1 .. 8) { my $p = fork; if (defined $p && !$p) { sleep 1000 } }
	sleep 1000'
# What perl can compute it computes when it compiles, so the size is a variable.
eats='
	until (-e "go") { select undef, undef, undef, 0.05 }
	my $size = 200 << 20;
	my $p = fork; if (!$p) { my $x = "x" x $size; sleep 1000 }
	sleep 1000'

# event FILE N EXPRESSION...: holds for the Nth object of FILE, of which python sees the keys.
event() {
	python3 -IS - "$@" <<-'END'
	import json, sys
	line = open(sys.argv[1]).read().splitlines()[int(sys.argv[2]) - 1]
	for expression in sys.argv[3:]:
	    if not eval(expression, json.loads(line)):
	        sys.exit("not so: " + expression + ": " + line)
	END
}

# ---- events ----

live refused_forks_are_told alice
refused_forks_are_told() {
	up -t 3 -- perl -e "$forks"
	watch --json --until refused live-a
	touch go
	finish
	expect_success
	event out 1 'schema == 1' 'event == "refused"' 'target == "live-a"' 'value >= 1' \
		'limit == 3' 'blame["file"] == "pids.max"' 'blame["limit"] == 3' 'blame["own"]' \
		'cgroup.endswith("/live-a.scope/run")'
}

live oom_kills_are_told alice root
oom_kills_are_told() {
	up -m 40M -- perl -e "$eats"
	watch --until oom live-a
	touch go
	finish
	expect_success
	expect_match out ' oom       live-a: 1 process killed by the OOM killer: memory.max 40M of this cgroup'
}

live thresholds_are_told_once alice +once
thresholds_are_told_once() {
	up -t 20 -- perl -e "$forks"
	watch --json --warn-at tasks:30% --until tasks live-a
	touch go
	finish
	expect_success
	event out 1 'event == "tasks"' 'value >= 6' 'limit == 20' 'threshold == "tasks:30%"' \
		'blame["own"]'
	run monitor --json --warn-at tasks:30% --timeout 1500ms live-a
	expect_status 124
	expect_equal "$(grep -c '"event":"tasks"' out)" 1
}

live a_threshold_where_no_limit_is_blames_none alice
a_threshold_where_no_limit_is_blames_none() {
	# A user's own manager may have one of that name too, once podman has run.
	run monitor --system --json --warn-at tasks:1 --until tasks user.slice
	expect_success
	event out 1 'event == "tasks"' 'value >= 1' 'limit is None' 'blame is None'
}

live the_end_of_a_scope_is_told_and_ends_it alice +native
the_end_of_a_scope_is_told_and_ends_it() {
	up -- sleep 1000
	watch --json live-a
	kill "$up_pid"
	finish
	expect_success
	grep -q '"event":"empty"' out || fail "$(<out)"
	grep -q '"event":"gone"' out || fail "$(<out)"
}

# Neither in the monitor nor in the kernel, which keeps what is watched.
live of_scopes_that_have_ended_nothing_is_kept alice +once +native
of_scopes_that_have_ended_nothing_is_kept() {
	local i n before monitor pids
	cgscope monitor --all --json >events 2>err &
	monitor=$!
	defer kill "$monitor"
	until_true waits_in_poll "$monitor"
	for n in 1 10; do
		pids=()
		for ((i = 0; i < n; i++)); do
			cgscope --backend systemd -q --name "live-of-$n-$i" sleep 2 &
			pids+=($!)
		done
		wait "${pids[@]}"
		until_true gone_of "live-of-$n-" "$n"
		((n > 1)) || before=$(count_watches "$monitor")
	done
	until_true eval "[[ \$(count_watches $monitor) -le $before ]]"
}

gone_of() {
	[[ $(grep '"event":"gone"' events | grep -c "\"$1") -ge $2 ]]
}

count_watches() {
	cat "/proc/$1/fdinfo/"* | grep -c '^inotify'
}

live freezing_is_told alice +native
freezing_is_told() {
	up -- sleep 1000
	watch --json --until frozen live-a
	cgscope freeze live-a
	finish
	expect_success
	event out 1 'event == "frozen"'
	cgscope thaw live-a
}

live end_without_the_event_is_1 alice +once +native
end_without_the_event_is_1() {
	up -- sleep 1000
	watch --until oom live-a
	kill "$up_pid"
	finish
	expect_status 1
	expect_match err "^cgscope: [^"$'\n'"]*ended without the event 'oom'\$"
}

live timeout_is_124 alice +once +native
timeout_is_124() {
	run monitor --timeout 300ms
	expect_status 124
	expect_lines out
	expect_lines err
}

live samples_are_of_its_own_cgroup_without_a_target alice
samples_are_of_its_own_cgroup_without_a_target() {
	local own
	own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	run monitor --json --interval 50ms --count 3
	expect_success
	expect_equal "$(wc -l <out)" 3
	event out 3 'event == "sample"' "cgroup == '$own'" 'tasks["current"] > 0' \
		'memory["current_bytes"] > 0' 'value is None'
}

live samples_of_several_targets_come_together alice +once
samples_of_several_targets_come_together() {
	run monitor --json --interval 50ms --count 4 user.slice system.slice --uid alice
	expect_success
	expect_equal "$(wc -l <out)" 12
	expect_equal "$(grep -c '"cgroup":"/user.slice/user-1000.slice"' out)" 4
}

live output_is_as_the_schema_says alice +once
output_is_as_the_schema_says() {
	local top=${helper%/live/*} schema
	schema=${top%/tests}/docs/monitor.schema.json
	up -t 3 -- perl -e "$forks"
	watch --json --interval 50ms --warn-at tasks:50% --timeout 2s live-a
	touch go
	finish
	expect_status 124
	grep -q '"event":"refused"' out
	grep -q '"event":"sample"' out
	grep -q '"event":"tasks"' out
	"$top/cli/validate" "$schema" <out || fail "$(<out)"
}

# ---- what is watched ----

live target_that_is_not_there_is_1 alice +once +native
target_that_is_not_there_is_1() {
	local target
	for target in live-nonesuch.scope 999999999 /sys/fs/cgroup/live-nonesuch; do
		run monitor --timeout 10s "$target"
		expect_status 1
		expect_lines out
		expect_match err '^cgscope: '
	done
}

live other_users_units_can_be_watched alice
other_users_units_can_be_watched() {
	run monitor --json --interval 50ms --count 1 --warn-at tasks:99% \
		--warn-at pressure:memory:some:90%/2s ssh.service user-1001.slice user.slice
	[[ $status -eq 0 ]] || run monitor --json --interval 50ms --count 1 --warn-at tasks:99% \
		--warn-at pressure:memory:some:90%/2s ssh.service user.slice
	expect_success
	event out 1 'event == "sample"'
}

# The one that is there and the one that comes.
live all_are_the_scopes_of_cgscope alice root
all_are_the_scopes_of_cgscope() {
	up -t 3 -- perl -e "$forks"
	watch --json --all
	"${launcher[@]}" cgscope --name live-b -m 40M -- perl -e "$eats" >b.out 2>b.err </dev/null &
	defer kill_up $!
	touch go
	until_true grep -q '"event":"refused","target":"live-a[^"]*"' out
	until_true grep -q '"event":"oom","target":"live-b[^"]*"' out
	kill "$pid"
	finish
	expect_success
}

# service NAME COMMAND: a unit of the caller's manager that is gone with the case.
service() {
	local options=(--quiet --unit "$1" -p Restart=on-failure -p RestartSec=100ms -p StartLimitBurst=2)
	[[ $UID -eq 0 ]] || options+=(--user)
	systemd-run "${options[@]}" sh -c "$2"
	defer unit reset-failed "$1"
	defer unit stop "$1"
}

live failures_of_any_service_are_told alice root +native
failures_of_any_service_are_told() {
	watch --json --until failed 'live-f@*.service'
	service live-f@1.service "echo 'no such table'; sleep 2; exit 3"
	finish
	expect_success
	tail -n 1 out >failed
	event failed 1 'event == "failed"' 'target == "live-f@1.service"' 'result == "exit-code"' \
		'status == 3' 'signal is None' '"no such table" in log'
}

# What explain knows of it, in the line, the object and the hook's variables.
live failures_are_explained alice root +native
failures_are_explained() {
	local options=(-q --unit=live-f@2.service -p Type=exec)
	[[ $UID -eq 0 ]] || options+=(--user)
	defer unit reset-failed live-f@2.service
	for format in --json --timeout=100s; do
		watch "$format" --until failed --hook 'env | grep ^CGSCOPE_ >variables' \
			'live-f@*.service'
		printf '#!/no/such/interpreter\n' >program
		chmod 755 program
		! systemd-run "${options[@]}" "$PWD/program" || fail "it ran"
		finish
		expect_success
		unit reset-failed live-f@2.service
		if [[ $format == --json ]]; then
			tail -n 1 out >failed
			event failed 1 'event == "failed"' 'cause == "exec-interpreter"' \
				'certainty == "certain"' '"no/such/interpreter" in reason'
		else
			expect_match out 'failed .*live-f@2.service: .*interpreter /no/such/interp'
		fi
		until_true grep -qx CGSCOPE_CAUSE=exec-interpreter variables
		grep -q '^CGSCOPE_REASON=.*no/such/interpreter' variables
	done
}

live a_service_is_followed_over_restarts alice root +native
a_service_is_followed_over_restarts() {
	service live-r.service 'sleep 1000'
	watch --json --interval 100ms live-r.service
	until_true has out
	unit restart live-r.service
	# From now on it is the new one's.
	until_true grep -q '"event":"gone"' out
	until_true eval 'tail -n 1 out | grep -q "\"event\":\"sample\""'
	unit kill --signal KILL live-r.service
	until_true grep -q '"event":"failed"' out
	kill "$pid"
	finish
	expect_success
}

# ---- hooks ----

live hooks_get_the_event alice +once
hooks_get_the_event() {
	up -t 3 -- perl -e "$forks"
	watch --until refused --hook 'cat >json; env | grep ^CGSCOPE_ >variables; echo done; ulimit -n' live-a
	touch go
	finish
	expect_status 0
	event json 1 'event == "refused"' 'limit == 3'
	grep -qx 'CGSCOPE_EVENT=refused' variables
	grep -qx 'CGSCOPE_TARGET=live-a' variables
	grep -qx 'CGSCOPE_LIMIT=3' variables
	grep -qx 'CGSCOPE_CGROUP=/.*/live-a.scope/run' variables
	expect_lines err "cgscope: hook: done" "cgscope: hook: $(ulimit -n)"
}

live a_hook_that_hangs_is_ended_with_all_below alice +once +native
a_hook_that_hangs_is_ended_with_all_below() {
	run monitor --interval 50ms --count 1 --hook-timeout 1s \
		--hook 'setsid sh -c "sleep 1001 & sleep 1002 & echo \$! >b; exit" & sleep 1003' user.slice
	expect_status 0
	expect_match err "^cgscope: hook: '[^"$'\n'"]*' was killed after 1s, for sample of user.slice\$"
	! pgrep -u alice -x sleep -a | grep -E 'sleep 100[123]' || fail "it is still there"
}

live failing_hooks_are_counted alice +once +native
failing_hooks_are_counted() {
	run monitor --interval 50ms --count 5 --hook 'exit 3' user.slice
	expect_status 0
	expect_match err "^cgscope: hook: 'exit 3' exited with status 3, for sample of user.slice
cgscope: hook: 4 failed, the last one: 'exit 3' exited with status 3, for sample of user.slice\$"
}

live a_flood_of_events_is_counted alice +once
a_flood_of_events_is_counted() {
	run monitor --json --interval 1ms --count 300 --hook-timeout 3s --hook 'sleep 0.05' \
		--openmetrics counts user.slice system.slice
	expect_status 0
	expect_equal "$(wc -l <out)" 600
	grep -q '^cgscope_monitor_hooks_total{result="dropped"} [1-9]' counts
	expect_equal "$(awk '/^cgscope_monitor_hooks_total/ { n += $2 } END { print n }' counts)" 600 hooks
	expect_match err 'cgscope: hook: not run for [0-9]+ events: too many were waiting'
}

# Three tasks are all there may be: sh, monitor, and perl, whose fork is refused. The hook is the
# fourth until perl ends.
live a_hook_waits_for_a_task alice +once
a_hook_waits_for_a_task() {
	run -t 3 -- sh -c 'perl -e "select undef, undef, undef, 3; fork; select undef, undef, undef, 3" &
		cgscope monitor --until refused --timeout 20s --hook "echo ran >ran"; true'
	has_line ran ran || fail "$(<err)"
}

# ---- metrics ----

# Whether the file is right by the reference parsers, where there is one.
check_metrics() {
	grep -qxF '# EOF' "$1"
	if command -v promtool >/dev/null; then
		promtool check metrics <"$1"
	fi
	if python3 -c 'import prometheus_client' 2>/dev/null; then
		python3 - "$1" <<-'END'
		import sys
		from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
		from prometheus_client.parser import text_string_to_metric_families as prometheus
		text = open(sys.argv[1]).read()
		assert list(openmetrics(text)) and list(prometheus(text))
		END
	fi
}

live metrics_are_kept_in_a_file alice +once
metrics_are_kept_in_a_file() {
	up -t 3 -- perl -e "$forks"
	watch --interval 100ms --openmetrics cgscope.prom --until refused live-a
	touch go
	finish
	expect_status 0
	check_metrics cgscope.prom
	grep -q '^cgscope_tasks_limit{target="live-a",cgroup="/.*/live-a.scope/run"} 3$' cgscope.prom
	grep -q '^cgscope_events_total{target="live-a",.*,event="refused"} 1$' cgscope.prom
	grep -q '^cgscope_monitor_lost_events_total 0$' cgscope.prom
	expect_equal "$(find . -name '.cgscope*')" ''
}

live a_full_disk_is_told_and_goes_by root +once +native
a_full_disk_is_told_and_goes_by() {
	mkdir disk
	mount -t tmpfs -o size=64k none disk
	defer umount disk
	start monitor --interval 300ms --openmetrics disk/cgscope.prom user.slice
	defer kill_up "$pid"
	until_true has disk/cgscope.prom
	head -c 100000 /dev/zero >disk/full || true
	until_true grep -q 'cannot write the metrics: disk/cgscope.prom: No space left on device' err
	check_metrics disk/cgscope.prom
	nap 2
	rm disk/full
	until_true grep -q '^cgscope: the metrics are written again: disk/cgscope.prom' err
	expect_equal "$(grep -c 'No space' err)" 1
	until_true grep -Eq '^cgscope_monitor_write_failures_total [1-9]' disk/cgscope.prom
	kill "$pid"
	finish
	expect_status 0
}

# ---- signals and streams ----

live signals_end_it_cleanly alice +once +native
signals_end_it_cleanly() {
	local signal
	for signal in TERM INT HUP; do
		# bash has background processes ignore SIGINT.
		launcher=(env --default-signal)
		watch user.slice
		kill "-$signal" "$pid"
		finish
		expect_success
	done
	watch --until oom user.slice
	kill "$pid"
	finish
	expect_status 1
}

live reader_that_goes_away_ends_it alice +once +native
reader_that_goes_away_ends_it() {
	status=0
	{ cgscope monitor --interval 50ms user.slice 2>err || echo "$?" >status; } | head -n 1 >out
	expect_equal "$(cat status)" 1
	expect_match err 'cannot write to the standard output: Broken pipe'
	# No event is needed for that.
	{ cgscope monitor user.slice 2>err || echo "$?" >status; } | true
	expect_equal "$(cat status)" 1
}

live closed_or_full_output_is_1 alice +once +native
closed_or_full_output_is_1() {
	status=0
	cgscope monitor --interval 50ms --count 1 >&- 2>err || status=$?
	expect_status 1
	expect_match err 'cannot write to the standard output: Bad file descriptor'
	status=0
	cgscope monitor --interval 50ms --count 1 >/dev/full 2>err || status=$?
	expect_status 1
}

# A pipe that nobody reads is full after 64 KiB; 4 MiB more wait.
live a_reader_that_stops_stops_nothing alice +once +native 120s
a_reader_that_stops_stops_nothing() {
	mkfifo pipe
	exec 5<>pipe
	cgscope monitor --json --interval 1ms --hook 'echo >>ran' --hook-timeout 1s \
		user.slice system.slice / init.scope >pipe 2>err &
	pid=$!
	until_true 100 grep -q 'not printed: the reader' err
	rm -f ran
	until_true has ran
	kill "$pid"
	finish
	expect_status 1
	expect_match err 'cannot write to the standard output: Connection timed out'
	exec 5>&-
}

live setting_the_clock_changes_nothing root +once
setting_the_clock_changes_nothing() {
	local before after
	before=$(awk '{ print int($1) }' /proc/uptime)
	start monitor --interval 500ms --timeout 4s user.slice
	until_true has out
	date -s '+1 hour' >clock
	defer date -s '-1 hour'
	nap 1
	date -s '-2 hours' >>clock
	defer date -s '+2 hours'
	finish
	after=$(awk '{ print int($1) }' /proc/uptime)
	expect_status 124
	[[ $((after - before)) -ge 3 && $((after - before)) -le 20 ]] || fail "$((after - before)) s"
	[[ $(wc -l <out) -ge 4 && $(wc -l <out) -le 9 ]] || fail "$(<out)"
}

live nothing_wakes_up_between_events alice +once +native
nothing_wakes_up_between_events() {
	local before
	strace -f -o trace cgscope monitor user.slice >out 2>err &
	pid=$!
	until_true grep -q 'poll(\[.*-1 <unfinished\|poll(\[.*-1$\|poll(\[.*, -1' trace
	nap 1
	before=$(wc -l <trace)
	nap 3
	expect_equal "$(wc -l <trace)" "$before" "system calls"
	kill "$pid"
	pkill -P "$pid" || true
	wait "$pid" || true
}

# ---- the service ----

# unit VERB...: systemctl for the user's own manager, or the system's.
unit() {
	if [[ $UID -eq 0 ]]; then
		systemctl "$@"
	else
		systemctl --user "$@"
	fi
}

# monitored INSTANCE LINE...: starts the service with that in its file.
monitored() {
	local etc=/etc/cgscope/monitor
	[[ $UID -eq 0 ]] || etc=$HOME/.config/cgscope/monitor
	service=cgscope-monitor@$1.service
	mkdir -p "$etc"
	printf '%s\n' "${@:2}" >"$etc/$1.conf"
	defer rm "$etc/$1.conf"
	defer unit stop "$service"
	unit start "$service"
}

property() {
	unit show --value -p "$1" "$service"
}

live it_is_a_service_that_is_ready_and_ends_well alice root +native
it_is_a_service_that_is_ready_and_ends_well() {
	monitored live 'TARGETS=user.slice' 'OPTIONS=--interval 500ms'
	expect_equal "$(property ActiveState)" active
	expect_equal "$(property Type)" notify
	unit stop "$service"
	expect_equal "$(property ActiveState) $(property Result) $(property ExecMainStatus)" \
		"inactive success 0"
}

live the_watchdog_is_answered alice +native
the_watchdog_is_answered() {
	local dir=$HOME/.config/systemd/user/cgscope-monitor@live.service.d
	mkdir -p "$dir"
	defer unit daemon-reload
	defer rm -r "$dir"
	printf '[Service]\nWatchdogSec=2s\n' >"$dir/live.conf"
	unit daemon-reload
	monitored live 'TARGETS=user.slice'
	nap 5
	expect_equal "$(property ActiveState) $(property NRestarts)" "active 0"
	kill -STOP "$(property MainPID)"
	until_true 30 eval '[[ $(property NRestarts) -ge 1 || $(property Result) == watchdog ]]'
}

live events_are_in_the_journal_with_fields alice root
events_are_in_the_journal_with_fields() {
	local since journal=(journalctl --quiet --no-pager)
	[[ $UID -eq 0 ]] || journal+=(--user)
	since=$(date +%s)
	up -t 3 -- perl -e "$forks"
	monitored live 'TARGETS=live-a.scope'
	touch go
	until_true eval '"${journal[@]}" --since=@$since CGSCOPE_EVENT=refused -o json >entries; has entries'
	event entries 1 'CGSCOPE_UNIT == "live-a.scope"' 'CGSCOPE_LIMIT == "3"' 'PRIORITY == "3"' \
		'CGSCOPE_LIMIT_FILE == "pids.max"' 'MESSAGE.startswith("refused live-a.scope: ")' \
		'int(CGSCOPE_VALUE) > 0' 'CGSCOPE_CGROUP.endswith("/live-a.scope/run")'
	"${journal[@]}" --since="@$since" --unit live-a.scope >unit-journal
	grep -q 'refused: pids.max 3' unit-journal || fail "$(<unit-journal)"
}

live it_follows_its_target_over_a_reexec_and_restarts alice root +native
it_follows_its_target_over_a_reexec_and_restarts() {
	local since journal=(journalctl --quiet --no-pager)
	[[ $UID -eq 0 ]] || journal+=(--user)
	since=$(date +%s)
	service live-t.service 'sleep 1000'
	# The name of the instance is the target.
	monitored live-t.service
	unit daemon-reexec
	unit restart live-t.service
	unit kill --signal KILL live-t.service
	until_true eval '"${journal[@]}" --since=@$since CGSCOPE_EVENT=failed -o json >entries; has entries'
	event entries 1 'CGSCOPE_UNIT == "live-t.service"' 'CGSCOPE_RESULT == "signal"' 'PRIORITY == "3"'
	expect_equal "$(property ActiveState) $(property NRestarts)" "active 0"
}
