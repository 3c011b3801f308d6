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
#define CONNECTOR_CPUS_MAX 1024

struct connector {
	struct mnl_socket *socket; /* NULL: not open */
	uint32_t next_seq[CONNECTOR_CPUS_MAX];
	bool has_seq[CONNECTOR_CPUS_MAX];
	bool is_lossy;	 /* events were lost, and the gap in the numbers was not seen yet */
	uint64_t n_lost; /* of the whole machine: nobody can tell whose they were */
};

enum connector_event_kind {
	CONNECTOR_OTHER, /* nothing that is used here */
	CONNECTOR_FORK,
	CONNECTOR_EXEC,
	CONNECTOR_EXIT,
};

struct connector_event {
	enum connector_event_kind kind;
	uint32_t cpu;
	uint32_t seq;
	bool is_answer; /* to a request, and not counted */
	pid_t pid;	/* the thread; of a fork the child's */
	pid_t tgid;	/* its process */
	pid_t parent;	/* process that forked */
	uint32_t exit_code; /* a wait status */
};

/* Closed is the state of all bytes 0. */
void connector_close(struct connector *pe);

/* -EPERM without CAP_NET_ADMIN (before Linux 6.6), -ECONNREFUSED in a network namespace. */
int connector_open(struct connector *pe, struct cg2_error *reterr) _must_check_;
int connector_get_fd(const struct connector *pe);

/* 1: a fork, exec or exit, 0: none now; -ENOBUFS: some were lost. */
int connector_receive(struct connector *pe, struct connector_event *ret_event) _must_check_;

/* 1 and the event, 0: this is no message of the connector's. */
int connector_parse(const void *message, size_t len,
		    struct connector_event *ret_event) _must_check_;

/* Notes the event's number: how many of its CPU's were lost before it. */
uint64_t connector_count(struct connector *pe, const struct connector_event *event);
