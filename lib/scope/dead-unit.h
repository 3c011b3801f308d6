/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Units of ours that are dead or nearly so.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/bus.h"

/*
 * Makes the name of a unit free if a scope of ours has it that failed, or has no process left: 1
 * when it is free, 0 when the unit is alive or somebody else's.
 */
int dead_unit_clear(struct cg2_ctx *ctx, struct bus *bus, const char *unit) _must_check_;

/*
 * Marks a scope of ours, whose group is open, whose maker was killed before it could: the manager
 * has known it as ours from the start. Others stay as they are.
 */
void dead_unit_adopt(struct cg2_scope *scope);
