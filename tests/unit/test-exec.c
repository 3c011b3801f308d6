/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a program cannot be executed: each errno, and what the file itself tells of it.
 */
#include "tests/scratch.h"

#include "child/exec.h"

struct failure {
	int code;
	int mode; /* of the file; -1: there is none */
	const char *content;
	const char *detail;
	const char *hint; /* NULL: there is none; a part of it */
};

/* As much of an ELF header as names the machine: none that has ever run Linux. */
#define ELF_OF_NO_MACHINE "\177ELF\2\1\1\1\1\1\1\1\1\1\1\1\2\1\xfe\xfe\1"

static const struct failure failures[] = {
	{ ENOENT, -1, NULL, "command not found", NULL },
	{ ENOENT, 0755, "#!/no/x\n", "its interpreter /no/x is missing", "the #! line of /" },
	{ ENOENT, 0755, "#! /no/x  -e\n", "its interpreter /no/x is missing", "the #! line of /" },
	{ ENOENT, 0755, "#!/bin/sh\r\ntrue\r\n",
	  "its first line ends as Windows ends lines (\\r\\n)", "sed -i 's/\\r$//' /" },
	{ ENOENT, 0755, "#!/bin/sh\n", "its interpreter is missing", "#! line" },
	{ ENOENT, 0755, "#!", "its interpreter is missing", "#! line" },
	{ EACCES, 0644, "#!/x\n", "no right to execute it", "if it is a program: chmod +x /" },
	{ EACCES, 0755, "#!/x\n",
	  "its rights allow it: a security policy (AppArmor, SELinux) or a mount option forbids it",
	  "DENIED" },
	{ EACCES, 0611, "#!/x\n", "no right to execute it", NULL },
	{ EACCES, -1, NULL, "no right to execute it", NULL },
	{ ETXTBSY, 0755, "#!/x\n", "another process has it open for writing", "fuser -v /" },
	{ E2BIG, 0755, "#!/x\n", "its arguments and environment are too long", "128 KiB" },
	{ ENOEXEC, 0755, "#!/x\n", "this machine does not know its format", "see: file /" },
	{ ENOEXEC, 0755, "echo\n", "it has no #! line and is no program of this machine's",
	  "put #!/bin/sh" },
	{ ENOEXEC, 0755, "", "it has no #! line and is no program of this machine's", "#!/bin/sh" },
	{ ENOEXEC, 0755, ELF_OF_NO_MACHINE,
	  "it is built for another machine: one that is not known here", "built for" },
	{ EPERM, 0755, "#!/x\n", "not permitted", "getcap /" },
	{ EAGAIN, 0755, "#!/x\n", "its user has more tasks than RLIMIT_NPROC", "ulimit -u" },
	{ EISDIR, 0755, "#!/x\n", "it is a directory", NULL },
	{ ELIBBAD, 0755, "#!/x\n", "its interpreter is damaged", NULL },
	{ EIO, 0755, "#!/x\n", NULL, NULL },
};

static void check_failure(const struct failure *t, const char *root)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *path = path_of(root, "program");

	unlink(path);
	if (t->mode >= 0) {
		put_file("", path, t->content);
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
