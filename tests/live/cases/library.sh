# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What is installed is found where others look for it. Nothing is compiled here.

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

live pkg_config_finds_header_and_library alice
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
	[[ -L $dir/libcg2.so && -L $dir/libcg2.so.0 ]]
	expect_equal "$(readlink -f "$dir/libcg2.so")" "$(readlink -f "$dir/libcg2.so.0")" 'the library'
	! grep -q '@[a-z_]*@' "$pc"
}

live cgscope_uses_the_installed_library alice
cgscope_uses_the_installed_library() {
	ldd "$(command -v cgscope)" >out
	expect_match out 'libcg2\.so\.0 => /(usr/)?lib/'
	! grep 'not found' out
}

live a_program_loads_the_library alice
a_program_loads_the_library() {
	python3 -IS - >out 2>err <<-'END' || fail "$(<err)"
		import ctypes
		lib = ctypes.CDLL("libcg2.so.0")
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

live the_manual_is_installed alice
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

live completions_are_installed alice
completions_are_installed() {
	bash -c 'source /usr/share/bash-completion/completions/cgscope && complete -p cgscope' >out 2>err
	expect_match out 'complete .*-F [a-z_]* .*cgscope'
	expect_lines err
	read -r line </usr/share/zsh/site-functions/_cgscope
	expect_equal "${line%% *}" '#compdef' 'the first word'
	grep -q '^complete .*-c cgscope' /usr/share/fish/vendor_completions.d/cgscope.fish
}

live bash_completes_options alice
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
