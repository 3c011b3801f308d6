/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What users write for a limit, resolved on this machine: percentages of the RAM that there is for
 * the caller, of the tasks of the machine, its CPUs, its disks.
 */
#include "limit/limit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "value/error.h"

uint64_t limits_ram_bytes(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
}

/* The RAM that there is for the caller: that of its container or scope, where that has less. */
static uint64_t usable_ram(struct cg2_ctx *ctx)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	uint64_t bytes = limits_ram_bytes(), value;

	if (cg2_group_open_pid(ctx, 0, &group, NULL) < 0)
		return bytes;
	while (group) {
		if (cg2_group_read_value(group, "memory.max", &value, NULL) == 0 && value < bytes) {
			bytes = value;
			ctx_log(ctx, CG2_LOG_INFO, NULL,
				"a percentage of memory is of %" PRIu64 " bytes, memory.max of %s",
				value, group->path);
		}
		if (group_step_up(&group, NULL) < 0)
			return bytes;
	}
	return bytes;
}

/* What systemd takes percentages of tasks from: the tightest of the kernel's own limits. */
uint64_t limits_machine_tasks(struct cg2_ctx *ctx)
{
	uint64_t pid_max = CG2_MAX, threads_max = CG2_MAX;

	if (ctx_read_value(ctx, "/proc/sys/kernel/pid_max", &pid_max) < 0 ||
	    ctx_read_value(ctx, "/proc/sys/kernel/threads-max", &threads_max) < 0)
		return 0;
	return MIN(pid_max, threads_max);
}

static int bad_range(const struct limit_row *row, const char *text, struct cg2_error *reterr)
{
	_cleanup_free_ char *least = NULL;

	if (row->info.unit == CG2_UNIT_BYTES && cg2_size_to_string(row->min, &least) == 0)
		return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, text,
				  "must be at least %s", least);
	if (row->info.unit == CG2_UNIT_USEC)
		return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, text,
				  "must be more than 0");
	if (row->info.limit == CG2_LIMIT_CPU_MAX)
		return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, text,
				  "must be at least 0.1%%");
	return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, text,
			  "must be from %" PRIu64 " to %" PRIu64, row->min, row->max);
}

static int parse_size(struct cg2_limits *limits, const struct limit_row *row, const char *text,
		      uint64_t *ret_value, struct cg2_error *reterr)
{
	/* What a percentage is of is asked only for one. */
	uint64_t total = strchr(text, '%') ? usable_ram(limits->ctx) : UINT64_MAX;

	return cg2_size_from_string(text, total, ret_value, reterr);
}

static int parse_tasks(struct cg2_limits *limits, const struct limit_row *row,
		       const char *text, uint64_t *ret_value, struct cg2_error *reterr)
{
	size_t len = strlen(text);
	uint64_t permyriad;
	int r;

	if (strcmp(text, "max") == 0 || strcmp(text, "infinity") == 0) {
		*ret_value = CG2_MAX;
		return 0;
	}
	if (len > 0 && text[len - 1] == '%') {
		r = cg2_percent_from_string(text, &permyriad, reterr);
		if (r < 0)
			return r;
		if (permyriad > 10000)
			return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, text,
					  "at most 100%%, of this machine's %" PRIu64 " tasks",
					  limits_machine_tasks(limits->ctx));
		*ret_value = limits_machine_tasks(limits->ctx) * permyriad / 10000;
		return 0;
	}
	r = cg2_u64_from_string(text, ret_value);
	return r < 0 ? error_setf(reterr, CG2_OP_PARSE, r, NULL, text,
				  "write a number of tasks, a percentage or max")
		     : 0;
}

static int parse_cpu(struct cg2_limits *limits, const struct limit_row *row, const char *text,
		     uint64_t *ret_value, struct cg2_error *reterr)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t value = 0;
	int r;

	r = cg2_cpu_from_string(text, &value, reterr);
	if (r < 0)
		return r;
	if (value != CG2_MAX && cpus > 0 && value > (uint64_t)cpus * 10000) {
		bool is_number = !strchr(text, '%') && !strchr(text, '.');

		return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, text,
				  "this machine has %ld CPU%s%s%s%s", cpus, cpus == 1 ? "" : "s",
				  is_number && value <= 1000000 ? "; write " : "",
				  is_number && value <= 1000000 ? text : "",
				  is_number && value <= 1000000 ? "%" : "");
	}
	*ret_value = value;
	return 0;
}

static int parse_weight(struct cg2_limits *limits, const struct limit_row *row,
			const char *text, uint64_t *ret_value, struct cg2_error *reterr)
{
	bool takes_idle = row->info.limit == CG2_LIMIT_CPU_WEIGHT;

	if (takes_idle && strcmp(text, "idle") == 0) {
		*ret_value = CG2_WEIGHT_IDLE;
		return 0;
	}
	/* 0 is CG2_WEIGHT_IDLE inside, and nothing that a user may write. */
	if (cg2_u64_from_string(text, ret_value) < 0 || *ret_value < row->min ||
	    *ret_value > row->max)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, text,
				  "write a weight from 1 to 10000%s",
				  takes_idle ? ", or idle" : "");
	return 0;
}

static int parse_oom(struct cg2_limits *limits, const struct limit_row *row, const char *text,
		     uint64_t *ret_value, struct cg2_error *reterr)
{
	if (strcmp(text, "kill") == 0)
		*ret_value = 1;
	else if (strcmp(text, "continue") == 0)
		*ret_value = 0;
	else
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, text,
				  "write continue or kill");
	return 0;
}

static int parse_time(struct cg2_limits *limits, const struct limit_row *row, const char *text,
		      uint64_t *ret_value, struct cg2_error *reterr)
{
	return cg2_duration_from_string(text, ret_value, reterr);
}

/* Lists name what exists: the kernel would take other CPUs and then run on none of them. */
static int parse_list(struct cg2_limits *limits, const struct limit_row *row, const char *text,
		      struct cg2_error *reterr)
{
	bool is_cpus = row->info.limit == CG2_LIMIT_CPUSET_CPUS;
	_cleanup_free_ uint8_t *wanted = calloc(1, LIST_BITS / 8);
	_cleanup_free_ uint8_t *online = calloc(1, LIST_BITS / 8);
	char have[4096] = "0";
	size_t len;
	int r;

	if (!wanted || !online)
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, text);
	r = cg2_list_from_string(text, wanted, LIST_BITS, reterr);
	if (r < 0)
		return r;
	if (*text == '\0')
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, text,
				  "write a list such as 0-3,8");
	r = ctx_read_into(limits->ctx, is_cpus ? "/sys/devices/system/cpu/online"
					       : "/sys/devices/system/node/online",
			  have, sizeof(have), &len);
	if (r == 0)
		have[strcspn(have, "\n")] = '\0';
	if (cg2_list_from_string(have, online, LIST_BITS, NULL) == 0)
		for (size_t i = 0; i < LIST_BITS / 8; i++)
			if (wanted[i] & ~online[i])
				return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, text,
						  "this machine has %s %s",
						  is_cpus ? "the CPUs" : "the memory nodes", have);
	free(limits->list[row->info.limit]);
	limits->list[row->info.limit] = take_ptr(&wanted);
	return 0;
}

static int parse_io_pair(char *pair, struct io_limit *io, struct cg2_error *reterr)
{
	char *value = strchr(pair, '=');
	uint64_t n;
	int r;

	for (size_t k = 0; value && k < N_IO_KEYS; k++) {
		if (strlen(io_keys[k].key) != (size_t)(value - pair) ||
		    strncmp(pair, io_keys[k].key, (size_t)(value - pair)) != 0)
			continue;
		value++;
		if (io_keys[k].is_bytes || strcmp(value, "max") == 0) {
			r = cg2_size_from_string(value, 0, &n, reterr);
		} else {
			r = cg2_u64_from_string(value, &n);
			if (r < 0)
				error_setf(reterr, CG2_OP_PARSE, r, NULL, pair,
					   "write a number of operations a second, or max");
		}
		if (r < 0)
			return r;
		if (n < limit_row(CG2_LIMIT_IO_MAX)->min)
			return error_setf(reterr, CG2_OP_PARSE, ERANGE, NULL, pair,
					  "must be 2 or more");
		io->value[k] = n;
		io->mask |= 1U << k;
		return 0;
	}
	return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, pair,
			  "write rbps=SIZE, wbps=SIZE, riops=N or wiops=N");
}

/* Adds to what is set for that disk already; later values win. */
static int add_io(struct cg2_limits *limits, const struct io_limit *io)
{
	struct io_limit *grown;

	for (size_t i = 0; i < limits->n_io; i++) {
		struct io_limit *old = &limits->io[i];

		if (old->major != io->major || old->minor != io->minor)
			continue;
		for (size_t k = 0; k < N_IO_KEYS; k++)
			if (io->mask & 1U << k)
				old->value[k] = io->value[k];
		old->mask |= io->mask;
		return 0;
	}
	grown = realloc(limits->io, (limits->n_io + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	limits->io = grown;
	limits->io[limits->n_io++] = *io;
	return 0;
}

static int parse_io(struct cg2_limits *limits, const char *text, struct cg2_error *reterr)
{
	_cleanup_free_ char *copy = strdup(text);
	struct io_limit io = { 0 };
	char *pairs, *pair, *save = NULL;
	int r;

	if (!copy)
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, text);
	/* A path may have colons itself. */
	pairs = strrchr(copy, ':');
	if (!pairs || pairs == copy || pairs[1] == '\0')
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, text,
				  "write PATH:KEY=N, as in /dev/sda:wbps=10M");
	*pairs++ = '\0';
	for (pair = strtok_r(pairs, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
		r = parse_io_pair(pair, &io, reterr);
		if (r < 0)
			return r;
	}
	if (io.mask == 0)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, text,
				  "write PATH:KEY=N, as in /dev/sda:wbps=10M");
	r = limits_find_disk(limits->ctx, copy, &io, reterr);
	if (r < 0)
		return r;
	r = add_io(limits, &io);
	return r < 0 ? error_set(reterr, CG2_OP_PARSE, r, NULL, text) : 0;
}

static int parse_number(struct cg2_limits *limits, const struct limit_row *row,
			const char *text, struct cg2_error *reterr)
{
	static int (*const parsers[])(struct cg2_limits *, const struct limit_row *,
				      const char *, uint64_t *, struct cg2_error *) = {
		[CG2_UNIT_BYTES] = parse_size,       [CG2_UNIT_TASKS] = parse_tasks,
		[CG2_UNIT_PERMYRIAD] = parse_cpu,    [CG2_UNIT_WEIGHT] = parse_weight,
		[CG2_UNIT_BOOL] = parse_oom,         [CG2_UNIT_USEC] = parse_time,
	};
	uint64_t value;
	int r;

	r = parsers[row->info.unit](limits, row, text, &value, reterr);
	if (r < 0)
		return r;
	r = cg2_limits_set(limits, (enum cg2_limit)row->info.limit, value);
	return r < 0 ? bad_range(row, text, reterr) : 0;
}

CG2_EXPORT int cg2_limits_parse(struct cg2_limits *limits, enum cg2_limit limit,
				const char *text, struct cg2_error *err)
{
	const struct limit_row *row;
	int r;

	if (!limit_exists(limit))
		return error_setf(err, CG2_OP_PARSE, EINVAL, NULL, text, "there is no such limit");
	row = limit_row(limit);
	if (row->info.unit == CG2_UNIT_LIST)
		r = parse_list(limits, row, text, err);
	else if (row->info.unit == CG2_UNIT_IO)
		r = parse_io(limits, text, err);
	else
		r = parse_number(limits, row, text, err);
	if (r == 0)
		limits->set |= UINT64_C(1) << limit;
	return r;
}
