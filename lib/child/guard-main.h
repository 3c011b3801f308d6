/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the guard does, as a program of its own or as a copy of the caller. Only raw calls.
 */
#pragma once

#include <stdbool.h>

#include "child/doze.h"

/* ps(1) knows it by this name; pkill(1) and killall(1) don't take it for its caller. */
#define GUARD_NAME "cg-guard"

struct guard_orders {
	int parent_pidfd;
	int group_fd; /* what is to be ended if the parent dies */
	int lone_pidfd; /* or that, where there is no group; -1: there is one */
	const char *name; /* of the group, in the cgroup around it */
	bool is_given_back; /* that one is left as it was before there were groups in it */
	bool is_dozing;
	struct doze doze;
};

/* A copy has the words of its caller to get rid of. */
void guard_main(const struct guard_orders *orders, bool is_copy) __attribute__((noreturn));

/* For the program, in its environment: the name, and the numbers in one text. */
#define GUARD_ORDERS_SIZE 256
void guard_orders_write(const struct guard_orders *orders, char text[GUARD_ORDERS_SIZE]);
void guard_orders_read(const char *name, const char *text, struct guard_orders *ret_orders);
