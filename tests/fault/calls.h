/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system calls that cgscope makes, and the errors of each that a user may meet.
 */
#pragma once

#define MAX_ERRORS 5

struct call_error {
	const char *name; /* NULL: there are no more */
	int number;
};

struct call {
	const char *name;
	long nr;
	struct call_error errors[MAX_ERRORS];
};

/* NULL for a call that is not in the table. */
const struct call *call_find(long nr);

/* Of call->errors, modulo how many there are; NULL if it cannot fail. */
const struct call_error *call_get_error(const struct call *call, unsigned int i);

unsigned int call_count_errors(const struct call *call);
