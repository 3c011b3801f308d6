/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/limits-as.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/shell-word.h"
#include "libcg2.h"

struct output {
	FILE *f;
	const struct limits_words *words;
	/* What most have a word for; CG2_MAX: no such limit. */
	uint64_t memory_bytes, tasks, cpu_permyriad;
};

/* ---- numbers ---- */

/* In MiB, which all of them take; the next one where it is none. */
static uint64_t to_mib(uint64_t bytes)
{
	return bytes / MIB + (bytes % MIB != 0);
}

/* CPUs with two decimals, rounded up: a little more is no harm. */
static void put_cpus(FILE *f, uint64_t permyriad)
{
	const uint64_t hundredths = (permyriad + 99) / 100;

	fprintf(f, "%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
}

/* ---- systemd's ---- */

/* A service, or without a command the limits of one. free() the text. */
static int make_unit_text(const struct limits_words *words, const char *const *argv,
			  char **ret_text, struct cg2_error *reterr)
{
	struct cg2_unit_settings settings = {
		.size = sizeof(settings),
		.manager = words->manager,
		.limits = words->set->limits,
		.argv = argv,
		.description = argv ? words->command[0] : NULL,
		.settings = words->set->properties,
	};

	while (settings.settings && settings.settings[settings.n_settings])
		settings.n_settings++;
	return cg2_unit_settings_to_text(words->ctx, &settings, ret_text, reterr);
}

static int put_dropin(const struct output *o, struct cg2_error *reterr)
{
	_cleanup_free_ char *text = NULL;
	int r = make_unit_text(o->words, NULL, &text, reterr);

	if (r == 0)
		fputs(text, o->f);
	return r;
}

static int put_unit(const struct output *o, struct cg2_error *reterr)
{
	_cleanup_free_ const char **argv = NULL;
	_cleanup_free_ char *text = NULL;
	size_t n = 0;
	int r;

	while (o->words->command[n])
		n++;
	argv = calloc(n + 1, sizeof(*argv));
	if (!argv)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		argv[i] = i == 0 ? o->words->program : o->words->command[i];
	r = make_unit_text(o->words, argv, &text, reterr);
	if (r == 0)
		fputs(text, o->f);
	return r;
}

/* The lines of a drop-in, each as an option. */
static int put_systemd_run(const struct output *o, struct cg2_error *reterr)
{
	_cleanup_free_ char *text = NULL;
	char *line, *rest = NULL;
	int r = make_unit_text(o->words, NULL, &text, reterr);

	if (r < 0)
		return r;
	fputs("systemd-run --scope", o->f);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (*line == '[')
			continue;
		fputs(" -p ", o->f);
		shell_put_word(o->f, line);
	}
	fputs(" --", o->f);
	shell_put_words(o->f, o->words->command);
	fputc('\n', o->f);
	return 0;
}

/* ---- others' ---- */

/* What there is no word for. */
static void put_unsaid(const struct output *o)
{
	const struct limit_set *set = o->words->set;
	const struct cg2_limit_info *info;

	for (unsigned int i = 0; (info = cg2_limit_get_info(i)); i++) {
		_cleanup_free_ char *value = NULL;

		if (i == CG2_LIMIT_MEMORY_MAX || i == CG2_LIMIT_TASKS_MAX || i == CG2_LIMIT_CPU_MAX)
			continue;
		if (cg2_limits_to_string(set->limits, (enum cg2_limit)i, &value) > 0)
			fprintf(o->f, "# not in it: --%s %s\n", info->option, value);
	}
	for (size_t i = 0; set->properties && set->properties[i]; i++)
		fprintf(o->f, "# not in it: %s\n", set->properties[i]);
}

static int put_flags(const struct output *o, struct cg2_error *reterr _unused_)
{
	fprintf(o->f, "%s\n", o->words->set->name);
	return 0;
}

/* The same swap limit as memory is no swap. */
static int put_container(const struct output *o, const char *program)
{
	fprintf(o->f, "%s run", program);
	if (o->memory_bytes != CG2_MAX)
		fprintf(o->f, " --memory %" PRIu64 "m --memory-swap %" PRIu64 "m",
			to_mib(o->memory_bytes), to_mib(o->memory_bytes));
	if (o->tasks != CG2_MAX)
		fprintf(o->f, " --pids-limit %" PRIu64, o->tasks);
	if (o->cpu_permyriad != CG2_MAX) {
		fputs(" --cpus ", o->f);
		put_cpus(o->f, o->cpu_permyriad);
	}
	fputs(" IMAGE", o->f);
	shell_put_words(o->f, o->words->command);
	fputc('\n', o->f);
	put_unsaid(o);
	return 0;
}

static int put_docker(const struct output *o, struct cg2_error *reterr _unused_)
{
	return put_container(o, "docker");
}

static int put_podman(const struct output *o, struct cg2_error *reterr _unused_)
{
	return put_container(o, "podman");
}

static int put_kubernetes(const struct output *o, struct cg2_error *reterr _unused_)
{
	fputs("resources:\n  limits:\n", o->f);
	if (o->memory_bytes != CG2_MAX)
		fprintf(o->f, "    memory: %" PRIu64 "Mi\n", to_mib(o->memory_bytes));
	if (o->cpu_permyriad != CG2_MAX)
		fprintf(o->f, "    cpu: %" PRIu64 "m\n", (o->cpu_permyriad + 9) / 10);
	if (o->tasks != CG2_MAX)
		fprintf(o->f, "# %" PRIu64 " tasks: podPidsLimit of the kubelet\n", o->tasks);
	put_unsaid(o);
	return 0;
}

static int put_slurm(const struct output *o, struct cg2_error *reterr _unused_)
{
	if (o->memory_bytes != CG2_MAX)
		fprintf(o->f, "#SBATCH --mem=%" PRIu64 "M\n", to_mib(o->memory_bytes));
	if (o->cpu_permyriad != CG2_MAX)
		fprintf(o->f, "#SBATCH --cpus-per-task=%" PRIu64 "\n",
			(o->cpu_permyriad + 9999) / 10000);
	if (o->tasks != CG2_MAX)
		fprintf(o->f, "# %" PRIu64 " tasks: Slurm has no such limit\n", o->tasks);
	put_unsaid(o);
	return 0;
}

static uint64_t value_of(const struct limits_words *words, enum cg2_limit limit)
{
	uint64_t value;

	return cg2_limits_get(words->set->limits, limit, &value) > 0 ? value : CG2_MAX;
}

int limits_to_words(const struct limits_words *words, enum limits_as as, char **ret_text,
		    struct cg2_error *reterr)
{
	static int (*const puts_by_as[])(const struct output *o, struct cg2_error *reterr) = {
		[LIMITS_AS_FLAGS] = put_flags,
		[LIMITS_AS_DROPIN] = put_dropin,
		[LIMITS_AS_UNIT] = put_unit,
		[LIMITS_AS_DOCKER] = put_docker,
		[LIMITS_AS_PODMAN] = put_podman,
		[LIMITS_AS_KUBERNETES] = put_kubernetes,
		[LIMITS_AS_SYSTEMD_RUN] = put_systemd_run,
		[LIMITS_AS_SLURM] = put_slurm,
	};
	_cleanup_(text_discard) struct text text = { .f = NULL };
	struct output o = { text_open(&text), words, value_of(words, CG2_LIMIT_MEMORY_MAX),
			    value_of(words, CG2_LIMIT_TASKS_MAX),
			    value_of(words, CG2_LIMIT_CPU_MAX) };
	int r = o.f ? puts_by_as[as](&o, reterr) : -ENOMEM;

	return r < 0 ? r : text_close(&text, ret_text);
}
