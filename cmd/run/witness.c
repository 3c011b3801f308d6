/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a signal has reached the witness is not a question of time. kill(2) goes through a
 * process group under the lock that setpgid(2) takes, so after a call of that the whole group has
 * it. Then the witness gets one of ours, of the highest number: signals are taken in the order of
 * their numbers, so whatever was there before has been noted when it answers.
 */
#include "cmd/run/witness.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/macro.h"

#define NAME "cg-signals"

/* The last signal that is taken of those that are there. */
#define FENCE SIGRTMAX

/* A witness that does not answer, on a machine that stands still, is not waited for any longer. */
#define ANSWER_SECONDS 1

/* How often, and how long each time, what goes from process to process is waited for. */
#define WAIT_ROUNDS 10
#define WAIT_NSEC 5000000

/* Memory that both have. */
struct witness_notes {
	_Atomic uint32_t n_fences;
	struct {
		_Atomic unsigned int n;
		_Atomic pid_t sender;
	} seen[NSIG];
};

static _noreturn_ void be_witness(struct witness_notes *notes, pid_t parent)
{
	sigset_t all;
	siginfo_t si;

	sigfillset(&all);
	for (;;) {
		const int sig = sigwaitinfo(&all, &si);

		if (sig <= 0)
			continue;
		if (sig == FENCE && si.si_code == SI_QUEUE && si.si_pid == parent) {
			atomic_fetch_add(&notes->n_fences, 1);
			syscall(SYS_futex, &notes->n_fences, FUTEX_WAKE, 1, NULL, NULL, 0);
			continue;
		}
		atomic_store(&notes->seen[sig].sender, si.si_pid);
		atomic_fetch_add(&notes->seen[sig].n, 1);
	}
}

/* Only this process's copy: the memory is not shared. */
static void rename_self(char *first, char *last)
{
	const size_t len = (size_t)(last + strlen(last) - first);

	prctl(PR_SET_NAME, NAME);
	memset(first, 0, len);
	memcpy(first, NAME, MIN(len, sizeof(NAME) - 1));
}

static pid_t make_process(struct witness *w, char *first, char *last)
{
	const pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	rename_self(first, last);
	syscall(SYS_close_range, 0, ~0U, 0);
	be_witness(w->notes, parent);
}

void witness_start(struct witness *w, char *first, char *last)
{
	void *notes = mmap(NULL, sizeof(*w->notes), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (notes == MAP_FAILED)
		return;
	w->notes = notes;
	w->pid = make_process(w, first, last);
	if (w->pid > 0)
		return;
	w->pid = 0;
	munmap(notes, sizeof(*w->notes));
}

/* Until the witness has noted what it has. false: it does not answer. */
static bool ask(struct witness *w)
{
	const uint32_t n = atomic_load(&w->notes->n_fences);
	const struct timespec timeout = { .tv_sec = ANSWER_SECONDS };
	const union sigval nothing = { 0 };

	if (setpgid(0, getpgrp()) < 0 && errno == ESRCH)
		return false;
	if (sigqueue(w->pid, FENCE, nothing) < 0)
		return false;
	while (atomic_load(&w->notes->n_fences) == n)
		if (syscall(SYS_futex, &w->notes->n_fences, FUTEX_WAIT, n, &timeout, NULL, 0) < 0 &&
		    errno == ETIMEDOUT)
			return false;
	return true;
}

bool witness_saw(struct witness *w, int sig, pid_t sender, bool wait)
{
	const struct timespec step = { .tv_nsec = WAIT_NSEC };

	if (w->pid == 0)
		return false;
	for (int i = 0; ask(w); i++) {
		const unsigned int n = atomic_load(&w->notes->seen[sig].n);
		const bool is_new = n != w->n_known[sig];

		w->n_known[sig] = n;
		if (is_new && atomic_load(&w->notes->seen[sig].sender) == sender)
			return true;
		if (!wait || i == WAIT_ROUNDS)
			return false;
		nanosleep(&step, NULL);
	}
	return false;
}

void witness_stop(struct witness *w)
{
	if (w->pid == 0)
		return;
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(w->notes, sizeof(*w->notes));
	w->pid = 0;
}
