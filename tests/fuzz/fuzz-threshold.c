/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thresholds: what is taken has a text that means the same, and can be used.
 */
#include "fuzz.h"

#include "watch/threshold.h"

static void use(const struct cg2_threshold *threshold)
{
	struct cg2_threshold taken = { .size = sizeof(taken) };
	bool is_over = false;

	check(threshold_take(threshold, &taken) == 0);
	if (taken.kind == CG2_THRESHOLD_PRESSURE) {
		check(threshold_stall_usec(&taken) <= taken.window_usec);
		return;
	}
	check(threshold_point(&taken, 1000) <= 1000 || !taken.is_share);
	check(threshold_step(&is_over, threshold_point(&taken, 1000), UINT64_MAX));
	check(!threshold_step(&is_over, threshold_point(&taken, 1000), UINT64_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size), *made = NULL, *again = NULL;
	struct cg2_threshold threshold = { .size = sizeof(threshold) }, other = threshold;
	struct cg2_error err = CG2_ERROR_INIT;
	int r = cg2_threshold_from_string(text, &threshold, &err);

	if (r < 0) {
		fuzz_refused(r, text, &err);
		return 0;
	}
	check(r == 0 && err.code == 0);
	use(&threshold);
	check(cg2_threshold_to_string(&threshold, &made) == 0);
	check(cg2_threshold_from_string(made, &other, &err) == 0);
	check(cg2_threshold_to_string(&other, &again) == 0);
	check(strcmp(made, again) == 0);
	check(other.kind == threshold.kind && other.value == threshold.value);
	check(other.permyriad == threshold.permyriad);
	check(other.window_usec == threshold.window_usec);
	return 0;
}
