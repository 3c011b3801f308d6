# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# In a job of another manager than systemd, in cgroups as Slurm makes them: a run does not leave it.
# docs/recipes/slurm.md has the real one.

n_jobs=0

# in_job COMMAND...: in task_0 of a step, which is root's, in a unit that is delegated, of another
# name each time: one that has just ended may still have its own. By a file, since systemd 262 reads
# "$$" in a scope's command, too.
in_job() {
	args=$*
	status=0
	n_jobs=$((n_jobs + 1))
	cat >enter <<-'END'
	while IFS=: read -r id _ path; do
		[ "$id" != 0 ] || group=/sys/fs/cgroup$path
	done </proc/self/cgroup
	mkdir -p "$group/job_7/step_0/user/task_0"
	echo $$ >"$group/job_7/step_0/user/task_0/cgroup.procs"
	exec "$@"
	END
	systemd-run -q --scope --unit "live-slurmstepd-$n_jobs" -p Delegate=yes sh ./enter "$@" \
		>out 2>err </dev/null || status=$?
}

# Not by "as", which goes into alice's session. Her manager would be there for her.
alice_in_job() {
	in_job setpriv --reuid=alice --regid=alice --init-groups \
		env -i HOME=/home/alice PATH="$PATH" XDG_RUNTIME_DIR=/run/user/1000 cgscope "$@"
}

live step_of_a_user_is_not_left root +native
step_of_a_user_is_not_left() {
	alice_in_job "${some_limit[@]}" true
	expect_refused "it is a job's in live-slurmstepd-1.scope, and the run would leave it" \
		'by its job manager; --best-effort'
	# Nor by wish.
	alice_in_job --user "${some_limit[@]}" true
	expect_refused "the run would leave it"
	alice_in_job --slice live.slice true
	expect_refused "the run would leave it"
}

live step_of_a_user_with_best_effort root +native
step_of_a_user_with_best_effort() {
	alice_in_job --best-effort -q -m 64M --time 1s --grace 1s \
		sh -c 'grep ^0:: /proc/self/cgroup; sleep 1000'
	expect_status 124
	expect_lines out 0::/system.slice/live-slurmstepd-1.scope/job_7/step_0/user/task_0
}

live step_of_root_takes_nested_runs root +native
step_of_root_takes_nested_runs() {
	in_job cgscope "${some_limit[@]}" grep ^0:: /proc/self/cgroup
	expect_success
	expect_match out '/live-slurmstepd-1.scope/job_7/step_0/user/task_0/cgscope-grep-'
	in_job cgscope --system "${some_limit[@]}" true
	expect_refused "the run would leave it"
}
