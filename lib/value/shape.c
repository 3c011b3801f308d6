/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shapes of cgroup v2 files. The whole buffer is looked at, also behind what was
 * asked for, so that -EBADMSG does not depend on the question. Lines and keys that nobody
 * asked for may hold what they like: kernels add some.
 */
#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/scan.h"
#include "libcg2.h"

/* All of the text is one value. */
static int whole_value(struct scan s, uint64_t *ret_value)
{
	uint64_t value;

	if (scan_is(&s, "max")) {
		*ret_value = CG2_MAX;
		return 0;
	}
	if (scan_u64(&s, &value) < 0 || !scan_done(&s))
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

CG2_EXPORT int cg2_parse_value(const char *buf, size_t len, uint64_t *ret_value)
{
	struct scan s = scan_of(buf, len);
	struct scan line = scan_until(&s, '\n');

	return scan_done(&s) ? whole_value(line, ret_value) : -EBADMSG;
}

CG2_EXPORT int cg2_parse_flat(const char *buf, size_t len, const char *key,
			      uint64_t *ret_value)
{
	struct scan s = scan_of(buf, len);
	uint64_t value = 0;
	bool found = false;

	while (!scan_done(&s)) {
		struct scan line = scan_until(&s, '\n');
		struct scan name = scan_until(&line, ' ');

		if (scan_done(&name) || scan_done(&line))
			return -EBADMSG;
		if (found || !scan_is(&name, key))
			continue;
		if (whole_value(line, &value) < 0)
			return -EBADMSG;
		found = true;
	}
	if (!found)
		return -ENOENT;
	*ret_value = value;
	return 0;
}

/*
 * The value of key in one line. Some kernels put a device that has no numbers in front of
 * the next one without a line break, "7:1 7:0 rbytes=...": the numbers are those of the
 * last name. 1: found, 0: it is not there.
 */
static int nested_line(struct scan line, const char *name, const char *key,
		       uint64_t *ret_value)
{
	bool named = false, wanted = false;
	int found = 0;

	while (!scan_done(&line)) {
		struct scan pair = scan_until(&line, ' ');
		struct scan word = scan_until(&pair, '=');
		bool has_value = pair.pos != word.end;

		if (scan_done(&word))
			return -EBADMSG;
		if (!has_value) {
			named = true;
			wanted = scan_is(&word, name);
		} else if (!named) {
			return -EBADMSG;
		} else if (wanted && !found && scan_is(&word, key)) {
			if (whole_value(pair, ret_value) < 0)
				return -EBADMSG;
			found = 1;
		}
	}
	return named ? found : -EBADMSG;
}

CG2_EXPORT int cg2_parse_nested(const char *buf, size_t len, const char *name,
				const char *key, uint64_t *ret_value)
{
	struct scan s = scan_of(buf, len);
	uint64_t value = 0;
	bool found = false;

	while (!scan_done(&s)) {
		uint64_t there = 0;
		int r = nested_line(scan_until(&s, '\n'), name, key, &there);

		if (r < 0)
			return r;
		if (r > 0 && !found)
			value = there;
		found = found || r > 0;
	}
	if (!found)
		return -ENOENT;
	*ret_value = value;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

CG2_EXPORT int cg2_parse_word(const char *buf, size_t len, size_t *pos,
			      const char **ret_word, size_t *ret_len)
{
	size_t start = MIN(*pos, len), end;

	while (start < len && is_blank(buf[start]))
		start++;
	for (end = start; end < len && !is_blank(buf[end]);)
		end++;
	*pos = end;
	if (start == end)
		return 0;
	*ret_word = buf + start;
	*ret_len = end - start;
	return 1;
}

CG2_EXPORT int cg2_parse_cpu_max(const char *buf, size_t len,
				 struct cg2_cpu_max *ret_value)
{
	struct scan s = scan_of(buf, len);
	struct scan line = scan_until(&s, '\n');
	struct scan quota = scan_until(&line, ' ');
	struct cg2_cpu_max value;

	if (!scan_done(&s) || whole_value(quota, &value.quota_usec) < 0 ||
	    whole_value(line, &value.period_usec) < 0)
		return -EBADMSG;
	/* Everybody divides by it. */
	if (value.period_usec == 0 || value.period_usec == CG2_MAX)
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Pressure
 */

enum psi_key {
	PSI_AVG10,
	PSI_AVG60,
	PSI_AVG300,
	PSI_TOTAL,
	N_PSI_KEYS,
};

static const char *const psi_keys[N_PSI_KEYS] = {
	[PSI_AVG10] = "avg10",
	[PSI_AVG60] = "avg60",
	[PSI_AVG300] = "avg300",
	[PSI_TOTAL] = "total",
};

/* "12.34", always with two decimals. */
static int psi_average(struct scan s, uint64_t *ret_permyriad)
{
	struct decimal d;

	if (scan_decimal(&s, &d) < 0 || d.n_fraction != 2 || !scan_done(&s))
		return -EBADMSG;
	return decimal_scale(&d, 100, ret_permyriad) < 0 ? -EBADMSG : 0;
}

static int psi_value(enum psi_key key, struct scan s, uint64_t *ret_value)
{
	uint64_t value;

	if (key != PSI_TOTAL)
		return psi_average(s, ret_value);
	if (scan_u64(&s, &value) < 0 || !scan_done(&s))
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

/* What follows "some " or "full ": each key once, in any order. */
static int psi_line(struct scan line, struct cg2_psi_line *ret_line)
{
	uint64_t values[N_PSI_KEYS];
	unsigned int seen = 0;

	while (!scan_done(&line)) {
		struct scan pair = scan_until(&line, ' ');
		struct scan word = scan_until(&pair, '=');

		for (unsigned int i = 0; i < N_PSI_KEYS; i++) {
			if (!scan_is(&word, psi_keys[i]))
				continue;
			if ((seen & (1U << i)) || psi_value(i, pair, &values[i]) < 0)
				return -EBADMSG;
			seen |= 1U << i;
		}
	}
	if (seen != (1U << N_PSI_KEYS) - 1)
		return -EBADMSG;
	ret_line->avg10_permyriad = values[PSI_AVG10];
	ret_line->avg60_permyriad = values[PSI_AVG60];
	ret_line->avg300_permyriad = values[PSI_AVG300];
	ret_line->total_usec = values[PSI_TOTAL];
	return 0;
}

CG2_EXPORT int cg2_parse_psi(const char *buf, size_t len, struct cg2_psi *ret_psi)
{
	struct scan s = scan_of(buf, len);
	struct cg2_psi psi = { 0 };

	while (!scan_done(&s)) {
		struct scan line = scan_until(&s, '\n');
		struct scan name = scan_until(&line, ' ');
		bool some = scan_is(&name, "some");
		uint64_t bit = some ? CG2_PSI_SOME : CG2_PSI_FULL;

		if (scan_done(&name) || scan_done(&line))
			return -EBADMSG;
		if (!some && !scan_is(&name, "full"))
			continue;
		if ((psi.mask & bit) || psi_line(line, some ? &psi.some : &psi.full) < 0)
			return -EBADMSG;
		psi.mask |= bit;
	}
	if (psi.mask == 0)
		return -EBADMSG;
	*ret_psi = psi;
	return 0;
}
