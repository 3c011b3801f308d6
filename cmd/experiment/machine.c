/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/macro.h"
#include "base/scan.h"
#include "libcg2.h"

/* Shorter times are a few ticks. */
#define MEASURED_MIN_USEC (200 * USEC_PER_MSEC)

/* Of the numbers of a line of /proc/stat these are times at work. */
#define IS_BUSY(i) ((i) <= 2 || ((i) >= 5 && (i) <= 7))

/* "cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ..." in ticks */
static uint64_t sum_busy(const char *line)
{
	struct scan s = scan_of_string(line);
	uint64_t sum = 0, ticks;

	if (!scan_word(&s, "cpu"))
		return CG2_MAX;
	for (unsigned int i = 0; i <= 7; i++) {
		while (scan_char(&s, ' '))
			;
		if (scan_u64(&s, &ticks) < 0)
			break;
		sum += IS_BUSY(i) ? ticks : 0;
	}
	return sum * (USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK));
}

void machine_use_read(struct machine_use *ret)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/stat", "re");
	char line[256];

	*ret = (struct machine_use){ CG2_MAX, now_usec() };
	if (f && fgets(line, sizeof(line), f))
		ret->busy_usec = sum_busy(line);
}

uint64_t machine_use_of_others(const struct machine_use *before, uint64_t wall_usec,
			       uint64_t cpu_usec)
{
	struct machine_use now;
	uint64_t busy, all;

	if (before->busy_usec == CG2_MAX || wall_usec < MEASURED_MIN_USEC)
		return CG2_MAX;
	machine_use_read(&now);
	if (now.busy_usec == CG2_MAX || now.busy_usec < before->busy_usec)
		return CG2_MAX;
	busy = now.busy_usec - before->busy_usec;
	all = (now.at_usec - before->at_usec) * (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	return all > 0 && busy > cpu_usec ? MIN((busy - cpu_usec) * 10000 / all, UINT64_C(10000))
					  : 0;
}
