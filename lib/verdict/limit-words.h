/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits in words, and how they are raised: for a run that is over, and for a single call that
 * failed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The last part of a path, and whether it is a unit's name. */
const char *last_part_of(const char *path);
bool is_unit_name(const char *name);
bool ends_with(const char *text, const char *end);

/* A unit by its name, another cgroup by its path. */
void put_cgroup_name(FILE *f, const char *path);

/* Whether a file has a size, and a limit in its unit: "512M", as its option takes it. */
bool is_size_file(const char *file);
void put_amount(FILE *f, const char *file, uint64_t amount);

/* Bytes with no digits that nobody wants: "461M". */
void put_about(FILE *f, uint64_t bytes);

/* Twice as much is the next thing to try; CG2_MAX: unknown. */
uint64_t twice(uint64_t amount);

/* How a limit is raised that is the run's own, a cgroup's above it, the user's or the machine's. */
void put_own_hint(FILE *f, const char *file, uint64_t limit);
void put_raise_hint(FILE *f, const char *path, const char *file, uint64_t limit);
void put_machine_hint(FILE *f, const char *file, uint64_t limit);
