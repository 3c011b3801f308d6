# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Makes a minimal Debian tree with given packages: the base of both the VM images and the
# build trees.

# The apt sources for mmdebstrap: this machine's own mirror where it has one, so that the
# harness works wherever apt does; nothing, which means mmdebstrap's default, elsewhere.
apt_sources() {
	local suite=$1 uri=${CGSCOPE_VM_MIRROR:-}
	if [[ -z $uri ]]; then
		# shellcheck disable=SC2016 # apt's own variables
		uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
			'Label: Debian' 'Component: main' 2>/dev/null | head -n1) || true
	fi
	[[ -n $uri ]] || return 0
	printf 'deb %s %s main\n' "$uri" "$suite"
	# Updates between point releases: testing has neither.
	[[ $suite == "$testing" ]] || printf 'deb %s %s main\n' "$uri" "$suite-updates"
}

# How this machine's apt reaches its mirror (proxies, dates that may be stale), one option
# a line. mmdebstrap does not read the machine's own configuration.
apt_options() {
	# Testing's index is valid for a week; a mirror that stands still is no reason not to
	# test on what it has.
	[[ $1 != "$testing" ]] || echo 'Acquire::Check-Valid-Until "false";'
	apt-config dump Acquire |
		grep -E '^Acquire::(http|https|Check-|Retries|ForceIPv)' | grep -v ' "";$' || true
}

# What a log of mmdebstrap gives as the cause: the first dependency that cannot be met, or else the first
# error of apt or dpkg, is the clearest.
bootstrap_reason() {
	grep -aE -m 1 '^(E: | .* : (Depends|Conflicts|Breaks): |dpkg: error)' "$1" | sed -E 's/^(E: | )//'
}

# Why mmdebstrap failed. Testing is at times not to be installed, and its mirror at times not there. What
# our own hooks make of a tree that was installed is this project's matter, on testing too.
bootstrap_failed() {
	local suite=$1 log=$2
	if [[ $suite == "$testing" ]] && ! grep -qa '^I: running --customize-hook' "$log"; then
		die_unavailable "$suite cannot be installed today: $(bootstrap_reason "$log") (log: $log)"
	fi
	show_tail "$log" 20
	die "mmdebstrap failed; the whole log is $log"
}

# bootstrap SUITE DIR LOG PACKAGE,... [MMDEBSTRAP-OPTION...] fills the new directory DIR.
bootstrap() {
	local suite=$1 dir=$2 log=$3 packages=$4 sources option
	shift 4
	local options=(--variant=minbase --include="$packages" "$@")
	# Nobody reads manuals in these trees, and unpacking them is a good part of the
	# time.
	for option in doc man locale info lintian; do
		options+=(--dpkgopt="path-exclude=/usr/share/$option/*")
	done
	while read -r option; do
		options+=(--aptopt="$option")
	done < <(apt_options "$suite")
	sources=$(apt_sources "$suite")
	[[ -z $sources ]] || options+=("$suite" - -)
	[[ -n $sources ]] || options+=("$suite" -)
	as_root mkdir -p "$dir"
	: >"$log"
	mmdebstrap "${options[@]}" 2>>"$log" <<<"$sources" |
		as_root tar --extract --preserve-permissions --numeric-owner --exclude='./dev/*' --directory="$dir" 2>>"$log" ||
		bootstrap_failed "$suite" "$log"
}
