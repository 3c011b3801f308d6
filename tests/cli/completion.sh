# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The completions in the shells they are for. complete.bash, .zsh and .fish print what the shell
# offers at the end of each line they are given, one line for each.

# A PATH on which the same few programs are found on every machine. Its systemctl shows which
# manager was asked.
make_path() {
	local program
	mkdir bin
	for program in cat env id kill paste sh sleep sort tail zsh; do
		ln -s "$(type -P "$program")" bin 2>/dev/null || true
	done
	printf '#!/bin/sh\n' >bin/set-a-trap-for-mice
	cat >bin/systemctl <<-'END'
		#!/bin/sh
		case $1 in
		--user) echo "app.slice loaded active active Applications" ;;
		*) echo "system.slice loaded active active System" ;;
		esac
	END
	cat >bin/cgscope <<-'END'
		#!/bin/sh
		[ "$*" != "list --no-headings --output name" ] || printf 'go-a.scope\ngo-b.scope\nmake.scope\n'
	END
	chmod +x bin/systemctl bin/cgscope bin/set-a-trap-for-mice
}

# The lines to complete, and the words to be offered, sorted.
cases() {
	cat <<-'END'
		cgscope --mem-	--mem-high --mem-low --mem-min
		cgscope --best	--best-effort
		cgscope -q --us	--user
		cgscope run --leftov	--leftovers
		cgscope --oom 	continue kill
		cgscope --leftovers w	wait
		cgscope --tasks m	max
		cgscope --cpu-weight 	idle
		cgscope --mem 51	51G 51K 51M 51T
		cgscope -qm 51	51G 51K 51M 51T
		cgscope --cpu 15	15%
		cgscope --time 1.5	1.5h 1.5min 1.5ms 1.5s
		cgscope --signal TER	TERM
		cgscope --signal SIGTER	SIGTERM
		cgscope --user --slice 	app.slice
		cgscope --system --slice 	system.slice
		cgscope --expect oo	oom oomd
		cgscope --expect ok,ti	ok,time
		cgscope list -o memory-	memory-peak
		cgscope list -o name,cp	name,cpu name,cpu-max
		cgscope list --sort cp	cpu cpu-max
		cgscope --record some-f	some-file
		cgscope --warn-at 	memory: pressure:cpu:full: pressure:cpu:some: pressure:io:full: pressure:io:some: pressure:memory:full: pressure:memory:some: tasks:
		cgscope --stop-at ta	tasks:
		cgscope --stop-at pressure:me	pressure:memory:full: pressure:memory:some:
		cgscope monitor --warn-at pressure:io:f	pressure:io:full:
		cgscope monitor --until e	empty exec exit
		cgscope monitor --until ref	refused
		cgscope hel	help
		cgscope stop --gr	--grace
		cgscope stop --signal TER	TERM
		cgscope stop go	go-a.scope go-b.scope
		cgscope stop -v -k 1s go-a.scope ma	make.scope
		cgscope --in go	go-a.scope go-b.scope
		cgscope run --in ma	make.scope
		cgscope set go-a	go-a.scope
		cgscope status go-b	go-b.scope
		cgscope freeze --mem	-
		cgscope help r	run
		cgscope -m 1G -- set-a-trap	set-a-trap-for-mice
		cgscope run -t max set-a-trap	set-a-trap-for-mice
		cgscope set-a-trap	set-a-trap-for-mice
		cgscope --oom kill cat ./some-f	./some-file
		cgscope cat --mem-	-
	END
}

# Completes all lines with the command that is given, and compares.
check_completions() {
	local line words lines=() shell
	shell=$(command -v "$1")
	make_path
	touch some-file
	cases >expected
	while IFS=$'\t' read -r line words; do
		lines+=("$line")
	done <expected
	PATH=$PWD/bin "$shell" "${@:2}" "${lines[@]}" >offered 2>complaints || fail "$(head complaints)"
	[[ ! -s complaints ]] || fail "$(head complaints)"
	paste <(cut -f 1 expected) offered | diff -u expected -
}

test_bash_completion() {
	check_completions bash --norc "$here/complete.bash" "$top/completions/bash/cgscope"
}

test_zsh_completion() {
	need zsh
	zsh -f -c 'zmodload zsh/zpty' 2>/dev/null || skip "no zsh/zpty"
	check_completions zsh -f "$here/complete.zsh" "$top/completions/zsh"
}

test_fish_completion() {
	need fish
	export HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_DATA_HOME=$PWD
	check_completions fish "$here/complete.fish" "$top/completions/fish/cgscope.fish"
}
