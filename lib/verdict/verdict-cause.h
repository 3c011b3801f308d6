/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the parts of the verdict: what the counters say about each thing that can hurt
 * a run, found by verdict.c and verdict-tasks.c, put into words by verdict-text.c and
 * verdict-start.c.
 */
#pragma once

#include <stdio.h>

#include "verdict/verdict-counter.h"

/* verdict-words.c. The last part of a path, and whether it is a unit's name. */
const char *last_part_of(const char *path);
bool is_unit_name(const char *name);

/* A unit by its name, another cgroup by its path. */
void put_cgroup_name(FILE *f, const char *path);

/* The same of a level; the run's own are "this scope". */
void put_level(FILE *f, const struct verdict_input *in, size_t level);

/* Whether a file has a size, and a limit in its unit: "512M". */
bool is_size_file(const char *file);
void put_amount(FILE *f, const char *file, uint64_t amount);

/* Most of the time was spent over a limit that slows down. */
bool is_slowed_by_memory(const struct verdict_brakes *b);
bool is_slowed_by_cpu(const struct verdict_brakes *b);

/* What the table has of each verdict: a reason and a hint in words, and the hint as data. */
typedef void (*put_fn)(FILE *f, const struct evidence *e);
typedef void (*advise_fn)(const struct evidence *e, struct cg2_advice *advice);

/* verdict-start.c, verdict-stop.c: why a command never ran; what the threshold was. */
void reason_refused(FILE *f, const struct evidence *e);
void reason_exec(FILE *f, const struct evidence *e);
void hint_refused(FILE *f, const struct evidence *e);
void reason_pressure(FILE *f, const struct evidence *e);

/* verdict-text.c */
void reason_wall_time(FILE *f, const struct evidence *e);
void reason_cpu_time(FILE *f, const struct evidence *e);
void reason_oomd(FILE *f, const struct evidence *e);
void reason_oom(FILE *f, const struct evidence *e);
void reason_tasks(FILE *f, const struct evidence *e);
void reason_signal(FILE *f, const struct evidence *e);
void reason_failed(FILE *f, const struct evidence *e);
void reason_ok(FILE *f, const struct evidence *e);

/* verdict-hint.c */
void hint_wall_time(FILE *f, const struct evidence *e);
void hint_pressure(FILE *f, const struct evidence *e);
void hint_oomd(FILE *f, const struct evidence *e);
void hint_oom(FILE *f, const struct evidence *e);
void hint_tasks(FILE *f, const struct evidence *e);
void hint_signal(FILE *f, const struct evidence *e);
void hint_ok(FILE *f, const struct evidence *e);
void advise_refused(const struct evidence *e, struct cg2_advice *advice);
void advise_wall_time(const struct evidence *e, struct cg2_advice *advice);
void advise_pressure(const struct evidence *e, struct cg2_advice *advice);
void advise_oom(const struct evidence *e, struct cg2_advice *advice);
void advise_tasks(const struct evidence *e, struct cg2_advice *advice);
