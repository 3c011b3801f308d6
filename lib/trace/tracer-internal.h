/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tracer's process. It is a copy of a caller that may have threads: nothing is allocated but
 * by mmap(2).
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "libcg2.h"
#include "trace/trace-facts.h"
#include "trace/trace-record.h"

/* A thread that is followed. */
struct tracer_task {
	pid_t tid;  /* 0: a free place */
	pid_t tgid; /* 0: not known yet */
	bool is_in_call;
	uint8_t number; /* of that call: enum trace_call_number, enum trace_watched */
	bool is_compat;
	uint64_t arguments[6];
	uint8_t failed_kinds;  /* TRACE_KIND_BIT()s of which none has worked since */
	uint64_t failed_bytes; /* the memory that was refused last */
	uint8_t n_steps; /* calls of any kind that are looked at, after a refused fork */
	bool has_slept;	 /* since that */
	/* Of the process, in the place of its first thread: */
	bool has_failed; /* records of its end and its programs are wanted */
	uint8_t notes;	 /* bits of enum trace_note that were told */
};

/* By tid, with open addressing. */
struct tracer_tasks {
	struct tracer_task *places;
	size_t n_places; /* a power of 2 */
	size_t n;
};

/* NULL: there is no memory. */
struct tracer_task *tracer_task_get(struct tracer_tasks *tasks, pid_t tid);
struct tracer_task *tracer_task_find(const struct tracer_tasks *tasks, pid_t tid);
void tracer_task_remove(struct tracer_tasks *tasks, pid_t tid);

/* comm and parent of a process, read a moment ago. */
struct tracer_name {
	pid_t pid; /* 0: of nobody */
	uint64_t until_usec;
	char command[TRACE_COMMAND_MAX];
	pid_t ppid;
};

struct tracer_self {
	struct cg2_ctx *ctx;
	struct trace_looker looker;
	int parent_pidfd;
	int offer_fd;  /* the command, before it begins */
	int socket_fd; /* the supervisor */
	struct tracer_tasks tasks;
	struct trace_totals totals;
	struct tracer_name name;
	pid_t command;
	bool is_privileged; /* set-user-ID programs keep their rights */
	bool is_stalled;    /* nobody reads the records */
	bool is_silent;	    /* nobody wants them */
};

void tracer_main(struct tracer_self *self) _noreturn_;

/* The order by which the supervisor leaves it alone with whoever is left. */
#define TRACER_ORDER_LEAVE 'L'

/* tracer-send.c. Sends the record with the time and the totals, as much of it as its type has. */
void tracer_send(struct tracer_self *self, struct trace_record *record);

/* tracer-call.c: a call that stopped, and came to its end without another event. */
void tracer_call_begin(struct tracer_self *self, struct tracer_task *task);
void tracer_call_end(struct tracer_self *self, struct tracer_task *task);

/* Any call, while tracer_task.n_steps is not 0. */
void tracer_call_step(struct tracer_task *task);

/* The call that the thread is in worked: it made a process, or the program is another one. */
void tracer_call_worked(struct tracer_self *self, struct tracer_task *task);
void tracer_call_executed(struct tracer_self *self, struct tracer_task *task);

/* ptrace(2), or -errno. */
long tracer_ask(long request, pid_t tid, const void *address, const void *data);
