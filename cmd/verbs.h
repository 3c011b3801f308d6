/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs: "cgscope VERB [OPTIONS] [ARGS]". All names were reserved from the first
 * version on, so that a script's "cgscope -- list" never changes its meaning.
 */
#pragma once

#include "cmd/verb/verb.h"

/* The default one first; the last one has no name. */
extern const struct verb verbs[];
