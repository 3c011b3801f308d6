/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a record. record.c has the object, record-make.c fills it from a run.
 */
#pragma once

#include "base/macro.h"
#include "evidence/figures.h"
#include "libcg2.h"
#include "verdict/verdict.h"

/* A limit of the record; it owns the strings behind the public structure. */
struct record_limit {
	struct cg2_record_limit info;
	char *device;
	char *requested_text;
	char *effective_text;
};

struct cg2_record {
	unsigned int n_ref;
	struct verdict verdict;
	struct figures figures;
	struct record_limit *limits;
	size_t n_limits;
	char **notes;
	size_t n_notes;
	bool has_processes;
	struct cg2_process **processes;
	size_t n_processes;
	uint64_t n_lost;
	uint64_t n_unjoined;
	uint64_t started_usec;
	char *cgroup;
	char *unit;
	char *blame_cgroup;
	bool is_blame_own;
	bool is_complete;
};

/* Adds a note. -ENOMEM. */
int record_note(struct cg2_record *record, const char *format, ...) _printf_(2, 3) _must_check_;

/* record-limits.c: the limits of a run with what the kernel has for them. -ENOMEM. */
int record_add_limits(struct cg2_record *record, struct cg2_run *run) _must_check_;

/* What was near a limit, or slow. -ENOMEM. */
int record_add_notes(struct cg2_record *record, struct cg2_run *run) _must_check_;

/* run-processes.c: who ran. -ENOMEM. */
int record_add_processes(struct cg2_record *record, struct cg2_run *run) _must_check_;
