# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2015,SC2016,SC2034,SC2154
# Wherever a command is run from, its scope is made by the right manager, or it is said why not.

# A command that prints its memory limit and the beginning of its cgroup's path.
where='
	while read -r line && [ "${line#0::}" = "$line" ]; do :; done </proc/self/cgroup
	max=none
	[ ! -e "/sys/fs/cgroup${line#0::}/memory.max" ] || read -r max <"/sys/fs/cgroup${line#0::}/memory.max"
	line=${line%%/cgscope-*}
	echo "$max in ${line#0::}"'
of_alice=/user.slice/user-1000.slice/user@1000.service/app.slice
of_system=/system.slice

# Sets the words of a run of $where; for callers that need them in a file of their own.
write_where() {
	printf '#!/bin/sh\nexec cgscope "$@" %s -- sh -c '\''%s'\''\n' "$LIVE_LIMIT" "$where" >where
	chmod +x where
}

# expect_in MANAGER-PATH: what the last run printed, and that cgscope had nothing to say. That holds
# in a service too: the TasksMax= that each has from its manager binds the scope, and is no news.
expect_in() {
	expect_success
	expect_lines out "$some_limit_bytes in $1"
}

# Runs the words, which end in a run of $where.
via() {
	status=0
	args=$*
	"$@" >out 2>err </dev/null || status=$?
}

live in_a_login_session alice +native
in_a_login_session() {
	run "${some_limit[@]}" sh -c "$where"
	expect_in $of_alice
	# cgscope itself is still where it was: in a session's scope.
	[[ $(cgroup_of self) == /user.slice/user-1000.slice/session-*.scope ]]
}

live over_ssh alice root +native
over_ssh() {
	write_where
	via ssh -o BatchMode=yes "$user@localhost" "$PWD/where"
	[[ $user == root ]] && expect_in $of_system || expect_in $of_alice
}

live with_su_sudo_and_runuser root +native
with_su_sudo_and_runuser() {
	write_where
	via su - alice -c "$PWD/where"
	expect_in $of_alice
	# These keep root's environment, with root's XDG_RUNTIME_DIR.
	via env XDG_RUNTIME_DIR=/run/user/0 su alice -c "$PWD/where"
	expect_in $of_alice
	via env XDG_RUNTIME_DIR=/run/user/0 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/0/bus runuser -u alice -- "$PWD/where"
	expect_in $of_alice
	via sudo -u alice "$PWD/where"
	expect_in $of_alice
	via sudo -i -u alice "$PWD/where"
	expect_in $of_alice
}

live with_sudo_to_root alice +native
with_sudo_to_root() {
	write_where
	via sudo "$PWD/where"
	expect_in $of_system
}

live whatever_the_environment_says alice +native
whatever_the_environment_says() {
	local run=(/usr/bin/cgscope "${some_limit[@]}" -- /bin/sh -c "$where") dir
	via env -i "${run[@]}"
	expect_in $of_alice
	: >file
	for dir in '' /run/user/0 /run/user/1001 /nowhere relative /etc "$PWD/file" "$(printf '/%0600d' 1)"; do
		via env XDG_RUNTIME_DIR="$dir" "${run[@]}"
		expect_in $of_alice
	done
	via env DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere \
		SYSTEMD_BUS_TIMEOUT=1 "${run[@]}"
	expect_in $of_alice
}

live from_a_system_service root +native
from_a_system_service() {
	write_where
	via systemd-run --quiet --wait --pipe --collect "$PWD/where"
	expect_in $of_system
	via systemd-run --quiet --wait --pipe --collect --uid=alice "$PWD/where"
	expect_in $of_alice
	via systemd-run --quiet --wait --pipe --collect -p NoNewPrivileges=yes -p PrivateTmp=no -p ProtectSystem=strict "$PWD/where"
	expect_in $of_system
}

live from_a_service_of_the_user alice +native
from_a_service_of_the_user() {
	write_where
	via systemd-run --user --quiet --wait --pipe --collect "$PWD/where"
	expect_in $of_alice
}

# Root of a user namespace is not root for the machine's managers.
live as_root_of_a_user_namespace alice +native
as_root_of_a_user_namespace() {
	write_where
	via unshare --map-root-user "$PWD/where"
	expect_in $of_alice
	run --user "${some_limit[@]}" sh -c "$where"
	expect_in $of_alice
	via unshare --map-user=4242 "$PWD/where"
	expect_in $of_alice
}

live as_root_of_a_user_namespace_without_a_manager root +native
as_root_of_a_user_namespace_without_a_manager() {
	via as bob unshare --map-root-user cgscope --backend systemd true
	expect_refused 'no user manager runs for bob, who has another uid' 'enable-linger bob'
}

live from_cron root +native
from_cron() {
	write_where
	(
		echo "$BASHPID" >/sys/fs/cgroup/system.slice/cron.service/cgroup.procs
		cd /home/alice || exit 1
		exec setpriv --reuid=alice --regid=alice --init-groups \
			env -i HOME=/home/alice LOGNAME=alice SHELL=/bin/sh PATH=/usr/bin:/bin sh -c "$OLDPWD/where"
	) >out 2>err </dev/null
	status=0
	expect_in $of_alice
}

live which_manager_may_be_chosen root +native
which_manager_may_be_chosen() {
	[[ -d /run/user/0 ]] || skip "root has no manager"
	run --user "${some_limit[@]}" sh -c "$where"
	expect_in /user.slice/user-0.slice/user@0.service/app.slice
	run --system "${some_limit[@]}" sh -c "$where"
	expect_in $of_system
}

live a_users_own_manager_by_name alice +native
a_users_own_manager_by_name() {
	run --user "${some_limit[@]}" sh -c "$where"
	expect_in $of_alice
}

live the_system_manager_is_for_administrators alice +native
the_system_manager_is_for_administrators() {
	run --system "${some_limit[@]}" touch ran
	expect_refused . 'sudo|--system'
	[[ ! -e ran ]]
}

# polkit may allow it; then the scope's cgroup has to belong to alice all the same.
live the_system_manager_for_a_user_whom_polkit_allows_it root +native
the_system_manager_for_a_user_whom_polkit_allows_it() {
	local rule=/etc/polkit-1/rules.d/10-live.rules
	echo 'polkit.addRule(function(action, subject) {
		if (action.id == "org.freedesktop.systemd1.manage-units" && subject.user == "alice") return polkit.Result.YES; });' >live.rules
	defer rm -f $rule
	install -m 644 live.rules $rule
	chmod 777 .
	nap 1
	as alice sh -c 'cd "$1"; cgscope --system $LIVE_LIMIT sh -c "$2"' sh "$PWD" "$where" >out 2>err </dev/null || status=$?
	status=${status:-0}
	expect_in $of_system
}

live in_a_slice alice root +native
in_a_slice() {
	local above=/user.slice/user-1000.slice/user@1000.service
	[[ $user != root ]] || above=
	run "${some_limit[@]}" --slice live sh -c "$where"
	expect_in $above/live.slice
	run "${some_limit[@]}" --slice live-deeper.slice sh -c "$where"
	expect_in $above/live.slice/live-deeper.slice
}

live inside_another_run alice root
inside_another_run() {
	run -m 128M --tasks 50 cgscope "${some_limit[@]}" sh -c "$where"
	expect_status 0
	expect_match out "^$some_limit_bytes in "
	run -m 128M -- sh -c "setsid cgscope $LIVE_LIMIT sh -c 'exit 3'; echo \$?; cgscope --mem 64M sh -c 'kill -9 \$\$'; echo \$?"
	expect_status 0
	expect_lines out 3 137
}

live a_user_without_a_manager_is_told_what_to_do root +native 120s
a_user_without_a_manager_is_told_what_to_do() {
	local hint
	chmod 777 .
	as bob cgscope "${some_limit[@]}" touch "$PWD/ran" >out 2>err </dev/null && fail "it ran"
	status=125
	expect_refused 'no user manager runs for bob' 'loginctl enable-linger bob'
	[[ ! -e ran ]]
	# To the letter.
	hint=$(sed -n 's/^cgscope: hint: as root: //p' err)
	defer forget_bob
	sh -c "$hint"
	until_true 60 as bob cgscope "${some_limit[@]}" sh -c "$where" >out 2>err
	expect_lines out "$some_limit_bytes in /user.slice/user-1001.slice/user@1001.service/app.slice"
	expect_lines err
}

forget_bob() {
	loginctl disable-linger bob
	loginctl terminate-user bob || true
	systemctl stop user@1001.service
	systemctl reset-failed user@1001.service || true
}

live a_manager_that_is_killed_takes_the_run_along root +native 120s
a_manager_that_is_killed_takes_the_run_along() {
	defer forget_bob
	loginctl enable-linger bob
	until_true 60 as bob cgscope true
	as bob cgscope "${some_limit[@]}" sh -c 'echo ready; sleep 1000' >out 2>err </dev/null &
	pid=$!
	until_true has_line out ready
	systemctl kill --signal=KILL user@1001.service
	finish
	expect_status 137
}

live what_is_not_there_is_said_to_a_user root +native
what_is_not_there_is_said_to_a_user() {
	local line as_user="setpriv --reuid=1000 --regid=1000 --init-groups env XDG_RUNTIME_DIR=/run/user/1000"
	for line in "mount -t tmpfs none /run/user" "mount -t tmpfs none /run/user/1000" \
		"mount -t tmpfs -o uid=1000 none /run/user/1000"; do
		run_apart "$line" "$as_user" touch ran
		expect_refused 'no user manager runs for alice' 'loginctl enable-linger alice'
	done
	run_apart "mount -t tmpfs none /run" "$as_user" touch ran
	expect_refused 'systemd is not running here' .
	run_apart "umount -l /sys/fs/cgroup" "$as_user" touch ran
	expect_refused cgroup
	run_apart "mount -o remount,bind,ro /sys/fs/cgroup" "$as_user" touch ran
	expect_refused 'Read-only'
	[[ ! -e ran ]]
}

live what_is_not_there_is_said_to_root root +native
what_is_not_there_is_said_to_root() {
	run_apart "mount -t tmpfs none /run" "" touch ran
	expect_refused 'systemd is not running here' .
	run_apart "umount -l /sys/fs/cgroup" "" touch ran
	expect_refused cgroup
	run_apart "umount -l /proc" "" touch ran
	expect_refused .
	[[ ! -e ran ]]
}

# run_apart MOUNT-COMMAND LAUNCHER COMMAND...: cgscope in a mount namespace of its own.
run_apart() {
	local mounts=$1 before=$2
	shift 2
	launcher=(unshare --mount --propagation private sh -ec "$mounts; exec $before \"\$@\"" sh)
	run "${some_limit[@]}" -- "$@"
	launcher=()
}

live either_socket_of_a_manager_is_enough root +native
either_socket_of_a_manager_is_enough() {
	local as_user="setpriv --reuid=1000 --regid=1000 --init-groups env XDG_RUNTIME_DIR=/run/user/1000"
	run_apart "mount --bind /dev/null /run/user/1000/bus; mount --bind /dev/null /run/dbus/system_bus_socket" \
		"$as_user" sh -c "$where"
	expect_in $of_alice
	run_apart "mount --bind /dev/null /run/user/1000/systemd/private" "$as_user" sh -c "$where"
	expect_in $of_alice
	run_apart "mount -t tmpfs none /run/user/1000/systemd" "$as_user" sh -c "$where"
	expect_in $of_alice
	run_apart "mount --bind /dev/null /run/dbus/system_bus_socket" "" sh -c "$where"
	expect_in $of_system
	run_apart "mount --bind /dev/null /run/systemd/private" "" sh -c "$where"
	expect_in $of_system
}

# Its pids mean other processes to the manager.
live in_another_pid_namespace_no_other_process_is_touched root
in_another_pid_namespace_no_other_process_is_touched() {
	local before after
	before=$(cat /proc/[1-9]/cgroup /proc/1?/cgroup)
	launcher=(unshare --pid --fork --mount-proc)
	run "${some_limit[@]}" sh -c "$where"
	[[ $status -eq 0 ]] && expect_in $of_system || expect_refused .
	launcher=(unshare --pid --fork)
	run "${some_limit[@]}" true
	[[ $status -eq 0 ]] || expect_refused .
	after=$(cat /proc/[1-9]/cgroup /proc/1?/cgroup)
	expect_equal "$after" "$before" "cgroups of other processes"
}

live in_another_cgroup_namespace root +native
in_another_cgroup_namespace() {
	launcher=(unshare --cgroup)
	run "${some_limit[@]}" true
	[[ $status -eq 0 ]] || expect_refused .
	launcher=(unshare --cgroup --mount sh -ec 'umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"' sh)
	run "${some_limit[@]}" true
	[[ $status -eq 0 ]] || expect_refused .
}

live in_a_sandbox alice
in_a_sandbox() {
	launcher=(bwrap --dev-bind / / --unshare-user --unshare-ipc)
	run "${some_limit[@]}" sh -c "$where"
	[[ $status -eq 0 ]] && expect_in $of_alice || expect_refused .
	launcher=(bwrap --ro-bind / / --dev /dev --proc /proc --unshare-all)
	run "${some_limit[@]}" true
	[[ $status -eq 0 ]] || expect_refused .
	launcher=(bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /run --unshare-pid)
	run "${some_limit[@]}" true
	expect_refused 'systemd is not running here' .
}

live a_service_with_a_notify_socket_is_warned root +native
a_service_with_a_notify_socket_is_warned() {
	launcher=(env NOTIFY_SOCKET=/run/systemd/notify)
	run "${some_limit[@]}" true
	expect_status 0
	expect_match err '^cgscope: warning: NOTIFY_SOCKET.*'$'\n''cgscope: hint: .*Delegate=yes'
	run -q "${some_limit[@]}" true
	expect_success
}

# Jobs marked @reboot are run by a cron that finds no mark of an earlier one.
live cron_itself_runs_it root +native
cron_itself_runs_it() {
	local user
	systemctl -q is-active cron || skip "no cron"
	write_where
	chmod 777 .
	defer rm -f /etc/cron.d/live
	for user in alice root; do
		echo "@reboot $user cd $PWD && ./where -q >$user.out 2>&1"
	done >/etc/cron.d/live
	systemctl stop cron
	rm /run/crond.reboot
	systemctl start cron
	until_true has alice.out
	until_true has root.out
	expect_lines alice.out "$some_limit_bytes in $of_alice"
	expect_lines root.out "$some_limit_bytes in $of_system"
}

# As scripts make one for programs that ask for it: no manager is in there.
live with_a_runtime_directory_of_ones_own_making alice +native
with_a_runtime_directory_of_ones_own_making() {
	mkdir -m 700 runtime
	via env XDG_RUNTIME_DIR="$PWD/runtime" cgscope "${some_limit[@]}" sh -c "$where"
	expect_in $of_alice
}

live with_sockets_in_an_odd_runtime_directory alice +native
with_sockets_in_an_odd_runtime_directory() {
	local dir
	unset DBUS_SESSION_BUS_ADDRESS
	mkdir -p private/systemd both/systemd 'odd name,;=%'
	ln -s /run/user/1000/systemd/private private/systemd
	# A manager that crashed leaves such a one.
	perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "both/systemd/private", Listen => 1) or die'
	ln -s /run/user/1000/bus both
	ln -s /run/user/1000/bus odd*
	for dir in private both odd*; do
		chmod 700 "$dir"
		via env XDG_RUNTIME_DIR="$PWD/$dir" cgscope "${some_limit[@]}" sh -c "$where"
		expect_in $of_alice
	done
}

live a_user_without_a_name_is_refused root +native
a_user_without_a_name_is_refused() {
	launcher=(setpriv --reuid=4242 --regid=4242 --clear-groups)
	run "${some_limit[@]}" touch ran
	expect_refused 'no user manager runs for 4242' 'enable-linger 4242'
	run --exec "${some_limit[@]}" touch ran
	expect_refused 'no user manager runs for 4242' 'enable-linger 4242'
	[[ ! -e ran ]]
}

live a_login_brings_a_manager root +native 120s
a_login_brings_a_manager() {
	write_where
	defer forget_bob
	via ssh -o BatchMode=yes bob@localhost "$PWD/where"
	expect_in /user.slice/user-1001.slice/user@1001.service/app.slice
}

live a_slices_own_limit_stays_in_force alice root
a_slices_own_limit_stays_in_force() {
	local manager=--system
	[[ $user == root ]] || manager=--user
	defer systemctl $manager stop livebox.slice
	busctl $manager -q call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
		StartTransientUnit 'ssa(sv)a(sa(sv))' livebox.slice fail 2 MemoryMax t 50331648 TasksMax t 6 0
	show_limits --slice livebox "${some_limit[@]}" -t 10 -- memory.max pids.max ../../memory.max ../../pids.max
	expect_success
	expect_lines out memory.max=67108864 pids.max=10 ../../memory.max=50331648 ../../pids.max=6
	# bash would try again, and be lucky when the first have ended.
	run --slice livebox -t 10 sh -c 'for i in 1 2 3 4 5 6; do sleep 1 & done; wait'
	expect_match err 'fork'
	[[ $status -ne 0 && $status -ne 125 ]]
}

live an_inner_run_keeps_its_own_limits alice
an_inner_run_keeps_its_own_limits() {
	run -m 128M -t 50 cgscope -t 3 bash -c 'for i in 1 2 3 4 5; do sleep 1 & done; wait'
	expect_match err 'fork'
	[[ $status -ne 0 && $status -ne 125 ]]
	run -m 128M cgscope -m 96M cgscope --exec "${some_limit[@]}" sh -c "$where"
	expect_in $of_alice
}

live a_process_outside_a_pid_namespace_is_left_alone root +native
a_process_outside_a_pid_namespace_is_left_alone() {
	local other before after
	setpriv --reuid=1000 --regid=1000 --clear-groups sleep 1000 &
	other=$!
	before=$(<"/proc/$other/cgroup")
	# cgscope's holder gets the number there that this one has outside.
	timeout 20 unshare --pid --fork --mount-proc sh -c \
		'echo "$1" >/proc/sys/kernel/ns_last_pid; cgscope $LIVE_LIMIT true; exit' sh $((other - 2)) >out 2>&1 || true
	after=$(<"/proc/$other/cgroup")
	kill "$other"
	expect_equal "$after" "$before" "the cgroup of another process"
}
