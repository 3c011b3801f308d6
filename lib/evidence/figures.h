/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The figures of a cgroup, as far as its kernel gives them.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

#define N_FIGURES (CG2_FIGURE_CACHE_PEAK_BYTES + 1)

struct figures {
	uint64_t known; /* bit i: value[i] is one */
	uint64_t value[N_FIGURES];
	bool is_lost;   /* the cgroup was gone when it was to be read */
};

void figures_set(struct figures *f, enum cg2_figure figure, uint64_t value);

/* Keeps the greater one, for peaks that are sampled. */
void figures_set_max(struct figures *f, enum cg2_figure figure, uint64_t value);

/* The figure, or what is there instead where it is not known. */
uint64_t figures_get(const struct figures *f, enum cg2_figure figure, uint64_t otherwise);

/* Everything that its files have at this moment. */
void figures_read(struct figures *f, struct cg2_group *group);

/*
 * The throttling by the same quota at a cgroup around, where that one held back more: while it
 * does, the kernel counts nothing below.
 */
void figures_read_throttling(struct figures *f, struct cg2_group *around);

/* Files' memory alone, which stays charged when the processes have ended. */
void figures_sample_files(struct figures *f, struct cg2_group *group);

/* A sample of anonymous and file memory. */
void figures_sample(struct figures *f, struct cg2_group *group);
