/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A unit that has failed, or waits to be started again, has no cgroup to be checked: why it ended
 * is the answer then.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/check/check.h"

static const char *words_of(const char *state)
{
	if (state && strcmp(state, "failed") == 0)
		return "has failed";
	return state && strcmp(state, "activating") == 0 ? "waits to be started again" : NULL;
}

static void take_cause(struct check_failed *failed, struct cg2_explanation *explanation)
{
	struct cg2_explained about = { .size = sizeof(about) };
	struct cg2_cause cause = { .size = sizeof(cause) };
	const char *words;
	bool is_certain;

	cg2_explanation_get(explanation, &about);
	words = words_of(about.state);
	if (!words || cg2_explanation_get_cause(explanation, 0, 0, &cause) <= 0)
		return;
	is_certain = cause.certainty == CG2_CERTAINTY_CERTAIN;
	failed->text = text_format("%s %s: %s%s%s", about.unit, words,
				   is_certain ? "" : cg2_certainty_to_string(cause.certainty),
				   is_certain ? "" : " ", cause.reason);
	failed->fix = cause.hint ? strdup(cause.hint) : NULL;
}

bool check_explain_failed(struct cg2_ctx *ctx, const struct check_options *opts,
			  struct check_failed *failed)
{
	_cleanup_(cg2_explanations_freep) struct cg2_explanation **list = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	const struct cg2_explain_wish wish = { .size = sizeof(wish),
					       .manager = (enum cg2_manager)opts->manager };

	*failed = (struct check_failed){ .text = NULL };
	if (cg2_explain(ctx, opts->target, &wish, &list, &err) < 0)
		return false;
	for (size_t i = 0; list[i] && !failed->text; i++)
		take_cause(failed, list[i]);
	failed->finding = (struct cg2_finding){ .size = sizeof(failed->finding),
						.id = "unit-failed",
						.severity = CG2_SEVERITY_ERROR,
						.text = failed->text,
						.fix = failed->fix };
	return failed->text;
}

void check_failed_clear(struct check_failed *failed)
{
	free(failed->text);
	free(failed->fix);
	*failed = (struct check_failed){ .text = NULL };
}
