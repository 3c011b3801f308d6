/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a decision needs beside the journal: the program's file, the caller's PATH, the limits above
 * the unit, the units that it needs. Then the decision, and the words of its headline.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/group.h"
#include "evidence/chain.h"
#include "explain/explain-internal.h"
#include "explain/explain-words.h"
#include "systemd/deadline.h"

#define NEED_DEPTH_MAX 3
#define LEVELS_MAX 32

/* ---- the file ---- */

/* Whose rights count: User= of the unit, else its manager's. */
static void read_file_as(const struct cg2_explanation *e, struct explain_told *told)
{
	struct passwd pw, *found = NULL;
	gid_t groups[64];
	char buf[4096];
	int n = ARRAY_SIZE(groups);
	struct exec_user user = { .uid = e->about.user_uid, .groups = groups };

	if (getpwuid_r(user.uid, &pw, buf, sizeof(buf), &found) != 0)
		found = NULL;
	if (found && getgrouplist(pw.pw_name, pw.pw_gid, groups, &n) >= 0)
		user.n_groups = (size_t)n;
	exec_file_read(told->program, &user, &told->file);
}

static int read_file(const struct cg2_explanation *e, struct explain_told *told)
{
	const struct unit_command *command = unit_get_command(e->about.properties, "ExecStart", 0);
	const char *path = told->life ? journal_get(told->life->spawn, JOURNAL_EXECUTABLE) : "";

	if (!*path && command && told->is_current)
		path = command->path;
	if (!strchr(path, '/'))
		return 0;
	told->program = strdup(path);
	if (!told->program)
		return -ENOMEM;
	read_file_as(e, told);
	return 0;
}

/* ---- the caller's PATH ---- */

static bool is_program_in(const char *directory, size_t len, const char *name)
{
	_cleanup_free_ char *path = text_format("%.*s/%s", (int)len, directory, name);

	return len > 0 && path && access(path, X_OK) == 0;
}

static char *find_in_path(const char *name)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");

		if (is_program_in(path, len, name))
			return strndup(path, len);
		path += len + (path[len] == ':');
	}
	return NULL;
}

/* The program that was not found, by systemd or by a script. */
static void find_elsewhere(struct explain_told *told)
{
	const char *name = told->life ? journal_get(told->life->spawn, JOURNAL_EXECUTABLE) : "";
	char missing[EXEC_NAME_MAX];

	if (*name && !strchr(name, '/')) {
		told->elsewhere = find_in_path(name);
		return;
	}
	for (size_t i = 0; i < told->own.n && !told->elsewhere; i++)
		if (explain_missing_command(journal_get(told->own.entries[i], JOURNAL_MESSAGE),
					    missing))
			told->elsewhere = find_in_path(missing);
}

/* ---- limits ---- */

static int add_level(struct cg2_explanation *e, struct cg2_group *group, bool is_own)
{
	struct explain_level *grown = reallocarray(e->levels, e->n_levels + 1, sizeof(*grown));
	struct explain_level *level;

	if (!grown)
		return -ENOMEM;
	e->levels = grown;
	level = &grown[e->n_levels];
	*level = (struct explain_level){ strdup(group->path), chain_level(group, is_own) };
	if (!level->path)
		return -ENOMEM;
	e->n_levels++;
	level->counters.memory_max = group_peek_value(group, "memory.max");
	level->counters.pids_max = group_peek_value(group, "pids.max");
	level->counters.pids_local = group_peek_flat(group, "pids.events.local", "max");
	return 0;
}

void explain_read_levels(struct cg2_explanation *e)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_free_ char *path = e->cgroup ? strdup(e->cgroup) : NULL;
	char *slash;

	/* Its own may be gone; those above it are there. */
	while (path && *path && cg2_group_open(e->ctx, path, &group, NULL) < 0) {
		slash = strrchr(path, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
	for (size_t i = 0; group && i < LEVELS_MAX; i++) {
		if (group_is_real_root(group) ||
		    add_level(e, group, strcmp(group->path, e->cgroup) == 0) < 0 ||
		    group_step_up(&group, NULL) < 0)
			return;
	}
}

/* ---- what it needs ---- */

/* Whether a unit that is needed is in the way of the start. */
static bool has_failed(const struct unit *unit)
{
	const char *active = unit_get_text(unit, "ActiveState");
	const char *load = unit_get_text(unit, "LoadState");
	uint64_t is_met = 1;

	unit_get_number(unit, "AssertResult", &is_met);
	return text_is(active, "failed") || (load && strcmp(load, "loaded") != 0) ||
	       (text_is(active, "inactive") &&
		(!is_met ||
		 (unit_get_text(unit, "Result") &&
		  !text_is(unit_get_text(unit, "Result"), "success")) ||
		 !unit_get_text(unit, "Result")));
}

static bool is_in_the_way(struct explain_work *work, const char *name)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	int r = unit_read(work->bus, name, true, ANSWER_CHECK_TIMEOUT_USEC, &unit, NULL);

	return r == -ENOENT || (r == 0 && has_failed(unit));
}

static int explain_need(struct explain_work *work, struct cg2_explanation *e, const char *name)
{
	struct explain_work below = *work;
	struct cg2_explain_wish wish = { .size = sizeof(wish), .manager = e->about.manager };
	int r;

	below.wish = &wish;
	below.depth++;
	r = work->explain(&below, e->about.manager, name, name, 0, &e->need, NULL);
	return r == -ENOMEM ? r : 0;
}

static int find_need(struct explain_work *work, struct cg2_explanation *e)
{
	static const char *const kinds[] = { "Requires", "BindsTo", "Requisite" };
	const char *name, *found = NULL;

	if (!work->bus || work->depth >= NEED_DEPTH_MAX || e->need)
		return 0;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (size_t i = 0; (name = unit_get_item(e->about.properties, kinds[k], i)); i++) {
			if (!is_in_the_way(work, name))
				continue;
			e->n_needs++;
			found = found ? found : name;
		}
	}
	return found ? explain_need(work, e, found) : 0;
}

/* ---- the starts before it ---- */

static void count_starts(const struct cg2_explanation *e, struct explain_told *told)
{
	const struct explain_life *life = told->life, *end = e->lives + e->n_lives;
	const struct explain_life *oldest = life;

	if (!life)
		return;
	while (oldest + 1 < end && oldest[1].restart) {
		oldest++;
		told->n_starts++;
	}
	told->starts_usec =
		life->last->real_usec - MIN(life->last->real_usec, oldest->first->real_usec);
}

/* ---- the decision ---- */

static bool is_alive(const struct explain_unit *unit)
{
	return unit->active_state && strcmp(unit->active_state, "inactive") != 0 &&
	       strcmp(unit->active_state, "failed") != 0;
}

static struct explain_facts facts_of(const struct cg2_explanation *e,
				     const struct explain_told *told)
{
	const struct cg2_explanation *need = e->need;
	const struct explain_answer *why =
		need && need->n_told && need->told[0].n_answers ? need->told[0].answers : NULL;

	return (struct explain_facts){
		.unit = &e->about,
		.life = told->life,
		.n_starts = told->n_starts,
		.starts_usec = told->starts_usec,
		.is_current = told->is_current,
		.is_alive = is_alive(&e->about),
		.config = e->config,
		.own = told->has_own ? &told->own : NULL,
		.kernel = &told->kernel,
		.oomd = &told->oomd,
		.levels = e->levels,
		.n_levels = e->n_levels,
		.file = told->program ? &told->file : NULL,
		.elsewhere = told->elsewhere,
		.need = need ? need->name : NULL,
		.need_reason = why ? why->reason : NULL,
		.need_hint = why ? why->hint : NULL,
		.n_needs = e->n_needs,
		.has_journal = e->has_journal,
		.has_kernel = e->has_kernel,
		.pid = e->pid,
	};
}

/* "killed by SIGKILL", "did not start" */
static char *put_what(const struct explain_facts *f, enum explain_stage stage)
{
	static const char *const words[] = {
		[STAGE_NONE] = "ended",	     [STAGE_RUNNING] = "runs",
		[STAGE_SKIPPED] = "skipped", [STAGE_STOPPED] = "stopped",
		[STAGE_WELL] = "ended well", [STAGE_START] = "did not start",
		[STAGE_END] = "ended",	     [STAGE_UNKNOWN] = "unknown",
	};
	_cleanup_(text_discard) struct text text = { .f = NULL };
	int status = 0, code = explain_exit(f, &status);
	char *what = NULL;

	/* A command before or after the program itself: that never was up. */
	if (stage == STAGE_END && f->life && !f->life->exited && f->life->control &&
	    f->life->job_failed)
		stage = STAGE_START;
	if (stage != STAGE_END || code == 0)
		return strdup(words[stage]);
	if (!text_open(&text))
		return NULL;
	fputs(code == CLD_EXITED   ? "ended with "
	      : code == CLD_DUMPED ? "dumped core by "
				   : "killed by ",
	      text.f);
	explain_put_exit(text.f, code, status);
	return text_close(&text, &what) < 0 ? NULL : what;
}

static bool needs_another(const struct explain_told *told)
{
	return told->life && journal_has(told->life->job_failed, JOURNAL_JOB_RESULT, "dependency");
}

int explain_conclude(struct explain_work *work, struct cg2_explanation *e,
		     struct explain_told *told)
{
	struct explain_facts facts;
	int r = read_file(e, told);

	if (r == 0 && needs_another(told) && told->is_current)
		r = find_need(work, e);
	if (r < 0)
		return r;
	find_elsewhere(told);
	count_starts(e, told);
	facts = facts_of(e, told);
	if (told->file.program[0] && !told->elsewhere)
		told->elsewhere = find_in_path(told->file.program);
	facts.elsewhere = told->elsewhere;
	r = explain_decide(&facts, &told->answers, &told->n_answers);
	if (r < 0)
		return r;
	told->what = put_what(&facts, told->n_answers ? explain_rule(told->answers[0].cause)->stage
						      : STAGE_UNKNOWN);
	return told->what ? 0 : -ENOMEM;
}
