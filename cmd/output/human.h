/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers for people: short, rounded, in the units that the options take.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HUMAN_MAX 32

/* Writes the text to buf, HUMAN_MAX bytes. */
typedef void (*human_fn)(uint64_t value, char *buf);

void human_bytes(uint64_t bytes, char *buf); /* "980B", "1.5G", "512M" */
void human_usec(uint64_t usec, char *buf);   /* "35us", "12ms", "1.20s", "3min20s" */
void human_count(uint64_t count, char *buf); /* "12" */
void human_percent(uint64_t permyriad, char *buf); /* "82%" */
