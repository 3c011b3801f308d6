# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What kills a supervisor in other ways than by its number: the guard of a nested run, and the
# holder of a scope, are still there to end the group.

# A nested run of "$family", or of another command, in a delegated scope that is not cgscope's: what
# follows its death is the guard's doing alone. $pid is cgscope.
start_guarded() {
	local manager=()
	[[ $user == root ]] || manager=(--user)
	systemd-run "${manager[@]}" --scope --quiet -p Delegate=yes "${launcher[@]}" \
		cgscope -- sh -c "${1-$family}" >out 2>err </dev/null &
	pid=$!
	until_true has_family
}

live killall_leaves_who_ends_the_group alice root +native
killall_leaves_who_ends_the_group() {
	local way
	for way in 'killall -u %s -KILL cgscope' 'pkill -u %s -KILL cgscope' \
		'pkill -u %s -KILL -f ^(/usr/bin/)?cgscope'; do
		rm -f pids
		start_guarded
		# shellcheck disable=SC2059 # one word to fill in
		read -ra words <<<"$(printf "$way" "$user")"
		# killall fails, too, when a process of another name ends just then.
		"${words[@]}" || true
		finish
		expect_status 137
		expect_family_gone
		rm -f pids
		start -- sh -c "$family"
		until_true has_family
		"${words[@]}" || true
		finish
		expect_status 137
		expect_family_gone
	done
}

# The kernel takes all that share the memory of whom it chooses.
live an_oom_kill_of_cgscope_ends_the_group root
an_oom_kill_of_cgscope_ends_the_group() {
	start_guarded
	echo 1000 >"/proc/$pid/oom_score_adj"
	echo f >/proc/sysrq-trigger
	finish
	expect_status 137
	expect_family_gone
}

# What the command may still write is not the caller's any more.
live the_guard_is_small_and_holds_nothing alice +native
the_guard_is_small_and_holds_nothing() {
	local guard rss
	start_guarded
	guard=$(pgrep -P "$pid" -x cg-guard)
	rss=$(sed -n 's/^VmRSS:[[:blank:]]*\([0-9]*\) kB/\1/p' "/proc/$guard/status")
	((rss <= 64)) || fail "it has $rss KiB"
	expect_equal "$(tr '\0' ' ' <"/proc/$guard/cmdline")" 'cg-guard ' 'its command line'
	expect_equal "$(readlink "/proc/$guard/cwd")" / 'its directory'
	readlink "/proc/$guard/fd/"* | sed 's,^/sys/fs/cgroup/.*,cgroup,' | sort -u >out
	expect_lines out 'anon_inode:[pidfd]' cgroup
	kill -KILL "$pid"
	finish
	expect_family_gone
}

# The guard goes last.
has_tidied_up() {
	! pgrep -u "$user" -x cg-guard >&2 &&
		! find /sys/fs/cgroup -name 'cgscope-sh-*' | grep . >&2
}

# As before kernel 5.14: nobody is missed, though some fork meanwhile.
live without_cgroup_kill_all_are_killed_one_by_one alice root +native
without_cgroup_kill_all_are_killed_one_by_one() {
	launcher=(strace -f -qqq -o /dev/null -P cgroup.kill -e inject=openat:error=ENOENT)
	start_guarded "$family & while :; do sleep 0.001; done"
	kill -KILL "$(pgrep -u "$user" -x cgscope)"
	finish
	expect_family_gone
	until_true has_tidied_up
}

# RLIMIT_NPROC is set by the command when all is running: no other guard can be made.
live ctrl_z_without_another_guard_keeps_the_first alice +native
ctrl_z_without_another_guard_keeps_the_first() {
	cat >script <<-'END'
		prlimit --nproc=0:0 --pid $PPID
		echo $PPID >pid
		sleep 1000 &
		echo $! >>pids
		echo up
		read x
		echo got $x
		read x
	END
	terminal <<-END
		shell
		type systemd-run --user --scope -q -p Delegate=yes cgscope sh ./script
		see up
		key Z
		see nothing wakes cgscope
		see Stopped
		type fg
		type hello
		see got hello
		key Z
		see Stopped
		type kill -KILL \$(cat pid)
		see ready>
		type while kill -0 \$(cat pids) 2>/dev/null; do :; done; echo all go""ne
		see all gone
		hangup
	END
}

# It leaves a command that left its cgroup no less dead, and does not wait for it in vain.
live a_run_that_is_given_up_ends_a_command_that_left alice +native
a_run_that_is_given_up_ends_a_command_that_left() {
	cat >give-up.py <<'END'
import ctypes, os, sys, time
lib = ctypes.CDLL("libcg2.so.1")
p = ctypes.c_void_p
for name in ("cg2_ctx_unref", "cg2_run_unref"):
    getattr(lib, name).restype = p
    getattr(lib, name).argtypes = [p]
lib.cg2_run_new.argtypes = [p, p, p]
lib.cg2_run_start.argtypes = [p, p]
lib.cg2_run_get_pid.argtypes = [p]
lib.cg2_run_set_command.argtypes = [p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p), p]
ctx, run = p(), p()
assert lib.cg2_ctx_new(None, ctypes.byref(ctx), None) == 0
assert lib.cg2_run_new(ctx, None, ctypes.byref(run)) == 0
command = rb"""
    cd "/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)/.."
    mkdir away
    echo $$ >away/cgroup.procs
    exec sleep 1000"""
words = (ctypes.c_char_p * 4)(b"sh", b"-c", command, None)
assert lib.cg2_run_set_command(run, b"/bin/sh", words, None) == 0
assert lib.cg2_run_start(run, None) == 0
pid = lib.cg2_run_get_pid(run)
while "away" not in open(f"/proc/{pid}/cgroup").read():
    time.sleep(0.01)
begin = time.monotonic()
lib.cg2_run_unref(run)
assert time.monotonic() - begin < 4, "it waits"
assert not os.path.exists(f"/proc/{pid}"), "it lives"
print("over")
END
	systemd-run --user --scope --quiet -p Delegate=yes python3 -IS give-up.py >out 2>err ||
		fail "$(<err)"
	expect_lines out over
}

# A seccomp filter or a policy that lets no file in memory be: the guard is a copy then.
live a_guard_that_cannot_be_executed_is_a_copy alice +native
a_guard_that_cannot_be_executed_is_a_copy() {
	local word
	for word in memfd_create:EACCES execveat:EPERM; do
		rm -f pids
		systemd-run --user --quiet --unit live-copy --collect -p Delegate=yes \
			-p "SystemCallFilter=~$word" --working-directory "$PWD" \
			cgscope -- sh -c "$family"
		until_true has_family
		pkill -KILL -u alice -x cgscope
		expect_family_gone
		until_true eval '! systemctl --user is-active -q live-copy'
	done
}

# What the manager needs for the next process of the service, though nobody of ours is left.
live a_service_gets_its_cgroup_back_from_the_guard alice root +native
a_service_gets_its_cgroup_back_from_the_guard() {
	local manager=() group
	[[ $user == root ]] || manager=(--user)
	systemd-run "${manager[@]}" --quiet --unit live-back -p Delegate=yes \
		--working-directory "$PWD" \
		sh -c "cgscope sh -c 'echo \$PPID >pid; exec sleep 1000'; exec sleep 1000"
	defer systemctl "${manager[@]}" stop live-back
	until_true has pid
	group=/sys/fs/cgroup$(systemctl "${manager[@]}" show -P ControlGroup live-back)
	kill -KILL "$(<pid)"
	until_true eval "! has_child_groups '$group'"
	grep -q . "$group/cgroup.procs"
	expect_equal "$(<"$group/cgroup.subtree_control")" '' 'the controllers for its children'
}

has_child_groups() {
	find "$1" -mindepth 1 -type d | grep -q .
}
