# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Starts and stops virtual machines. A machine has a name, by default its suite's, and
# lives in $cache/machine/NAME:
#   suite, image, append  what it was started from
#   pid, port             QEMU's process, or that of "native"; the port on 127.0.0.1 that leads to its sshd
#   console.log, qemu.log the serial console; what QEMU itself had to say
#   swap.raw              /dev/vdb, 256 MiB, empty at every start
#   init, controllers     of a native machine: its PID 1 as seen from here; what it can limit with
#   ssh_config, ssh-USER  how to get in; control sockets of connections that are kept open
: "${cache:?source common.sh first}"

boot_timeout=${CGSCOPE_VM_BOOT_TIMEOUT:-300}

machine_select() {
	[[ ${1:-} =~ ^[A-Za-z0-9][A-Za-z0-9_.-]*$ ]] || usage_error "not a machine's name: '${1:-}'"
	machine=$1
	state=$cache/machine/$machine
	# A socket's path has 107 bytes at most; ssh adds a suffix of 17 while it makes
	# one.
	((${#state} < 80)) || die "$state is too long for a socket; set CGSCOPE_VM_CACHE to a shorter path"
}

# Is this process the one that was started for this machine? Pids are used again, and
# ours is the only process that has this machine's pid file on its command line.
machine_owns() {
	tr '\0' '\n' 2>/dev/null <"/proc/$1/cmdline" | grep -qxF -- "$state/pid"
}

# Prints the pid of the machine's QEMU, if there is one.
machine_pid() {
	local pid
	[[ -s $state/pid ]] && pid=$(<"$state/pid") && [[ -r /proc/$pid/cmdline ]] && machine_owns "$pid" &&
		printf '%s\n' "$pid"
}

machine_is_up() {
	machine_pid >/dev/null
}

machine_need_up() {
	machine_select "${1:-}"
	machine_is_up || die "$machine is not up; run: tests/vm/vm up $machine"
}

# Does KVM work here? The device alone says little: it may not be ours to open, and where
# the processor has no virtualisation it may be there for specially made kernels only, on
# which Debian's hangs without a word.
kvm_works() {
	[[ -w /dev/kvm ]] && grep -qwE 'vmx|svm' /proc/cpuinfo &&
		echo quit | qemu-system-x86_64 -accel kvm -machine none -nodefaults -display none -monitor stdio >/dev/null 2>&1
}

machine_accel() {
	local accel=${CGSCOPE_VM_ACCEL:-}
	if [[ -z $accel ]]; then
		accel=tcg
		! kvm_works || accel=kvm
	fi
	case $accel in
	kvm) printf '%s\n' -accel kvm -cpu host ;;
	# Five-level page tables only make emulated page walks longer.
	tcg) printf '%s\n' -accel tcg,thread=multi,tb-size=512 -cpu max,la57=off ;;
	# The clock counts instructions, not time: slow, but the same figures whatever
	# else this machine does.
	icount) printf '%s\n' -accel tcg,thread=single,tb-size=512 -icount shift=1 -cpu max,la57=off ;;
	*) die "CGSCOPE_VM_ACCEL is '$accel'; it can be kvm, tcg, icount or native" ;;
	esac
}

# Processors that share one counted clock would wait for each other nearly all the time.
machine_cpus() {
	if [[ ${CGSCOPE_VM_ACCEL:-} == icount ]]; then
		echo 1
	else
		echo 2
	fi
}

# A port that nobody listens on now. QEMU says so if somebody takes it in between.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	printf '%s\n' "$port"
}

# Native machines are on this kernel and not emulated: all of a login that differs is the way in.
machine_is_native() {
	[[ ${CGSCOPE_VM_ACCEL:-} == native ]]
}

machine_write_ssh_config() {
	local image=$1 port=$2
	if machine_is_native; then
		cat >"$state/ssh_config" <<-END
		Host *
		    ProxyCommand $(printf '%q' "$vm_dir/native") connect $(printf '%q' "$state")
		    ProxyUseFdpass yes
		END
	fi
	cat >>"$state/ssh_config" <<-END
	Host *
	    HostName 127.0.0.1
	    Port $port
	    HostKeyAlias vm
	    UserKnownHostsFile "$image/known_hosts"
	    GlobalKnownHostsFile /dev/null
	    StrictHostKeyChecking yes
	    UpdateHostKeys no
	    IdentityFile "$image/key"
	    IdentityAgent none
	    IdentitiesOnly yes
	    BatchMode yes
	    Ciphers aes128-gcm@openssh.com,chacha20-poly1305@openssh.com
	    LogLevel ERROR
	    ServerAliveInterval 60
	    ControlMaster auto
	    ControlPath "$state/ssh-%r"
	    ControlPersist yes
	END
}

# The arguments for QEMU, one a line.
machine_qemu_args() {
	local image=$1 port=$2 append=$3
	# mitigations=off: emulation has nothing to protect and pays for it at every
	# system call. tsc=reliable: a kernel that finds the emulated counter suspect
	# takes a clock that costs an emulated device access at every look.
	local kernel_args="root=/dev/vda rootfstype=ext4 rw rootflags=noinit_itable fsck.mode=skip net.ifnames=0"
	kernel_args+=" console=ttyS0 mitigations=off tsc=reliable panic=-1 systemd.show_status=yes"
	# What the machine has and nobody uses, or what its processor seems to offer and
	# does not have.
	kernel_args+=" module_blacklist=ahci,powernow_k8,kvm_amd,kvm_intel"
	machine_accel
	printf '%s\n' \
		-name "cgscope-$machine" -pidfile "$state/pid" \
		-machine q35 -smp "$(machine_cpus)" -m "${CGSCOPE_VM_MEMORY:-3072}" \
		-nodefaults -no-user-config -display none -no-reboot \
		-serial "file:$state/console.log" \
		-kernel "$image/vmlinuz" -initrd "$image/initrd" -append "$kernel_args $append" \
		-drive "if=virtio,format=raw,snapshot=on,cache=unsafe,file=$image/disk.raw" \
		-drive "if=virtio,format=raw,cache=unsafe,file=$state/swap.raw" \
		-netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=net,romfile= \
		-device virtio-rng-pci
}

# The command that is the machine, one word a line.
machine_command() {
	if machine_is_native; then
		printf '%s\n' "$vm_dir/native" boot "$state/pid" "$1"
	else
		echo qemu-system-x86_64
		machine_qemu_args "$@"
	fi
}

# machine_launch LAUNCHER...: LAUNCHER is put before the machine and says how it is tied to this
# script.
machine_launch() {
	local image=$1 append=$2 port words
	shift 2
	rm -rf "$state"
	mkdir -p "$state"
	port=$(free_port)
	printf '%s\n' "$image" >"$state/image"
	printf '%s\n' "$append" >"$state/append"
	printf '%s\n' "$port" >"$state/port"
	machine_write_ssh_config "$image" "$port"
	truncate --size=256M "$state/swap.raw"
	: >"$state/console.log"
	mapfile -t words < <(machine_command "$image" "$port" "$append")
	"$@" "${words[@]}" </dev/null >"$state/qemu.log" 2>&1 9>&- &
	qemu_pid=$!
}

machine_boot_failed() {
	say "$machine did not come up: $1"
	[[ ! -s $state/qemu.log ]] || show_tail "$state/qemu.log"
	show_tail "$state/console.log"
	[[ -z ${2:-} ]] || say "$2"
	cp "$state/console.log" "$cache/log/console-$machine.log"
	machine_stop
	die "the whole console is in $cache/log/console-$machine.log"
}

# Waits until the console says that logins work.
machine_wait_console() {
	local end=$((SECONDS + boot_timeout))
	until grep -q '^cgscope-vm: ready' "$state/console.log"; do
		kill -0 "$qemu_pid" 2>/dev/null || machine_boot_failed "it has ended" \
			"a kernel panic ends it too; with no console output at all see its own message"
		if grep -qE 'You are in emergency mode|^\(initramfs\)' "$state/console.log"; then
			machine_boot_failed "the system stopped half way" "the last failed unit or mount above is the cause"
		fi
		((SECONDS < end)) || machine_boot_failed "nothing after $boot_timeout s" \
			"a slow machine may need more: CGSCOPE_VM_BOOT_TIMEOUT=900"
		sleep 0.3
	done
}

# What systemd says about the system as a whole, when it has nothing left to do. A busy
# machine may refuse a first login.
machine_system_state() {
	local end=$((SECONDS + boot_timeout)) how=
	until [[ -n $how ]] || ((SECONDS >= end)) || ! machine_is_up; do
		how=$(timeout "$boot_timeout" ssh -F "$state/ssh_config" alice@vm systemctl is-system-running --wait \
			</dev/null 2>>"$state/qemu.log" 9>&-) || sleep 0.5
	done
	printf '%s\n' "$how"
}

# A degraded system is worth a message, not a failure: a test may have asked for it with
# --append.
machine_wait_system() {
	local how
	how=$(machine_system_state)
	case $how in
	running) ;;
	'') machine_boot_failed "no answer by ssh" "sshd or the network of the guest; see the console" ;;
	*)
		say "$machine is $how:"
		ssh -F "$state/ssh_config" alice@vm systemctl --no-pager --failed --plain </dev/null >&2 9>&- || true
		;;
	esac
}

machine_check_tools() {
	local reason
	need_tools ssh
	if ! machine_is_native; then
		need_tools qemu-system-x86_64
		return
	fi
	reason=$("$vm_dir/native" why-not)
	[[ -z $reason ]] || die "no native machine here: $reason"
}

# machine_boot NAME SUITE APPEND LAUNCHER...
machine_boot() {
	local suite=$2 append=$3 image start
	machine_select "$1"
	shift 3
	machine_check_tools
	! machine_is_native || [[ -z $append ]] ||
		usage_error "a native machine has no boot parameters"
	image_ensure "$suite"
	image=$(image_path "$suite")
	mkdir -p "$cache/log"
	start=$SECONDS
	machine_launch "$image" "$append" "$@"
	printf '%s\n' "$suite" >"$state/suite"
	machine_wait_console
	machine_wait_system
	: >"$state/ready"
	say "$machine is up after $((SECONDS - start)) s (ssh port $(<"$state/port") on 127.0.0.1)"
}

# Ends QEMU, at once (the disk is thrown away anyway), and returns when it is gone.
machine_kill() {
	local pid=$1
	kill "$pid" 2>/dev/null || return 0
	for _ in {1..50}; do
		[[ -d /proc/$pid ]] && machine_owns "$pid" || return 0
		sleep 0.1
	done
	kill -KILL "$pid" 2>/dev/null || true
}

machine_stop() {
	local pid user
	for user in root alice bob; do
		[[ ! -S $state/ssh-$user ]] ||
			timeout 5 ssh -F "$state/ssh_config" -O exit "$user@vm" >/dev/null 2>&1 || true
	done
	! pid=$(machine_pid) || machine_kill "$pid"
	rm -rf "$state"
}

# Brings NAME up in the background, to stay when this script has ended; under the
# machine's lock.
machine_up_locked() {
	local name=$1 suite=$2 append=$3
	machine_select "$name"
	if machine_is_up && [[ -e $state/ready ]]; then
		[[ $(<"$state/suite") == "$suite" ]] || die "$name is up with $(<"$state/suite"), not $suite"
		[[ $(<"$state/append") == "$append" ]] ||
			die "$name is up with other boot parameters; run: tests/vm/vm down $name"
		[[ $(<"$state/image") == "$(image_path "$suite")" ]] ||
			say "$name is up with an image of an older recipe; down and up to renew it"
		return 0
	fi
	machine_stop
	trap machine_stop EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	machine_boot "$name" "$suite" "$append" setsid
	trap - EXIT INT TERM HUP
}

# One line about the selected machine.
machine_describe() {
	local what=booting
	machine_is_up || return 0
	[[ ! -e $state/ready ]] || what=up
	printf '%-16s %-10s %-8s pid %-8s port %-6s %s\n' "$machine" "$(<"$state/suite")" "$what" \
		"$(<"$state/pid")" "$(<"$state/port")" "$(<"$state/append")"
}
