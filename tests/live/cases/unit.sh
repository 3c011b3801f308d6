# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# Limits that stay: unit files, their managers, and what the kernel has in the end.

# The directory of units of the case's user.
unit_directory() {
	if [[ $user == root ]]; then
		echo /etc/systemd/system
	else
		echo "$HOME/.config/systemd/user"
	fi
}

control() {
	if [[ $user == root ]]; then
		systemctl "$@"
	else
		systemctl --user "$@"
	fi
}

# After it nothing of the units named live-* is left.
clean_up() {
	control stop 'live-*' || true
	control reset-failed 'live-*' || true
	rm -rf "$(unit_directory)"/live-*
	control daemon-reload
}

# What the unit's cgroup has.
file_of() {
	echo "/sys/fs/cgroup$(control show -P ControlGroup "$1")/$2"
}

live unit_is_printed_and_nothing_changes alice root +native +once
unit_is_printed_and_nothing_changes() {
	run unit live-a -m 64M --time 1h -- sleep 5
	expect_success
	expect_equal "$(sed -n 1p out)" "# $(unit_directory)/live-a.service"
	sed -n '/^\[Service/,/^$/p' out >service
	expect_lines service '[Service]' Type=exec 'ExecStart=/usr/bin/sleep 5' MemoryMax=64M \
		MemorySwapMax=0 RuntimeMaxSec=1h ''
	[[ ! -e $(unit_directory)/live-a.service ]]
	run unit live-a -m 64M
	expect_status 2
	expect_match err "no unit 'live-a.service'"
}

live unit_of_the_system_is_called_so alice +native +once
unit_of_the_system_is_called_so() {
	run unit systemd-journald -m 64M --install
	expect_status 2
	expect_match err "'systemd-journald.service' is a unit of the system manager: --system"
}

live arguments_of_a_unit_arrive_as_they_are alice root +native
arguments_of_a_unit_arrive_as_they_are() {
	local words=('100%' '$HOME' '${HOME}' "\"q\" 's'" 'é ü' $'a\\b\\' ';' '' '%i' -x $'t\tb')
	defer clean_up
	printf '%s\0' "${words[@]}" >expected
	run unit live-args --install --start -- \
		sh -c 'printf "%s\0" "$@" >"$0.new"; mv "$0.new" "$0"' "$PWD/have" "${words[@]}"
	expect_success
	until_true cmp expected have
}

live unit_file_of_others_stays alice root +native
unit_file_of_others_stays() {
	local file
	file=$(unit_directory)/live-b.service
	defer clean_up
	mkdir -p "$(unit_directory)"
	printf '[Service]\nExecStart=/bin/true\n' >"$file"
	run unit live-b --install --force -- true
	expect_status 1
	expect_match err 'was not made by cgscope'
	run unit live-b --remove
	expect_status 1
	rm "$file"
	run unit live-b --install -- true
	expect_success
	run unit live-b --install -- false
	expect_success
	echo 'Nice=5' >>"$file"
	run unit live-b --install -- true
	expect_status 1
	expect_match err 'somebody changed it since'
	run unit live-b --remove
	expect_status 1
	grep -qx Nice=5 "$file"
	run unit live-b --remove --force
	expect_success
	[[ ! -e $file ]]
}

live unit_that_systemd_would_not_take_is_not_written alice root +native
unit_that_systemd_would_not_take_is_not_written() {
	run unit live-c -p MemoryMax=512X --install -- true
	expect_status 1
	expect_match err "systemd-analyze: [^ ]*/live-c.service:[0-9]+: .*512X"
	run unit live-c -p MemoryMaxx=512M --install -- true
	expect_status 1
	expect_match err 'MemoryMaxx'
	[[ ! -e $(unit_directory)/live-c.service ]]
}

live later_drop_in_that_wins_is_named alice root +native
later_drop_in_that_wins_is_named() {
	local other top=${helper%/live/helper}
	other=$(unit_directory)/live-d.service.d/60-other.conf
	defer clean_up
	run unit live-d --install --time 1h -- sleep 1000
	expect_success
	mkdir -p "${other%/*}"
	printf '[Service]\nRuntimeMaxSec = 2h\n' >"$other"
	run unit live-d --time 30min --install --json
	expect_status 1
	expect_match err "RuntimeMaxSec=30min is overridden by $other"
	expect_match out '"overridden":\[\{"unit":"live-d.service","property":"RuntimeMaxSec"'
	expect_match out "\"value\":\"30min\",\"by\":\"$other\""
	run unit live-d --time 30min --install --name 70-mine --start
	expect_success
	run unit live-d --time 30min --install --name 70-mine --json
	"$top/cli/validate" "${top%/tests}/docs/unit.schema.json" <out
}

live limits_of_a_unit_are_in_the_kernel alice root 120s
limits_of_a_unit_are_in_the_kernel() {
	defer clean_up
	run unit live-e -m 64M --tasks 20 --cpu 50% --oom kill --install --start --json -- \
		sleep 1000
	expect_success
	expect_match out '"restart_needed":\[\],"missing":\[\]'
	expect_equal "$(<"$(file_of live-e memory.max)")" 67108864
	expect_equal "$(<"$(file_of live-e memory.swap.max)")" 0
	expect_equal "$(<"$(file_of live-e pids.max)")" 20
	expect_equal "$(<"$(file_of live-e cpu.max)")" "50000 100000"
	expect_equal "$(<"$(file_of live-e memory.oom.group)")" 1
	# A drop-in for what runs already: what it says of the kernel is so.
	run unit live-e --tasks 30 --install
	expect_status 0
	if [[ -s err ]]; then
		expect_match err 'TasksMax=30 takes effect when the unit is started again'
		expect_equal "$(<"$(file_of live-e pids.max)")" 20
	else
		expect_equal "$(<"$(file_of live-e pids.max)")" 30
	fi
	run unit live-e --tasks 30 --install --start
	expect_success
	expect_equal "$(<"$(file_of live-e pids.max)")" 30
}

live each_instance_of_a_template_is_read_back alice root
each_instance_of_a_template_is_read_back() {
	defer clean_up
	run unit live-f@ --tasks 30 --install -- sleep 1000
	expect_success
	control start live-f@a live-f@b
	run unit live-f@.service --tasks 30 --install --json
	expect_success
	expect_match out '"verified":\[\{"unit":"live-f@a.service".*"unit":"live-f@b.service"'
}

live slices_of_users_have_what_a_drop_in_says root
slices_of_users_have_what_a_drop_in_says() {
	local file=/sys/fs/cgroup/user.slice/user-1000.slice/pids.max
	defer cgscope unit user-.slice --remove --name 98-live
	run unit user-.slice --tasks 4000 --install --name 98-live --json
	expect_status 0
	if [[ -s err ]]; then
		expect_match err 'user-1000.slice: TasksMax=4000 takes effect'
		expect_match err 'cgscope set user-'
		expect_match out '"restart_needed":\[\{"unit":"user-'
		! grep -qx 4000 $file
	else
		expect_equal "$(<$file)" 4000
	fi
}

live delegation_to_users_waits_for_their_managers root +native
delegation_to_users_waits_for_their_managers() {
	defer cgscope unit user@.service --remove --name 98-live
	run unit --delegate cpu,memory user@.service --install --name 98-live
	expect_status 0
	expect_match err 'user@1000.service: Delegate=cpu memory takes effect when'
}

# podman (4.4) makes the service; its image is not there, and that it starts is podman's part.
live quadlet_is_a_service_that_podman_makes alice root +native
quadlet_is_a_service_that_podman_makes() {
	[[ -x /usr/libexec/podman/quadlet ]] || skip "this podman has no quadlets"
	defer cgscope unit live-q --as quadlet --remove
	run unit live-q -m 64M --tasks 20 --as quadlet --install -- \
		localhost/none sh -c 'echo $HOME 5%'
	expect_success
	expect_match out '/containers/systemd/live-q\.container$'
	control cat live-q.service >made
	grep -qxF 'Exec=sh -c "echo $$HOME 5%%"' made || fail "$(<made)"
	expect_equal "$(control show -P MemoryMax live-q.service)" $((64 << 20))
	expect_equal "$(control show -P TasksMax live-q.service)" 20
	run unit live-q -m 64M --as quadlet
	expect_status 2
	expect_match err '^cgscope: no image given: '
}

live unit_with_a_read_only_etc root +native +once
unit_with_a_read_only_etc() {
	status=0
	unshare --mount sh -c 'mount --bind /etc /etc && mount -o remount,ro,bind /etc &&
		exec cgscope unit live-a --install -- sleep 5' >out 2>err </dev/null || status=$?
	expect_status 1
	expect_lines out
	expect_match err 'cannot write: /etc/systemd/system/live-a.service: Read-only file system'
	expect_match err 'hint: until the next boot: --runtime'
}

live home_that_cannot_be_written_to alice +native +once
home_that_cannot_be_written_to() {
	mkdir -m 500 home
	launcher=(env HOME="$PWD/home")
	run true
	expect_success
	run unit live-a --install -- sleep 5
	expect_status 1
	expect_match err "cannot write: $PWD/home/.config: Permission denied"
	expect_match err 'hint: until the next boot: --runtime'
	run unit live-a -- sleep 5
	expect_success
}
