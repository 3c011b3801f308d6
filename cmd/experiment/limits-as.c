/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/limits-as.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "libcg2.h"

struct output {
	FILE *f;
	const struct limits_words *limits;
};

/* ---- numbers ---- */

/* In MiB, which all of them take; the next one where it is none. */
static uint64_t to_mib(uint64_t bytes)
{
	return bytes / MIB + (bytes % MIB != 0);
}

/* "50%", "12.5%" */
static void put_percent(FILE *f, uint64_t permyriad)
{
	_cleanup_free_ char *text = NULL;

	if (cg2_percent_to_string(permyriad, &text) == 0)
		fputs(text, f);
}

/* CPUs with two decimals, rounded up: a little more is no harm. */
static void put_cpus(FILE *f, uint64_t permyriad)
{
	const uint64_t hundredths = (permyriad + 99) / 100;

	fprintf(f, "%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
}

/* ---- one line of each ---- */

/* A word of a shell; one of systemd's with its percent and dollar signs doubled. */
static void put_word(FILE *f, const char *word, bool is_unit)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./,:=+@";

	if (*word && strspn(word, plain) == strlen(word)) {
		fputs(word, f);
		return;
	}
	fputc(is_unit ? '"' : '\'', f);
	for (; *word; word++) {
		if (is_unit && strchr("\"\\", *word))
			fputc('\\', f);
		if (is_unit && strchr("%$", *word))
			fputc(*word, f);
		if (is_unit && *word == '\n')
			fputs("\\n", f);
		else if (!is_unit && *word == '\'')
			fputs("'\\''", f);
		else
			fputc(*word, f);
	}
	fputc(is_unit ? '"' : '\'', f);
}

static void put_command(const struct output *o, bool is_unit)
{
	for (size_t i = 0; o->limits->command[i]; i++) {
		fputs(i > 0 ? " " : "", o->f);
		put_word(o->f, o->limits->command[i], is_unit);
	}
}

static void put_flags(const struct output *o)
{
	const struct limits_words *limits = o->limits;
	const char *space = "";

	if (limits->memory_bytes != CG2_MAX) {
		fprintf(o->f, "--mem %" PRIu64 "M", to_mib(limits->memory_bytes));
		space = " ";
	}
	if (limits->tasks != CG2_MAX) {
		fprintf(o->f, "%s--tasks %" PRIu64, space, limits->tasks);
		space = " ";
	}
	if (limits->cpu_permyriad != CG2_MAX) {
		fprintf(o->f, "%s--cpu ", space);
		put_percent(o->f, limits->cpu_permyriad);
	}
	fputc('\n', o->f);
}

/* "MemoryMax=104M" and its like, with something before and after each. */
static void put_properties(const struct output *o, const char *before, const char *after)
{
	const struct limits_words *limits = o->limits;

	if (limits->memory_bytes != CG2_MAX)
		fprintf(o->f, "%sMemoryMax=%" PRIu64 "M%s%sMemorySwapMax=0%s", before,
			to_mib(limits->memory_bytes), after, before, after);
	if (limits->tasks != CG2_MAX)
		fprintf(o->f, "%sTasksMax=%" PRIu64 "%s", before, limits->tasks, after);
	if (limits->cpu_permyriad != CG2_MAX) {
		fprintf(o->f, "%sCPUQuota=", before);
		put_percent(o->f, limits->cpu_permyriad);
		fputs(after, o->f);
	}
}

static void put_dropin(const struct output *o)
{
	fputs("[Service]\n", o->f);
	put_properties(o, "", "\n");
}

static void put_unit(const struct output *o)
{
	fputs("[Unit]\nDescription=", o->f);
	put_word(o->f, o->limits->command[0], true);
	fputs("\n\n[Service]\nExecStart=", o->f);
	put_command(o, true);
	fputc('\n', o->f);
	put_properties(o, "", "\n");
}

/* The same swap limit as memory is no swap. */
static void put_container(const struct output *o, const char *program)
{
	const struct limits_words *limits = o->limits;

	fprintf(o->f, "%s run", program);
	if (limits->memory_bytes != CG2_MAX)
		fprintf(o->f, " --memory %" PRIu64 "m --memory-swap %" PRIu64 "m",
			to_mib(limits->memory_bytes), to_mib(limits->memory_bytes));
	if (limits->tasks != CG2_MAX)
		fprintf(o->f, " --pids-limit %" PRIu64, limits->tasks);
	if (limits->cpu_permyriad != CG2_MAX) {
		fputs(" --cpus ", o->f);
		put_cpus(o->f, limits->cpu_permyriad);
	}
	fputs(" IMAGE ", o->f);
	put_command(o, false);
	fputc('\n', o->f);
}

static void put_docker(const struct output *o)
{
	put_container(o, "docker");
}

static void put_podman(const struct output *o)
{
	put_container(o, "podman");
}

static void put_kubernetes(const struct output *o)
{
	const struct limits_words *limits = o->limits;

	fputs("resources:\n  limits:\n", o->f);
	if (limits->memory_bytes != CG2_MAX)
		fprintf(o->f, "    memory: %" PRIu64 "Mi\n", to_mib(limits->memory_bytes));
	if (limits->cpu_permyriad != CG2_MAX)
		fprintf(o->f, "    cpu: %" PRIu64 "m\n", (limits->cpu_permyriad + 9) / 10);
	if (limits->tasks != CG2_MAX)
		fprintf(o->f, "# %" PRIu64 " tasks: podPidsLimit of the kubelet\n", limits->tasks);
}

static void put_systemd_run(const struct output *o)
{
	fputs("systemd-run --scope", o->f);
	put_properties(o, " -p ", "");
	fputs(" -- ", o->f);
	put_command(o, false);
	fputc('\n', o->f);
}

static void put_slurm(const struct output *o)
{
	const struct limits_words *limits = o->limits;

	if (limits->memory_bytes != CG2_MAX)
		fprintf(o->f, "#SBATCH --mem=%" PRIu64 "M\n", to_mib(limits->memory_bytes));
	if (limits->cpu_permyriad != CG2_MAX)
		fprintf(o->f, "#SBATCH --cpus-per-task=%" PRIu64 "\n",
			(limits->cpu_permyriad + 9999) / 10000);
	if (limits->tasks != CG2_MAX)
		fprintf(o->f, "# %" PRIu64 " tasks: Slurm has no such limit\n", limits->tasks);
}

int limits_to_words(const struct limits_words *limits, enum limits_as as, char **ret_text)
{
	static void (*const puts_by_as[])(const struct output *o) = {
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
	struct output o = { text_open(&text), limits };

	if (!o.f)
		return -ENOMEM;
	puts_by_as[as](&o);
	return text_close(&text, ret_text);
}
