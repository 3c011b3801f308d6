# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What every part of the VM harness shares: messages, the cache, locks, and being root
# over a tree of files.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for tree.sh and build
project_dir=$(cd "$vm_dir/../.." && pwd)
cache=${CGSCOPE_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cgscope-vm}
# The machines there are, by the Debian suite that each is made of: the one list of them.
suites=(bookworm trixie forky)
# Debian's testing among them: what is in it changes from day to day, and at times it cannot be installed.
testing=forky
# mke2fs and chroot are no commands for ordinary users on Debian.
PATH=$PATH:/usr/sbin:/sbin

say() {
	printf 'vm: %s\n' "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# Ends with 77, by which tests are known as skipped: for a reason that lies outside of this
# project, a machine of this suite cannot be made now.
die_unavailable() {
	say "$*"
	exit 77
}

usage_error() {
	say "$*"
	say "Try 'tests/vm/vm help'"
	exit 2
}

# "bookworm, trixie or forky"
suites_text() {
	local text
	printf -v text '%s, ' "${suites[@]:0:${#suites[@]}-1}"
	printf '%s or %s\n' "${text%, }" "${suites[-1]}"
}

check_suite() {
	local suite
	for suite in "${suites[@]}"; do
		[[ ${1:-} != "$suite" ]] || return 0
	done
	usage_error "not a suite: '${1:-}'; there are: ${suites[*]}"
}

# dpkg waits for the disk after each file, so that a power cut leaves a system that works. A tree
# that was not finished is made again. The others are what it does by itself.
export DPKG_FORCE=security-mac,downgrade,unsafe-io

# A check for the tools that are not on every Debian system, with the fix.
need_tools() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null ||
			die "$tool is missing; run: tools/deps vm"
	done
}

# Runs a command as the owner of every file in a Debian tree: root, or root of a user
# namespace that holds the caller's subordinate ids. Device nodes cannot be made in the
# latter; none of the trees here needs them.
as_root() {
	if [[ $EUID -eq 0 ]]; then
		"$@"
	else
		unshare --user --map-root-user --map-auto --mount -- "$@"
	fi
}

# Runs a function or command while holding the lock NAME. Descriptor 9 is the lock:
# whatever stays behind in the background has to be started with 9>&-, or it would hold
# the lock for as long as it lives.
with_lock() {
	local name=$1
	shift
	mkdir -p "$cache/lock"
	(
		if ! flock --nonblock 9; then
			say "waiting for another one that holds $cache/lock/$name"
			flock 9
		fi
		"$@"
	) 9>"$cache/lock/$name"
}

# Sixteen hexadecimal digits that change when the given words, or the contents of the
# files named on stdin, change.
fingerprint() {
	{
		printf '%s\n' "$@"
		xargs -r -d '\n' cat
	} | sha256sum | cut -c1-16
}

# A log for reading: without colours and cursor movements, and of every running commentary
# of systemd on a slow job only the last line.
plain_log() {
	tr -d '\r' <"$1" | sed 's/\x1b\[[0-9;]*[A-Za-z]//g; s/\x1bM//g' | awk '
		/^\[[ *]*\] / { last = $0; next }
		last != "" { print last; last = "" }
		{ print }
		END { if (last != "") print last }'
}

# Shows the end of a log, indented so that it stands apart from the harness's own
# messages.
show_tail() {
	say "the last lines of $1:"
	plain_log "$1" | tail -n "${2:-40}" | sed 's/^/    /' >&2
}
