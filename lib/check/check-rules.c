/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about the levels and the machine: each looks for one thing that is, or will be,
 * in somebody's way, and says what to do about it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "check/check-internal.h"

/* Headroom below a tenth of the limit is low. */
#define LOW_SHARE 10

/* A login alone needs some dozen tasks and megabytes; a single program needs less. */
#define TINY_SLICE_TASKS 64
#define TINY_TASKS 4
#define TINY_SLICE_BYTES (UINT64_C(64) << 20)
#define TINY_BYTES (UINT64_C(4) << 20)

static bool is_low(uint64_t left, uint64_t limit)
{
	return left < limit / LOW_SHARE || left == 0;
}

/* Whether others than one program are meant to live in it. */
static bool is_shared(const struct check_level *level)
{
	const char *dot = level->unit ? strrchr(level->unit, '.') : NULL;

	return dot && (strcmp(dot, ".slice") == 0 || strncmp(level->unit, "user@", 5) == 0);
}

int rule_frozen(struct cg2_check *check, size_t i)
{
	const struct check_level *level = &check->levels[i];
	const char *user = level->manager == CG2_MANAGER_USER ? "--user " : "";

	if (!level->is_frozen)
		return 0;
	return check_add(check, CHECK_FROZEN, CG2_SEVERITY_ERROR, i,
			 text_format("%s is frozen: nothing in it runs", check_level_name(level)),
			 level->unit ? text_format("systemctl %sthaw %s", user, level->unit)
				     : text_format("write 0 to cgroup.freeze of %s", level->path));
}

int rule_tasks_headroom(struct cg2_check *check, size_t i)
{
	const struct check_level *level = &check->levels[i];
	uint64_t max = level->figures[CG2_LEVEL_TASKS_MAX_COUNT];
	uint64_t current = level->figures[CG2_LEVEL_TASKS_COUNT];
	uint64_t left;

	if (!is_limit(max) || !is_known(current))
		return 0;
	left = max - MIN(max, current);
	if (!is_low(left, max))
		return 0;
	return check_add(check, CHECK_TASKS_HEADROOM,
			 left == 0 ? CG2_SEVERITY_ERROR : CG2_SEVERITY_WARNING, i,
			 text_format("%s has %" PRIu64 " of %" PRIu64 " tasks: %s",
				     check_level_name(level), current, max,
				     left == 0 ? "all further forks fail" : "forks will soon fail"),
			 check_fix_limit(level, CG2_LIMIT_TASKS_MAX, "N"));
}

int rule_memory_headroom(struct cg2_check *check, size_t i)
{
	const struct check_level *level = &check->levels[i];
	uint64_t max = level->figures[CG2_LEVEL_MEMORY_MAX_BYTES];
	uint64_t left = check_memory_headroom(level);
	char of[CHECK_TEXT_MAX], free_text[CHECK_TEXT_MAX];

	if (!is_known(left) || !is_low(left, max))
		return 0;
	return check_add(check, CHECK_MEMORY_HEADROOM, CG2_SEVERITY_WARNING, i,
			 text_format("%s has only %s left of memory.max %s",
				     check_level_name(level), check_size_text(left, free_text),
				     check_size_text(max, of)),
			 check_fix_limit(level, CG2_LIMIT_MEMORY_MAX, "SIZE"));
}

int rule_tasks_tiny(struct cg2_check *check, size_t i)
{
	const struct check_level *level = &check->levels[i];
	uint64_t max = level->figures[CG2_LEVEL_TASKS_MAX_COUNT];

	if (!is_limit(max) || max >= (is_shared(level) ? TINY_SLICE_TASKS : TINY_TASKS))
		return 0;
	return check_add(check, CHECK_TASKS_TINY, CG2_SEVERITY_WARNING, i,
			 text_format("pids.max %" PRIu64 " of %s is too small for %s", max,
				     check_level_name(level),
				     is_shared(level) ? "logins and their programs"
						      : "nearly every program"),
			 check_fix_limit(level, CG2_LIMIT_TASKS_MAX, "N"));
}

int rule_memory_tiny(struct cg2_check *check, size_t i)
{
	const struct check_level *level = &check->levels[i];
	uint64_t max = level->figures[CG2_LEVEL_MEMORY_MAX_BYTES];
	char text[CHECK_TEXT_MAX];

	if (!is_limit(max) || max >= (is_shared(level) ? TINY_SLICE_BYTES : TINY_BYTES))
		return 0;
	return check_add(check, CHECK_MEMORY_TINY, CG2_SEVERITY_WARNING, i,
			 text_format("memory.max %s of %s is too small for %s",
				     check_size_text(max, text), check_level_name(level),
				     is_shared(level) ? "logins and their programs"
						      : "nearly every program"),
			 check_fix_limit(level, CG2_LIMIT_MEMORY_MAX, "SIZE"));
}

static bool has_swap(const struct cg2_check *check)
{
	return is_limit(check->machine.swap_total) && check->machine.swap_total > 0;
}

/* Whether swap is limited at the level, or at any above, which bounds it too. */
static bool is_swap_limited(const struct cg2_check *check, size_t level)
{
	for (; level < check->n_levels; level++)
		if (is_limit(check->levels[level].figures[CG2_LEVEL_SWAP_MAX_BYTES]))
			return true;
	return false;
}

/* The lowest level with a memory limit is the one that is meant to hold. */
int rule_swap_unlimited(struct cg2_check *check)
{
	size_t i = 0;
	char text[CHECK_TEXT_MAX];

	while (i < check->n_levels &&
	       !is_limit(check->levels[i].figures[CG2_LEVEL_MEMORY_MAX_BYTES]))
		i++;
	if (i == check->n_levels || !has_swap(check) || is_swap_limited(check, 0) ||
	    !is_known(check->levels[i].figures[CG2_LEVEL_SWAP_MAX_BYTES]))
		return 0;
	return check_add(
		check, CHECK_SWAP_UNLIMITED, CG2_SEVERITY_WARNING, i,
		text_format("%s may use %s of memory, and all swap in addition",
			    check_level_name(&check->levels[i]),
			    check_size_text(check->levels[i].figures[CG2_LEVEL_MEMORY_MAX_BYTES],
					    text)),
		check_fix_limit(&check->levels[i], CG2_LIMIT_SWAP_MAX, "0"));
}

int rule_high_without_swap(struct cg2_check *check, size_t i)
{
	const struct check_level *level = &check->levels[i];
	uint64_t high = level->figures[CG2_LEVEL_MEMORY_HIGH_BYTES];
	char text[CHECK_TEXT_MAX];

	if (!is_limit(high) || check->machine.swap_total != 0)
		return 0;
	return check_add(check, CHECK_HIGH_WITHOUT_SWAP, CG2_SEVERITY_WARNING, i,
			 text_format("memory.high %s of %s on a machine without swap: a program "
				     "that exceeds it stalls instead of being killed",
				     check_size_text(high, text), check_level_name(level)),
			 check_fix_limit(level, CG2_LIMIT_MEMORY_MAX, "SIZE"));
}

int rule_cpu_under_one(struct cg2_check *check)
{
	const struct check_effective *cpu = &check->effective[CG2_RESOURCE_CPU];
	_cleanup_free_ char *percent = NULL;

	if (!cpu->is_known || cpu->limit >= 10000 || cpu->level == SIZE_MAX)
		return 0;
	if (cg2_percent_to_string(cpu->limit, &percent) < 0)
		return -ENOMEM;
	return check_add(check, CHECK_CPU_UNDER_ONE, CG2_SEVERITY_WARNING, cpu->level,
			 text_format("%s gets %s of one CPU: a program is throttled once that is "
				     "used up in a period",
				     check_level_name(&check->levels[cpu->level]), percent),
			 check_fix_limit(&check->levels[cpu->level], CG2_LIMIT_CPU_MAX, "100%"));
}

/* ---- shares ---- */

/* All weights that there are, as what the target gets of a busy machine, in permyriad. */
static bool cpu_share(const struct cg2_check *check, uint64_t *ret_share, size_t *ret_level)
{
	uint64_t share = 10000;
	bool is_found = false;

	for (size_t i = 0; i < check->n_levels; i++) {
		const struct check_level *level = &check->levels[i];
		uint64_t weight = level->figures[CG2_LEVEL_CPU_WEIGHT];

		if (!is_limit(weight))
			continue;
		if ((weight != 100 || level->is_idle) && !is_found) {
			*ret_level = i;
			is_found = true;
		}
		if (!is_limit(level->weights) || level->weights == 0 || level->is_idle)
			continue;
		share = share * MIN(weight, level->weights) / level->weights;
	}
	*ret_share = share;
	return is_found;
}

/* Only where a weight was set by somebody: even shares are what everybody expects. */
int rule_cpu_share(struct cg2_check *check)
{
	_cleanup_free_ char *percent = NULL;
	const struct check_level *level;
	uint64_t share;
	size_t i;

	if (!cpu_share(check, &share, &i))
		return 0;
	level = &check->levels[i];
	if (level->is_idle)
		return check_add(check, CHECK_CPU_SHARE, CG2_SEVERITY_INFO, i,
				 text_format("%s is idle (cpu.idle): it only gets CPU time that "
					     "its siblings leave",
					     check_level_name(level)),
				 check_fix_limit(level, CG2_LIMIT_CPU_WEIGHT, "100"));
	if (cg2_percent_to_string(share, &percent) < 0)
		return -ENOMEM;
	return check_add(check, CHECK_CPU_SHARE, CG2_SEVERITY_INFO, i,
			 text_format("cpu.weight %" PRIu64
				     " of %s: on a busy machine the target gets %s of the CPU time",
				     level->figures[CG2_LEVEL_CPU_WEIGHT], check_level_name(level),
				     percent),
			 check_fix_limit(level, CG2_LIMIT_CPU_WEIGHT, "N"));
}

/* ---- the machine ---- */

int rule_psi_disabled(struct cg2_check *check)
{
	if (!check->machine.has_pressure)
		return check_add(check, CHECK_PSI_DISABLED, CG2_SEVERITY_INFO, SIZE_MAX,
				 text_format("pressure (PSI) is not accounted on this machine: how "
					     "long tasks wait is unknown"),
				 text_format("boot with psi=1"));
	if (!check->levels[0].is_pressure_off)
		return 0;
	return check_add(check, CHECK_PSI_DISABLED, CG2_SEVERITY_INFO, 0,
			 text_format("pressure is not accounted for %s (cgroup.pressure is 0)",
				     check_level_name(&check->levels[0])),
			 text_format("write 1 to cgroup.pressure of %s", check->levels[0].path));
}

int rule_hidden_above(struct cg2_check *check)
{
	if (!check->machine.is_namespaced)
		return 0;
	return check_add(check, CHECK_HIDDEN_ABOVE, CG2_SEVERITY_INFO, check->n_levels - 1,
			 text_format("%s is the root of a cgroup namespace: limits above it cannot "
				     "be seen from here",
				     check->levels[check->n_levels - 1].path),
			 text_format("run it outside of this container"));
}
