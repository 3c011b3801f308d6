/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record of a run as cgscope shows it: what the library knows of the run, what only
 * cgscope knows, and the JSON of both. docs/record.md and docs/record.schema.json
 * describe it to users.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "base/macro.h"
#include "cmd/option/options.h"
#include "cmd/output/jsonc.h"
#include "libcg2.h"

#define RECORD_FIGURE_COUNT (CG2_FIGURE_CACHE_PEAK_BYTES + 1)

/* All that a record says. Strings are somebody else's; NULL is null in the JSON. */
struct record_view {
	const struct option_list *labels; /* KEY=VALUE each */
	char *const *command;
	uint64_t started_usec;
	struct utsname machine;
	const char *backend;
	const char *placement_reason;
	const char *left_for;
	const char *manager;
	const char *unit;
	const char *cgroup;
	struct cg2_record_limit *limits;
	size_t n_limits;
	int status;    /* cgscope's own */
	int exit_code; /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: the command never ran */
	int exit_status;
	enum cg2_verdict verdict;
	const char *reason;
	char *hint; /* the view's */
	const char **notes;
	size_t n_notes;
	bool has_processes;
	struct cg2_process **processes;
	size_t n_processes;
	uint64_t n_lost;     /* of the processes' events */
	uint64_t n_unjoined; /* processes that are not in the list */
	bool has_blame;
	struct cg2_blame blame;
	uint64_t known; /* bit i: figures[i] is known */
	uint64_t figures[RECORD_FIGURE_COUNT];
	bool is_complete;
};

static_assert(RECORD_FIGURE_COUNT <= 64, "a figure needs its bit in known");

/* A run of which nothing is known yet. */
void record_view_init(struct record_view *view);

/* What the library says of it; valid as long as the record. -ENOMEM. */
int record_view_load(struct record_view *view, struct cg2_record *record) _must_check_;
void record_view_clear(struct record_view *view);

/* Where it ran, once it is loaded: valid as long as the run. */
void record_view_set_placement(struct record_view *view, struct cg2_run *run);

/* True if the figure is known. */
bool record_view_get(const struct record_view *view, enum cg2_figure figure,
		     uint64_t *ret_value);

/* The value in force of the limit of that name; false if there is none. */
bool record_view_get_limit(const struct record_view *view, const char *name,
			   uint64_t *ret_value);

/* "bytes": the unit of a limit in a record; NULL for a number that is none. */
const char *record_unit_to_string(unsigned int unit);

/*
 * The record as one JSON object in one line, its newline included. ret_text: free with
 * free(). -ENOMEM.
 */
int record_to_json(const struct jsonc *lib, const struct record_view *view,
		   char **ret_text, size_t *ret_len) _must_check_;
