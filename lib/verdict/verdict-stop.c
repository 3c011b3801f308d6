/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A threshold that was crossed, in words: of the verdict, and of a warning.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "verdict/verdict-cause.h"

/* "461M", "161"; of pressure in words. */
static void put_stop_value(FILE *f, const struct verdict_stop *stop)
{
	if (stop->is_pressure)
		fprintf(f, "tasks waited for %" PRIu64 "%% of the time", stop->value / 100);
	else if (stop->is_bytes)
		put_about(f, stop->value);
	else
		fprintf(f, "%" PRIu64, stop->value);
}

/* " of pids.max 200 of user-1000.slice", " of kernel.pid_max 4194304" */
static void put_stop_limit(FILE *f, const struct verdict_stop *stop)
{
	fprintf(f, " of %s ", stop->file);
	if (stop->is_bytes)
		put_about(f, stop->limit);
	else
		fprintf(f, "%" PRIu64, stop->limit);
	if (!stop->cgroup)
		return;
	fputs(" of ", f);
	if (stop->is_own)
		fputs("this run's cgroup", f);
	else
		put_cgroup_name(f, stop->cgroup);
}

static void put_stop(FILE *f, const struct verdict_stop *stop)
{
	put_stop_value(f, stop);
	if (stop->file)
		put_stop_limit(f, stop);
}

void reason_pressure(FILE *f, const struct evidence *e)
{
	if (!e->in->stop) {
		fputs("ended by a threshold", f);
		return;
	}
	fprintf(f, "ended by the threshold %s: ", e->in->stop->threshold);
	put_stop(f, e->in->stop);
}

int verdict_stop_to_string(const struct verdict_stop *stop, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { NULL, NULL, 0 };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	put_stop(f, stop);
	return text_close(&text, ret_text);
}
