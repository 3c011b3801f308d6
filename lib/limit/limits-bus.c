/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits as properties of a systemd unit, for StartTransientUnit and SetUnitProperties.
 */
#include "limit/limit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "systemd/bus.h"
#include "systemd/unit.h"
#include "systemd/unit-name.h"

/* systemd counts CPU time per second: 1000000 is one CPU, 10000 permyriad. */
#define CPU_USEC_PER_PERMYRIAD 100

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
	return a > CG2_MAX - b ? CG2_MAX : a + b;
}

static int append_list(const struct cg2_limits *limits, const struct limit_row *row,
		       sd_bus_message *m)
{
	const uint8_t *bitmap = limits->list[row->info.limit];
	size_t n = LIST_BITS / 8;
	int r;

	while (n > 1 && bitmap[n - 1] == 0)
		n--;
	r = sdbus.sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "s", row->info.property);
	if (r >= 0)
		r = sdbus.sd_bus_message_open_container(m, 'v', "ay");
	if (r >= 0)
		r = sdbus.sd_bus_message_append_array(m, 'y', bitmap, n);
	if (r >= 0)
		r = sdbus.sd_bus_message_close_container(m);
	return r < 0 ? r : sdbus.sd_bus_message_close_container(m);
}

/* One property a key, each with one device: systemd adds them up. */
static int append_io(const struct cg2_limits *limits, sd_bus_message *m)
{
	for (size_t i = 0; i < limits->n_io; i++) {
		const struct io_limit *io = &limits->io[i];
		char device[48];

		snprintf(device, sizeof(device), "/dev/block/%u:%u", io->major, io->minor);
		for (size_t k = 0; k < N_IO_KEYS; k++) {
			int r;

			if (!(io->mask & 1U << k))
				continue;
			r = sdbus.sd_bus_message_append(m, "(sv)", io_keys[k].property, "a(st)", 1,
						  device, io->value[k]);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int limits_append(const struct cg2_limits *limits, enum cg2_limit limit,
		  const struct allowance *extra, sd_bus_message *m)
{
	const struct limit_row *row = limit_row(limit);
	const char *property = row->info.property;
	uint64_t value = limits->value[limit];

	if (!row->is_bus)
		return 0;
	switch ((enum cg2_unit)row->info.unit) {
	case CG2_UNIT_LIST:
		return append_list(limits, row, m);
	case CG2_UNIT_IO:
		return append_io(limits, m);
	case CG2_UNIT_PERMYRIAD:
		property = "CPUQuotaPerSecUSec";
		if (value != CG2_MAX)
			value *= CPU_USEC_PER_PERMYRIAD;
		break;
	case CG2_UNIT_BYTES:
		if (limit == CG2_LIMIT_MEMORY_MAX || limit == CG2_LIMIT_MEMORY_HIGH)
			value = add_saturated(value, extra->bytes);
		break;
	case CG2_UNIT_TASKS:
		value = add_saturated(value, extra->tasks);
		break;
	case CG2_UNIT_WEIGHT:
	case CG2_UNIT_BOOL:
	case CG2_UNIT_USEC:
		break;
	}
	return sdbus.sd_bus_message_append(m, "(sv)", property, "t", value);
}

int limit_read_told(const struct unit *unit, enum cg2_limit limit, uint64_t *ret_value)
{
	const struct limit_row *row = limit_row(limit);
	const char *property =
		limit == CG2_LIMIT_CPU_MAX ? "CPUQuotaPerSecUSec" : row->info.property;

	if (!row->is_bus || unit_get_number(unit, property, ret_value) <= 0)
		return 0;
	/* Not set is no weight, and not the greatest one. */
	if (row->info.unit == CG2_UNIT_WEIGHT && *ret_value == CG2_MAX)
		return 0;
	if (row->info.unit == CG2_UNIT_PERMYRIAD && *ret_value != CG2_MAX)
		*ret_value /= CPU_USEC_PER_PERMYRIAD;
	return 1;
}

int limits_check_manager(struct cg2_limits *limits, struct cg2_ctx *ctx,
			 enum cg2_manager manager, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *top = NULL;
	_cleanup_free_ char *path = unit_manager_path(manager);
	uint64_t have;
	int r = path ? cg2_group_open(ctx, *path ? path : "/", &top, NULL) : -ENOMEM;

	if (r < 0 || cg2_group_read_controllers(top, &have, NULL) < 0)
		return 0;
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		const struct cg2_limit_info *info = &limit_row(i)->info;
		_cleanup_free_ char *value = NULL;

		if (!limits_has(limits, (enum cg2_limit)i) || !info->controller ||
		    (have >> cg2_controller_from_string(info->controller) & 1))
			continue;
		if (cg2_limits_to_string(limits, (enum cg2_limit)i, &value) < 0)
			value = NULL;
		return limits_explain_missing(top, info->file, info->controller, value, reterr);
	}
	return 0;
}
