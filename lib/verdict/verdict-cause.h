/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the parts of the verdict: what the counters say about each thing that can hurt
 * a run, found by verdict.c and verdict-tasks.c, put into words by verdict-text.c and
 * verdict-start.c.
 */
#pragma once

#include <stdio.h>

#include "verdict/limit-words.h"
#include "verdict/verdict-counter.h"

/* verdict-words.c. A cgroup; the run's own are "this scope". */
void put_level(FILE *f, const struct verdict_input *in, size_t level);

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
