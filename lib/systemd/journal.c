/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Entries of the journal, wherever they come from.
 */
#include "systemd/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const field_names[] = {
#define JOURNAL_NAME(name) #name,
	JOURNAL_FIELDS(JOURNAL_NAME)
#undef JOURNAL_NAME
};

const char *journal_field_name(enum journal_field field)
{
	return field_names[field];
}

const char *journal_get(const struct journal_entry *entry, enum journal_field field)
{
	return entry && entry->fields[field] ? entry->fields[field] : "";
}

bool journal_has(const struct journal_entry *entry, enum journal_field field, const char *text)
{
	return entry && entry->fields[field] && strcmp(entry->fields[field], text) == 0;
}

struct journal_entry *journal_entry_free(struct journal_entry *entry)
{
	for (size_t i = 0; entry && i < N_JOURNAL_FIELDS; i++)
		free(entry->fields[i]);
	free(entry);
	return NULL;
}

int journal_list_add(struct journal_list *list, struct journal_entry *entry)
{
	struct journal_entry **grown;

	if ((list->n & (list->n - 1)) == 0) {
		grown = reallocarray(list->entries, list->n ? 2 * list->n : 1, sizeof(*grown));
		if (!grown) {
			journal_entry_free(entry);
			return -ENOMEM;
		}
		list->entries = grown;
	}
	list->entries[list->n++] = entry;
	return 0;
}

void journal_list_clear(struct journal_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		journal_entry_free(list->entries[i]);
	free(list->entries);
	*list = (struct journal_list){ NULL, 0 };
}
