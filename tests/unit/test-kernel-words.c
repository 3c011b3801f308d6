/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel is asked by calls that not every kernel has, against what is known otherwise.
 */
#include "tests/scratch.h"

#include <sys/wait.h>
#include <sys/syscall.h>
#include <linux/magic.h>

#include "cgroup/mount.h"
#include "cgroup/xattr.h"
#include "process/pidfd-info.h"

static void what_is_mounted(void **state)
{
	struct mount_here here;
	int r = mount_ask("/proc", &here);

	if (r == -ENOSYS || r == -EPERM)
		skip();
	assert_int_equal(r, 0);
	assert_int_equal(here.magic, PROC_SUPER_MAGIC);
	assert_string_equal(here.root, "/");
	free(here.root);
}

static void where_nothing_is_mounted(void **state)
{
	struct mount_here here;
	int r = mount_ask("/proc/sys/kernel", &here);

	if (r == -ENOSYS || r == -EPERM)
		skip();
	assert_int_equal(r, -ENOTDIR);
	assert_int_equal(mount_ask("/nowhere", &here), -ENOENT);
}

/* A child that has ended and was not waited for is where its parent is. */
static void the_cgroup_of_a_zombie(void **state)
{
	uint64_t own, of_zombie;
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0), fd, r;
	siginfo_t info;
	pid_t pid;

	r = pidfd_get_cgroup_id(self, &own);
	close_fd(self);
	if (r < 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(0);
	assert_true(pid > 0);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(pidfd_get_cgroup_id(fd, &of_zombie), 0);
	assert_true(own != 0 && own == of_zombie);
	close_fd(fd);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void what_is_no_process_has_no_cgroup(void **state)
{
	uint64_t id;
	int fd = open("/", O_PATH | O_CLOEXEC);

	assert_true(pidfd_get_cgroup_id(fd, &id) < 0);
	close_fd(fd);
}

/* With and without O_PATH, and by a name. */
static void attributes_by_any_descriptor(void **state)
{
	struct scratch scratch;
	char text[16] = "";
	int path_fd, fd;

	scratch_make(&scratch);
	path_fd = open(scratch.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = open(scratch.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(fd, "below", 0755), 0);
	if (xattr_write(fd, ".", "user.one", "1", 1) == 0) {
		assert_int_equal(xattr_read(path_fd, ".", "user.one", text, sizeof(text)), 1);
		assert_int_equal(xattr_write(path_fd, ".", "user.one", "12", 2), 0);
		assert_int_equal(xattr_read(fd, ".", "user.one", text, sizeof(text)), 2);
		assert_memory_equal(text, "12", 2);
		assert_int_equal(xattr_write(path_fd, "below", "user.one", "123", 3), 0);
		assert_int_equal(xattr_read(fd, "below", "user.one", text, sizeof(text)), 3);
		assert_int_equal(xattr_read(fd, "..", "user.cgscope.none", text, 1), -1);
	}
	close_fd(path_fd);
	close_fd(fd);
	scratch_remove(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_mounted),
		cmocka_unit_test(where_nothing_is_mounted),
		cmocka_unit_test(the_cgroup_of_a_zombie),
		cmocka_unit_test(what_is_no_process_has_no_cgroup),
		cmocka_unit_test(attributes_by_any_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
