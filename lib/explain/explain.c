/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An explanation of one unit of one manager: read, decided, and answered.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/copyout.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "explain/explain-internal.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* ---- reading ---- */

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
		e, "journal", hint,
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
	int r = work->bus ? unit_read(work->bus, e->name, true, ANSWER_CHECK_TIMEOUT_USEC, &unit,
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

/* A unit that ended well in a user's manager has no word of its end: the manager knows. */
static void settle_newest(struct cg2_explanation *e)
{
	const char *state = e->about.active_state;

	if (e->n_lives == 0 || e->lives[0].is_over)
		return;
	e->lives[0].is_over = !state || strcmp(state, "inactive") == 0 ||
			      strcmp(state, "failed") == 0 ||
			      (e->about.invocation[0] &&
			       strcmp(e->about.invocation, e->lives[0].invocation) != 0);
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

	settle_newest(e);
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

static int read_all(struct explain_work *work, struct cg2_explanation *e)
{
	int r = read_properties(work, e);

	if (r == 0)
		r = find_cgroup(e);
	if (r == 0)
		r = explain_read_entries(work, e);
	if (r < 0 || ((!e->about.properties || e->about.is_made_up) && e->n_lives == 0))
		return r;
	explain_read_levels(e);
	r = note_journal(work, e);
	if (r == 0)
		r = tell_lives(work, e);
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

/* ---- the object ---- */

CG2_EXPORT struct cg2_explanation *cg2_explanation_ref(struct cg2_explanation *explanation)
{
	if (explanation)
		explanation->n_ref++;
	return explanation;
}

static void told_clear(struct explain_told *told)
{
	for (size_t i = 0; i < told->n_answers; i++)
		explain_answer_clear(&told->answers[i]);
	free(told->answers);
	journal_list_clear(&told->own);
	journal_list_clear(&told->steps);
	journal_list_clear(&told->kernel);
	journal_list_clear(&told->oomd);
	journal_list_clear(&told->core);
	free(told->program);
	free(told->what);
	free(told->elsewhere);
}

CG2_EXPORT struct cg2_explanation *cg2_explanation_unref(struct cg2_explanation *explanation)
{
	struct cg2_explanation *e = explanation;

	if (!e || --e->n_ref > 0)
		return NULL;
	for (size_t i = 0; i < e->n_told; i++)
		told_clear(&e->told[i]);
	for (size_t i = 0; i < e->n_levels; i++)
		free(e->levels[i].path);
	for (size_t i = 0; i < e->n_unread; i++) {
		free(e->unread[i].why);
		free(e->unread[i].hint);
	}
	cg2_explanation_unref(e->need);
	explain_unit_clear(&e->about);
	journal_list_clear(&e->entries);
	cg2_ctx_unref(e->ctx);
	free(e->told);
	free(e->levels);
	free(e->unread);
	free(e->lives);
	free(e->target);
	free(e->cgroup);
	free(e->name);
	free(e);
	return NULL;
}

CG2_EXPORT void cg2_explanations_free(struct cg2_explanation **list)
{
	for (size_t i = 0; list && list[i]; i++)
		cg2_explanation_unref(list[i]);
	free(list);
}

/* ---- getters ---- */

CG2_EXPORT void cg2_explanation_get(struct cg2_explanation *explanation,
				    struct cg2_explained *explained)
{
	const struct explain_unit *about = &explanation->about;
	bool runs =
		text_is(about->active_state, "active") || text_is(about->active_state, "reloading");
	struct cg2_explained full = {
		.target = explanation->target,
		.unit = explanation->name,
		.manager = about->manager,
		.uid = about->manager == CG2_MANAGER_USER ? about->uid : CG2_MAX,
		.pid = explanation->pid,
		.state = about->active_state,
		.result = about->result,
		.running_since_usec = runs ? about->active_enter_usec : 0,
		.is_cut = explanation->is_cut,
	};

	copy_out(explained, &explained->size, &full, sizeof(full));
}

static const struct explain_told *get_told(const struct cg2_explanation *e, size_t i)
{
	return i < e->n_told ? &e->told[i] : NULL;
}

/* When it was over; of a life that is, the last message on it, or what the manager knows. */
static uint64_t ended_usec(const struct cg2_explanation *e, const struct explain_told *told)
{
	const struct explain_life *life = told->life;
	const struct journal_entry *end = NULL;

	if (life)
		end = life->exited ? life->exited : life->failed ? life->failed : life->well;
	if (!end && life && life->is_over && life->last != life->first)
		end = life->last;
	if (!end && life && life->is_over && !told->is_current)
		end = life->last;
	if (end)
		return end->real_usec;
	if (life && !life->invocation[0])
		return life->last->real_usec;
	return told->is_current ? e->about.inactive_enter_usec : 0;
}

CG2_EXPORT int cg2_explanation_get_life(struct cg2_explanation *explanation, size_t i,
					struct cg2_life *life)
{
	const struct explain_told *told = get_told(explanation, i);
	const struct explain_life *l = told ? told->life : NULL;
	struct explain_facts facts = { .unit = &explanation->about, .life = l };
	const struct journal_entry *ended = l ? (l->exited ? l->exited : l->control) : NULL;
	struct cg2_life full = { .size = 0 };

	if (!told)
		return 0;
	facts.is_current = told->is_current;
	full.exit_code = explain_exit(&facts, &full.exit_status);
	if (full.exit_code == 0)
		full.exit_status = 0;
	full.invocation = l && l->invocation[0] ? l->invocation : NULL;
	full.started_usec = l && l->first ? l->first->real_usec : 0;
	full.ended_usec = ended_usec(explanation, told);
	full.restarts = told->n_starts;
	full.restarts_usec = told->starts_usec;
	full.gave_up = l && l->gave_up;
	full.command = ended ? journal_get(ended, JOURNAL_COMMAND) : NULL;
	full.path = told->program;
	full.what = told->what;
	full.verdict = told->n_answers ? explain_rule(told->answers[0].cause)->verdict : "unknown";
	return copy_out(life, &life->size, &full, sizeof(full));
}

CG2_EXPORT int cg2_explanation_get_cause(struct cg2_explanation *explanation, size_t life, size_t i,
					 struct cg2_cause *cause)
{
	const struct explain_told *told = get_told(explanation, life);
	struct cg2_cause full;

	if (!told || i >= told->n_answers)
		return 0;
	full = (struct cg2_cause){
		.id = explain_rule(told->answers[i].cause)->info.id,
		.certainty = told->answers[i].certainty,
		.reason = told->answers[i].reason,
		.hint = told->answers[i].hint,
	};
	return copy_out(cause, &cause->size, &full, sizeof(full));
}

CG2_EXPORT int cg2_explanation_get_blame(struct cg2_explanation *explanation, size_t life,
					 struct cg2_blame *blame)
{
	const struct explain_told *told = get_told(explanation, life);
	const struct explain_answer *a = told && told->n_answers ? told->answers : NULL;
	struct cg2_blame full;

	if (!a || !a->limit_file)
		return 0;
	full = (struct cg2_blame){
		.cgroup = a->limit_cgroup,
		.file = a->limit_file,
		.limit = is_limit(a->limit) ? a->limit : CG2_MAX,
		.is_own = a->is_own,
		.is_certain = a->certainty == CG2_CERTAINTY_CERTAIN,
	};
	return copy_out(blame, &blame->size, &full, sizeof(full));
}

/* The i-th entry about a life, oldest first: those of its manager, then the others'. */
static const struct journal_entry *get_entry(const struct cg2_explanation *e,
					     const struct explain_told *told, size_t i,
					     const char **ret_source)
{
	const struct journal_list *rest[] = { &told->kernel, &told->oomd, &told->core };

	*ret_source = "journal";
	for (size_t k = e->entries.n; told->life && k > 0; k--) {
		const struct journal_entry *entry = e->entries.entries[k - 1];
		const char *id = journal_get(entry, JOURNAL_INVOCATION_ID);

		if (!*id)
			id = journal_get(entry, JOURNAL_USER_INVOCATION_ID);
		if (*id ? strcmp(id, told->life->invocation) != 0
			: !told->life->job[0] ||
				    !journal_has(entry, JOURNAL_JOB_ID, told->life->job))
			continue;
		if (i-- == 0)
			return entry;
	}
	for (size_t k = 0; k < ARRAY_SIZE(rest); k++) {
		if (i < rest[k]->n) {
			*ret_source = k == 0 ? "kernel" : "journal";
			return rest[k]->entries[rest[k]->n - 1 - i];
		}
		i -= rest[k]->n;
	}
	return NULL;
}

static bool is_cited(const struct explain_told *told, const struct journal_entry *entry)
{
	const struct explain_answer *a = told->n_answers ? told->answers : NULL;

	for (size_t i = 0; a && i < a->n_from; i++)
		if (a->from[i] == entry)
			return true;
	return false;
}

CG2_EXPORT int cg2_explanation_get_evidence(struct cg2_explanation *explanation, size_t life,
					    size_t i, struct cg2_evidence *evidence)
{
	const struct explain_told *told = get_told(explanation, life);
	const struct journal_entry *entry;
	const char *source, *id;
	struct cg2_evidence full;

	entry = told ? get_entry(explanation, told, i, &source) : NULL;
	if (!entry)
		return 0;
	id = journal_get(entry, JOURNAL_MESSAGE_ID);
	full = (struct cg2_evidence){
		.source = source,
		.time_usec = entry->real_usec,
		.text = journal_get(entry, JOURNAL_MESSAGE),
		.message_id = *id ? id : NULL,
		.is_cited = is_cited(told, entry),
	};
	return copy_out(evidence, &evidence->size, &full, sizeof(full));
}

CG2_EXPORT const char *cg2_explanation_get_line(struct cg2_explanation *explanation, size_t life,
						size_t i)
{
	const struct explain_told *told = get_told(explanation, life);

	/* The newest is first. */
	if (!told || i >= told->own.n)
		return NULL;
	return journal_get(told->own.entries[told->own.n - 1 - i], JOURNAL_MESSAGE);
}

CG2_EXPORT int cg2_explanation_get_unread(struct cg2_explanation *explanation, size_t i,
					  struct cg2_unread *unread)
{
	struct cg2_unread full;

	if (i >= explanation->n_unread)
		return 0;
	full = (struct cg2_unread){
		.source = explanation->unread[i].source,
		.why = explanation->unread[i].why,
		.hint = explanation->unread[i].hint,
	};
	return copy_out(unread, &unread->size, &full, sizeof(full));
}
