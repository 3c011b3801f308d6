# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Makes and caches the disk images. An image is a directory $cache/image/SUITE-FINGERPRINT
# with
#   disk.raw         ext4 without partitions, sparse; only ever opened read-only by QEMU
#   vmlinuz, initrd  booted directly, without a boot loader
#   key, known_hosts the key that root, alice and bob accept, and the host key to expect
#   packages.txt     what is installed, with versions
# It appears whole or not at all, and under another name when anything in the recipe has
# changed.
: "${cache:?source common.sh first}" "${vm_dir:?}"

# Free space in the image for what tests write, and the apparent size that follows from it
# (the file is sparse).
image_size=4G

# The directory of the image for SUITE as the recipe is now, whether it exists or not.
image_path() {
	local id
	id=$(find "$vm_dir/image" "$vm_dir/lib/image.sh" "$vm_dir/lib/bootstrap.sh" -type f | LC_ALL=C sort |
		fingerprint "$1")
	printf '%s/image/%s-%s\n' "$cache" "$1" "$id"
}

# Without the packages that the list says SUITE lacks.
image_packages() {
	sed "s/#.*//; /\[!$1\]/d; s/\[.*\]//" "$vm_dir/image/packages" | tr -s ' \n\t' ',' | sed 's/^,//; s/,$//'
}

# Everything that is laid over the tree before packages are configured, as a tar: in it
# the owner is root, whoever has checked out the project, and with whatever umask.
image_overlay() {
	local work=$1
	mkdir -p "$work/overlay/etc/ssh"
	cp -r "$vm_dir/image/rootfs/." "$work/overlay/"
	cp "$vm_dir/image/customize" "$work/overlay/customize"
	cp "$work/image/key.pub" "$work/overlay/etc/ssh/vm_authorized_keys"
	tar --create --file="$work/overlay.tar" --directory="$work/overlay" \
		--owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX .
}

# The kernel and its initrd out of the tree, readable by whoever boots them.
image_extract_boot() {
	local tree=$1 image=$2
	# shellcheck disable=SC2016 # expanded by the inner shell, which may be in a user namespace
	as_root sh -euc '
		cat "$1"/boot/vmlinuz-* >"$2/vmlinuz"
		cat "$1"/boot/initrd.img-* >"$2/initrd"
		chroot "$1" dpkg-query -W >"$2/packages.txt"
		sed "s/^/vm /; s/ [^ ]*\$//" "$1/etc/ssh/ssh_host_ed25519_key.pub" >"$2/known_hosts"
	' sh "$tree" "$image"
}

# No journal: the disk never outlives the machine, and boots are faster.
image_make_disk() {
	local tree=$1 disk=$2
	truncate --size="$image_size" "$disk"
	as_root mke2fs -q -t ext4 -O ^has_journal -m 0 -L root -d "$tree" "$disk"
}

image_is_made() {
	[[ -e $(image_path "$1")/disk.raw ]]
}

image_make() {
	local suite=$1 image=$2 work=$cache/tmp/image-$1
	[[ ! -e $image/disk.raw ]] || return 0
	need_tools mmdebstrap mke2fs ssh-keygen
	say "making the $suite image; this takes some minutes and about 3 GB below $cache"
	# What an interrupted attempt has left behind: the lock says that nobody else uses
	# it.
	as_root rm -rf "$work"
	mkdir -p "$work/image" "$cache/log" "$cache/image"
	ssh-keygen -q -t ed25519 -N '' -C cgscope-vm -f "$work/image/key"
	image_overlay "$work"
	say "$suite: installing packages (log: $cache/log/image-$suite.log)"
	# shellcheck disable=SC2016 # $1 is for the hook's own shell
	bootstrap "$suite" "$work/tree" "$cache/log/image-$suite.log" "$(image_packages "$suite")" \
		--essential-hook="tar-in $work/overlay.tar /" --customize-hook='chroot "$1" /customize'
	image_extract_boot "$work/tree" "$work/image"
	say "$suite: writing the disk"
	image_make_disk "$work/tree" "$work/image/disk.raw"
	as_root rm -rf "$work/tree"
	mv -T "$work/image" "$image"
	rm -rf "$work"
	say "$suite: done, $(du -sh "$image" | cut -f1) in $image"
}

# Makes the image if it is not there; prints nothing on stdout.
image_ensure() {
	image_is_made "$1" || with_lock "image-$1" image_make "$1" "$(image_path "$1")"
}
