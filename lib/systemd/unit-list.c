/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names of the units that a manager has in memory.
 */
#include "systemd/unit-list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "systemd/call.h"
#include "value/error.h"

void unit_names_free(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

int unit_names_add(struct unit_names *list, const char *name)
{
	char **grown = reallocarray(list->names, list->n + 2, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->names = grown;
	grown[list->n] = strdup(name);
	if (!grown[list->n])
		return -ENOMEM;
	grown[++list->n] = NULL;
	return 0;
}

/* ListUnitsByPatterns: a(ssssssouso), the name first. */
static int read_names(sd_bus_message *m, void *userdata)
{
	struct unit_names *list = userdata;
	const char *name;
	int r;

	r = sdbus.sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
	while (r >= 0 && (r = sdbus.sd_bus_message_enter_container(m, 'r', "ssssssouso")) > 0) {
		r = sdbus.sd_bus_message_read_basic(m, 's', &name);
		if (r >= 0)
			r = unit_names_add(list, name);
		if (r >= 0)
			r = sdbus.sd_bus_message_skip(m, "sssssouso");
		if (r >= 0)
			r = sdbus.sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : 0;
}

int unit_list(struct bus *bus, const char *pattern, const char *state, struct unit_names *list,
	      struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = call_new(bus, "ListUnitsByPatterns", &m);
	if (r >= 0)
		r = state ? sdbus.sd_bus_message_append(m, "asas", 1, state, 1, pattern)
			  : sdbus.sd_bus_message_append(m, "asas", 0, 1, pattern);
	if (r < 0)
		return error_set(reterr, CG2_OP_CALL, r, NULL, NULL);
	return call_send(bus, m, pattern, read_names, list, reterr);
}
