/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a manager tells of a unit, as the rules want it.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "explain/explain-internal.h"
#include "systemd/unit-name.h"

/* Where systemd looks for a program without a path: never the unit's PATH. */
#define SEARCH_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

#define TEXT(member_, name_)                                                                       \
	{                                                                                          \
		offsetof(struct explain_unit, member_), name_                                      \
	}
#define NUMBER(member_, name_)                                                                     \
	{                                                                                          \
		offsetof(struct explain_unit, member_), name_                                      \
	}

static const struct {
	size_t offset;
	const char *name;
} texts[] = {
	TEXT(load_state, "LoadState"),
	TEXT(active_state, "ActiveState"),
	TEXT(result, "Result"),
	TEXT(type, "Type"),
	TEXT(fragment, "FragmentPath"),
	TEXT(user, "User"),
	TEXT(group, "Group"),
	TEXT(working_directory, "WorkingDirectory"),
	TEXT(tty_path, "TTYPath"),
	TEXT(pid_file, "PIDFile"),
	TEXT(bus_name, "BusName"),
	TEXT(protect_home, "ProtectHome"),
	TEXT(slice, "Slice"),
	TEXT(cgroup, "ControlGroup"),
	TEXT(status_text, "StatusText"),
}, numbers[] = {
	NUMBER(active_enter_usec, "ActiveEnterTimestamp"),
	NUMBER(inactive_enter_usec, "InactiveEnterTimestamp"),
	NUMBER(timeout_start_usec, "TimeoutStartUSec"),
	NUMBER(timeout_stop_usec, "TimeoutStopUSec"),
	NUMBER(job_timeout_usec, "JobTimeoutUSec"),
	NUMBER(runtime_max_usec, "RuntimeMaxUSec"),
	NUMBER(watchdog_usec, "WatchdogUSec"),
	NUMBER(start_interval_usec, "StartLimitIntervalUSec"),
	NUMBER(start_burst, "StartLimitBurst"),
	NUMBER(n_restarts, "NRestarts"),
	NUMBER(memory_max, "MemoryMax"),
	NUMBER(tasks_max, "TasksMax"),
};

static void fill_tables(struct explain_unit *about)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = unit_get_text(about->properties, texts[i].name);

		if (text && *text)
			memcpy((char *)about + texts[i].offset, &text, sizeof(text));
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		unit_get_number(about->properties, numbers[i].name,
				(void *)((char *)about + numbers[i].offset));
}

/* The one that was not met: of those that are triggers the last, if none was. */
static const struct unit_condition *unmet(const struct unit *unit, const char *property)
{
	const struct unit_condition *c, *trigger = NULL;

	for (size_t i = 0; (c = unit_get_condition(unit, property, i)); i++) {
		if (c->state >= 0)
			continue;
		if (!c->is_trigger)
			return c;
		trigger = c;
	}
	return trigger;
}

static char *condition_text(const struct unit *unit, const char *property)
{
	const struct unit_condition *c = unmet(unit, property);
	uint64_t is_met = 1;

	/* A unit that was forgotten since has no results; the only one it has must be it. */
	if (!c && !unit_get_condition(unit, property, 1))
		c = unit_get_condition(unit, property, 0);
	unit_get_number(unit,
			strcmp(property, "Conditions") == 0 ? "ConditionResult" : "AssertResult",
			&is_met);
	if (!c || is_met)
		return NULL;
	return text_format("%s=%s%s", c->name, c->is_negated ? "!" : "", c->parameter);
}

static const char *missing_file(const struct unit *unit)
{
	const char *file;

	for (size_t i = 0; (file = unit_get_item(unit, "EnvironmentFiles", i)); i++)
		if (file[0] != '-' && access(file, R_OK) < 0)
			return file;
	return NULL;
}

/* The value of a variable that the unit's own settings give it. */
static const char *environment_of(const struct unit *unit, const char *name)
{
	size_t len = strlen(name);
	const char *item;

	for (size_t i = 0; (item = unit_get_item(unit, "Environment", i)); i++)
		if (strncmp(item, name, len) == 0 && item[len] == '=')
			return item + len + 1;
	return NULL;
}

static bool is_unset(const struct unit *unit, const char *name)
{
	const char *item;

	for (size_t i = 0; (item = unit_get_item(unit, "UnsetEnvironment", i)); i++)
		if (strcmp(item, name) == 0)
			return true;
	return false;
}

static void fill_process(struct explain_unit *about)
{
	uint64_t value;

	if (unit_get_number(about->properties, "ExecMainCode", &value))
		about->exit_code = (int)value;
	if (unit_get_number(about->properties, "ExecMainStatus", &value))
		about->exit_status = (int)value;
	if (unit_get_number(about->properties, "ExecMainPID", &value))
		about->pid = (pid_t)value;
}

static void fill_invocation(struct explain_unit *about)
{
	size_t n;
	const uint8_t *id = unit_get_bytes(about->properties, "InvocationID", &n);
	bool is_set = false;

	for (size_t i = 0; id && n == 16 && i < n; i++) {
		snprintf(about->invocation + 2 * i, 3, "%02x", id[i]);
		is_set = is_set || id[i];
	}
	if (!is_set)
		about->invocation[0] = '\0';
}

/* Settings by which the unit's files are not those that the caller sees. */
static bool has_mounts(const struct unit *unit)
{
	static const char *const flags[] = { "PrivateTmp", "PrivateDevices", "PrivateMounts" };
	const char *root = unit_get_text(unit, "RootDirectory");
	uint64_t value;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (unit_get_number(unit, flags[i], &value) && value)
			return true;
	return (root && *root) || unit_get_item(unit, "NoExecPaths", 0) ||
	       unit_get_item(unit, "InaccessiblePaths", 0);
}

static bool is_number(const char *text)
{
	return strspn(text, "0123456789") == strlen(text);
}

static void fill_user(struct explain_unit *about)
{
	struct passwd pw, *user = NULL;
	struct group gr, *group = NULL;
	char buf[4096];

	if (about->user && getpwnam_r(about->user, &pw, buf, sizeof(buf), &user) == 0 && user)
		about->user_uid = pw.pw_uid;
	about->is_user_unknown = about->user && !user && !is_number(about->user);
	if (about->group)
		getgrnam_r(about->group, &gr, buf, sizeof(buf), &group);
	about->is_group_unknown = about->group && !group && !is_number(about->group);
}

/* A manager has a slice of every name that it is asked for. */
static bool is_made_up(const struct explain_unit *about)
{
	return unit_name_is_of(about->name, ".slice") && !about->fragment &&
	       text_is(about->active_state, "inactive") && !about->invocation[0];
}

void explain_unit_fill(struct explain_unit *about, struct unit *properties)
{
	about->properties = properties;
	about->search_path = SEARCH_PATH;
	about->user_uid = about->uid;
	about->memory_max = about->tasks_max = UNKNOWN;
	if (!properties)
		return;
	fill_tables(about);
	fill_process(about);
	fill_invocation(about);
	fill_user(about);
	about->is_made_up = is_made_up(about);
	about->load_error = unit_get_item(properties, "LoadError", 1);
	if (about->load_error && !*about->load_error)
		about->load_error = NULL;
	about->condition = condition_text(properties, "Conditions");
	about->assertion = condition_text(properties, "Asserts");
	about->environment_file = missing_file(properties);
	about->path = environment_of(properties, "PATH");
	if (unit_get_item(properties, "ExecSearchPath", 0))
		about->search_path = unit_get_item(properties, "ExecSearchPath", 0);
	about->has_home = (about->manager == CG2_MANAGER_USER || about->user ||
			   environment_of(properties, "HOME")) &&
			  !is_unset(properties, "HOME");
	about->has_mounts = has_mounts(properties);
}

void explain_unit_clear(struct explain_unit *about)
{
	unit_free(about->properties);
	free(about->condition);
	free(about->assertion);
}

int explain_add_unread(struct cg2_explanation *e, const char *source, const char *hint,
		       const char *format, ...)
{
	struct explain_unread *grown = reallocarray(e->unread, e->n_unread + 1, sizeof(*grown));
	va_list args;

	if (!grown)
		return -ENOMEM;
	e->unread = grown;
	grown[e->n_unread] = (struct explain_unread){ source, NULL, hint ? strdup(hint) : NULL };
	va_start(args, format);
	grown[e->n_unread].why = text_vformat(format, args);
	va_end(args);
	if (!grown[e->n_unread].why || (hint && !grown[e->n_unread].hint)) {
		free(grown[e->n_unread].why);
		free(grown[e->n_unread].hint);
		return -ENOMEM;
	}
	e->n_unread++;
	return 0;
}
