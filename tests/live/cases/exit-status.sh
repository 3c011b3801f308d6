# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# How cgscope ends: like its command, or with 126 and 127 like env(1) when there is none.

live the_commands_exit_code alice root +once +native
the_commands_exit_code() {
	local code pids=() i=0
	for code in 0 1 42 124 125 126 127 255; do
		cgscope "${some_limit[@]}" sh -c "exit $code" >out.$code 2>&1 &
		pids+=($!)
	done
	for code in 0 1 42 124 125 126 127 255; do
		pid=${pids[i++]}
		finish
		expect_equal "$status" "$code" "exit code"
		expect_lines out.$code
	done
}

live the_commands_death_by_a_signal alice +once +native
the_commands_death_by_a_signal() {
	local name pids=() i=0 names=(HUP INT QUIT KILL SEGV ABRT TERM USR1 PIPE XCPU RTMIN)
	ulimit -c 0
	for name in "${names[@]}"; do
		wait_status cgscope "${some_limit[@]}" sh -c "kill -$(kill -l "$name") \$\$" >"out.$name" 2>"err.$name" &
		pids+=($!)
	done
	for name in "${names[@]}"; do
		wait "${pids[i++]}"
		expect_lines "out.$name" "signal $(kill -l "$name")"
		expect_lines "err.$name"
	done
}

# A caller that ignores the signal is not to be mistaken for one that survived it.
live death_by_a_signal_that_the_caller_ignores_or_blocks alice +once +native
death_by_a_signal_that_the_caller_ignores_or_blocks() {
	for launcher in --ignore-signal=TERM --block-signal=TERM; do
		wait_status env "$launcher" cgscope "${some_limit[@]}" -- \
			env --default-signal=TERM perl -MPOSIX -e '
				sigprocmask(SIG_SETMASK, POSIX::SigSet->new); kill TERM => $$; sleep 10' >out
		expect_lines out "signal 15"
	done
}

live one_core_dump_and_no_second root +once
one_core_dump_and_no_second() {
	local pattern
	pattern=$(</proc/sys/kernel/core_pattern)
	defer eval "echo '$pattern' >/proc/sys/kernel/core_pattern"
	mkdir -m 777 cores
	echo "$PWD/cores/%e.%p" >/proc/sys/kernel/core_pattern
	ulimit -c unlimited
	wait_status cgscope "${some_limit[@]}" sh -c 'kill -SEGV $$' >out
	expect_lines out "signal 11"
	expect_equal "$(echo cores/*)" "$(echo cores/sh.*)" "core files"
	[[ $(find cores -type f | wc -l) -eq 1 ]]
}

# What env(1) says to each of them; that a shell would be tried for a script without "#!" is execvp(3)'s.
live what_cannot_be_executed_is_126_or_127 alice root +once +native
what_cannot_be_executed_is_126_or_127() {
	local what by_env
	mkdir directory closed
	echo 'exit 3' >script
	echo 'exit 3' >plain
	printf '#!/no/such/interpreter\n' >interpreter
	printf '#!/proc/self/mounts\n' >unusable
	printf '\177ELF\002\001\001' >elf
	ln -s loop loop
	cp /bin/sleep closed/sleep
	chmod +x script interpreter unusable elf
	for what in nothing ./nothing /no/such/file directory ./directory ./plain ./script ./interpreter ./unusable \
		./loop /bin/sh/ /bin/sh/x '' ./script/ "./$(printf '%0300d' 1)"; do
		by_env=0
		env -- "$what" >/dev/null 2>&1 || by_env=$?
		run "${some_limit[@]}" -- "$what"
		expect_equal "$status" "$by_env" "status for '$what', stderr $(<err)"
		expect_lines out
		[[ $status -eq 3 ]] || expect_match err '^cgscope: .*: .*[^:]$'
	done
	if [[ $user != root ]]; then
		chmod 000 closed
		run closed/sleep 1
		chmod 700 closed
		expect_status 126
	fi
	# Neither env nor the shells agree on this one; what matters is that it is refused.
	run ./elf
	[[ $status -eq 126 || $status -eq 127 || $status -eq 2 ]]
}

live what_was_wrong_is_said alice +once +native
what_was_wrong_is_said() {
	printf '#!/no/such/interpreter\n' >interpreter
	echo >plain
	chmod +x interpreter
	run nothing-of-that-name
	expect_lines err 'cgscope: cannot execute: nothing-of-that-name: command not found'
	run ./plain
	expect_match err 'cannot execute: ./plain: no right to execute it.*chmod \+x'
	run ./interpreter
	expect_match err 'cannot execute: ./interpreter: .*interpreter'
	run /tmp
	expect_match err 'cannot execute: /tmp: it is a directory'
	run -q /tmp
	expect_status 126
	has err
}

live a_file_on_a_noexec_mount_is_126 root +once +native
a_file_on_a_noexec_mount_is_126() {
	mkdir mnt
	mount -t tmpfs -o noexec none mnt
	defer umount "$PWD/mnt"
	cp /bin/true mnt/program
	run "${some_limit[@]}" mnt/program
	expect_status 126
	expect_match err 'noexec'
}

live a_file_that_is_being_written_is_126 alice
a_file_that_is_being_written_is_126() {
	cp /bin/true program
	exec 5>>program
	run "${some_limit[@]}" ./program
	expect_status 126
	expect_match err 'cannot execute: ./program: another process has it open for writing'
}

live the_command_is_searched_for_in_path alice +once +native
the_command_is_searched_for_in_path() {
	mkdir -p a b c
	printf '#!/bin/sh\necho c\n' >c/tool
	echo >b/tool
	mkdir a/tool
	chmod +x c/tool
	cat >true <<-'END'
		#!/bin/sh
		echo mine
	END
	chmod +x true
	PATH="$PWD/a:$PWD/b:/nowhere:$PWD/c:/usr/bin:/bin" run tool
	expect_success
	expect_lines out c
	PATH=":/usr/bin:/bin" run true
	expect_lines out mine
	PATH="$PWD/b:/usr/bin:/bin" run tool
	expect_status 126
	launcher=(env -u PATH)
	run ls /dev/null
	expect_success
}
