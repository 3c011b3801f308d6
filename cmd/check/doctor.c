/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verb doctor: its options, a line for each diagnosis, and what it ends with. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/check/doctor.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/status.h"
#include "cmd/output/table.h"
#include "cmd/verb/verb.h"

struct doctor_options {
	struct cg2_limits *limits; /* that are asked about */
	unsigned int manager;	   /* enum cg2_manager */
	bool json;
	unsigned int color; /* enum table_color_mode */
};

#define AT(member) offsetof(struct doctor_options, member)

static const struct option rows[] = {
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_TARGET,
			"check your user manager (default)"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_TARGET,
			  "check the system manager (default for root)"),
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_COLOR(AT(color)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "one manager is checked" },
};

static const struct option_foreign foreign[] = {
	OPTION_FOREIGN_TIMES("cgscope run enforces it, on every machine"),
};

const struct option_table doctor_option_table = {
	OPTION_DEFAULTS(struct doctor_options, .manager = CG2_MANAGER_AUTO),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	OPTION_FOREIGN(foreign),
	.limits = true,
	.limits_offset = AT(limits),
	.limits_left_out = OPTION_LIMITS_OF_TIME,
};

static void print_diagnosis(const struct cg2_diagnosis *d, bool is_colored)
{
	static const struct {
		const char *label;
		enum table_color color;
	} labels[] = {
		[CG2_HEALTH_PASS] = { "PASS ", TABLE_GOOD },
		[CG2_HEALTH_WARN] = { "WARN ", TABLE_WARN },
		[CG2_HEALTH_FAIL] = { "FAIL ", TABLE_BAD },
	};
	_cleanup_free_ char *text = text_format("%s: %s", d->id, d->text);

	table_print_text(labels[d->health].label, text ? text : d->text, 5,
			 labels[d->health].color, is_colored);
	if (d->fix)
		table_print_text("     fix: ", d->fix, 10, TABLE_PLAIN, false);
}

static int diagnose(struct cg2_ctx *ctx, const struct doctor_options *opts)
{
	_cleanup_(cg2_doctor_unrefp) struct cg2_doctor *doctor = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_diagnosis d = { .size = sizeof(d) };
	bool is_colored = table_wants_color(opts->color);
	int status = STATUS_OK;

	if (cg2_doctor_read(ctx, (enum cg2_manager)opts->manager, opts->limits, &doctor,
			    &err) < 0)
		return verb_failed(&err);
	for (size_t i = 0; cg2_doctor_get(doctor, i, &d) > 0; i++)
		if (d.health == CG2_HEALTH_FAIL)
			status = STATUS_FAILED;
	if (opts->json)
		return doctor_print_json(doctor, status);
	for (size_t i = 0; cg2_doctor_get(doctor, i, &d) > 0; i++)
		print_diagnosis(&d, is_colored);
	return status;
}

int doctor_main(const struct invocation *inv)
{
	if (inv->argc > 0)
		return verb_usage(inv, "doctor takes no target: '%s'; did you mean check?",
				  inv->argv[0]);
	/* Whoever ignores it has it ignored by us, and no run could be tried. */
	signal(SIGCHLD, SIG_DFL);
	return diagnose(inv->ctx, inv->options);
}
