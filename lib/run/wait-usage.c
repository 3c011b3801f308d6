/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/wait-usage.h"

#include <errno.h>
#include <linux/posix_types.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * The kernel's struct rusage. The C library's is another one on 32-bit machines with 64-bit time:
 * it converts what its own functions return, and this is none of them.
 */
struct kernel_rusage {
	__kernel_long_t utime[2];
	__kernel_long_t stime[2];
	__kernel_long_t max_rss_kib;
	__kernel_long_t rest[13];
};

static uint64_t usec_of(const __kernel_long_t timeval[2])
{
	return (uint64_t)timeval[0] * USEC_PER_SEC + (uint64_t)timeval[1];
}

int wait_usage(pid_t pid, siginfo_t *info, int options, struct process_usage *ret_usage)
{
	struct kernel_rusage usage = { .max_rss_kib = 0 };

	/* A caller may have handlers of signals; cgscope has none. */
	while (syscall(SYS_waitid, P_PID, pid, info, options, &usage) < 0)
		if (errno != EINTR)
			return -errno;
	if (ret_usage && info->si_pid != 0)
		*ret_usage = (struct process_usage){
			.max_rss_bytes = (uint64_t)usage.max_rss_kib * KIB,
			.user_usec = usec_of(usage.utime),
			.system_usec = usec_of(usage.stime),
		};
	return 0;
}
