/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/output/spark.h"

#include <string.h>
#include <unistd.h>

#include "base/macro.h"
#include "cmd/output/table.h"

#define LEVELS 8

bool spark_is_shown(int fd)
{
	return isatty(fd) && table_is_utf8_locale();
}

static const char *block_of(uint64_t value, uint64_t full)
{
	static const char blocks[LEVELS][SPARK_BLOCK + 1] = { "▁", "▂", "▃", "▄",
							      "▅", "▆", "▇", "█" };
	const double share = full > 0 ? (double)MIN(value, full) / (double)full : 0;
	/* What is not quite full does not look so. */
	const size_t level = (size_t)(share * (LEVELS - 1) + (share < 1 ? 0.5 : 0));

	return blocks[share < 1 ? MIN(level, (size_t)LEVELS - 2) : LEVELS - 1];
}

static uint64_t highest_of(const uint64_t *values, size_t n)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < n; i++)
		if (values[i] != UINT64_MAX)
			highest = MAX(highest, values[i]);
	return highest;
}

void spark_put(const uint64_t *values, size_t n, uint64_t full, char buf[SPARK_MAX])
{
	const size_t skipped = n > SPARK_COLUMNS_MAX ? n - SPARK_COLUMNS_MAX : 0;

	if (full == 0)
		full = highest_of(values + skipped, n - skipped);
	for (size_t i = skipped; i < n; i++) {
		const char *block = values[i] == UINT64_MAX ? " " : block_of(values[i], full);
		const size_t len = strlen(block);

		memcpy(buf, block, len);
		buf += len;
	}
	*buf = '\0';
}
