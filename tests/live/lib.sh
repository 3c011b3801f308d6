#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What cases are made of, and the process that a case runs in:
#
#   lib.sh FILE NAME USER    runs the function NAME of FILE, in the working directory
#
# It ends with 0, 77 after skip, or what a failing command returned; what it prints says why.

helper=${BASH_SOURCE[0]%/*}/helper
cleanups=()

# "Some limit" is an option for cases that are about something else: without it in a machine that has no
# memory controller. $some_limit_bytes is what memory.max is then, or the word none. LIVE_LIMIT is the
# same for words that a shell of the case takes apart.
some_limit=() some_limit_bytes=none
if [[ " $(</sys/fs/cgroup/cgroup.controllers) " == *' memory '* ]]; then
	# shellcheck disable=SC2034 # for the cases
	some_limit=(-m 64M) some_limit_bytes=67108864
fi
export LIVE_LIMIT="${some_limit[*]}"

# ---- users ----

# The rest of this process is COMMAND, as USER finds it after a login: alice in her session's
# cgroup, the others where the caller is. Only for root.
become() {
	local user=$1 uid home
	shift
	local keep=(
		"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games" "LANG=C.UTF-8"
		"LIVE_SESSION_CGROUP=$LIVE_SESSION_CGROUP" "LIVE_LIMIT=$LIVE_LIMIT" "USER=$user" "LOGNAME=$user" "SHELL=/bin/bash"
	)
	case $user in
	root)
		keep+=("HOME=/root" "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
		[[ ! -d /run/user/0 ]] || keep+=("XDG_RUNTIME_DIR=/run/user/0")
		exec env -i "${keep[@]}" "$@"
		;;
	alice)
		uid=1000 home=/home/alice
		echo "$BASHPID" >"$LIVE_SESSION_CGROUP/cgroup.procs"
		keep+=("XDG_RUNTIME_DIR=/run/user/1000" "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus")
		;;
	bob) uid=1001 home=/home/bob ;;
	*) fail "who is $user?" ;;
	esac
	exec setpriv --reuid=$uid --regid=$uid --init-groups --inh-caps=-all \
		env -i "${keep[@]}" "HOME=$home" "$@"
}

# as USER COMMAND...: from a case of root.
as() {
	(become "$@")
}

# ---- verdicts ----

fail() {
	printf '%s\n' "$@" >&2
	exit 1
}

skip() {
	echo "$1" >.skip
	exit 77
}

# Runs the words as a command when the case has ended, however it did; the last one first.
defer() {
	cleanups=("$(printf '%q ' "$@")" "${cleanups[@]}")
}

end_case() {
	local status=$? line
	trap '' TERM
	# What is gone by itself needs no cleaning; what stays is a leak, which is looked for.
	for line in "${cleanups[@]}"; do
		eval "$line" >&2 || true
	done
	exit "$status"
}

# ---- waiting ----

# A sleep without a process.
nap() {
	read -r -t "$1" -u "$nap_fd" || true
}

# until_true [SECONDS] CONDITION...: the condition is a command; 20 s unless told.
until_true() {
	local seconds=20 end
	if [[ $1 =~ ^[0-9]+$ ]]; then
		seconds=$1
		shift
	fi
	end=$((SECONDS + seconds))
	until "$@" 2>/dev/null; do
		((SECONDS < end)) || fail "not true after $seconds s: $*"
		nap 0.1
	done
}

has() {
	[[ -s $1 ]]
}

has_line() {
	grep -qxF -e "$2" "$1"
}

# Dead at least: its parent may not have heard of it yet.
is_gone() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ ${stat##*) } == [ZX]* ]]
}

# Stopped, as in "ps": of a process and of nothing else. "t": one that is traced.
is_stopped() {
	local stat
	read -r stat <"/proc/$1/stat" && [[ ${stat##*) } == [Tt]* ]]
}

# ---- cgscope ----

# Words that run and start put before cgscope: env, nice, prlimit.
launcher=()

# Runs cgscope; its output is in the files out and err, its exit status in $status.
run() {
	status=0
	args=$*
	"${launcher[@]}" cgscope "$@" >out 2>err </dev/null || status=$?
}

# The path of the process $1 in cgroup v2, without a process. The file has lines for v1 too where
# that is in use beside it.
cgroup_of() {
	local line
	while read -r line; do
		[[ $line != 0::* ]] || echo "${line#0::}"
	done <"/proc/$1/cgroup"
}

# The directory of the scope NAME, in the manager of the case's user or the system's; 1 without one.
group_of() {
	local dir
	for dir in /sys/fs/cgroup/user.slice/user-"$UID".slice/user@"$UID".service/{,app.slice/} \
		/sys/fs/cgroup/system.slice/; do
		if [[ -d $dir$1.scope ]]; then
			echo "$dir$1.scope"
			return
		fi
	done
	return 1
}

# Whether a scope's DIRECTORY has its command: below it in a leaf, once a run nests in it.
has_its_command() {
	grep -qsx 'populated 1' "$1/run/cgroup.events" || grep -qs . "$1/cgroup.procs"
}

# Starts it in the background: $pid.
start() {
	args=$*
	"${launcher[@]}" cgscope "$@" >out 2>err </dev/null &
	pid=$!
}

# Of what was started last.
finish() {
	status=0
	wait "$pid" || status=$?
}

expect_status() {
	[[ $status -eq $1 ]] || fail "'${args:-}': status $status, not $1; stderr:" "$(<err)"
}

# For a case of root: what it runs from here on is alice's.
play_alice() {
	chown alice: .
	launcher=(as alice)
}

# systemd-oomd, which acts at the least pressure, until the end of the case.
start_oomd() {
	local conf=/run/systemd/oomd.conf.d
	mkdir -p $conf
	printf '[OOM]\nDefaultMemoryPressureDurationSec=1s\n' >$conf/live.conf
	defer rm -r $conf
	defer systemctl mask --quiet systemd-oomd.service systemd-oomd.socket
	defer systemctl stop systemd-oomd.service systemd-oomd.socket
	systemctl unmask --quiet systemd-oomd.service systemd-oomd.socket
	systemctl start systemd-oomd.service
}

# The file $1 holds the lines that follow, and nothing else.
expect_lines() {
	local file=$1
	shift
	if [[ $# -eq 0 ]]; then
		[[ ! -s $file ]] || fail "'${args:-}': $file is not empty:" "$(<"$file")"
	else
		printf '%s\n' "$@" | diff -u - "$file" || fail "'${args:-}': $file differs"
	fi
}

expect_match() {
	local content
	content=$(<"$1")
	[[ $content =~ $2 ]] || fail "'${args:-}': nothing in $1 matches $2:" "$content"
}

expect_equal() {
	[[ $1 == "$2" ]] || fail "'${args:-}': ${3:-value}: '$1' is not '$2'"
}

# It ran, ended with 0, and cgscope had nothing to say.
expect_success() {
	expect_status 0
	expect_lines err
}

# 125, and nothing but a line that matches $1 and a hint that matches $2 ("": any hint or none).
expect_refused() {
	local lines
	expect_status 125
	expect_lines out
	mapfile -t lines <err
	# The commands of a hint are in the lines below it.
	while [[ ${#lines[@]} -gt 2 && ${lines[2]} == 'cgscope:       '* ]]; do
		lines=("${lines[0]}" "${lines[1]}; ${lines[2]#cgscope:}" "${lines[@]:3}")
	done
	[[ ${#lines[@]} -ge 1 && ${#lines[@]} -le 2 ]] || fail "'${args-}': not one line and a hint:" "$(<err)"
	[[ ${lines[0]} == 'cgscope: '* && ${lines[0]} =~ $1 ]] || fail "'${args-}': not about $1:" "$(<err)"
	[[ ${#lines[@]} -eq 1 || ${lines[1]} == 'cgscope: hint: '* ]] || fail "'${args-}': not a hint:" "$(<err)"
	[[ -z ${2-} ]] || [[ ${lines[1]-} =~ $2 ]] || fail "'${args-}': no hint with $2:" "$(<err)"
}

# The same for a usage error, which is to be read on in the help.
expect_usage_error() {
	expect_status 125
	expect_lines out
	expect_match err "^cgscope: [^"$'\n'"]*$1[^"$'\n'"]*"$'\n'"Try 'cgscope help'\$"
}

# A command for cgscope: prints the values of its own cgroup's files, "FILE=VALUE", before
# anything else can happen. "../FILE" is the scope's.
# shellcheck disable=SC2016,SC2034 # for that shell
read_limits='
	while read -r line && [ "${line#0::}" = "$line" ]; do :; done </proc/self/cgroup
	for file; do
		value="(no such file)"
		read -r value <"/sys/fs/cgroup${line#0::}/$file"
		echo "$file=$value"
	done'

# show_limits CGSCOPE-OPTION... FILE...: the files are the words after --.
show_limits() {
	local options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	run "${options[@]}" -- sh -c "$read_limits" sh "$@"
}

# How COMMAND ended, as its parent sees it: "exit N", "signal N" or "signal N core". INT and QUIT
# can end it, though bash has its background processes ignore them (since 5.3 in functions too).
wait_status() {
	perl -e '@SIG{"INT", "QUIT"} = ("DEFAULT") x 2;
		system { $ARGV[0] } @ARGV;
		printf "%s\n", $? & 127 ? "signal " . ($? & 127) . ($? & 128 ? " core" : "")
					: "exit " . ($? >> 8)' "$@"
}

# Plays a user at a terminal; the script is on stdin (helper/terminal says of what it is made).
terminal() {
	"$helper/terminal" 3<&0
}

# The scopes and other units of that pattern, one a line; $1 may be --user.
units() {
	systemctl list-units --all --plain --no-legend "$@"
}

# ---- a family ----

# For a command "sh -c": processes that are hard to find, which write their pids into the file pids.
# shellcheck disable=SC2034 # for cases
family='
	echo $$ >>pids
	sleep 1000 & echo $! >>pids
	setsid sleep 1000 & echo $! >>pids
	( (trap "" HUP TERM; setsid sh -c "echo \$\$ >>pids; exec sleep 1000") & )
	( (sh -c "echo \$\$ >>pids; kill -STOP \$\$; sleep 1000" <&- >&- 2>&-) & )
	wait'

has_family() {
	[[ $(wc -l <pids) -eq 5 ]]
}

expect_family_gone() {
	local member
	while read -r member; do
		until_true is_gone "$member"
	done <pids
}

systemd_is_at_least() {
	local version
	version=$(systemctl --version)
	version=${version#systemd }
	((${version%%[^0-9]*} >= $1))
}

# ---- the process of a case ----

main() {
	set -eEu
	echo $$ >.pid
	exec {nap_fd}<> <(:)
	trap end_case EXIT
	trap 'exit 124' TERM
	trap 'echo "line $LINENO: status $?: $BASH_COMMAND" >&2' ERR
	live() { :; }
	user=$3
	# shellcheck source=/dev/null
	source "$1"
	"$2"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
	main "$@"
fi
