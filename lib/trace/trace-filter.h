/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calls that are looked at, and the seccomp filter that stops whoever makes one: only these
 * cost anything. It is made by libseccomp, which is loaded on demand.
 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "libcg2.h"
#include "trace/trace-record.h"

/*
 * What the filter says of each such call (SECCOMP_RET_DATA): the mark, by which it is known from
 * a filter of the program's own, and an enum trace_call_number or enum trace_watched.
 */
#define TRACE_MARK 0xc200U
#define TRACE_MARK_MASK 0xff00U

/* Calls that say something about what cannot be seen any more. */
enum trace_watched {
	TRACE_WATCHED_SECCOMP = _TRACE_CALL_MAX, /* a filter is installed */
	TRACE_WATCHED_PTRACE,			 /* PTRACE_TRACEME, _ATTACH, _SEIZE */
};

#define TRACE_KIND_BIT(kind) (UINT64_C(1) << (kind))
#define TRACE_N_KINDS (CG2_TRACE_MEMORY + 1)
#define TRACE_KINDS_ALL (TRACE_KIND_BIT(TRACE_N_KINDS) - 1)

struct trace_filter {
	struct sock_filter *instructions; /* malloc()ed */
	size_t n;
};

/* The filter for a set of TRACE_KIND_BIT()s. -ENOENT: libseccomp is missing. */
int trace_filter_make(uint64_t kinds, struct trace_filter *ret_filter,
		      struct cg2_error *reterr) _must_check_;

void trace_filter_clear(struct trace_filter *filter);

enum cg2_trace_kind trace_kind_of(unsigned int number);
