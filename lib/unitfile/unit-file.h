/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a unit file that is to be, or is there: unit-file.c has the object and its checks,
 * unit-file-text.c its text, unit-file-disk.c its place on disk, unit-file-state.c what became of
 * it in the manager and the kernel.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* A type of units that has a cgroup, and so limits. */
struct unit_file_type {
	const char *suffix;  /* ".service" */
	const char *section; /* "Service" */
	bool has_processes;  /* of its own, which can be given a time or killed together */
};

struct cg2_unit_file {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	enum cg2_unit_file_kind kind;
	enum cg2_manager manager; /* never AUTO */
	bool is_global;
	char *unit; /* "build.service" */
	const struct unit_file_type *type;
	struct cg2_limits *limits; /* completed; our own */
	char *delegate; /* "yes", or controllers separated by blanks; NULL: nothing said */
	char *directory;
	char *path;
	char *text;
};

/* "go@.service", or "user-.slice": a file for many units, none of which it is. */
bool unit_file_is_for_many(const struct cg2_unit_file *file);

/* unit-file-text.c: the whole text. -EINVAL for what no unit file can hold. */
int unit_file_compose(struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
		      struct cg2_error *reterr) _must_check_;

/* The same without its first lines, which name its path and have our mark. */
int unit_file_body(const struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
		   char **ret_body, struct cg2_error *reterr) _must_check_;

/* Whether the text has our mark and is as we wrote it. */
enum unit_file_origin {
	UNIT_FILE_FOREIGN,
	UNIT_FILE_CHANGED, /* ours, and somebody else wrote in it since */
	UNIT_FILE_OURS,
};
enum unit_file_origin unit_file_origin(const char *text);

/* An argument of ExecStart=, as systemd reads back the same. -EINVAL, -ENOMEM. */
int unit_file_quote(const char *word, bool is_template, bool has_specifiers, char **ret_quoted,
		    struct cg2_error *reterr) _must_check_;

/* unit-file-disk.c: where it belongs. */
int unit_file_place(struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
		    struct cg2_error *reterr) _must_check_;
