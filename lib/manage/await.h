/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for many cgroups at once until the kernel says that something is so.
 */
#pragma once

#include "scope/scope.h"

/* One of those that are waited for. */
struct await {
	struct cg2_scope *scope;
	struct cg2_group **parts; /* see scope_open_parts() */
	bool is_done;             /* nothing is to be waited for, or it failed */
};

/* Whether it is so now; a cgroup that is gone counts as the caller likes. */
typedef bool (*await_fn)(struct await *item);

/*
 * Waits until it is so for all, which sets is_done, or until end_usec (CLOCK_MONOTONIC).
 * Returns how many are left, or -ENOMEM.
 */
int await_all(struct await *items, size_t n, await_fn is_so, uint64_t end_usec) _must_check_;

/* No live process is in it. */
bool await_empty(struct await *item);

/* The cgroup itself has been removed. */
bool await_gone(struct await *item);

/* Items for the scopes, with their parts; *ret_n is their number. free() them by await_free(). */
int await_new(struct cg2_scope *const scopes[], struct await **ret_items, size_t *ret_n);
void await_free(struct await *items, size_t n);

/* Takes the failure into the scope, and ends the waiting for it. */
void await_fail(struct await *item, struct cg2_error *failure);

/* How many of the scopes have an error. */
int await_count_errors(const struct await *items, size_t n);
