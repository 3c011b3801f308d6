/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of a scope that a user gives as "NAME=VALUE" in the syntax of unit files:
 * from the words to the D-Bus message of StartTransientUnit or SetUnitProperties, and on
 * to the cgroup file that shows whether it was applied.
 *
 * What the limits of the library or the run itself set is refused here, so that nothing
 * is set twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/sdbus.h"

struct property;

/*
 * -EINVAL: not an assignment, not a property that a scope has or that may be given, or a
 * bad value; -ERANGE: a value out of range; -ENOMEM. ret: end it with property_free().
 */
int property_parse(const char *assignment, struct property **ret,
		   struct cg2_error *reterr) _nonnull_(1, 2) _must_check_;

/* Takes NULL, returns NULL. */
struct property *property_free(struct property *property);

static inline void property_freep(struct property **property)
{
	property_free(*property);
}

/* What is left and right of the "=", without the blanks around; the property owns them.
 */
const char *property_name(const struct property *property) _nonnull_(1);
const char *property_value(const struct property *property) _nonnull_(1);

/* The version of systemd that was the first to have it; 0: 252 or an older one. */
unsigned int property_since(const struct property *property) _nonnull_(1);

/*
 * Whether only a privileged manager can apply it, with BPF programs or firewall sets: a user's
 * manager takes it and does nothing.
 */
bool property_is_privileged(const struct property *property) _nonnull_(1);

/*
 * Adds the property to the open array a(sv) of m. It may be given more than once, as in a
 * unit file. Returns what sd-bus returns.
 */
int property_append(sd_bus_message *m, const struct property *property)
	_nonnull_(1, 2) _must_check_;

/* The file of the scope's cgroup that shows it; NULL if there is none. */
const char *property_file(const struct property *property) _nonnull_(1);

/* Another one, which may show it where the first does not; NULL if there is none. */
const char *property_other_file(const struct property *property) _nonnull_(1);

/*
 * Whether buf, read from one of them, shows the property: 1 it does, 0 it does not. A
 * percentage is taken to be shown by any limit, since only the manager knows of what.
 * -EBADMSG: the buffer does not have the file's shape; -EOPNOTSUPP: there is no file.
 */
int property_verify_value(const struct property *property, const char *buf, size_t len)
	_nonnull_(1, 2) _must_check_;

/*
 * What has to be written to property_file() where no manager does it. total_bytes is what
 * percentages are of. -EOPNOTSUPP: only a manager can apply it. ret_text: free with
 * free().
 */
int property_file_text(const struct property *property, uint64_t total_bytes,
		       char **ret_text) _nonnull_(1, 3) _must_check_;

/* If it is the period of the CPU quota, with which that is written. 0: it is not. */
uint64_t property_cpu_period_usec(const struct property *property) _nonnull_(1);

/* Whether property_file_text() knows what to write. */
bool property_is_direct(const struct property *property) _nonnull_(1);

/*
 * Whether text is UTF-8, which is all that D-Bus takes, without control characters: a
 * line break would begin another line of the unit's file.
 */
bool property_is_line(const char *text);
