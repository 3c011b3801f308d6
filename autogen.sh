#!/bin/sh
# Makes the build system. "./autogen.sh dev" also configures a developer's build:
# debug symbols, warnings that are errors.
set -eu
cd "$(dirname "$0")"
autoreconf --install --symlink --force
[ "${1-}" = dev ] || exit 0
shift
exec ./configure CFLAGS='-O1 -g3' --enable-werror "$@"
