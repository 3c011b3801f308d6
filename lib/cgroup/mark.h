/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the library's own cgroups are told from everybody else's: by a mark on the cgroup, not by
 * a name, which anybody may use. docs/architecture.md has the reasons.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* In a unit of the manager's the mark is this link: it outlives the cgroup of a failed unit. */
#define MARK_DOCUMENTATION "man:cgscope(1)"

/* In a scope of MARK_RUN: the command's cgroup, and that of the library's process beside it. */
#define MARK_LEAF_RUN "run"
#define MARK_LEAF_HOLD "hold"

/* The cgroup that takes the processes of a delegated one, so that it can have children. */
#define MARK_LEAF_MAIN "cgscope-main"

/* How a scope came to be. */
enum mark_kind {
	MARK_NONE,
	MARK_RUN,    /* the leaves run and hold, a supervisor outside */
	MARK_EXEC,   /* processes in the scope itself, which became the command */
	MARK_ATTACH, /* processes in the scope itself, which ran before */
	MARK_NESTED, /* a child cgroup of a delegated one */
};

struct mark {
	enum mark_kind kind;
	uint64_t made_usec; /* CLOCK_REALTIME */
};

/*
 * Marks the cgroup as made now (the xattr user.cgscope). A kernel without such xattrs is no
 * failure: the scope does what it should, and is not found by its short name.
 */
void mark_write(struct cg2_group *group, enum mark_kind kind);

/*
 * Reads the mark of the directory "name" in dirfd, "." for itself. kind is MARK_NONE without
 * one. A mark says nothing about who made it: the directory's owner does.
 */
void mark_read(int dirfd, const char *name, struct mark *ret_mark);
