/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the library fills a struct cg2_error: one call at the place of failure, which returns the
 * code, so that a failure is one line. Every function takes reterr == NULL.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* code: errno, positive or negative. Returns it negative. reterr must be clear. */
int error_set(struct cg2_error *reterr, enum cg2_op op, int code, const char *path,
	      const char *value);

/* The same with a reason in words. */
int error_setf(struct cg2_error *reterr, enum cg2_op op, int code, const char *path,
	       const char *value, const char *format, ...) _printf_(6, 7);

/* Adds what the user can do. An earlier hint stays: the one nearest to the cause knows best. */
void error_hint(struct cg2_error *reterr, const char *format, ...) _printf_(2, 3);

/* Adds what the caller can do, which a hint need not say. An earlier one stays. */
void error_advice(struct cg2_error *reterr, enum cg2_advice_kind advice);

/* Names the limit concerned. */
void error_limit(struct cg2_error *reterr, enum cg2_limit limit);

/* Adds the manager's answer. */
void error_bus(struct cg2_error *reterr, const char *name, const char *message);

/* Names the thing concerned if nobody has yet: a parser knows the word, its caller the option. */
void error_path(struct cg2_error *reterr, const char *path);

/* A second one of the same; nothing happens without dest. */
void error_copy(struct cg2_error *dest, const struct cg2_error *src);
