/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the journal has of a unit: its manager's messages, and of one of its lives its own lines
 * and what the kernel and systemd-oomd said meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "explain/explain-internal.h"

/* Lives before the one that was asked for, which a restart may join to it. */
#define LIVES_BEFORE 12

/* Of one unit, unless all its lives are asked for. */
#define ENTRIES_MAX 4096

/* The kernel's lines, and lines of its own to look through for a reason. */
#define KERNEL_MAX 8192
#define OWN_MAX 32

/* How much later than the process an entry may come: journald reads several sockets. */
#define SLACK_USEC (1 * USEC_PER_SEC)

#define MESSAGE_CORE "MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1"
#define MESSAGE_CONFIG "c772d24e9a884cbeb9ea12625c306c01"
#define MESSAGE_SUPPRESSED "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e"

static bool is_users(const struct cg2_explanation *e)
{
	return e->about.manager == CG2_MANAGER_USER;
}

/* Terms of a query, with the texts that they are made of. */
struct terms {
	struct journal_query query;
	char texts[JOURNAL_TERMS_MAX][320];
	size_t n;
};

static void add_term(struct terms *t, const char *field, const char *value)
{
	snprintf(t->texts[t->n], sizeof(t->texts[t->n]), "%s=%s", field, value);
	t->query.terms[t->n] = t->texts[t->n];
	t->n++;
}

static void add_uid(struct terms *t, const struct cg2_explanation *e)
{
	char uid[24];

	snprintf(uid, sizeof(uid), "%u", (unsigned int)e->about.uid);
	add_term(t, "_UID", uid);
}

/* ---- the manager's messages ---- */

struct collector {
	struct journal_list *list;
	size_t max;
	/* Of the manager's messages: how many lives were begun. */
	const char *last;
	size_t n_lives;
	size_t max_lives;
};

static int collect(void *userdata, struct journal_entry *entry)
{
	struct collector *c = userdata;
	int r = journal_list_add(c->list, entry);

	return r < 0 ? r : c->list->n < c->max;
}

static const char *life_of(const struct journal_entry *entry)
{
	static const enum journal_field fields[] = { JOURNAL_INVOCATION_ID,
						     JOURNAL_USER_INVOCATION_ID, JOURNAL_JOB_ID };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (*journal_get(entry, fields[i]))
			return journal_get(entry, fields[i]);
	return NULL;
}

static int collect_lives(void *userdata, struct journal_entry *entry)
{
	struct collector *c = userdata;
	const char *life = life_of(entry);
	int r = journal_list_add(c->list, entry);

	if (r < 0)
		return r;
	if (life && (!c->last || strcmp(life, c->last) != 0)) {
		c->last = life;
		c->n_lives++;
	}
	return c->n_lives <= c->max_lives && c->list->n < c->max;
}

static void set_range(struct terms *t, const struct explain_work *work)
{
	t->query.since_usec = work->wish->since_usec;
	t->query.until_usec = work->wish->until_usec ? work->wish->until_usec : UINT64_MAX;
	if (t->query.since_usec == 0)
		add_term(t, "_BOOT_ID", work->journal->boot);
}

/* The newest message on the unit's file, if it is newer than its lives. */
static void find_config(struct cg2_explanation *e)
{
	for (size_t i = 0; i < e->entries.n; i++) {
		if (!journal_has(e->entries.entries[i], JOURNAL_MESSAGE_ID, MESSAGE_CONFIG) ||
		    !explain_is_managers(e->entries.entries[i], &e->about))
			continue;
		e->config = e->entries.entries[i];
		return;
	}
}

int explain_read_entries(struct explain_work *work, struct cg2_explanation *e)
{
	bool has_all = work->wish->n_lives == SIZE_MAX || work->wish->invocation;
	struct collector c = {
		.list = &e->entries,
		.max = has_all ? JOURNAL_READ_MAX : ENTRIES_MAX,
		.max_lives = has_all ? SIZE_MAX : MAX(work->wish->n_lives, 1) + LIVES_BEFORE,
	};
	struct terms t = { .n = 0 };
	int r;

	if (!work->journal)
		return 0;
	add_term(&t, is_users(e) ? "USER_UNIT" : "UNIT", e->name);
	if (is_users(e))
		add_uid(&t, e);
	set_range(&t, work);
	r = work->journal->read(work->journal, &t.query, collect_lives, &c);
	if (r < 0)
		return r;
	e->is_cut = journal_is_exhausted(work->journal);
	find_config(e);
	return explain_lives_make(&e->entries, &e->about, &e->lives, &e->n_lives);
}

/* ---- of one life ---- */

/* From a moment before its first entry to one after its last, or the next life's beginning. */
static void set_life_range(struct terms *t, const struct cg2_explanation *e,
			   const struct explain_life *life)
{
	/* The clock may have been set back meanwhile. */
	uint64_t first = MIN(life->first->real_usec, life->last->real_usec);
	uint64_t last = MAX(life->first->real_usec, life->last->real_usec);
	bool is_newest = life == e->lives;

	t->query.since_usec = first - MIN(first, SLACK_USEC);
	t->query.until_usec = last + 2 * SLACK_USEC;
	if (is_newest && !life->is_over)
		t->query.until_usec = UINT64_MAX;
	/* What another life has printed is not this one's. */
	if (!is_newest && life[-1].first->real_usec > first)
		t->query.until_usec = MIN(t->query.until_usec, life[-1].first->real_usec);
}

static int read_own(struct explain_work *work, struct cg2_explanation *e, struct explain_told *told)
{
	struct collector c = { .list = &told->own, .max = MAX(work->wish->n_lines, OWN_MAX) };
	struct terms t = { .n = 0 };

	add_term(&t, is_users(e) ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT", e->name);
	if (is_users(e))
		add_uid(&t, e);
	set_life_range(&t, e, told->life);
	return work->journal->read(work->journal, &t.query, collect, &c);
}

/* Nothing that the process said before it became the program. */
static int collect_printed(void *userdata, struct journal_entry *entry)
{
	if (!*journal_get(entry, JOURNAL_USER_INVOCATION_ID))
		return collect(userdata, entry);
	journal_entry_free(entry);
	return 1;
}

/*
 * In 252 what a user's service prints may be noted as its manager's, since the stream was opened
 * before the process was in the unit's cgroup: then it is known by the main process.
 */
static int read_main(struct explain_work *work, struct cg2_explanation *e,
		     struct explain_told *told)
{
	struct collector c = { .list = &told->own, .max = OWN_MAX };
	struct terms t = { .n = 0 };
	char pid[24];

	if (told->own.n > 0 || !is_users(e) || !told->is_current || e->about.pid == 0)
		return 0;
	snprintf(pid, sizeof(pid), "%d", (int)e->about.pid);
	add_term(&t, "_PID", pid);
	add_uid(&t, e);
	set_life_range(&t, e, told->life);
	return work->journal->read(work->journal, &t.query, collect_printed, &c);
}

/* The manager's child has the unit's cgroup, too, and what it says is no line of the program's. */
static int sort_own(struct explain_told *told)
{
	struct journal_list all = told->own;
	struct explain_life *life = told->life;
	int r = 0;

	told->own = (struct journal_list){ NULL, 0 };
	for (size_t i = 0; i < all.n; i++) {
		struct journal_entry *entry = all.entries[i];
		const char *id = journal_get(entry, JOURNAL__SYSTEMD_INVOCATION_ID);
		bool is_others = *id && life->invocation[0] && strcmp(id, life->invocation) != 0;
		bool is_childs = *journal_get(entry, JOURNAL_INVOCATION_ID) ||
				 *journal_get(entry, JOURNAL_USER_INVOCATION_ID);

		if (is_others || r < 0) {
			journal_entry_free(entry);
			continue;
		}
		if (is_childs)
			explain_life_take_childs(life, entry);
		r = journal_list_add(is_childs ? &told->steps : &told->own, entry);
	}
	free(all.entries);
	return r;
}

/* ---- the kernel ---- */

struct kernel_filter {
	struct journal_list *list;
	const struct cg2_explanation *e;
	const struct explain_told *told;
	size_t n_seen;
};

static bool is_within(const struct cg2_explanation *e, const struct kernel_text *cgroup)
{
	return e->cgroup && kernel_text_is_within(cgroup, e->cgroup);
}

/* The processes of the unit whose numbers are known. */
static bool is_its_pid(const struct kernel_filter *f, pid_t pid)
{
	const struct journal_list *own = &f->told->own;

	if (pid == f->e->pid || (f->told->is_current && pid == f->e->about.pid))
		return true;
	for (size_t i = 0; i < own->n; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%d", (int)pid);
		if (journal_has(own->entries[i], JOURNAL__PID, text))
			return true;
	}
	return false;
}

static bool is_wanted(const struct kernel_filter *f, const char *line)
{
	struct kernel_text cgroup;
	struct kernel_oom oom;
	uint64_t call;
	pid_t pid;

	if (kernel_line_oom(line, &oom))
		return is_within(f->e, &oom.victim) ||
		       explain_is_victim(&oom, f->e->pid, f->e->name);
	if (kernel_line_fork_rejected(line, &cgroup))
		return is_within(f->e, &cgroup);
	if (kernel_line_seccomp(line, &pid, &call) || kernel_line_fault(line, &pid) ||
	    kernel_line_killed(line, &pid))
		return is_its_pid(f, pid);
	return f->told->life && f->told->life->spawn &&
	       kernel_line_denied(line, journal_get(f->told->life->spawn, JOURNAL_EXECUTABLE));
}

static int collect_kernel(void *userdata, struct journal_entry *entry)
{
	struct kernel_filter *f = userdata;

	if (++f->n_seen > KERNEL_MAX) {
		journal_entry_free(entry);
		return 0;
	}
	if (is_wanted(f, journal_get(entry, JOURNAL_MESSAGE)))
		return journal_list_add(f->list, entry) < 0 ? -ENOMEM : 1;
	journal_entry_free(entry);
	return 1;
}

static int read_kernel(struct explain_work *work, struct cg2_explanation *e,
		       struct explain_told *told)
{
	struct kernel_filter f = { .list = &told->kernel, .e = e, .told = told };
	struct terms t = { .n = 0 };

	add_term(&t, "_TRANSPORT", "kernel");
	add_term(&t, "_TRANSPORT", "audit");
	set_life_range(&t, e, told->life);
	return work->journal->read(work->journal, &t.query, collect_kernel, &f);
}

/* ---- systemd-oomd, cores, what was lost ---- */

struct part_filter {
	struct journal_list *list;
	bool (*is_wanted)(const struct cg2_explanation *e, const struct journal_entry *entry);
	const struct cg2_explanation *e;
};

static int collect_part(void *userdata, struct journal_entry *entry)
{
	struct part_filter *f = userdata;

	if (f->is_wanted(f->e, entry))
		return journal_list_add(f->list, entry) < 0 ? -ENOMEM : 1;
	journal_entry_free(entry);
	return 1;
}

/* "Killed /a/b.slice due to ..." of the unit's cgroup or one above it. */
static bool is_kill_by_oomd(const struct cg2_explanation *e, const struct journal_entry *entry)
{
	const char *message = journal_get(entry, JOURNAL_MESSAGE), *path;
	size_t len;

	if (strncmp(message, "Killed /", strlen("Killed /")) != 0 || !e->cgroup)
		return false;
	path = message + strlen("Killed ");
	len = strcspn(path, " ");
	return strncmp(e->cgroup, path, len) == 0 && (e->cgroup[len] == '/' || !e->cgroup[len]);
}

/* What journald says of itself comes from nobody's socket. */
static bool is_suppression(const struct cg2_explanation *e, const struct journal_entry *entry)
{
	return journal_has(entry, JOURNAL__TRANSPORT, "driver") &&
	       strstr(journal_get(entry, JOURNAL_MESSAGE), e->name);
}

static bool is_of_coredump(const struct cg2_explanation *e _unused_,
			   const struct journal_entry *entry)
{
	static const char unit[] = "systemd-coredump";

	return strncmp(journal_get(entry, JOURNAL__SYSTEMD_UNIT), unit, strlen(unit)) == 0;
}

static int read_part(struct explain_work *work, struct cg2_explanation *e,
		     const struct explain_told *told, struct terms *t, struct part_filter *f)
{
	f->e = e;
	set_life_range(t, e, told->life);
	return work->journal->read(work->journal, &t->query, collect_part, f);
}

static int read_oomd(struct explain_work *work, struct cg2_explanation *e,
		     struct explain_told *told)
{
	struct part_filter f = { .list = &told->oomd, .is_wanted = is_kill_by_oomd };
	struct terms t = { .n = 0 };

	add_term(&t, "_SYSTEMD_UNIT", "systemd-oomd.service");
	return read_part(work, e, told, &t, &f);
}

static int read_core(struct explain_work *work, struct cg2_explanation *e,
		     struct explain_told *told)
{
	struct part_filter f = { .list = &told->core, .is_wanted = is_of_coredump };
	struct terms t = { .n = 0 };
	int r;

	t.query.terms[t.n++] = MESSAGE_CORE;
	add_term(&t, is_users(e) ? "COREDUMP_USER_UNIT" : "COREDUMP_UNIT", e->name);
	r = read_part(work, e, told, &t, &f);
	if (r == 0 && told->core.n > 0)
		told->life->core = told->core.entries[0];
	return r;
}

/* journald says so where it has thrown lines away. */
static int read_suppressed(struct explain_work *work, struct cg2_explanation *e,
			   const struct explain_told *told)
{
	struct journal_list list = { NULL, 0 };
	struct part_filter f = { .list = &list, .is_wanted = is_suppression };
	struct terms t = { .n = 0 };
	int r;

	t.query.terms[t.n++] = MESSAGE_SUPPRESSED;
	r = read_part(work, e, told, &t, &f);
	if (r == 0 && list.n > 0)
		r = explain_add_unread(e, "journal", "LogRateLimitIntervalSec=0 keeps all of them",
				       "lines that were not kept: %s",
				       journal_get(list.entries[0], JOURNAL_MESSAGE));
	journal_list_clear(&list);
	return r;
}

int explain_read_life(struct explain_work *work, struct cg2_explanation *e,
		      struct explain_told *told)
{
	int r;

	if (!work->journal || !told->life)
		return 0;
	r = read_own(work, e, told);
	if (r < 0)
		return r;
	told->has_own = e->has_journal;
	r = sort_own(told);
	if (r == 0)
		r = read_main(work, e, told);
	if (r == 0 && e->has_kernel)
		r = read_kernel(work, e, told);
	if (r == 0 && e->has_kernel)
		r = read_oomd(work, e, told);
	if (r == 0)
		r = read_core(work, e, told);
	if (r == 0)
		r = read_suppressed(work, e, told);
	return r;
}
