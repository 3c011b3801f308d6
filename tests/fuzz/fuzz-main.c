/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Replays a target's corpus without a fuzzer: each input, and each of its beginnings.
 * With arguments these are the inputs, files or directories of files.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

/* Longer inputs are only run whole. */
#define BEGINNINGS_MAX 1024

static unsigned int n_inputs;

static char *path_of(const char *directory, const char *name)
{
	char *path = NULL;

	check(asprintf(&path, "%s/%s", directory, name) >= 0);
	return path;
}

/* In a block of just that size, so that a sanitizer sees a step too far. */
static void run_input(const uint8_t *data, size_t size)
{
	_cleanup_free_ uint8_t *exact = malloc(size > 0 ? size : 1);

	check(exact);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
}

static void run_file(const char *path, size_t size)
{
	_cleanup_free_ uint8_t *data = malloc(size + 1);
	_cleanup_fclose_ FILE *f = fopen(path, "re");

	check(data);
	if (!f || fread(data, 1, size, f) != size) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	for (size_t n = 0; n < MIN(size, (size_t)BEGINNINGS_MAX); n++)
		run_input(data, n);
	run_input(data, size);
	n_inputs++;
}

static void run_path(const char *path)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) < 0) {
		fprintf(stderr, "%s: cannot be found\n", path);
		exit(1);
	}
	if (!S_ISDIR(st.st_mode)) {
		run_file(path, (size_t)st.st_size);
		return;
	}
	dir = opendir(path);
	check(dir);
	while ((entry = readdir(dir))) {
		_cleanup_free_ char *inside = path_of(path, entry->d_name);

		if (entry->d_name[0] != '.')
			run_path(inside);
	}
	closedir(dir);
}

/* fuzz-NAME replays tests/fuzz/corpus/NAME of the source tree. */
static char *own_corpus(void)
{
	static const char prefix[] = "fuzz-";
	const char *name = strstr(program_invocation_short_name, prefix);
	const char *top = getenv("srcdir");
	_cleanup_free_ char *corpora = path_of(top ? top : ".", "tests/fuzz/corpus");

	check(name);
	return path_of(corpora, name + strlen(prefix));
}

int main(int argc, char *argv[])
{
	_cleanup_free_ char *corpus = argc > 1 ? NULL : own_corpus();

	if (corpus)
		run_path(corpus);
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("%u inputs\n", n_inputs);
	return n_inputs > 0 ? 0 : 1;
}
