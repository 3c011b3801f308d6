/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record: the object and its typed getters.
 */
#include "run/record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/copyout.h"

CG2_EXPORT struct cg2_record *cg2_record_ref(struct cg2_record *record)
{
	if (record)
		record->n_ref++;
	return record;
}

CG2_EXPORT struct cg2_record *cg2_record_unref(struct cg2_record *record)
{
	if (!record || --record->n_ref > 0)
		return NULL;
	verdict_clear(&record->verdict);
	for (size_t i = 0; i < record->n_limits; i++) {
		free(record->limits[i].device);
		free(record->limits[i].requested_text);
		free(record->limits[i].effective_text);
	}
	free(record->limits);
	for (size_t i = 0; i < record->n_notes; i++)
		free(record->notes[i]);
	free(record->notes);
	for (size_t i = 0; i < record->n_processes; i++)
		cg2_process_unref(record->processes[i]);
	free(record->processes);
	free(record->cgroup);
	free(record->unit);
	free(record->blame_cgroup);
	free(record);
	return NULL;
}

int record_note(struct cg2_record *record, const char *format, ...)
{
	char **grown = realloc(record->notes, (record->n_notes + 1) * sizeof(char *));
	va_list ap;
	char *text;
	int n;

	if (!grown)
		return -ENOMEM;
	record->notes = grown;
	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		return -ENOMEM;
	record->notes[record->n_notes++] = text;
	return 0;
}

CG2_EXPORT enum cg2_verdict cg2_record_get_verdict(struct cg2_record *record)
{
	return record->verdict.verdict;
}

CG2_EXPORT const char *cg2_record_get_reason(struct cg2_record *record)
{
	return record->verdict.reason;
}

CG2_EXPORT const char *cg2_record_get_hint(struct cg2_record *record)
{
	return record->verdict.hint;
}

CG2_EXPORT int cg2_record_get_advice(struct cg2_record *record, struct cg2_advice *advice)
{
	const struct cg2_advice *full = &record->verdict.advice;

	if (full->kind == CG2_ADVICE_NONE)
		return 0;
	return copy_out(advice, &advice->size, full, sizeof(*full));
}

CG2_EXPORT int cg2_record_get_figure(struct cg2_record *record, enum cg2_figure figure,
				     uint64_t *ret_value)
{
	if ((unsigned int)figure >= N_FIGURES)
		return -EINVAL;
	if (!(record->figures.known & UINT64_C(1) << figure))
		return 0;
	*ret_value = record->figures.value[figure];
	return 1;
}

CG2_EXPORT int cg2_record_get_blame(struct cg2_record *record, struct cg2_blame *blame)
{
	const struct cg2_blame full = {
		.size = sizeof(full),
		.cgroup = record->blame_cgroup,
		.file = record->verdict.blame_file,
		.limit = record->verdict.blame_limit,
		.is_own = record->is_blame_own,
		.is_certain = record->verdict.is_certain,
	};

	if (!record->verdict.has_blame)
		return 0;
	return copy_out(blame, &blame->size, &full, sizeof(full));
}

CG2_EXPORT int cg2_record_get_limit(struct cg2_record *record, size_t i,
				    struct cg2_record_limit *limit)
{
	if (i >= record->n_limits)
		return 0;
	return copy_out(limit, &limit->size, &record->limits[i].info,
			sizeof(record->limits[i].info));
}

CG2_EXPORT const char *cg2_record_get_note(struct cg2_record *record, size_t i)
{
	return i < record->n_notes ? record->notes[i] : NULL;
}

CG2_EXPORT struct cg2_process *cg2_record_get_process(struct cg2_record *record, size_t i)
{
	return i < record->n_processes ? record->processes[i] : NULL;
}

CG2_EXPORT int cg2_record_get_process_losses(struct cg2_record *record, uint64_t *ret_lost,
					     uint64_t *ret_unjoined)
{
	if (!record->has_processes)
		return 0;
	*ret_lost = record->n_lost;
	*ret_unjoined = record->n_unjoined;
	return 1;
}

CG2_EXPORT uint64_t cg2_record_get_started_usec(struct cg2_record *record)
{
	return record->started_usec;
}

CG2_EXPORT const char *cg2_record_get_cgroup(struct cg2_record *record)
{
	return record->cgroup;
}

CG2_EXPORT const char *cg2_record_get_unit(struct cg2_record *record)
{
	return record->unit;
}

CG2_EXPORT int cg2_record_is_complete(struct cg2_record *record)
{
	return record->is_complete;
}
