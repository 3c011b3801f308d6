# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What cgscope tells at the end of a run: record, summary, verdict, exit status. Runs and figures
# are made up by fake-run.c; $1 of run_fake is the scenario.

run_fake() {
	[[ -x $fake ]] || skip "no fake-cgscope"
	status=0
	FAKE_SCENARIO=$1 "$fake" "${@:2}" >out 2>err </dev/null || status=$?
	args="${*:2}"
}

# The file $1 holds so many records, one a line, as docs/record.schema.json has them.
expect_records() {
	need python3
	[[ $(wc -l <"$1") -eq $2 ]] || fail "'$args': $1 has not $2 lines" "$(head -c 1000 "$1")"
	"$here/validate" "$top/docs/record.schema.json" <"$1" || fail "'$args': $1"
}

# Prints a part of the record in file $1, as "exit.status".
get() {
	python3 - "$@" <<-'END'
		import json, sys
		value = json.loads(open(sys.argv[1], "rb").read())
		for key in sys.argv[2].split("."):
		    value = value[int(key) if key.isdigit() else key]
		print(json.dumps(value))
	END
}

expect_value() {
	[[ $(get "$1" "$2") == "$3" ]] || fail "'$args': $2 is $(get "$1" "$2"), not $3"
}

# There are only these files beside out and err.
expect_files() {
	local files
	files=$(find . -mindepth 1 -maxdepth 1 ! -name out ! -name err -printf "%f\n" | sort | paste -sd ' ')
	[[ $files == "$*" ]] || fail "'$args': left behind: $files"
}

# The record cannot be written, for the reason $1; that is found out before the command runs.
expect_unwritable() {
	expect_status 125
	[[ ! -e ran ]] || fail "'$args': the command ran"
	[[ $(head -n 1 err) == "cgscope: cannot write the record: "*": $1" ]] ||
		fail "'$args': $(<err)"
}

# ---- what is in it ----

test_records_are_as_documented() {
	local scenario
	for scenario in plain bare refused-forks oom tasks time refuse; do
		run_fake "$scenario" --record record --label a=1 --label $'\xff=\n' true
		expect_records record 1
		expect_value record labels.a '"1"'
	done
}

test_record_of_a_command_of_any_bytes() {
	run_fake plain --record record -- true $'\x01\e\n"\\\xff\xc3\xa4' ''
	expect_records record 1
	expect_value record command.1 '"\u0001\u001b\n\"\\\ufffd\u00e4"'
	expect_value record command.2 '""'
}

test_record_of_a_hundred_thousand_arguments() {
	# shellcheck disable=SC2046
	run_fake plain --record record true $(seq 100000)
	expect_status 0
	expect_records record 1
	expect_value record command.100000 '"100000"'
}

test_record_of_an_exit_code() {
	run_fake plain --record record sh -c 'exit 7'
	expect_status 7
	expect_lines err
	expect_value record exit '{"status": 7, "code": 7, "signal": null}'
	expect_value record verdict '"failed"'
}

test_record_of_a_death_by_signal() {
	local name
	for name in TERM KILL PIPE; do
		run_fake plain --record record sh -c "kill -$name \$\$"
		expect_status $((128 + $(kill -l $name)))
		expect_records record 1
		expect_value record exit.signal "\"SIG$name\""
		expect_value record exit.status "$status"
		expect_files record
	done
}

test_record_of_a_run_that_was_refused() {
	run_fake refuse --record record true
	expect_status 125
	expect_records record 1
	expect_value record verdict '"refused"'
	expect_value record exit '{"status": 125, "code": null, "signal": null}'
	expect_value record placement.cgroup null
	expect_files record
}

test_record_of_a_command_that_is_not_there() {
	run_fake plain --record record nonesuch
	expect_status 127
	expect_records record 1
	expect_value record verdict '"exec"'
	expect_value record exit.status 127
	touch plain
	run_fake plain --record - ./plain
	expect_status 126
	expect_records out 1
	expect_value out exit.status 126
	expect_files plain record
}

test_usage_error_has_no_record() {
	run_fake plain --record record --bogus true
	expect_status 125
	run_fake plain --record record --append --mem 512MB true
	expect_status 125
	expect_files
}

# ---- where it goes ----

test_record_replaces_a_file_and_keeps_its_mode() {
	local inode
	echo old >record
	chmod 640 record
	inode=$(stat -c %i record)
	exec 9<record
	run_fake plain --record record true
	expect_records record 1
	[[ $(stat -c %a record) == 640 ]] || fail "mode $(stat -c %a record)"
	[[ $(cat <&9) == old ]] || fail "was written into"
	expect_files record
}

test_record_in_a_new_file_has_the_mode_of_the_umask() {
	(umask 027 && run_fake plain --record record true)
	[[ $(stat -c %a record) == 640 ]] || fail "mode $(stat -c %a record)"
}

test_record_follows_links() {
	mkdir directory
	ln -s directory/b a
	ln -s c directory/b
	run_fake plain --record a true
	expect_records directory/c 1
	[[ -L a && -L directory/b ]] || fail "a link was replaced"
	ln -s loop loop
	run_fake plain --record loop touch ran
	expect_unwritable "Too many levels of symbolic links"
}

test_record_on_stdout_comes_last() {
	run_fake plain --record - echo first
	expect_status 0
	[[ $(head -n 1 out) == first ]] || fail "$(<out)"
	sed -i 1d out
	expect_records out 1
}

test_record_on_a_descriptor() {
	local name
	for name in /dev/fd/5 /proc/self/fd/5; do
		echo before >record
		run_fake plain --record $name true 5>>record
		expect_status 0
		sed -i 1d record
		expect_records record 1
	done
	run_fake plain --record /dev/stdout echo first
	sed -i 1d out
	expect_records out 1
}

test_record_on_pipes() {
	mkfifo fifo
	cat fifo >record &
	run_fake plain --record fifo true
	wait
	expect_records record 1
	FAKE_SCENARIO=plain "$fake" --record - true | cat >record
	expect_records record 1
	FAKE_SCENARIO=plain "$fake" --record >(cat >record; touch written) true
	while [[ ! -e written ]]; do sleep 0.01; done
	expect_records record 1
}

test_append_adds_lines() {
	local i
	echo '{}' >record
	for i in $(seq 20); do
		FAKE_SCENARIO=plain "$fake" --record record --append --label "n=$i" true &
	done
	wait
	sed -i 1d record
	expect_records record 20
	[[ $(grep -o '"n":"[0-9]*"' record | sort -u | wc -l) -eq 20 ]] || fail "$(<record)"
}

test_unwritable_record_is_found_before_the_command_runs() {
	mkdir directory
	run_fake plain --record directory touch ran
	expect_unwritable "Is a directory"
	run_fake plain --record directory --append touch ran
	expect_unwritable "Is a directory"
	run_fake plain --record nowhere/record touch ran
	expect_unwritable "No such file or directory"
	run_fake plain --record '' touch ran
	expect_unwritable "No such file or directory"
	touch file
	run_fake plain --record file/record touch ran
	expect_unwritable "Not a directory"
	# 3 would be one of cgscope's own.
	run_fake plain --record /dev/fd/3 touch ran
	expect_unwritable "Bad file descriptor"
	run_fake plain --record /dev/fd/5 touch ran 5</dev/null
	expect_unwritable "Bad file descriptor"
	status=0
	args="--record - >&-"
	"$fake" --record - touch ran >&- 2>err || status=$?
	expect_unwritable "Bad file descriptor"
}

test_record_that_may_not_be_written_is_found_before_the_command_runs() {
	local user=()
	if [[ $EUID -eq 0 ]]; then
		need setpriv
		user=(setpriv --reuid 65534 --clear-groups)
	fi
	cp "$fake" copy
	chmod 755 . ..
	mkdir -m 777 directory
	echo old >directory/mine
	chmod 444 directory/mine
	touch closed
	chmod 666 closed
	chmod 755 .
	args="as another user"
	status=0
	FAKE_SCENARIO=plain "${user[@]}" ./copy --record directory/mine touch ran 2>err || status=$?
	[[ $status -ne 126 && $status -ne 127 ]] || skip "cannot run a copy"
	expect_unwritable "Permission denied"
	[[ $EUID -eq 0 ]] || return 0
	status=0
	FAKE_SCENARIO=plain "${user[@]}" ./copy --record closed touch ran 2>err || status=$?
	expect_unwritable "Permission denied"
	grep -q '^cgscope: hint: .*--append' err || fail "$(<err)"
	status=0
	FAKE_SCENARIO=plain "${user[@]}" ./copy --record closed --append true 2>err || status=$?
	expect_status 0
	chmod 1777 directory
	chmod 666 directory/mine
	status=0
	FAKE_SCENARIO=plain "${user[@]}" ./copy --record directory/mine touch ran 2>err || status=$?
	expect_unwritable "Operation not permitted"
	[[ $(<directory/mine) == old ]] || fail "was replaced"
}

test_failing_write_does_not_change_the_status() {
	local text
	[[ -w /dev/full ]] || skip "no /dev/full"
	run_fake plain --record /dev/full sh -c 'exit 7'
	expect_status 7
	expect_lines err "cgscope: cannot write the record: /dev/full: No space left on device"
	echo old >record
	status=0
	text=$(ulimit -f 0 && FAKE_SCENARIO=plain "$fake" --record record sh -c 'exit 7' 2>&1) ||
		status=$?
	expect_status 7
	[[ $text == "cgscope: cannot write the record: record: File too large" ]] || fail "$text"
	[[ $(<record) == old ]] || fail "was written into"
	expect_files record
	rm -r record
	run_fake plain --record record sh -c 'mkdir record; exit 7'
	expect_status 7
	expect_lines err "cgscope: cannot write the record: record: Is a directory"
	expect_files record
}

test_reader_that_went_away_does_not_change_the_status() {
	need python3
	args="| true"
	FAKE_SCENARIO=oom python3 - "$fake" <<-'END' || fail "ended otherwise"
		import os, subprocess, sys
		read, write = os.pipe()
		os.close(read)
		run = subprocess.run([sys.argv[1], "--summary", "--record", "-", "sh", "-c", "exit 7"],
		                     stdout=write, stderr=write, restore_signals=True)
		sys.exit(run.returncode != 7)
	END
}

test_record_needs_json_c_only_where_it_is_asked_for() {
	local libs=${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
	mkdir libs
	touch libs/libjson-c.so.5
	LD_LIBRARY_PATH=$PWD/libs$libs run_fake plain true
	expect_status 0
	LD_LIBRARY_PATH=$PWD/libs$libs run_fake plain --record record touch ran
	expect_status 125
	expect_lines err "cgscope: --record needs libjson-c (Debian: libjson-c5)"
	expect_files libs
}

test_command_inherits_nothing_of_the_record() {
	run_fake plain sh -c 'ls /proc/$$/fd'
	mv out expected
	run_fake plain --record record sh -c 'ls /proc/$$/fd'
	diff -u expected out
	run_fake plain --record record --append sh -c 'ls /proc/$$/fd'
	diff -u expected out
}

# ---- the exit status ----

# Scenario, exit code, status, options.
statuses() {
	cat <<-'END'
		plain 0 0 --expect ok
		plain 0 0 --expect oom,ok
		plain 0 1 --expect oom
		plain 3 0 --expect failed
		plain 3 1 --expect ok,tasks
		oom 0 0 --expect oom
		oom 0 0 --expect oom --strict
		oom 9 0 --expect tasks,oom
		time 0 0 --expect time
		time 0 124
		time 0 124 --strict
		refuse 0 0 --expect refused
		refuse 0 1 --expect ok
		plain 0 0 --strict
		plain 3 3 --strict
		oom 0 0
		oom 0 1 --strict
		oom 3 3 --strict
		refused-forks 0 0
		refused-forks 0 1 --strict
		refused-forks 3 3 --strict
		refused-forks 0 0 --expect ok
		refused-forks 0 1 --expect ok --strict
		bare 0 0 --strict
	END
}

test_expect_and_strict_settle_the_status() {
	local scenario code expected options
	statuses | while read -r scenario code expected options; do
		# shellcheck disable=SC2086
		run_fake "$scenario" --record record $options sh -c "exit $code"
		args="$scenario $code: $options"
		expect_status "$expected"
		expect_value record exit.status "$expected"
	done
}

test_expect_names_what_it_got() {
	run_fake plain --expect oom,oomd,tasks sh -c 'exit 3'
	expect_status 1
	expect_lines err "cgscope: sh: expected the verdict oomd, oom or tasks, got failed"
	run_fake plain --expect signal sh -c 'kill $$'
	expect_status 0
	expect_lines err
	run_fake plain --expect exec nonesuch
	expect_status 0
}

# ---- what is printed ----

test_command_that_ends_by_itself_is_not_talked_about() {
	local command
	for command in true 'exit 3' 'kill $$'; do
		run_fake plain sh -c "$command"
		expect_lines err
	done
}

test_verdict_is_a_line_and_a_hint() {
	run_fake oom true
	expect_status 0
	expect_lines err \
		"cgscope: true: out of memory: memory.max 512M of this scope, 1 process killed" \
		"cgscope: hint: give it more: --mem 1G"
	run_fake refused-forks true
	expect_lines err "cgscope: true: exit status 0, but fork refused 3 times: pids.max 64 of this scope" \
		"cgscope: hint: give it more: --tasks 128"
	run_fake oom -q true
	expect_lines err
	run_fake refuse -q true
	[[ -s err ]] || fail "an error was not said"
}

test_summary() {
	local scenario status
	for scenario in plain bare refused-forks oom time; do
		[[ $scenario == refused-forks ]] && status=0 || status=3
		run_fake $scenario --summary sh -c "exit $status"
		echo "== $scenario"
		cat err
	done >all
	mv all out
	args=--summary
	true >err
	! grep -vE '^(== |cgscope: )' out || fail "not prefixed"
	! grep -E '.{81}' out || fail "more than 80 columns"
	expect_snapshot summary
}

# Prints what the fake writes on a terminal of $1 columns.
on_terminal() {
	python3 - "$@" <<-'END'
		import fcntl, os, pty, struct, sys, termios
		pid, terminal = pty.fork()
		if pid == 0:
		    size = struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0)
		    fcntl.ioctl(2, termios.TIOCSWINSZ, size)
		    os.execv(sys.argv[2], sys.argv[2:])
		output = b""
		while True:
		    try:
		        data = os.read(terminal, 4096)
		    except OSError:
		        break
		    if not data:
		        break
		    output += data
		os.waitpid(pid, 0)
		sys.stdout.write(output.decode().replace("\r\n", "\n"))
	END
}

test_summary_on_a_terminal_has_bars_of_its_width() {
	local width
	need python3
	[[ -x $fake ]] || skip "no fake-cgscope"
	for width in 132 60 30; do
		echo "== $width"
		FAKE_SCENARIO=plain on_terminal $width "$fake" --summary true
	done >out
	true >err
	args=--summary
	expect_snapshot summary-terminal
}

# In a pipe each is one line, as above.
test_verdict_on_terminals_of_any_width() {
	local width
	need python3
	[[ -x $fake ]] || skip "no fake-cgscope"
	for width in 40 60 80 200; do
		echo "== $width"
		FAKE_SCENARIO=oom on_terminal $width "$fake" true
		FAKE_SCENARIO=refuse on_terminal $width "$fake" true
	done >out
	true >err
	args=true
	expect_snapshot verdict-terminal
}

# Without status lines.
test_tables_and_answers_on_narrow_terminals() {
	local width
	need python3
	[[ -x $fake ]] || skip "no fake-cgscope"
	export FAKE_SCENARIO=plain
	for width in 40 60 80 200; do
		on_terminal $width "$fake" compare -q -m max,512M -n 4 true >shown
		on_terminal $width "$fake" fit -q --find tasks:3..20 --find cpu --confirm 2 \
			true >>shown
		sed 's/\x1b\[[0-9;]*m//g' shown >out
		! grep -E ".{$((width + 1))}" out || fail "more than $width columns"
		grep -q ' 1.00 (1.00-1.00) same' out || fail "no ratio" "$(<out)"
		grep -q "^with margin:  cgscope --cpu 2% --tasks 4$" out ||
			fail "no answer" "$(<out)"
	done
}
