/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long it takes to start a command and see it end, for several ways of starting it, as
 * ratios of one run: the ways take turns, so that what the machine does beside it hits all of
 * them alike. Each round has another order: what ran before decides how long the kernel takes
 * for a move between cgroups.
 *
 *   launch [-n ROUNDS] [-g GAP_MSEC] NAME=COMMAND...
 *
 * Each COMMAND is split at blanks. The first one is what the others are compared with.
 */
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS 32

struct way {
	const char *name;
	char *words[MAX_WORDS];
	double *msec; /* one a round */
};

static double now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void parse_way(struct way *way, char *text)
{
	char *save = NULL, *command = strchr(text, '=');
	size_t n = 0;

	if (!command) {
		fprintf(stderr, "launch: '%s': write NAME=COMMAND\n", text);
		exit(2);
	}
	*command++ = '\0';
	way->name = text;
	for (char *word = strtok_r(command, " ", &save); word && n + 1 < MAX_WORDS;
	     word = strtok_r(NULL, " ", &save))
		way->words[n++] = word;
}

/* A way that fails would be measured as a quick one. */
static double launch(const struct way *way)
{
	double start = now_msec();
	int status, r;
	pid_t pid;

	r = posix_spawnp(&pid, way->words[0], NULL, NULL, way->words, environ);
	if (r == 0 && waitpid(pid, &status, 0) < 0)
		r = errno;
	if (r != 0 || status != 0) {
		fprintf(stderr, "launch: %s: %s\n", way->name,
			r ? strerror(r) : "did not end with 0");
		exit(1);
	}
	return now_msec() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *sorted, size_t n, double q)
{
	return sorted[(size_t)((double)(n - 1) * q + 0.5)];
}

/* The ratio is that of pairs of one round; its median is steadier than that of two medians. */
static double median_ratio(const struct way *way, const struct way *base, size_t n)
{
	double *ratio = calloc(n, sizeof(*ratio)), median;

	if (!ratio)
		exit(1);
	for (size_t i = 0; i < n; i++)
		ratio[i] = way->msec[i] / base->msec[i];
	qsort(ratio, n, sizeof(*ratio), compare);
	median = quantile(ratio, n, 0.5);
	free(ratio);
	return median;
}

static void report(struct way *ways, size_t n_ways, size_t rounds)
{
	double ratio[64];

	for (size_t i = 0; i < n_ways; i++)
		ratio[i] = median_ratio(&ways[i], &ways[0], rounds);
	printf("%-26s %9s %9s %9s\n", "", "median ms", "p90 ms", "ratio");
	for (size_t i = 0; i < n_ways; i++) {
		qsort(ways[i].msec, rounds, sizeof(double), compare);
		printf("%-26s %9.2f %9.2f %9.2f\n", ways[i].name,
		       quantile(ways[i].msec, rounds, 0.5),
		       quantile(ways[i].msec, rounds, 0.9), ratio[i]);
	}
}

/* Always the same orders. */
static void shuffle(size_t *order, size_t n)
{
	for (size_t i = n - 1; i > 0; i--) {
		size_t other = (size_t)rand() % (i + 1), saved = order[i];

		order[i] = order[other];
		order[other] = saved;
	}
}

int main(int argc, char **argv)
{
	size_t order[64];
	struct way ways[64] = { 0 };
	long rounds = 40, gap_msec = 0;
	size_t n_ways;
	int opt;

	while ((opt = getopt(argc, argv, "n:g:")) >= 0) {
		if (opt == '?')
			return 2;
		*(opt == 'n' ? &rounds : &gap_msec) = strtol(optarg, NULL, 10);
	}
	n_ways = (size_t)(argc - optind);
	if (n_ways == 0 || n_ways > 64 || rounds < 1)
		return 2;
	for (size_t i = 0; i < n_ways; i++) {
		parse_way(&ways[i], argv[optind + (int)i]);
		order[i] = i;
		ways[i].msec = calloc((size_t)rounds, sizeof(double));
		if (!ways[i].msec)
			return 1;
		launch(&ways[i]); /* not counted: caches are cold */
	}
	for (size_t round = 0; round < (size_t)rounds; round++) {
		shuffle(order, n_ways);
		for (size_t i = 0; i < n_ways; i++) {
			struct way *way = &ways[order[i]];

			if (gap_msec > 0)
				usleep((useconds_t)gap_msec * 1000);
			way->msec[round] = launch(way);
		}
	}
	report(ways, n_ways, (size_t)rounds);
	return 0;
}
