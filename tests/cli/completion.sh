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
		cgscope monitor --on oo	oom oomd
		cgscope monitor --on oom,ref	oom,refused
		cgscope trace --only 	exec fork memory
		cgscope trace --only fork,m	fork,memory
		cgscope monitor --uid roo	root
		cgscope check --uid=roo	--uid=root
		cgscope list --sort=-cp	--sort=-cpu --sort=-cpu-max
		cgscope list --watch=5	--watch=5h --watch=5min --watch=5ms --watch=5s
		cgscope list --watch 5	-
		cgscope hel	help
		cgscope stop --gr	--grace
		cgscope stop --signal TER	TERM
		cgscope stop go	go-a.scope go-b.scope
		cgscope stop -v -k 1s go-a.scope ma	make.scope
		cgscope stop go-a.scope go	go-b.scope
		cgscope kill go-a.scope --signal KILL go	go-b.scope
		cgscope --in go	go-a.scope go-b.scope
		cgscope run --in ma	make.scope
		cgscope set go-a	go-a.scope
		cgscope set --mem 1G go-a	go-a.scope
		cgscope set go-a.scope go	-
		cgscope status go-b	go-b.scope
		cgscope status go-a.scope go	-
		cgscope status --user go-a.scope go	-
		cgscope move go-a.scope go	-
		cgscope freeze --mem	-
		cgscope help r	run
		cgscope help run st	-
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

# Sets mine and others, processes of the caller and of somebody else, and dead, a zombie: a process
# that has as little of a command line as a kernel thread has. "$@" runs a command as the caller.
start_processes() {
	"$@" sleep 60 &
	mine=$!
	started=("$mine")
	others=1
	if [[ $EUID -eq 0 && $# -gt 0 ]]; then
		others=$$
	elif [[ $EUID -eq 0 ]] && command -v setpriv >/dev/null; then
		setpriv --reuid=65534 --clear-groups sleep 60 &
		others=$!
		started+=("$others")
	fi
	# It ends when nobody can wait for it any more.
	"$@" sh -c 'until grep -q sleep /proc/$$/comm; do sleep 0.01; done & echo $! >dead
		exec sleep 60' &
	started+=("$!")
	until [[ -s dead && -z $(tr -d '\0' <"/proc/$(<dead)/cmdline") ]]; do
		sleep 0.01
	done
	dead=$(<dead)
}

expect_offered() {
	[[ " $words " == *" $1 "* ]] || fail "$1 is not offered: $words"
}

expect_not_offered() {
	[[ " $words " != *" $1 "* ]] || fail "$1 is offered: $words"
}

# Root is offered the processes of everyone.
check_offered_pids() {
	local words
	while read -r words; do
		expect_offered "$mine"
		expect_not_offered "$dead"
		if [[ $EUID -eq 0 && $# -eq 0 ]]; then
			expect_offered "$others"
		else
			expect_not_offered "$others"
		fi
	done < <(head -n 2 offered)
	words=$(sed -n 3p offered)
	expect_not_offered "$mine"
}

# The same as a user that $as is the command for.
check_pids_as() {
	local started mine others dead as
	read -ra as <<<"$1"
	start_processes "${as[@]}"
	# shellcheck disable=SC2064
	trap "kill ${started[*]}" EXIT
	PATH=$PWD/bin "$(type -P env)" "${as[@]}" "${@:2}" "cgscope attach " \
		"cgscope move go-a.scope " "cgscope attach $mine " >offered 2>complaints ||
		fail "$(head complaints)"
	[[ ! -s complaints ]] || fail "$(head complaints)"
	check_offered_pids "${as[@]}"
}

check_pids() {
	local as shell
	shell=$(command -v "$1")
	make_path
	(check_pids_as "" "$shell" "${@:2}")
	as="$(type -P setpriv) --reuid=65534 --clear-groups"
	[[ $EUID -eq 0 && $as == /* ]] || return 0
	chmod a+x ..
	chmod -R a+rwX .
	rm -f dead lines setup
	$as test -x . -a -r "$here/complete.bash" || return 0
	(check_pids_as "$as" "$shell" "${@:2}")
}

test_bash_completion() {
	check_completions bash --norc "$here/complete.bash" "$top/completions/bash/cgscope"
}

test_bash_completion_of_processes() {
	check_pids bash --norc "$here/complete.bash" "$top/completions/bash/cgscope"
}

test_zsh_completion() {
	need zsh
	zsh -f -c 'zmodload zsh/zpty' 2>/dev/null || skip "no zsh/zpty"
	check_completions zsh -f "$here/complete.zsh" "$top/completions/zsh"
}

test_zsh_completion_of_processes() {
	need zsh
	zsh -f -c 'zmodload zsh/zpty' 2>/dev/null || skip "no zsh/zpty"
	check_pids zsh -f "$here/complete.zsh" "$top/completions/zsh"
}

test_fish_completion() {
	need fish
	export HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_DATA_HOME=$PWD
	check_completions fish "$here/complete.fish" "$top/completions/fish/cgscope.fish"
}

test_fish_completion_of_processes() {
	need fish
	export HOME=$PWD XDG_CONFIG_HOME=$PWD XDG_DATA_HOME=$PWD
	check_pids fish "$here/complete.fish" "$top/completions/fish/cgscope.fish"
}
