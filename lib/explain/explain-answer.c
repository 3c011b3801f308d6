/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What rules are made of: saying something, advising, citing.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "explain/explain-internal.h"

_printf_(3, 0) static void put_text(struct explain_answer *a, char **place, const char *format,
				    va_list args)
{
	free(*place);
	*place = text_vformat(format, args);
	if (!*place)
		a->is_out_of_memory = true;
}

bool say(struct explain_answer *a, enum cg2_certainty certainty, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_text(a, &a->reason, format, args);
	va_end(args);
	a->certainty = certainty;
	return true;
}

void advise(struct explain_answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_text(a, &a->hint, format, args);
	va_end(args);
}

void cite(struct explain_answer *a, const struct journal_entry *entry)
{
	if (entry && a->n_from < ARRAY_SIZE(a->from))
		a->from[a->n_from++] = entry;
}

void blame(struct explain_answer *a, const char *file, const char *cgroup, uint64_t limit,
	   bool is_own)
{
	a->limit_file = file;
	a->limit = limit;
	a->is_own = is_own;
	free(a->limit_cgroup);
	a->limit_cgroup = cgroup ? strdup(cgroup) : NULL;
}

const char *explain_systemctl(const struct explain_facts *f)
{
	return f->unit->manager == CG2_MANAGER_USER ? "systemctl --user" : "systemctl";
}

bool text_is(const char *text, const char *wanted)
{
	return text && strcmp(text, wanted) == 0;
}

void explain_put_exit(FILE *f, int code, int status)
{
	const char *name = cg2_signal_to_string(status);

	if (code == CLD_EXITED)
		fprintf(f, "status %d", status);
	else if (name)
		fputs(name, f);
	else
		fprintf(f, "signal %d", status);
}

int explain_exit(const struct explain_facts *f, int *ret_status)
{
	int code = f->life ? explain_life_exit(f->life, ret_status) : 0;

	if (code == 0 && f->is_current) {
		*ret_status = f->unit->exit_status;
		code = f->unit->exit_code;
	}
	return code;
}

void explain_answer_clear(struct explain_answer *answer)
{
	free(answer->reason);
	free(answer->hint);
	free(answer->limit_cgroup);
}

CG2_EXPORT const char *cg2_certainty_to_string(unsigned int certainty)
{
	static const char *const names[] = { "certain", "probably", "maybe" };

	return certainty < ARRAY_SIZE(names) ? names[certainty] : NULL;
}
