/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A unit's properties: GetUnit or LoadUnit of the manager, then Properties.GetAll of its object
 * for all its interfaces in one answer.
 */
#include "systemd/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "systemd/call.h"
#include "systemd/unit-structs.h"
#include "value/error.h"

#define MANAGER_NAME "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"

struct property {
	char *name;
	const char *signature; /* static; which member is set */
	uint64_t number;
	char *text;
	char **list; /* ended by NULL */
	uint8_t *bytes;
	size_t n_bytes;
	struct unit_command *commands;	   /* ended by one without a path */
	struct unit_condition *conditions; /* ended by one without a name */
};

struct unit {
	struct property *properties;
	size_t n;
};

static void property_clear(struct property *property)
{
	for (size_t i = 0; property->list && property->list[i]; i++)
		free(property->list[i]);
	free(property->list);
	free(property->name);
	free(property->text);
	free(property->bytes);
	unit_commands_free(property->commands);
	unit_conditions_free(property->conditions);
}

struct unit *unit_free(struct unit *unit)
{
	if (!unit)
		return NULL;
	for (size_t i = 0; i < unit->n; i++)
		property_clear(&unit->properties[i]);
	free(unit->properties);
	free(unit);
	return NULL;
}

/* ---- from a unit's name to its object ---- */

static int read_path(sd_bus_message *m, void *userdata)
{
	char **ret_path = userdata;
	const char *path;
	int r;

	r = sdbus.sd_bus_message_read(m, "o", &path);
	if (r < 0)
		return r;
	*ret_path = strdup(path);
	return *ret_path ? 0 : -ENOMEM;
}

static int get_object(struct bus *bus, const char *name, const char *method, uint64_t end_usec,
		      char **ret_path, struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = call_new(bus, method, &m);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "s", name);
	if (r < 0)
		return error_set(reterr, CG2_OP_CALL, r, name, NULL);
	return call_ask(bus, m, name, end_usec, read_path, ret_path, reterr);
}

/* ---- properties ---- */

typedef int (*value_fn)(sd_bus_message *m, struct property *property);

static int read_u64(sd_bus_message *m, struct property *property)
{
	return sdbus.sd_bus_message_read_basic(m, 't', &property->number);
}

static int read_u32(sd_bus_message *m, struct property *property)
{
	uint32_t value;
	int r = sdbus.sd_bus_message_read_basic(m, 'u', &value);

	property->number = value;
	return r;
}

static int read_i32(sd_bus_message *m, struct property *property)
{
	int32_t value;
	int r = sdbus.sd_bus_message_read_basic(m, 'i', &value);

	property->number = (uint64_t)value;
	return r;
}

static int read_boolean(sd_bus_message *m, struct property *property)
{
	int value, r = sdbus.sd_bus_message_read_basic(m, 'b', &value);

	property->number = value != 0;
	return r;
}

static int read_text(sd_bus_message *m, struct property *property)
{
	const char *text;
	int r = sdbus.sd_bus_message_read_basic(m, 's', &text);

	if (r < 0)
		return r;
	property->text = strdup(text);
	return property->text ? 0 : -ENOMEM;
}

static int read_list(sd_bus_message *m, struct property *property)
{
	return sdbus.sd_bus_message_read_strv(m, &property->list);
}

static int read_bytes(sd_bus_message *m, struct property *property)
{
	const void *bytes;
	int r = sdbus.sd_bus_message_read_array(m, 'y', &bytes, &property->n_bytes);

	if (r < 0 || property->n_bytes == 0)
		return r;
	property->bytes = malloc(property->n_bytes);
	if (!property->bytes)
		return -ENOMEM;
	memcpy(property->bytes, bytes, property->n_bytes);
	return 0;
}

static int read_pair(sd_bus_message *m, struct property *property)
{
	return unit_pair_read(m, &property->list);
}

static int read_files(sd_bus_message *m, struct property *property)
{
	return unit_files_read(m, &property->list);
}

static int read_commands(sd_bus_message *m, struct property *property)
{
	return unit_commands_read(m, &property->commands);
}

static int read_conditions(sd_bus_message *m, struct property *property)
{
	return unit_conditions_read(m, &property->conditions);
}

/* Types that somebody asks for; properties of others are passed over. */
static const struct {
	const char *signature;
	value_fn read;
} types[] = {
	{ "t", read_u64 }, { "u", read_u32 },	{ "b", read_boolean },
	{ "s", read_text }, { "as", read_list }, { "ay", read_bytes },
	{ "i", read_i32 },   { "(ss)", read_pair },	{ "a(sb)", read_files },
	{ "a(sasbttttuii)", read_commands },	{ "a(sbbsi)", read_conditions },
};

static int add_property(struct unit *unit, const char *name, struct property **ret_property)
{
	struct property *grown;

	/* Some hundred of them: in steps. */
	if (unit->n % 64 == 0) {
		grown = reallocarray(unit->properties, unit->n + 64, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		unit->properties = grown;
	}
	unit->properties[unit->n] = (struct property){ .name = strdup(name) };
	*ret_property = &unit->properties[unit->n++];
	return (*ret_property)->name ? 0 : -ENOMEM;
}

static int read_variant(sd_bus_message *m, struct unit *unit, const char *name)
{
	struct property *property;
	const char *signature;
	int r;

	r = sdbus.sd_bus_message_peek_type(m, NULL, &signature);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].signature, signature) != 0)
			continue;
		r = add_property(unit, name, &property);
		if (r == 0)
			r = sdbus.sd_bus_message_enter_container(m, 'v', types[i].signature);
		if (r < 0)
			return r;
		property->signature = types[i].signature;
		r = types[i].read(m, property);
		return r < 0 ? r : sdbus.sd_bus_message_exit_container(m);
	}
	return sdbus.sd_bus_message_skip(m, "v");
}

static int read_properties(sd_bus_message *m, void *userdata)
{
	struct unit *unit = userdata;
	const char *name;
	int r;

	r = sdbus.sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0) {
		r = sdbus.sd_bus_message_enter_container(m, 'e', "sv");
		if (r <= 0)
			break;
		r = sdbus.sd_bus_message_read_basic(m, 's', &name);
		if (r >= 0)
			r = read_variant(m, unit, name);
		if (r >= 0)
			r = sdbus.sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : 0;
}

int unit_parse(sd_bus_message *m, struct unit **ret_unit)
{
	_cleanup_(unit_freep) struct unit *unit = calloc(1, sizeof(*unit));
	int r = unit ? read_properties(m, unit) : -ENOMEM;

	if (r == 0)
		*ret_unit = take_ptr(&unit);
	return r;
}

static int read_object(struct bus *bus, const char *name, const char *path, uint64_t end_usec,
		       struct unit **ret_unit, struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_(unit_freep) struct unit *unit = calloc(1, sizeof(*unit));
	int r;

	if (!unit)
		return error_set(reterr, CG2_OP_CALL, ENOMEM, name, NULL);
	r = sdbus.sd_bus_message_new_method_call(bus->bus, &m, MANAGER_NAME, path,
					       "org.freedesktop.DBus.Properties", "GetAll");
	/* No interface in particular: all of them. */
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "s", "");
	if (r < 0)
		return error_set(reterr, CG2_OP_CALL, r, name, NULL);
	r = call_ask(bus, m, name, end_usec, read_properties, unit, reterr);
	if (r < 0)
		return r;
	*ret_unit = take_ptr(&unit);
	return 0;
}

int unit_read(struct bus *bus, const char *name, bool is_loading, uint64_t timeout_usec,
	      struct unit **ret_unit, struct cg2_error *reterr)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	_cleanup_free_ char *path = NULL;
	uint64_t end_usec = end_after(timeout_usec);
	const char *state;
	int r;

	r = get_object(bus, name, is_loading ? "LoadUnit" : "GetUnit", end_usec, &path, reterr);
	if (r == 0)
		r = read_object(bus, name, path, end_usec, &unit, reterr);
	if (r < 0)
		return r;
	state = unit_get_text(unit, "LoadState");
	if (state && strcmp(state, "not-found") == 0)
		return error_setf(reterr, CG2_OP_CALL, ENOENT, name, NULL, "there is no such unit");
	*ret_unit = take_ptr(&unit);
	return 0;
}

int unit_read_manager(struct bus *bus, uint64_t timeout_usec, struct unit **ret_unit,
		      struct cg2_error *reterr)
{
	return read_object(bus, MANAGER_NAME, MANAGER_PATH, end_after(timeout_usec), ret_unit,
			   reterr);
}

/* ---- getters ---- */

static const struct property *find(const struct unit *unit, const char *name)
{
	for (size_t i = 0; unit && i < unit->n; i++)
		if (strcmp(unit->properties[i].name, name) == 0)
			return &unit->properties[i];
	return NULL;
}

const char *unit_get_id(const struct unit *unit)
{
	return unit_get_text(unit, "Id");
}

int unit_get_number(const struct unit *unit, const char *property, uint64_t *ret_value)
{
	const struct property *found = find(unit, property);

	if (!found || !strchr("tubi", found->signature[0]))
		return 0;
	*ret_value = found->number;
	return 1;
}

const char *unit_get_text(const struct unit *unit, const char *property)
{
	const struct property *found = find(unit, property);

	return found ? found->text : NULL;
}

const char *unit_get_item(const struct unit *unit, const char *property, size_t i)
{
	const struct property *found = find(unit, property);

	if (!found || !found->list)
		return NULL;
	for (size_t n = 0; found->list[n]; n++)
		if (n == i)
			return found->list[n];
	return NULL;
}

const struct unit_command *unit_get_command(const struct unit *unit, const char *property,
					    size_t i)
{
	const struct property *found = find(unit, property);

	for (size_t n = 0; found && found->commands && found->commands[n].path; n++)
		if (n == i)
			return &found->commands[n];
	return NULL;
}

const struct unit_condition *unit_get_condition(const struct unit *unit, const char *property,
						size_t i)
{
	const struct property *found = find(unit, property);

	for (size_t n = 0; found && found->conditions && found->conditions[n].name; n++)
		if (n == i)
			return &found->conditions[n];
	return NULL;
}

const uint8_t *unit_get_bytes(const struct unit *unit, const char *property, size_t *ret_size)
{
	const struct property *found = find(unit, property);

	*ret_size = found ? found->n_bytes : 0;
	return found ? found->bytes : NULL;
}
