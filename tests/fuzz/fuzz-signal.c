/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals: one that is taken has a number, and its name is taken too.
 */
#include "fuzz.h"

#include <signal.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	struct cg2_error err = CG2_ERROR_INIT;
	int sig = -4711, again;
	int r = cg2_signal_from_string(text, &sig, &err);
	const char *name;

	if (r < 0) {
		check(r == -EINVAL && sig == -4711);
		fuzz_refused(r, text, &err);
		return 0;
	}
	check(r == 0 && err.code == 0 && sig > 0 && sig < NSIG);
	name = cg2_signal_to_string(sig);
	check(name || (sig >= SIGRTMIN && sig <= SIGRTMAX));
	check(!name || (cg2_signal_from_string(name, &again, &err) == 0 && again == sig));
	return 0;
}
