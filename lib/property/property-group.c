/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties in force: written where no manager is asked, and read back from the cgroup.
 */
#include "property/property-group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "systemd/bus.h"
#include "value/error.h"

int property_list_add(struct property_list *properties, const char *assignment,
		      struct cg2_error *reterr)
{
	_cleanup_(property_freep) struct property *property = NULL;
	struct property **grown;
	int r;

	r = property_parse(assignment, &property, reterr);
	if (r < 0)
		return r;
	grown = reallocarray(properties->list, properties->n + 1, sizeof(struct property *));
	if (!grown)
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, "-p", assignment);
	properties->list = grown;
	properties->list[properties->n++] = take_ptr(&property);
	return 0;
}

void property_list_clear(struct property_list *properties)
{
	for (size_t i = 0; i < properties->n; i++)
		property_free(properties->list[i]);
	free(properties->list);
	*properties = (struct property_list){ NULL, 0 };
}

uint64_t property_list_controllers(const struct property_list *properties)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < properties->n; i++) {
		const char *file = property_file(properties->list[i]);
		_cleanup_free_ char *name = file ? strndup(file, strcspn(file, ".")) : NULL;

		if (name)
			mask |= controller_bit(name);
	}
	return mask;
}

int property_write(const struct property *property, struct cg2_group *group,
		   struct cg2_error *reterr)
{
	_cleanup_free_ char *text = NULL;
	int r;

	r = property_file_text(property, limits_ram_bytes(), &text);
	if (r < 0)
		return error_set(reterr, CG2_OP_WRITE, r, property_name(property), NULL);
	r = cg2_group_write(group, property_file(property), text, reterr);
	if (r != -ENOENT)
		return r;
	cg2_error_clear(reterr);
	return 0;
}

/* 1: that file of the cgroup shows the property. ret_text: what it has, free with free(). */
static int shows(struct cg2_group *group, const struct property *property, const char *file,
		 char **ret_text)
{
	size_t len;
	int r;

	if (!file)
		return 0;
	r = cg2_group_read(group, file, ret_text, &len, NULL);
	return r < 0 ? r : property_verify_value(property, *ret_text, len);
}

int property_verify(const struct property *property, struct cg2_group *group,
		    struct cg2_error *reterr)
{
	const char *file = property_file(property), *value = property_value(property);
	_cleanup_free_ char *text = NULL, *other = NULL, *path = NULL;
	int r;

	if (!file)
		return 0;
	r = shows(group, property, file, &text);
	if (r > 0 || shows(group, property, property_other_file(property), &other) > 0)
		return 0;
	if (r == -ENOENT) {
		_cleanup_free_ char *controller = strndup(file, strcspn(file, "."));

		return limits_explain_missing(group, file, controller, value, reterr);
	}
	path = group_join(group, file);
	if (!text)
		return error_set(reterr, CG2_OP_READ, r, path, NULL);
	text[strcspn(text, "\n")] = '\0';
	return error_setf(reterr, CG2_OP_VERIFY, EBADE, path, value, "the kernel reports %s",
			  *text ? text : "nothing");
}

int property_check_privileged(const struct property *property, enum cg2_manager manager,
			      struct cg2_error *reterr)
{
	int r;

	if (bus_manager(manager) == CG2_MANAGER_SYSTEM || geteuid() == 0 ||
	    !property_is_privileged(property))
		return 0;
	r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, property_name(property),
		       property_value(property),
		       "a user manager has no right to enforce it, and would ignore it");
	error_advice(reterr, CG2_ADVICE_SYSTEM_MANAGER);
	return r;
}
