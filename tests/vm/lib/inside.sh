# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Runs inside a build tree, by tests/vm/build: the sources are in /build/src, the objects
# in /build/obj$variant, what is to be installed goes to /build/dest$variant. Does only
# what has to be done again.
set -euo pipefail

variant=$1
src=/build/src
obj=/build/obj$variant
dest=/build/dest$variant

configure_args=(--enable-werror --prefix=/usr --sysconfdir=/etc --localstatedir=/var --libdir=/usr/lib/x86_64-linux-gnu)
[[ $variant != -sanitize ]] || configure_args+=(--enable-sanitizers)

# Automake's own rules take over from here: make runs autoconf and configure again when
# their input changes.
generate() {
	[[ ! -e /build/generated ]] || return 0
	(cd "$src" && ./autogen.sh) >/build/autogen.log 2>&1 || {
		cat /build/autogen.log
		return 1
	}
	touch /build/generated
}

configure() {
	local args=${configure_args[*]}
	[[ ! -e $obj/configured || $(<"$obj/configured") != "$args" ]] || return 0
	mkdir -p "$obj"
	(cd "$obj" && "$src/configure" --quiet "${configure_args[@]}")
	printf '%s\n' "$args" >"$obj/configured"
}

# The names in a variable of the Makefile.
make_variable() {
	# shellcheck disable=SC2016 # for make
	printf 'include Makefile\nprint-variables:\n\t@printf "%%s\\n" %s\n' "$*" |
		make --no-print-directory -s -C "$obj" -f - print-variables
}

# libtool knows the real program behind its wrapper script. That the library is not yet
# where it is going to be is no news.
install_program() {
	"$obj/libtool" --quiet --mode=install install "$1" "$2" 2> >(grep -v 'has not been installed in' >&2)
}

# Programs that tests in a machine use, at the place below /opt/cgscope that they have in the
# source tree, beside the tests' own files and what these check the project against: so a test
# finds its helpers in a machine as it does in the tree.
install_tests() {
	local program dir
	mkdir -p "$dest/opt/cgscope"
	cp -r "$src/tests" "$src/docs" "$src/contrib" "$src/README.md" "$dest/opt/cgscope/"
	for program in "$@"; do
		dir=$(dirname "$program")
		mkdir -p "$dest/opt/cgscope/$dir"
		install_program "$obj/$program" "$dest/opt/cgscope/$program"
	done
}

# The examples once more, as a user builds them: against what was installed, found by
# pkg-config.
install_examples() {
	local example flags
	flags=$(PKG_CONFIG_LIBDIR=$(echo "$dest"/usr/lib/*/pkgconfig) PKG_CONFIG_SYSROOT_DIR=$dest \
		pkg-config --cflags --libs libcg2)
	for example in "$src"/docs/examples/*.c; do
		# shellcheck disable=SC2086 # flags are words
		cc -Wall -Werror "$example" -o "$dest/opt/cgscope/docs/examples/$(basename "$example" .c)" $flags
	done
}

build() {
	local programs
	cd "$obj"
	make --no-print-directory -s -j"$(nproc)"
	# Not those of "make check", which need no machine.
	# shellcheck disable=SC2016 # for make
	mapfile -t programs < <(make_variable '$(noinst_PROGRAMS) $(noinst_DATA)')
	rm -rf "$dest"
	make --no-print-directory -s DESTDIR="$dest" install >"$obj/install.log" 2>&1 || {
		cat "$obj/install.log"
		return 1
	}
	install_tests "${programs[@]}"
	install_examples
}

generate
configure
build
