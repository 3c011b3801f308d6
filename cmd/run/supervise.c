/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals and job control while the command runs.
 *
 * cgscope and the command are in one process group. What a terminal sends (Ctrl-C) reaches both
 * at once, so cgscope does nothing with it; whatever else comes is passed on, if it can be caught
 * at all. The kernel says which is which: signals of the terminal come from SI_KERNEL. Two of those
 * reach cgscope alone: the hangup of a terminal, which only the leader of its session gets, and the
 * end of an alarm(2) that whoever executed cgscope had set.
 *
 * When the command stops (Ctrl-Z), cgscope stops itself by the same signal, so that the shell
 * sees its job stopped; "fg" continues the whole group. A command with a group of its own (a
 * shell that suspends itself) gets the terminal back before it is continued.
 */
#include "cmd/run/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"

/* What the kernel itself sends to a whole process group, or because of what cgscope did. */
static const int kernels[] = {
	SIGINT,	 SIGQUIT,   SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH,
	SIGXCPU, SIGVTALRM, SIGPROF, SIGXFSZ,
};

void supervise_begin(struct supervision *s, struct cg2_run *run,
		     const struct run_options *opts)
{
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	struct sigaction old;
	sigset_t ignored;

	*s = (struct supervision){ .run = run, .opts = opts, .signal_fd = -1,
				   .progress = { .next_usec = CG2_MAX } };
	sigprocmask(SIG_SETMASK, NULL, &s->mask);
	sigemptyset(&ignored);
	/* A caller that ignores SIGCHLD would make the kernel throw the command's end away. */
	if (sigaction(SIGCHLD, NULL, &old) == 0 && old.sa_handler == SIG_IGN) {
		sigaddset(&ignored, SIGCHLD);
		sigaction(SIGCHLD, &normal, NULL);
	}
	cg2_run_set_signals(run, &s->mask, &ignored);
}

int supervise_start(struct supervision *s, struct cg2_error *reterr)
{
	sigset_t set;
	int r;

	/* A fault of cgscope's own ends it all the same. */
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	r = cg2_run_start(s->run, reterr);
	if (r < 0) {
		/* A signal of the time in between has its usual effect now. */
		close_fd(s->signal_fd);
		sigprocmask(SIG_SETMASK, &s->mask, NULL);
	}
	return r;
}

void supervise_show_progress(struct supervision *s, const char *name)
{
	progress_begin(&s->progress, s->run, name);
}

void supervise_sample(struct supervision *s, struct sampler *sampler)
{
	s->sampler = sampler;
	sampler_begin(sampler, s->run);
}

/* Of two waits as poll(2) takes them, of which -1 has no end. */
static int shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* How long nothing of ours is due. */
static int tick(struct supervision *s)
{
	return shorter(progress_tick(&s->progress), s->sampler ? sampler_tick(s->sampler) : -1);
}

/* By which signal the command is stopped at this moment, 0: it is not. */
static int stopped_by(struct supervision *s)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)cg2_run_get_pid(s->run), &info, WSTOPPED | WNOHANG | WNOWAIT) < 0 ||
	    info.si_pid == 0)
		return 0;
	return info.si_status;
}

/*
 * The signal's own action, past the mask: stops, or kills. The terminal's stop signals do
 * nothing in an orphaned process group; SIGSTOP, which the command may have got, always works.
 */
static void take_signal(int sig)
{
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t set, saved;

	if (sig != SIGSTOP)
		sigaction(sig, &normal, NULL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, &saved);
	sigprocmask(SIG_SETMASK, &saved, NULL);
}

/* The command's own group if it has one and the terminal is that group's, else 0. */
static pid_t foreground_group(struct supervision *s)
{
	_cleanup_close_ int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	pid_t group = getpgid(cg2_run_get_pid(s->run));

	if (tty < 0 || group == getpgrp() || tcgetpgrp(tty) != group)
		return 0;
	return group;
}

/* Hands the terminal on that our shell gave to us; SIGTTOU is blocked. */
static void restore_foreground(pid_t group)
{
	_cleanup_close_ int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (tty >= 0 && tcgetpgrp(tty) == getpgrp() && tcsetpgrp(tty, group) < 0)
		return;
}

/*
 * Stops with the command; comes back when either of them is continued. A terminal whose job does
 * not stop would be of no use to anybody, so it stops also where nothing wakes it.
 */
static bool follow_stop(struct supervision *s)
{
	int sig = stopped_by(s), r;
	pid_t group;

	if (sig == 0)
		return false;
	r = cg2_run_doze(s->run);
	if (r < 0)
		message_warning("nothing wakes cgscope when its command, which is stopped, goes on "
				"or ends: %s",
				strerror(-r));
	progress_hide(&s->progress);
	group = foreground_group(s);
	take_signal(sig);
	if (group)
		restore_foreground(group);
	return true;
}

/* "kill -CONT" of cgscope alone; after "fg" the command was continued with us. */
static void follow_continue(struct supervision *s, const struct signalfd_siginfo *si)
{
	if ((pid_t)si->ssi_pid != cg2_run_get_holder(s->run) && stopped_by(s))
		cg2_run_signal(s->run, SIGCONT, NULL);
}

static bool is_of_kernel(int sig)
{
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		if (kernels[i] == sig)
			return true;
	return false;
}

/* Whether the command has it already, or never would have got it without cgscope. */
static bool is_not_for_command(struct supervision *s, const struct signalfd_siginfo *si)
{
	const pid_t sender = (pid_t)si->ssi_pid;

	if (si->ssi_code > 0) {
		if (si->ssi_signo == SIGHUP)
			return getsid(0) != getpid();
		return is_of_kernel((int)si->ssi_signo);
	}
	/* A closed pipe of our own; the command's own kill(2) of its group. */
	return sender == getpid() || sender == cg2_run_get_pid(s->run);
}

/* It goes from process to process. */
static bool is_manager(pid_t pid)
{
	char path[32], name[16] = "";
	_cleanup_close_ int fd = -1;

	if (pid == 1)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, name, sizeof(name)) > 0 && strncmp(name, "systemd\n", 8) == 0;
}

/* Whether a signal is in the set that a line of /proc/PID/status has: 16 digits, blanks before. */
static bool signal_set_has(const char *text, int sig)
{
	static const char digits[] = "0123456789abcdef";
	const size_t bit = (size_t)sig - 1;
	const char *digit;

	text += strspn(text, " \t");
	if (strspn(text, digits) != 16)
		return false;
	digit = strchr(digits, text[15 - bit / 4]);
	return (size_t)(digit - digits) & (size_t)1 << bit % 4;
}

/*
 * Whether the command handles it, or takes it from a signalfd as another cgscope does: only then
 * is a second one worse than one.
 */
static bool is_handled(struct supervision *s, int sig)
{
	char path[32], buf[4096];
	_cleanup_close_ int fd = -1;
	const char *caught, *blocked;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)cg2_run_get_pid(s->run));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	if (n <= 0)
		return false;
	buf[n] = '\0';
	caught = strstr(buf, "\nSigCgt:");
	blocked = strstr(buf, "\nSigBlk:");
	return (caught && signal_set_has(caught + strlen("\nSigCgt:"), sig)) ||
	       (blocked && signal_set_has(blocked + strlen("\nSigBlk:"), sig));
}

static bool is_in_other_unit(struct supervision *s)
{
	return s->opts->in || cg2_run_get_backend(s->run) == CG2_BACKEND_SYSTEMD;
}

/* What was sent to the whole process group, or to the whole unit, the command has got by itself. */
static bool was_sent_to_all(struct supervision *s, int sig, pid_t sender)
{
	const bool is_by_manager = is_manager(sender);

	if (is_by_manager ? is_in_other_unit(s) : getpgid(cg2_run_get_pid(s->run)) != getpgrp())
		return false;
	return is_handled(s, sig) && witness_saw(&s->witness, sig, sender, is_by_manager);
}

static void handle_signal(struct supervision *s, const struct signalfd_siginfo *si)
{
	const int sig = (int)si->ssi_signo;

	if (sig == SIGCONT)
		follow_continue(s, si);
	else if (sig != SIGCHLD && !is_not_for_command(s, si) &&
		 !(si->ssi_code <= 0 && was_sent_to_all(s, sig, (pid_t)si->ssi_pid)))
		cg2_run_signal(s->run, sig, NULL);
}

/* Who falls to us, as to the init process of a PID namespace, is nobody else's to reap. */
static void reap_strangers(struct supervision *s)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	       info.si_pid > 0 && info.si_pid != cg2_run_get_pid(s->run) &&
	       info.si_pid != cg2_run_get_holder(s->run)) {
		if (waitpid(info.si_pid, NULL, WNOHANG | __WALL) < 0)
			return;
		info.si_pid = 0;
	}
}

/* Whether it has stopped meanwhile. */
static bool handle_signals(struct supervision *s)
{
	struct signalfd_siginfo si;

	while (read(s->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		handle_signal(s, &si);
	if (getpid() == 1 || cg2_run_get_backend(s->run) == CG2_BACKEND_AUTO)
		reap_strangers(s);
	return follow_stop(s);
}

static void begin_to_witness(struct supervision *s)
{
	char *const *argv = s->opts->argv;
	char *last = argv[0];

	/* The command's words are the end of our own. */
	for (size_t i = 0; argv[i]; i++)
		last = argv[i];
	witness_start(&s->witness, program_invocation_name, last);
	s->is_witnessed = true;
}

int supervise_wait(struct supervision *s, struct cg2_error *reterr)
{
	int msec = shorter(CG2_RUN_SETTLE_MSEC, tick(s)), r;

	for (;;) {
		bool has_stopped = false;
		struct pollfd fds[] = {
			{ .fd = cg2_run_get_fd(s->run), .events = POLLIN },
			{ .fd = s->signal_fd, .events = POLLIN },
		};

		if (poll(fds, ARRAY_SIZE(fds), msec) < 0)
			continue;
		r = cg2_run_dispatch(s->run, reterr);
		if (r != 0)
			break;
		/* A command that has ended can neither stop nor be told anything. */
		if (fds[1].revents)
			has_stopped = handle_signals(s);
		/* Not for a command that ends at once. */
		if (!s->is_witnessed)
			begin_to_witness(s);
		msec = tick(s);
		/* The run is to know at once that we are awake. */
		if (has_stopped)
			msec = 0;
	}
	progress_hide(&s->progress);
	return r < 0 ? r : 0;
}

/* The same death, without a second core dump of the same event. */
int supervise_die_by(int sig)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	if (sig == SIGKILL)
		raise(sig);
	else
		take_signal(sig);
	/* Whoever is init of a pid namespace survives it. */
	return 128 + sig;
}

void supervise_get_ending(struct supervision *s, struct ending *ret_ending)
{
	int code = 0, status = STATUS_REFUSED;

	*ret_ending = (struct ending){ STATUS_TIMEOUT, 0 };
	if (cg2_run_get_end(s->run) != CG2_END_NONE)
		return;
	if (cg2_run_get_exit(s->run, &code, &status) > 0 && code != CLD_EXITED)
		*ret_ending = (struct ending){ 128 + status, status };
	else
		*ret_ending = (struct ending){ status, 0 };
}

/* What could be closed and freed one by one, the kernel takes back at once. */
void supervise_end(struct supervision *s, const struct ending *ending)
{
	witness_stop(&s->witness);
	exit(ending->signal ? supervise_die_by(ending->signal) : ending->status);
}
