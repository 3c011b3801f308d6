# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2154
# What the themes that trace have in common.

# trace OPTION... COMMAND: the report is in the file report, as JSON.
trace() {
	run trace --json -o report "$@"
}

# expect_failures LINE...: these, and no others. A line has six words, "_" in the last for a blank,
# and the reason.
expect_failures() {
	local line words
	: >expected
	for line in "$@"; do
		read -ra words <<<"$line"
		(
			IFS=$'\t'
			words[5]=${words[5]//_/ }
			printf '%s\t%s\n' "${words[*]:0:6}" "$(IFS=' ' && echo "${words[*]:6}")"
		) >>expected
	done
	"$helper/check-trace" report expected >wrong || fail "'$args':" "$(<wrong)"
}

# Prints a part of the report: a Python expression of the document t.
get() {
	python3 -c 'import json; t = json.load(open("report")); print('"$1"')'
}
