# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# What docs/recipes, docs/fleet.md and README.md tell users to do, done by tests/live/recipe: in a
# machine that has the packages (vm --variant recipes), elsewhere what can be.

# follow FILE of the tree
follow() {
	local tree=${helper%/tests/live/helper} result=0
	ln -s "$tree/contrib" contrib
	"$tree/tests/live/recipe" "$tree/$1" >report || result=$?
	[[ $result -ne 77 ]] || skip "$(<report)"
	cat report
	return "$result"
}

live readme alice 240s
readme() { follow README.md; }

live go_test alice 240s
go_test() { follow docs/recipes/go-test.md; }

live ctest alice 240s
ctest() { follow docs/recipes/ctest.md; }

live meson alice 240s
meson() { follow docs/recipes/meson.md; }

live cargo alice 600s
cargo() { follow docs/recipes/cargo.md; }

live make_shell alice root 120s
make_shell() { follow docs/recipes/make.md; }

live xargs_runs alice root 120s
xargs_runs() { follow docs/recipes/xargs.md; }

live gnu_parallel alice root 400s
gnu_parallel() { follow docs/recipes/parallel.md; }

live pytest alice 240s
pytest() { follow docs/recipes/pytest.md; }

live podman alice 400s
podman() {
	defer end_podman
	# What a quadlet of a user waits for, 90 s where there is no network.
	sudo systemctl start network-online.target
	follow docs/recipes/podman.md
}

# A rootless podman leaves a process that keeps its user namespace, and images.
end_podman() {
	command podman rmi --force localhost/box
	systemctl --user reset-failed live-box || echo "live-box has not failed"
	kill "$(<"/run/user/$UID/libpod/tmp/pause.pid")"
}

live ci_runner alice 120s
ci_runner() { follow docs/recipes/ci-runner.md; }

live prometheus root 60s
prometheus() { follow docs/recipes/prometheus.md; }

live fleet alice root 500s
fleet() { follow docs/fleet.md; }

# A cluster of this machine alone, for the time of the case.
begin_slurm() {
	local name
	name=$(hostname)
	cat >/etc/slurm/slurm.conf <<-END
	ClusterName=one
	SlurmctldHost=$name(127.0.0.1)
	SlurmUser=slurm
	ProctrackType=proctrack/cgroup
	TaskPlugin=task/cgroup
	SelectType=select/cons_tres
	SelectTypeParameters=CR_Core_Memory
	ReturnToService=2
	StateSaveLocation=/var/spool/live-slurmctld
	SlurmdSpoolDir=/var/spool/live-slurmd
	SlurmctldTimeout=600
	SlurmdTimeout=600
	MessageTimeout=100
	NodeName=$name NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
	PartitionName=main Nodes=ALL Default=YES State=UP
	END
	printf 'CgroupPlugin=cgroup/v2\nConstrainRAMSpace=yes\n' >/etc/slurm/cgroup.conf
	chmod 644 /etc/slurm/slurm.conf /etc/slurm/cgroup.conf
	install -d -o slurm -m 700 /var/spool/live-slurmctld
	mkdir -p /var/spool/live-slurmd
	# In the foreground, without the helper process that --systemd takes.
	mkdir -p /run/systemd/system/slurmctld.service.d
	printf '[Service]\nType=simple\nExecStart=\nExecStart=/usr/sbin/slurmctld -D\n' \
		>/run/systemd/system/slurmctld.service.d/live.conf
	systemctl daemon-reload
	systemctl start munge slurmctld slurmd
	until_true 60 slurm_is_up
}

slurm_is_up() {
	sinfo -h -o %T | grep -qx idle
}

end_slurm() {
	systemctl stop slurmd slurmctld munge '*slurmstepd.scope'
	systemctl reset-failed slurmd slurmctld munge || echo "none has failed"
	rm -rf /etc/slurm/slurm.conf /etc/slurm/cgroup.conf /var/spool/live-slurm* \
		/run/systemd/system/slurmctld.service.d
	systemctl daemon-reload
}

live slurm root 400s
slurm() {
	local tree=${helper%/tests/live/helper}
	command -v srun slurmd slurmctld >/dev/null || skip "no Slurm"
	defer end_slurm
	begin_slurm
	chown alice: .
	as alice "$tree/tests/live/recipe" "$tree/docs/recipes/slurm.md"
}
