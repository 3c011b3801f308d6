/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties in cgroup files: how the kernel shows them, and what it takes where there is
 * no manager.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "limit/limit.h"
#include "property/property-kind.h"

/* systemd's, where none is given. */
#define DEFAULT_PERIOD_USEC (100 * USEC_PER_MSEC)

static bool is_percentage(const struct property *property)
{
	return property->bus_name == property->info->scale;
}

/* The kernel counts memory in pages, and what it cannot count is no limit. */
static uint64_t whole_pages(uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return bytes / page >= INT64_MAX / page ? CG2_MAX : bytes - bytes % page;
}

static int format(char **ret_text, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	*ret_text = copy;
	return 0;
}

int property_verify_bool(const struct property *property, const char *buf, size_t len)
{
	uint64_t value;
	int r = cg2_parse_value(buf, len, &value);

	return r < 0 ? r : value == property->atoms[0].number;
}

int property_bool_text(const struct property *property, uint64_t total_bytes _unused_,
		       char **ret_text)
{
	return format(ret_text, property->atoms[0].number ? "1" : "0");
}

/* The kernel adds a word when a partition is not valid. */
int property_verify_choice(const struct property *property, const char *buf, size_t len)
{
	const struct property_atom *atom = &property->atoms[0];

	if (len > 0 && buf[len - 1] == '\n')
		len--;
	return len == atom->size && memcmp(buf, atom->data, len) == 0;
}

int property_choice_text(const struct property *property, uint64_t total_bytes _unused_,
			 char **ret_text)
{
	return format(ret_text, property->atoms[0].data);
}

int property_verify_size(const struct property *property, const char *buf, size_t len)
{
	uint64_t value;
	int r = cg2_parse_value(buf, len, &value);

	if (r < 0)
		return r;
	if (is_percentage(property))
		return value != CG2_MAX;
	return value == whole_pages(property->atoms[0].number);
}

int property_size_text(const struct property *property, uint64_t total_bytes,
		       char **ret_text)
{
	uint64_t bytes = property->atoms[0].number, permyriad;

	if (is_percentage(property)) {
		int r = property_scan_permyriad(property->value, &permyriad);

		if (r < 0)
			return r;
		bytes = total_bytes / 10000 * permyriad +
			total_bytes % 10000 * permyriad / 10000;
	}
	bytes = whole_pages(bytes);
	if (bytes == CG2_MAX)
		return format(ret_text, "max");
	*ret_text = text_format("%" PRIu64, bytes);
	return *ret_text ? 0 : -ENOMEM;
}

/*
 * Where the quota of one period would be less than the kernel's millisecond, systemd
 * makes the period longer. Without a quota there is nothing that the period could be of.
 */
int property_verify_period(const struct property *property, const char *buf, size_t len)
{
	uint64_t wanted = property->atoms[0].number;
	struct cg2_cpu_max max;
	int r = cg2_parse_cpu_max(buf, len, &max);

	if (r < 0)
		return r;
	if (wanted == CG2_MAX)
		wanted = DEFAULT_PERIOD_USEC;
	if (max.quota_usec == CG2_MAX || max.period_usec == wanted)
		return 1;
	return max.period_usec > wanted && max.quota_usec <= USEC_PER_MSEC;
}

/*
 * Whether the line of some device, "MAJOR:MINOR ...", has the word. Which device systemd
 * has made of a path through partitions and mappings is its own affair; a new cgroup has
 * no lines but those that it was given.
 */
static bool some_device_has(const char *buf, size_t len, const char *wanted)
{
	size_t pos = 0, n;
	bool device = false;
	const char *word;

	while (cg2_parse_word(buf, len, &pos, &word, &n) > 0) {
		if (device && n == strlen(wanted) && memcmp(word, wanted, n) == 0)
			return true;
		device = memchr(word, ':', n);
	}
	return false;
}

/* The weight is systemd's in io.weight, which only iocost obeys, and bfq's in io.bfq.weight. */
int property_verify_device_weight(const struct property *property, const char *buf,
				  size_t len)
{
	uint64_t weight = property->n_atoms > 0 ? property->atoms[1].number : 0;
	uint64_t bfq = limits_bfq_weight(weight);
	char wanted[2][32];

	if (property->n_atoms == 0)
		return 1;
	snprintf(wanted[0], sizeof(wanted[0]), "%" PRIu64, weight);
	snprintf(wanted[1], sizeof(wanted[1]), "%" PRIu64, bfq);
	return some_device_has(buf, len, wanted[0]) ||
	       some_device_has(buf, len, wanted[1]);
}

/* The kernel shows no line for a device without a target. */
int property_verify_device_latency(const struct property *property, const char *buf,
				   size_t len)
{
	char wanted[32];

	if (property->n_atoms == 0 || property->atoms[1].number == CG2_MAX)
		return 1;
	snprintf(wanted, sizeof(wanted), "target=%" PRIu64, property->atoms[1].number);
	return some_device_has(buf, len, wanted);
}
