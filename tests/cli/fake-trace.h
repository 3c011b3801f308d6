/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trace of a made-up run. */
#pragma once

#include "libcg2.h"

/* One for the whole program. */
struct cg2_trace *fake_trace(const struct cg2_trace_wish *wish);
