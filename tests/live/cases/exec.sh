# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# --exec: cgscope becomes the command. What it is to have in common with other runs is in the themes
# signals and transparency.

live it_is_the_same_process alice root +native
it_is_the_same_process() {
	cat >look <<-'END'
		read -r stat </proc/$$/stat
		set -- ${stat##*) }
		echo "$$ $PPID $3 $4 $5"
		read -r children </proc/$$/task/$$/children
		echo "children:$children"
		[ -n "$in_scope" ] || return 0
		while read -r line && [ "${line#0::}" = "$line" ]; do :; done </proc/self/cgroup
		cd "/sys/fs/cgroup${line#0::}"
		while read -r line; do echo "in the scope: $line"; done <cgroup.procs
		echo */
	END
	status=0
	sh -c '. ./look; in_scope=yes exec cgscope --exec $LIVE_LIMIT sh ./look' >out 2>err || status=$?
	expect_success
	mapfile -t lines <out
	expect_equal "${lines[2]-}" "${lines[0]}" 'PID, parent, process group, session, terminal'
	expect_equal "${lines[3]-}" 'children:' 'no cgscope, no holder'
	expect_equal "${lines[4]-}" "in the scope: ${lines[0]%% *}" 'the only process'
	expect_equal "${lines[*]:5}" '*/' 'no cgroups below'
}

live the_limits_are_the_scopes alice root
the_limits_are_the_scopes() {
	show_limits --exec "${some_limit[@]}" -t 10 --cpu 50% --cpu-weight 20 --oom kill -- memory.max memory.swap.max \
		pids.max cpu.max cpu.weight memory.oom.group
	expect_success
	expect_lines out memory.max=67108864 memory.swap.max=0 pids.max=10 'cpu.max=50000 100000' cpu.weight=20 \
		memory.oom.group=1
	# A tasks limit is only there if it was asked for, and the limit is not off by one.
	show_limits --exec -- pids.max
	expect_lines out pids.max=max
	run --exec -t 2 sh -c '/bin/true && echo one; (/bin/true && echo two); true | (/bin/true; echo never)'
	expect_match err 'fork'
	expect_match out '^one'
	! has_line out never
}

live how_it_ends_is_native alice +once +native
how_it_ends_is_native() {
	local code
	run --exec true
	expect_success
	run --exec sh -c 'echo out; echo err >&2; exit 7'
	expect_status 7
	expect_lines out out
	expect_lines err err
	for code in 'exit 125' 'kill -TERM $$' 'ulimit -c unlimited; kill -SEGV $$'; do
		wait_status sh -c "$code" >bare
		wait_status cgscope --exec "${some_limit[@]}" sh -c "$code" >wrapped 2>err
		diff -u bare wrapped
		expect_lines err
	done
}

live a_shell_at_a_terminal_keeps_its_jobs alice +once +native
a_shell_at_a_terminal_keeps_its_jobs() {
	terminal <<-END
		shell
		type cgscope --exec $LIVE_LIMIT sh -c 'echo up; read x; echo got \$x; exit 3'
		see up
		key Z
		see Stopped
		see ready>
		type fg
		type word
		see got word
		type echo status=\$?
		see status=3
		hangup
	END
}

live without_a_controller_it_is_refused alice
without_a_controller_it_is_refused() {
	run --exec --cpuset-cpus 0 touch ran
	expect_refused 'controller is not delegated' 'user@.service.d'
	run --exec --io-max /:rbps=1M touch ran
	expect_refused 'controller is not delegated' 'user@.service.d'
	run --exec --mem-low 16M touch ran
	expect_refused 'no effect'
	[[ ! -e ran ]]
	# A shell that tries and goes on is where it was.
	grep ^0:: /proc/self/cgroup >before
	bash -c 'cgscope --exec --cpuset-cpus 0 true; grep ^0:: /proc/self/cgroup' >after 2>err
	diff -u before after
}

live a_name_in_use_is_refused alice +native
a_name_in_use_is_refused() {
	mkfifo fifo
	start --exec --name live-exec sh -c 'echo up; read -r line <fifo; exit 6'
	until_true has_line out up
	cgscope --exec --name live-exec touch ran 2>second && fail "it ran"
	expect_match second 'live-exec.scope: a unit of that name exists'
	echo >fifo
	finish
	expect_status 6
	[[ ! -e ran ]]
}

live what_cannot_be_executed alice +once +native
what_cannot_be_executed() {
	run --exec "${some_limit[@]}" nosuchcommand
	expect_status 127
	expect_match err '^cgscope: .*nosuchcommand: command not found$'
	run --exec /nonexistent/x
	expect_status 127
	run --exec /etc/passwd
	expect_status 126
	run --exec /
	expect_status 126
	printf '#!/nonexistent/interpreter\n' >script
	chmod 755 script
	run --exec ./script
	expect_status 127
	expect_match err '^cgscope: [^'$'\n'']*script'
	printf '\177ELF' >script
	run --exec ./script
	[[ $status -eq 126 || $status -eq 127 ]] || expect_status 126
}

live a_script_without_an_interpreter_is_for_sh alice +once +native
a_script_without_an_interpreter_is_for_sh() {
	printf 'echo "$0 $# $2"\nexit 4\n' >script
	chmod 755 script
	run --exec "${some_limit[@]}" ./script one 'two three'
	expect_status 4
	expect_lines out './script 2 two three'
}

live the_manager_keeps_the_time alice root +native
the_manager_keeps_the_time() {
	local begin=$SECONDS
	wait_status cgscope --exec --time 2 "${some_limit[@]}" sh -c 'sleep 1000 & echo $! >pid; exec sleep 1000' >out 2>err
	expect_lines out 'signal 15'
	until_true is_gone "$(<pid)"
	wait_status cgscope --exec --time 1 --signal INT -k 1 sh -c 'trap "echo INT" INT; trap "" TERM
		while :; do sleep 0.2; done' >out 2>err
	expect_lines out INT 'signal 9'
	((SECONDS - begin < 40)) || fail "it took $((SECONDS - begin)) s"
}

live what_nobody_could_do_is_a_usage_error alice +once +native
what_nobody_could_do_is_a_usage_error() {
	run --exec --cpu-time 5 touch ran
	expect_usage_error 'no supervisor remains'
	run --exec --leftovers kill touch ran
	expect_usage_error 'no supervisor remains'
	[[ ! -e ran ]]
}

live leftovers_keep_the_scope alice +native
leftovers_keep_the_scope() {
	run --exec --name live-exec "${some_limit[@]}" sh -c 'sleep 1000 >/dev/null 2>&1 & echo $! >pid; exit 2'
	expect_status 2
	expect_match "/proc/$(<pid)/cgroup" '/live-exec.scope$'
	kill "$(<pid)"
	until_true eval '! systemctl --user -q is-active live-exec.scope'
}
