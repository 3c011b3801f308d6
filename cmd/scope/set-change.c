/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A limit that set changed, as a number and in words.
 */
#include <string.h>

#include "cmd/output/human.h"
#include "cmd/output/message.h"
#include "cmd/scope/set.h"

int set_change_get_number(const struct set_change *change, const char *text,
			  uint64_t *ret_number)
{
	const unsigned int unit = change->info ? change->info->unit : CG2_UNIT_TASKS;
	const size_t len = strlen(text);
	struct cg2_cpu_max max;

	if (unit == CG2_UNIT_LIST || unit == CG2_UNIT_IO)
		return 0;
	if (unit != CG2_UNIT_PERMYRIAD)
		return cg2_parse_value(text, len, ret_number) == 0 ||
		       cg2_parse_flat(text, len, "default", ret_number) >= 0;
	*ret_number = CG2_MAX;
	if (cg2_parse_cpu_max(text, len, &max) == 0 && max.quota_usec != CG2_MAX &&
	    max.period_usec > 0)
		*ret_number = max.quota_usec * 10000 / max.period_usec;
	return 1;
}

/* As its option would take it; buf has HUMAN_MAX bytes. */
static const char *change_text(const struct set_change *change, const char *text, char *buf)
{
	uint64_t number;

	if (!*text)
		return "none";
	if (!set_change_get_number(change, text, &number))
		return text;
	if (number == CG2_MAX)
		return "no limit";
	if (!change->info)
		return text;
	if (change->info->unit == CG2_UNIT_BYTES)
		human_bytes(number, buf);
	else if (change->info->unit == CG2_UNIT_PERMYRIAD)
		human_percent(number, buf);
	else
		human_count(number, buf);
	return buf;
}

void set_say_change(const struct cg2_change *told)
{
	const struct set_change change = { .info = told->info };
	char before[HUMAN_MAX], after[HUMAN_MAX];
	const char *label = told->file ? told->file : told->property;

	if (told->info && told->info->limit == CG2_LIMIT_MEMORY_MAX)
		label = "memory";
	else if (told->info && told->info->limit == CG2_LIMIT_CPU_MAX)
		label = "cpu";
	else if (told->info && told->info->limit == CG2_LIMIT_TASKS_MAX)
		label = "tasks";
	message_info("%s: %s -> %s", label, change_text(&change, told->before, before),
		     change_text(&change, told->after, after));
}
