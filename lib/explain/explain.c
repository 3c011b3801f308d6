/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An explanation of one unit of one manager: read, decided, and answered.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/copyout.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "explain/explain-internal.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* ---- reading ---- */

/* Of what can be read, where it ends before its end, and where else the unit's lines are. */
static int note_gaps(struct explain_work *work, struct cg2_explanation *e)
{
	const char *other = unit_get_text(e->about.properties, "LogNamespace");
	_cleanup_free_ char *hint = NULL;
	int r = 0;

	if (work->journal && work->journal->damage < 0)
		r = explain_add_unread(e, "journal", "journalctl --verify",
				       "a part of the journal is damaged: %s",
				       strerror(-work->journal->damage));
	if (r < 0 || !other || !*other)
		return r;
	hint = text_format("journalctl --namespace=%s -u %s", other, e->name);
	return hint ? explain_add_unread(e, "journal", hint,
					 "what it printed is in the journal of LogNamespace=%s",
					 other)
		    : -ENOMEM;
}

static int note_journal(struct explain_work *work, struct cg2_explanation *e)
{
	const struct journal_source *journal = work->journal;
	char user[256];
	_cleanup_free_ char *hint =
		text_format("members of systemd-journal may: sudo usermod -aG systemd-journal %s",
			    bus_user_name(user, sizeof(user)));

	if (!hint)
		return -ENOMEM;
	if (!journal)
		return explain_add_unread(e, "journal", NULL, "there is no journal to be read");
	if (!journal->has_any)
		return explain_add_unread(e, "journal", bus_uid() ? hint : NULL,
					  "nothing in the journal that you may read");
	if (journal->has_system)
		return 0;
	return explain_add_unread(
		e, "journal",
		bus_uid() ? hint : "a file may be missing or damaged: journalctl --verify",
		e->about.manager == CG2_MANAGER_USER
			? "the kernel's lines, which name whose memory limit killed"
			: "the system's journal, with the kernel's lines");
}

/* Where its cgroup is, or would be: the manager forgets that with the end of the unit. */
static int find_cgroup(struct cg2_explanation *e)
{
	_cleanup_free_ char *slice = NULL;
	const char *name = e->about.slice;

	if (e->about.cgroup) {
		e->cgroup = strdup(e->about.cgroup);
		return e->cgroup ? 0 : -ENOMEM;
	}
	if (unit_name_is_of(e->name, ".slice"))
		return unit_slice_cgroup(e->about.manager, e->name, &e->cgroup);
	if (!name)
		name = e->about.manager == CG2_MANAGER_USER ? "app.slice" : "system.slice";
	if (unit_slice_cgroup(e->about.manager, name, &slice) < 0)
		return 0;
	e->cgroup = text_format("%s/%s", slice, e->name);
	return e->cgroup ? 0 : -ENOMEM;
}

static int read_properties(struct explain_work *work, struct cg2_explanation *e)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *why = NULL;
	struct unit *unit = NULL;
	int r;

	e->about.asked_usec = now_real_usec();
	e->about.asked_monotonic_usec = now_usec();
	r = work->bus ? unit_read(work->bus, e->name, true, ANSWER_CHECK_TIMEOUT_USEC, &unit,
				      &err)
			  : -ENOTCONN;

	explain_unit_fill(&e->about, unit);
	if (r == 0 || r == -ENOENT || !work->bus)
		return 0;
	return explain_add_unread(e, "properties", NULL, "its manager did not answer: %s",
				  cg2_error_format(&err, &why) == 0 ? why : strerror(-r));
}

/* Whether the unit's properties are about that life. */
static bool is_current(const struct cg2_explanation *e, const struct explain_life *life)
{
	if (!e->about.properties)
		return false;
	if (!life || (life->job[0] && life == e->lives))
		return true;
	return strcmp(life->invocation, e->about.invocation) == 0;
}

static int tell(struct explain_work *work, struct cg2_explanation *e, struct explain_life *life)
{
	struct explain_told *told;
	int r;

	if ((e->n_told & (e->n_told - 1)) == 0) {
		struct explain_told *grown =
			reallocarray(e->told, e->n_told ? 2 * e->n_told : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		e->told = grown;
	}
	told = &e->told[e->n_told++];
	*told = (struct explain_told){ .life = life, .is_current = is_current(e, life) };
	r = explain_read_life(work, e, told);
	return r < 0 ? r : explain_conclude(work, e, told);
}

static bool is_asked_for(const struct explain_work *work, const struct cg2_explanation *e, size_t i)
{
	const char *invocation = work->wish->invocation;

	if (invocation)
		return strcmp(e->lives[i].invocation, invocation) == 0;
	return e->lives[i].is_over;
}

static int tell_lives(struct explain_work *work, struct cg2_explanation *e)
{
	size_t wanted = MAX(work->wish->n_lives, 1);
	int r = 0;

	if (e->n_lives)
		explain_life_settle(&e->lives[0], &e->about);
	if (work->is_living)
		return tell(work, e, e->n_lives ? &e->lives[0] : NULL);
	for (size_t i = 0; r == 0 && i < e->n_lives && e->n_told < wanted; i++)
		if (is_asked_for(work, e, i))
			r = tell(work, e, &e->lives[i]);
	/* None has ended: the one that runs, or what the manager alone knows. */
	if (r == 0 && e->n_told == 0 && !work->wish->invocation)
		r = tell(work, e, e->n_lives ? &e->lives[0] : NULL);
	return r;
}

static int explanation_new(struct explain_work *work, enum cg2_manager manager, const char *target,
			   const char *name, pid_t pid, struct cg2_explanation **ret)
{
	_cleanup_(cg2_explanation_unrefp) struct cg2_explanation *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->n_ref = 1;
	e->ctx = cg2_ctx_ref(work->ctx);
	e->about.manager = manager;
	e->about.uid = manager == CG2_MANAGER_USER ? bus_uid() : 0;
	e->pid = pid;
	e->target = strdup(target);
	e->name = strdup(name);
	if (!e->target || !e->name)
		return -ENOMEM;
	e->about.name = e->name;
	e->has_kernel = work->journal && work->journal->has_system;
	e->has_journal = work->journal && (manager == CG2_MANAGER_USER ? work->journal->has_any
								       : work->journal->has_system);
	*ret = take_ptr(&e);
	return 0;
}

/* What is read for those who ask for it. */
static int read_more(struct explain_work *work, struct cg2_explanation *e)
{
	int r = 0;

	if (!e->about.properties)
		return 0;
	if (work->wish->has_environment)
		r = explain_read_environment(work, e);
	return r == 0 && work->wish->has_start ? explain_read_start(work, e) : r;
}

static int read_all(struct explain_work *work, struct cg2_explanation *e)
{
	int r = read_properties(work, e);

	if (r == 0)
		r = find_cgroup(e);
	/* A line of the kernel's is about it also when it has ended. */
	e->about.cgroup = e->cgroup;
	if (r == 0)
		r = explain_read_entries(work, e);
	if (r < 0 || ((!e->about.properties || e->about.is_made_up) && e->n_lives == 0))
		return r;
	explain_read_levels(e);
	r = read_more(work, e);
	if (r < 0)
		return r;
	r = note_journal(work, e);
	if (r == 0)
		r = tell_lives(work, e);
	if (r == 0)
		r = note_gaps(work, e);
	return r < 0 ? r : e->n_told > 0;
}

int explain_unit(struct explain_work *work, enum cg2_manager manager, const char *target,
		 const char *name, pid_t pid, struct cg2_explanation **ret,
		 struct cg2_error *reterr)
{
	_cleanup_(cg2_explanation_unrefp) struct cg2_explanation *e = NULL;
	int r = explanation_new(work, manager, target, name, pid, &e);

	if (r == 0)
		r = read_all(work, e);
	if (r < 0)
		return error_set(reterr, CG2_OP_READ, r, name, NULL);
	if (r > 0)
		*ret = take_ptr(&e);
	return r;
}
