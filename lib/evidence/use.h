/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which file has a figure of use, and how it stands in there.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

#define N_USES (CG2_USE_OOM_KILL_COUNT + 1)

/* NULL for a number that is none; static. Several figures may share a file. */
const char *use_file(enum cg2_use use);

/* The figure in its file's content; false: it is not in there. */
bool use_parse(enum cg2_use use, const char *buf, size_t len, uint64_t *ret_value);
