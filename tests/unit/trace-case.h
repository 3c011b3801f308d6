/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records as the tracer sends them, for the tests of what is made of them: a run in a scope of
 * alice's, on a machine where nothing is short.
 */
#pragma once

#include "tests/unit/unit.h"

#include <linux/sched.h>
#include <sys/mman.h>

#include "trace/trace-fold.h"
#include "trace/trace-limit.h"
#include "value/unknown.h"

#define SLICE "/user.slice/user-1000.slice"
#define SCOPE SLICE "/user@1000.service/app.slice/cgscope-make-1.scope"
#define RUN SCOPE "/run"

#define M (MIB)

static const struct trace_place place = { .cgroup = RUN, .own = SCOPE };

/* A level of the process's cgroup, by its path. */
static inline void set_level(struct trace_facts *facts, size_t i, const char *path,
			     uint64_t max, uint64_t current)
{
	facts->levels[i].path_length = (uint32_t)strlen(path);
	facts->levels[i].max = max;
	facts->levels[i].current = current;
	facts->n_levels = MAX(facts->n_levels, (uint32_t)i + 1);
}

enum { LEVEL_RUN, LEVEL_SCOPE, LEVEL_APP, LEVEL_SERVICE, LEVEL_SLICE, LEVEL_USER };

/* Nothing is short: each limit has room. */
static inline struct trace_facts plenty(void)
{
	struct trace_facts facts = {
		.cgroup = RUN,
		.user_tasks = 50, .rlimit_nproc = 1000, .tasks = 200, .threads_max = 20000,
		.pid_max = 4194304, .namespaces_max = UNKNOWN,
		.vm_size = 100 * M, .vm_data = 50 * M, .vm_locked = 0, .n_maps = UNKNOWN,
		.rlimit_as = CG2_MAX, .rlimit_data = CG2_MAX, .rlimit_memlock = 8 * M,
		.rlimit_stack = 8 * M, .max_map_count = 65530, .overcommit = 0,
		.commit_limit = 1500 * M, .committed = 700 * M, .ram_and_swap = 3000 * M,
		.huge_free = 0, .uid = 1000, .n_filters = 0, .n_filters_before = 0,
	};

	set_level(&facts, LEVEL_RUN, RUN, 32, 20);
	set_level(&facts, LEVEL_SCOPE, SCOPE, 34, 22);
	set_level(&facts, LEVEL_APP, SLICE "/user@1000.service/app.slice", CG2_MAX, 40);
	set_level(&facts, LEVEL_SERVICE, SLICE "/user@1000.service", CG2_MAX, 42);
	set_level(&facts, LEVEL_SLICE, SLICE, 100, 50);
	set_level(&facts, LEVEL_USER, "/user.slice", CG2_MAX, 55);
	for (size_t i = 0; i < facts.n_levels; i++)
		facts.levels[i].is_local = true;
	return facts;
}

static inline struct trace_record failed(enum cg2_trace_kind kind, enum trace_call_number number,
					 int code)
{
	return (struct trace_record){
		.type = TRACE_FAILED, .at_usec = 1000000, .pid = 811, .tid = 811, .ppid = 800,
		.command = "make", .facts = plenty(),
		.call = { .kind = kind, .number = number, .code = code },
	};
}

static inline struct trace_record failed_fork(int code)
{
	return failed(CG2_TRACE_FORK, TRACE_CALL_CLONE3, code);
}

static inline struct trace_record failed_exec(const char *path, int code)
{
	struct trace_record record = failed(CG2_TRACE_EXEC, TRACE_CALL_EXECVE, code);

	snprintf(record.call.path, sizeof(record.call.path), "%s", path);
	record.facts.file.code = code == ENOENT ? ENOENT : 0;
	return record;
}

static inline struct trace_record failed_memory(uint64_t bytes)
{
	struct trace_record record = failed(CG2_TRACE_MEMORY, TRACE_CALL_MMAP, ENOMEM);

	record.call.bytes = bytes;
	record.call.protection = PROT_READ | PROT_WRITE;
	record.call.flags = MAP_PRIVATE | MAP_ANONYMOUS;
	return record;
}
