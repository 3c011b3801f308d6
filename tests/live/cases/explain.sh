# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Why did it end, or not start? Units that fail in every way that needs no controller, many at once:
# a case stages them, waits until all have ended, and asks once.

# Where unit files of the case's user go, and whom to ask.
stage_begin() {
	if [[ $UID -eq 0 ]]; then
		units=/run/systemd/system ctl=(systemctl) manager=--system
	else
		units=$HOME/.config/systemd/user ctl=(systemctl --user) manager=--user
	fi
	mkdir -p "$units"
	dir=$PWD names=()
	: >expected
	defer "${ctl[@]}" daemon-reload
	defer find "$units" -maxdepth 1 -name 'live-ex-*' -delete
	defer "${ctl[@]}" reset-failed 'live-ex-*'
	defer "${ctl[@]}" stop 'live-ex-*'
}

# unit NAME CAUSE CERTAINTY REASON: the file on stdin, and what is expected of it.
unit() {
	cat >"$units/live-ex-$1.service"
	names+=("live-ex-$1.service")
	printf 'live-ex-%s.service\t%s\t%s\t%s\n' "$@" >>expected
}

# The same of a service that only has a command, and settings on lines of their own.
service() {
	unit "${@:1:4}" < <(printf '%s\n' '[Service]' "${@:5}")
}

nothing_goes_on() {
	! "${ctl[@]}" list-units --plain --no-legend --state=activating,deactivating 'live-ex-*' |
		grep -q . &&
		! "${ctl[@]}" list-jobs --no-legend | grep -q live-ex-
}

stage_start() {
	"${ctl[@]}" daemon-reload
	# One at a time: in 262 one that cannot be loaded is in the way of all.
	for name in "${names[@]}"; do
		"${ctl[@]}" start --no-block "$name" 2>/dev/null || true
	done
	until_true 40 nothing_goes_on
}

stage_ask() {
	status=0
	args="explain ${names[*]}"
	cgscope explain "$manager" --json "${names[@]}" >out 2>err || status=$?
}

# The journal may lag behind the unit's state.
expect_explanations() {
	local end=$((SECONDS + 8))
	stage_ask
	until "$helper/check-explanations" out expected >wrong || ((SECONDS >= end)); do
		nap 0.2
		stage_ask
	done
	[[ ! -s wrong ]] || fail "$(<wrong)" "$(<err)"
	expect_status 0
}

# Programs that cannot be executed, each in its own way.
make_programs() {
	printf '#!/no/such/interpreter\n' >interpreter
	printf '#!/bin/sh\r\nexit 0\r\n' >crlf
	printf '#!/usr/bin/env nosuchprogram\n' >env-interpreter
	sed 's#/lib64/ld-linux-x86-64.so.2#/lib64/ld-linux-x86-64.no.2#' /bin/true >loader
	printf 'exit 0\n' >plain
	printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\377\376\1\0\0\0%0200d' 0 >machine
	mkdir closed
	cp plain closed/program
	chmod 755 interpreter crlf env-interpreter loader plain machine closed/program
	chmod 644 "$dir/expected"
	cp plain not-executable
	chmod 644 not-executable
}

live programs_that_cannot_be_executed alice root +native
programs_that_cannot_be_executed() {
	stage_begin
	make_programs
	service not-found exec-not-found certain '^/no/such/program is not there$' \
		'ExecStart=/no/such/program'
	service not-in-path exec-not-in-path certain \
		'no program "nosuch-tool" in its own search path' 'ExecStart=nosuch-tool'
	service interpreter exec-interpreter certain 'interpreter /no/such/interpreter is missing' \
		"ExecStart=$dir/interpreter"
	service crlf exec-crlf certain 'Windows' "ExecStart=$dir/crlf"
	service env exec-env-interpreter probably 'did not find the command nosuchprogram' \
		"ExecStart=$dir/env-interpreter"
	service plain exec-format certain 'no #! line' "ExecStart=$dir/plain"
	service machine exec-format certain 'another machine' "ExecStart=$dir/machine"
	service no-x exec-no-x certain 'no right to execute' "ExecStart=$dir/not-executable"
	service pre exec-not-found certain '/no/such/pre is not there' 'ExecStartPre=/no/such/pre' \
		'ExecStart=/bin/true'
	service limit-exec start-limit certain 'given up; each time /no/such/one is not there' \
		'ExecStart=/no/such/one' 'Restart=always' 'RestartSec=0'
	if [[ $(uname -m) == x86_64 ]]; then
		service loader exec-elf-interpreter certain \
			'ld-linux-x86-64.no.2, the dynamic loader, is missing' \
			"ExecStart=$dir/loader"
	fi
	if [[ $UID -eq 0 ]]; then
		mkdir /srv/live-ex noexec
		defer rm -rf /srv/live-ex
		cp /bin/true /srv/live-ex/program
		chmod 700 /srv/live-ex
		service directory exec-directory-right probably 'alice may not enter /srv/live-ex' \
			'User=alice' 'ExecStart=/srv/live-ex/program'
		mount -t tmpfs -o noexec,size=4M tmpfs noexec
		defer umount "$dir/noexec"
		cp /bin/true noexec/program
		service noexec exec-noexec certain 'mounted noexec' "ExecStart=$dir/noexec/program"
		service home exec-directory-right probably 'ProtectHome=' 'ProtectHome=yes' \
			'ExecStart=/home/alice/.profile'
	else
		chmod 000 closed
		service directory exec-directory-right probably "may not enter $dir/closed" \
			"ExecStart=$dir/closed/program"
	fi
	stage_start
	expect_explanations
}

live a_busy_program_and_one_that_came_later alice +native
a_busy_program_and_one_that_came_later() {
	stage_begin
	cp /bin/sleep busy
	service busy exec-busy certain 'open for writing' "ExecStart=$dir/busy 0"
	service later exec-not-found probably 'it is now, made or changed since' \
		"ExecStart=$dir/later"
	exec 9>>busy
	stage_start
	exec 9>&-
	cp /bin/true later
	expect_explanations
}

live steps_before_the_program alice root +native
steps_before_the_program() {
	stage_begin
	service chdir setup-chdir certain 'WorkingDirectory=/no/such/dir' \
		'WorkingDirectory=/no/such/dir' 'ExecStart=/bin/true'
	service stdin setup-stdio certain 'StandardInput=' 'StandardInput=file:/no/such/file' \
		'ExecStart=/bin/true'
	service tty setup-stdio certain 'TTYPath=/dev/tty99' 'StandardInput=tty' \
		'TTYPath=/dev/tty99' 'ExecStart=/bin/true'
	service user setup-user certain 'User=nosuchuser is unknown' 'User=nosuchuser' \
		'ExecStart=/bin/true'
	service group setup-group certain 'Group=nosuchgroup is unknown' 'Group=nosuchgroup' \
		'ExecStart=/bin/true'
	service environment environment-file certain '^/no/such/env of' \
		'EnvironmentFile=/no/such/env' 'ExecStart=/bin/true'
	service network setup-step certain '225/NETWORK' 'NetworkNamespacePath=/no/such/netns' \
		'ExecStart=/bin/true'
	if [[ $UID -eq 0 ]]; then
		# In 252 a user's manager has no such view to give, and goes on without.
		service mount setup-namespace certain '/no/such/rw' 'ReadWritePaths=/no/such/rw' \
			'ExecStart=/bin/true'
		touch /var/lib/live-ex-file
		defer rm -f /var/lib/live-ex-file
		service state setup-step certain 'StateDirectory=.*238' \
			'StateDirectory=live-ex-file' 'ExecStart=/bin/true'
		service credential setup-step certain '243/CREDENTIALS' \
			'LoadCredential=x:/no/such/cred' 'ExecStart=/bin/true'
	else
		service realtime setup-step certain 'CPUSchedulingPolicy=.*214' \
			'CPUSchedulingPolicy=fifo' 'CPUSchedulingPriority=99' \
			'ExecStart=/bin/true'
	fi
	stage_start
	expect_explanations
}

live starts_that_systemd_refused alice root +native
starts_that_systemd_refused() {
	stage_begin
	unit condition skipped-condition certain 'ConditionPathExists=/no/such/path was' <<-'END'
		[Unit]
		ConditionPathExists=/no/such/path
		[Service]
		ExecStart=/bin/true
	END
	service exec-condition skipped-exec-condition certain 'own check' \
		'ExecCondition=/bin/false' 'ExecStart=/bin/true'
	unit assert assert certain 'AssertPathExists=/no/such/path was not met' <<-'END'
		[Unit]
		AssertPathExists=/no/such/path
		[Service]
		ExecStart=/bin/true
	END
	service needed exit certain 'status 9' 'Type=oneshot' "ExecStart=/bin/sh -c 'exit 9'"
	unit needing dependency certain \
		'needs live-ex-needed.service, which failed: it ended with status 9' <<-'END'
		[Unit]
		Requires=live-ex-needed.service
		After=live-ex-needed.service
		[Service]
		ExecStart=/bin/true
	END
	unit needing-2 dependency certain \
		'needs live-ex-needing.service, which failed: it needs live-ex-needed' <<-'END'
		[Unit]
		Requires=live-ex-needing.service
		After=live-ex-needing.service
		[Service]
		ExecStart=/bin/true
	END
	service bad bad-unit-file certain 'relative/path' 'ExecStart=relative/path'
	service limit start-limit certain 'each time it ended by itself, and well' \
		'ExecStart=/bin/true' 'Restart=always' 'RestartSec=0'
	service masked masked certain 'masked' 'ExecStart=/bin/true'
	rm "$units/live-ex-masked.service"
	ln -s /dev/null "$units/live-ex-masked.service"
	stage_start
	"${ctl[@]}" start live-ex-bad.service 2>/dev/null || true
	expect_explanations
	run explain "$manager" live-ex-nosuch.service
	expect_status 1
	expect_lines out
	expect_match err 'no manager knows such a unit'
}

live ends_of_what_ran alice root +native
ends_of_what_ran() {
	stage_begin
	service well ended-well certain 'ended by itself' 'ExecStart=/bin/true'
	service stopped stopped certain 'stopped by a job' 'ExecStart=/bin/sleep 1000'
	service term ended-well certain 'it ended by' \
		"ExecStart=/bin/sh -c 'kill -TERM \$\$\$\$; sleep 9'"
	service "runs-$$" running certain 'it is active' 'ExecStart=/bin/sleep 1000'
	service client killed-by-client certain 'SIGKILL' 'ExecStart=/bin/sleep 1000'
	service other signal certain 'SIGKILL from elsewhere' 'ExecStart=/bin/sleep 1000'
	service dumped core certain 'SIGSEGV.*core' LimitCORE=infinity WorkingDirectory=/tmp \
		"ExecStart=/bin/sh -c 'kill -SEGV \$\$\$\$; sleep 9'"
	service segv core certain 'SIGSEGV' "ExecStart=/bin/sh -c 'kill -SEGV \$\$\$\$; sleep 9'"
	service seccomp seccomp probably 'system call' 'NoNewPrivileges=yes' \
		'SystemCallFilter=~getppid' \
		"ExecStart=/usr/bin/python3 -c 'import os; os.getppid()'"
	service exit exit certain 'status 3; its last line: "last words"' \
		"ExecStart=/bin/sh -c 'echo last words; sleep 0.3; exit 3'"
	service exit203 exit certain 'status 203' "ExecStart=/bin/sh -c 'exit 203'"
	service exit137 exit-128n maybe 'died of SIGKILL' "ExecStart=/bin/sh -c 'exit 137'"
	service inside command-not-found-inside probably 'did not find the command nosuch-tool' \
		"ExecStart=/bin/sh -c 'nosuch-tool; sleep 0.3; exit 127'"
	service terminal no-terminal maybe '/dev/tty' \
		"ExecStart=/bin/sh -c 'echo /dev/tty: No such device or address; sleep 0.3; exit 2'"
	service home no-home probably 'HOME' 'UnsetEnvironment=HOME' \
		"ExecStart=/bin/sh -c 'echo sh: HOME: parameter not set; sleep 0.3; exit 2'"
	service space no-space maybe 'No space left' \
		"ExecStart=/bin/sh -c 'echo No space left on device; sleep 0.3; exit 1'"
	service post exit certain 'its ExecStartPost= ended with status 5' \
		'ExecStart=/bin/sleep 1000' "ExecStartPost=/bin/sh -c 'exit 5'"
	stage_start
	"${ctl[@]}" stop live-ex-stopped.service
	"${ctl[@]}" kill -s KILL live-ex-client.service
	kill -KILL "$("${ctl[@]}" show -P MainPID live-ex-other.service)"
	until_true nothing_goes_on
	expect_explanations
}

live time_limits_of_units alice root +native
time_limits_of_units() {
	stage_begin
	service watchdog watchdog certain 'no WATCHDOG=1 for 1s' 'Type=notify' 'NotifyAccess=all' \
		'WatchdogSec=1' "ExecStart=/bin/sh -c 'systemd-notify --ready; sleep 1000'"
	service notify start-timeout-notify certain 'READY=1.* in 1s' 'Type=notify' \
		'TimeoutStartSec=1' 'ExecStart=/bin/sleep 1000'
	service forking start-timeout certain 'Type=forking' 'Type=forking' 'TimeoutStartSec=1' \
		'ExecStart=/bin/sleep 1000'
	service dbus start-timeout certain 'org.example.No' 'Type=dbus' 'BusName=org.example.No' \
		'TimeoutStartSec=1' 'ExecStart=/bin/sleep 1000'
	service pre start-timeout certain 'ExecStartPre=' 'TimeoutStartSec=1' \
		'ExecStartPre=/bin/sleep 1000' 'ExecStart=/bin/true'
	service runtime runtime-max certain 'RuntimeMaxSec=1s' 'RuntimeMaxSec=1' \
		'ExecStart=/bin/sleep 1000'
	service protocol protocol certain 'before it had sent READY=1' 'Type=notify' \
		'ExecStart=/bin/true'
	service stop stop-timeout certain 'TimeoutStopSec=' 'TimeoutStopSec=1' \
		"ExecStart=/bin/sh -c \"trap '' TERM; while :; do sleep 1; done\""
	stage_start
	"${ctl[@]}" stop live-ex-stop.service
	until_true eval '! "${ctl[@]}" -q is-active live-ex-{runtime,watchdog}.service'
	expect_explanations
}

# When the manager says so, and not at a time: a machine may be slow.
have_ended() {
	local state
	for name in "${names[@]}"; do
		state=$("${ctl[@]}" show -P ActiveState "$name")
		[[ $state == failed || $state == inactive ]] || return 1
	done
}

# Whose limit it was stands in the kernel's lines: those who may not read them are told what is
# likely, and of which lines they lack.
live ends_by_limits alice root 150s
ends_by_limits() {
	local hog="ExecStart=/usr/bin/python3 -c 'bytearray(200 << 20)'"
	local own='memory.max 30M of live-ex-own.service was reached; the kernel killed'
	local above='memory.max 30M of liveex.slice was reached; the kernel killed'
	stage_begin
	defer rm -f "$units/liveex.slice"
	defer "${ctl[@]}" stop liveex.slice
	printf '%s\n' '[Slice]' MemoryMax=30M MemorySwapMax=0 >"$units/liveex.slice"
	service own oom-own certain "$own" MemoryMax=30M MemorySwapMax=0 "$hog"
	service above oom-ancestor certain "$above" Slice=liveex.slice "$hog"
	service tasks tasks probably 'TasksMax= \(pids.max 3\)' TasksMax=3 \
		"ExecStart=/bin/sh -c 'for i in 1 2 3 4; do sleep 3 & done; wait; exit 3'"
	cp expected expected-by-kernel
	printf '%s\n' \
		$'live-ex-own.service\toom-unknown-limit\tprobably\tits own memory.max 30M' \
		$'live-ex-above.service\toom-unknown-limit\tprobably\t30M of liveex.slice' \
		>expected-without
	stage_start
	until_true 90 have_ended
	# No Delegate= was needed for any of it.
	expect_equal "$("${ctl[@]}" show -P Delegate live-ex-own.service)" no
	if [[ $UID -ne 0 ]]; then
		cp expected-without expected
		printf '%s\n' $'live-ex-tasks.service\ttasks\tmaybe\tits own words' >>expected
		expect_explanations
		run explain --user live-ex-own
		expect_match out 'unread .*the kernel.s lines, which name whose memory limit killed'
		return
	fi
	expect_explanations
	printf '%s\n' $'live-ex-tasks.service\texit\tcertain\tstatus' >>expected-without
	alice_is_told expected-without
	run_as_alice=$(as alice cgscope explain live-ex-own)
	[[ $run_as_alice =~ unread.*usermod\ -aG\ systemd-journal\ alice ]] || fail "$run_as_alice"
	usermod -aG systemd-journal alice
	defer gpasswd -d alice systemd-journal
	alice_is_told expected-by-kernel
}

# To systemd it is a kill by the OOM killer either way.
live a_kill_by_systemd_oomd root +swap 150s
a_kill_by_systemd_oomd() {
	stage_begin
	printf '%s\n' '$x = "x" x (30 << 20);' \
		'for (;;) { substr($x, $_ << 12, 1) = "y" for 0 .. 7679 }' >busy.pl
	service oomd oomd certain 'systemd-oomd killed the group' MemoryHigh=20M \
		MemorySwapMax=200M ManagedOOMMemoryPressure=kill ManagedOOMMemoryPressureLimit=1% \
		"ExecStart=/usr/bin/perl $dir/busy.pl"
	start_oomd
	stage_start
	until_true 90 have_ended
	expect_explanations
	as alice cgscope explain live-ex-oomd >out || true
	grep -q 'systemd-oomd' out || fail "alice:" "$(<out)"
}

alice_is_told() {
	chmod 755 .
	as alice cgscope explain --json "${names[@]}" >out
	"$helper/check-explanations" out "$1" >wrong || fail "alice:" "$(<wrong)"
}

live three_lives_and_a_fourth alice root +native
three_lives_and_a_fourth() {
	local name=live-ex-lives-$$.service
	stage_begin
	service "lives-$$" exit certain 'status 3' \
		"ExecStart=/bin/sh $dir/script"
	printf '%s\n' "read -r n <$dir/n; echo \$((n + 1)) >$dir/n" \
		'case $n in 0) exit 3 ;; 1) kill -9 $$ ;; 2) exec /no/such ;;' \
		'*) exec sleep 1000 ;; esac' >script
	echo 0 >n
	"${ctl[@]}" daemon-reload
	for _ in 1 2 3; do
		"${ctl[@]}" start "$name"
		until_true eval '! "${ctl[@]}" -q is-active "$name"'
		"${ctl[@]}" reset-failed "$name"
	done
	"${ctl[@]}" start "$name"
	until_true eval 'run explain "$manager" --lives all "$name" &&
		grep -q status.3 out'
	expect_match out "^$name .*: ended with status 127, [^;]*; it runs again since "
	[[ $(grep -c '^live-ex-lives' out) -eq 3 ]] || fail "$(<out)"
	expect_match out 'killed by SIGKILL'
	cgscope explain "$manager" --lives 2 --json "$name" >out
	"$helper/check-record" out 'len(lives) == 1' 'exit.code == 127' \
		'lives[0].exit.signal == "SIGKILL"' >wrong || fail "$(<wrong)" "$(<out)"
	invocation=$(grep -o '"invocation":"[0-9a-f]*"' out | tail -n 1 | grep -o '[0-9a-f]\{32\}')
	run explain "$manager" --invocation "$invocation" "$name"
	expect_status 0
	expect_match out 'killed by SIGKILL'
	run explain "$manager" --since 2030-01-01 "$name"
	expect_status 0
	expect_match out 'runs'
	run explain "$manager" "live-ex-lives-$$*"
	expect_match out 'status 127'
	run explain "$manager" 'live-ex-nosuch*'
	expect_status 1
	expect_lines out
}

live a_process_that_is_gone alice root +native
a_process_that_is_gone() {
	local pid
	stage_begin
	service gone signal certain 'SIGKILL' "ExecStart=/bin/sh -c 'echo here; exec sleep 1000'"
	stage_start
	pid=$("${ctl[@]}" show -P MainPID live-ex-gone.service)
	run explain "$pid"
	expect_status 0
	expect_match out '^live-ex-gone.service .*: runs since'
	kill -KILL "$pid"
	until_true eval '! "${ctl[@]}" -q is-active live-ex-gone.service'
	until_true eval 'cgscope explain "$pid" >out && grep -q "killed by SIGKILL" out'
	expect_match out '^live-ex-gone.service '
	run explain 4194303
	expect_status 1
	expect_lines out
	expect_match err 'no such process'
}

# What somebody else writes into the journal with a unit's fields counts for nothing.
live forged_entries_are_nobodys root +native
forged_entries_are_nobodys() {
	stage_begin
	service forged exit certain 'status 6' "ExecStart=/bin/sh -c 'exit 6'"
	service forged-step exit certain 'status 203' "ExecStart=/bin/sh -c 'exit 203'"
	stage_start
	# alice claims that systemd did not find the program.
	invocation=$("${ctl[@]}" show -P InvocationID live-ex-forged-step.service)
	printf '%s\n' 'MESSAGE=live-ex-forged-step.service: Failed at step EXEC spawning /no: x' \
		'MESSAGE_ID=641257651c1b4ec9a8624d7a40a9e1e7' 'UNIT=live-ex-forged-step.service' \
		'EXECUTABLE=/no' 'ERRNO=2' \
		"INVOCATION_ID=$invocation" >forged
	chmod 644 forged
	chmod 755 .
	as alice logger --journald=forged
	printf '%s\n' 'MESSAGE=live-ex-forged.service: A process was killed by the OOM killer.' \
		'MESSAGE_ID=fe6faa94e7774663a0da52717891d8ef' 'UNIT=live-ex-forged.service' \
		"INVOCATION_ID=$("${ctl[@]}" show -P InvocationID live-ex-forged.service)" >forged
	logger --journald=forged
	printf 'MESSAGE=oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/x,%s,task=x,pid=1,uid=0\n' \
		'task_memcg=/system.slice/live-ex-forged.service' >forged
	logger --journald=forged
	journalctl --sync
	expect_explanations
	[[ $(<out) != *oom* ]] || fail "$(<out)"
}

# An ordinary user, who cannot read what PID 1 says: nothing is made up, and it is named.
live what_alice_may_not_read root +native
what_alice_may_not_read() {
	stage_begin
	service worker signal certain 'SIGKILL' 'ExecStart=/bin/sleep 1000'
	service missing exec-not-found certain 'not there' 'ExecStart=/no/such/program'
	stage_start
	kill -KILL "$("${ctl[@]}" show -P MainPID live-ex-worker.service)"
	until_true eval '! systemctl -q is-active live-ex-worker.service'
	expect_explanations
	chown alice .
	as alice cgscope explain live-ex-worker.service >out 2>err
	expect_match out '^live-ex-worker.service \(system\): killed by SIGKILL'
	expect_match out 'who sent it is unknown to you'
	expect_match out 'unread +.*journal.*usermod -aG systemd-journal alice'
	as alice cgscope explain live-ex-missing.service >out
	expect_match out 'why +probably: systemd could not execute /no/such/program \(203/EXEC\)'
	usermod -aG systemd-journal alice
	defer gpasswd -d alice systemd-journal
	as alice cgscope explain live-ex-missing.service >out
	expect_match out 'why +/no/such/program is not there'
	as alice cgscope explain live-ex-worker.service >out
	expect_match out 'not by systemd, as it tells'
	! grep -q unread out || fail "$(<out)"
}

# What works in a shell and fails in a unit, and the line that mends it is tried.
live what_a_unit_lacks_beside_a_shell alice root +native
what_a_unit_lacks_beside_a_shell() {
	stage_begin
	mkdir tools
	printf '#!/bin/sh\nexit 0\n' >tools/live-ex-tool
	chmod 755 tools/live-ex-tool
	service lacks command-not-found-inside probably 'it is in .*/tools, which is in yours' \
		"ExecStart=/bin/sh -c 'live-ex-tool || sleep 0.3; live-ex-tool'"
	service "runs-$$" running certain 'it is active' 'UMask=0027' 'WorkingDirectory=/tmp' \
		'LimitNOFILE=128' 'Environment=GOPATH=/from/the/unit SECRET=hidden' \
		'ExecStart=/bin/sleep 1000'
	stage_start
	PATH=$dir/tools:$PATH expect_explanations
	umask 0022
	export GOPATH=/from/the/shell GOPROXY=https://u:secret@example.org MORE_SECRET=1
	for name in live-ex-lacks "live-ex-runs-$$"; do
		PATH=$dir/tools:$PATH run explain "$manager" --env "$name"
		expect_status 0
		expect_match out "env +PATH: .*yours: $dir/tools"
		expect_match out "do +Environment=PATH=$dir/tools"
		grep -Eq '^  (env +terminal: none|same .*terminal)' out || fail "$(<out)"
		[[ $(<out) != *secret* && $(<out) != *SECRET* && $(<out) != *hidden* ]] ||
			fail "$(<out)"
	done
	expect_match out 'env +umask: 0027; yours: 0022'
	expect_match out 'do +UMask=0022'
	expect_match out "env +directory: /tmp; yours: $dir"
	expect_match out 'env +LimitNOFILE: 128; yours: '
	expect_match out 'env +GOPATH: /from/the/unit; yours: /from/the/shell'
	expect_match out 'env +GOPROXY: not set; yours: \(set\)'
	cgscope explain "$manager" --env --json "live-ex-runs-$$" >out
	"$helper/check-record" out '"umask" in [x.name for x in environment]' \
		'[x.unit for x in environment if x.name == "GOPATH"] == ["/from/the/unit"]' \
		>wrong || fail "$(<wrong)" "$(<out)"
	# The line that it gives is the one that helps.
	PATH=$dir/tools:$PATH cgscope explain "$manager" --env live-ex-lacks >out
	line=$(sed -n 's/^  do *\(Environment=PATH=.*\)/\1/p' out | head -n 1)
	sed -i "/^\[Service]/a $line" "$units/live-ex-lacks.service"
	"${ctl[@]}" daemon-reload
	"${ctl[@]}" start live-ex-lacks
	until_true nothing_goes_on
	until_true eval '[[ $("${ctl[@]}" show -P Result live-ex-lacks) == success ]]'
}

# Each step takes a time that the others do not, so that it can be told by it.
live where_the_time_of_a_start_went alice root +native
where_the_time_of_a_start_went() {
	local usec
	stage_begin
	service first exit certain '' 'Type=oneshot' 'RemainAfterExit=yes' \
		'ExecStart=/bin/sleep 0.3'
	unit slow running certain 'it is active' <<-'END'
		[Unit]
		Requires=live-ex-first.service
		After=live-ex-first.service
		[Service]
		Type=notify
		NotifyAccess=all
		ExecStartPre=/bin/sleep 0.4
		ExecStart=/bin/sh -c 'sleep 0.5; systemd-notify --ready; exec sleep 1000'
		ExecStartPost=/bin/sleep 0.2
	END
	"${ctl[@]}" daemon-reload
	"${ctl[@]}" start live-ex-slow
	until_true eval 'cgscope explain "$manager" --start live-ex-slow >out &&
		grep -q queued out'
	expect_match out '^live-ex-slow.service \(.*\): started in (1\.[4-9]|[2-9])'
	expect_match out '%  queued behind live-ex-first.service'
	expect_match out '%  ExecStartPre=/bin/sleep 0.4'
	expect_match out '%  until READY=1'
	expect_match out '%  ExecStartPost=/bin/sleep 0.2'
	# Once more without what it waited for; the first time is there to compare.
	"${ctl[@]}" restart live-ex-slow
	until_true eval 'cgscope explain "$manager" --start live-ex-slow >out &&
		! grep -v "^  before" out | grep -q queued &&
		grep -q "^  before .*: .* queued behind live-ex-" out'
	cgscope explain "$manager" --start --json live-ex-slow >out
	"$helper/check-record" out 'start.result == "started"' 'len(start.before) >= 1' \
		'start.before[0].steps[-1].kind == "rest"' \
		'sum(x.took_usec for x in start.before[0].steps) <= start.before[0].took_usec' \
		'start.took_usec >= 1100000' \
		'[x.took_usec >= 400000 for x in start.steps if "Pre" in x.what] == [True]' \
		'[x.took_usec >= 400000 for x in start.steps if x.kind == "ready"] == [True]' \
		'sum(x.took_usec for x in start.steps) <= start.took_usec' \
		'all(x.over for x in start.steps)' >wrong || fail "$(<wrong)" "$(<out)"
	# On a terminal there is a bar for each.
	terminal <<-END
		size 24 100
		start TERM=xterm cgscope explain $manager --start live-ex-slow
		see =====+ +ExecStartPre
		exit 0
	END
}

# A start that hangs shows where, and one that failed has its cause.
live a_start_that_hangs_or_fails alice root +native
a_start_that_hangs_or_fails() {
	stage_begin
	service hangs running certain '' 'Type=notify' 'ExecStartPre=/bin/true' \
		'ExecStart=/bin/sleep 1000'
	service fails exit certain '' 'Type=oneshot' "ExecStart=/bin/sh -c 'sleep 0.1; exit 4'"
	"${ctl[@]}" daemon-reload
	"${ctl[@]}" start --no-block live-ex-hangs
	"${ctl[@]}" start live-ex-fails || true
	until_true eval '[[ $("${ctl[@]}" show -P SubState live-ex-hangs) == start ]]'
	run explain "$manager" --start live-ex-hangs
	expect_match out '^live-ex-hangs.service .*: has been starting for'
	expect_match out 'until READY=1 \(goes on\)'
	until_true eval 'cgscope explain "$manager" --start live-ex-fails >out &&
		grep -q "why " out'
	expect_match out '^live-ex-fails.service .*: failed to start, after'
	expect_match out 'exit 4 \(status 4\)'
	expect_match out 'why +it ended with status 4'
	"${ctl[@]}" kill -s KILL live-ex-hangs
}

# A slice that a manager makes of any name is no unit that anybody has.
live slices_that_nobody_made alice root +native
slices_that_nobody_made() {
	run explain live-ex-nobodys.slice
	expect_status 1
	expect_lines out
	expect_match err 'nothing is in that slice'
	run explain user.slice
	expect_status 0
	expect_match out '^user.slice \(system\): runs since'
}

# Weather that a recording cannot have.
live names_and_namespaces_and_restarts alice root +native
names_and_namespaces_and_restarts() {
	local name='live-ex-a\x2db@c\x2dd.service'
	stage_begin
	# The name of a template's instance, with escapes.
	printf '%s\n' '[Service]' "ExecStart=/bin/sh -c 'exit 6'" >"$units/live-ex-a\\x2db@.service"
	names+=("$name")
	printf '%s\texit\tcertain\tstatus 6\n' "$name" >>expected
	service loops start-limit certain 'each time it ended with status 5' 'Restart=always' \
		'RestartSec=0' 'StartLimitBurst=40' 'StartLimitIntervalSec=100' \
		"ExecStart=/bin/sh -c 'exit 5'"
	if [[ $UID -eq 0 ]]; then
		service elsewhere exit certain 'status 4' 'LogNamespace=live-ex' \
			"ExecStart=/bin/sh -c 'echo hidden; exit 4'"
		defer systemctl stop 'systemd-journald*@live-ex.*'
	fi
	"${ctl[@]}" daemon-reload
	"${ctl[@]}" start --no-block live-ex-loops
	# While it restarts: always an answer, and never one that is not so.
	for _ in 1 2 3 4 5; do
		cgscope explain "$manager" --json live-ex-loops >out || true
		[[ ! -s out ]] || "$helper/check-record" out \
			'cause in ("exit", "start-limit", "running", "unknown")' >wrong ||
			fail "$(<wrong)" "$(<out)"
	done
	stage_start
	expect_explanations
	if [[ $UID -eq 0 ]]; then
		run explain live-ex-elsewhere
		expect_match out 'unread +.*LogNamespace=live-ex; journalctl --namespace=live-ex'
	fi
}

# What the manager itself still knows is told, and nothing made up, whatever is left of a file.
live a_damaged_journal root +native +once
a_damaged_journal() {
	local file
	stage_begin
	service damaged exit certain 'status 6' "ExecStart=/bin/sh -c 'exit 6'"
	stage_start
	expect_explanations
	journalctl --sync
	journalctl --rotate
	file=$(find /var/log/journal /run/log/journal -name 'system@*.journal' -printf '%T@ %p\n' \
		2>/dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2)
	cp -p "$file" kept
	defer cp -p "$dir/kept" "$file"
	for damage in 'f.truncate(size // 2)' 'f.truncate(1)' \
		'f.seek(size // 20); f.write(b"\xff" * (size * 9 // 10))' \
		'[(f.seek(at), f.write(b"\x5a" * 40)) for at in range(4096, size - 40, 3000)]'; do
		cp -p kept "$file"
		python3 -c "f = open('$file', 'r+b'); size = f.seek(0, 2); $damage"
		expect_explanations
		run explain -v live-ex-damaged
		expect_status 0
		[[ $(<out) != *usermod* ]] || fail "$(<out)"
	done
}

# The journal has the answer when the manager gives none.
live a_manager_that_does_not_answer alice +native +once
a_manager_that_does_not_answer() {
	local manager_pid
	stage_begin
	service silent exit certain 'status 7' "ExecStart=/bin/sh -c 'exit 7'"
	stage_start
	expect_explanations
	manager_pid=$(systemctl show -P MainPID "user@$UID.service")
	defer kill -CONT "$manager_pid"
	kill -STOP "$manager_pid"
	run explain --user live-ex-silent.service
	kill -CONT "$manager_pid"
	expect_status 0
	expect_match out '^live-ex-silent.service \(yours\): ended with status 7'
	run explain --user -v live-ex-silent.service
	expect_status 0
}

# A myth: CPUWeight=50 is half of a CPU. It is half as much as one of 100 gets beside it, and all
# of the CPU when nobody else wants it.
live a_weight_is_no_share_of_the_cpu root +once 90s
a_weight_is_no_share_of_the_cpu() {
	local cgroup=/sys/fs/cgroup/livemyth.slice before
	defer systemctl stop livemyth.slice
	busy() {
		systemd-run -q --unit "live-myth-$1" --slice livemyth.slice -p "CPUWeight=$1" \
			taskset -c 0 sh -c 'while :; do :; done'
	}
	usage() {
		sed -n 's/^usage_usec //p' "$cgroup/live-myth-$1.service/cpu.stat"
	}
	busy 50
	until_true test -e "$cgroup/live-myth-50.service/cpu.stat"
	until_true eval '(($(usage 50) > 100000))'
	before=$(usage 50)
	start=${EPOCHREALTIME/./}
	nap 3
	used=$(($(usage 50) - before)) took=$((${EPOCHREALTIME/./} - start))
	((used * 100 > took * 65)) || fail "alone it had $used us in $took us"
	busy 100
	until_true eval '(($(usage 100) > 200000))'
	before_50=$(usage 50) before_100=$(usage 100)
	nap 4
	used_50=$(($(usage 50) - before_50)) used_100=$(($(usage 100) - before_100))
	((used_100 * 10 > used_50 * 15 && used_100 * 10 < used_50 * 27)) ||
		fail "100: $used_100 us, 50: $used_50 us"
	echo "alone $((used * 100 / took)) %; beside 100: 1 to $((used_100 * 100 / used_50)) / 100"
}

# A myth: execve(2) is cut short in a cgroup. The argument is whole, under limits of memory and
# tasks, as it is without.
live a_limit_does_not_cut_an_argument alice +once
a_limit_does_not_cut_an_argument() {
	local long
	long=$(head -c 100000 /dev/zero | tr '\0' y)
	systemd-run --user -q --scope --unit "live-myth-$$" -p MemoryMax=64M -p TasksMax=20 \
		sh -c 'cat /proc/self/cgroup; printf %s "$1" | wc -c' sh "$long" >out
	expect_match out "live-myth-$$.scope"
	has_line out 100000 || fail "$(<out)"
	run -q -m 64M --tasks 20 sh -c 'printf %s "$1" | wc -c' sh "$long"
	expect_lines out 100000
}

# A myth: 32 processes are what DefaultLimitNPROC= allows. It is what the kernel gave the manager.
live the_default_of_nproc_is_the_kernels root +once +native
the_default_of_nproc_is_the_kernels() {
	limit=$(systemctl show -P DefaultLimitNPROC)
	[[ $limit == infinity || $limit -gt 32 ]] || fail "$limit"
	systemd-run -q --wait --pipe \
		sh -c 'for i in $(seq 40); do sleep 1 & done; wait; echo ok' >out
	expect_lines out ok
}
