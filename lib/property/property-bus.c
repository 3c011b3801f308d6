/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties on D-Bus: the atoms of a value, laid out as its signature says.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "property/property-kind.h"

/* More than the longest signature of a value. */
#define SIGNATURE_MAX 16

/* The property that is appended, and how many of its atoms are in the message. */
struct cursor {
	const struct property *property;
	size_t n_done;
};

static int append_basic(sd_bus_message *m, char type, const struct property_atom *atom)
{
	uint64_t number = atom->number;

	switch (type) {
	case SD_BUS_TYPE_BOOLEAN:
		return sdbus.sd_bus_message_append(m, "b", number != 0);
	case SD_BUS_TYPE_INT32:
		return sdbus.sd_bus_message_append(m, "i", (int32_t)number);
	case SD_BUS_TYPE_UINT16:
		return sdbus.sd_bus_message_append(m, "q", (uint16_t)number);
	case SD_BUS_TYPE_UINT32:
		return sdbus.sd_bus_message_append(m, "u", (uint32_t)number);
	case SD_BUS_TYPE_UINT64:
		return sdbus.sd_bus_message_append(m, "t", number);
	case SD_BUS_TYPE_STRING:
		return sdbus.sd_bus_message_append(m, "s", atom->data);
	}
	return -EINVAL;
}

/* The length of the first complete type of a signature. */
static size_t type_length(const char *signature)
{
	size_t depth = 0, i = 0;

	while (signature[i] == SD_BUS_TYPE_ARRAY)
		i++;
	do {
		depth += signature[i] == SD_BUS_TYPE_STRUCT_BEGIN;
		depth -= signature[i] == SD_BUS_TYPE_STRUCT_END;
		i++;
	} while (depth > 0 && signature[i]);
	return i;
}

static int append_type(sd_bus_message *m, const char *type, size_t len,
		       struct cursor *cursor);

/* Appends every type of a signature once; repeat: for as long as there are atoms. */
static int append_all(sd_bus_message *m, const char *signature, bool repeat,
		      struct cursor *cursor)
{
	int r = 0;

	do {
		if (repeat && cursor->n_done == cursor->property->n_atoms)
			return r;
		for (size_t i = 0, n; signature[i] && r >= 0; i += n) {
			n = type_length(signature + i);
			r = append_type(m, signature + i, n, cursor);
		}
	} while (repeat && r >= 0);
	return r;
}

static int append_container(sd_bus_message *m, char kind, const char *contents,
			    struct cursor *cursor)
{
	int r = sdbus.sd_bus_message_open_container(m, kind, contents);

	if (r >= 0)
		r = append_all(m, contents, kind == SD_BUS_TYPE_ARRAY, cursor);
	if (r >= 0)
		r = sdbus.sd_bus_message_close_container(m);
	return r;
}

static int append_type(sd_bus_message *m, const char *type, size_t len,
		       struct cursor *cursor)
{
	char contents[SIGNATURE_MAX] = "";
	const struct property_atom *atom;

	assert(len < sizeof(contents));
	switch (type[0]) {
	case SD_BUS_TYPE_STRUCT_BEGIN:
		memcpy(contents, type + 1, len - 2);
		return append_container(m, SD_BUS_TYPE_STRUCT, contents, cursor);
	case SD_BUS_TYPE_ARRAY:
		if (type[1] == SD_BUS_TYPE_BYTE)
			break;
		memcpy(contents, type + 1, len - 1);
		return append_container(m, SD_BUS_TYPE_ARRAY, contents, cursor);
	}
	assert(cursor->n_done < cursor->property->n_atoms);
	atom = &cursor->property->atoms[cursor->n_done++];
	if (type[0] == SD_BUS_TYPE_ARRAY)
		return sdbus.sd_bus_message_append_array(m, SD_BUS_TYPE_BYTE, atom->data,
						   atom->size);
	return append_basic(m, type[0], atom);
}

int property_append(sd_bus_message *m, const struct property *property)
{
	struct cursor cursor = { .property = property };
	int r = sdbus.sd_bus_message_open_container(m, SD_BUS_TYPE_STRUCT, "sv");

	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "s", property->bus_name);
	if (r >= 0)
		r = sdbus.sd_bus_message_open_container(m, SD_BUS_TYPE_VARIANT, property->type);
	if (r >= 0)
		r = append_type(m, property->type, strlen(property->type), &cursor);
	if (r >= 0)
		r = sdbus.sd_bus_message_close_container(m);
	if (r >= 0)
		r = sdbus.sd_bus_message_close_container(m);
	return r;
}
