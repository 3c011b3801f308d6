/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks on a cgroup: who can have them, and that nobody is waited for without an end. The files are
 * made up; the rights and the locks are the kernel's.
 */
#include "tests/scratch.h"

#include <sys/file.h>

#include "base/clock.h"
#include "cgroup/lock.h"

#define SHORT_USEC (50 * USEC_PER_MSEC)

struct place {
	struct scratch scratch;
	int fd;
};

static void put_kernel_file(struct place *place, const char *file, mode_t mode)
{
	put_file(place->scratch.root, file, "");
	put_mode(place->scratch.root, file, mode);
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	scratch_make(&place->scratch);
	place->fd = open(place->scratch.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	put_kernel_file(place, "cgroup.kill", 0200);
	put_kernel_file(place, "cgroup.procs", 0644);
	put_kernel_file(place, "cgroup.subtree_control", 0644);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	be_root_again();
	close_fd(place->fd);
	scratch_remove(&place->scratch);
	free(place);
	return 0;
}

static void one_has_it_for_life(void **state)
{
	struct place *place = *state;
	int fd = lock_for_life(place->fd);

	assert_true(fd >= 0);
	assert_int_equal(lock_for_life(place->fd), -EAGAIN);
	close_fd(fd);
	fd = lock_for_life(place->fd);
	assert_true(fd >= 0);
	close_fd(fd);
}

/* A run's cgroup is the base of those inside of it. */
static void the_two_do_not_meet(void **state)
{
	struct place *place = *state;
	int life = lock_for_life(place->fd);
	int change = lock_for_change(place->fd, LOCK_EX, SHORT_USEC);

	assert_true(life >= 0 && change >= 0);
	close_fd(life);
	close_fd(change);
}

static void a_change_is_waited_for_as_long_as_given(void **state)
{
	struct place *place = *state;
	int fd = lock_for_change(place->fd, LOCK_EX, SHORT_USEC);
	uint64_t start_usec = now_usec();

	assert_true(fd >= 0);
	assert_int_equal(lock_for_change(place->fd, LOCK_SH, SHORT_USEC), -ETIMEDOUT);
	assert_true(now_usec() - start_usec >= SHORT_USEC);
	assert_true(now_usec() - start_usec < 5 * USEC_PER_SEC);
	close_fd(fd);
}

static void several_may_look_at_once(void **state)
{
	struct place *place = *state;
	int one = lock_for_change(place->fd, LOCK_SH, SHORT_USEC);
	int two = lock_for_change(place->fd, LOCK_SH, SHORT_USEC);

	assert_true(one >= 0 && two >= 0);
	close_fd(one);
	close_fd(two);
}

/* What others can open they can have locked for ever. */
static void others_cannot_have_them(void **state)
{
	static const char *const files[] = { ".", "cgroup.procs", "cgroup.subtree_control" };
	struct place *place = *state;
	int locked[ARRAY_SIZE(files)], fd;

	if (getuid() != 0)
		skip();
	be_ordinary();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		locked[i] = openat(place->fd, files[i], O_RDONLY | O_CLOEXEC);
		assert_true(locked[i] >= 0);
		assert_int_equal(flock(locked[i], LOCK_EX | LOCK_NB), 0);
	}
	assert_int_equal(lock_for_life(place->fd), -EACCES);
	assert_int_equal(lock_for_change(place->fd, LOCK_EX, 0), -EACCES);
	be_root_again();
	fd = lock_for_life(place->fd);
	assert_true(fd >= 0);
	close_fd(fd);
	fd = lock_for_change(place->fd, LOCK_EX, 0);
	assert_true(fd >= 0);
	close_fd(fd);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		close_fd(locked[i]);
}

static void without_cgroup_kill_there_are_others(void **state)
{
	struct place *place = *state;
	int life, change;

	remove_file(place->scratch.root, "cgroup.kill");
	life = lock_for_life(place->fd);
	change = lock_for_change(place->fd, LOCK_EX, SHORT_USEC);
	assert_true(life >= 0 && change >= 0);
	assert_int_equal(lock_for_life(place->fd), -EAGAIN);
	assert_int_equal(lock_for_change(place->fd, LOCK_EX, 0), -ETIMEDOUT);
	close_fd(life);
	close_fd(change);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_has_it_for_life),
		TEST(the_two_do_not_meet),
		TEST(a_change_is_waited_for_as_long_as_given),
		TEST(several_may_look_at_once),
		TEST(others_cannot_have_them),
		TEST(without_cgroup_kill_there_are_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
