/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel tells of every task that ends (Documentation/accounting/taskstats.rst): one
 * record a thread, and with that of the last one the sum of the process's threads.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "libcg2.h"

struct mnl_socket;

struct taskstats {
	struct mnl_socket *socket; /* NULL: not open */
	uint16_t family;
	char cpus[256];
};

/* Waiting for the CPU is counted by every kernel, the others by kernel.task_delayacct alone. */
enum taskstats_delay {
	TASKSTATS_CPU,
	TASKSTATS_IO,
	TASKSTATS_RECLAIM,
	TASKSTATS_SWAP,
	TASKSTATS_THRASHING,
	N_TASKSTATS_DELAYS,
};

/* A thread's end, with its process's figures if it was the last one. */
struct taskstats_record {
	pid_t pid;
	pid_t tgid;
	uint32_t exit_code; /* a wait status */
	char command[16];
	/* Nothing is left of the process; before Linux 5.19 only if it had no other threads. */
	bool is_last;
	bool is_sum; /* its threads were more than one */
	/* Of the whole process in the record of its last thread. */
	uint64_t cpu_usec;
	uint64_t delay_usec[N_TASKSTATS_DELAYS];
	bool has_delays; /* one was counted, so the others were too */
	/* Of the memory that all threads share, until now. */
	uint64_t peak_rss_bytes;
};

/* Closed is the state of all bytes 0. */
void taskstats_close(struct taskstats *ts);

/* Asks for the records of all CPUs. -EPERM without CAP_NET_ADMIN, -EINVAL in a container. */
int taskstats_open(struct cg2_ctx *ctx, struct taskstats *ts, struct cg2_error *reterr)
	_must_check_;
int taskstats_get_fd(const struct taskstats *ts);

/* 1: a record, 0: none now; -ENOBUFS: some were lost. */
int taskstats_receive(struct taskstats *ts, struct taskstats_record *ret_record) _must_check_;

/* A message of the family: 1 and the record, 0: it has none that can be understood. */
int taskstats_parse(uint16_t family, const void *message, size_t len,
		    struct taskstats_record *ret_record) _must_check_;
