/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing small files: of any length, in any pieces, and without making any.
 */
#include "tests/scratch.h"

#include <sys/wait.h>

#include "cgroup/fsio.h"

struct work {
	struct scratch scratch;
	int fd;
	unsigned int n_open;
};

/* How many descriptors this process has. */
static unsigned int count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	scratch_make(&work->scratch);
	work->fd = open(work->scratch.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(work->fd >= 0);
	work->n_open = count_open();
	*state = work;
	return 0;
}

static int work_end(void **state)
{
	struct work *work = *state;

	be_root_again();
	assert_int_equal(count_open(), work->n_open);
	close(work->fd);
	scratch_remove(&work->scratch);
	free(work);
	return 0;
}

/* Of that length, with a NUL behind it that does not count. free() it. */
static char *pattern(size_t length)
{
	char *text = malloc(length + 1);

	assert_non_null(text);
	for (size_t i = 0; i < length; i++)
		text[i] = (char)(i * 7 % 255 + 1);
	text[length] = '\0';
	return text;
}

static const size_t lengths[] = {
	0, 1, 100, 4095, 4096, 4097, 8191, 8192, 8193, 1000000
};

/* ------------------------------------------------------------------------------------
 * Reading
 */

static void files_of_any_length_are_read(void **state)
{
	struct work *work = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		_cleanup_free_ char *text = pattern(lengths[i]), *buf = NULL;
		size_t len = 77;

		put_bytes(work->scratch.root, "f", text, lengths[i]);
		assert_int_equal(fsio_read(work->fd, "f", &buf, &len), 0);
		assert_int_equal(len, lengths[i]);
		assert_memory_equal(buf, text, len + 1);
	}
}

static void nul_is_a_byte_like_any_other(void **state)
{
	struct work *work = *state;
	_cleanup_free_ char *buf = NULL;
	char small[8];
	size_t len;

	put_bytes(work->scratch.root, "f", "a\0b", 3);
	assert_int_equal(fsio_read(work->fd, "f", &buf, &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(buf, "a\0b", 4);
	assert_int_equal(fsio_read_into(work->fd, "f", small, sizeof(small), &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(small, "a\0b", 4);
}

static void buffer_must_have_room_for_the_end(void **state)
{
	struct work *work = *state;
	char buf[8] = "xxxxxxx";
	size_t len = 77;

	put_file(work->scratch.root, "f", "1234567");
	assert_int_equal(fsio_read_into(work->fd, "f", buf, 8, &len), 0);
	assert_int_equal(len, 7);
	assert_string_equal(buf, "1234567");
	len = 77;
	assert_int_equal(fsio_read_into(work->fd, "f", buf, 7, &len), -E2BIG);
	assert_int_equal(len, 77);
	assert_int_equal(fsio_read_into(work->fd, "f", buf, 1, &len), -E2BIG);
	put_file(work->scratch.root, "f", "");
	assert_int_equal(fsio_read_into(work->fd, "f", buf, 1, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(buf, "");
}

/* A writer that takes its time: each piece is a read(2) of its own. */
static pid_t write_in_pieces(struct work *work, const char *text, size_t length,
			     size_t piece)
{
	_cleanup_free_ char *path = path_of(work->scratch.root, "pipe");
	pid_t pid;
	int fd;

	assert_int_equal(mkfifo(path, 0600), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	alarm(30);
	fd = open(path, O_WRONLY);
	for (size_t i = 0; fd >= 0 && i < length; i += piece) {
		if (write(fd, text + i, MIN(piece, length - i)) < 0)
			_exit(1);
		usleep(10000);
	}
	_exit(fd < 0);
}

typedef int (*read_fn)(int dirfd, const char *file, char **ret_buf, size_t *ret_len);

static void read_pieces(struct work *work, read_fn read_it, const size_t *pieces, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = MIN(pieces[i] * 5, 10000), len = 0;
		_cleanup_free_ char *text = pattern(length), *buf = NULL;
		pid_t pid = write_in_pieces(work, text, length, pieces[i]);

		assert_int_equal(read_it(work->fd, "pipe", &buf, &len), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(len, length);
		assert_memory_equal(buf, text, length);
		remove_file(work->scratch.root, "pipe");
	}
}

static void short_read_is_not_the_end(void **state)
{
	static const size_t short_lines[] = { 2048, 4095, 4096, 4097 };
	static const size_t long_lines[] = { 1, 7, 4095, 4096, 4097 };

	read_pieces(*state, fsio_read, short_lines, ARRAY_SIZE(short_lines));
	read_pieces(*state, fsio_read_long_lines, long_lines, ARRAY_SIZE(long_lines));
}

/* Others may have made it: no FIFO lets us wait, no device is opened, nothing is endless. */
static void nothing_but_a_regular_file_is_read(void **state)
{
	struct work *work = *state;
	_cleanup_free_ char *fifo = path_of(work->scratch.root, "fifo"), *buf = NULL;
	_cleanup_free_ char *null = path_of(work->scratch.root, "null");
	_cleanup_free_ char *big = path_of(work->scratch.root, "big");
	size_t len = 0;

	alarm(10);
	assert_int_equal(mkfifo(fifo, 0666), 0);
	assert_int_equal(fsio_read_regular(work->fd, "fifo", &buf, &len), -EINVAL);
	assert_int_equal(symlink("/dev/zero", null), 0);
	assert_int_equal(fsio_read_regular(work->fd, "null", &buf, &len), -EINVAL);
	assert_int_equal(fsio_read_regular(work->fd, ".", &buf, &len), -EINVAL);
	assert_int_equal(fsio_read_regular(work->fd, "none", &buf, &len), -ENOENT);
	put_file(work->scratch.root, "big", "text");
	assert_int_equal(fsio_read_regular(work->fd, "big", &buf, &len), 0);
	assert_string_equal(buf, "text");
	assert_int_equal(truncate(big, (1 << 20) + 1), 0);
	assert_int_equal(fsio_read_regular(work->fd, "big", &buf, &len), -EFBIG);
	alarm(0);
}

static void check_no_read(struct work *work, const char *file, int code)
{
	char *buf = NULL, small[16] = "untouched";
	size_t len = 77;

	assert_int_equal(fsio_read(work->fd, file, &buf, &len), -code);
	assert_null(buf);
	assert_int_equal(fsio_read_into(work->fd, file, small, sizeof(small), &len),
			 -code);
	assert_int_equal(len, 77);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	struct work *work = *state;

	put_file(work->scratch.root, "dir/f", "x");
	put_file(work->scratch.root, "secret", "x");
	put_mode(work->scratch.root, "secret", 0);
	check_no_read(work, "missing", ENOENT);
	check_no_read(work, "missing/f", ENOENT);
	check_no_read(work, "dir", EISDIR);
	check_no_read(work, "dir/f/g", ENOTDIR);
	be_ordinary();
	check_no_read(work, "secret", EACCES);
	be_root_again();
}

static void directory_that_is_gone_is_an_error(void **state)
{
	struct work *work = *state;
	_cleanup_close_ int fd = -1;
	char *buf;
	size_t len;

	put_file(work->scratch.root, "dir/f", "x");
	fd = openat(work->fd, "dir", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	remove_file(work->scratch.root, "dir");
	assert_int_equal(fsio_read(fd, "f", &buf, &len), -ENOENT);
	assert_int_equal(fsio_write(fd, "f", "x"), -ENOENT);
}

/* ------------------------------------------------------------------------------------
 * Writing
 */

static void check_content(struct work *work, const char *file, const char *text)
{
	_cleanup_free_ char *there = get_file(work->scratch.root, file);

	if (!there || strcmp(there, text) != 0)
		fail_msg("%s has '%.80s'", file, there ? there : "(none)");
}

static void value_is_written(void **state)
{
	struct work *work = *state;

	put_file(work->scratch.root, "f", "");
	assert_int_equal(fsio_write(work->fd, "f", "max 100000"), 0);
	check_content(work, "f", "max 100000");
	assert_int_equal(fsio_write(work->fd, "f", ""), 0);
	check_content(work, "f", "max 100000");
}

static void page_is_the_most(void **state)
{
	_cleanup_free_ char *most = pattern(4096), *more = pattern(4097);
	struct work *work = *state;

	put_file(work->scratch.root, "f", "");
	assert_int_equal(fsio_write(work->fd, "f", more), -E2BIG);
	check_content(work, "f", "");
	assert_int_equal(fsio_write(work->fd, "f", most), 0);
	check_content(work, "f", most);
}

static void missing_file_is_not_made(void **state)
{
	struct work *work = *state;

	assert_int_equal(fsio_write(work->fd, "missing", "x"), -ENOENT);
	assert_int_equal(faccessat(work->fd, "missing", F_OK, 0), -1);
}

static void what_cannot_be_written_is_an_error(void **state)
{
	struct work *work = *state;

	put_file(work->scratch.root, "dir/f", "x");
	put_file(work->scratch.root, "fixed", "x");
	put_mode(work->scratch.root, "fixed", 0444);
	assert_int_equal(fsio_write(work->fd, "dir", "y"), -EISDIR);
	be_ordinary();
	assert_int_equal(fsio_write(work->fd, "fixed", "y"), -EACCES);
	be_root_again();
	check_content(work, "fixed", "x");
}

/* The error of write(2), not that of open(2). */
static void error_of_the_write_comes_back(void **state)
{
	struct work *work = *state;

	assert_int_equal(fsio_write(work->fd, "/dev/full", "x"), -ENOSPC);
	assert_int_equal(fsio_write(work->fd, "/dev/null", "x"), 0);
}

static void directory_may_be_none(void **state)
{
	char *buf;
	size_t len;

	assert_int_equal(fsio_read(-1, "f", &buf, &len), -EBADF);
	assert_int_equal(fsio_write(-1, "f", "x"), -EBADF);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		TEST(files_of_any_length_are_read),
		TEST(nul_is_a_byte_like_any_other),
		TEST(buffer_must_have_room_for_the_end),
		TEST(short_read_is_not_the_end),
		TEST(what_cannot_be_read_is_an_error),
		TEST(nothing_but_a_regular_file_is_read),
		TEST(directory_that_is_gone_is_an_error),
		TEST(value_is_written),
		TEST(page_is_the_most),
		TEST(missing_file_is_not_made),
		TEST(what_cannot_be_written_is_an_error),
		TEST(error_of_the_write_comes_back),
		TEST(directory_may_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
