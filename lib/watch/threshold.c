/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thresholds: from text and back, and when one is crossed.
 */
#include "watch/threshold.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/copyout.h"
#include "base/scan.h"
#include "base/text.h"
#include "value/error.h"

#define PERMYRIAD_ALL 10000

/* The kernel's triggers know windows of up to 10 s; unprivileged ones are multiples of 2 s. */
#define WINDOW_DEFAULT_USEC (2 * USEC_PER_SEC)
#define WINDOW_MIN_USEC (100 * USEC_PER_MSEC)
#define WINDOW_MAX_USEC (600 * USEC_PER_SEC)

#define THRESHOLD_WORDS                                                                   \
	"expected one like tasks:80%%, tasks:200, memory:90%%, memory:1G or "             \
	"pressure:memory:some:10%%/2s"

static const char *const kind_names[] = {
	[CG2_THRESHOLD_TASKS] = "tasks",
	[CG2_THRESHOLD_MEMORY] = "memory",
	[CG2_THRESHOLD_PRESSURE] = "pressure",
};

static const char *const pressure_names[] = {
	[CG2_PRESSURE_CPU] = "cpu",
	[CG2_PRESSURE_MEMORY] = "memory",
	[CG2_PRESSURE_IO] = "io",
};

static_assert(ARRAY_SIZE(kind_names) == CG2_THRESHOLD_PRESSURE + 1, "a name each");
static_assert(ARRAY_SIZE(pressure_names) == CG2_PRESSURE_IO + 1, "a name each");

const char *pressure_to_string(unsigned int pressure)
{
	return pressure < ARRAY_SIZE(pressure_names) ? pressure_names[pressure] : NULL;
}

/* ---- of a caller ---- */

/* What cg2_threshold_from_string() makes of any words. */
static bool is_valid(const struct cg2_threshold *t)
{
	bool is_share_valid = t->permyriad > 0 && t->permyriad <= PERMYRIAD_ALL;

	switch ((enum cg2_threshold_kind)t->kind) {
	case CG2_THRESHOLD_TASKS:
	case CG2_THRESHOLD_MEMORY:
		return t->is_share ? is_share_valid : t->value > 0 && t->value < CG2_MAX;
	case CG2_THRESHOLD_PRESSURE:
		return t->is_share && is_share_valid && pressure_to_string(t->pressure) &&
		       t->window_usec >= WINDOW_MIN_USEC && t->window_usec <= WINDOW_MAX_USEC;
	}
	return false;
}

static int from_caller(const struct cg2_threshold *threshold, struct cg2_threshold *t)
{
	int r;

	r = copy_in(t, &t->size, sizeof(*t), threshold, threshold->size);
	if (r == 0 && t->kind == CG2_THRESHOLD_PRESSURE && t->window_usec == 0)
		t->window_usec = WINDOW_DEFAULT_USEC;
	return r;
}

int threshold_take(const struct cg2_threshold *threshold, struct cg2_threshold *ret)
{
	struct cg2_threshold t;
	int r;

	r = from_caller(threshold, &t);
	if (r == 0 && !is_valid(&t))
		r = -EINVAL;
	if (r == 0)
		*ret = t;
	return r;
}

/* ---- from text ---- */

static int refuse_words(struct cg2_error *err, int code, const char *text)
{
	return error_setf(err, CG2_OP_PARSE, code, NULL, text, THRESHOLD_WORDS);
}

/* Which of the names the word is; -EINVAL. */
static int find_word(struct scan word, const char *const names[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (scan_is(&word, names[i]))
			return (int)i;
	return -EINVAL;
}

static int parse_share(const char *text, const char *whole, struct cg2_threshold *t,
		       struct cg2_error *err)
{
	int r = cg2_percent_from_string(text, &t->permyriad, NULL);

	if (r == -EINVAL)
		return refuse_words(err, EINVAL, whole);
	if (r < 0 || t->permyriad == 0 || t->permyriad > PERMYRIAD_ALL)
		return error_setf(err, CG2_OP_PARSE, ERANGE, NULL, whole,
				  "expected more than 0%% and at most 100%%");
	t->is_share = true;
	return 0;
}

/* What is behind "tasks:" or "memory:". */
static int parse_use(const char *text, const char *whole, struct cg2_threshold *t,
		     struct cg2_error *err)
{
	int r;

	if (*text && text[strlen(text) - 1] == '%')
		return parse_share(text, whole, t, err);
	r = t->kind == CG2_THRESHOLD_TASKS ? cg2_u64_from_string(text, &t->value)
					   : cg2_size_from_string(text, 0, &t->value, NULL);
	if (r == 0 && (t->value == 0 || t->value == CG2_MAX))
		r = -ERANGE;
	if (r == -ERANGE)
		return error_setf(err, CG2_OP_PARSE, ERANGE, NULL, whole,
				  "expected an amount above 0, and not 'max'");
	return r < 0 ? refuse_words(err, EINVAL, whole) : 0;
}

static int parse_window(const char *text, const char *whole, struct cg2_threshold *t,
			struct cg2_error *err)
{
	int r = cg2_duration_from_string(text, &t->window_usec, NULL);

	if (r == -EINVAL)
		return refuse_words(err, EINVAL, whole);
	if (r < 0 || t->window_usec < WINDOW_MIN_USEC || t->window_usec > WINDOW_MAX_USEC)
		return error_setf(err, CG2_OP_PARSE, ERANGE, NULL, whole,
				  "expected a window from 100ms to 10min");
	return 0;
}

/* What is behind "pressure:": "memory:some:10%/2s". */
static int parse_pressure(struct scan s, const char *whole, struct cg2_threshold *t,
			  struct cg2_error *err)
{
	static const char *const lines[] = { "some", "full" };
	int resource = find_word(scan_until(&s, ':'), pressure_names, ARRAY_SIZE(pressure_names));
	int line = find_word(scan_until(&s, ':'), lines, ARRAY_SIZE(lines));
	struct scan share = scan_until(&s, '/');
	_cleanup_free_ char *text = NULL;
	bool has_window = *share.end == '/';

	if (resource < 0 || line < 0)
		return refuse_words(err, EINVAL, whole);
	t->pressure = (unsigned int)resource;
	t->is_full = line == 1;
	t->window_usec = WINDOW_DEFAULT_USEC;
	text = strndup(share.pos, scan_left(&share));
	if (!text)
		return error_set(err, CG2_OP_PARSE, ENOMEM, NULL, whole);
	if (has_window) {
		int r = parse_window(s.pos, whole, t, err);

		if (r < 0)
			return r;
	}
	return parse_share(text, whole, t, err);
}

CG2_EXPORT int cg2_threshold_from_string(const char *text, struct cg2_threshold *threshold,
					 struct cg2_error *err)
{
	struct cg2_threshold t = { .size = sizeof(t) };
	struct scan s = scan_of_string(text);
	int kind = find_word(scan_until(&s, ':'), kind_names, ARRAY_SIZE(kind_names)), r;

	if (kind < 0)
		return refuse_words(err, EINVAL, text);
	t.kind = (unsigned int)kind;
	if (kind == CG2_THRESHOLD_PRESSURE)
		r = parse_pressure(s, text, &t, err);
	else
		r = parse_use(s.pos, text, &t, err);
	if (r < 0)
		return r;
	r = copy_out(threshold, &threshold->size, &t, sizeof(t));
	return r < 0 ? r : 0;
}

/* ---- to text ---- */

/* "80%", "200", "1G". ret_text: free with free(). */
static int amount_to_string(const struct cg2_threshold *t, char **ret_text)
{
	if (t->is_share)
		return cg2_percent_to_string(t->permyriad, ret_text);
	if (t->kind == CG2_THRESHOLD_MEMORY)
		return cg2_size_to_string(t->value, ret_text);
	*ret_text = text_format("%" PRIu64, t->value);
	return *ret_text ? 0 : -ENOMEM;
}

static char *pressure_text(const struct cg2_threshold *t, const char *share)
{
	_cleanup_free_ char *window = NULL;

	if (cg2_duration_to_string(t->window_usec, &window) < 0)
		return NULL;
	return text_format("pressure:%s:%s:%s/%s", pressure_to_string(t->pressure),
			   t->is_full ? "full" : "some", share, window);
}

CG2_EXPORT int cg2_threshold_to_string(const struct cg2_threshold *threshold, char **ret_text)
{
	_cleanup_free_ char *amount = NULL;
	struct cg2_threshold t;
	char *text;
	int r;

	r = from_caller(threshold, &t);
	if (r < 0)
		return r;
	if (t.kind >= ARRAY_SIZE(kind_names) || !pressure_to_string(t.pressure))
		return -EINVAL;
	r = amount_to_string(&t, &amount);
	if (r < 0)
		return r;
	text = t.kind == CG2_THRESHOLD_PRESSURE
		       ? pressure_text(&t, amount)
		       : text_format("%s:%s", kind_names[t.kind], amount);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

/* ---- crossing ---- */

/* value * part / whole without an overflow on the way, rounded up. */
static uint64_t share_of(uint64_t value, uint64_t part, uint64_t whole)
{
	return value / whole * part + (value % whole * part + whole - 1) / whole;
}

uint64_t threshold_point(const struct cg2_threshold *threshold, uint64_t limit)
{
	return threshold->is_share ? share_of(limit, threshold->permyriad, PERMYRIAD_ALL)
				   : threshold->value;
}

bool threshold_step(bool *is_over, uint64_t point, uint64_t value)
{
	bool was_over = *is_over;

	if (value >= point)
		*is_over = true;
	else if (value <= point - share_of(point, 1, 10))
		*is_over = false;
	return *is_over && !was_over;
}

uint64_t threshold_stall_usec(const struct cg2_threshold *threshold)
{
	return share_of(threshold->window_usec, threshold->permyriad, PERMYRIAD_ALL);
}
