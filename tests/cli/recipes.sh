# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2094,SC2154
# The recipes of README.md, taken from there and run; the runs are made up.

# The code below the line of README.md that begins with $1.
recipe() {
	awk -v line="$1" 'found && /^[^ ]/ { exit }
		found { sub(/^    /, ""); print }
		index($0, line) == 1 { found = 1 }' "$top/README.md" | sed '/^$/d'
}

# ./a and ./c end with 0, ./b with 3; cgscope is found as users find it.
prepare_programs() {
	local program
	mkdir bin
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$fake" >bin/cgscope
	for program in a c tests; do
		printf '#!/bin/sh\nexit 0\n' >$program
	done
	printf '#!/bin/sh\nexit 3\n' >b
	chmod +x bin/cgscope a b c tests
	PATH=$PWD/bin:$PATH
}

test_recipe_of_a_table() {
	need jq
	prepare_programs
	recipe 'Each program under' >recipe
	[[ $(wc -l <recipe) -eq 4 ]] || fail "$(<recipe)"
	sh recipe >out
	sed -E 's/[0-9]+,([0-9]+)$/TIME,\1/' out >table
	expect_lines table '"./a","ok",0,TIME,403353184' '"./b","failed",3,TIME,403353184' \
		'"./c","ok",0,TIME,403353184'
}

test_recipe_in_python() {
	need python3
	prepare_programs
	recipe 'From Python' >recipe
	python3 recipe >out
	expect_lines out ok
	sed 's,\./a,./b,' recipe >other
	python3 other >out
	expect_lines out failed
}

test_recipe_in_a_makefile() {
	need make
	prepare_programs
	recipe 'And in a makefile' >Makefile
	status=0
	env -u MAKEFLAGS -u MFLAGS make -s check >out 2>err || status=$?
	expect_status 0
	expect_lines out
	FAKE_SCENARIO=refused-forks env -u MAKEFLAGS -u MFLAGS make -s check >out 2>err || status=$?
	[[ $status -ne 0 ]] || fail "a refused fork has not failed it" "$(<err)"
}
