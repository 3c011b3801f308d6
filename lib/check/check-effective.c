/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limit that binds: of each resource that of the level, or of what is beside the
 * cgroups, that leaves the least.
 */
#include "check/check-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/scan.h"
#include "limit/limit.h"

uint64_t check_memory_headroom(const struct check_level *level)
{
	uint64_t max = level->figures[CG2_LEVEL_MEMORY_MAX_BYTES];
	uint64_t current = level->figures[CG2_LEVEL_MEMORY_BYTES];
	uint64_t cache = level->figures[CG2_LEVEL_CACHE_BYTES];

	if (!is_limit(max) || !is_known(current))
		return UNKNOWN;
	if (is_known(cache))
		current -= MIN(current, cache);
	return max - MIN(max, current);
}

/* Takes the candidate if it leaves less; of equals the one found first, the lower level. */
static void effective_consider(struct check_effective *best, struct check_effective candidate)
{
	uint64_t left = is_known(candidate.headroom) ? candidate.headroom : candidate.limit;
	uint64_t best_left = is_known(best->headroom) ? best->headroom : best->limit;

	if (!is_limit(candidate.limit) || (best->is_known && best_left <= left))
		return;
	*best = candidate;
	best->is_known = true;
}

static uint64_t left_of(uint64_t limit, uint64_t current)
{
	return is_known(current) ? limit - MIN(limit, current) : UNKNOWN;
}

static struct check_effective effective_beyond(enum cg2_source source, const char *file,
					       uint64_t limit, uint64_t current)
{
	return (struct check_effective){ .limit = limit,
					 .current = current,
					 .headroom = left_of(limit, current),
					 .source = source,
					 .level = SIZE_MAX,
					 .file = file };
}

/* A limit of one of the levels, and its use. */
static void consider_levels(const struct cg2_check *check, struct check_effective *best,
			    enum cg2_level_figure max, enum cg2_level_figure current,
			    const char *file)
{
	for (size_t i = 0; i < check->n_levels; i++) {
		const struct check_level *level = &check->levels[i];
		struct check_effective e = effective_beyond(
			CG2_SOURCE_CGROUP, file, level->figures[max], level->figures[current]);

		e.level = i;
		if (max == CG2_LEVEL_MEMORY_MAX_BYTES)
			e.headroom = check_memory_headroom(level);
		effective_consider(best, e);
	}
}

static void find_effective_tasks(struct cg2_check *check)
{
	struct check_effective *best = &check->effective[CG2_RESOURCE_TASKS];
	const struct check_process *p = &check->process;
	const struct check_machine *m = &check->machine;

	consider_levels(check, best, CG2_LEVEL_TASKS_MAX_COUNT, CG2_LEVEL_TASKS_COUNT, "pids.max");
	if (p->pid && !p->is_privileged)
		effective_consider(best, effective_beyond(CG2_SOURCE_RLIMIT, "RLIMIT_NPROC",
							  p->nproc_limit, p->nproc_current));
	effective_consider(best, effective_beyond(CG2_SOURCE_KERNEL, "kernel.threads-max",
						  m->threads_max, m->threads));
	effective_consider(best, effective_beyond(CG2_SOURCE_KERNEL, "kernel.pid_max", m->pid_max,
						  m->threads));
}

static void find_effective_memory(struct cg2_check *check)
{
	struct check_effective *best = &check->effective[CG2_RESOURCE_MEMORY];
	const struct check_machine *m = &check->machine;

	consider_levels(check, best, CG2_LEVEL_MEMORY_MAX_BYTES, CG2_LEVEL_MEMORY_BYTES,
			"memory.max");
	if (is_known(m->memory_total) && is_known(m->memory_available))
		effective_consider(best,
				   effective_beyond(CG2_SOURCE_RAM, "ram", m->memory_total,
						    m->memory_total - MIN(m->memory_total,
									  m->memory_available)));
	if (check->process.pid)
		effective_consider(best, effective_beyond(CG2_SOURCE_RLIMIT, "RLIMIT_AS",
							  check->process.as_limit,
							  check->process.as_current));
}

static void find_effective_swap(struct cg2_check *check)
{
	struct check_effective *best = &check->effective[CG2_RESOURCE_SWAP];
	const struct check_machine *m = &check->machine;

	consider_levels(check, best, CG2_LEVEL_SWAP_MAX_BYTES, CG2_LEVEL_SWAP_BYTES,
			"memory.swap.max");
	if (is_known(m->swap_total) && is_known(m->swap_free))
		effective_consider(
			best, effective_beyond(CG2_SOURCE_KERNEL, "swap", m->swap_total,
					       m->swap_total - MIN(m->swap_total, m->swap_free)));
}

/* How many CPUs a list names. */
static uint64_t count_list(const char *text)
{
	uint8_t bitmap[LIST_BITS / 8] = { 0 };
	uint64_t n = 0;

	if (!text || cg2_list_from_string(text, bitmap, LIST_BITS, NULL) < 0)
		return UNKNOWN;
	for (size_t i = 0; i < sizeof(bitmap); i++)
		n += (uint64_t)__builtin_popcount(bitmap[i]);
	return n;
}

/* What is there of CPU time is the limit: how much of it is in use changes all the time. */
static void find_effective_cpu(struct cg2_check *check)
{
	struct check_effective *best = &check->effective[CG2_RESOURCE_CPU];
	uint64_t n_cpus = check->machine.n_cpus;

	for (size_t i = 0; i < check->n_levels; i++) {
		const struct check_level *level = &check->levels[i];
		uint64_t quota = level->figures[CG2_LEVEL_CPU_MAX_PERMYRIAD];
		uint64_t n = count_list(level->texts[CG2_LEVEL_CPUS]);
		struct check_effective e =
			effective_beyond(CG2_SOURCE_CGROUP, "cpu.max", quota, UNKNOWN);

		e.level = i;
		effective_consider(best, e);
		e.file = "cpuset.cpus";
		e.limit = is_known(n) && is_known(n_cpus) && n < n_cpus ? n * 10000
										    : CG2_MAX;
		/* Each level shows what those above left to it: the highest one set it.
		 */
		if (best->is_known && best->limit == e.limit && strcmp(best->file, e.file) == 0)
			best->level = i;
		effective_consider(best, e);
	}
	if (is_limit(n_cpus))
		effective_consider(best, effective_beyond(CG2_SOURCE_KERNEL, "cpus", n_cpus * 10000,
							  UNKNOWN));
}

/* ---- io.max ---- */

static int keep_io(struct cg2_check *check, const char *device, const char *key, uint64_t limit,
		   size_t level)
{
	struct check_io *grown;

	for (size_t i = 0; i < check->n_io; i++) {
		struct check_io *io = &check->io[i];

		if (strcmp(io->device, device) != 0 || strcmp(io->key, key) != 0)
			continue;
		if (limit < io->limit) {
			io->limit = limit;
			io->level = level;
		}
		return 0;
	}
	grown = reallocarray(check->io, check->n_io + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	check->io = grown;
	grown += check->n_io++;
	*grown = (struct check_io){ .key = key, .limit = limit, .level = level };
	snprintf(grown->device, sizeof(grown->device), "%s", device);
	return 0;
}

/* "8:0 rbps=1048576 wbps=max riops=max wiops=max" a line. */
static int find_effective_io(struct cg2_check *check, const char *text, size_t level)
{
	struct scan rest = scan_of_string(text ? text : "");
	int r = 0;

	while (r == 0 && !scan_done(&rest)) {
		struct scan line = scan_until(&rest, '\n'), words = line;
		struct scan name = scan_until(&words, ' ');
		char device[32];

		snprintf(device, sizeof(device), "%.*s", (int)scan_left(&name), name.pos);
		for (size_t k = 0; r == 0 && k < N_IO_KEYS; k++) {
			uint64_t limit;

			if (cg2_parse_nested(line.pos, scan_left(&line), device, io_keys[k].key,
					     &limit) == 0 &&
			    limit != CG2_MAX)
				r = keep_io(check, device, io_keys[k].key, limit, level);
		}
	}
	return r;
}

int check_find_effective(struct cg2_check *check)
{
	int r = 0;

	find_effective_tasks(check);
	find_effective_memory(check);
	find_effective_swap(check);
	find_effective_cpu(check);
	for (size_t i = 0; r == 0 && i < check->n_levels; i++)
		r = find_effective_io(check, check->levels[i].texts[CG2_LEVEL_IO_MAX], i);
	return r;
}
