/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of limits and their files start with: a copy of a tree, a cgroup in it,
 * and limits for that.
 */
#pragma once

#include "tree.h"

#include "limit/limit.h"


static const struct allowance nothing_extra = { 0, 0 };

/* A copy of a tree, one of its cgroups, and limits for it. */
struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct cg2_group *group;
	struct cg2_limits *limits;
};

static inline void work_open(struct work *work, const char *path)
{
	work->group = cg2_group_unref(work->group);
	work->group = open_group(work->ctx, path);
}

static inline int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	work->ctx = open_copy("trixie", &work->scratch);
	work_open(work, SERVICE);
	assert_int_equal(cg2_limits_new(work->ctx, &work->limits), 0);
	*state = work;
	return 0;
}

static inline int work_end(void **state)
{
	struct work *work = *state;

	be_root_again();
	cg2_limits_unref(work->limits);
	cg2_group_unref(work->group);
	cg2_ctx_unref(work->ctx);
	scratch_remove(&work->scratch);
	free(work);
	return 0;
}

static inline char *file_path(struct work *work, const char *file)
{
	char *path;

	assert_true(asprintf(&path, MOUNT "%s/%s", cg2_group_get_path(work->group),
			     file) > 0);
	return path;
}

static inline void put(struct work *work, const char *file, const char *text)
{
	_cleanup_free_ char *path = file_path(work, file);

	put_file(work->scratch.root, path, text);
}

static inline void drop(struct work *work, const char *file)
{
	_cleanup_free_ char *path = file_path(work, file);

	remove_file(work->scratch.root, path);
}

/* io.max of the fixture's disk, which this machine may not have. */
static inline void set_io(struct cg2_limits *limits, unsigned int mask,
			  const uint64_t *value)
{
	static const struct io_limit disk = { .major = 254, .minor = 0 };

	limits->io = realloc(limits->io, sizeof(disk));
	assert_non_null(limits->io);
	*limits->io = disk;
	limits->io->mask = mask;
	memcpy(limits->io->value, value, sizeof(disk.value));
	limits->n_io = 1;
	limits->set |= UINT64_C(1) << CG2_LIMIT_IO_MAX;
}

static inline void set_list(struct cg2_limits *limits, enum cg2_limit limit,
			    const char *text)
{
	free(limits->list[limit]);
	limits->list[limit] = calloc(1, LIST_BITS / 8);
	assert_non_null(limits->list[limit]);
	assert_int_equal(cg2_list_from_string(text, limits->list[limit], LIST_BITS, NULL),
			 0);
	limits->set |= UINT64_C(1) << limit;
}

/* As a user would write it. */
static inline void set(struct work *work, enum cg2_limit limit, const char *text)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_limits_parse(work->limits, limit, text, &err) < 0)
		fail_msg("'%s': %s", text, err.detail ? err.detail : strerror(err.code));
}

static inline int verify(struct work *work, enum cg2_limit limit, struct cg2_error *err)
{
	return limits_verify(work->limits, limit, &nothing_extra, work->group, err);
}

/* Those of the service of the dumps. */
static inline void set_all(struct work *work)
{
	static const uint64_t io[N_IO_KEYS] = { [IO_RBPS] = 10000000, [IO_WIOPS] = 100 };
	static const struct {
		enum cg2_limit limit;
		const char *text;
	} words[] = {
		{ CG2_LIMIT_MEMORY_MAX, "64M" }, { CG2_LIMIT_MEMORY_HIGH, "48M" },
		{ CG2_LIMIT_MEMORY_LOW, "2M" },	 { CG2_LIMIT_MEMORY_MIN, "1M" },
		{ CG2_LIMIT_SWAP_MAX, "0" },	 { CG2_LIMIT_CPU_MAX, "33.33%" },
		{ CG2_LIMIT_CPU_WEIGHT, "50" },	 { CG2_LIMIT_TASKS_MAX, "50" },
		{ CG2_LIMIT_IO_WEIGHT, "200" },	 { CG2_LIMIT_CPUSET_CPUS, "0" },
		{ CG2_LIMIT_CPUSET_MEMS, "0" },	 { CG2_LIMIT_OOM_GROUP, "kill" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		set(work, words[i].limit, words[i].text);
	set_io(work->limits, 1 << IO_RBPS | 1 << IO_WIOPS, io);
}
