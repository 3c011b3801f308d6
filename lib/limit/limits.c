/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one table of limits, and sets of them.
 */
#include "limit/limit.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "value/error.h"


/* The kernel's PID_MAX_LIMIT: pids.max takes no more. */
#define TASKS_LIMIT UINT64_C(4194304)

/* More CPUs than any machine has, and few enough for the arithmetic in microseconds. */
#define CPUS_MAX UINT64_C(1000000)

const struct io_key_info io_keys[N_IO_KEYS] = {
	[IO_RBPS] = { "rbps", "IOReadBandwidthMax", true },
	[IO_WBPS] = { "wbps", "IOWriteBandwidthMax", true },
	[IO_RIOPS] = { "riops", "IOReadIOPSMax", false },
	[IO_WIOPS] = { "wiops", "IOWriteIOPSMax", false },
};

const struct allowance allowance_of_holder = { .bytes = MIB, .tasks = 1 };
const struct allowance allowance_none = { 0, 0 };

#define INFO(limit_, unit_) \
	.size = sizeof(struct cg2_limit_info), .limit = (limit_), .unit = (unit_)

static const struct limit_row rows[N_LIMITS] = {
	[CG2_LIMIT_MEMORY_MAX] = {
		.info = { INFO(CG2_LIMIT_MEMORY_MAX, CG2_UNIT_BYTES), .short_option = 'm',
			  .option = "mem", .aliases = { "memory" }, .metavar = "SIZE",
			  .help = "memory, and no swap unless that is given too",
			  .file = "memory.max", .controller = "memory",
			  .property = "MemoryMax" },
		.min = MIB, .max = UINT64_MAX - 1, .takes_percent = true, .takes_max = true,
		.is_bus = true,
	},
	[CG2_LIMIT_MEMORY_HIGH] = {
		.info = { INFO(CG2_LIMIT_MEMORY_HIGH, CG2_UNIT_BYTES), .option = "mem-high",
			  .metavar = "SIZE", .help = "memory above which the command is slowed",
			  .file = "memory.high", .controller = "memory",
			  .property = "MemoryHigh" },
		.min = MIB, .max = UINT64_MAX - 1, .takes_percent = true, .takes_max = true,
		.is_bus = true,
	},
	[CG2_LIMIT_MEMORY_LOW] = {
		.info = { INFO(CG2_LIMIT_MEMORY_LOW, CG2_UNIT_BYTES), .option = "mem-low",
			  .metavar = "SIZE", .help = "memory that is reclaimed last",
			  .file = "memory.low", .controller = "memory",
			  .property = "MemoryLow" },
		.min = PAGE_BYTES, .max = UINT64_MAX - 1, .takes_percent = true,
		.takes_max = true, .is_bus = true,
	},
	[CG2_LIMIT_MEMORY_MIN] = {
		.info = { INFO(CG2_LIMIT_MEMORY_MIN, CG2_UNIT_BYTES), .option = "mem-min",
			  .metavar = "SIZE", .help = "memory that is never reclaimed",
			  .file = "memory.min", .controller = "memory",
			  .property = "MemoryMin" },
		.min = PAGE_BYTES, .max = UINT64_MAX - 1, .takes_percent = true,
		.takes_max = true, .is_bus = true,
	},
	[CG2_LIMIT_SWAP_MAX] = {
		.info = { INFO(CG2_LIMIT_SWAP_MAX, CG2_UNIT_BYTES), .option = "swap",
			  .metavar = "SIZE", .help = "swap space",
			  .file = "memory.swap.max", .controller = "memory",
			  .property = "MemorySwapMax" },
		.min = 0, .max = UINT64_MAX - 1, .takes_percent = true, .takes_max = true,
		.is_bus = true,
	},
	[CG2_LIMIT_CPU_MAX] = {
		.info = { INFO(CG2_LIMIT_CPU_MAX, CG2_UNIT_PERMYRIAD), .option = "cpu",
			  .aliases = { "cpus" }, .metavar = "AMOUNT",
			  .help = "CPU time: 150% or 1.5 is one and a half CPUs",
			  .file = "cpu.max", .controller = "cpu", .property = "CPUQuota" },
		/* The kernel's least quota is 1 ms in a period of 1 s. */
		.min = 10, .max = CPUS_MAX * 10000, .takes_max = true, .is_bus = true,
	},
	[CG2_LIMIT_CPU_WEIGHT] = {
		.info = { INFO(CG2_LIMIT_CPU_WEIGHT, CG2_UNIT_WEIGHT), .option = "cpu-weight",
			  .metavar = "N|idle",
			  .help = "share of CPU time against others, 1-10000 (100)",
			  .file = "cpu.weight", .controller = "cpu", .property = "CPUWeight" },
		.min = 1, .max = 10000, .is_bus = true,
	},
	[CG2_LIMIT_TASKS_MAX] = {
		.info = { INFO(CG2_LIMIT_TASKS_MAX, CG2_UNIT_TASKS), .short_option = 't',
			  .option = "tasks", .metavar = "N|N%|max",
			  .help = "processes and threads",
			  .file = "pids.max", .controller = "pids", .property = "TasksMax" },
		.min = 1, .max = TASKS_LIMIT, .takes_percent = true, .takes_max = true,
		.is_bus = true,
	},
	[CG2_LIMIT_IO_WEIGHT] = {
		.info = { INFO(CG2_LIMIT_IO_WEIGHT, CG2_UNIT_WEIGHT), .option = "io-weight",
			  .metavar = "N", .help = "share of I/O against others, 1-10000 (100)",
			  .file = "io.weight", .controller = "io", .property = "IOWeight" },
		.min = 1, .max = 10000, .is_bus = true,
	},
	[CG2_LIMIT_IO_MAX] = {
		.info = { INFO(CG2_LIMIT_IO_MAX, CG2_UNIT_IO), .option = "io-max",
			  .metavar = "PATH:KEY=N,...",
			  .help = "disk I/O; KEY is rbps, wbps (SIZE), riops, wiops",
			  .file = "io.max", .controller = "io",
			  .property = "IOReadBandwidthMax" },
		/* The kernel refuses 0 and 1. */
		.min = 2, .max = UINT64_MAX - 1, .takes_max = true, .is_bus = true,
	},
	[CG2_LIMIT_CPUSET_CPUS] = {
		.info = { INFO(CG2_LIMIT_CPUSET_CPUS, CG2_UNIT_LIST), .option = "cpuset-cpus",
			  .metavar = "LIST", .help = "the CPUs it may run on: 0-3,8",
			  .file = "cpuset.cpus", .controller = "cpuset",
			  .property = "AllowedCPUs" },
		.is_bus = true,
	},
	[CG2_LIMIT_CPUSET_MEMS] = {
		.info = { INFO(CG2_LIMIT_CPUSET_MEMS, CG2_UNIT_LIST), .option = "cpuset-mems",
			  .metavar = "LIST", .help = "the memory nodes it may use",
			  .file = "cpuset.mems", .controller = "cpuset",
			  .property = "AllowedMemoryNodes" },
		.is_bus = true,
	},
	[CG2_LIMIT_OOM_GROUP] = {
		.info = { INFO(CG2_LIMIT_OOM_GROUP, CG2_UNIT_BOOL), .option = "oom",
			  .metavar = "continue|kill",
			  .help = "what running out of memory kills: a process, or all",
			  .file = "memory.oom.group", .controller = "memory",
			  .property = "OOMPolicy" },
		/* On the scope it would take the holder along. */
		.max = 1, .is_leaf = true,
	},
	[CG2_LIMIT_WALL_TIME] = {
		.info = { INFO(CG2_LIMIT_WALL_TIME, CG2_UNIT_USEC), .option = "time",
			  .metavar = "DURATION", .help = "end the whole group after that time",
			  .property = "RuntimeMaxSec" },
		.min = 1, .max = UINT64_MAX - 1, .takes_max = true,
	},
	[CG2_LIMIT_CPU_TIME] = {
		.info = { INFO(CG2_LIMIT_CPU_TIME, CG2_UNIT_USEC), .option = "cpu-time",
			  .metavar = "DURATION",
			  .help = "end the whole group after so much CPU time" },
		.min = 1, .max = UINT64_MAX - 1, .takes_max = true,
	},
};

bool limit_exists(unsigned int limit)
{
	return limit < N_LIMITS;
}

const struct limit_row *limit_row(unsigned int limit)
{
	assert(limit_exists(limit));
	return &rows[limit];
}

struct cg2_change limit_change(unsigned int limit)
{
	const struct cg2_limit_info *info = &rows[limit].info;

	return (struct cg2_change){ .size = sizeof(struct cg2_change), .info = info,
				    .property = info->property, .file = info->file };
}

CG2_EXPORT const struct cg2_limit_info *cg2_limit_get_info(unsigned int limit)
{
	return limit_exists(limit) ? &rows[limit].info : NULL;
}

CG2_EXPORT int cg2_limits_new(struct cg2_ctx *ctx, struct cg2_limits **ret_limits)
{
	struct cg2_limits *limits = calloc(1, sizeof(*limits));

	if (!limits)
		return -ENOMEM;
	limits->n_ref = 1;
	limits->ctx = cg2_ctx_ref(ctx);
	*ret_limits = limits;
	return 0;
}

CG2_EXPORT struct cg2_limits *cg2_limits_ref(struct cg2_limits *limits)
{
	if (limits)
		limits->n_ref++;
	return limits;
}

CG2_EXPORT struct cg2_limits *cg2_limits_unref(struct cg2_limits *limits)
{
	assert(!limits || limits->n_ref > 0);
	if (!limits || --limits->n_ref > 0)
		return NULL;
	for (size_t i = 0; i < N_LIMITS; i++)
		free(limits->list[i]);
	free(limits->io);
	cg2_ctx_unref(limits->ctx);
	free(limits);
	return NULL;
}

static int dup_bytes(const void *bytes, size_t size, void *ret_copy)
{
	void *copy;

	if (!bytes)
		return 0;
	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, size);
	*(void **)ret_copy = copy;
	return 0;
}

int limits_dup(struct cg2_limits *limits, struct cg2_limits **ret_limits)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *copy = NULL;
	int r;

	r = cg2_limits_new(limits->ctx, &copy);
	if (r < 0)
		return r;
	copy->set = limits->set;
	copy->implied = limits->implied;
	copy->cpu_period_usec = limits->cpu_period_usec;
	memcpy(copy->value, limits->value, sizeof(copy->value));
	for (size_t i = 0; r == 0 && i < N_LIMITS; i++)
		r = dup_bytes(limits->list[i], LIST_BITS / 8, &copy->list[i]);
	if (r == 0)
		r = dup_bytes(limits->io, limits->n_io * sizeof(*limits->io), &copy->io);
	if (r < 0)
		return r;
	copy->n_io = limits->n_io;
	*ret_limits = take_ptr(&copy);
	return 0;
}

bool limits_has(const struct cg2_limits *limits, enum cg2_limit limit)
{
	return limits->set & UINT64_C(1) << limit;
}

/* Of a caller's, which may be none at all. */
static bool is_number(unsigned int limit)
{
	return limit_exists(limit) && rows[limit].info.unit != CG2_UNIT_LIST &&
	       rows[limit].info.unit != CG2_UNIT_IO;
}

CG2_EXPORT int cg2_limits_set(struct cg2_limits *limits, enum cg2_limit limit, uint64_t value)
{
	const struct limit_row *row;

	if (!is_number(limit))
		return -EINVAL;
	row = limit_row(limit);
	if (value == CG2_MAX ? !row->takes_max : value < row->min || value > row->max)
		if (limit != CG2_LIMIT_CPU_WEIGHT || value != CG2_WEIGHT_IDLE)
			return -ERANGE;
	limits->value[limit] = value;
	limits->set |= UINT64_C(1) << limit;
	limits->implied &= ~(UINT64_C(1) << limit);
	return 0;
}

CG2_EXPORT int cg2_limits_get(struct cg2_limits *limits, enum cg2_limit limit,
			      uint64_t *ret_value)
{
	if (!is_number(limit))
		return -EINVAL;
	if (!limits_has(limits, limit))
		return 0;
	*ret_value = limits->value[limit];
	return 1;
}

/* "sda (8:0) rbps=1048576 wiops=max", a device after the other. */
static int io_to_string(const struct cg2_limits *limits, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < limits->n_io; i++) {
		const struct io_limit *io = &limits->io[i];

		fprintf(f, *io->name ? "%s%s (%u:%u)" : "%s%s%u:%u", i ? ", " : "", io->name,
			io->major, io->minor);
		for (size_t k = 0; k < N_IO_KEYS; k++)
			if (!(io->mask & 1U << k))
				continue;
			else if (io->value[k] == CG2_MAX)
				fprintf(f, " %s=max", io_keys[k].key);
			else
				fprintf(f, " %s=%" PRIu64, io_keys[k].key, io->value[k]);
	}
	return text_close(&text, ret_text);
}

int limit_number_to_string(uint64_t value, char **ret_text)
{
	*ret_text = value == CG2_MAX ? strdup("max") : text_format("%" PRIu64, value);
	return *ret_text ? 0 : -ENOMEM;
}

static int word_to_string(const char *word, char **ret_text)
{
	*ret_text = strdup(word);
	return *ret_text ? 0 : -ENOMEM;
}

static int value_to_string(const struct cg2_limits *limits, enum cg2_limit limit,
			   char **ret_text)
{
	uint64_t value = limits->value[limit];

	switch ((enum cg2_unit)rows[limit].info.unit) {
	case CG2_UNIT_BYTES:
		return cg2_size_to_string(value, ret_text);
	case CG2_UNIT_PERMYRIAD:
		return value == CG2_MAX ? word_to_string("max", ret_text)
					: cg2_percent_to_string(value, ret_text);
	case CG2_UNIT_WEIGHT:
		return value == CG2_WEIGHT_IDLE ? word_to_string("idle", ret_text)
						: limit_number_to_string(value, ret_text);
	case CG2_UNIT_BOOL:
		return word_to_string(value ? "kill" : "continue", ret_text);
	case CG2_UNIT_LIST:
		return cg2_list_to_string(limits->list[limit], LIST_BITS, ret_text);
	case CG2_UNIT_IO:
		return io_to_string(limits, ret_text);
	case CG2_UNIT_USEC:
		return cg2_duration_to_string(value, ret_text);
	case CG2_UNIT_TASKS:
		return limit_number_to_string(value, ret_text);
	}
	return -EINVAL;
}

CG2_EXPORT int cg2_limits_to_string(struct cg2_limits *limits, enum cg2_limit limit,
				    char **ret_text)
{
	char *text = NULL;
	int r;

	if (!limit_exists(limit))
		return -EINVAL;
	if (!limits_has(limits, limit))
		return 0;
	r = value_to_string(limits, limit, &text);
	if (r < 0)
		return r;
	*ret_text = text;
	return 1;
}

uint64_t limits_controllers(const struct cg2_limits *limits)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < N_LIMITS; i++) {
		int controller;

		if (!limits_has(limits, (enum cg2_limit)i) || !rows[i].info.controller)
			continue;
		controller = cg2_controller_from_string(rows[i].info.controller);
		if (controller >= 0)
			mask |= UINT64_C(1) << controller;
	}
	return mask;
}

void limits_complete(struct cg2_limits *limits)
{
	if (!limits_has(limits, CG2_LIMIT_MEMORY_MAX) ||
	    limits_has(limits, CG2_LIMIT_SWAP_MAX) ||
	    limits->value[CG2_LIMIT_MEMORY_MAX] == CG2_MAX)
		return;
	limits->value[CG2_LIMIT_SWAP_MAX] = 0;
	limits->set |= UINT64_C(1) << CG2_LIMIT_SWAP_MAX;
	limits->implied |= UINT64_C(1) << CG2_LIMIT_SWAP_MAX;
}
