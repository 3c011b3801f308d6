/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entries of the journal, newest first: where they come from is behind a small struct, so that
 * tests feed them from recordings. sdjournal.c reads them from systemd's files.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* The fields that somebody asks for. */
#define JOURNAL_FIELDS(_)                                                                          \
	_(MESSAGE)                                                                                 \
	_(MESSAGE_ID)                                                                              \
	_(UNIT)                                                                                    \
	_(USER_UNIT)                                                                               \
	_(INVOCATION_ID)                                                                           \
	_(USER_INVOCATION_ID)                                                                      \
	_(JOB_ID)                                                                                  \
	_(JOB_TYPE)                                                                                \
	_(JOB_RESULT)                                                                              \
	_(EXIT_CODE)                                                                               \
	_(EXIT_STATUS)                                                                             \
	_(COMMAND)                                                                                 \
	_(UNIT_RESULT)                                                                             \
	_(EXECUTABLE)                                                                              \
	_(ERRNO)                                                                                   \
	_(N_RESTARTS)                                                                              \
	_(N_PROCESSES)                                                                             \
	_(COREDUMP_PID)                                                                            \
	_(COREDUMP_UNIT)                                                                           \
	_(COREDUMP_USER_UNIT)                                                                      \
	_(COREDUMP_EXE)                                                                            \
	_(COREDUMP_SIGNAL)                                                                         \
	_(_PID)                                                                                    \
	_(_UID)                                                                                    \
	_(_COMM)                                                                                   \
	_(_TRANSPORT)                                                                              \
	_(_BOOT_ID)                                                                                \
	_(_SYSTEMD_CGROUP)                                                                         \
	_(_SYSTEMD_UNIT)                                                                           \
	_(_SYSTEMD_USER_UNIT)                                                                      \
	_(_SYSTEMD_INVOCATION_ID)

enum journal_field {
#define JOURNAL_MEMBER(name) JOURNAL_##name,
	JOURNAL_FIELDS(JOURNAL_MEMBER)
#undef JOURNAL_MEMBER
		N_JOURNAL_FIELDS
};

struct journal_entry {
	char *fields[N_JOURNAL_FIELDS]; /* NULL: it has none */
	uint64_t real_usec;
	uint64_t monotonic_usec;
};

/* "MESSAGE_ID" */
const char *journal_field_name(enum journal_field field);

/* The field's text, "" without one. */
const char *journal_get(const struct journal_entry *entry, enum journal_field field);
bool journal_has(const struct journal_entry *entry, enum journal_field field, const char *text);

struct journal_entry *journal_entry_free(struct journal_entry *entry);

#define JOURNAL_TERMS_MAX 6

/* Entries that have all terms; of two with the same field one of them. */
struct journal_query {
	const char *terms[JOURNAL_TERMS_MAX]; /* "UNIT=a.service"; NULL ends them */
	uint64_t since_usec;		      /* CLOCK_REALTIME; 0: from the beginning */
	uint64_t until_usec;		      /* UINT64_MAX: to the end */
};

/*
 * Gets an entry, and owns it from then on. 1: the next one; 0: that was enough; -errno.
 */
typedef int (*journal_entry_fn)(void *userdata, struct journal_entry *entry);

struct journal_source {
	/* Newest first. */
	int (*read)(struct journal_source *source, const struct journal_query *query,
		    journal_entry_fn fn, void *userdata);
	void (*close)(struct journal_source *source);
	/* What the files that can be read have. */
	bool has_system; /* the system's messages, the kernel's among them */
	bool has_any;
	char boot[33];	 /* this boot's id */
	uint64_t n_read; /* entries that were handed out */
	int damage;	 /* -errno of what could not be read to its end, or 0 */
};

/* More are never handed out by one source; a question then is not answered to its end. */
#define JOURNAL_READ_MAX 65536

static inline bool journal_is_exhausted(const struct journal_source *source)
{
	return source->n_read >= JOURNAL_READ_MAX;
}

/* A list that grows. */
struct journal_list {
	struct journal_entry **entries;
	size_t n;
};

int journal_list_add(struct journal_list *list, struct journal_entry *entry);
void journal_list_clear(struct journal_list *list);

/*
 * Of this machine's journal; to be closed by its close(). -ENOENT: libsystemd is missing, -errno:
 * no journal can be opened.
 */
int journal_open(struct journal_source **ret_source) _must_check_;
