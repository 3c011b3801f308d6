#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# In a native machine, as root: start.sh for alice, before all else that the processors have to do.
# What is measured, and the managers, have a real-time priority: so the figures are those of an idle
# machine, also where others work. Grace periods are the kernel's and not faster for it.
#
#   real-time.sh [ROUNDS]
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
[[ -x $here/start.sh ]] || here=/opt/cgscope/tests/bench

for pid in 1 $(pgrep -x 'systemd|dbus-daemon'); do
	chrt --all-tasks --fifo --pid 20 "$pid"
done
exec chrt --fifo 10 setpriv --reuid alice --regid alice --init-groups \
	env HOME=/home/alice USER=alice XDG_RUNTIME_DIR=/run/user/"$(id -u alice)" \
	"$here/start.sh" "$@"
