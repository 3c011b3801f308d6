/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a unit's processes find when they begin, beside what the caller has: variables of a few
 * names, search paths, the terminal, directory, umask, groups and limits.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct cg2_explanation;
struct explain_work;

/* Names and values, those of one side. A name without a value is not set. */
struct explain_env {
	char **names;
	char **values;
	size_t n;
};

/* Sets a value; NULL takes the name away. -ENOMEM. */
int explain_env_put(struct explain_env *env, const char *name, const char *value);
/* "NAME=VALUE" of a name that is shown; others are left out. */
int explain_env_put_pair(struct explain_env *env, const char *pair);
/* The lines of an EnvironmentFile=. */
int explain_env_put_file(struct explain_env *env, const char *text);
const char *explain_env_get(const struct explain_env *env, const char *name);
void explain_env_clear(struct explain_env *env);

/* A name that one side has at least. */
struct explain_difference {
	char *name;
	char *unit;
	char *caller;
	char *advice; /* the line for the unit; NULL: none is needed, or there is none */
	bool is_same;
};

/* Of the same order for all units. ret: each, and the array, are freed by the caller. -ENOMEM. */
int explain_env_compare(const struct explain_env *unit, const struct explain_env *caller,
			enum cg2_manager manager, struct explain_difference **ret, size_t *ret_n);
void explain_differences_free(struct explain_difference *differences, size_t n);

/* explain-env-read.c: both sides, and what differs, into the explanation. -ENOMEM. */
int explain_read_environment(struct explain_work *work, struct cg2_explanation *e);
