# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The build trees: a Debian of each suite with compiler and libraries, entered by chroot,
# so that the project is built against that suite's own libsystemd at the full speed of
# this machine. $cache/tree/SUITE-FINGERPRINT is never written to after it was made;
# sources and objects are bound to /build.
: "${cache:?source common.sh first}" "${vm_dir:?}" "${project_dir:?}"

tree_packages() {
	"$project_dir/tools/deps" --print build test
}

tree_path() {
	local packages id
	packages=$(tree_packages)
	id=$(printf '%s\n' "$vm_dir/lib/tree.sh" "$vm_dir/lib/bootstrap.sh" | fingerprint "$1" "$packages")
	printf '%s/tree/%s-%s\n' "$cache" "$1" "$id"
}

tree_make() {
	local suite=$1 tree=$2 work=$cache/tmp/tree-$1
	[[ ! -e $tree ]] || return 0
	need_tools mmdebstrap
	say "making the $suite build tree; this takes a minute or two and about 1 GB below $cache"
	as_root rm -rf "$work"
	mkdir -p "$cache/tmp" "$cache/log" "$cache/tree"
	# shellcheck disable=SC2016 # $1 is for the hook's own shell
	bootstrap "$suite" "$work" "$cache/log/tree-$suite.log" "$(tree_packages | paste -sd,)" \
		--customize-hook='mkdir "$1/build"'
	mv -T "$work" "$tree"
	say "$suite: done"
}

tree_ensure() {
	local tree
	tree=$(tree_path "$1")
	[[ -e $tree ]] || with_lock "tree-$1" tree_make "$1" "$tree"
}

# tree_run TREE DIR COMMAND...: in the tree, with DIR as /build. Mounts, processes and
# network are its own: nothing is left mounted or running, whatever becomes of the
# command, and a build cannot download anything.
tree_run() {
	local tree=$1 dir=$2 unshare=(unshare --mount --pid --net --fork --kill-child)
	shift 2
	[[ $EUID -eq 0 ]] || unshare+=(--user --map-root-user --map-auto)
	# shellcheck disable=SC2016 # expanded by the inner shell
	"${unshare[@]}" -- sh -euc '
		tree=$1 dir=$2
		shift 2
		mount --make-rprivate /
		mount --rbind /dev "$tree/dev"
		mount -t proc proc "$tree/proc"
		mount --bind "$dir" "$tree/build"
		cd "$tree"
		exec chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 TERM="${TERM:-dumb}" "$@"
	' sh "$tree" "$dir" "$@" 9>&-
}
