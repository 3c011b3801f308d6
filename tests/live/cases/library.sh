# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What is installed is found where others look for it. Nothing is compiled here; the example was, with
# the words of the installed pkg-config file.

# A variable or keyword of the library's pkg-config file, with variables replaced.
from_pc() {
	local value name
	value=$(sed -nE "s/^$1(=|: *)//p" "$pc")
	while [[ $value =~ \$\{([a-z_]+)\} ]]; do
		name=${BASH_REMATCH[1]}
		value=${value//"\${$name}"/$(from_pc "$name")}
	done
	echo "$value"
}

live pkg_config_finds_header_and_library alice +once +native
pkg_config_finds_header_and_library() {
	local pc dir
	pc=$(ls /usr/lib/pkgconfig/libcg2.pc /usr/lib/*/pkgconfig/libcg2.pc /usr/share/pkgconfig/libcg2.pc 2>/dev/null || true)
	has "$pc"
	expect_equal "$(from_pc Name)" libcg2 name
	expect_equal "cgscope $(from_pc Version)" "$(cgscope --version)" version
	[[ $(from_pc Description) != '' ]]
	[[ " $(from_pc Cflags) " == *" -I$(from_pc includedir) "* || $(from_pc includedir) == /usr/include ]]
	has "$(from_pc includedir)/libcg2.h"
	[[ " $(from_pc Libs) " == *' -lcg2 '* ]]
	dir=$(from_pc libdir)
	[[ -L $dir/libcg2.so && -L $dir/libcg2.so.1 ]]
	expect_equal "$(readlink -f "$dir/libcg2.so")" "$(readlink -f "$dir/libcg2.so.1")" 'the library'
	! grep -q '@[a-z_]*@' "$pc"
}

# The rest is loaded by those who need it: what is linked, every start pays for.
live cgscope_links_nothing_but_the_c_library alice +once +native
cgscope_links_nothing_but_the_c_library() {
	ldd "$(command -v cgscope)" >out
	sed -i '/linux-vdso\|ld-linux/d' out
	expect_equal "$(wc -l <out)" 1 'libraries'
	expect_match out 'libc\.so\.6 => /'
}

live a_program_loads_the_library alice +once +native
a_program_loads_the_library() {
	python3 -IS - >out 2>err <<-'END' || fail "$(<err)"
		import ctypes
		lib = ctypes.CDLL("libcg2.so.1")
		context = ctypes.c_void_p()
		assert lib.cg2_ctx_new(None, ctypes.byref(context), None) == 0 and context.value
		lib.cg2_ctx_unref.argtypes = [ctypes.c_void_p]
		lib.cg2_ctx_unref(context)
		# What is not for others is not there.
		assert not any(hasattr(lib, name) for name in ("bus_open", "scope_start", "holder_start", "error_set"))
		print("loaded")
	END
	expect_lines out loaded
}

# Runs the library's example, whose limit is 64 MiB.
run_example() {
	status=0
	args=$*
	"${helper%/tests/live/helper}/docs/examples/run-limited" "$@" >out 2>err </dev/null || status=$?
}

# Its one line is "$1, peak N bytes", and N is in the range from $2 to $3 MiB.
expect_example() {
	local line bytes
	expect_status 0
	expect_lines err
	line=$(<out)
	expect_equal "${line%, peak *}" "$1" 'what it prints'
	bytes=${line##*, peak }
	bytes=${bytes% bytes}
	((bytes >= $2 << 20 && bytes <= $3 << 20)) || fail "'$args': not from $2 to $3 MiB: $line"
}

live the_example_prints_verdict_and_peak alice root
the_example_prints_verdict_and_peak() {
	ldd "${helper%/tests/live/helper}/docs/examples/run-limited" >out
	expect_match out 'libcg2\.so\.1 => /(usr/)?lib/'
	run_example /bin/true
	expect_example 'ok: exit status 0' 0 8
	# perl before 5.42 copies it once.
	run_example /usr/bin/perl -e '$x = "x" x (20 << 20); exit 3'
	expect_example 'failed: exit status 3' 20 50
	run_example /usr/bin/perl -e '$x = "x" x (200 << 20)'
	expect_example 'oom: out of memory: memory.max 64M of this scope, 1 process killed' 63 64
	run_example /no/such/program
	expect_status 1
	expect_lines out
	expect_match err '^run-limited: .*/no/such/program: command not found'
}

# Runs the program that uses the library as cgscope never does.
library() {
	status=0
	args=$*
	"$helper/library" "$@" >out 2>err </dev/null || status=$?
	expect_lines err
	expect_lines out 'done'
	expect_status 0
}

live several_threads_run_at_once alice root +native
several_threads_run_at_once() {
	library threads 4 10
	# Inside of a run they are nested. With fewer of them it is rare that a cgroup goes while
	# another thread forks.
	run "${some_limit[@]}" "$helper/library" threads 16 25 nested
	expect_success
	expect_lines out 'done'
}

live a_program_may_do_as_it_likes_between_the_steps alice root +once +native
a_program_may_do_as_it_likes_between_the_steps() {
	for what in environment unref two fork ignored closed; do
		library $what
		run "${some_limit[@]}" "$helper/library" $what
		expect_success
		expect_lines out 'done'
	done
}

live a_process_that_was_refused_is_not_attached root +once +native
a_process_that_was_refused_is_not_attached() {
	local pid
	systemd-run --quiet --unit live-main sleep 1000
	defer systemctl stop live-main.service
	pid=$(systemctl show --value -p MainPID live-main.service)
	library attach "$pid"
	expect_equal "$(cgroup_of "$pid")" /system.slice/live-main.service 'its cgroup'
}

live the_manual_is_installed alice +once +native
the_manual_is_installed() {
	local page=/usr/share/man/man1/cgscope.1
	[[ -e $page ]] || page=$page.gz
	has "$page"
	zgrep -q '^\.Nm cgscope' "$page"
	zgrep -q 'Fl Fl best-effort\|best-effort' "$page"
	! zgrep -q '@[A-Z][A-Z]*[ @]' "$page"
	if command -v man >/dev/null; then
		expect_equal "$(man -w cgscope)" "$page" 'the page that man finds'
	fi
}

live completions_are_installed alice +once +native
completions_are_installed() {
	bash -c 'source /usr/share/bash-completion/completions/cgscope && complete -p cgscope' >out 2>err
	expect_match out 'complete .*-F [a-z_]* .*cgscope'
	expect_lines err
	read -r line </usr/share/zsh/site-functions/_cgscope
	expect_equal "${line%% *}" '#compdef' 'the first word'
	grep -q '^complete .*-c cgscope' /usr/share/fish/vendor_completions.d/cgscope.fish
}

live bash_completes_options alice +once +native
bash_completes_options() {
	bash -c 'source /usr/share/bash-completion/completions/cgscope
		function=$(complete -p cgscope)
		function=${function##*-F }
		COMP_WORDS=(cgscope --best) COMP_CWORD=1 COMP_LINE="cgscope --best" COMP_POINT=14
		"${function%% *}" cgscope --best cgscope
		printf "%s\n" "${COMPREPLY[@]}"' >out 2>err || true
	expect_match out '^--best-effort'
	expect_lines err
}
