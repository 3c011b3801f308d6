/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope unit": a service, a template or a drop-in with limits, printed or installed.
 */
#include "cmd/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/unit/analyze.h"
#include "cmd/verb/verb.h"

struct unit_options {
	struct cg2_limits *limits;
	struct option_list settings; /* NAME=VALUE each */
	unsigned int manager;	     /* enum cg2_manager */
	bool is_global;
	bool runtime;
	const char *drop_in;
	bool install;
	bool start;
	bool remove;
	bool force;
	bool specifiers;
	const char *description;
	const char *directory;
	const char *env_file;
	const char *restart;
	const char *delegate;
	unsigned int as; /* 0: systemd, 1: quadlet */
	bool json;
	bool verbose;
};

#define AT(member) offsetof(struct unit_options, member)

static const struct option rows[] = {
	{ .short_name = 'p',
	  .names = { "property" },
	  .metavar = "NAME=VALUE",
	  .help = "add another line of a unit file",
	  .kind = OPTION_LIST,
	  .offset = AT(settings),
	  .group = OPTION_GROUP_LIMITS },
	{ .names = { "delegate" },
	  .metavar = "LIST",
	  .help = "let the service limit its own processes: all, or cpu,memory",
	  .kind = OPTION_STRING,
	  .offset = AT(delegate),
	  .group = OPTION_GROUP_LIMITS },
	{ .names = { "install" },
	  .help = "write the file, and let the manager load it",
	  .kind = OPTION_FLAG,
	  .offset = AT(install),
	  .group = OPTION_GROUP_UNIT },
	{ .names = { "start" },
	  .help = "start it or start it again, and read the limits back",
	  .kind = OPTION_FLAG,
	  .offset = AT(start),
	  .group = OPTION_GROUP_UNIT },
	{ .names = { "remove" },
	  .help = "remove the file again",
	  .kind = OPTION_FLAG,
	  .offset = AT(remove),
	  .group = OPTION_GROUP_UNIT },
	OPTION_ROW_FORCE(AT(force), "even if somebody changed the file since",
			 OPTION_GROUP_UNIT),
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_UNIT,
			"a unit of your user manager (default)"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_UNIT,
			  "a unit of the system manager (default for root)"),
	{ .names = { "global" },
	  .help = "a unit of the managers of all users",
	  .kind = OPTION_FLAG,
	  .offset = AT(is_global),
	  .group = OPTION_GROUP_UNIT },
	{ .names = { "runtime" },
	  .help = "until the next boot",
	  .kind = OPTION_FLAG,
	  .offset = AT(runtime),
	  .group = OPTION_GROUP_UNIT },
	{ .names = { "name" },
	  .metavar = "NN-NAME",
	  .help = "file name of a drop-in (50-cgscope)",
	  .kind = OPTION_STRING,
	  .offset = AT(drop_in),
	  .group = OPTION_GROUP_UNIT },
	{ .names = { "as" },
	  .metavar = "systemd|quadlet",
	  .help = "a service, or a container's file for podman",
	  .kind = OPTION_CHOICE,
	  .offset = AT(as),
	  .group = OPTION_GROUP_UNIT },
	{ .names = { "description" },
	  .metavar = "TEXT",
	  .help = "description of the service, shown by systemd",
	  .kind = OPTION_STRING,
	  .offset = AT(description),
	  .group = OPTION_GROUP_UNIT },
	{ .names = { "directory" },
	  .metavar = "DIR",
	  .help = "directory that the command starts in",
	  .kind = OPTION_STRING,
	  .offset = AT(directory),
	  .complete = OPTION_COMPLETE_FILE,
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "env-file" },
	  .metavar = "FILE",
	  .help = "file with environment variables",
	  .kind = OPTION_STRING,
	  .offset = AT(env_file),
	  .complete = OPTION_COMPLETE_FILE,
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "restart" },
	  .metavar = "WHEN",
	  .help = "when systemd starts it again: on-failure, always",
	  .kind = OPTION_STRING,
	  .offset = AT(restart),
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "specifiers" },
	  .help = "leave % and $ in the command to systemd",
	  .kind = OPTION_FLAG,
	  .offset = AT(specifiers),
	  .group = OPTION_GROUP_COMMAND },
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_VERBOSE(AT(verbose)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a unit belongs to one manager" },
	{ "global", "system", "it is for users' managers" },
	{ "global", "start", "it is for the managers of others too" },
	{ "remove", "install", "it is either of them" },
};

static const struct option_need needs[] = {
	{ "start", "install" },
};

static const struct option_foreign foreign[] = {
	{ "cpu-time", "systemd does not enforce it" },
};

const struct option_table unit_option_table = {
	OPTION_DEFAULTS(struct unit_options, .manager = CG2_MANAGER_AUTO),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	OPTION_NEEDS(needs),
	OPTION_FOREIGN(foreign),
	.limits = true,
	.limits_offset = AT(limits),
	.limits_left_out = 1U << CG2_LIMIT_CPU_TIME,
};

/* ---- what became of it ---- */

struct outcome {
	const struct unit_options *opts;
	struct unit_report *report;
};

static void keep(struct unit_report *report, const struct cg2_setting *setting)
{
	struct unit_setting *grown =
		reallocarray(report->settings, report->n + 1, sizeof(*grown));

	if (!grown)
		return;
	report->settings = grown;
	grown[report->n++] =
		(struct unit_setting){ .unit = strdup(setting->unit),
				       .property = strdup(setting->property),
				       .value = strdup(setting->value),
				       .by = setting->by ? strdup(setting->by) : NULL,
				       .outcome = (enum cg2_setting_outcome)setting->outcome };
}

static void on_setting(void *userdata, const struct cg2_setting *setting)
{
	const struct outcome *outcome = userdata;
	const struct unit_options *opts = outcome->opts;
	const char *unit = setting->unit, *property = setting->property, *value = setting->value;

	keep(outcome->report, setting);
	switch ((enum cg2_setting_outcome)setting->outcome) {
	case CG2_SETTING_IN_FORCE:
	case CG2_SETTING_LOADED:
		if (opts->verbose)
			message_info("%s: %s=%s is %s", unit, property, value,
				     cg2_setting_outcome_to_string(setting->outcome));
		return;
	case CG2_SETTING_OVERRIDDEN:
		message_failure("%s: %s=%s is overridden by %s", unit, property, value,
				setting->by);
		return;
	case CG2_SETTING_RESTART_NEEDED:
		message_warning("%s: %s=%s takes effect when the unit is started again", unit,
				property, value);
		return;
	case CG2_SETTING_MISSING:
		if (setting->error)
			message_error(setting->error);
		else
			message_failure("%s: %s=%s is not in force", unit, property, value);
		return;
	}
}

/* Of a slice, which is not started again while it is in use, the running part can be set. */
static void hint_at_set(const struct unit_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		if (report->settings[i].outcome != CG2_SETTING_RESTART_NEEDED ||
		    strcmp(report->settings[i].property, "Delegate") == 0)
			continue;
		message_hint("for what runs now: cgscope set %s, with the same limits",
			     report->settings[i].unit);
		return;
	}
}

/* What needs a restart is no failure, unless there was one. */
static int status_of(const struct unit_report *report, bool is_started)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < report->n; i++) {
		enum cg2_setting_outcome outcome = report->settings[i].outcome;

		if (outcome == CG2_SETTING_OVERRIDDEN || outcome == CG2_SETTING_MISSING ||
		    (outcome == CG2_SETTING_RESTART_NEEDED && is_started))
			status = STATUS_FAILED;
	}
	return status;
}

static void report_clear(struct unit_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		free(report->settings[i].unit);
		free(report->settings[i].property);
		free(report->settings[i].value);
		free(report->settings[i].by);
	}
	free(report->settings);
	cg2_unit_file_unref(report->file);
}

/* ---- what is done ---- */

static bool is_of_system(const struct unit_options *opts)
{
	return opts->manager == CG2_MANAGER_SYSTEM ||
	       (opts->manager == CG2_MANAGER_AUTO && geteuid() == 0);
}

/* /run takes what a read-only /etc or home does not. */
static int write_failed(const struct unit_options *opts, const struct cg2_error *err)
{
	message_error(err);
	if (!opts->runtime && (err->code == EROFS || (err->code == EACCES && !is_of_system(opts))))
		message_hint("until the next boot: --runtime");
	return STATUS_FAILED;
}

static int install(const struct unit_options *opts, struct unit_report *report)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct outcome outcome = { opts, report };

	/* Nothing is written where nobody would read it. */
	if (!opts->is_global && cg2_unit_file_has_unit(report->file, &err) < 0)
		return verb_failed(&err);
	/* Of a container's file podman makes the unit, when the manager loads it. */
	if (!opts->as && analyze_unit_file(report->file) > 0)
		return STATUS_FAILED;
	if (cg2_unit_file_write(report->file, opts->force, &err) < 0)
		return write_failed(opts, &err);
	report->is_installed = true;
	if (!opts->json)
		printf("%s\n", cg2_unit_file_get_path(report->file));
	if (opts->is_global)
		return STATUS_OK;
	if (cg2_unit_file_load(report->file, &err) < 0)
		return verb_failed(&err);
	if (opts->start && cg2_unit_file_start(report->file, &err) < 0)
		return verb_failed(&err);
	if (cg2_unit_file_verify(report->file, on_setting, &outcome, &err) < 0)
		return verb_failed(&err);
	hint_at_set(report);
	return status_of(report, opts->start);
}

static int remove_file(const struct unit_options *opts, struct unit_report *report)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_unit_file_remove(report->file, opts->force, &err) < 0)
		return verb_failed(&err);
	report->is_removed = true;
	if (!opts->json)
		printf("%s\n", cg2_unit_file_get_path(report->file));
	if (opts->is_global)
		return STATUS_OK;
	return cg2_unit_file_load(report->file, &err) < 0 ? verb_failed(&err) : STATUS_OK;
}

static int act(const struct unit_options *opts, struct unit_report *report)
{
	int status = STATUS_OK;

	if (opts->remove)
		status = remove_file(opts, report);
	else if (opts->install)
		status = install(opts, report);
	else if (!opts->json)
		fputs(cg2_unit_file_get_text(report->file), stdout);
	return opts->json ? unit_print_json(report, status) : status;
}

/* What a user means who forgets "sudo". */
static bool has_system_unit(const struct invocation *inv)
{
	const struct unit_options *opts = inv->options;
	const struct cg2_unit_settings settings = { .size = sizeof(settings),
						    .name = inv->argv[0],
						    .manager = CG2_MANAGER_SYSTEM,
						    .limits = opts->limits };
	struct cg2_unit_file *file = NULL;
	bool has_unit = !is_of_system(opts) &&
			cg2_unit_file_new(inv->ctx, &settings, &file, NULL) == 0 &&
			cg2_unit_file_has_unit(file, NULL) > 0;

	cg2_unit_file_unref(file);
	return has_unit;
}

/*
 * A drop-in is for something; without a manager nobody knows, and the text is still worth having.
 */
static int check_file(const struct invocation *inv, struct cg2_unit_file *file)
{
	const struct unit_options *opts = inv->options;

	if (opts->start && cg2_unit_file_is_for_many(file))
		return verb_usage(inv, "'%s' stands for many units: start one of them",
				  cg2_unit_file_get_unit(file));
	if (cg2_unit_file_get_kind(file) != CG2_UNIT_FILE_DROP_IN || opts->is_global ||
	    opts->remove || cg2_unit_file_has_unit(file, NULL) != 0)
		return STATUS_OK;
	if (has_system_unit(inv))
		return verb_usage(inv, "'%s' is a unit of the system manager: --system, as root",
				  cg2_unit_file_get_unit(file));
	return verb_usage(inv, "no unit '%s'; a service needs a command: "
			       "cgscope unit NAME LIMITS -- COMMAND",
			  cg2_unit_file_get_unit(file));
}

static int check_words(const struct invocation *inv)
{
	const struct unit_options *opts = inv->options;

	if (inv->argc == 0 || !*inv->argv[0])
		return verb_usage(inv, "no unit given: cgscope unit NAME --mem 300M");
	if (inv->argc == 1 && !opts->remove && !opts->delegate && opts->settings.n_words == 0 &&
	    !opts->directory && !opts->env_file && !opts->restart &&
	    !options_have_limits(opts->limits))
		return verb_usage(inv, "no limit given: cgscope unit %s --mem 300M", inv->argv[0]);
	return STATUS_OK;
}

/* The command, with a path in place of its name; *ret_program owns that. */
static int find_command(const struct invocation *inv, char **ret_program,
			struct cg2_unit_settings *settings)
{
	const struct unit_options *opts = inv->options;

	if (inv->argc < 2)
		return opts->as && !opts->remove
			       ? verb_usage(inv, "no image given: cgscope unit NAME --as quadlet "
						 "LIMITS -- IMAGE COMMAND")
			       : STATUS_OK;
	if (!settings->description)
		settings->description = inv->argv[1];
	settings->argv = (const char *const *)&inv->argv[1];
	if (opts->as)
		return STATUS_OK;
	/* What is to be found by a specifier is systemd's to judge. */
	*ret_program = *inv->argv[1] == '%' ? strdup(inv->argv[1])
					    : verb_find_program(inv->argv[1]);
	if (!*ret_program)
		return verb_usage(inv, "'%s' is not found in PATH; the unit's name comes first: "
				       "cgscope unit NAME LIMITS -- COMMAND",
				  inv->argv[1]);
	inv->argv[1] = *ret_program;
	return STATUS_OK;
}

int unit_main(const struct invocation *inv)
{
	const struct unit_options *opts = inv->options;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(report_clear) struct unit_report report = { .file = NULL };
	_cleanup_free_ char *program = NULL;
	struct cg2_unit_settings settings = {
		.size = sizeof(settings),
		.name = inv->argv[0],
		.manager = opts->manager,
		.is_global = opts->is_global,
		.is_runtime = opts->runtime,
		.drop_in = opts->drop_in,
		.limits = opts->limits,
		.has_specifiers = opts->specifiers,
		.description = opts->description,
		.directory = opts->directory,
		.environment_file = opts->env_file,
		.restart = opts->restart,
		.delegate = opts->delegate,
		.is_quadlet = opts->as,
		.settings = opts->settings.words,
		.n_settings = opts->settings.n_words,
	};
	int status = check_words(inv);

	if (status == STATUS_OK)
		status = find_command(inv, &program, &settings);
	if (status != STATUS_OK)
		return status;
	if (cg2_unit_file_new(inv->ctx, &settings, &report.file, &err) < 0)
		return verb_usage_error(inv, &err);
	status = check_file(inv, report.file);
	return status != STATUS_OK ? status : act(opts, &report);
}
