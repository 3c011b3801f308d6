/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What systemd was told for each level, beside what the kernel has: systemd drops a limit
 * of a controller that it does not have without a word, and shows it as if it were there.
 */
#include "check/check-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "systemd/unit.h"
#include "value/error.h"

/* The limits that a unit can be told of. */
static const struct row {
	enum cg2_limit limit;
	const char *property; /* on D-Bus; in files it is the limit's own */
	uint64_t unset;	      /* its value when nothing was said, beside CG2_MAX */
	bool is_list;
} rows[] = {
	{ CG2_LIMIT_MEMORY_MAX, "MemoryMax", CG2_MAX, false },
	{ CG2_LIMIT_MEMORY_HIGH, "MemoryHigh", CG2_MAX, false },
	{ CG2_LIMIT_MEMORY_LOW, "MemoryLow", 0, false },
	{ CG2_LIMIT_MEMORY_MIN, "MemoryMin", 0, false },
	{ CG2_LIMIT_SWAP_MAX, "MemorySwapMax", CG2_MAX, false },
	{ CG2_LIMIT_CPU_MAX, "CPUQuotaPerSecUSec", CG2_MAX, false },
	{ CG2_LIMIT_CPU_WEIGHT, "CPUWeight", CG2_MAX, false },
	{ CG2_LIMIT_TASKS_MAX, "TasksMax", CG2_MAX, false },
	{ CG2_LIMIT_IO_WEIGHT, "IOWeight", CG2_MAX, false },
	{ CG2_LIMIT_CPUSET_CPUS, "AllowedCPUs", CG2_MAX, true },
	{ CG2_LIMIT_CPUSET_MEMS, "AllowedMemoryNodes", CG2_MAX, true },
};

/* ---- which file says so ---- */

/* Whether a unit file sets KEY to something. */
static bool file_sets(struct cg2_ctx *ctx, const char *path, const char *key)
{
	_cleanup_free_ char *text = NULL;
	size_t len, key_len = strlen(key);
	bool is_set = false;

	while (*path == '/')
		path++;
	if (fsio_read_regular(ctx->root_fd, path, &text, &len) < 0)
		return false;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n \t");
		if (strncmp(line, key, key_len) != 0)
			continue;
		line += key_len + strspn(line + key_len, " \t");
		if (*line == '=')
			is_set = line[1 + strspn(line + 1, " \t")] != '\n';
	}
	return is_set;
}

/* The last file that sets it, as systemd reads them; NULL: none does. */
static const char *find_source_file(struct cg2_ctx *ctx, const struct unit *unit, const char *key)
{
	const char *source = unit_get_text(unit, "FragmentPath"), *path;

	if (!source || !*source || !file_sets(ctx, source, key))
		source = NULL;
	for (size_t i = 0; (path = unit_get_item(unit, "DropInPaths", i)); i++)
		if (file_sets(ctx, path, key))
			source = path;
	return source;
}

/* ---- what the kernel has ---- */

static uint64_t read_kernel_limit(const struct check_level *level, struct cg2_group *group,
				  enum cg2_limit limit)
{
	const char *file = limit_row(limit)->info.file;
	uint64_t value;
	char buf[512];
	size_t len;
	int r;

	if (limit == CG2_LIMIT_CPU_MAX)
		return level->figures[CG2_LEVEL_CPU_MAX_PERMYRIAD];
	if (limit == CG2_LIMIT_CPU_WEIGHT && level->is_idle)
		return CG2_WEIGHT_IDLE;
	r = fsio_read_into(group->fd, file, buf, sizeof(buf), &len);
	if (r == 0)
		r = limit == CG2_LIMIT_IO_WEIGHT ? cg2_parse_flat(buf, len, "default", &value)
						 : cg2_parse_value(buf, len, &value);
	return r < 0 ? UNKNOWN : value;
}

/* The kernel rounds memory down to pages, and quotas to microseconds of their period. */
static bool values_match(enum cg2_limit limit, uint64_t told, uint64_t has)
{
	long page = sysconf(_SC_PAGESIZE);

	if (told == CG2_MAX || has == CG2_MAX)
		return told == has;
	if (limit_row(limit)->info.unit == CG2_UNIT_BYTES && page > 0)
		return told / (uint64_t)page == has / (uint64_t)page;
	if (limit == CG2_LIMIT_CPU_MAX)
		return told <= has + 1 + has / 100 && has <= told + 1 + told / 100;
	return told == has;
}

/* Whether what the kernel has limits less, or protects less, than what was told. */
static bool is_weaker(enum cg2_limit limit, uint64_t told, uint64_t has)
{
	if (limit == CG2_LIMIT_MEMORY_LOW || limit == CG2_LIMIT_MEMORY_MIN)
		return has < told;
	return has > told;
}

static bool is_amount(enum cg2_limit limit)
{
	enum cg2_unit unit = (enum cg2_unit)limit_row(limit)->info.unit;

	return unit == CG2_UNIT_BYTES || unit == CG2_UNIT_TASKS || unit == CG2_UNIT_PERMYRIAD;
}

/* ---- one limit of one level ---- */

static char *number_text(struct cg2_ctx *ctx, enum cg2_limit limit, uint64_t value)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	char *text = NULL;

	if (cg2_limits_new(ctx, &limits) < 0)
		return NULL;
	if (cg2_limits_set(limits, limit, value) < 0)
		return limit_number_to_string(value, &text) < 0 ? NULL : text;
	return cg2_limits_to_string(limits, limit, &text) > 0 ? text : NULL;
}

static struct check_config *add_config(struct check_level *level, enum cg2_limit limit)
{
	struct check_config *grown =
		reallocarray(level->configs, level->n_configs + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	level->configs = grown;
	grown += level->n_configs++;
	*grown = (struct check_config){ .limit = limit, .told = CG2_MAX, .has = UNKNOWN };
	return grown;
}

/* Why the level has no such file. */
static int set_missing(struct check_config *config, struct cg2_group *group)
{
	const struct cg2_limit_info *info = &limit_row(config->limit)->info;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	limits_explain_missing(group, info->file, info->controller, config->told_text, &err);
	config->missing = take_ptr(&err.detail);
	config->missing_fix = take_ptr(&err.hint);
	return config->missing ? 0 : -ENOMEM;
}

static int set_source(struct check_config *config, struct cg2_ctx *ctx, const struct unit *unit)
{
	const char *source = find_source_file(ctx, unit, limit_row(config->limit)->info.property);

	if (!source)
		return 0;
	config->source = strdup(source);
	return config->source ? 0 : -ENOMEM;
}

static int read_number_config(struct check_level *level, struct cg2_group *group,
			      const struct unit *unit, const struct row *row)
{
	uint64_t told, has = read_kernel_limit(level, group, row->limit);
	struct check_config *config;
	bool is_told;

	if (unit_get_number(unit, row->property, &told) == 0)
		return 0;
	if (row->limit == CG2_LIMIT_CPU_MAX && told != CG2_MAX)
		told /= 100;
	is_told = told != CG2_MAX && told != row->unset;
	if (!is_told && !(is_amount(row->limit) && row->unset == CG2_MAX && is_limit(has)))
		return 0;
	config = add_config(level, row->limit);
	if (!config)
		return -ENOMEM;
	config->told = told;
	config->has = has;
	config->told_text = number_text(group->ctx, row->limit, told);
	if (!config->told_text)
		return -ENOMEM;
	if (!is_known(has))
		return set_missing(config, group);
	config->has_text = number_text(group->ctx, row->limit, has);
	config->is_different = !values_match(row->limit, told, has);
	config->is_weaker = config->is_different && is_weaker(row->limit, told, has);
	return config->has_text ? set_source(config, group->ctx, unit) : -ENOMEM;
}

/* A list that the unit was told, in the kernel's words; NULL: none, or no memory. */
static char *list_text(const struct unit *unit, const char *property)
{
	size_t size;
	const uint8_t *bytes = unit_get_bytes(unit, property, &size);
	char *text;

	if (size == 0 || cg2_list_to_string(bytes, size * 8, &text) < 0)
		return NULL;
	return text;
}

static int read_list_config(struct check_level *level, struct cg2_group *group,
			    const struct unit *unit, const struct row *row)
{
	char *told = list_text(unit, row->property);
	struct check_config *config;
	size_t len;
	int r;

	if (!told || !*told) {
		free(told);
		return 0;
	}
	config = add_config(level, row->limit);
	if (!config) {
		free(told);
		return -ENOMEM;
	}
	config->told_text = told;
	r = fsio_read(group->fd, limit_row(row->limit)->info.file, &config->has_text, &len);
	if (r < 0)
		return set_missing(config, group);
	config->has_text[strcspn(config->has_text, "\n")] = '\0';
	config->has = 0;
	config->is_different = config->is_weaker = strcmp(config->has_text, told) != 0;
	return set_source(config, group->ctx, unit);
}

/* ---- all of them ---- */

/* Connections to the two managers, made when they are needed. */
struct managers {
	struct cg2_ctx *ctx;
	struct bus buses[CG2_MANAGER_SYSTEM + 1];
	bool is_tried[CG2_MANAGER_SYSTEM + 1];
};

static void managers_close(struct managers *managers)
{
	for (size_t i = 0; i < ARRAY_SIZE(managers->buses); i++)
		if (managers->buses[i].bus)
			bus_close(&managers->buses[i]);
}

/* The first failure is kept: why it is not known what was told. */
static void note_unasked(struct cg2_check *check, const struct cg2_error *err)
{
	if (!check->unasked && cg2_error_format(err, &check->unasked) < 0)
		check->unasked = NULL;
}

static int note_foreign_manager(struct cg2_check *check, uint64_t uid)
{
	if (!check->unasked)
		check->unasked =
			text_format("the manager of user %" PRIu64 " answers only that user", uid);
	return check->unasked ? 0 : -ENOMEM;
}

static struct bus *get_manager_bus(struct managers *managers, struct cg2_check *check,
				   enum cg2_manager manager)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct bus *bus = &managers->buses[manager];

	if (!managers->is_tried[manager] && bus_open(managers->ctx, manager, bus, &err) < 0)
		note_unasked(check, &err);
	managers->is_tried[manager] = true;
	return bus->bus ? bus : NULL;
}

/* Before systemd 254 there is no such property. */
static bool lacks_subgroup(const struct unit *unit)
{
	const char *subgroup = unit_get_text(unit, "DelegateSubgroup");
	uint64_t is_delegated = 0;

	return subgroup && !*subgroup && unit_get_number(unit, "Delegate", &is_delegated) > 0 &&
	       is_delegated && unit_name_is_of(unit_get_id(unit), ".service");
}

static int read_unit(struct cg2_check *check, struct check_level *level, struct cg2_group *group,
		     struct managers *managers)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(unit_freep) struct unit *unit = NULL;
	const char *path;
	struct bus *bus;
	int r = 0;

	if (!level->unit)
		return 0;
	/* The manager of somebody else tells us nothing. */
	if (level->uid != CG2_MAX && level->uid != geteuid())
		return note_foreign_manager(check, level->uid);
	bus = get_manager_bus(managers, check, level->manager);
	if (!bus)
		return 0;
	r = unit_read(bus, level->unit, false, ANSWER_CHECK_TIMEOUT_USEC, &unit, &err);
	if (r < 0) {
		if (r != -ENOENT)
			note_unasked(check, &err);
		return r == -ENOMEM ? r : 0;
	}
	path = unit_get_text(unit, "ControlGroup");
	if (!path || strcmp(*path ? path : "/", level->path) != 0)
		return 0;
	level->lacks_subgroup = lacks_subgroup(unit);
	unit_get_number(unit, "NRestarts", &level->n_restarts);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		r = rows[i].is_list ? read_list_config(level, group, unit, &rows[i])
				    : read_number_config(level, group, unit, &rows[i]);
	return r;
}

int check_read_configs(struct cg2_check *check, struct cg2_group *group)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *g = cg2_group_ref(group);
	struct managers managers = { .ctx = group->ctx };
	int r = 0;

	if (!group->ctx->is_real_root)
		return 0;
	/* The root has no limits that anybody could have been told of. */
	for (size_t i = 0; r == 0 && g && i + 1 < check->n_levels; i++) {
		r = read_unit(check, &check->levels[i], g, &managers);
		if (group_step_up(&g, NULL) < 0)
			g = cg2_group_unref(g);
	}
	managers_close(&managers);
	return r;
}

/* ---- what is asked for ---- */

static int add_need(struct cg2_check *check, struct cg2_limits *limits, enum cg2_limit limit)
{
	struct check_need *grown = reallocarray(check->needs, check->n_needs + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	check->needs = grown;
	grown += check->n_needs++;
	*grown = (struct check_need){ .limit = limit, .value = CG2_MAX };
	if (cg2_limits_to_string(limits, limit, &grown->text) < 0)
		return -ENOMEM;
	cg2_limits_get(limits, limit, &grown->value);
	return 0;
}

/* These are a matter of headroom; the others of having the file at all. */
static bool has_headroom(enum cg2_limit limit)
{
	return limit == CG2_LIMIT_MEMORY_MAX || limit == CG2_LIMIT_SWAP_MAX ||
	       limit == CG2_LIMIT_TASKS_MAX || limit == CG2_LIMIT_CPU_MAX ||
	       limit == CG2_LIMIT_CPUSET_CPUS || limit == CG2_LIMIT_CPUSET_MEMS;
}

int check_read_needs(struct cg2_check *check, struct cg2_limits *limits, struct cg2_group *group)
{
	for (unsigned int i = 0; limits && i < N_LIMITS; i++) {
		const struct cg2_limit_info *info = &limit_row(i)->info;
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		struct check_need *need;
		int r;

		if (!limits_has(limits, (enum cg2_limit)i) || !info->file)
			continue;
		r = add_need(check, limits, (enum cg2_limit)i);
		if (r < 0)
			return r;
		need = &check->needs[check->n_needs - 1];
		if (has_headroom(need->limit) || check->n_levels == 1 ||
		    faccessat(group->fd, info->file, F_OK, 0) == 0)
			continue;
		limits_explain_missing(group, info->file, info->controller, need->text, &err);
		need->missing = take_ptr(&err.detail);
		need->missing_fix = take_ptr(&err.hint);
	}
	return 0;
}
