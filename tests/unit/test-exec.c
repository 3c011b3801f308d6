/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a program cannot be executed: each errno, and what the file itself tells of it.
 */
#include "tests/scratch.h"

#include "child/exec.h"

struct failure {
	int code;
	int mode; /* of the file; -1: there is none */
	const char *detail;
	const char *hint; /* NULL: there is none; a part of it */
};

static const struct failure failures[] = {
	{ ENOENT, -1, "command not found", NULL },
	{ ENOENT, 0755, "its interpreter is missing", "#! line" },
	{ EACCES, 0644, "no right to execute it", "if it is a program: chmod +x /" },
	{ EACCES, 0755, "its file system is mounted noexec, or a policy forbids it", "remount" },
	{ EACCES, 0611, "no right to execute it", NULL },
	{ EACCES, -1, "no right to execute it", NULL },
	{ ETXTBSY, 0755, "another process has it open for writing", "fuser -v /" },
	{ E2BIG, 0755, "its arguments and environment are too long", "128 KiB" },
	{ ENOEXEC, 0755, "this machine does not know its format", "see: file /" },
	{ EPERM, 0755, "not permitted", "getcap /" },
	{ EAGAIN, 0755, "its user has more tasks than RLIMIT_NPROC", "ulimit -u" },
	{ EISDIR, 0755, "it is a directory", NULL },
	{ ELIBBAD, 0755, "its interpreter is damaged", NULL },
	{ EIO, 0755, NULL, NULL },
};

static void check_failure(const struct failure *t, const char *root)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *path = path_of(root, "program");

	unlink(path);
	if (t->mode >= 0) {
		put_file("", path, "#!/x\n");
		put_mode("", path, (unsigned int)t->mode);
	}
	assert_int_equal(exec_error(path, t->code, &err), -t->code);
	assert_int_equal(err.op, CG2_OP_EXEC);
	check_text("path", err.path, path);
	check_text("detail", err.detail, t->detail);
	if (t->hint)
		check_in(t->detail, err.hint, t->hint);
	else
		check_text(t->detail, err.hint, NULL);
}

/* A file of that name in the working directory is another one. */
static void names_are_no_files(void **state _unused_)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct scratch scratch;

	scratch_make(&scratch);
	put_file(scratch.root, "program", "#!/x\n");
	assert_int_equal(chdir(scratch.root), 0);
	assert_int_equal(exec_error("program", ENOENT, &err), -ENOENT);
	check_text("detail", err.detail, "command not found");
	assert_int_equal(chdir("/"), 0);
	scratch_remove(&scratch);
}

static void every_failure_is_explained(void **state _unused_)
{
	struct scratch scratch;

	scratch_make(&scratch);
	if (getuid() == 0)
		assert_int_equal(chown(scratch.root, NOBODY, NOBODY), 0);
	/* Root may execute whatever anybody may. */
	be_ordinary();
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		check_failure(&failures[i], scratch.root);
	be_root_again();
	scratch_remove(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_no_files),
		cmocka_unit_test(every_failure_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
