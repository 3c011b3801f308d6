/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's process events connector: every fork, exec and exit of the machine, in the order in
 * which they happened. A fork comes before all else of the child; an exit comes after the record
 * that taskstats.c receives of it, and may come after the parent's wait(2).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "libcg2.h"

struct mnl_socket;

/* Each CPU counts its events. */
#define PROCEVENTS_CPUS_MAX 1024

struct procevents {
	struct mnl_socket *socket; /* NULL: not open */
	uint32_t next_seq[PROCEVENTS_CPUS_MAX];
	bool has_seq[PROCEVENTS_CPUS_MAX];
	bool is_lossy;	 /* events were lost, and the gap in the numbers was not seen yet */
	uint64_t n_lost; /* of the whole machine: nobody can tell whose they were */
};

enum procevent_kind {
	PROCEVENT_OTHER, /* nothing that is used here */
	PROCEVENT_FORK,
	PROCEVENT_EXEC,
	PROCEVENT_EXIT,
};

struct procevent {
	enum procevent_kind kind;
	uint32_t cpu;
	uint32_t seq;
	bool is_answer; /* to a request, and not counted */
	pid_t pid;	/* the thread; of a fork the child's */
	pid_t tgid;	/* its process */
	pid_t parent;	/* process that forked */
	uint32_t exit_code; /* a wait status */
};

/* Closed is the state of all bytes 0. */
void procevents_close(struct procevents *pe);

/* -EPERM without CAP_NET_ADMIN (before Linux 6.6), -ECONNREFUSED in a network namespace. */
int procevents_open(struct procevents *pe, struct cg2_error *reterr) _must_check_;
int procevents_get_fd(const struct procevents *pe);

/* 1: a fork, exec or exit, 0: none now; -ENOBUFS: some were lost. */
int procevents_receive(struct procevents *pe, struct procevent *ret_event) _must_check_;

/* 1 and the event, 0: this is no message of the connector's. */
int procevents_parse(const void *message, size_t len, struct procevent *ret_event) _must_check_;

/* Notes the event's number: how many of its CPU's were lost before it. */
uint64_t procevents_count(struct procevents *pe, const struct procevent *event);
