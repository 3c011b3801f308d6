/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a manager tells of a unit: its properties, read at once. They are what the manager was
 * told; what is in force is in the cgroup's files.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/bus.h"
#include "systemd/unit-structs.h"

/* A unit at one moment; nothing of the connection is needed any more. */
struct unit;

/*
 * Reads the properties of a unit. is_loading: its file is read if the manager does not have the
 * unit in memory, as for systemctl status; else such a unit is -ENOENT. A unit that has no file
 * either is -ENOENT too.
 */
int unit_read(struct bus *bus, const char *name, bool is_loading, uint64_t timeout_usec,
	      struct unit **ret_unit, struct cg2_error *reterr) _must_check_;

/* The same of the manager itself: DefaultTasksMax and the like. */
int unit_read_manager(struct bus *bus, uint64_t timeout_usec, struct unit **ret_unit,
		      struct cg2_error *reterr) _must_check_;

/* What is next in the message, a{sv}: of an answer to GetAll, or of PropertiesChanged. */
int unit_parse(sd_bus_message *m, struct unit **ret_unit) _must_check_;

struct unit *unit_free(struct unit *unit);

static inline void unit_freep(struct unit **unit)
{
	unit_free(*unit);
}

/* The name that the manager has for it, which is another one for an alias. */
const char *unit_get_id(const struct unit *unit);

/* A number or boolean: 1 and its value, 0 if the unit has no such property. */
int unit_get_number(const struct unit *unit, const char *property, uint64_t *ret_value);

/* A text, NULL if the unit has no such property; the unit owns it. */
const char *unit_get_text(const struct unit *unit, const char *property);

/* The i-th of a list of texts, such as DropInPaths; NULL after the last one. */
const char *unit_get_item(const struct unit *unit, const char *property, size_t i);

/* The i-th command of ExecStart and its like, NULL after the last one; the unit owns it. */
const struct unit_command *unit_get_command(const struct unit *unit, const char *property,
					    size_t i);

/* The same of Conditions and Asserts. */
const struct unit_condition *unit_get_condition(const struct unit *unit, const char *property,
						size_t i);

/* An array of bytes, such as AllowedCPUs: a bitmap. NULL and 0 if there is none. */
const uint8_t *unit_get_bytes(const struct unit *unit, const char *property, size_t *ret_size);
