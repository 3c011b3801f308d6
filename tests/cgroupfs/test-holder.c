/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The holder, with real processes and no cgroup: how long it waits, when its caller has ended, for
 * a manager to move it.
 */
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "tree.h"

#include "base/clock.h"
#include "child/holder.h"

#define MOVE_USEC (1 * USEC_PER_SEC)

/* Where it is, and stays: nobody moves it. */
static char *read_home(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096] = "";

	assert_non_null(f);
	while (strncmp(line, "0::", 3) != 0)
		if (!fgets(line, sizeof(line), f))
			return NULL;
	line[strcspn(line, "\n")] = '\0';
	return strdup(line + 3);
}

static void await_receipt(const struct holder *h)
{
	int n = 1;

	while (n > 0) {
		poll(NULL, 0, 1);
		assert_int_equal(ioctl(h->socket_fd, SIOCOUTQ, &n), 0);
	}
}

static uint64_t usec_of_end(pid_t pid)
{
	const uint64_t begin = now_usec();
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return now_usec() - begin;
}

static pid_t start(struct holder *h)
{
	_cleanup_free_ char *home = read_home();

	/* Without cgroup v2 it would be nowhere, and not wait. */
	if (!home)
		skip();
	*h = (struct holder)HOLDER_NONE;
	assert_int_equal(holder_start(h, NULL, NULL, home, NULL), 0);
	return h->pid;
}

static void it_ends_with_its_caller(void **state)
{
	struct holder h;
	const pid_t pid = start(&h);

	holder_detach(&h);
	assert_true(usec_of_end(pid) < MOVE_USEC);
}

static void it_waits_for_a_move(void **state)
{
	struct holder h;
	const pid_t pid = start(&h);

	assert_int_equal(holder_expect_move(&h, MOVE_USEC / 5), 0);
	await_receipt(&h);
	holder_detach(&h);
	assert_true(usec_of_end(pid) > MOVE_USEC / 10);
}

/* A machine with too much to do, or a stop: what counts is the clock, not how often it looked. */
static void who_could_not_run_waits_no_longer(void **state)
{
	struct holder h;
	const pid_t pid = start(&h);

	assert_int_equal(holder_expect_move(&h, MOVE_USEC), 0);
	await_receipt(&h);
	holder_detach(&h);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	poll(NULL, 0, MOVE_USEC / USEC_PER_MSEC);
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_true(usec_of_end(pid) < MOVE_USEC * 3 / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_with_its_caller),
		cmocka_unit_test(it_waits_for_a_move),
		cmocka_unit_test(who_could_not_run_waits_no_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
