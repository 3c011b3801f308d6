/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --export: files whose ending says what is in them. That they can be written is found before the
 * first run.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "cmd/option/options.h"
#include "cmd/run/record-file.h"

struct export_kind {
	const char *ending; /* ".json"; NULL ends the list */
	/* ret_text: to be freed. -errno. */
	int (*make)(void *data, char **ret_text);
};

struct export_file {
	const struct export_kind *kind;
	struct record_file file;
};

struct exports {
	struct export_file *files;
	size_t n_files;
};

/* The kind of a file by its name, NULL: none of them. */
const struct export_kind *export_kind_of(const struct export_kind *kinds, const char *name);

/* What is wrong is told. 0 or -errno; to be closed in any case. */
int exports_open(struct exports *exports, const struct option_list *names,
		 const struct export_kind *kinds) _must_check_;

/* Writes all of them, whatever becomes of one. 0 or -errno, which was told. */
int exports_write(struct exports *exports, void *data) _must_check_;
void exports_close(struct exports *exports);
