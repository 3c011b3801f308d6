# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# A trace in bad weather: who is killed, what cannot be traced, other tracers, and many at once.

# shellcheck source=../trace-lib.sh
source "${BASH_SOURCE[0]%/*}/../trace-lib.sh"

# ---- who is killed ----

tracer_of() {
	pgrep -P "$1" -x cg-trace
}

# kill_in_trace SCRIPT CONDITION: cgscope is killed, and then, in another run, its tracer.
kill_in_trace() {
	local victim group
	for victim in cgscope tracer; do
		: >pids
		rm -f failed
		start trace -q --name live-trace sh -c "$1"
		until_true eval "$2"
		group=$(cgroup_of "$(head -n 1 pids)")
		[[ -d /sys/fs/cgroup$group ]] || fail "where is it? $group"
		if [[ $victim == cgscope ]]; then
			kill -KILL "$pid"
			finish 2>/dev/null
		else
			kill -KILL "$(tracer_of "$pid")"
			finish
			expect_match err 'the tracer was killed, and the command with all'
		fi
		expect_status 137
		expect_family_gone
		until_true eval "[[ ! -e /sys/fs/cgroup$group ]]"
		until_true eval '! group_of live-trace'
	done
}

live a_trace_that_is_killed_leaves_nothing alice root +native
a_trace_that_is_killed_leaves_nothing() {
	kill_in_trace "$family" has_family
}

# At any moment of its calls: they never end.
live a_trace_that_is_killed_while_calls_fail_leaves_nothing alice +native +once
a_trace_that_is_killed_while_calls_fail_leaves_nothing() {
	for _ in 1 2 3; do
		kill_in_trace 'echo $$ >>pids
			while :; do
				/nowhere/x
				echo >failed
			done 2>/dev/null' 'has failed'
	done
}

# They have the tracer of the run, which is in the cgroup of cgscope's caller.
live what_a_traced_command_leaves_ends_with_the_tracer alice +native +once
what_a_traced_command_leaves_ends_with_the_tracer() {
	local left tracer
	run trace sh -c 'sleep 1000 & echo $! >left'
	expect_status 0
	left=$(<left)
	defer eval "kill -KILL $left 2>/dev/null"
	tracer=$(awk '/^TracerPid:/ { print $2 }' "/proc/$left/status")
	expect_equal "$(<"/proc/$tracer/comm")" cg-trace
	expect_equal "$(cgroup_of "$tracer")" "$(cgroup_of $$)"
	kill -0 "$left" || fail "it has ended with the run"
	kill -KILL "$tracer"
	until_true is_gone "$left"
}

# ---- other tracers ----

live another_tracer_is_named alice +native +once
another_tracer_is_named() {
	command -v strace >/dev/null || skip "no strace"
	launcher=(strace -f -qqq -o /dev/null)
	run trace touch ran
	expect_refused 'cannot trace: .*touch' 'strace \(process [0-9]*\) traces it already'
	[[ ! -e ran ]] || fail "it ran"
	launcher=()
	run trace -o report strace -o /dev/null true
	expect_match report 'note: .*/strace could not trace another process'
}

# ---- where it is impossible ----

live without_libseccomp_nothing_runs root +native
without_libseccomp_nothing_runs() {
	local library
	library=$(ldconfig -p | sed -n 's/.*libseccomp\.so\.2 .* => //p' | head -n 1)
	has "$library" || skip "no libseccomp"
	launcher=(unshare -m sh -c "mount --bind /dev/null $library"' && exec "$@"' sh)
	run trace touch ran
	expect_refused 'cannot trace: libseccomp\.so\.2: .* is missing' 'apt install libseccomp2'
	[[ ! -e ran ]] || fail "it ran"
}

# contain PROFILE COMMAND: as root of a container; podman's own profile, which is Docker's, for "".
contain() {
	status=0
	podman --root "$PWD/storage" --runroot "$PWD/running" --storage-driver=vfs \
		--log-level=error run --rm --network=host --cgroups=disabled --name live-podman \
		-v /usr:/usr:ro ${1:+--security-opt "seccomp=$1"} --rootfs "$PWD/root" \
		sh -c "$2" >out 2>err </dev/null || status=$?
}

live a_trace_in_a_container_works_or_says_why root +native
a_trace_in_a_container_works_or_says_why() {
	local dir
	command -v podman >/dev/null || skip "no podman"
	mkdir -p root/{usr,etc,tmp,proc,sys,dev,run}
	for dir in bin sbin lib lib64; do
		ln -sfn "usr/$dir" "root/$dir"
	done
	cp /etc/passwd /etc/group /etc/ld.so.cache root/etc/
	contain '' 'grep Seccomp: /proc/self/status
		cgscope trace --best-effort sh -c /nowhere/x'
	expect_equal "$status" 127
	expect_lines out $'Seccomp:\t2'
	expect_match err 'exec /nowhere/x +ENOENT +there is no such file'
	cat >profile.json <<-'END'
		{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
			{ "names": ["ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 } ] }
	END
	contain "$PWD/profile.json" 'cgscope trace --best-effort touch /tmp/ran'
	expect_equal "$status" 125
	expect_match err 'cannot trace: .*touch: Operation not permitted'
	expect_match err "hint: this process has a seccomp filter, .*: a container's profile"
	[[ ! -e root/tmp/ran ]] || fail "it ran"
}

# ---- other programs ----

live a_program_of_32_bits_is_traced alice +native +once
a_program_of_32_bits_is_traced() {
	"$helper/make-i386" narrow
	./narrow || [[ $? -eq 7 ]] || skip "no programs of 32 bits here"
	run trace --json -o report ./narrow
	expect_status 7
	expect_equal "$(get '[(f["errno"], f["reason"].split(" (")[0]) for f in t["failures"]]')" \
		"[('ENOENT', 'there is no such file'), ('ENOMEM', 'its addresses: 4G')]"
	expect_equal "$(get 't["failures"][0]["path"]')" /nowhere/x
	expect_equal "$(get 't["processes"]')" 2
}

live of_many_threads_no_failure_is_lost alice +native +once
of_many_threads_no_failure_is_lost() {
	run trace --json -o report python3 -c '
import mmap, os, threading
together = threading.Barrier(500)
def fail():
    together.wait()
    for call in (lambda: os.execv("/nowhere/x", ["x"]), lambda: mmap.mmap(-1, 1 << 45)):
        try:
            call()
        except OSError:
            pass
threading.stack_size(64 << 10)
threads = [threading.Thread(target=fail) for _ in range(500)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()'
	expect_status 0
	expect_equal "$(get 't["lost"]')" 0
	expect_equal "$(get '{f["kind"]: f["count"] for f in t["failures"]}')" \
		"{'exec': 500, 'memory': 500}"
}
