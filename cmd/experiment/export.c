/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/export.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/output/message.h"
#include "cmd/verb/verb.h"

const struct export_kind *export_kind_of(const struct export_kind *kinds, const char *name)
{
	const size_t len = strlen(name);

	for (; kinds->ending; kinds++) {
		const size_t n = strlen(kinds->ending);

		if (len > n && strcmp(name + len - n, kinds->ending) == 0)
			return kinds;
	}
	return NULL;
}

int exports_open(struct exports *exports, const struct option_list *names,
		 const struct export_kind *kinds)
{
	int r = 0;

	*exports = (struct exports){ .files = calloc(names->n_words + 1, sizeof(*exports->files)) };
	if (!exports->files) {
		verb_out_of_memory();
		return -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < names->n_words; i++) {
		struct export_file *file = &exports->files[exports->n_files];

		file->kind = export_kind_of(kinds, names->words[i]);
		r = record_file_open(&file->file, "the export", names->words[i], false);
		if (r == 0)
			exports->n_files++;
	}
	return r;
}

int exports_write(struct exports *exports, void *data)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	int r = 0;

	sigaction(SIGPIPE, &ignored, NULL);
	sigaction(SIGXFSZ, &ignored, NULL);
	for (size_t i = 0; i < exports->n_files; i++) {
		_cleanup_free_ char *text = NULL;
		struct export_file *file = &exports->files[i];
		int failed = file->kind->make(data, &text);

		if (failed < 0)
			message_failure("cannot write the export: %s: %s", file->file.name,
					strerror(-failed));
		else
			failed = record_file_write(&file->file, text, strlen(text));
		r = failed < 0 ? failed : r;
	}
	return r;
}

void exports_close(struct exports *exports)
{
	for (size_t i = 0; i < exports->n_files; i++)
		record_file_close(&exports->files[i].file);
	free(exports->files);
	*exports = (struct exports){ .files = NULL };
}
