/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a child used, as the kernel writes it and as the C library reads it: the same, whatever the
 * sizes of long and time_t are.
 */
#include "unit.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "run/wait-usage.h"

#define USED (24 * MIB)

static pid_t child_that_uses_memory(void)
{
	pid_t pid = fork();
	char *memory;

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	memory = mmap(NULL, USED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		_exit(1);
	memset(memory, 1, USED);
	_exit(7);
}

static uint64_t usec_of(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * USEC_PER_SEC + (uint64_t)tv->tv_usec;
}

static void use_is_what_the_c_library_reads(void **state _unused_)
{
	pid_t pid = child_that_uses_memory();
	struct rusage usage;
	struct process_usage used = { .max_rss_bytes = UNTOUCHED };
	siginfo_t info = { 0 };

	assert_int_equal(wait_usage(pid, &info, WEXITED | WNOWAIT, NULL), 0);
	assert_int_equal(info.si_pid, pid);
	assert_int_equal(wait_usage(pid, &info, WEXITED, &used), 0);
	assert_int_equal(info.si_code, CLD_EXITED);
	assert_int_equal(info.si_status, 7);
	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	assert_true(used.max_rss_bytes >= USED);
	assert_int_equal(used.max_rss_bytes, (uint64_t)usage.ru_maxrss * KIB);
	assert_int_equal(used.user_usec, usec_of(&usage.ru_utime));
	assert_int_equal(used.system_usec, usec_of(&usage.ru_stime));
}

static void without_a_child_nothing_is_told(void **state _unused_)
{
	struct process_usage used = { .max_rss_bytes = UNTOUCHED };
	siginfo_t info = { 0 };

	assert_int_equal(wait_usage(getpid(), &info, WEXITED | WNOHANG, &used), -ECHILD);
	assert_true(used.max_rss_bytes == UNTOUCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(use_is_what_the_c_library_reads),
		cmocka_unit_test(without_a_child_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
