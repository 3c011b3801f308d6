/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits in cgroup files: the direct write, and the read-back that tells whether a limit is in
 * force, whoever wrote it.
 */
#include "limit/limit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* The kernel's bounds of cpu.max. */
#define CPU_PERIOD_USEC UINT64_C(100000)
#define CPU_PERIOD_MAX_USEC UINT64_C(1000000)
#define CPU_QUOTA_MIN_USEC UINT64_C(1000)

static const struct allowance no_allowance = { 0, 0 };

/* Where a value is written and read; idle is a file of its own. */
static const char *file_of(const struct cg2_limits *limits, enum cg2_limit limit)
{
	if (limit == CG2_LIMIT_CPU_WEIGHT && limits->value[limit] == CG2_WEIGHT_IDLE)
		return "cpu.idle";
	return limit_row(limit)->info.file;
}

/* A small quota needs a longer period, since the kernel takes no quota under 1 ms. */
static struct cg2_cpu_max cpu_max_of(uint64_t permyriad, uint64_t period_usec)
{
	struct cg2_cpu_max max = { CG2_MAX, period_usec ? period_usec : CPU_PERIOD_USEC };

	if (permyriad == CG2_MAX)
		return max;
	/* As systemd does it, whose scope has the same. */
	max.period_usec = MAX(max.period_usec, CPU_QUOTA_MIN_USEC * 10000 / permyriad);
	max.period_usec = MIN(max.period_usec, CPU_PERIOD_MAX_USEC);
	max.quota_usec = MAX(permyriad * max.period_usec / 10000, CPU_QUOTA_MIN_USEC);
	return max;
}

static int cpu_text(const struct cg2_limits *limits, char **ret_text)
{
	struct cg2_cpu_max max =
		cpu_max_of(limits->value[CG2_LIMIT_CPU_MAX], limits->cpu_period_usec);

	if (max.quota_usec == CG2_MAX)
		*ret_text = strdup("max");
	else
		*ret_text = text_format("%" PRIu64 " %" PRIu64, max.quota_usec, max.period_usec);
	return *ret_text ? 0 : -ENOMEM;
}

/* As the kernel takes it. */
static int text_of(const struct cg2_limits *limits, enum cg2_limit limit, char **ret_text)
{
	uint64_t value = limits->value[limit];

	switch ((enum cg2_unit)limit_row(limit)->info.unit) {
	case CG2_UNIT_PERMYRIAD:
		return cpu_text(limits, ret_text);
	case CG2_UNIT_LIST:
		return cg2_list_to_string(limits->list[limit], LIST_BITS, ret_text);
	case CG2_UNIT_WEIGHT:
		return limit_number_to_string(value == CG2_WEIGHT_IDLE ? 1 : value, ret_text);
	case CG2_UNIT_BYTES:
	case CG2_UNIT_TASKS:
	case CG2_UNIT_BOOL:
	case CG2_UNIT_USEC:
	case CG2_UNIT_IO:
		break;
	}
	return limit_number_to_string(value, ret_text);
}

/* "8:0 rbps=1048576 wiops=max" */
static void io_line(const struct io_limit *io, char *buf, size_t size)
{
	size_t len = (size_t)snprintf(buf, size, "%u:%u", io->major, io->minor);

	for (size_t k = 0; k < N_IO_KEYS; k++) {
		if (!(io->mask & 1U << k))
			continue;
		len += (size_t)snprintf(buf + len, size - len, " %s=", io_keys[k].key);
		if (io->value[k] == CG2_MAX)
			len += (size_t)snprintf(buf + len, size - len, "max");
		else
			len += (size_t)snprintf(buf + len, size - len, "%" PRIu64, io->value[k]);
	}
}

static int write_io(const struct cg2_limits *limits, struct cg2_group *group,
		    struct cg2_error *reterr)
{
	for (size_t i = 0; i < limits->n_io; i++) {
		char line[192];
		int r;

		io_line(&limits->io[i], line, sizeof(line));
		r = cg2_group_write(group, "io.max", line, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

/* An idle cgroup takes no weight (EINVAL). Kernels before 5.15 have no idle ones. */
static int end_idle(struct cg2_group *group, struct cg2_error *reterr)
{
	uint64_t idle;

	if (cg2_group_read_value(group, "cpu.idle", &idle, NULL) < 0 || idle == 0)
		return 0;
	return cg2_group_write(group, "cpu.idle", "0", reterr);
}

/* A kernel may have one of the two files, or both. */
static int write_io_weight(struct cg2_group *group, uint64_t weight, const char *text,
			   struct cg2_error *reterr)
{
	int r = cg2_group_write(group, "io.weight", text, reterr);

	if ((r < 0 && r != -ENOENT) || !limits_has_bfq_weight(group))
		return r;
	cg2_error_clear(reterr);
	return limits_write_bfq_weight(group, weight, reterr);
}

int limits_write(const struct cg2_limits *limits, enum cg2_limit limit,
		 struct cg2_group *group, struct cg2_error *reterr)
{
	const char *file = file_of(limits, limit);
	_cleanup_free_ char *text = NULL;
	int r;

	if (limit == CG2_LIMIT_IO_MAX)
		return write_io(limits, group, reterr);
	r = text_of(limits, limit, &text);
	if (r < 0)
		return error_set(reterr, CG2_OP_WRITE, r, file, NULL);
	if (limit == CG2_LIMIT_IO_WEIGHT)
		return write_io_weight(group, limits->value[limit], text, reterr);
	if (strcmp(file, "cpu.weight") == 0) {
		r = end_idle(group, reterr);
		if (r < 0)
			return r;
	}
	return cg2_group_write(group, file, text, reterr);
}

uint64_t limit_rounded(const struct cg2_limit_info *info, uint64_t value)
{
	long page = sysconf(_SC_PAGESIZE);

	if (info->unit != CG2_UNIT_BYTES || value == CG2_MAX || page <= 0)
		return value;
	/* The page counter's own maximum; what reaches it is printed as max. */
	if (value / (uint64_t)page >= INT64_MAX / (uint64_t)page)
		return CG2_MAX;
	return value - value % (uint64_t)page;
}

static int mismatch(struct cg2_group *group, const char *file, const char *wanted,
		    const char *have, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = group_join(group, file);

	return error_setf(reterr, CG2_OP_VERIFY, EBADE, path, wanted, "the kernel reports %s",
			  have);
}

/* Whoever wrote it may have chosen the period, and rounded the quota down. */
static bool is_quota_there(uint64_t permyriad, const char *buf, size_t len)
{
	struct cg2_cpu_max max;
	uint64_t wanted;

	if (cg2_parse_cpu_max(buf, len, &max) < 0)
		return false;
	if (permyriad == CG2_MAX || max.quota_usec == CG2_MAX)
		return permyriad == max.quota_usec;
	wanted = MAX(permyriad * max.period_usec / 10000, CPU_QUOTA_MIN_USEC);
	return max.quota_usec <= wanted && max.quota_usec + 1 >= wanted;
}

static bool is_value_there(const struct cg2_limits *limits, enum cg2_limit limit,
			   const struct allowance *extra, const char *buf, size_t len)
{
	uint64_t wanted = limits->value[limit], have;

	if (limit == CG2_LIMIT_CPU_MAX)
		return is_quota_there(wanted, buf, len);
	if (limit == CG2_LIMIT_CPU_WEIGHT && wanted == CG2_WEIGHT_IDLE)
		wanted = 1;
	if (limit == CG2_LIMIT_IO_WEIGHT)
		return cg2_parse_flat(buf, len, "default", &have) == 0 && have == wanted;
	if (limit == CG2_LIMIT_MEMORY_MAX || limit == CG2_LIMIT_MEMORY_HIGH)
		wanted = wanted > CG2_MAX - extra->bytes ? CG2_MAX : wanted + extra->bytes;
	if (limit == CG2_LIMIT_TASKS_MAX)
		wanted = wanted > CG2_MAX - extra->tasks ? CG2_MAX : wanted + extra->tasks;
	return cg2_parse_value(buf, len, &have) == 0 &&
	       have == limit_rounded(&limit_row(limit)->info, wanted);
}

static bool is_list_there(const struct cg2_limits *limits, enum cg2_limit limit,
			  const char *text)
{
	_cleanup_free_ uint8_t *have = calloc(1, LIST_BITS / 8);

	return have && cg2_list_from_string(text, have, LIST_BITS, NULL) == 0 &&
	       memcmp(have, limits->list[limit], LIST_BITS / 8) == 0;
}

static bool is_io_there(const struct cg2_limits *limits, const char *buf, size_t len)
{
	for (size_t i = 0; i < limits->n_io; i++) {
		const struct io_limit *io = &limits->io[i];
		char device[32];

		snprintf(device, sizeof(device), "%u:%u", io->major, io->minor);
		for (size_t k = 0; k < N_IO_KEYS; k++) {
			uint64_t have = CG2_MAX;

			if (!(io->mask & 1U << k))
				continue;
			/* A device without a limit has no line. */
			if (cg2_parse_nested(buf, len, device, io_keys[k].key, &have) < 0 &&
			    io->value[k] != CG2_MAX)
				return false;
			if (have != io->value[k])
				return false;
		}
	}
	return true;
}

/* Whether the implied "no swap" may be without its file: none is accounted, none is there. */
static bool is_without_swap(struct cg2_ctx *ctx)
{
	char buf[1024];
	const char *newline;
	size_t len;
	int r;

	r = ctx_read_into(ctx, "/proc/swaps", buf, sizeof(buf), &len);
	/* A list that is too long for a look at its second line has one. */
	if (r < 0)
		return r == -ENOENT;
	newline = strchr(buf, '\n');
	return !newline || newline[1] == '\0';
}

static int missing(const struct cg2_limits *limits, enum cg2_limit limit, const char *file,
		   struct cg2_group *group, struct cg2_error *reterr)
{
	_cleanup_free_ char *wanted = NULL;

	if (limits->implied & UINT64_C(1) << limit && is_without_swap(limits->ctx))
		return 0;
	if (cg2_limits_to_string((struct cg2_limits *)limits, limit, &wanted) < 0)
		wanted = NULL;
	return limits_explain_missing(group, file, limit_row(limit)->info.controller, wanted,
				      reterr);
}

/* What the file has, against what it should have. buf is changed. */
static int compare(const struct cg2_limits *limits, enum cg2_limit limit,
		   const struct allowance *extra, struct cg2_group *group, char *buf, size_t len,
		   struct cg2_error *reterr)
{
	const struct limit_row *row = limit_row(limit);
	_cleanup_free_ char *wanted = NULL;
	bool is_there;

	buf[strcspn(buf, "\n")] = row->info.unit == CG2_UNIT_LIST ? '\0' : '\n';
	if (row->info.unit == CG2_UNIT_LIST)
		is_there = is_list_there(limits, limit, buf);
	else if (row->info.unit == CG2_UNIT_IO)
		is_there = is_io_there(limits, buf, len);
	else
		is_there = is_value_there(limits, limit, extra, buf, len);
	if (is_there)
		return 0;
	buf[strcspn(buf, "\n")] = '\0';
	if (cg2_limits_to_string((struct cg2_limits *)limits, limit, &wanted) < 0)
		wanted = NULL;
	return mismatch(group, file_of(limits, limit), wanted, *buf ? buf : "nothing", reterr);
}

int limits_verify(const struct cg2_limits *limits, enum cg2_limit limit,
		  const struct allowance *extra, struct cg2_group *group,
		  struct cg2_error *reterr)
{
	const char *file = file_of(limits, limit);
	_cleanup_free_ char *buf = NULL;
	size_t len;
	int r;

	r = cg2_group_read(group, file, &buf, &len, NULL);
	if (limit == CG2_LIMIT_IO_WEIGHT && limits_has_bfq_weight(group)) {
		int bfq = limits_verify_bfq_weight(group, limits->value[limit], reterr);

		if (bfq < 0 || r == -ENOENT)
			return bfq;
	}
	if (r == -ENOENT)
		return missing(limits, limit, file, group, reterr);
	if (r < 0)
		return error_set(reterr, CG2_OP_READ, r, file, NULL);
	return compare(limits, limit, extra, group, buf, len, reterr);
}

int limits_apply(const struct cg2_limits *limits, enum cg2_limit limit,
		 struct cg2_group *group, struct cg2_error *reterr)
{
	const char *file = file_of(limits, limit);
	_cleanup_free_ char *text = NULL;
	char buf[4096];
	size_t len = 0;
	int r;

	/* One write a device, or two files, and only then all of it. */
	if (limit == CG2_LIMIT_IO_MAX || limit == CG2_LIMIT_IO_WEIGHT) {
		r = limits_write(limits, limit, group, reterr);
		if (r < 0 && r != -ENOENT)
			return r;
		cg2_error_clear(reterr);
		return limits_verify(limits, limit, &no_allowance, group, reterr);
	}
	r = text_of(limits, limit, &text);
	if (r < 0)
		return error_set(reterr, CG2_OP_WRITE, r, file, NULL);
	r = group_write_read(group, file, text, buf, sizeof(buf), &len, reterr);
	if (r == -ENOENT) {
		cg2_error_clear(reterr);
		return missing(limits, limit, file, group, reterr);
	}
	return r < 0 ? r : compare(limits, limit, &no_allowance, group, buf, len, reterr);
}

char *limits_delegation_fix(const char *whose, unsigned int uid)
{
	return text_format("as root, which ends everything that %s user manager runs:\n"
			   "  mkdir -p /etc/systemd/system/user@.service.d\n"
			   "  cd /etc/systemd/system/user@.service.d\n"
			   "  printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' "
			   ">delegate.conf\n"
			   "  systemctl daemon-reload && systemctl restart user@%u.service",
			   whose, uid);
}

/* What a manager delegates unless told otherwise lacks a controller that nobody has mentioned. */
static void hint_user_manager(uint64_t uid, struct cg2_error *reterr)
{
	_cleanup_free_ char *fix = limits_delegation_fix("this", (unsigned int)uid);

	if (fix)
		error_hint(reterr, "%s", fix);
}

/* Those of the cgroup that the first len characters of path name; 0: none, or not known. */
static uint64_t controllers_of(struct cg2_ctx *ctx, const char *path, size_t len)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_free_ char *part = text_format("%.*s", (int)len, path);
	uint64_t mask = 0;

	if (!part || cg2_group_open(ctx, part, &group, NULL) < 0 ||
	    cg2_group_read_controllers(group, &mask, NULL) < 0)
		return 0;
	return mask;
}

/* A unit to which its manager delegates some controllers and not this one. */
static void hint_unit(const struct unit_place *place, uint64_t mask, struct cg2_error *reterr)
{
	static const char *const names[] = { "cpu", "cpuset", "io", "memory", "pids" };
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *unit = unit_place_name(place), *list = NULL;
	FILE *f = text_open(&text);

	if (!f || !unit)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (mask & controller_bit(names[i]))
			fprintf(f, "%s%s", ftell(f) > 0 ? " " : "", names[i]);
	if (text_close(&text, &list) == 0)
		error_hint(reterr, "%s was given other controllers: it needs Delegate=%s",
			   unit, list);
}

/* Which level lacks it: the user's manager as a whole, or the unit that this is in. */
static void hint_delegation(struct cg2_group *group, const char *controller,
			    struct cg2_error *reterr)
{
	const uint64_t bit = controller_bit(controller);
	struct unit_place place;

	if (!unit_place_of(group->path, &place)) {
		error_hint(reterr, "enable the %s controller for the cgroups above", controller);
		return;
	}
	if (place.manager == CG2_MANAGER_USER &&
	    !(controllers_of(group->ctx, group->path, place.manager_len) & bit)) {
		hint_user_manager(place.uid, reterr);
		return;
	}
	hint_unit(&place, controllers_of(group->ctx, group->path, place.path_len) | bit, reterr);
}

int limits_explain_missing(struct cg2_group *group, const char *file, const char *controller,
			   const char *value, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = group_join(group, file);
	int bit = controller ? cg2_controller_from_string(controller) : -1;
	uint64_t bit_mask = bit >= 0 ? UINT64_C(1) << bit : 0, mask = 0;
	int r;

	if (cg2_group_read_controllers(group, &mask, NULL) == 0 && (mask & bit_mask))
		return error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, path, value,
				  "this kernel has no %s", file);
	if (!(hierarchy_controllers(group->ctx) & bit_mask)) {
		if (hierarchy_is_in_namespace(group->ctx)) {
			r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, path, value,
				       "this container has no %s controller", controller);
			error_hint(reterr, "whoever starts the container has to delegate it");
			return r;
		}
		r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, path, value,
			       "this machine has no %s controller", controller);
		error_hint(reterr, "see cgroup_disable= in /proc/cmdline, and whether cgroup v1 "
				   "holds it");
		return r;
	}
	r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, path, value,
		       "the %s controller is not delegated here", controller);
	hint_delegation(group, controller, reterr);
	return r;
}
