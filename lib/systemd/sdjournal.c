/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * systemd's journal, read from its newest entry backwards.
 */
#include "systemd/sdjournal.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

#include "base/cleanup.h"
#include "base/dynlib.h"
#include "systemd/journal.h"

/* A line that is longer is cut off. */
#define LINE_MAX_LEN 512

#define FUNCTIONS(_)                                                                      \
	_(sd_id128_get_boot)                                                              \
	_(sd_journal_add_match)                                                           \
	_(sd_journal_close)                                                               \
	_(sd_journal_enumerate_data)                                                      \
	_(sd_journal_get_data)                                                            \
	_(sd_journal_get_monotonic_usec)                                                  \
	_(sd_journal_get_realtime_usec)                                                   \
	_(sd_journal_flush_matches)                                                       \
	_(sd_journal_open)                                                                \
	_(sd_journal_previous)                                                            \
	_(sd_journal_restart_data)                                                        \
	_(sd_journal_seek_realtime_usec)                                                  \
	_(sd_journal_seek_tail)                                                           \
	_(sd_journal_set_data_threshold)

static struct {
#define MEMBER(name) __typeof__(name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} sd;

#define ROW(name) { #name, offsetof(__typeof__(sd), name) },
static const struct dynlib_function functions[] = { FUNCTIONS(ROW) };
#undef ROW

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;

static void load(void)
{
	library = dynlib_load("libsystemd.so.0", functions, ARRAY_SIZE(functions), &sd);
}

/* ---- the last lines of a unit ---- */

/* The journal, with nothing but what the unit's own processes wrote. NULL: not readable. */
static sd_journal *open_of(enum cg2_manager manager, const char *unit, const uint8_t *invocation)
{
	bool is_user = manager == CG2_MANAGER_USER;
	char match[512], *end = match;
	sd_journal *journal;

	pthread_once(&once, load);
	if (!library || sd.sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0)
		return NULL;
	snprintf(match, sizeof(match), "%s=%s", is_user ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT",
		 unit);
	sd.sd_journal_add_match(journal, match, 0);
	if (is_user) {
		snprintf(match, sizeof(match), "_UID=%u", (unsigned int)geteuid());
		sd.sd_journal_add_match(journal, match, 0);
	} else if (invocation) {
		/* Of a user's service the journal knows that of his manager only. */
		end += snprintf(match, sizeof(match), "_SYSTEMD_INVOCATION_ID=");
		for (size_t i = 0; i < 16; i++)
			end += snprintf(end, 3, "%02x", invocation[i]);
		sd.sd_journal_add_match(journal, match, 0);
	}
	if (sd.sd_journal_seek_tail(journal) < 0) {
		sd.sd_journal_close(journal);
		return NULL;
	}
	return journal;
}

/* The message of the current entry; NULL: it has none, or memory ran out. */
static char *read_line(sd_journal *journal)
{
	const size_t skip = strlen("MESSAGE=");
	const void *data;
	size_t len;

	if (sd.sd_journal_get_data(journal, "MESSAGE", &data, &len) < 0 || len < skip)
		return NULL;
	return strndup((const char *)data + skip, MIN(len - skip, LINE_MAX_LEN));
}

int journal_last_lines(enum cg2_manager manager, const char *unit, const uint8_t *invocation,
		       size_t n, char ***ret_lines)
{
	char **lines = calloc(n + 1, sizeof(char *));
	sd_journal *journal;
	size_t i = n;

	if (!lines)
		return -ENOMEM;
	journal = open_of(manager, unit, invocation);
	while (journal && i > 0 && sd.sd_journal_previous(journal) > 0) {
		char *line = read_line(journal);

		if (line)
			lines[--i] = line;
	}
	if (journal)
		sd.sd_journal_close(journal);
	memmove(lines, lines + i, (n - i + 1) * sizeof(char *));
	*ret_lines = lines;
	return 0;
}

/* ---- entries ---- */

struct sd_source {
	struct journal_source source; /* first */
	sd_journal *journal;
};

/* Takes a "FIELD=text" that somebody asks for. -ENOMEM. */
static int take_field(struct journal_entry *entry, const char *data, size_t len)
{
	const char *equals = memchr(data, '=', len);
	size_t name_len = equals ? (size_t)(equals - data) : 0;

	for (size_t i = 0; i < N_JOURNAL_FIELDS; i++) {
		const char *name = journal_field_name(i);

		if (strlen(name) != name_len || memcmp(name, data, name_len) != 0)
			continue;
		if (entry->fields[i])
			return 0;
		entry->fields[i] = strndup(equals + 1, MIN(len - name_len - 1, LINE_MAX_LEN));
		return entry->fields[i] ? 0 : -ENOMEM;
	}
	return 0;
}

/* 1: *ret_entry is the current one; 0: it is damaged or gone; -ENOMEM. */
static int read_entry(sd_journal *journal, struct journal_entry **ret_entry)
{
	struct journal_entry *entry = calloc(1, sizeof(*entry));
	const void *data;
	sd_id128_t boot;
	size_t len;
	int r = 0;

	if (!entry)
		return -ENOMEM;
	if (sd.sd_journal_get_realtime_usec(journal, &entry->real_usec) < 0 ||
	    sd.sd_journal_get_monotonic_usec(journal, &entry->monotonic_usec, &boot) < 0) {
		journal_entry_free(entry);
		return 0;
	}
	sd.sd_journal_restart_data(journal);
	while (r == 0 && sd.sd_journal_enumerate_data(journal, &data, &len) > 0)
		r = take_field(entry, data, len);
	if (r < 0) {
		journal_entry_free(entry);
		return r;
	}
	*ret_entry = entry;
	return 1;
}

static int prepare(sd_journal *journal, const struct journal_query *query)
{
	int r = 0;

	sd.sd_journal_flush_matches(journal);
	for (size_t i = 0; r >= 0 && i < JOURNAL_TERMS_MAX && query->terms[i]; i++)
		r = sd.sd_journal_add_match(journal, query->terms[i], 0);
	if (r < 0)
		return r;
	return query->until_usec == UINT64_MAX
		       ? sd.sd_journal_seek_tail(journal)
		       : sd.sd_journal_seek_realtime_usec(journal, query->until_usec + 1);
}

static int sd_read(struct journal_source *source, const struct journal_query *query,
		   journal_entry_fn fn, void *userdata)
{
	sd_journal *journal = ((struct sd_source *)source)->journal;
	struct journal_entry *entry;
	int r = prepare(journal, query), there;

	while (r >= 0 && !journal_is_exhausted(source)) {
		there = sd.sd_journal_previous(journal);
		if (there < 0)
			source->damage = there;
		if (there <= 0)
			break;
		r = read_entry(journal, &entry);
		if (r <= 0)
			continue;
		source->n_read++;
		if (entry->real_usec < query->since_usec) {
			journal_entry_free(entry);
			return 0;
		}
		r = fn(userdata, entry);
		if (r <= 0)
			break;
	}
	return MIN(r, 0);
}

static void sd_close(struct journal_source *source)
{
	sd.sd_journal_close(((struct sd_source *)source)->journal);
	free(source);
}

/* Whether there is an entry of that kind in what can be read. */
static bool has_entry(sd_journal *journal, const char *term)
{
	const struct journal_query query = { { term }, 0, UINT64_MAX };

	return prepare(journal, &query) >= 0 && sd.sd_journal_previous(journal) > 0;
}

int journal_open(struct journal_source **ret_source)
{
	struct sd_source *source;
	sd_id128_t boot = { .qwords = { 0, 0 } };
	int r;

	pthread_once(&once, load);
	if (!library)
		return -ENOENT;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	r = sd.sd_journal_open(&source->journal, SD_JOURNAL_LOCAL_ONLY);
	if (r < 0) {
		free(source);
		return r;
	}
	sd.sd_journal_set_data_threshold(source->journal, LINE_MAX_LEN + 64);
	sd.sd_id128_get_boot(&boot);
	for (size_t i = 0; i < sizeof(boot.bytes); i++)
		snprintf(source->source.boot + 2 * i, 3, "%02x", boot.bytes[i]);
	/* PID 1's messages are in nobody's file but the system's. */
	source->source.has_system = has_entry(source->journal, "_PID=1");
	source->source.has_any = source->source.has_system || has_entry(source->journal, NULL);
	source->source.read = sd_read;
	source->source.close = sd_close;
	*ret_source = &source->source;
	return 0;
}
