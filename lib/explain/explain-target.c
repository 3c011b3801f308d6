/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what a user names to the units that it means: a name, a pattern, a cgroup's path, a process
 * that runs or has ended.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/thread.h"
#include "explain/explain-internal.h"
#include "systemd/unit-list.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/*
 * What a name without a type may stand for, the likeliest first. No slice: a manager makes one of
 * every name that it is asked for.
 */
static const char *const types[] = { ".scope", ".service" };

struct list {
	struct cg2_explanation **items; /* ended by NULL */
	size_t n;
};

static int list_add(struct list *list, struct cg2_explanation *e)
{
	struct cg2_explanation **grown = reallocarray(list->items, list->n + 2, sizeof(*grown));

	if (!grown) {
		cg2_explanation_unref(e);
		return -ENOMEM;
	}
	list->items = grown;
	grown[list->n++] = e;
	grown[list->n] = NULL;
	return 0;
}

/* ---- the managers ---- */

/* Of the word's, which may be of both. */
struct search {
	struct explain_work work;
	const char *target;
	const char *name; /* a unit or a pattern; NULL: none is known */
	pid_t pid;
	struct list list;
	struct cg2_error *reterr;
};

static bool is_pattern(const char *word)
{
	return word[strcspn(word, "*?[")] != '\0';
}

static int add_unit(struct search *s, enum cg2_manager manager, const char *name)
{
	struct cg2_explanation *e;
	int r = explain_unit(&s->work, manager, s->target, name, s->pid, &e, s->reterr);

	return r > 0 ? list_add(&s->list, e) : r;
}

static int add_matches(struct search *s, enum cg2_manager manager, const char *pattern)
{
	struct unit_names names = { NULL, 0 };
	int r = s->work.bus ? unit_list(s->work.bus, pattern, NULL, &names, s->reterr) : 0;

	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = add_unit(s, manager, names.names[i]);
	unit_names_free(names.names);
	return r;
}

/* By a name without a type, of the first type that there is. */
static int add_untyped(struct search *s, enum cg2_manager manager, const char *name)
{
	size_t before = s->list.n;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(types) && s->list.n == before; i++) {
		_cleanup_free_ char *unit = text_format("%s%s", name, types[i]);

		r = unit ? add_unit(s, manager, unit) : -ENOMEM;
	}
	return r;
}

static bool has_type(const char *name)
{
	static const char *const others[] = { ".target", ".timer", ".path", ".automount",
					      ".device" };
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		size_t n = strlen(others[i]);

		if (len > n && strcmp(name + len - n, others[i]) == 0)
			return true;
	}
	return unit_name_type(name);
}

static int ask(struct search *s, enum cg2_manager manager)
{
	if (is_pattern(s->name))
		return add_matches(s, manager, s->name);
	if (has_type(s->name))
		return add_unit(s, manager, s->name);
	return add_untyped(s, manager, s->name);
}

/* A manager that cannot be reached may have left something in the journal. */
static int search_manager(struct search *s, enum cg2_manager manager)
{
	struct bus bus = { .bus = NULL };
	int r = s->work.ctx->is_real_root ? bus_open(s->work.ctx, manager, &bus, NULL) : -ENOTCONN;

	s->work.bus = r < 0 ? NULL : &bus;
	r = ask(s, manager);
	if (s->work.bus)
		bus_close(&bus);
	s->work.bus = NULL;
	return r;
}

static int search_managers(struct search *s)
{
	enum cg2_manager wished = s->work.wish->manager;
	int r;

	if (wished != CG2_MANAGER_AUTO)
		return search_manager(s, wished);
	r = bus_uid() ? search_manager(s, CG2_MANAGER_USER) : 0;
	return r < 0 ? r : search_manager(s, CG2_MANAGER_SYSTEM);
}

/* ---- processes ---- */

struct trace {
	struct journal_entry *entry;
};

static int keep_first(void *userdata, struct journal_entry *entry)
{
	struct trace *trace = userdata;

	trace->entry = entry;
	return 0;
}

static int find_entry(struct search *s, const char *field, struct journal_entry **ret)
{
	char term[64], boot[48];
	struct journal_query query = { .terms = { term, boot }, .until_usec = UINT64_MAX };
	struct trace trace = { NULL };
	int r;

	if (!s->work.journal)
		return 0;
	snprintf(term, sizeof(term), "%s=%d", field, (int)s->pid);
	snprintf(boot, sizeof(boot), "_BOOT_ID=%s", s->work.journal->boot);
	query.since_usec = s->work.wish->since_usec;
	if (query.since_usec)
		query.terms[1] = NULL;
	r = s->work.journal->read(s->work.journal, &query, keep_first, &trace);
	*ret = trace.entry;
	return r;
}

/* The unit that an entry of the process names. */
static char *unit_of_entry(const struct journal_entry *entry, enum cg2_manager *ret_manager)
{
	static const struct {
		enum journal_field field;
		enum cg2_manager manager;
	} fields[] = {
		{ JOURNAL_COREDUMP_USER_UNIT, CG2_MANAGER_USER },
		{ JOURNAL_COREDUMP_UNIT, CG2_MANAGER_SYSTEM },
		{ JOURNAL_USER_UNIT, CG2_MANAGER_USER },
		{ JOURNAL_UNIT, CG2_MANAGER_SYSTEM },
		{ JOURNAL__SYSTEMD_USER_UNIT, CG2_MANAGER_USER },
		{ JOURNAL__SYSTEMD_UNIT, CG2_MANAGER_SYSTEM },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!*journal_get(entry, fields[i].field))
			continue;
		*ret_manager = fields[i].manager;
		return strdup(journal_get(entry, fields[i].field));
	}
	return NULL;
}

static char *invocation_of_entry(const struct journal_entry *entry)
{
	static const enum journal_field fields[] = { JOURNAL_INVOCATION_ID,
						     JOURNAL_USER_INVOCATION_ID,
						     JOURNAL__SYSTEMD_INVOCATION_ID };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (strlen(journal_get(entry, fields[i])) == 32)
			return strdup(journal_get(entry, fields[i]));
	return NULL;
}

/* The kernel's newest line that it killed that process: its cgroup is the unit's. */
struct kill_trace {
	pid_t pid;
	char *path;
	size_t n;
};

static int look_for_kill(void *userdata, struct journal_entry *entry)
{
	struct kill_trace *trace = userdata;
	struct kernel_oom oom;

	if (kernel_line_oom(journal_get(entry, JOURNAL_MESSAGE), &oom) && oom.pid == trace->pid)
		trace->path = strndup(oom.victim.start, oom.victim.len);
	journal_entry_free(entry);
	return !trace->path && ++trace->n < 8192;
}

static int find_killed(struct search *s, char **ret_unit, enum cg2_manager *ret_manager)
{
	struct kill_trace trace = { .pid = s->pid };
	char boot[48];
	const struct journal_query query = { { "_TRANSPORT=kernel", boot }, 0, UINT64_MAX };
	_cleanup_free_ char *path = NULL;
	struct unit_place place;
	int r;

	if (!s->work.journal)
		return 0;
	snprintf(boot, sizeof(boot), "_BOOT_ID=%s", s->work.journal->boot);
	r = s->work.journal->read(s->work.journal, &query, look_for_kill, &trace);
	path = trace.path;
	if (r < 0 || !path || !unit_place_of(path, &place))
		return r;
	*ret_manager = place.manager;
	*ret_unit = unit_place_name(&place);
	return *ret_unit ? 0 : -ENOMEM;
}

/* The life of a unit that the process belonged to; the newest of that number. */
static int search_dead(struct search *s)
{
	static const char *const fields[] = { "COREDUMP_PID", "_PID" };
	struct cg2_explain_wish wish = *s->work.wish;
	_cleanup_free_ char *unit = NULL, *invocation = NULL;
	struct journal_entry *entry = NULL;
	enum cg2_manager manager = CG2_MANAGER_SYSTEM;
	int r = 0;

	for (size_t i = 0; r == 0 && !entry && i < ARRAY_SIZE(fields); i++)
		r = find_entry(s, fields[i], &entry);
	if (r == 0 && entry) {
		unit = unit_of_entry(entry, &manager);
		invocation = invocation_of_entry(entry);
	}
	journal_entry_free(entry);
	if (r == 0 && !unit)
		r = find_killed(s, &unit, &manager);
	if (r < 0 || !unit)
		return r;
	wish.manager = manager;
	wish.invocation = invocation;
	s->work.wish = &wish;
	s->name = unit;
	r = search_manager(s, manager);
	if (r == 0 && s->list.n == 0 && invocation) {
		wish.invocation = NULL;
		r = search_manager(s, manager);
	}
	return r;
}

static int search_path(struct search *s, const char *path)
{
	_cleanup_free_ char *unit = NULL;
	struct unit_place place;

	if (!unit_place_of(path, &place))
		return error_setf(s->reterr, CG2_OP_OPEN, ENOENT, s->target, NULL,
				  "that cgroup belongs to no unit");
	unit = unit_place_name(&place);
	if (!unit)
		return -ENOMEM;
	/* Whoever owns a cgroup makes any names below it. */
	if (!unit_name_is_valid(unit))
		return error_setf(s->reterr, CG2_OP_OPEN, ENOENT, s->target, NULL,
				  "its cgroup '%s' has a name that no unit can have", unit);
	s->name = unit;
	return search_manager(s, place.manager);
}

static int search_process(struct search *s)
{
	_cleanup_free_ char *path = NULL;
	int r = thread_refuse(s->work.ctx, CG2_OP_OPEN, s->pid, s->reterr);

	if (r < 0)
		return r;
	if (group_path_of_pid(s->work.ctx, s->pid, &path, NULL) == 0) {
		s->work.is_living = true;
		return search_path(s, path);
	}
	return search_dead(s);
}

/* ---- all ---- */

static int not_found(const struct search *s)
{
	const char *unread = s->work.journal && s->work.journal->has_system
				     ? ""
				     : ", nor does what you may read of the journal";
	int r;

	if (s->pid)
		r = error_setf(s->reterr, CG2_OP_OPEN, ENOENT, s->target, NULL,
			       "there is no such process, and the journal%s has no word of one",
			       *unread ? " that you may read" : "");
	else if (unit_name_is_of(s->target, ".slice") && !is_pattern(s->target))
		r = error_setf(s->reterr, CG2_OP_OPEN, ENOENT, s->target, NULL,
			       "nothing is in that slice, and no file describes it; a manager "
			       "makes a slice of any name when a unit is put there");
	else if (is_pattern(s->target))
		r = error_setf(s->reterr, CG2_OP_OPEN, ENOENT, s->target, NULL, "no unit matches");
	else
		r = error_setf(s->reterr, CG2_OP_OPEN, ENOENT, s->target, NULL,
			       "no manager knows such a unit%s",
			       *unread ? unread : ", nor does the journal");
	if (!s->pid && !is_pattern(s->target))
		error_hint(s->reterr, "if its file is new: systemctl daemon-reload; "
				      "systemctl list-unit-files lists all that there are");
	return r;
}

static int search(struct search *s)
{
	uint64_t pid;

	if (cg2_u64_from_string(s->target, &pid) == 0 && pid > 0 && pid <= INT32_MAX) {
		s->pid = (pid_t)pid;
		return search_process(s);
	}
	if (s->target[0] == '/') {
		size_t len = strlen("/sys/fs/cgroup");
		bool is_file = strncmp(s->target, "/sys/fs/cgroup/", len + 1) == 0;

		return search_path(s, s->target + (is_file ? len : 0));
	}
	if (!is_pattern(s->target) && !unit_name_is_valid(s->target))
		return error_setf(
			s->reterr, CG2_OP_PARSE, EINVAL, NULL, s->target,
			"expected a unit, a pattern of units, a PID or the path of a cgroup");
	s->name = s->target;
	return search_managers(s);
}

CG2_EXPORT int cg2_explain(struct cg2_ctx *ctx, const char *target,
			   const struct cg2_explain_wish *wish, struct cg2_explanation ***ret_list,
			   struct cg2_error *err)
{
	struct cg2_explain_wish full = { .size = sizeof(full) };
	struct search s = { .target = target, .reterr = err };
	struct journal_source *journal = NULL;
	int r;

	if (wish)
		memcpy(&full, wish, MIN(wish->size, sizeof(full)));
	if (journal_open(&journal) < 0)
		journal = NULL;
	s.work = (struct explain_work){
		.explain = explain_unit, .ctx = ctx, .wish = &full, .journal = journal
	};
	r = search(&s);
	if (r == 0 && s.list.n == 0) {
		s.work.wish = &full;
		r = not_found(&s);
	}
	if (journal)
		journal->close(journal);
	if (r < 0) {
		cg2_explanations_free(s.list.items);
		return err && err->code == 0 ? error_set(err, CG2_OP_READ, r, target, NULL) : r;
	}
	*ret_list = s.list.items;
	return 0;
}
