/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a program and lets one of its system calls fail, or kills or stops one of its processes
 * just before a call. strace(1) can inject errors too, but it counts the calls of each kind and
 * process for itself: it cannot name the guard's third call, and it goes on in the command, which
 * is not tested.
 *
 *   inject [OPTION...] COMMAND PROGRAM [ARG...]
 *
 *   -l                list all calls, "step PROCESS CALL-NUMBER NAME ERRORS"
 *   -f PATTERN        of the calls only those about a file whose path fits; others are not counted
 *   -p N -c N         the process, 0 is PROGRAM itself, and the number of its call
 *   -e N              that call fails with the Nth of its plausible errors (calls.c)
 *   -s kill|stop|term or the process gets this signal
 *   -w MSEC           how long it is stopped (100)
 *   -t SECONDS        until all that is left is killed (20)
 *   -o FILE           the report (standard error)
 *
 * What a process of PROGRAM's becomes when it executes COMMAND is left alone from then on, and so
 * is one that PROGRAM itself traces. The report has lines of words; the status is PROGRAM's, 128+N
 * for a signal, 124 after -t.
 */
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/macro.h"
#include "calls.h"
#include "on-file.h"

#define MAX_PROCESSES 256
#define TICK_USEC 20000
#define EVENT_STOP 128
#define NOT_INJECTING (-1L)

/* As the kernel has it; the C libraries call it by different names. */
struct syscall_info {
	uint8_t op; /* 1: entry, 2: exit */
	uint8_t pad[3];
	uint32_t arch;
	uint64_t ip, sp, nr_or_result, args[8];
};

#define GET_SYSCALL_INFO 0x420e
#define OP_ENTRY 1
#define OP_EXIT 2

struct process {
	pid_t pid;
	unsigned int n_calls;
	bool is_alive;
	bool is_failing; /* the call that it is in */
	bool has_closed; /* by its last call */
	bool has_unwatched; /* a descriptor of an epoll(7) set, and added none since */
	bool has_pidfd;  /* that call is known to this kernel */
	char name[32];
};

static const struct {
	const char *word;
	int number;
	const char *name;
} signals[] = {
	{ "kill", SIGKILL, "SIGKILL" },
	{ "stop", SIGSTOP, "SIGSTOP" },
	{ "term", SIGTERM, "SIGTERM" },
};

static struct {
	bool is_listing;
	int process, call, error, sig;
	const char *signal_name;
	unsigned int stop_msec, timeout_sec;
	const char *command, *pattern;
	FILE *report;
} want = { .process = -1, .call = -1, .error = -1, .stop_msec = 100, .timeout_sec = 20 };

static struct process processes[MAX_PROCESSES];
static int n_processes, n_alive;
static const struct call_error *failure;
static int main_status = -1;
static uint64_t main_end_usec;
static pid_t stopped;
static uint64_t continue_usec = UINT64_MAX;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

static _noreturn_ void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- the registers ---- */

#if defined(__x86_64__)
#include <sys/user.h>

static void set_register(pid_t pid, size_t offset, long value)
{
	ptrace(PTRACE_POKEUSER, pid, offset, value);
}

static void skip_call(pid_t pid)
{
	set_register(pid, offsetof(struct user_regs_struct, orig_rax), -1);
}

static void set_result(pid_t pid, long value)
{
	set_register(pid, offsetof(struct user_regs_struct, rax), value);
}

static bool can_inject(void)
{
	return true;
}
#else
static void skip_call(pid_t pid)
{
}

static void set_result(pid_t pid, long value)
{
}

static bool can_inject(void)
{
	return false;
}
#endif

/* ---- processes ---- */

static void read_name(struct process *p)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)p->pid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(p->name, sizeof(p->name), f))
		p->name[strcspn(p->name, "\n")] = '\0';
	fclose(f);
}

static struct process *find(pid_t pid)
{
	for (int i = n_processes - 1; i >= 0; i--)
		if (processes[i].pid == pid && processes[i].is_alive)
			return &processes[i];
	return NULL;
}

static struct process *add(pid_t pid)
{
	struct process *p = &processes[n_processes];

	if (n_processes == MAX_PROCESSES)
		die("more processes than expected");
	*p = (struct process){ .pid = pid, .is_alive = true };
	n_processes++;
	n_alive++;
	read_name(p);
	return p;
}

static void drop(struct process *p)
{
	p->is_alive = false;
	n_alive--;
}

static int index_of(const struct process *p)
{
	return (int)(p - processes);
}

/* There can be one tracer only. To be left alone it must stand still, in the call that it is in. */
static void release(pid_t pid)
{
	struct process *p = find(pid);
	int status;

	if (!p)
		return;
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		ptrace(PTRACE_DETACH, pid, 0, 0);
	drop(p);
}

/* Also one that has become the command. */
static bool is_own(pid_t pid)
{
	int i = 0;

	while (i < n_processes && processes[i].pid != pid)
		i++;
	return i < n_processes;
}

/* ---- the call in question ---- */

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/*
 * A pipe has no errors of a disk, and the sockets between cgscope and its own processes none of a
 * connection: what ends them is that the other end dies. A descriptor that was just closed is there
 * to be had, and a call that worked is known.
 */
static bool can_happen(const struct process *p, const struct call *call, uint64_t argument,
		       int error)
{
	static const char *const on_files[] = { "read", "write", NULL };
	static const char *const on_sockets[] = { "sendto", "sendmsg", "recvfrom", "recvmsg",
						  NULL };
	char link[64];

	if (is_one_of(call->name, on_files)) {
		file_of_descriptor(p->pid, argument, link, sizeof(link));
		return *link == '/' ? error != EPIPE : error == EPIPE || error == EINTR;
	}
	if (is_one_of(call->name, on_sockets) && index_of(p) > 0)
		return error == EINTR || error == ENOBUFS;
	/* Its own child, that it has not reaped. */
	if (strcmp(call->name, "kill") == 0)
		return !is_own((pid_t)argument);
	if (error == EMFILE)
		return !p->has_closed;
	if (strcmp(call->name, "epoll_ctl") == 0)
		return !p->has_unwatched;
	/* Whoever is traced already stands still, and is our own. */
	if (strcmp(call->name, "ptrace") == 0)
		return argument == PTRACE_SEIZE;
	if (strcmp(call->name, "pidfd_open") == 0 && error == ESRCH)
		return !is_own((pid_t)argument);
	return error != ENOSYS || !p->has_pidfd || strcmp(call->name, "pidfd_open") != 0;
}

/* Told apart by a call's number, which may be another one the next time, and by its file. */
static void report_injected(const struct process *p, const char *call, const char *what,
			    const uint64_t *arguments)
{
	char file[4096];

	file_of_call(p->pid, call, arguments, file, sizeof(file));
	fprintf(want.report, "injected %s %s %s %llu %s\n", call, what, p->name,
		(unsigned long long)now(), file);
}

static void send_signal(const struct process *p)
{
	kill(p->pid, want.sig);
	if (want.sig != SIGSTOP)
		return;
	stopped = p->pid;
	continue_usec = now() + want.stop_msec * USEC_PER_MSEC;
}

static void inject(struct process *p, const struct call *call, const uint64_t *arguments)
{
	read_name(p);
	if (want.sig) {
		report_injected(p, call ? call->name : "unknown", want.signal_name, arguments);
		send_signal(p);
		return;
	}
	failure = call ? call_get_error(call, (unsigned int)want.error) : NULL;
	if (!failure || !can_happen(p, call, arguments[0], failure->number))
		return;
	report_injected(p, call->name, failure->name, arguments);
	/* Linux has closed the descriptor even then. */
	if (call->nr != SYS_close)
		skip_call(p->pid);
	p->is_failing = true;
}

static bool is_wanted(const struct process *p, const struct call *call, const uint64_t *arguments)
{
	char file[4096];

	if (!want.pattern)
		return true;
	file_of_call(p->pid, call ? call->name : "", arguments, file, sizeof(file));
	return fnmatch(want.pattern, file, 0) == 0;
}

static void list(const struct process *p, const struct call *call, long nr)
{
	if (call)
		fprintf(want.report, "step %d %u %s %u\n", index_of(p), p->n_calls, call->name,
			call_count_errors(call));
	else
		fprintf(want.report, "unknown %ld\n", nr);
}

static void enter_call(struct process *p, long nr, const uint64_t *arguments)
{
	const struct call *call = call_find(nr);

	if (nr == SYS_ptrace && arguments[0] == PTRACE_SEIZE)
		release((pid_t)arguments[1]);
	if (is_wanted(p, call, arguments)) {
		p->n_calls++;
		if (want.is_listing)
			list(p, call, nr);
		if (index_of(p) == want.process && (int)p->n_calls == want.call)
			inject(p, call, arguments);
	}
	p->has_closed = nr == SYS_close;
	if (nr == SYS_epoll_ctl)
		p->has_unwatched = arguments[1] == EPOLL_CTL_DEL;
	p->has_pidfd |= nr == SYS_pidfd_open;
}

static void leave_call(struct process *p)
{
	if (!p->is_failing)
		return;
	p->is_failing = false;
	set_result(p->pid, -failure->number);
}

static void syscall_stop(struct process *p)
{
	struct syscall_info info = { 0 };

	if (ptrace(GET_SYSCALL_INFO, p->pid, sizeof(info), &info) < 0)
		return;
	if (info.op == OP_ENTRY)
		enter_call(p, (long)info.nr_or_result, info.args);
	else if (info.op == OP_EXIT)
		leave_call(p);
}

/* ---- the loop ---- */

/* It is the command now, and none of our business. */
static bool is_command(struct process *p)
{
	read_name(p);
	return strncmp(p->name, want.command, 15) == 0;
}

static void take_new(pid_t parent)
{
	unsigned long pid = 0;

	if (ptrace(PTRACE_GETEVENTMSG, parent, 0, &pid) == 0 && !find((pid_t)pid))
		add((pid_t)pid);
}

static void resume(struct process *p, int sig)
{
	ptrace(PTRACE_SYSCALL, p->pid, 0, (long)sig);
}

static void event_stop(struct process *p, int event, int sig)
{
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		take_new(p->pid);
		break;
	case PTRACE_EVENT_EXEC:
		if (is_command(p)) {
			ptrace(PTRACE_DETACH, p->pid, 0, 0);
			drop(p);
			return;
		}
		break;
	case EVENT_STOP:
		if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU) {
			ptrace(PTRACE_LISTEN, p->pid, 0, 0);
			return;
		}
		break;
	}
	resume(p, 0);
}

static void handle_stop(struct process *p, int status)
{
	int event = status >> 16, sig = WSTOPSIG(status);

	if (event) {
		event_stop(p, event, sig);
	} else if (sig == (SIGTRAP | 0x80)) {
		syscall_stop(p);
		resume(p, 0);
	} else {
		resume(p, sig);
	}
}

/* What no failing call may do to one of ours, also where PROGRAM goes on. */
static void report_crash(const struct process *p, int status)
{
	static const int crashes[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSYS };

	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		if (WIFSIGNALED(status) && WTERMSIG(status) == crashes[i])
			fprintf(want.report, "crashed %d %s by signal %d after %u calls\n",
				index_of(p), p->name, crashes[i], p->n_calls);
}

static void handle(pid_t pid, int status)
{
	struct process *p = find(pid);

	/* A new process may be seen before its parent tells of it. */
	if (!p && WIFSTOPPED(status))
		p = add(pid);
	if (!p)
		return;
	if (WIFSTOPPED(status)) {
		handle_stop(p, status);
		return;
	}
	report_crash(p, status);
	if (index_of(p) == 0) {
		main_status = status;
		main_end_usec = now();
	}
	drop(p);
}

static void report_left(void)
{
	for (int i = 0; i < n_processes; i++) {
		if (!processes[i].is_alive)
			continue;
		read_name(&processes[i]);
		fprintf(want.report, "left %d %s after %u calls\n", i, processes[i].name,
			processes[i].n_calls);
	}
}

static void continue_stopped(void)
{
	if (now() < continue_usec)
		return;
	kill(stopped, SIGCONT);
	continue_usec = UINT64_MAX;
}

static int loop(void)
{
	const uint64_t end = now() + want.timeout_sec * USEC_PER_SEC;
	int status;

	while (n_alive > 0) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid > 0)
			handle(pid, status);
		else if (errno != EINTR)
			break;
		continue_stopped();
		if (now() >= end) {
			report_left();
			return 124;
		}
	}
	if (main_status >= 0)
		fprintf(want.report, "lasted %llu\n", (unsigned long long)(now() - main_end_usec));
	/* A command in its place is no longer traced, but a child as before. */
	while (main_status < 0 && now() < end) {
		if (waitpid(processes[0].pid, &status, 0) > 0)
			main_status = status;
		continue_stopped();
	}
	if (main_status < 0) {
		fprintf(want.report, "left the command in its place\n");
		return 124;
	}
	return WIFSIGNALED(main_status) ? 128 + WTERMSIG(main_status) : WEXITSTATUS(main_status);
}

/* ---- start ---- */

static void tick(int sig)
{
}

static void start_ticking(void)
{
	struct sigaction action = { .sa_handler = tick };
	struct itimerval timer = { { 0, TICK_USEC }, { 0, TICK_USEC } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void start(char **words)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int gate[2];
	char byte = 0;
	pid_t pid;

	if (pipe(gate) < 0)
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		close(gate[1]);
		if (read(gate[0], &byte, 1) < 0)
			_exit(2);
		close(gate[0]);
		execvp(words[0], words);
		_exit(127);
	}
	if (ptrace(PTRACE_SEIZE, pid, 0, options) < 0)
		die("ptrace");
	add(pid);
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	close(gate[0]);
	close(gate[1]);
}

static void choose_signal(const char *word)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(signals) && strcmp(signals[i].word, word) != 0)
		i++;
	if (i == ARRAY_SIZE(signals))
		exit(2);
	want.sig = signals[i].number;
	want.signal_name = signals[i].name;
}

static void parse(int argc, char *argv[])
{
	int c;

	want.report = stderr;
	while ((c = getopt(argc, argv, "+lf:p:c:e:s:w:t:o:")) >= 0)
		switch (c) {
		case 'l':
			want.is_listing = true;
			break;
		case 'f':
			want.pattern = optarg;
			break;
		case 'p':
			want.process = atoi(optarg);
			break;
		case 'c':
			want.call = atoi(optarg);
			break;
		case 'e':
			want.error = atoi(optarg);
			break;
		case 's':
			choose_signal(optarg);
			break;
		case 'w':
			want.stop_msec = (unsigned int)atoi(optarg);
			break;
		case 't':
			want.timeout_sec = (unsigned int)atoi(optarg);
			break;
		case 'o':
			want.report = fopen(optarg, "we");
			if (!want.report)
				die(optarg);
			break;
		default:
			exit(2);
		}
	if (argc - optind < 2) {
		fprintf(stderr, "usage: inject [OPTION...] COMMAND PROGRAM [ARG...]\n");
		exit(2);
	}
	want.command = argv[optind];
}

int main(int argc, char *argv[])
{
	int r;

	parse(argc, argv);
	if (!can_inject()) {
		fprintf(stderr, "inject: the registers of this architecture are not known\n");
		return 77;
	}
	start(argv + optind + 1);
	start_ticking();
	r = loop();
	fflush(want.report);
	return r;
}
