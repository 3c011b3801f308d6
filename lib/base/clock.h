/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Time, in microseconds. What is called ..._end_usec is a moment of now_usec(), and
 * ..._timeout_usec is a length; UINT64_MAX is never, or for ever.
 */
#pragma once

#include <stdint.h>

/* CLOCK_MONOTONIC: time limits, which nobody can set. */
uint64_t now_usec(void);

/* CLOCK_REALTIME: what is told. */
uint64_t now_real_usec(void);

/* The end of a length of time that begins now. */
uint64_t end_after(uint64_t timeout_usec);

/* The length until then, 0 if it has passed. */
uint64_t usec_until(uint64_t end_usec);

/* For poll(2): until then, rounded up; -1: for ever. */
int msec_until(uint64_t end_usec);
