/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/order.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

/* splitmix64: the same numbers on every machine, from any seed. */
static uint64_t next_number(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Each order is as likely as any other (Fisher and Yates). */
static void shuffle(struct order_step *steps, size_t n, uint64_t *state)
{
	for (size_t i = n; i > 1; i--) {
		const size_t j = (size_t)(next_number(state) % i);
		const size_t set = steps[j].set;

		steps[j].set = steps[i - 1].set;
		steps[i - 1].set = set;
	}
}

int order_make(enum order_kind kind, uint64_t seed, size_t n_sets, size_t n_rounds,
	       struct order_step **ret_steps)
{
	struct order_step *steps = calloc(n_sets * n_rounds, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	for (size_t i = 0; i < n_sets * n_rounds; i++) {
		const bool is_grouped = kind == ORDER_GROUPED;
		const size_t set = is_grouped ? i / n_rounds : i % n_sets;

		steps[i] = (struct order_step){
			.round = 1 + (is_grouped ? i % n_rounds : i / n_sets),
			.position = set + 1,
			.set = set,
		};
	}
	for (size_t i = 0; kind == ORDER_RANDOM && i < n_rounds; i++)
		shuffle(steps + i * n_sets, n_sets, &seed);
	*ret_steps = steps;
	return 0;
}

uint64_t order_seed(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed))
		seed = (uint32_t)now_real_usec();
	return seed;
}

int order_seed_from_string(const char *text, uint64_t *ret_seed)
{
	static const char digits[] = "0123456789abcdef";
	const size_t len = strlen(text);
	uint64_t seed = 0;

	if (len == 0 || len > 16)
		return -EINVAL;
	for (; *text; text++) {
		const char *digit = strchr(digits, *text | 0x20);

		if (!digit)
			return -EINVAL;
		seed = seed << 4 | (uint64_t)(digit - digits);
	}
	*ret_seed = seed;
	return 0;
}
