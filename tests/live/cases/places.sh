# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Where people run it: the three promises, kept or refused in words. docs/places.md is the table.

# expect_promises PLACEMENT N: what helper/promises has printed into out.
expect_promises() {
	expect_lines out 'limit: in force, and named' 'command: as without' \
		"placement: $1, managers asked: $2"
}

# Runs it by the words; its output may come from a terminal.
promise() {
	"$@" "$helper/promises" >raw 2>err </dev/null || true
	tr -d '\r' <raw >out
}

live in_a_desktop_terminal alice
in_a_desktop_terminal() {
	promise systemd-run --user --scope --quiet --slice=app.slice --unit live-terminal \
		script -qe /dev/null -c
	expect_promises systemd 1
}

live over_ssh alice
over_ssh() {
	promise ssh -o BatchMode=yes alice@localhost
	expect_promises systemd 1
}

live over_ssh_with_a_terminal alice
over_ssh_with_a_terminal() {
	promise ssh -tt -o BatchMode=yes -o LogLevel=ERROR alice@localhost
	expect_promises systemd 1
}

live in_tmux alice
in_tmux() {
	defer tmux -L live kill-server
	tmux -L live new-session -d "$helper/promises >new; mv new out"
	until_true 60 has out
	expect_promises systemd 1
}

# A job as cron starts it.
as_job() (
	echo "$BASHPID" >/sys/fs/cgroup/system.slice/cron.service/cgroup.procs
	exec env -i HOME=/ SHELL=/bin/sh PATH=/usr/bin:/bin "$@"
)

live from_cron root
from_cron() {
	promise as_job
	expect_promises systemd 1
	promise as_job setpriv --reuid=alice --regid=alice --init-groups
	expect_promises systemd 1
}

live in_a_plain_service root
in_a_plain_service() {
	promise systemd-run --quiet --wait --pipe --collect
	expect_promises systemd 1
}

live in_a_delegated_service alice root
in_a_delegated_service() {
	local manager=()
	# A user's manager marks nothing: it is asked once, and the answer is noted.
	[[ $user == root ]] || manager=(--user)
	promise systemd-run "${manager[@]}" --quiet --wait --pipe --collect -p Delegate=yes
	expect_promises nested 0
}

live in_a_service_of_the_user alice
in_a_service_of_the_user() {
	promise systemd-run --user --quiet --wait --pipe --collect
	expect_promises systemd 1
}

live in_a_service_with_a_read_only_cgroupfs root +native
in_a_service_with_a_read_only_cgroupfs() {
	launcher=(systemd-run --quiet --wait --pipe --collect --same-dir
		-p ProtectControlGroups=yes)
	run "${some_limit[@]}" touch ran
	expect_refused 'Read-only file system' 'ProtectControlGroups=no.*--exec'
	[[ ! -e ran ]]
	# In a file, since systemd-run has dollars of its own.
	printf '%s; exit 7\n' "$read_limits" >look
	run --exec "${some_limit[@]}" sh look memory.max
	expect_status 7
	[[ $some_limit_bytes == none ]] || has_line out "memory.max=$some_limit_bytes"
}

live by_su_and_sudo root 120s
by_su_and_sudo() {
	promise su - alice -c
	expect_promises systemd 1
	promise sudo -u alice
	expect_promises systemd 1
}

live as_root_of_a_user_namespace alice
as_root_of_a_user_namespace() {
	promise unshare --map-root-user
	expect_promises systemd 1
}

# A manager before 255 is told of processes by their numbers, which are others in there.
live in_a_pid_namespace root
in_a_pid_namespace() {
	launcher=(unshare --pid --fork --mount-proc)
	run "${some_limit[@]}" true
	if [[ $status -ne 0 ]]; then
		expect_refused 'PID namespace'
		return
	fi
	promise "${launcher[@]}"
	expect_promises systemd 1
}

live in_nspawn root
in_nspawn() {
	promise systemd-nspawn -q -D / --volatile=yes --pipe --register=no --machine=live \
		--bind-ro="$helper"
	expect_promises nested 0
}
