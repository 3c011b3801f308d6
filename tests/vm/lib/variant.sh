# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Images with more in them than all have: the directory ../variant/NAME has the list of its packages
# and a script that goes on where image/customize ends. Takes the place of functions of image.sh,
# which is part of every image's recipe, so that a variant changes nothing for the others.
: "${vm_dir:?source common.sh and image.sh first}"

# The variant that is meant, or nothing.
variant=

variants_text() {
	(cd "$vm_dir/variant" && echo *)
}

# take_variant NAME
take_variant() {
	[[ -e $vm_dir/variant/$1/packages && $1 != */* ]] ||
		usage_error "not a variant: '$1'; there are: $(variants_text)"
	variant=$1
}

eval "$(declare -f image_path | sed '1s/image_path/image_path_plain/')"
eval "$(declare -f image_packages | sed '1s/image_packages/image_packages_plain/')"
eval "$(declare -f image_overlay | sed '1s/image_overlay/image_overlay_plain/')"

image_path() {
	local plain id
	plain=$(image_path_plain "$1")
	if [[ -z $variant ]]; then
		echo "$plain"
		return
	fi
	id=$(find "$vm_dir/variant/$variant" "$vm_dir/lib/variant.sh" -type f | LC_ALL=C sort |
		fingerprint "$plain")
	printf '%s/image/%s+%s-%s\n' "$cache" "$1" "$variant" "$id"
}

image_packages() {
	image_packages_plain "$1"
	[[ -z $variant ]] ||
		sed 's/#.*//' "$vm_dir/variant/$variant/packages" | tr -s ' \n\t' ',' |
		sed 's/^,*/,/; s/,$//'
}

# Of what it reads, a copy with the variant's lines at the end of the script.
image_overlay() {
	local work=$1 vm_dir=$vm_dir
	if [[ -n $variant ]]; then
		mkdir -p "$work/recipe"
		cp -r "$vm_dir/image" "$work/recipe/"
		cat "$vm_dir/variant/$variant/customize" >>"$work/recipe/image/customize"
		vm_dir=$work/recipe
	fi
	image_overlay_plain "$work"
}

# The images that a recipe of now makes, whether they are there or not.
image_paths() {
	local suite variant
	for suite in "${suites[@]}"; do
		for variant in '' $(variants_text); do
			image_path "$suite"
		done
	done
}
