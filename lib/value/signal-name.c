/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of signals. Accepted as timeout(1) and kill(1) do: with or without SIG, in either
 * case, or as a number; written as "SIGTERM". The table is ours because the names are
 * handed out as static strings, which the C library's come without the SIG.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/macro.h"
#include "base/scan.h"
#include "libcg2.h"
#include "value/error.h"

/* The first name of a number is the one that is written. */
static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "SIGHUP", SIGHUP },	    { "SIGINT", SIGINT },	{ "SIGQUIT", SIGQUIT },
	{ "SIGILL", SIGILL },	    { "SIGTRAP", SIGTRAP },	{ "SIGABRT", SIGABRT },
	{ "SIGIOT", SIGIOT },	    { "SIGBUS", SIGBUS },	{ "SIGFPE", SIGFPE },
	{ "SIGKILL", SIGKILL },	    { "SIGUSR1", SIGUSR1 },	{ "SIGSEGV", SIGSEGV },
	{ "SIGUSR2", SIGUSR2 },	    { "SIGPIPE", SIGPIPE },	{ "SIGALRM", SIGALRM },
	{ "SIGTERM", SIGTERM },
#ifdef SIGSTKFLT
	{ "SIGSTKFLT", SIGSTKFLT },
#endif
#ifdef SIGEMT
	{ "SIGEMT", SIGEMT },
#endif
	{ "SIGCHLD", SIGCHLD },	    { "SIGCLD", SIGCHLD },	{ "SIGCONT", SIGCONT },
	{ "SIGSTOP", SIGSTOP },	    { "SIGTSTP", SIGTSTP },	{ "SIGTTIN", SIGTTIN },
	{ "SIGTTOU", SIGTTOU },	    { "SIGURG", SIGURG },	{ "SIGXCPU", SIGXCPU },
	{ "SIGXFSZ", SIGXFSZ },	    { "SIGVTALRM", SIGVTALRM }, { "SIGPROF", SIGPROF },
	{ "SIGWINCH", SIGWINCH },   { "SIGIO", SIGIO },		{ "SIGPOLL", SIGPOLL },
#ifdef SIGPWR
	{ "SIGPWR", SIGPWR },
#endif
	{ "SIGSYS", SIGSYS },
};

/* Takes the letters of name, in either case. */
static bool scan_name(struct scan *s, const char *name)
{
	size_t len = strlen(name);

	if (scan_left(s) < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (to_upper(s->pos[i]) != name[i])
			return false;
	s->pos += len;
	return true;
}

static bool is_realtime(uint64_t number)
{
	return number >= (uint64_t)SIGRTMIN && number <= (uint64_t)SIGRTMAX;
}

/* "RTMIN", "RTMIN+3", "RTMAX-2". */
static int realtime(struct scan s)
{
	bool from_min = scan_name(&s, "RTMIN");
	int base = from_min ? SIGRTMIN : SIGRTMAX;
	uint64_t offset;

	if (!from_min && !scan_name(&s, "RTMAX"))
		return -EINVAL;
	if (scan_done(&s))
		return base;
	if (!scan_char(&s, from_min ? '+' : '-') || scan_u64(&s, &offset) < 0 ||
	    !scan_done(&s) || offset > (uint64_t)(SIGRTMAX - SIGRTMIN))
		return -EINVAL;
	return from_min ? base + (int)offset : base - (int)offset;
}

static int named(struct scan s)
{
	scan_name(&s, "SIG");
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct scan rest = s;

		if (scan_name(&rest, signals[i].name + strlen("SIG")) && scan_done(&rest))
			return signals[i].number;
	}
	return realtime(s);
}

static int numbered(const char *text)
{
	uint64_t number;

	if (cg2_u64_from_string(text, &number) < 0)
		return -EINVAL;
	if (is_realtime(number) || (number < NSIG && cg2_signal_to_string((int)number)))
		return (int)number;
	return -EINVAL;
}

CG2_EXPORT int cg2_signal_from_string(const char *text, int *ret_signal,
				      struct cg2_error *err)
{
	int r = is_digit(text[0]) ? numbered(text) : named(scan_of_string(text));

	if (r < 0)
		return error_setf(err, CG2_OP_PARSE, r, NULL, text,
				  "expected a signal like TERM, 15 or RTMIN+3");
	*ret_signal = r;
	return 0;
}

CG2_EXPORT const char *cg2_signal_to_string(int sig)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].number == sig)
			return signals[i].name;
	return NULL;
}
