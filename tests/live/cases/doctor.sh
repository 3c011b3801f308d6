# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# Is this machine able to limit? The doctor tries it, and leaves nothing behind.

expect_line() {
	grep -qE -- "$1" out || fail "'$args': no line $1:" "$(<out)"
}

live a_stock_system_passes alice root
a_stock_system_passes() {
	run doctor
	expect_status 0
	expect_lines err
	! grep -q '^FAIL' out || fail "$(<out)"
	expect_line '^PASS hierarchy: only cgroup v2 is mounted'
	expect_line '^PASS manager: the (user|system) manager \(systemd [0-9]+.*\) answers at /run/'
	expect_line '^PASS limit: memory.max 64M: set on a test scope and read back$'
	expect_line '^PASS limit: pids.max 64'
	expect_line '^PASS limit: cpu.max 50%'
	expect_line '^PASS pressure:'
	expect_line '^PASS clone3:'
	[[ -z $(units "--$([[ $user == root ]] && echo system || echo user)" 'cgscope-doctor*') ]]
}

# What a user's manager lacks on Debian is a warning, unless it is asked about.
live a_user_lacks_io alice
a_user_lacks_io() {
	run doctor
	expect_line '^WARN delegation: .*: cpu, memory, pids; missing: cpuset, io'
	expect_line '^     fix: as root, which ends everything that your user manager runs:$'
	expect_line '^ +printf .*Delegate=cpu cpuset io memory pids'
	expect_line '^WARN limit: io.weight 50: .*io controller is not delegated'
	expect_line '^     fix: see above$'
	expect_line '^WARN journal:|^PASS journal:'
	run doctor --io-weight 50
	expect_status 1
	expect_line '^FAIL limit: io.weight 50'
	run doctor --mem 64M --tasks 10
	expect_status 0
	expect_line '^PASS limit: memory.max 64M'
	expect_line '^PASS limit: pids.max 10'
	run doctor --system
	[[ $status -le 1 ]]
}

live nobody_without_a_manager_passes bob
nobody_without_a_manager_passes() {
	run doctor
	expect_status 1
	expect_line '^FAIL manager: .*no user manager runs for bob'
	expect_line '^     fix: as root: loginctl enable-linger bob'
	expect_line '^WARN linger'
}

live root_has_more_rights root
root_has_more_rights() {
	run doctor --json
	expect_status 0
	python3 -IS - <<-'END'
		import json
		rows = json.load(open("out"))["diagnoses"]
		health = {row["id"]: row["health"] for row in rows}
		for id in "taskstats", "process-events", "journal", "delegation", "controllers":
		    assert health[id] == "pass", (id, health)
		assert all(row["fix"] or row["health"] == "pass" for row in rows), rows
	END
}

live systemd_oomd_is_seen root
systemd_oomd_is_seen() {
	run doctor
	expect_line '^PASS oomd: systemd-oomd does not run'
}
