/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is found out about a machine's cgroup hierarchies, and what is said where none can
 * be used.
 */
#include "tree.h"

#include "cgroup/ctx.h"

#define CPU (UINT64_C(1) << 0)
#define CPUSET (UINT64_C(1) << 1)
#define IO (UINT64_C(1) << 2)
#define MEMORY (UINT64_C(1) << 3)
#define PIDS (UINT64_C(1) << 4)
#define HUGETLB (UINT64_C(1) << 5)
#define MISC (UINT64_C(1) << 6)
#define RDMA (UINT64_C(1) << 7)
#define ALL (CPU | CPUSET | IO | MEMORY | PIDS | HUGETLB | MISC | RDMA)

#define SYSTEMD_FLAGS (CG2_HIERARCHY_NSDELEGATE | CG2_HIERARCHY_RECURSIVEPROT)

struct machine {
	const char *tree;
	enum cg2_mode mode;
	uint64_t flags;
	uint64_t controllers;
	const char *mount_point;
	const char *detail; /* why it can't be used, NULL: it can */
	const char *hint;   /* a part of it */
};

#define BOOT "systemd.unified_cgroup_hierarchy=1"

static const struct machine machines[] = {
	{ "bookworm", CG2_MODE_UNIFIED, SYSTEMD_FLAGS, ALL, "/sys/fs/cgroup", NULL,
	  NULL },
	{ "trixie", CG2_MODE_UNIFIED, SYSTEMD_FLAGS, ALL, "/sys/fs/cgroup", NULL, NULL },
	{ "hybrid", CG2_MODE_HYBRID, CG2_HIERARCHY_NSDELEGATE, 0,
	  "/sys/fs/cgroup/unified",
	  "this machine runs cgroup v1 beside v2 (hybrid), "
	  "and the controllers are with v1",
	  BOOT },
	{ "hybrid-v2-controllers", CG2_MODE_HYBRID, CG2_HIERARCHY_NSDELEGATE,
	  CPU | MEMORY | PIDS, "/sys/fs/cgroup/unified", NULL, NULL },
	{ "unified-with-named-v1", CG2_MODE_UNIFIED, CG2_HIERARCHY_PIDS_LOCAL,
	  MEMORY | PIDS, "/sys/fs/cgroup", NULL, NULL },
	{ "legacy", CG2_MODE_LEGACY, 0, 0, NULL, "this machine runs cgroup v1 only",
	  BOOT },
	{ "none", CG2_MODE_NONE, 0, 0, NULL, "no cgroup file system is mounted",
	  "mount -t cgroup2" },
	{ "container", CG2_MODE_UNIFIED, SYSTEMD_FLAGS | CG2_HIERARCHY_READ_ONLY, ALL,
	  "/sys/fs/cgroup", NULL, NULL },
	{ "container-above", CG2_MODE_UNIFIED,
	  CG2_HIERARCHY_NSDELEGATE | CG2_HIERARCHY_NAMESPACED, CPU | MEMORY | PIDS,
	  "/sys/fs/cgroup", NULL, NULL },
	{ "container-part", CG2_MODE_UNIFIED,
	  CG2_HIERARCHY_NSDELEGATE | CG2_HIERARCHY_NAMESPACED, CPU | MEMORY | PIDS,
	  "/sys/fs/cgroup", NULL, NULL },
	{ "blanks", CG2_MODE_UNIFIED, CG2_HIERARCHY_NSDELEGATE | CG2_HIERARCHY_NAMESPACED,
	  MEMORY | PIDS, "/mnt/c group's", NULL, NULL },
};

static void check_machine(const struct machine *machine)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(machine->tree);
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_hierarchy h = { .size = sizeof(h) };

	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &h, &err), 0);
	assert_int_equal(err.code, 0);
	check_case(machine->tree, h.size == sizeof(h));
	check_case(machine->tree, h.mode == machine->mode);
	check_case(machine->tree, h.flags == machine->flags);
	check_case(machine->tree, h.controllers == machine->controllers);
	check_text(machine->tree, h.mount_point, machine->mount_point);
}

static void machines_are_recognised(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		check_machine(&machines[i]);
}

static void what_cannot_be_used_is_explained(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		const struct machine *machine = &machines[i];
		_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(machine->tree);
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

		assert_int_equal(hierarchy_detect(ctx, &err),
				 machine->detail ? -EOPNOTSUPP : 0);
		check_text(machine->tree, err.detail, machine->detail);
		if (!machine->detail)
			continue;
		assert_int_equal(err.op, CG2_OP_DETECT);
		check_in(machine->tree, err.hint, machine->hint);
		assert_int_equal(hierarchy_detect(ctx, NULL), -EOPNOTSUPP);
	}
}

static void groups_of_what_cannot_be_used_do_not_open(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		const struct machine *machine = &machines[i];
		_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(machine->tree);
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		struct cg2_group *group = NULL;

		if (!machine->detail)
			continue;
		assert_int_equal(cg2_group_open(ctx, "/", &group, &err), -EOPNOTSUPP);
		check_text(machine->tree, err.detail, machine->detail);
		assert_null(group);
	}
}

/* An older caller has fewer members, a newer one has more. */
static void structure_has_the_callers_size(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("bookworm");
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	union {
		struct cg2_hierarchy h;
		uint8_t bytes[2 * sizeof(struct cg2_hierarchy)];
	} u;

	memset(&u, 0xaa, sizeof(u));
	u.h.size = offsetof(struct cg2_hierarchy, controllers);
	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &u.h, NULL), 0);
	assert_int_equal(u.h.size, offsetof(struct cg2_hierarchy, controllers));
	assert_int_equal(u.h.flags, SYSTEMD_FLAGS);
	assert_int_equal(u.h.controllers, UINT64_C(0xaaaaaaaaaaaaaaaa));

	memset(&u, 0xaa, sizeof(u));
	u.h.size = sizeof(u);
	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &u.h, NULL), 0);
	assert_int_equal(u.h.size, sizeof(struct cg2_hierarchy));
	assert_string_equal(u.h.mount_point, "/sys/fs/cgroup");
	assert_int_equal(u.bytes[sizeof(struct cg2_hierarchy)], 0xaa);

	memset(&u, 0, sizeof(u));
	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &u.h, &err), -EINVAL);
	check_text("detail", err.detail, "size is not set");
}

static void result_is_kept(void **state)
{
	struct cg2_hierarchy first = { .size = sizeof(first) }, again = first;
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct scratch scratch;

	ctx = open_copy("container-part", &scratch);
	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &first, NULL), 0);
	put_file(scratch.root, "proc/self/mountinfo", "");
	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &again, NULL), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(hierarchy_detect(ctx, NULL), 0);
	scratch_remove(&scratch);
}

/* ------------------------------------------------------------------------------------
 * mountinfo
 */

static int detect(const char *mountinfo, struct cg2_hierarchy *ret, char **ret_point,
		  struct cg2_error *err)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct scratch scratch;
	int r;

	scratch_make(&scratch);
	put_file(scratch.root, "proc/self/mountinfo", mountinfo);
	put_file(scratch.root, "m/cgroup.controllers", "memory\n");
	put_file(scratch.root, "a\tb\nc\\d/cgroup.controllers", "pids\n");
	ctx = open_root(scratch.root);
	*ret = (struct cg2_hierarchy){ .size = sizeof(*ret) };
	r = cg2_ctx_get_hierarchy(ctx, ret, err);
	*ret_point = r == 0 && ret->mount_point ? strdup(ret->mount_point) : NULL;
	scratch_remove(&scratch);
	return r;
}

static void lines_have_many_forms(void **state)
{
	static const struct {
		const char *mountinfo;
		const char *point; /* NULL: no cgroup2 */
		uint64_t flags;
	} cases[] = {
		{ "", NULL, 0 },
		{ "\n\n", NULL, 0 },
		{ "31 22 0:26 / /m rw - cgroup2 none rw", "/m", 0 },
		{ "31 22 0:26 / /m rw - cgroup2 none rw\n", "/m", 0 },
		{ "31 22 0:26 / /m rw a:1 b:2 c:3 d - cgroup2 none rw\n", "/m", 0 },
		{ "31 22 0:26 / /m ro - cgroup2 none rw\n", "/m",
		  CG2_HIERARCHY_READ_ONLY },
		{ "31 22 0:26 / /m rw - cgroup2 none ro\n", "/m",
		  CG2_HIERARCHY_READ_ONLY },
		{ "31 22 0:26 / /m rw,relatime - cgroup2 none "
		  "rw,nsdelegates,xnsdelegate\n",
		  "/m", 0 },
		{ "31 22 0:26 / /m nosuid,ro,nodev - cgroup2 none nsdelegate\n", "/m",
		  CG2_HIERARCHY_READ_ONLY | CG2_HIERARCHY_NSDELEGATE },
		{ "31 22 0:26 / /m rw - cgroup2 none favordynmods,pids_localevents\n",
		  "/m", CG2_HIERARCHY_PIDS_LOCAL },
		{ "31 22 0:26 / /m rw - cgroup2 none rw,memory_localevents\n",
		  "/m", CG2_HIERARCHY_MEMORY_LOCAL },
		{ "31 22 0:26 /x /m rw - cgroup2 none rw\n", "/m",
		  CG2_HIERARCHY_NAMESPACED },
		{ "31 22 0:26 / /a\\011b\\012c\\134d rw - cgroup2 none rw\n",
		  "/a\tb\nc\\d", 0 },
		/* The first one counts. */
		{ "31 22 0:26 / /m rw - cgroup2 none rw\n"
		  "32 22 0:26 / /n ro - cgroup2 none rw\n",
		  "/m", 0 },
		/* What looks like one and is none. */
		{ "31 22 0:26 / /m rw - cgroup2x none rw\n", NULL, 0 },
		{ "31 22 0:26 / /m rw - tmpfs cgroup2 rw\n", NULL, 0 },
		{ "31 22 0:26 / /m rw cgroup2 none rw\n", NULL, 0 },
		{ "31 22 0:26 / /m rw - cgroup2\n", NULL, 0 },
		{ "31 22 0:26 / - cgroup2 none rw\n", NULL, 0 },
		{ "-\n- -\n31\n31 22 0:26 -\n", NULL, 0 },
		{ "31 22 0:26 / /m rw - cgroup2 none rw", "/m", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *point = NULL;
		struct cg2_hierarchy h;

		if (detect(cases[i].mountinfo, &h, &point, NULL) < 0)
			fail_msg("%s: failed", cases[i].mountinfo);
		check_text(cases[i].mountinfo, point, cases[i].point);
		check_case(cases[i].mountinfo, h.flags == cases[i].flags);
	}
}

static void mount_point_that_is_not_there_is_an_error(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *point = NULL;
	struct cg2_hierarchy h;

	assert_int_equal(
		detect("31 22 0:26 / /gone rw - cgroup2 none rw\n", &h, &point, &err),
		-ENOENT);
	assert_int_equal(err.op, CG2_OP_DETECT);
	check_text("path", err.path, "/gone");
}

static void machine_without_proc_is_an_error(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct cg2_hierarchy h = { .size = sizeof(h) };
	struct scratch scratch;

	scratch_make(&scratch);
	ctx = open_root(scratch.root);
	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &h, &err), -ENOENT);
	assert_int_equal(err.op, CG2_OP_DETECT);
	check_text("path", err.path, "/proc/self/mountinfo");
	check_text("detail", err.detail, "/proc is not mounted");
	/* Once it is mounted all is well. */
	put_file(scratch.root, "proc/self/mountinfo", "");
	assert_int_equal(cg2_ctx_get_hierarchy(ctx, &h, NULL), 0);
	assert_int_equal(h.mode, CG2_MODE_NONE);
	scratch_remove(&scratch);
}

static void long_mountinfo_is_read_to_its_end(void **state)
{
	static const char line[] =
		"27 1 254:0 / /some/where rw shared:1 - ext4 /dev/vda rw\n";
	static const char last[] = "31 22 0:26 / /m rw - cgroup2 none rw\n";
	const size_t n = 3000, len = strlen(line);
	_cleanup_free_ char *text = malloc(n * len + sizeof(last)), *point = NULL;
	struct cg2_hierarchy h;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, line, len);
	memcpy(text + n * len, last, sizeof(last));
	assert_int_equal(detect(text, &h, &point, NULL), 0);
	check_text("mount point", point, "/m");
}

/* ------------------------------------------------------------------------------------
 * Contexts and controllers
 */

static void root_must_be_a_directory(void **state)
{
	_cleanup_free_ char *file = path_of(TREES, "bookworm/proc/swaps");
	_cleanup_free_ char *missing = path_of(TREES, "no-such-tree");
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_ctx *ctx = NULL;

	assert_int_equal(cg2_ctx_new(missing, &ctx, &err), -ENOENT);
	assert_int_equal(err.op, CG2_OP_OPEN);
	check_text("path", err.path, missing);
	cg2_error_clear(&err);
	assert_int_equal(cg2_ctx_new(file, &ctx, &err), -ENOTDIR);
	assert_int_equal(cg2_ctx_new(missing, &ctx, NULL), -ENOENT);
	assert_null(ctx);
}

static void context_is_counted(void **state)
{
	struct cg2_ctx *ctx = open_tree("bookworm");

	assert_ptr_equal(cg2_ctx_ref(ctx), ctx);
	assert_null(cg2_ctx_unref(ctx));
	assert_int_equal(hierarchy_detail(ctx, NULL), 0);
	assert_null(cg2_ctx_unref(ctx));
	assert_null(cg2_ctx_unref(NULL));
	assert_null(cg2_ctx_ref(NULL));
}

static void controllers_have_names(void **state)
{
	unsigned int n = 0;
	const char *name;

	for (; (name = cg2_controller_to_string(n)); n++)
		assert_int_equal(cg2_controller_from_string(name), n);
	assert_int_equal(UINT64_C(1) << n, ALL + 1);
	assert_null(cg2_controller_to_string(n + 1));
	assert_null(cg2_controller_to_string(UINT32_MAX));
	assert_int_equal(cg2_controller_from_string("memory"), 3);
	assert_true(cg2_controller_from_string("") < 0);
	assert_true(cg2_controller_from_string("mem") < 0);
	assert_true(cg2_controller_from_string("memory.max") < 0);
	assert_true(cg2_controller_from_string("Memory") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_are_recognised),
		cmocka_unit_test(what_cannot_be_used_is_explained),
		cmocka_unit_test(groups_of_what_cannot_be_used_do_not_open),
		cmocka_unit_test(structure_has_the_callers_size),
		cmocka_unit_test(result_is_kept),
		cmocka_unit_test(lines_have_many_forms),
		cmocka_unit_test(mount_point_that_is_not_there_is_an_error),
		cmocka_unit_test(machine_without_proc_is_an_error),
		cmocka_unit_test(long_mountinfo_is_read_to_its_end),
		cmocka_unit_test(root_must_be_a_directory),
		cmocka_unit_test(context_is_counted),
		cmocka_unit_test(controllers_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
