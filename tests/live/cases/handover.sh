# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# What the caller gave is the command's once that runs: cgscope holds none of it, and stands in the
# way of nothing that was meant for the command.


# Runs the command as cgscope's, in both placements: in_both FUNCTION. Nested is inside of a run.
in_both() {
	local function=$1 cgscope
	cgscope='cgscope --backend systemd'
	"$function"
	cgscope='cgscope --backend systemd -- cgscope --backend nested'
	"$function"
}

live a_pipe_that_the_command_closed_has_no_reader alice
a_pipe_that_the_command_closed_has_no_reader() {
	in_both close_a_pipe
}

close_a_pipe() {
	rm -f ready
	# shellcheck disable=SC2086 # words
	(exec sh -c 'echo $$ >writer; exec yes') |
		$cgscope -- sh -c 'exec <&-; echo >ready; exec sleep 1000' &
	pid=$!
	until_true has ready
	until_true is_gone "$(<writer)"
	kill -TERM "$pid"
	wait "$pid" || true
}

live a_reader_sees_the_end_when_the_command_closed_its_output alice
a_reader_sees_the_end_when_the_command_closed_its_output() {
	in_both close_output
}

close_output() {
	rm -f pipe seen
	mkfifo pipe
	(cat <pipe >/dev/null && echo >seen) &
	# shellcheck disable=SC2086 # words
	$cgscope -- sh -c 'exec >&-; exec sleep 1000' >pipe 2>err &
	pid=$!
	until_true has seen
	kill -TERM "$pid"
	wait "$pid" || true
}

live a_lock_on_a_descriptor_ends_with_the_command_s_use_of_it alice
a_lock_on_a_descriptor_ends_with_the_command_s_use_of_it() {
	in_both let_go_of_a_lock
}

let_go_of_a_lock() {
	rm -f ready lock
	exec 6>lock
	flock 6
	# shellcheck disable=SC2086 # words
	$cgscope -- sh -c 'exec 6>&-; echo >ready; exec sleep 1000' 2>err &
	pid=$!
	exec 6>&-
	until_true has ready
	until_true flock -n lock true
	kill -TERM "$pid"
	wait "$pid" || true
}

live a_record_on_a_descriptor_is_written_all_the_same alice
a_record_on_a_descriptor_is_written_all_the_same() {
	cgscope --record - true >out
	expect_match out '"verdict": ?"ok"'
	cgscope --record /dev/fd/6 true 6>out2
	expect_match out2 '"verdict": ?"ok"'
}

# A session of its own with cgscope as its leader, as by "ssh -t"; its terminal is closed.
hang_up='
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while not os.path.exists("ready"):
    time.sleep(0.05)
os.close(terminal)
status = os.waitpid(pid, 0)[1]
print("signal" if os.WIFSIGNALED(status) else "exit", status & 127 or status >> 8)
'

live the_hangup_of_a_terminal_ends_the_command alice
the_hangup_of_a_terminal_ends_the_command() {
	in_both lose_a_terminal
}

lose_a_terminal() {
	rm -f ready
	# shellcheck disable=SC2086 # words
	python3 -c "$hang_up" $cgscope -- sh -c 'echo $$ >ready; exec sleep 1000' >out 2>err
	expect_lines out 'signal 1'
	until_true is_gone "$(<ready)"
}

live a_hangup_can_be_handled_by_the_command alice
a_hangup_can_be_handled_by_the_command() {
	python3 -c "$hang_up" cgscope sh -c 'trap "exit 3" HUP; echo $$ >ready
		while :; do sleep 0.1; done' >out 2>err
	expect_lines out 'exit 3'
}

live every_signal_that_can_be_caught_is_passed_on alice root
every_signal_that_can_be_caught_is_passed_on() {
	local name names=(HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM STKFLT
		URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMIN+1 RTMAX-1 RTMAX)
	start python3 -c 'import signal, sys
log = open("log", "w", buffering=1)
caught = set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGCONT}
for number in caught | set(range(signal.SIGRTMIN, signal.SIGRTMAX + 1)):
    signal.signal(number, lambda number, frame: print(number, file=log))
print("ready", file=log)
while True:
    signal.pause()'
	defer kill -KILL "$pid"
	until_true has_line log ready
	for name in "${names[@]}"; do
		kill -s "$name" "$pid"
		until_true has_line log "$(kill -l "$name")"
	done
	expect_equal "$(wc -l <log)" $((${#names[@]} + 1)) "signals seen"
}

live an_alarm_that_was_set_before_is_the_command_s alice
an_alarm_that_was_set_before_is_the_command_s() {
	wait_status perl -e 'alarm 1; exec @ARGV' cgscope sleep 1000 >out 2>err
	expect_lines out 'signal 14'
	expect_lines err
}

live a_socket_that_was_passed_is_the_command_s alice
a_socket_that_was_passed_is_the_command_s() {
	in_both pass_a_socket
}

pass_a_socket() {
	rm -f out
	# shellcheck disable=SC2086 # words
	systemd-socket-activate -l "$PWD/socket" $cgscope -- \
		sh -c 'echo "$LISTEN_FDS $LISTEN_PID $$" >out' 2>err &
	pid=$!
	until_true test -S socket
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("socket")'
	until_true has out
	wait "$pid"
	read -r fds listen own <out
	expect_equal "$fds" 1
	expect_equal "$listen" "$own" "LISTEN_PID"
	rm -f socket
}

live variables_for_somebody_else_stay_as_they_are alice
variables_for_somebody_else_stay_as_they_are() {
	LISTEN_PID=1 WATCHDOG_PID=0x5 LISTEN_PIDFDID=7 \
		cgscope sh -c 'echo "$LISTEN_PID $WATCHDOG_PID $LISTEN_PIDFDID"' >out
	expect_lines out '1 0x5 7'
}

live whoever_falls_to_init_is_reaped root
whoever_falls_to_init_is_reaped() {
	# Before 255 a manager is told of processes by numbers, which are others in there.
	unshare --pid --fork --mount-proc cgscope true 2>err ||
		skip "this manager makes no scope for a PID namespace"
	unshare --pid --fork --mount-proc cgscope sh -c '
		i=0
		while [ $i -lt 40 ]; do
			sh -c "sleep 0.05 &"
			i=$((i + 1))
		done
		sleep 1
		grep -l "^State:.Z" /proc/[0-9]*/status | wc -l' >out 2>err
	read -r n <out
	((n <= 2)) || fail "$n zombies"
}

# A command that notes each signal with its number, in the file log.
notes_signals='import os, signal
log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
for number in (1, 2, 3, 10, 12, 15, signal.SIGRTMIN):
    signal.signal(number, lambda number, frame: os.write(log, b"%d\n" % number))
os.write(log, b"ready\n")
while True:
    signal.pause()'

live a_signal_to_the_process_group_arrives_once alice root
a_signal_to_the_process_group_arrives_once() {
	in_both signal_the_group
}

signal_the_group() {
	local name
	rm -f log
	# shellcheck disable=SC2086 # words
	setsid --fork sh -c 'echo $$ >leader; exec "$@"' sh \
		$cgscope -- python3 -c "$notes_signals" 2>err
	until_true has_line log ready
	defer pkill -KILL -g "$(<leader)"
	# cgscope looks for whom it stands beside when it has settled down.
	until_true has_a_witness "$(<leader)"
	for name in TERM HUP USR1 RTMIN TERM; do
		kill -s "$name" -- "-$(<leader)"
		until_true has_line log "$(kill -l "$name")"
		nap 0.2
	done
	expect_lines log ready 15 1 10 34 15
	kill -KILL "$(<leader)"
}

# One for each cgscope that leads the process or is in between.
has_a_witness() {
	[[ $(pgrep -c -g "$1" -x cg-signals) -eq $(pgrep -c -g "$1" -x cgscope) ]]
}

live a_signal_by_the_name_of_cgscope_is_for_the_command_too alice
a_signal_by_the_name_of_cgscope_is_for_the_command_too() {
	local name
	setsid --fork sh -c 'echo $$ >leader; exec "$@"' sh \
		cgscope python3 -c "$notes_signals" marked 2>err
	until_true has_line log ready
	defer kill -KILL "$(<leader)"
	until_true has_a_witness "$(<leader)"
	pkill -TERM -f '^cgscope .* marked$'
	until_true has_line log 15
	pkill -USR1 -g "$(<leader)" -x cgscope
	until_true has_line log 10
}

live the_stop_of_a_service_reaches_its_command_once alice
the_stop_of_a_service_reaches_its_command_once() {
	local mode
	for mode in control-group mixed; do
		rm -f log
		systemd-run --user --quiet --unit live-stop -p Delegate=yes -p KillMode="$mode" \
			-p TimeoutStopSec=2 --working-directory "$PWD" \
			cgscope python3 -c "$notes_signals"
		until_true has_line log ready
		nap 1
		systemctl --user stop live-stop || true
		systemctl --user reset-failed live-stop || true
		expect_lines log ready 15
	done
}

live a_command_that_moves_away_is_told alice root +native
a_command_that_moves_away_is_told() {
	local manager=() placement away
	[[ $user == root ]] || manager=(--user)
	for placement in 'cgscope --backend auto' 'cgscope --backend systemd -- cgscope'; do
		# A name a time: systemd forgets a scope some time after its last process ended.
		away=live-away-${#placement}.scope
		# shellcheck disable=SC2086 # words
		$placement --record record \
			systemd-run "${manager[@]}" --scope --quiet --unit "$away" true 2>err
		expect_match err "^cgscope: the command moved to /.*/$away, where the"
		expect_match record "\"the command ended in /[^\"]*/$away, where these"
		expect_match record "\"left_for\": ?\"/[^\"]*/$away\""
	done
	run cgscope true
	expect_success
}
