/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the words of a user to scopes. Short forms are for what cgscope made: a prefix or a pattern
 * that also caught other people's units would be a trap.
 */
#include "scope/scope.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/typo.h"
#include "cgroup/group.h"
#include "cgroup/thread.h"
#include "scope/dead-unit.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* More candidates than these do not help anybody. */
#define N_CANDIDATES 8

struct scope_list {
	struct cg2_scope **scopes; /* ended by NULL */
	size_t n;
};

static void list_clear(struct scope_list *list)
{
	cg2_scopes_free(list->scopes);
}

/* One that is there already is not added again. */
static int list_add(struct scope_list *list, struct cg2_scope *scope)
{
	struct cg2_scope **grown;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->scopes[i]->path, scope->path) == 0)
			return 0;
	grown = reallocarray(list->scopes, list->n + 2, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->scopes = grown;
	list->scopes[list->n++] = cg2_scope_ref(scope);
	list->scopes[list->n] = NULL;
	return 0;
}

/* ---- ways to name one ---- */

typedef bool (*match_fn)(const struct cg2_scope *scope, const char *word);

static bool is_exact(const struct cg2_scope *scope, const char *word)
{
	size_t len = strlen(word);

	if (*word == '/')
		return strcmp(scope->path, word) == 0;
	return strncmp(scope->name, word, len) == 0 &&
	       (!scope->name[len] || strcmp(scope->name + len, ".scope") == 0);
}

static bool is_prefix(const struct cg2_scope *scope, const char *word)
{
	return *word && strncmp(scope->name, word, strlen(word)) == 0;
}

/*
 * "go-*" is meant for names with and without their type. A backslash is part of a name, as for
 * systemctl: "\x2d".
 */
static bool is_pattern(const struct cg2_scope *scope, const char *word)
{
	_cleanup_free_ char *stem = NULL;
	const char *type = scope->is_unit ? unit_name_type(scope->name) : NULL;

	if (fnmatch(word, scope->name, FNM_NOESCAPE) == 0)
		return true;
	if (!type)
		return false;
	stem = strndup(scope->name, strlen(scope->name) - strlen(type));
	return stem && fnmatch(word, stem, FNM_NOESCAPE) == 0;
}

static bool is_glob(const char *word)
{
	return *word != '/' && strpbrk(word, "*?[") != NULL;
}

static int collect(struct cg2_scope **all, match_fn match, const char *word,
		   struct scope_list *list)
{
	int r = 0;

	for (size_t i = 0; r == 0 && all[i]; i++)
		if (match(all[i], word))
			r = list_add(list, all[i]);
	return r;
}

static int out_of_memory(const char *word, struct cg2_error *reterr)
{
	return error_set(reterr, CG2_OP_FIND, ENOMEM, word, NULL);
}

/* "a.scope, b.scope and 3 more" */
static char *name_candidates(const struct scope_list *list)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *names;

	if (!f)
		return NULL;
	for (size_t i = 0; i < list->n && i < N_CANDIDATES; i++) {
		/* Only the path tells apart what has one name under two managers. */
		bool is_twin = list->n > 1 && strcmp(list->scopes[0]->name,
						     list->scopes[1]->name) == 0;

		fprintf(f, "%s%s", i ? ", " : "",
			is_twin ? list->scopes[i]->path : list->scopes[i]->name);
	}
	if (list->n > N_CANDIDATES)
		fprintf(f, " and %zu more", list->n - N_CANDIDATES);
	return text_close(&text, &names) < 0 ? NULL : names;
}

static int ambiguous(const struct scope_list *list, const char *word, struct cg2_error *reterr)
{
	_cleanup_free_ char *names = name_candidates(list);
	int r = error_setf(reterr, CG2_OP_FIND, ENOTUNIQ, word, NULL, "it could be %s",
			   names ? names : "more than one");

	error_hint(reterr, is_glob(word) ? "name one scope"
				     : "give more of the name, or a pattern for all of them");
	return r;
}

/* ---- processes ---- */

/* The innermost scope that the cgroup is in; NULL: none. */
static struct cg2_scope *innermost(struct cg2_scope **all, const char *path)
{
	struct cg2_scope *found = NULL;

	for (size_t i = 0; all[i]; i++)
		if (path_is_within(path, all[i]->path) &&
		    (!found || strlen(all[i]->path) > strlen(found->path)))
			found = all[i];
	return found;
}

/* Where only names are taken the error says which one that would be: a PID may be a slip. */
static int take_pid(struct cg2_ctx *ctx, struct cg2_scope **all, const char *word, uint64_t pid,
		    uint64_t flags, struct scope_list *list, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = NULL;
	struct cg2_scope *scope;
	int r = thread_refuse(ctx, CG2_OP_FIND, (pid_t)pid, reterr);

	if (r == 0)
		r = group_path_of_pid(ctx, (pid_t)pid, &path, reterr);
	if (r < 0)
		return r;
	scope = innermost(all, path);
	if (!scope)
		return error_setf(reterr, CG2_OP_FIND, ENOENT, word, NULL,
				  "that process is in no scope of yours");
	if (flags & CG2_SCOPES_PID)
		return list_add(list, scope) < 0 ? out_of_memory(word, reterr) : 0;
	return error_setf(reterr, CG2_OP_FIND, ENOENT, word, NULL,
			  "no scope of yours has that name; the process of that PID is in %s",
			  scope->name);
}

static bool is_pid(const char *word, uint64_t *ret_pid)
{
	return cg2_u64_from_string(word, ret_pid) == 0 && *ret_pid > 0 && *ret_pid <= INT32_MAX;
}

/* ---- others' ---- */

/* A unit of somebody else's, which needs its full name. */
static int find_foreign(struct cg2_ctx *ctx, enum cg2_manager manager, const char *word,
			struct cg2_scope **ret_scope, struct cg2_error *reterr)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	struct cg2_group *group;
	struct stat st;
	int r;

	r = cg2_target_open(ctx, word, manager, &target, reterr);
	if (r < 0)
		return r;
	group = cg2_target_get_group(target);
	*ret_scope = scope_new(ctx, group->path);
	if (!*ret_scope)
		return out_of_memory(word, reterr);
	if (fstat(group->fd, &st) == 0)
		(*ret_scope)->owner = st.st_uid;
	mark_read(group->fd, ".", &(*ret_scope)->mark);
	(*ret_scope)->group = cg2_group_ref(group);
	dead_unit_adopt(*ret_scope);
	return 0;
}

/* A typo_name_fn. */
static const char *name_at(size_t i, const void *data)
{
	struct cg2_scope *const *all = data;

	return all[i] ? all[i]->name : NULL;
}

static int not_found(struct cg2_scope **all, const char *word, struct cg2_error *reterr)
{
	const char *nearest = typo_nearest(word, name_at, all);
	int r;

	r = error_setf(reterr, CG2_OP_FIND, ENOENT, word, NULL,
		       is_glob(word) ? "no scope of yours matches"
				     : "no scope of yours has that name");
	if (nearest)
		error_hint(reterr, "did you mean %s?", nearest);
	else
		error_hint(reterr, "see cgscope list; any other unit needs its full name, as in "
				   "cron.service");
	return r;
}

/* ---- who may be acted on ---- */

CG2_EXPORT int cg2_scope_holds_caller(struct cg2_scope *scope)
{
	_cleanup_free_ char *path = NULL;

	if (group_path_of_pid(scope->ctx, 0, &path, NULL) < 0)
		return 0;
	return strcmp(scope->path, "/") == 0 || path_is_within(path, scope->path);
}

static int guard(struct cg2_scope *scope, struct cg2_error *reterr)
{
	int r = 0;

	if (!scope_is_own(scope))
		r = error_setf(reterr, CG2_OP_FIND, EPERM, scope->name, NULL,
			       "it is not a scope of yours");
	else if (cg2_scope_holds_caller(scope))
		r = error_setf(reterr, CG2_OP_FIND, EPERM, scope->name, NULL,
			       "cgscope itself runs in it");
	error_advice(reterr, CG2_ADVICE_FORCE);
	return r;
}

static int resolve_one(struct cg2_ctx *ctx, enum cg2_manager manager, struct cg2_scope **all,
		       const char *word, uint64_t flags, struct scope_list *list,
		       struct cg2_error *reterr)
{
	_cleanup_(list_clear) struct scope_list found = { NULL, 0 };
	_cleanup_(cg2_scope_unrefp) struct cg2_scope *foreign = NULL;
	uint64_t pid;
	int r;

	r = collect(all, is_glob(word) ? is_pattern : is_exact, word, &found);
	if (r == 0 && found.n == 0 && !is_glob(word) && *word != '/')
		r = collect(all, is_prefix, word, &found);
	if (r < 0)
		return out_of_memory(word, reterr);
	if (found.n > 1 && (!is_glob(word) || flags & CG2_SCOPES_ONE))
		return ambiguous(&found, word, reterr);
	if (found.n == 0 && (*word == '/' || (unit_name_type(word) && !is_glob(word)))) {
		r = find_foreign(ctx, manager, word, &foreign, reterr);
		if (r == 0 && list_add(&found, foreign) < 0)
			r = out_of_memory(word, reterr);
	} else if (found.n == 0 && is_pid(word, &pid)) {
		r = take_pid(ctx, all, word, pid, flags, &found, reterr);
	} else if (found.n == 0) {
		r = not_found(all, word, reterr);
	}
	for (size_t i = 0; r == 0 && i < found.n; i++)
		if (list_add(list, found.scopes[i]) < 0)
			r = out_of_memory(word, reterr);
	return r;
}

/* Of words that may mean too much, none is taken: the user has to say more first. */
static bool spoils_all(int r)
{
	return r == -ENOTUNIQ || r == -ENOMEM;
}

CG2_EXPORT int cg2_scopes_resolve_each(struct cg2_ctx *ctx, enum cg2_manager manager,
				       const char *const words[], uint64_t flags,
				       cg2_missing_fn fn, void *userdata,
				       struct cg2_scope ***ret_scopes, struct cg2_error *err)
{
	_cleanup_(list_clear) struct scope_list list = { NULL, 0 };
	_cleanup_(cg2_scopes_freep) struct cg2_scope **all = NULL;
	int n_missing = 0, r;

	r = cg2_scopes_find(ctx, manager, NULL, 0, &all, err);
	for (size_t i = 0; r == 0 && words[i]; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error why = CG2_ERROR_INIT;

		r = resolve_one(ctx, manager, all, words[i], flags, &list, &why);
		if (r < 0 && fn && !spoils_all(r)) {
			fn(userdata, words[i], &why);
			n_missing++;
			r = 0;
		} else {
			cg2_error_move(err, &why);
		}
	}
	for (size_t i = 0; r == 0 && (flags & CG2_SCOPES_GUARD) && i < list.n; i++)
		r = guard(list.scopes[i], err);
	if (r < 0)
		return r;
	if (!list.scopes && !(list.scopes = calloc(1, sizeof(struct cg2_scope *))))
		return error_set(err, CG2_OP_FIND, ENOMEM, NULL, NULL);
	*ret_scopes = take_ptr(&list.scopes);
	return n_missing;
}

CG2_EXPORT int cg2_scopes_resolve(struct cg2_ctx *ctx, enum cg2_manager manager,
				  const char *const words[], uint64_t flags,
				  struct cg2_scope ***ret_scopes, struct cg2_error *err)
{
	return cg2_scopes_resolve_each(ctx, manager, words, flags, NULL, NULL, ret_scopes, err);
}
