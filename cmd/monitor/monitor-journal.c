/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event as an entry of the journal. OBJECT_SYSTEMD_UNIT (OBJECT_SYSTEMD_USER_UNIT) is what
 * "journalctl --unit" looks for in entries of root's (the user's) services about a unit, so
 * that a refusal is found with the other lines of the unit that was refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/monitor/failure.h"
#include "cmd/monitor/monitor.h"
#include "cmd/monitor/service.h"

/* As in syslog(3). */
static const char *priority_of(enum cg2_event_kind kind)
{
	static const char *const by_kind[] = {
		[CG2_EVENT_TASKS] = "4",  [CG2_EVENT_MEMORY] = "4", [CG2_EVENT_PRESSURE] = "4",
		[CG2_EVENT_REFUSED] = "3", [CG2_EVENT_OOM] = "3",    [CG2_EVENT_OOMD] = "3",
		[CG2_EVENT_FAILED] = "3",
	};

	return (size_t)kind < ARRAY_SIZE(by_kind) && by_kind[kind] ? by_kind[kind] : "6";
}

static bool is_unit(const char *name, size_t len)
{
	static const char *const suffixes[] = { ".service", ".scope", ".slice" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		const size_t n = strlen(suffixes[i]);

		if (len > n && memcmp(name + len - n, suffixes[i], n) == 0)
			return true;
	}
	return false;
}

/* The unit around the cgroup (or its name itself): the last component that is one. free(). */
static char *unit_of(const char *cgroup)
{
	const char *unit = NULL;
	size_t unit_len = 0;

	for (const char *pos = cgroup; pos && *pos;) {
		const size_t len = strcspn(pos, "/");

		if (is_unit(pos, len)) {
			unit = pos;
			unit_len = len;
		}
		pos += len + (pos[len] == '/');
	}
	return unit ? strndup(unit, unit_len) : NULL;
}

/* Below "user@UID.service" a unit is one of that user's manager. */
static bool is_of_user(const char *cgroup, const char *unit)
{
	return cgroup && strstr(cgroup, "/user@") && strncmp(unit, "user@", 5) != 0;
}

void monitor_log_event(const struct service *service, struct cg2_event *event,
		       const struct failure *failure, const char *message)
{
	const enum cg2_event_kind kind = cg2_event_get_kind(event);
	const char *cgroup = cg2_event_get_cgroup(event), *object = NULL;
	_cleanup_free_ char *unit = unit_of(cgroup ? cgroup : cg2_event_get_target(event));
	struct cg2_blame blame = { .size = sizeof(blame) };
	char value_text[MONITOR_NUMBER_MAX], limit_text[MONITOR_NUMBER_MAX];
	uint64_t value = 0, limit = 0;
	int has_value = cg2_event_get_value(event, &value);
	int has_limit = cg2_event_get_limit(event, &limit);
	bool has_blame = cg2_event_get_blame(event, &blame) > 0;

	if (unit && cgroup)
		object = is_of_user(cgroup, unit) ? "OBJECT_SYSTEMD_USER_UNIT"
						  : "OBJECT_SYSTEMD_UNIT";
	const struct service_field fields[] = {
		{ "MESSAGE", message },
		{ "PRIORITY", priority_of(kind) },
		{ "SYSLOG_IDENTIFIER", "cgscope" },
		{ "CGSCOPE_EVENT", cg2_event_kind_to_string(kind) },
		{ "CGSCOPE_TARGET", cg2_event_get_target(event) },
		{ "CGSCOPE_CGROUP", cgroup },
		{ "CGSCOPE_UNIT", unit },
		{ "CGSCOPE_VALUE", monitor_put_number(value_text, has_value, value) },
		{ "CGSCOPE_LIMIT", monitor_put_number(limit_text, has_limit, limit) },
		{ "CGSCOPE_RESULT", cg2_event_get_result(event) },
		{ "CGSCOPE_CAUSE", failure ? failure->cause : NULL },
		{ "CGSCOPE_REASON", failure ? failure->reason : NULL },
		{ "CGSCOPE_LIMIT_CGROUP", has_blame ? blame.cgroup : NULL },
		{ "CGSCOPE_LIMIT_FILE", has_blame ? blame.file : NULL },
		{ object ? object : "", object ? unit : NULL },
	};

	service_log(service, fields, ARRAY_SIZE(fields));
}
