/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The trace of a made-up run, from records as a tracer sends them. Nothing fails with
 * FAKE_TRACE=quiet; all works when it is tried again with FAKE_TRACE=folded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "tests/cli/fake-trace.h"
#include "trace/trace-fold.h"

#define SCOPE "/user.slice/user-1000.slice/cgscope-fake.scope"

static struct cg2_trace *trace;

static void add(struct trace_record record, uint64_t msec)
{
	record.at_usec = msec * USEC_PER_MSEC;
	trace_fold_add(trace, &record);
}

static void end(pid_t pid, int status)
{
	add((struct trace_record){ .type = TRACE_ENDED, .pid = pid, .tid = pid, .status = status },
	    1500);
}

static struct trace_record failed(pid_t pid, const char *command, enum cg2_trace_kind kind,
				  enum trace_call_number number, int code)
{
	struct trace_record record = {
		.type = TRACE_FAILED, .pid = pid, .tid = pid, .ppid = 800,
		.call = { .kind = kind, .number = number, .code = code },
	};

	strncpy(record.command, command, sizeof(record.command) - 1);
	return record;
}

static void add_forks(void)
{
	struct trace_record record = failed(811, "make", CG2_TRACE_FORK, TRACE_CALL_CLONE3, EAGAIN);

	strcpy(record.facts.cgroup, SCOPE "/run");
	record.facts.levels[0] = (struct trace_level){
		.path_length = sizeof(SCOPE "/run") - 1, .is_local = true, .has_moved = true,
		.max = 64, .current = 64,
	};
	record.facts.n_levels = 1;
	add(record, 412);
	add(record, 1090);
	end(811, 2 << 8);
}

static void add_programs(void)
{
	struct trace_record script = failed(824, "sh", CG2_TRACE_EXEC, TRACE_CALL_EXECVE, ENOENT);
	struct trace_record search = failed(825, "env", CG2_TRACE_EXEC, TRACE_CALL_EXECVE, ENOENT);

	strcpy(script.call.path, "./gen.sh\033");
	script.facts.file.is_interpreter_missing = true;
	strcpy(script.facts.file.interpreter, "/usr/bin/python2");
	add(script, 530);
	end(824, 127 << 8);
	search.facts.file.code = ENOENT;
	strcpy(search.call.path, "/usr/local/bin/cc");
	add(search, 531);
	search.type = TRACE_EXECED;
	strcpy(search.call.path, "/usr/bin/cc");
	add(search, 532);
}

static void add_memory(void)
{
	struct trace_record record = failed(850, "link", CG2_TRACE_MEMORY, TRACE_CALL_MMAP, ENOMEM);

	record.call.bytes = 300 * MIB;
	record.call.flags = MAP_PRIVATE | MAP_ANONYMOUS;
	record.facts.vm_size = 213 * MIB;
	record.facts.max_map_count = CG2_MAX;
	record.facts.rlimit_as = 400 * MIB;
	add(record, 1104);
	end(850, 11);
}

static void add_retries(void)
{
	struct trace_record record = failed(851, "link", CG2_TRACE_MEMORY, TRACE_CALL_MMAP, ENOMEM);

	record.call.bytes = 200 * MIB;
	record.facts.vm_size = 213 * MIB;
	record.facts.max_map_count = CG2_MAX;
	record.facts.rlimit_as = 400 * MIB;
	add(record, 1105);
	record.type = TRACE_WORKED;
	add(record, 1106);
}

static void add_notes(void)
{
	struct trace_record note = { .type = TRACE_NOTED, .note = TRACE_NOTE_SETUID };

	strcpy(note.call.path, "/usr/bin/sudo");
	add(note, 1200);
}

struct cg2_trace *fake_trace(const struct cg2_trace_wish *wish)
{
	const struct trace_setup setup = {
		.place = { SCOPE "/run", SCOPE }, .fn = wish->fn, .userdata = wish->userdata,
	};
	const char *name = getenv("FAKE_TRACE");

	if (trace_new(&setup, &trace) < 0)
		abort();
	if (!name) {
		add_forks();
		add_programs();
		add_memory();
		add_notes();
	}
	if (!name || strcmp(name, "folded") == 0)
		add_retries();
	add((struct trace_record){ .type = TRACE_FINISHED, .totals = { .n_processes = 41 } }, 1800);
	trace_fold_end(trace, 1800 * USEC_PER_MSEC);
	return trace;
}
