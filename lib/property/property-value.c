/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The value of a property as a list of D-Bus values: what the parsers of its kind add to it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "property/property-kind.h"

static int add_atom(struct property *property, struct property_atom atom)
{
	struct property_atom *atoms =
		reallocarray(property->atoms, property->n_atoms + 1, sizeof(*atoms));

	if (!atoms)
		return -ENOMEM;
	property->atoms = atoms;
	atoms[property->n_atoms++] = atom;
	return 0;
}

int property_add_number(struct property *property, uint64_t number)
{
	return add_atom(property, (struct property_atom){ .number = number });
}

int property_add_data(struct property *property, const void *data, size_t size)
{
	/* Strings get their NUL, and no bytes are still not NULL. */
	_cleanup_free_ char *copy = calloc(1, size + 1);
	int r;

	if (!copy)
		return -ENOMEM;
	if (size > 0)
		memcpy(copy, data, size);
	r = add_atom(property, (struct property_atom){ .data = copy, .size = size });
	if (r == 0)
		copy = NULL;
	return r;
}

int property_add_text(struct property *property, const char *text)
{
	return property_add_data(property, text, strlen(text));
}

struct property *property_free(struct property *property)
{
	if (!property)
		return NULL;
	for (size_t i = 0; i < property->n_atoms; i++)
		free(property->atoms[i].data);
	free(property->atoms);
	free(property->assignment);
	free(property);
	return NULL;
}
