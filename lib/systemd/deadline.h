/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a manager may take. A length of time is a timeout_usec, the moment of now_usec() at
 * which it is over an end_usec; clock.h makes the one of the other.
 */
#pragma once

#include "base/clock.h"
#include "base/macro.h"

/* An answer, or a job. A manager may have much to do: one that takes that long hangs. */
#define ANSWER_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* Where it is asked whether it is well. */
#define ANSWER_TEST_TIMEOUT_USEC (10 * USEC_PER_SEC)

/* Where the rest is worth something without the answer. */
#define ANSWER_CHECK_TIMEOUT_USEC (5 * USEC_PER_SEC)
