/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions to a manager, whose answers come by and by.
 */
#include "watch/watch-unit-internal.h"

int watch_bus_call(struct watch_bus *b, sd_bus_message *m, sd_bus_slot **ret_slot,
		   sd_bus_message_handler_t fn, void *userdata)
{
	int r = sdbus.sd_bus_call_async(b->bus.bus, ret_slot, m, fn, userdata, UINT64_MAX);

	if (r < 0)
		return r;
	b->n_pending++;
	b->is_synced = false;
	return 0;
}

void watch_bus_answered(struct watch_bus *b, sd_bus_slot **slot)
{
	assert(*slot && b->n_pending > 0);
	*slot = sdbus.sd_bus_slot_unref(*slot);
	b->n_pending--;
	b->is_synced = b->n_pending == 0;
}
