/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the texts of an explanation are made of. */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "cmd/explain/explain.h"
#include "cmd/output/table.h"

#define INDENT 10

/* "12:00:01", with the date if that is not today. */
void explain_put_time(FILE *f, uint64_t usec)
{
	time_t then = (time_t)(usec / USEC_PER_SEC), now = (time_t)(now_real_usec() / USEC_PER_SEC);
	struct tm a, b;
	char text[64];

	if (!localtime_r(&then, &a) || !localtime_r(&now, &b))
		return;
	strftime(text, sizeof(text),
		 a.tm_year == b.tm_year && a.tm_yday == b.tm_yday ? "%H:%M:%S"
								  : "%Y-%m-%d %H:%M:%S",
		 &a);
	fputs(text, f);
}

const char *explain_whose(const struct cg2_explained *about)
{
	return about->manager == CG2_MANAGER_USER ? "yours" : "system";
}

void explain_print_labelled(const char *label, const char *text)
{
	char start[INDENT + 8];

	snprintf(start, sizeof(start), "  %-*s", INDENT - 2, label);
	table_print_text(start, text, INDENT, TABLE_PLAIN, false);
}
