/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the journal's entries of a unit to its lives: each has an invocation id, and a start that
 * came to nothing before there was one (a condition, a dependency) the number of its job.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/scan.h"
#include "explain/explain-internal.h"

#define EXEC_MAIN "ExecStart"

bool explain_is_managers(const struct journal_entry *entry, const struct explain_unit *about)
{
	char service[64];
	const char *cgroup = journal_get(entry, JOURNAL__SYSTEMD_CGROUP), *at;
	size_t len;

	if (!journal_has(entry, JOURNAL__TRANSPORT, "journal"))
		return false;
	if (about->manager != CG2_MANAGER_USER)
		return journal_has(entry, JOURNAL__PID, "1") &&
		       journal_has(entry, JOURNAL__UID, "0");
	len = (size_t)snprintf(service, sizeof(service), "/user@%u.service",
			       (unsigned int)about->uid);
	at = strstr(cgroup, service);
	/* The manager is in its unit's cgroup itself until it has moved below it. */
	return at && (at[len] == '\0' || strcmp(at + len, "/init.scope") == 0);
}

/* The users that DynamicUser= takes. */
#define DYNAMIC_UID_MIN 61184
#define DYNAMIC_UID_MAX 65519

bool explain_is_childs(const struct journal_entry *entry, const struct explain_unit *about)
{
	struct scan word = scan_of_string(journal_get(entry, JOURNAL__UID));
	uint64_t uid;

	/* Anybody can write the unit's name and invocation, but not somebody else's uid. */
	if (!journal_has(entry, JOURNAL__TRANSPORT, "journal") || scan_u64(&word, &uid) < 0)
		return false;
	return uid == 0 || uid == about->uid || uid == about->user_uid ||
	       (about->manager != CG2_MANAGER_USER && uid >= DYNAMIC_UID_MIN &&
		uid <= DYNAMIC_UID_MAX);
}

static const char *invocation_of(const struct journal_entry *entry)
{
	const char *own = journal_get(entry, JOURNAL_INVOCATION_ID);

	return *own ? own : journal_get(entry, JOURNAL_USER_INVOCATION_ID);
}

static bool is_of(const struct explain_life *life, const struct journal_entry *entry)
{
	const char *invocation = invocation_of(entry);

	if (*invocation)
		return strcmp(life->invocation, invocation) == 0;
	return life->job[0] && journal_has(entry, JOURNAL_JOB_ID, life->job);
}

/* A job without an invocation id is a life by itself only if it was one to start. */
static bool can_begin(const struct journal_entry *entry)
{
	return *invocation_of(entry) || (journal_has(entry, JOURNAL_JOB_TYPE, "start") &&
					 *journal_get(entry, JOURNAL_JOB_ID));
}

/* The newest is seen first, and stays. */
static void keep(const struct journal_entry **place, const struct journal_entry *entry)
{
	if (!*place)
		*place = entry;
}

/* The step that a child of the manager's failed at; what it said before has more to tell. */
static void take_exit(struct explain_life *life, const struct journal_entry *entry)
{
	if (journal_has(entry, JOURNAL_COMMAND, EXEC_MAIN))
		keep(&life->exited, entry);
	else
		keep(&life->control, entry);
}

#define AT(member) offsetof(struct explain_life, member)

static const struct {
	const char *id;
	size_t place;
} messages[] = {
	{ "7d4958e842da4a758f6c1cdc7b36dcc5", AT(starting) },
	{ "39f53479d3a045ac8e11786248231fbf", AT(started) },
	{ "be02cf6855d2428ba40df7e9d022f03d", AT(job_failed) },
	{ "de5b426a63be47a7b6ac3eaac82e2f6f", AT(stopping) },
	{ "9d1aaa27d60140bd96365438aad20286", AT(stopped) },
	{ "0e4284a0caca4bfc81c0bb6786972673", AT(skipped) },
	{ "7ad2d189f7e94e70a38c781354912448", AT(well) },
	{ "fe6faa94e7774663a0da52717891d8ef", AT(oom) },
	{ "d989611b15e44c9dbf31e3c81256e4ed", AT(oomd) },
	{ "5eb03494b6584870a536b337290809b3", AT(restart) },
};

#define MESSAGE_EXIT "98e322203f7a4ed290d09fe03c09fe15"
#define MESSAGE_FAILED "d9b373ed55a64feb8242e02dbe79a49c"
#define MESSAGE_SPAWN "641257651c1b4ec9a8624d7a40a9e1e7"

/* The start limit comes on top of what brought it about. */
static void take_failed(struct explain_life *life, const struct journal_entry *entry)
{
	if (!life->failed || journal_has(life->failed, JOURNAL_UNIT_RESULT, "start-limit-hit"))
		life->failed = entry;
}

void explain_life_take_childs(struct explain_life *life, const struct journal_entry *entry)
{
	if (journal_has(entry, JOURNAL_MESSAGE_ID, MESSAGE_SPAWN))
		keep(&life->spawn, entry);
	else if (explain_word_of(journal_get(entry, JOURNAL_MESSAGE)) == WORD_STEP)
		keep(&life->words[WORD_STEP], entry);
}

static void take_managers(struct explain_life *life, const struct journal_entry *entry)
{
	enum explain_word word = explain_word_of(journal_get(entry, JOURNAL_MESSAGE));

	if (journal_has(entry, JOURNAL_MESSAGE_ID, MESSAGE_EXIT)) {
		take_exit(life, entry);
		return;
	}
	/* In 252 the manager's child may still be in its cgroup. */
	explain_life_take_childs(life, entry);
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (journal_has(entry, JOURNAL_MESSAGE_ID, messages[i].id))
			keep((void *)((char *)life + messages[i].place), entry);
	if (journal_has(entry, JOURNAL_MESSAGE_ID, MESSAGE_FAILED))
		take_failed(life, entry);
	if (word == WORD_START_LIMIT)
		life->gave_up = true;
	if (word < WORD_STEP)
		keep(&life->words[word], entry);
}

static struct explain_life *find_life(struct explain_life *lives, size_t n,
				      const struct journal_entry *entry)
{
	for (size_t i = n; i > 0; i--)
		if (is_of(&lives[i - 1], entry))
			return &lives[i - 1];
	return NULL;
}

static struct explain_life *add_life(struct explain_life **lives, size_t *n,
				     const struct journal_entry *entry)
{
	struct explain_life *life;

	if ((*n & (*n - 1)) == 0) {
		struct explain_life *grown = reallocarray(*lives, *n ? 2 * *n : 1, sizeof(**lives));

		if (!grown)
			return NULL;
		*lives = grown;
	}
	life = &(*lives)[(*n)++];
	*life = (struct explain_life){ .last = entry };
	snprintf(life->invocation, sizeof(life->invocation), "%s", invocation_of(entry));
	if (!life->invocation[0])
		snprintf(life->job, sizeof(life->job), "%s", journal_get(entry, JOURNAL_JOB_ID));
	return life;
}

/* The last word of a life, whichever it was. */
static bool is_over(const struct explain_life *life)
{
	bool is_skipped = life->started && !life->invocation[0];

	return life->failed || life->well || life->stopped || life->job_failed || life->skipped ||
	       is_skipped;
}

/* A start that was given up says so with the id of the life before: what else it says is its own.
 */
int explain_lives_make(const struct journal_list *entries, const struct explain_unit *about,
		       struct explain_life **ret_lives, size_t *ret_n)
{
	struct explain_life *lives = NULL, *life;
	size_t n = 0;

	for (size_t i = 0; i < entries->n; i++) {
		const struct journal_entry *entry = entries->entries[i];
		bool is_managers = explain_is_managers(entry, about);

		life = find_life(lives, n, entry);
		if (!life && is_managers && can_begin(entry)) {
			life = add_life(&lives, &n, entry);
			if (!life) {
				free(lives);
				return -ENOMEM;
			}
		}
		if (!life)
			continue;
		life->first = entry;
		if (is_managers)
			take_managers(life, entry);
		else if (explain_is_childs(entry, about))
			explain_life_take_childs(life, entry);
	}
	for (size_t i = 0; i < n; i++)
		lives[i].is_over = is_over(&lives[i]) || i > 0;
	*ret_lives = lives;
	*ret_n = n;
	return 0;
}

void explain_life_settle(struct explain_life *newest, const struct explain_unit *about)
{
	const struct journal_entry *first = newest->first;
	const char *state = about->active_state;
	bool is_its = strcmp(about->invocation, newest->invocation) == 0;

	if (newest->is_over)
		return;
	/* It began after the manager was asked, as in a loop of restarts; a clock may be set. */
	if (state && !is_its && about->asked_usec < first->real_usec &&
	    about->asked_monotonic_usec < first->monotonic_usec)
		return;
	newest->is_over = !state || strcmp(state, "inactive") == 0 ||
			  strcmp(state, "failed") == 0 || (about->invocation[0] && !is_its);
}

/* ---- how it ended ---- */

static int code_of(const char *word)
{
	if (strcmp(word, "exited") == 0)
		return CLD_EXITED;
	if (strcmp(word, "killed") == 0)
		return CLD_KILLED;
	return strcmp(word, "dumped") == 0 ? CLD_DUMPED : 0;
}

int explain_life_exit(const struct explain_life *life, int *ret_status)
{
	const struct journal_entry *entry = life->exited ? life->exited : life->control;
	struct scan word = scan_of_string(journal_get(entry, JOURNAL_EXIT_STATUS));
	uint64_t status;

	if (!entry || scan_u64(&word, &status) < 0 || status > 255)
		return 0;
	*ret_status = (int)status;
	return code_of(journal_get(entry, JOURNAL_EXIT_CODE));
}
