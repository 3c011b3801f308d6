/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last lines of a unit's journal.
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

/* A line that is longer is cut off. */
#define LINE_MAX_LEN 512

#define FUNCTIONS(_)                                                                      \
	_(sd_journal_add_match)                                                           \
	_(sd_journal_close)                                                               \
	_(sd_journal_get_data)                                                            \
	_(sd_journal_open)                                                                \
	_(sd_journal_previous)                                                            \
	_(sd_journal_seek_tail)

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
