# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2054,SC2154,SC2164
# A command under cgscope finds what it would find without. Each case has the same command run both
# ways and compares what that printed.

# Options that a case wants its command to be run with in turn: both_ways when what it looks at is made
# in another manner where cgscope becomes the command.
ways=(--leftovers=leave)
both_ways=(--leftovers=leave --exec)

# Output and status have to be the same, and cgscope must not say a word. What is in $launcher (env,
# nice, ...) is put before both.
same() {
	local bare=0 wrapped way
	"${launcher[@]}" "$@" >bare 2>bare.err || bare=$?
	for way in "${ways[@]}"; do
		wrapped=0
		"${launcher[@]}" /usr/bin/cgscope "$way" "${some_limit[@]}" -- "$@" >wrapped 2>wrapped.err || wrapped=$?
		diff -u --text bare.err wrapped.err || fail "stderr is not the same: $way $*"
		diff -u --text bare wrapped || fail "not the same: $way $*"
		[[ $bare == "$wrapped" ]] || fail "status $wrapped, not $bare: $way $*"
	done
}

live a_plain_run_is_like_the_command_alone alice root +once +native
a_plain_run_is_like_the_command_alone() {
	ways=("${both_ways[@]}")
	same "$helper/facts"
	has bare
}

live what_the_caller_has_changed_is_kept alice root +once +native
what_the_caller_has_changed_is_kept() {
	ways=("${both_ways[@]}")
	umask 027
	ulimit -S -n 512
	ulimit -S -s 4096
	ulimit -H -c 0
	ulimit -v 8000000
	mkdir -p some/where
	echo 500 >/proc/self/oom_score_adj
	echo 0x11 >/proc/self/coredump_filter
	cd some/where
	launcher=(nice -n 5 ionice -c 3 chrt --batch 0 taskset -c 1 setpriv --no-new-privs setarch -R \
		env --ignore-signal=HUP,PIPE,CHLD,USR1,RTMAX,TSTP --block-signal=USR2,WINCH,TERM,CHLD,RTMIN)
	same "$helper/facts"
	expect_match bare 'NoNewPrivs:.1'
	expect_match bare "nice $(($(nice) + 5))"
}

live signals_that_the_caller_ignores_stay_ignored alice +once +native
signals_that_the_caller_ignores_stay_ignored() {
	# All of them, as far as that is possible.
	launcher=(env --ignore-signal --default-signal=CHLD)
	same grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
	launcher=(env --ignore-signal=CHLD)
	same grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
	launcher=(nohup)
	same grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
}

live all_signals_may_be_blocked alice +once +native
all_signals_may_be_blocked() {
	launcher=(env --block-signal)
	same grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
}

live the_terminal_is_the_same alice +once +native
the_terminal_is_the_same() {
	cat >both <<-'END'
		set -e
		"$1" >bare
		tty >tty.bare
		for way in --leftovers=leave --exec; do
			cgscope "$way" $LIVE_LIMIT "$1" >"wrapped$way"
			cgscope "$way" $LIVE_LIMIT tty >"tty.wrapped$way"
		done
	END
	terminal <<-END
		start exec sh both "$helper/facts"
		exit 0
	END
	grep -q 'terminals: 1 1' bare
	for way in "${both_ways[@]}"; do
		diff -u bare "wrapped$way"
		diff -u tty.bare "tty.wrapped$way"
	done
}

live the_environment_is_the_same alice root +once +native
the_environment_is_the_same() {
	ways=("${both_ways[@]}")
	launcher=(env -u _)
	same /usr/bin/env
	launcher=(env -i)
	same /usr/bin/env
	launcher=(env -i A=1 A=2 $'B=with\nnewline' '=odd' C= $'D=\377' PATH=/nowhere)
	same /usr/bin/env
}

live other_descriptors_are_passed_on alice +once +native
other_descriptors_are_passed_on() {
	ways=("${both_ways[@]}")
	echo content >file
	# shellcheck disable=SC2094 # they are for the command
	exec 5<file 7>other 42<>file 200<file 199>&2
	same perl -we '
		opendir my $dir, "/proc/self/fd" or die;
		for (sort { $a <=> $b } grep /\d/, readdir $dir) {
			my $name = readlink "/proc/self/fd/$_";
			print "$_ $name\n" if $name !~ m!/(bare|wrapped)|/proc/!;
		}'
	expect_match bare '200 .*/file'
	ways=(--leftovers=leave)
	same cat /dev/fd/200
	same sh -c 'echo to 7 >&7; cat <&42'
	[[ $(<other) == "to 7"$'\n'"to 7" ]]
}

# Three of the streams, in all ways of being closed. What ls says of its own is one descriptor.
live closed_streams_stay_closed alice +once +native
closed_streams_stay_closed() {
	exec 8>list
	printf 'list=$(ls /proc/self/fd); echo $list >&8\n' >look
	for redirection in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
		eval "sh look $redirection" || true
		eval "cgscope $LIVE_LIMIT sh look $redirection" || fail "$redirection: status $?"
	done
	while read -r bare && read -r wrapped; do
		expect_equal "$wrapped" "$bare" "descriptors"
	done <list
	[[ $(wc -l <list) -eq 12 ]]
}

live arguments_are_the_same alice +once +native
arguments_are_the_same() {
	local long
	long=$(head -c 100000 /dev/zero | tr '\0' y)
	# shellcheck disable=SC1003 # a backslash is meant
	same printf '<%s>\n' a '' ' ' $'new\nline' 'quote"s'\' 'dollar $HOME ${PATH} $$ %h \x41 \' '*' \
		$'\377\200invalid' 'ünïcödé 漢字 🐧' -n -- --mem 1G "$long"
	same cat /proc/self/cmdline
	same /usr/bin/../bin/cat /proc/self/cmdline
	ln -s /bin/cat busybox
	same ./busybox /proc/self/cmdline
}

live a_very_long_command_line_is_passed_on alice +once +native
a_very_long_command_line_is_passed_on() {
	local word
	word=$(head -c 120000 /dev/zero | tr '\0' z)
	same bash -c 'echo ${#@} "${#1}"' bash "$word" "$word" "$word" "$word" "$word" "$word" "$word" "$word" "$word" "$word"
}

live standard_input_is_the_commands alice +once +native
standard_input_is_the_commands() {
	printf 'one\ntwo\nthree\n' >input
	exec 3<input
	cgscope "${some_limit[@]}" sh -c 'read -r line; echo "command: $line"' <&3 >out
	echo "rest: $(cat <&3)" >>out
	# The file's position is shared, as it would be without cgscope.
	exec 3<input
	sh -c 'read -r line; echo "command: $line"' <&3 >bare
	echo "rest: $(cat <&3)" >>bare
	diff -u bare out
	[[ $(printf 'a\nb\n' | cgscope "${some_limit[@]}" cat) == $'a\nb' ]]
}

live a_pipe_ends_with_the_command_although_leftovers_live alice +once +native
a_pipe_ends_with_the_command_although_leftovers_live() {
	local begin=$SECONDS
	[[ $(cgscope "${some_limit[@]}" sh -c 'setsid sleep 1000 <&- >&- 2>&- & echo $! >pid; echo x' | cat) == x ]]
	((SECONDS - begin < 30)) || fail "it took $((SECONDS - begin)) s"
	kill "$(<pid)"
}

live a_working_directory_that_was_removed_is_kept alice +once +native
a_working_directory_that_was_removed_is_kept() {
	mkdir gone
	cd gone
	rmdir ../gone
	cgscope "${some_limit[@]}" readlink /proc/self/cwd >../out 2>../err
	[[ $(<../out) == *'/gone (deleted)' ]]
	[[ ! -s ../err ]]
}

live a_working_directory_that_may_not_be_read_is_kept alice +once +native
a_working_directory_that_may_not_be_read_is_kept() {
	local here=$PWD
	mkdir closed
	cd closed
	chmod 000 .
	cgscope "${some_limit[@]}" sh -c 'cd /; readlink "/proc/$$/cwd"' >"$here/out" 2>"$here/err"
	cgscope "${some_limit[@]}" readlink /proc/self/cwd >>"$here/out" 2>>"$here/err"
	chmod 755 "$here/closed"
	cd "$here"
	expect_lines out / "$here/closed"
	expect_lines err
}

live a_process_that_may_not_be_killed_for_memory_gets_999 root
a_process_that_may_not_be_killed_for_memory_gets_999() {
	local value
	for value in -1000 -999 -500 0 1000; do
		echo $value >/proc/self/oom_score_adj
		run "${some_limit[@]}" cat /proc/self/oom_score_adj
		expect_success
		expect_lines out "${value/-1000/-999}"
	done
}

live rights_are_neither_lost_nor_won alice root +native
rights_are_neither_lost_nor_won() {
	if [[ $user == root ]]; then
		launcher=(setpriv --bounding-set -sys_time,-mknod --inh-caps -all,+net_raw,+chown --ambient-caps +net_raw
			--reuid=1000 --regid=1000 --groups=4,27,1000 env XDG_RUNTIME_DIR=/run/user/1000)
		same "$helper/facts"
		launcher=(setpriv --clear-groups --securebits +noroot)
		same "$helper/facts"
	else
		# And a program may win some as usual.
		same sudo -n id
	fi
}

live few_descriptors_are_enough_or_refused alice +native
few_descriptors_are_enough_or_refused() {
	local n
	for n in 4 6 9 12 20; do
		launcher=(prlimit "--nofile=$n")
		run "${some_limit[@]}" true
		[[ $status -eq 0 ]] || expect_refused .
	done
}

live background_children_of_the_caller_are_left_alone alice +once +native
background_children_of_the_caller_are_left_alone() {
	# The shell's own children stay its children, and their ends are not eaten.
	run sh -c 'sleep 0.1 & exec cgscope $LIVE_LIMIT sh -c "exit 3"'
	expect_status 3
	(
		sh -c 'sleep 1; exit 8' &
		other=$!
		cgscope "${some_limit[@]}" true
		status=0
		wait $other || status=$?
		expect_status 8
	)
}
