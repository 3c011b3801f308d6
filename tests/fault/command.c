/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command of the runs that tests/fault disturbs: it tells where it is, under which limits,
 * with which descriptors and blocked signals, into a file that only it writes to.
 *
 *   fault-command FILE MSEC [STATUS]
 *
 * "begin USEC ..."; after so long "end USEC ...", and it ends with 3, or STATUS.
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"

static unsigned long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long long)ts.tv_sec * USEC_PER_SEC +
	       (unsigned long long)ts.tv_nsec / NSEC_PER_USEC;
}

/* The descriptors beyond the streams that the command was given; one is the listing's own. */
static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.' && atoi(entry->d_name) > 2;
	if (dir)
		closedir(dir);
	return n - 1;
}

static int count_blocked_signals(void)
{
	sigset_t set;
	int n = 0;

	sigprocmask(SIG_SETMASK, NULL, &set);
	for (int sig = 1; sig < NSIG; sig++)
		n += sigismember(&set, sig) == 1;
	return n;
}

static void read_group(char *ret_path, size_t size)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096];

	ret_path[0] = '\0';
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "0::", 3) == 0)
			snprintf(ret_path, size, "%s", strtok(line + 3, "\n"));
}

static void read_limit(const char *group, const char *file, char ret_value[32])
{
	char path[8192];
	_cleanup_fclose_ FILE *f = NULL;

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", group, file);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%31s", ret_value) != 1)
		strcpy(ret_value, "none");
}

/* What limits are about, as the scenarios call it. */
static const struct {
	const char *word, *file;
} limits[] = {
	{ "memory", "memory.max" },
	{ "swap", "memory.swap.max" },
	{ "tasks", "pids.max" },
	{ "cpu", "cpu.max" },
};

static void tell(FILE *out, const char *when, int n_descriptors)
{
	char group[4096], value[32];

	read_group(group, sizeof(group));
	fprintf(out, "%s %llu cgroup=%s", when, now(), group);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		read_limit(group, limits[i].file, value);
		fprintf(out, " %s=%s", limits[i].word, value);
	}
	fprintf(out, " extra=%d blocked=%d\n", n_descriptors, count_blocked_signals());
	fflush(out);
}

int main(int argc, char *argv[])
{
	_cleanup_fclose_ FILE *out = argc >= 3 ? fopen(argv[1], "ae") : NULL;

	if (!out)
		return 2;
	/* But for that of the file. */
	tell(out, "begin", count_descriptors() - 1);
	usleep((useconds_t)atoi(argv[2]) * USEC_PER_MSEC);
	tell(out, "end", count_descriptors() - 1);
	return argc > 3 ? atoi(argv[3]) : 3;
}
