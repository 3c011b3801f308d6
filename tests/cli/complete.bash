# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# complete.bash FILE LINE...: what bash offers at the end of each line, sorted, "-" for nothing.

# Splits a line like readline: at blanks, and around "=" and ":".
split() {
	local rest=$1
	COMP_WORDS=()
	while [[ -n $rest ]]; do
		[[ $rest =~ ^([[:space:]]+|[=:]+|[^[:space:]=:]+) ]]
		rest=${rest#"${BASH_REMATCH[0]}"}
		if [[ ${BASH_REMATCH[0]} != [[:space:]]* ]]; then
			COMP_WORDS+=("${BASH_REMATCH[0]}")
		elif [[ -z $rest ]]; then
			COMP_WORDS+=("")
		fi
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
}

# Readline keeps what is before the last place where it splits, and replaces the rest.
offer() {
	local kept=
	[[ ! $1 =~ [^[:space:]]*[=:]([^[:space:]=:]*)$ ]] || kept=${BASH_REMATCH[0]%"${BASH_REMATCH[1]}"}
	COMP_LINE=$1
	COMP_POINT=${#1}
	split "$1"
	COMPREPLY=()
	"$completer" cgscope "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
		echo -
	else
		printf '%s\n' "${COMPREPLY[@]/#/$kept}" | LC_ALL=C sort -u | paste -sd ' '
	fi
}

# "compopt: not currently executing completion function" is what readline's absence looks like.
compopt() {
	return 0
}

library=/usr/share/bash-completion/bash_completion
# shellcheck source=/dev/null
[[ ! -r $library ]] || source "$library"
# shellcheck source=/dev/null
source "$1"
shift
read -r _ _ completer _ <<<"$(complete -p cgscope)"
for line; do
	offer "$line"
done
