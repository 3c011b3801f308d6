# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Commands and files into and out of a machine that is up, all over ssh connections that
# are kept open.
: "${state:=}" # of the machine that machine_select has chosen

# One connection per user is kept, because a login costs a second or more under emulation
# and a command over an open connection does not.
vm_ssh() {
	ssh -F "$state/ssh_config" "$@" 9>&-
}

# The words as one line for the remote shell. That shell must not replace itself by the
# last command: ssh reports a death by signal as 255, a shell as 128+N.
remote_line() {
	printf '%q ' "$@"
	printf '; exit $?\n'
}

# transfer_push USER SRC... DEST: into the directory DEST, which is made. "dir/." means
# what is in dir.
transfer_push() {
	local user=$1 sources=("${@:2:$#-2}") dest=${!#} src members=()
	for src in "${sources[@]}"; do
		[[ -e $src || -L $src ]] || die "no such file: $src"
		case $src in
		. | */.) members+=(-C "$(realpath "$src")" .) ;;
		*) members+=(-C "$(realpath "$(dirname "$src")")" "./$(basename "$src")") ;;
		esac
	done
	tar --create --owner=0 --group=0 --numeric-owner "${members[@]}" | vm_ssh "$user@vm" "$(transfer_unpack "$dest")"
}

# The remote command that unpacks stdin below DEST; directories that are there keep their
# mode, links to directories (/lib) stay links.
transfer_unpack() {
	printf 'mkdir -p %q && tar --extract --no-same-owner --no-overwrite-dir --keep-directory-symlink -C %q' "$1" "$1"
}

# transfer_pull USER SRC... DEST: into the local directory DEST, which is made.
transfer_pull() {
	local user=$1 sources=("${@:2:$#-2}") dest=${!#} src line='tar --create'
	for src in "${sources[@]}"; do
		case $src in
		# tar takes every -C from the one before it, so relative names are made
		# absolute in the home directory.
		/*) ;;
		*) src='~'/$src ;;
		esac
		case $src in
		*/.) line+=$(printf ' -C %s .' "$(remote_path "${src%/.}")") ;;
		*) line+=$(printf ' -C %s ./%q' "$(remote_path "$(dirname "$src")")" "$(basename "$src")") ;;
		esac
	done
	mkdir -p "$dest"
	vm_ssh "$user@vm" "$line" </dev/null | tar --extract --no-same-owner -C "$dest"
}

# Quotes a remote path but leaves a leading ~ to the remote shell.
remote_path() {
	# shellcheck disable=SC2088 # meant
	case $1 in
	'~') printf '~' ;;
	'~/'*) printf '~/%q' "${1#'~/'}" ;;
	*) printf '%q' "$1" ;;
	esac
}

# What tests/vm/build has put into the directory DEST goes to the machine's /. Files that
# came with an earlier install and are no longer part of the project are removed first, so
# that a leftover cannot hide a packaging error.
transfer_install() {
	local dest=$1 list=/var/lib/cgscope-vm-files
	tar --create --owner=0 --group=0 --numeric-owner -C "$dest" . | vm_ssh root@vm "
		set -e
		[ ! -e $list ] || xargs -0 rm -f <$list
		tar --extract --no-same-owner --no-overwrite-dir --keep-directory-symlink -C /
		ldconfig"
	(cd "$dest" && find . ! -type d -printf '/%P\0') | vm_ssh root@vm "cat >$list"
}
