/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An explanation as an object: what it answers, and its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/copyout.h"
#include "cgroup/ctx.h"
#include "explain/explain-internal.h"

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
	explain_differences_free(e->differences, e->n_differences);
	explain_start_clear(&e->start);
	for (size_t i = 0; i < e->n_earlier; i++)
		explain_earlier_clear(&e->earlier[i]);
	free(e->earlier);
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

/* ---- the environment, the start ---- */

CG2_EXPORT int cg2_explanation_get_environment(struct cg2_explanation *explanation, size_t i,
					       struct cg2_environment *environment)
{
	const struct explain_difference *d = explanation->differences + i;
	struct cg2_environment full;

	if (i >= explanation->n_differences)
		return 0;
	full = (struct cg2_environment){
		.name = d->name,
		.unit = d->unit,
		.caller = d->caller,
		.advice = d->advice,
		.is_same = d->is_same,
	};
	return copy_out(environment, &environment->size, &full, sizeof(full));
}

static uint64_t known_or_max(uint64_t value)
{
	return is_known(value) ? value : CG2_MAX;
}

static int get_newest_start(const struct cg2_explanation *e, struct cg2_start *start)
{
	const struct explain_start *s = &e->start;
	const struct cg2_start full = {
		.begun_usec = s->begun_real_usec,
		.took_usec = s->to - s->from,
		.result = s->result,
		.alive_usec = s->alive_usec,
		.throttled_usec = known_or_max(s->throttled_usec),
		.cpu_stalled_usec = known_or_max(s->cpu_stalled_usec),
		.memory_stalled_usec = known_or_max(s->memory_stalled_usec),
		.io_stalled_usec = known_or_max(s->io_stalled_usec),
	};

	return copy_out(start, &start->size, &full, sizeof(full));
}

CG2_EXPORT int cg2_explanation_get_start(struct cg2_explanation *explanation, size_t i,
					 struct cg2_start *start)
{
	struct cg2_start full = { .throttled_usec = CG2_MAX,
				  .cpu_stalled_usec = CG2_MAX,
				  .memory_stalled_usec = CG2_MAX,
				  .io_stalled_usec = CG2_MAX };
	const struct explain_earlier *earlier;

	if (!explanation->start.result || i > explanation->n_earlier)
		return 0;
	if (i == 0)
		return get_newest_start(explanation, start);
	earlier = &explanation->earlier[i - 1];
	full.invocation = earlier->life->invocation[0] ? earlier->life->invocation : NULL;
	full.begun_usec = earlier->life->starting->real_usec;
	full.took_usec = earlier->to - earlier->from;
	full.result = earlier->life->started ? "started" : "failed";
	return copy_out(start, &start->size, &full, sizeof(full));
}

CG2_EXPORT int cg2_explanation_get_start_step(struct cg2_explanation *explanation, size_t start,
					      size_t i, struct cg2_start_step *step)
{
	const struct explain_step_time *steps = explanation->start.steps;
	size_t n = explanation->start.n_steps;
	uint64_t from = explanation->start.from;
	struct cg2_start_step full;

	if (start > explanation->n_earlier)
		return 0;
	if (start > 0) {
		steps = explanation->earlier[start - 1].steps;
		n = explanation->earlier[start - 1].n_steps;
		from = explanation->earlier[start - 1].from;
	}
	if (i >= n)
		return 0;
	full = (struct cg2_start_step){
		.kind = steps[i].kind,
		.what = steps[i].what,
		.at_usec = steps[i].from - from,
		.took_usec = steps[i].to - steps[i].from,
		.exit_code = steps[i].code,
		.exit_status = steps[i].status,
		.is_open = steps[i].is_open,
	};
	return copy_out(step, &step->size, &full, sizeof(full));
}
