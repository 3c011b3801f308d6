/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A failure in words.
 */
#include "cmd/trace/trace-words.h"

#include <errno.h>
#include <inttypes.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/human.h"
#include "cmd/trace/trace-report.h"

const char *trace_errno_name(int code, char *buf, size_t size)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ E2BIG, "E2BIG" },	  { EACCES, "EACCES" },	  { EAGAIN, "EAGAIN" },
		{ EBADF, "EBADF" },	  { EBUSY, "EBUSY" },	  { EEXIST, "EEXIST" },
		{ EFAULT, "EFAULT" },	  { EINTR, "EINTR" },	  { EINVAL, "EINVAL" },
		{ EIO, "EIO" },		  { EISDIR, "EISDIR" },	  { ELIBBAD, "ELIBBAD" },
		{ ELOOP, "ELOOP" },	  { EMFILE, "EMFILE" },	  { ENAMETOOLONG, "ENAMETOOLONG" },
		{ ENFILE, "ENFILE" },	  { ENODEV, "ENODEV" },	  { ENOENT, "ENOENT" },
		{ ENOEXEC, "ENOEXEC" },	  { ENOMEM, "ENOMEM" },	  { ENOSPC, "ENOSPC" },
		{ ENOSYS, "ENOSYS" },	  { ENOTDIR, "ENOTDIR" }, { EOPNOTSUPP, "EOPNOTSUPP" },
		{ EOVERFLOW, "EOVERFLOW" }, { EPERM, "EPERM" },	  { ESTALE, "ESTALE" },
		{ ETIMEDOUT, "ETIMEDOUT" }, { ETXTBSY, "ETXTBSY" }, { EUSERS, "EUSERS" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].code == code)
			return names[i].name;
	snprintf(buf, size, "errno %d", code);
	return buf;
}

void trace_put_time(FILE *f, uint64_t usec)
{
	fprintf(f, "+%" PRIu64 ".%03" PRIu64 "s", usec / USEC_PER_SEC,
		usec % USEC_PER_SEC / USEC_PER_MSEC);
}

void trace_put_call(FILE *f, const struct cg2_trace_failure *failure)
{
	char bytes[HUMAN_MAX];

	switch ((enum cg2_trace_kind)failure->kind) {
	case CG2_TRACE_FORK:
		fputs(failure->is_thread ? "a thread" : "fork", f);
		break;
	case CG2_TRACE_EXEC:
		fprintf(f, "exec %s", failure->path);
		break;
	case CG2_TRACE_MEMORY:
		human_bytes(failure->bytes, bytes);
		fprintf(f, "%s of memory%s (%s)", bytes,
			failure->is_thread ? " for a thread's stack" : "", failure->call);
		break;
	}
}

void trace_put_reason(FILE *f, const struct cg2_trace_failure *failure)
{
	if (failure->certainty == CG2_CERTAINTY_PROBABLE)
		fprintf(f, "%s ", cg2_certainty_to_string(failure->certainty));
	fputs(failure->reason ? failure->reason : "unknown", f);
}

char *trace_failure_line(const struct cg2_trace_failure *failure)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char buf[32], *line;

	if (!f)
		return NULL;
	trace_put_time(f, failure->at_usec);
	fprintf(f, " %s (%d): ", failure->command, (int)failure->pid);
	trace_put_call(f, failure);
	fprintf(f, ": %s: ", trace_errno_name(failure->code, buf, sizeof(buf)));
	trace_put_reason(f, failure);
	return text_close(&text, &line) < 0 ? NULL : line;
}
