/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of what fit can look for. */
#include "cmd/experiment/fit.h"

const struct fit_resource_info fit_resources[FIT_RESOURCE_COUNT] = {
	[FIT_MEMORY] = { "memory", "memory.max", "bytes", "--mem", CG2_LIMIT_MEMORY_MAX,
			 human_bytes, MIB, MIB },
	[FIT_TASKS] = { "tasks", "pids.max", "tasks", "--tasks", CG2_LIMIT_TASKS_MAX, human_count,
			1, 1 },
	[FIT_CPU] = { "cpu", "cpu.max", "permyriad", "--cpu", CG2_LIMIT_CPU_MAX, human_percent, 100,
		      100 },
};
