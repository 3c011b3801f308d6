# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Containers of podman, as root and rootless. Their seccomp profile is that of Docker.

# The root of a container: the machine's own /usr, and what else a program wants.
make_root() {
	local dir
	command -v podman >/dev/null || skip "no podman"
	mkdir -p root/{usr,etc,tmp,proc,sys,dev,run,opt}
	for dir in bin sbin lib lib64; do
		ln -sfn "usr/$dir" "root/$dir"
	done
	cp /etc/passwd /etc/group /etc/ld.so.cache root/etc/
	[[ $user == root ]] || defer end_podman
}

# A rootless podman leaves a process that keeps its user namespace.
end_podman() {
	kill "$(<"/run/user/$UID/libpod/tmp/pause.pid")"
}

# contain OPTION... -- WORD...
contain() {
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	status=0
	podman --log-level=error run --rm --network=host --name live-podman -v /usr:/usr:ro \
		-v /opt:/opt:ro "${options[@]}" --rootfs "$PWD/root" "$@" >out 2>err </dev/null ||
		status=$?
}

# A rootless podman 4.3 lets containers have the cgroupfs of their host.
live in_a_container_nothing_can_be_made alice root 180s
in_a_container_nothing_can_be_made() {
	make_root
	contain -- grep -q ' /sys/fs/cgroup cgroup2 rw,' /proc/mounts
	[[ $status -ne 0 ]] || skip "this podman's containers can make cgroups"
	contain -- sh -c 'cgscope -m 64M touch /tmp/ran; echo $?
		cgscope -q --best-effort -m 64M --time 1s --grace 1s sleep 1000; echo $?
		ls /tmp'
	expect_lines out 125 124
	expect_match err 'Read-only file system'$'\n''cgscope: hint: .*-v /sys/fs/cgroup'
	expect_match err 'warning: .* runs in the cgroup of its caller'
	expect_match err "warning: the limit '64M' is not in force"
}

# The mount says how far up its root is, not where the container is.
live in_a_container_with_the_cgroupfs_of_the_host alice root 180s
in_a_container_with_the_cgroupfs_of_the_host() {
	make_root
	contain -v /sys/fs/cgroup:/sys/fs/cgroup:rw -- \
		sh -c "$helper/promises; grep ^0:: /proc/self/cgroup"
	expect_lines out 'limit: in force, and named' 'command: as without' \
		'placement: nested, managers asked: 0' 0::/
}

# Not for rootless podman, whose cgroupfs stays read-only.
live in_a_container_whose_cgroupfs_is_unmasked root 180s
in_a_container_whose_cgroupfs_is_unmasked() {
	make_root
	contain --security-opt unmask=/sys/fs/cgroup -- "$helper/promises"
	expect_lines out 'limit: in force, and named' 'command: as without' \
		'placement: nested, managers asked: 0'
}

# podman puts what it runs into a scope of its own, unless it is told not to.
live podman_inside_of_a_run alice root 180s
podman_inside_of_a_run() {
	make_root
	podman() {
		command cgscope -m 256M --record record podman "$@"
	}
	contain --cgroups=disabled --cgroupns=host -- grep ^0:: /proc/self/cgroup
	expect_equal "$status" 0
	expect_match out '/cgscope-podman-[0-9a-f]*\.scope/run'
	! grep elsewhere err || fail "$(<err)"
	contain --cgroupns=host -- grep ^0:: /proc/self/cgroup
	expect_equal "$status" 0
	! grep cgscope out || fail "it is in the run: $(<out)"
	expect_match err '^cgscope: podman has its containers started elsewhere, where the limits'
	expect_match err 'cgscope: hint: podman run --cgroups=disabled'
	expect_match record '"what podman starts in containers is not in this run'
}
