/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a record's name leads among files and links of other users. Another user's are only to
 * be had by root; without him a case is skipped.
 */
#include "tests/scratch.h"

#include <sys/sysmacros.h>

#include "cmd/run/record-path.h"

#define OTHER 65533

struct place {
	struct scratch scratch;
	char *tmp;   /* a directory for all, of root's */
	char *home;  /* of OTHER's */
	char *own;   /* of the caller's */
};

static char *make_directory(struct place *place, const char *name, mode_t mode, uid_t uid)
{
	char *path = path_of(place->scratch.root, name);

	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(chmod(path, mode), 0);
	if (getuid() == 0)
		assert_int_equal(chown(path, uid, (gid_t)-1), 0);
	return path;
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	assert_non_null(place);
	scratch_make(&place->scratch);
	place->tmp = make_directory(place, "tmp", 01777, 0);
	place->home = make_directory(place, "home", 0755, OTHER);
	place->own = make_directory(place, "own", 0755, getuid());
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	be_root_again();
	scratch_remove(&place->scratch);
	free(place->tmp);
	free(place->home);
	free(place->own);
	free(place);
	return 0;
}

static void need_root(void)
{
	if (getuid() != 0)
		skip();
}

static void put_link(const char *directory, const char *name, const char *target, uid_t uid)
{
	_cleanup_free_ char *path = path_of(directory, name);

	assert_int_equal(symlink(target, path), 0);
	if (getuid() == 0)
		assert_int_equal(lchown(path, uid, (gid_t)-1), 0);
}

static void put_owned(const char *directory, const char *name, uid_t uid)
{
	_cleanup_free_ char *path = path_of(directory, name);

	put_file(directory, name, "x");
	assert_int_equal(chown(path, uid, (gid_t)-1), 0);
}

/* What is found must be refused with these words, NULL: it must not. */
static void check_refused(const char *directory, const char *name, const char *why)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
	_cleanup_free_ char *whole = path_of(directory, name);
	int r = record_path_find(whole, &path);

	if (r != (why ? -EACCES : 0))
		fail_msg("%s: %d (%s)", whole, r, path.why);
	if (why)
		check_in(whole, path.why, why);
}

static void check_leads(const char *from, const char *to)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
	struct stat st;

	assert_int_equal(record_path_find(from, &path), 0);
	assert_int_equal(stat(to, &st), 0);
	assert_true(path.is_there);
	assert_true(st.st_ino == path.st.st_ino && st.st_dev == path.st.st_dev);
}

static void links_lead_where_open_takes_them(void **state)
{
	struct place *place = *state;
	_cleanup_free_ char *file = path_of(place->own, "file"), *link = path_of(place->own, "a");
	_cleanup_free_ char *through = path_of(place->own, "up/own/../own//b");

	put_file(place->own, "file", "x");
	put_link(place->own, "b", "file", getuid());
	put_link(place->own, "up", "..", getuid());
	put_link(place->own, "a", through, getuid());
	check_leads(file, file);
	check_leads(link, file);
	check_leads(through, file);
}

static void what_is_not_there_has_a_place(void **state)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
	struct place *place = *state;
	_cleanup_free_ char *link = path_of(place->own, "link");
	struct stat st;

	put_link(place->own, "link", "../home/new", getuid());
	assert_int_equal(record_path_find(link, &path), 0);
	assert_false(path.is_there);
	check_text("the name", path.name, "new");
	assert_int_equal(stat(place->home, &st), 0);
	assert_true(st.st_ino == path.dir_st.st_ino);
}

static void names_that_lead_nowhere(void **state)
{
	static const struct {
		const char *name;
		int result;
	} cases[] = {
		{ "", -ENOENT },	{ "/", -EISDIR },	 { "/tmp/", -EISDIR },
		{ "/nowhere/x", -ENOENT }, { "/proc/version/x", -ENOTDIR },
		{ "/proc/self/root/nowhere/x", -ENOENT },
	};
	_cleanup_free_ char *name_too_long = long_word('x', "");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
		int r = record_path_find(cases[i].name, &path);

		if (r != cases[i].result)
			fail_msg("'%s': %d", cases[i].name, r);
	}
	{
		_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;

		assert_int_equal(record_path_find(name_too_long, &path), -ENAMETOOLONG);
	}
}

static void descriptors_are_seen_through_links(void **state)
{
	struct place *place = *state;
	_cleanup_free_ char *link = path_of(place->own, "link");
	const char *const names[] = { "/dev/fd/1", "/dev/stdout", "/proc/self/fd/1", link };

	put_link(place->own, "link", "/dev/stdout", getuid());
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;

		assert_int_equal(record_path_find(names[i], &path), 0);
		check_case(names[i], path.descriptor == 1);
	}
}

static void links_of_others_are_not_followed_by_root(void **state)
{
	struct place *place = *state;

	need_root();
	put_owned(place->own, "target", 0);
	put_link(place->tmp, "link", "../own/target", OTHER);
	put_link(place->tmp, "dir", "../own", OTHER);
	put_link(place->tmp, "mine", "../own/target", 0);
	put_link(place->home, "link", "../own/target", OTHER);
	put_link(place->home, "dir", "../own", OTHER);
	put_link(place->home, "roots", "../own/target", 0);
	put_link(place->own, "indirect", "../tmp/link", 0);
	check_refused(place->tmp, "link",
		      "a link of another user (uid 65533) in a directory for all");
	check_refused(place->tmp, "dir/target", "a link of another user");
	check_refused(place->tmp, "mine", NULL);
	check_refused(place->home, "link", "a link of another user (uid 65533) is not followed");
	check_refused(place->home, "dir/target", "a link of another user");
	check_refused(place->home, "roots", NULL);
	check_refused(place->own, "indirect", "a link of another user");
}

static void an_ordinary_user_is_kept_from_what_the_kernel_keeps_him_from(void **state)
{
	struct place *place = *state;

	need_root();
	put_owned(place->own, "target", 0);
	put_link(place->tmp, "link", "../own/target", OTHER);
	put_link(place->tmp, "mine", "../own/target", NOBODY);
	put_link(place->tmp, "roots", "../own/target", 0);
	put_link(place->home, "link", "../own/target", OTHER);
	be_ordinary();
	check_refused(place->tmp, "link", "a link of another user");
	check_refused(place->tmp, "mine", NULL);
	/* Its directory's owner made it. */
	check_refused(place->tmp, "roots", NULL);
	check_refused(place->home, "link", NULL);
}

static void files_of_others_in_a_directory_for_all(void **state)
{
	struct place *place = *state;
	_cleanup_free_ char *fifo = path_of(place->tmp, "fifo"), *target = NULL, *hard = NULL;

	need_root();
	put_owned(place->tmp, "theirs", OTHER);
	put_owned(place->tmp, "own", 0);
	put_owned(place->home, "theirs", OTHER);
	assert_int_equal(mkfifo(fifo, 0666), 0);
	assert_int_equal(chown(fifo, OTHER, (gid_t)-1), 0);
	check_refused(place->tmp, "theirs", "it belongs to another user (uid 65533)");
	check_refused(place->tmp, "fifo", "it belongs to another user (uid 65533)");
	check_refused(place->tmp, "own", NULL);
	check_refused(place->home, "theirs", NULL);
	put_owned(place->own, "target", 0);
	target = path_of(place->own, "target");
	hard = path_of(place->tmp, "hard");
	assert_int_equal(link(target, hard), 0);
	check_refused(place->tmp, "hard", "a hard link");
	check_refused(place->own, "target", NULL);
}

/* Between the look and the opening somebody puts another thing there. */
static void what_is_opened_is_what_was_checked(void **state)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
	struct place *place = *state;
	_cleanup_free_ char *name = path_of(place->tmp, "file");
	int fd;

	need_root();
	put_owned(place->own, "target", 0);
	assert_int_equal(record_path_find(name, &path), 0);
	put_link(place->tmp, "file", "../own/target", OTHER);
	fd = record_path_open(&path, O_APPEND | O_CREAT);
	/* The second where fs.protected_symlinks is set. */
	assert_true(fd == -ELOOP || fd == -EACCES);
	remove_file(place->tmp, "file");
	put_owned(place->tmp, "file", OTHER);
	assert_int_equal(record_path_open(&path, O_APPEND), -EACCES);
	remove_file(place->tmp, "file");
	fd = record_path_open(&path, O_APPEND | O_CREAT);
	assert_true(fd >= 0);
	close_fd(fd);
}

static int open_anew(const char *directory, const char *name)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
	_cleanup_free_ char *whole = path_of(directory, name);

	return record_path_open_anew(whole, &path);
}

static void check_size(const char *directory, const char *name, off_t size)
{
	_cleanup_free_ char *path = path_of(directory, name);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, size);
}

/* As ">" does it: nothing of others is emptied before it is known to be theirs. */
static void a_file_is_emptied_if_it_may_be_written(void **state)
{
	struct place *place = *state;
	_cleanup_free_ char *target = path_of(place->own, "target"), *hard = NULL, *fifo = NULL;
	int fd;

	put_file(place->own, "target", "x");
	fd = open_anew(place->own, "target");
	assert_true(fd >= 0 && write(fd, "yz", 2) == 2);
	close_fd(fd);
	check_size(place->own, "target", 2);
	fd = open_anew(place->own, "new");
	assert_true(fd >= 0);
	close_fd(fd);
	fd = open_anew(place->own, "../../../../../../../../dev/null");
	assert_true(fd >= 0);
	close_fd(fd);
	assert_int_equal(open_anew(place->own, "nowhere/x"), -ENOENT);
	need_root();
	put_link(place->tmp, "link", "../own/target", OTHER);
	put_link(place->home, "link", "../own/target", OTHER);
	put_owned(place->tmp, "theirs", OTHER);
	hard = path_of(place->tmp, "hard");
	fifo = path_of(place->tmp, "fifo");
	assert_int_equal(link(target, hard), 0);
	assert_int_equal(mkfifo(fifo, 0666), 0);
	assert_int_equal(chown(fifo, OTHER, (gid_t)-1), 0);
	alarm(10);
	assert_int_equal(open_anew(place->tmp, "link"), -EACCES);
	assert_int_equal(open_anew(place->home, "link"), -EACCES);
	assert_int_equal(open_anew(place->tmp, "theirs"), -EACCES);
	assert_int_equal(open_anew(place->tmp, "hard"), -EACCES);
	assert_int_equal(open_anew(place->tmp, "fifo"), -EACCES);
	alarm(0);
	check_size(place->own, "target", 2);
	check_size(place->tmp, "theirs", 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(links_lead_where_open_takes_them),
		TEST(what_is_not_there_has_a_place),
		TEST(names_that_lead_nowhere),
		TEST(descriptors_are_seen_through_links),
		TEST(links_of_others_are_not_followed_by_root),
		TEST(an_ordinary_user_is_kept_from_what_the_kernel_keeps_him_from),
		TEST(files_of_others_in_a_directory_for_all),
		TEST(what_is_opened_is_what_was_checked),
		TEST(a_file_is_emptied_if_it_may_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
