/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/output/real.h"

#define LOG_2 0.69314718055994530942
#define SQRT_2 1.41421356237309504880

/* x is 2^n times m, and m near to 1; then log(m) is 2 artanh((m - 1) / (m + 1)). */
double real_log(double x)
{
	double sum = 0, z, power;
	int n = 0;

	for (; x > SQRT_2; x /= 2)
		n++;
	for (; x < SQRT_2 / 2; x *= 2)
		n--;
	z = (x - 1) / (x + 1);
	power = z;
	for (int i = 1; i < 25; i += 2) {
		sum += power / i;
		power *= z * z;
	}
	return n * LOG_2 + 2 * sum;
}

/* Newton's method, from above. */
double real_sqrt(double x)
{
	double root = x > 1 ? x : 1, next;

	if (x <= 0)
		return 0;
	for (;;) {
		next = (root + x / root) / 2;
		if (next >= root)
			return root;
		root = next;
	}
}
