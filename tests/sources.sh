# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# Which files the checks look at. A check that looks at nothing would pass: so the files below
# lib and cmd must be those that the Makemodules name, and be many. Sourced in the source tree.

# sources DIRECTORY...: the C files there and below, one a line.
sources() {
	find "$@" -name '*.[ch]' ! -name '.*' | sort
}

# The same, for those that need the files as words. None has a blank in it.
source_words() {
	sources "$@" | tr '\n' ' '
}

# What the Makemodule of lib or cmd builds.
listed_sources() {
	grep -oE "(^|[[:blank:]=])$1/[A-Za-z0-9_/-]+\.[ch]" "$1/Makemodule.am" |
		tr -d ' \t=' | sort -u
}

# Ends the check where files are missing from sight.
need_sources() {
	{
		sources lib cmd
		listed_sources lib
		listed_sources cmd
	} | sort | uniq -u | grep . && {
		echo 'these are not both in lib or cmd and in its Makemodule.am'
		exit 1
	}
	sources_seen=$(sources lib cmd | wc -l)
	[ "$sources_seen" -ge 150 ] || {
		echo "only $sources_seen source files seen: this check looks in the wrong place"
		exit 1
	}
}

# The table of rooms in docs/architecture.md: a room and those it stands on, a line each.
rooms() {
	sed -n '/^| room /,/^$/s/^| \(`.*\)$/\1/p' docs/architecture.md |
		awk -F '|' '{ gsub(/`/, ""); print $1, $3 }'
}

# The table of what is not for all: where the thing of that name may be used.
rights() {
	sed -n '/^| what | which rooms/,/^$/p' docs/architecture.md | tr -d '`' |
		awk -F ' *[|] *' -v what="$1" '$2 == what { print $3 }'
}

# The room that a file is in; its directory, if that is lib/base or a room.
room_of() {
	echo "${1%/*}"
}
