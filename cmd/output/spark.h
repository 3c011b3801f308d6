/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A line of figures as a word of blocks, "▁▂▅█▇▇▂", for terminals that can show them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A terminal, and a locale of UTF-8. */
bool spark_is_shown(int fd);

/* Bytes of a block, the widest spark, and room for it. */
#define SPARK_BLOCK 3
#define SPARK_COLUMNS_MAX 40
#define SPARK_MAX (SPARK_COLUMNS_MAX * SPARK_BLOCK + 1)

/*
 * A column a value; full is what the highest block stands for, 0: the highest of the values. One
 * that is not known (UINT64_MAX) is a blank. More values than columns: the last ones.
 */
void spark_put(const uint64_t *values, size_t n, uint64_t full, char buf[SPARK_MAX]);
