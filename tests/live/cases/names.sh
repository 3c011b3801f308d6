# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Names and descriptions of scopes. That a name in use is refused is in refusal.sh.

# named UNIT: the last run was in that scope; a pattern of bash. Its command was cat of its cgroup.
named() {
	local line
	expect_success
	line=$(<out)
	line=${line%/run}
	# shellcheck disable=SC2053 # a glob is meant
	[[ ${line##*/} == $1 ]] || fail "'$args': it was in ${line##*/}, not $1"
}

live a_name_is_the_scopes_name alice root +native
a_name_is_the_scopes_name() {
	run --name live-x grep ^0:: /proc/self/cgroup
	named live-x.scope
	run --unit live-x.scope grep ^0:: /proc/self/cgroup
	named live-x.scope
	run -u live:x.1-2_3 grep ^0:: /proc/self/cgroup
	named live:x.1-2_3.scope
	if [[ $user == alice ]]; then
		run -u 'live\x2dx' --exec grep ^0:: /proc/self/cgroup
		named 'live\\x2dx.scope'
	else
		run --user --name live-x grep ^0:: /proc/self/cgroup
		named live-x.scope
	fi
}

live a_made_up_name_has_the_prefix alice +native
a_made_up_name_has_the_prefix() {
	local hex='[0-9a-f][0-9a-f][0-9a-f][0-9a-f]'
	run grep ^0:: /proc/self/cgroup
	named "cgscope-grep-$hex$hex.scope"
	run --prefix live-pre grep ^0:: /proc/self/cgroup
	named "live-pre-$hex$hex.scope"
}

live the_longest_name_is_possible alice +native
the_longest_name_is_possible() {
	local name
	name=live-$(head -c 244 /dev/zero | tr '\0' n)
	run --name "$name" grep ^0:: /proc/self/cgroup
	named "$name.scope"
	run --name "${name}n" true
	expect_usage_error 'longer than'
	name=${name::240}
	run --prefix "$name" grep ^0:: /proc/self/cgroup
	named "$name-*.scope"
	run --prefix "${name}n" true
	expect_usage_error 'longer than'
}

# Where a cgroup's name could be taken for one of the kernel's files.
live names_that_systemd_writes_otherwise alice
names_that_systemd_writes_otherwise() {
	local name
	for name in _live .live memory.live cgroup.live; do
		run --name "$name" "${some_limit[@]}" echo ran
		expect_success
		expect_lines out ran
	done
	run --name tasks --exec echo ran
	expect_success
}

live names_that_cannot_be_are_refused alice +once +native
names_that_cannot_be_are_refused() {
	local name
	for name in '' 'live x' live/x ../live live.service 'livé' $'live\n' 'live*' live@x live@; do
		run --name "$name" touch ran
		expect_usage_error .
	done
	[[ ! -e ran ]]
}

# No time goes by in which it would be taken.
live a_name_is_free_at_once alice root +native
a_name_is_free_at_once() {
	for _ in 1 2 3 4; do
		run --name live-again "${some_limit[@]}" sh -c 'exit 3'
		expect_status 3
		expect_lines err
	done
	run --name live-again "${some_limit[@]}" sh -c 'kill -KILL $$'
	expect_status 137
	expect_lines err
	run --name live-again --leftovers kill sh -c 'sleep 1000 & sleep 1000 &'
	expect_success
	run --name live-again -- /etc/passwd
	expect_status 126
	run --name live-again --time 1 -k 100ms sh -c 'trap "" TERM; sleep 1000'
	expect_status 124
	run --name live-again "${some_limit[@]}" true
	expect_success
}

live a_name_is_free_soon_after_a_kill alice
a_name_is_free_soon_after_a_kill() {
	start --name live-again sh -c 'echo up; sleep 1000'
	until_true has_line out up
	kill -KILL "$pid"
	finish 2>/dev/null
	until_true cgscope --name live-again true
	# Out of memory, of which the manager knows too.
	run --name live-again -m 8M --oom kill perl -e '$x = "x" x 50_000_000; sleep 1000'
	expect_status 137
	until_true cgscope --name live-again true
	run --name live-again --exec -m 8M --oom kill perl -e '$x = "x" x 50_000_000; sleep 1000'
	expect_status 137
	until_true cgscope --name live-again true
	expect_equal "$(systemctl --user list-units --failed --plain --no-legend 'live*')" ''
}

live of_many_with_one_name_one_runs alice +native
of_many_with_one_name_one_runs() {
	local i pids=() won=0
	for i in 1 2 3 4 5 6; do
		cgscope --name live-race "${some_limit[@]}" sh -c 'echo ran; until [ -e stop ]; do sleep 0.1; done' \
			>"out.$i" 2>"err.$i" &
		pids+=($!)
	done
	until_true eval '[[ $(cat err.* | grep -c "^cgscope: .*live-race.scope: a unit of that name exists") -eq 5 ]]'
	touch stop
	for i in "${pids[@]}"; do
		status=0
		wait "$i" || status=$?
		case $status in
		0) won=$((won + 1)) ;;
		*) expect_equal "$status" 125 status ;;
		esac
	done
	expect_equal "$won $(cat out.*)" '1 ran'
}

live odd_names_of_commands alice +native
odd_names_of_commands() {
	local name long
	long=$(head -c 250 /dev/zero | tr '\0' n)
	for name in 'a  b' 'ünï 漢' -x '[' 'a\b' '%n' $'new\nline' $'\377' ... "$long" @ .service; do
		ln -s /bin/grep "./$name"
		run "${some_limit[@]}" -- "./$name" ^0:: /proc/self/cgroup
		named 'cgscope-*-????????.scope'
	done
	long=${long/n/m}
	mkdir -p "$long/$long"
	ln -s /bin/grep "$long/$long/grep"
	run -- "$PWD/$long/$long/grep" ^0:: /proc/self/cgroup
	named 'cgscope-grep-????????.scope'
	PATH=$PATH:$PWD
	run -- -x ^0:: /proc/self/cgroup
	named 'cgscope--x-????????.scope'
	run [ 1 = 1 ]
	expect_success
	run [ 1 = 2 ]
	expect_status 1
}

live descriptions alice +native
descriptions() {
	local text
	for text in 'Nightly build of 漢字, 100 %n $x "q"' 'x'; do
		start --name live-text --description "$text" sh -c 'echo up; read -r line <fifo'
		[[ -e fifo ]] || mkfifo fifo
		until_true has_line out up
		expect_equal "$(systemctl --user show -P Description live-text.scope)" "$text" description
		echo >fifo
		finish
		expect_success
		rm out
	done
	run --description $'\377' touch ran
	LC_ALL=C expect_usage_error --description
	[[ ! -e ran ]]
}

# Not even to its owner: what is in it is kept and logged.
live the_command_line_is_not_to_be_seen alice root +native
the_command_line_is_not_to_be_seen() {
	local manager=--system
	[[ $user == root ]] || manager=--user
	mkfifo fifo
	export LIVE_SECRET=verysecret
	start --name live-secret "${some_limit[@]}" sh -c 'echo up; read -r line <fifo' sh --password verysecret
	until_true has_line out up
	systemctl $manager show live-secret.scope >properties
	grep -x Id=live-secret.scope properties
	grep verysecret properties && fail "it is to be seen"
	if [[ $user == root ]]; then
		as bob systemctl show live-secret.scope | grep -e verysecret -e fifo && fail "bob sees it"
		grep -r verysecret /run/systemd/transient && fail "it is in a file"
	fi
	echo >fifo
	finish
	expect_success
}

live twenty_at_once_do_not_collide alice +native
twenty_at_once_do_not_collide() {
	local i pids=()
	for ((i = 0; i < 20; i++)); do
		cgscope "${some_limit[@]}" grep ^0:: /proc/self/cgroup >"out.$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "one failed:" "$(cat out.*)"
	done
	expect_equal "$(sort -u out.* | grep -c '^0::/.*/cgscope-grep-.*/run$')" 20 "different scopes"
}
