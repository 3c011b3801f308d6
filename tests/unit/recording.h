/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recorded journals as a source of entries, newest first: tests/unit/journal/README.md has their
 * form.
 */
#pragma once

#include "unit.h"

#include "base/scan.h"
#include "base/text.h"
#include "systemd/journal.h"

struct recording {
	struct journal_source source; /* first */
	struct journal_list entries;  /* oldest first */
};

/* When recorded entries were written, as good as any. */
#define RECORDED_USEC UINT64_C(1796012174000000)

static inline void put_field(struct journal_entry *entry, const struct scan *line)
{
	struct scan rest = *line, name = scan_until(&rest, '=');

	for (size_t i = 0; i < N_JOURNAL_FIELDS; i++) {
		if (!scan_is(&name, journal_field_name(i)))
			continue;
		free(entry->fields[i]);
		entry->fields[i] = strndup(rest.pos, scan_left(&rest));
		assert_non_null(entry->fields[i]);
	}
}

/* "A=b C=d" */
static inline void put_fields(struct journal_entry *entry, struct scan fields)
{
	while (!scan_done(&fields)) {
		struct scan field = scan_until(&fields, ' ');

		put_field(entry, &field);
	}
}

/* The entry that a line "+TIME" or "+TIME M" begins, or NULL. */
static inline struct journal_entry *begin_entry(struct scan line, const struct scan *manager)
{
	struct journal_entry *entry;
	uint64_t usec;

	if (!scan_char(&line, '+') || scan_u64(&line, &usec) < 0)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	assert_non_null(entry);
	entry->real_usec = RECORDED_USEC + usec;
	entry->monotonic_usec = usec;
	if (scan_is(&line, " M"))
		put_fields(entry, *manager);
	return entry;
}

static inline void parse_recording(struct recording *r, struct scan text)
{
	struct scan manager = scan_until(&text, '\n');
	struct journal_entry *entry = NULL;

	while (!scan_done(&text)) {
		struct scan line = scan_until(&text, '\n');
		struct journal_entry *next = begin_entry(line, &manager);

		if (next) {
			entry = next;
			assert_int_equal(journal_list_add(&r->entries, entry), 0);
		} else if (entry && !scan_done(&line)) {
			put_field(entry, &line);
		}
	}
}

/* ---- reading ---- */

static inline bool has_term(const struct journal_entry *entry, const char *term)
{
	for (size_t i = 0; i < N_JOURNAL_FIELDS; i++) {
		const char *name = journal_field_name(i);
		size_t len = strlen(name);

		if (strncmp(term, name, len) == 0 && term[len] == '=')
			return journal_has(entry, i, term + len + 1);
	}
	return false;
}

/* Of two terms with the same field one is enough. */
static inline bool fits(const struct journal_entry *entry, const struct journal_query *query)
{
	for (size_t i = 0; i < JOURNAL_TERMS_MAX && query->terms[i]; i++) {
		size_t len = strcspn(query->terms[i], "=") + 1;
		bool is_met = false;

		if (strncmp(query->terms[i], "_BOOT_ID=", len) == 0)
			continue;
		for (size_t k = 0; k < JOURNAL_TERMS_MAX && query->terms[k]; k++)
			is_met = is_met || (strncmp(query->terms[i], query->terms[k], len) == 0 &&
					    has_term(entry, query->terms[k]));
		if (!is_met)
			return false;
	}
	return entry->real_usec >= query->since_usec && entry->real_usec <= query->until_usec;
}

static inline struct journal_entry *copy_entry(const struct journal_entry *entry)
{
	struct journal_entry *copy = calloc(1, sizeof(*copy));

	assert_non_null(copy);
	copy->real_usec = entry->real_usec;
	copy->monotonic_usec = entry->monotonic_usec;
	for (size_t i = 0; i < N_JOURNAL_FIELDS; i++)
		copy->fields[i] = entry->fields[i] ? strdup(entry->fields[i]) : NULL;
	return copy;
}

static inline int read_recording(struct journal_source *source, const struct journal_query *query,
				 journal_entry_fn fn, void *userdata)
{
	struct recording *r = (struct recording *)source;

	for (size_t i = r->entries.n; i > 0 && !journal_is_exhausted(source); i--) {
		int more;

		if (!fits(r->entries.entries[i - 1], query))
			continue;
		source->n_read++;
		more = fn(userdata, copy_entry(r->entries.entries[i - 1]));
		if (more <= 0)
			return more;
	}
	return 0;
}

static inline void close_recording(struct recording *r)
{
	journal_list_clear(&r->entries);
}

/* A text as a recording. */
static inline void open_text(struct recording *r, const char *text)
{
	*r = (struct recording){ .source = { .read = read_recording } };
	r->source.has_any = r->source.has_system = true;
	parse_recording(r, scan_of_string(text));
}

static inline void open_recording(struct recording *r, const char *name)
{
	_cleanup_free_ char *path = text_format("%s/%s.txt", JOURNALS, name), *text = NULL;
	_cleanup_fclose_ FILE *f = path ? fopen(path, "r") : NULL;
	size_t size = 0;

	assert_non_null(f);
	assert_true(getdelim(&text, &size, '\0', f) > 0);
	open_text(r, text);
	assert_true(r->entries.n > 100);
}
