/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The starts before the newest, from the journal alone: what was before a start's first message is
 * a wait, for RestartSec= or in the queue, and what follows is all that systemd had to do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "explain/explain-internal.h"
#include "explain/explain-start.h"

/* From the message that its job runs to the one that it is done; both of one boot. */
static const struct journal_entry *end_of_start(const struct explain_life *life)
{
	const struct journal_entry *end = life->started ? life->started : life->job_failed;

	if (!life->starting || !end ||
	    strcmp(journal_get(life->starting, JOURNAL__BOOT_ID),
		   journal_get(end, JOURNAL__BOOT_ID)) != 0 ||
	    end->monotonic_usec < life->starting->monotonic_usec)
		return NULL;
	return end;
}

/* Takes what over. */
static bool add(struct explain_earlier *earlier, const char *kind, char *what, uint64_t from,
		uint64_t to)
{
	if (!what)
		return false;
	earlier->steps[earlier->n_steps++] = (struct explain_step_time){ .kind = kind,
									 .what = what,
									 .from = from,
									 .to = to };
	return true;
}

/* From its end to the moment at which systemd had waited long enough. */
static bool add_restart(struct explain_earlier *earlier, const struct explain_life *before)
{
	const struct journal_entry *end, *restart = before ? before->restart : NULL;

	end = before && before->failed ? before->failed : before ? before->exited : NULL;
	if (!restart || !end || restart->monotonic_usec > earlier->from ||
	    restart->monotonic_usec < end->monotonic_usec + USEC_PER_MSEC ||
	    strcmp(journal_get(restart, JOURNAL__BOOT_ID),
		   journal_get(earlier->life->starting, JOURNAL__BOOT_ID)) != 0)
		return true;
	return add(earlier, "restart", strdup("RestartSec= before it was started again"),
		   end->monotonic_usec, restart->monotonic_usec);
}

/* The jobs are newest first: those up to the start's own first message. */
static struct journal_list jobs_until(const struct journal_list *jobs, uint64_t real_usec)
{
	size_t i = 0;

	while (i < jobs->n && jobs->entries[i]->real_usec > real_usec)
		i++;
	return (struct journal_list){ jobs->entries + i, jobs->n - i };
}

static bool add_queue(struct explain_earlier *earlier, const struct journal_list *jobs,
		      const struct explain_unit *about)
{
	const struct journal_entry *own = earlier->life->starting;
	const struct journal_list older = jobs_until(jobs, own->real_usec);
	struct explain_queue queue;
	bool is_added = true;

	if (explain_queue_find(&older, about, explain_job_of(own), &queue) < 0)
		return false;
	if (queue.since && queue.since < own->monotonic_usec)
		is_added = add(earlier, "queue",
			       queue.behind ? text_format("queued behind %s", queue.behind)
					    : strdup("queued"),
			       queue.since, own->monotonic_usec);
	free(queue.behind);
	return is_added;
}

bool explain_earlier_make(const struct explain_life *life, const struct explain_life *before,
			  const struct journal_list *jobs, const struct explain_unit *about,
			  struct explain_earlier *ret)
{
	const struct journal_entry *end = end_of_start(life);
	struct explain_earlier earlier = { .life = life };

	if (!end)
		return false;
	earlier.from = life->starting->monotonic_usec;
	earlier.to = end->monotonic_usec;
	if (!add_restart(&earlier, before) || !add_queue(&earlier, jobs, about) ||
	    !add(&earlier, "rest", strdup("its commands, and until it was ready"), earlier.from,
		 earlier.to)) {
		explain_earlier_clear(&earlier);
		return false;
	}
	earlier.from = earlier.steps[0].from;
	*ret = earlier;
	return true;
}

void explain_earlier_clear(struct explain_earlier *earlier)
{
	for (size_t i = 0; i < earlier->n_steps; i++)
		free(earlier->steps[i].what);
	*earlier = (struct explain_earlier){ .n_steps = 0 };
}
