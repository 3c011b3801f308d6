/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way to the caller's own manager: which directory, which socket, and what is said
 * when there is none.
 */
#include "fake.h"

#include <pwd.h>
#include <sys/socket.h>

#include "scope/transient.h"

#define PRIVATE "systemd/private"

static struct scratch scratch;

static int make_scratch(void **state)
{
	scratch_make(&scratch);
	setenv("XDG_RUNTIME_DIR", scratch.root, 1);
	return 0;
}

static int remove_scratch(void **state)
{
	be_root_again();
	scratch_remove(&scratch);
	return 0;
}

static int open_bus(struct bus *bus, struct cg2_error *err)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;

	assert_int_equal(cg2_ctx_new(NULL, &ctx, NULL), 0);
	return bus_open(ctx, CG2_MANAGER_USER, bus, err);
}

static int start_scope(struct bus *bus)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct scope_request request = {
		.unit = "a.scope",
		.description = "a",
		.pid = getpid(),
		.runtime_max_usec = CG2_MAX,
		.stop_usec = CG2_MAX,
	};
	uint64_t end_usec = CG2_MAX;

	assert_int_equal(cg2_ctx_new(NULL, &ctx, NULL), 0);
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	request.limits = limits;
	return scope_start(bus, &request, &end_usec, NULL);
}

/* A manager at that socket is found, and the scope is started. */
static void check_reached(const char *directory, const char *socket)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *path = path_of(directory, socket);
	struct fake fake;
	struct bus bus;

	make_parents(path);
	fake_listen(&fake, path, PLAY_WELL);
	setenv("XDG_RUNTIME_DIR", directory, 1);
	assert_int_equal(open_bus(&bus, &err), 0);
	assert_int_equal(bus.manager, CG2_MANAGER_USER);
	assert_string_equal(bus.address, path);
	assert_int_equal(start_scope(&bus), 0);
	bus_close(&bus);
	free(fake_end(&fake));
}

/* ------------------------------------------------------------------------------------
 * Sockets
 */

static void private_socket_is_taken(void **state)
{
	check_reached(scratch.root, PRIVATE);
}

static void bus_is_the_second_choice(void **state)
{
	check_reached(scratch.root, "bus");
}

static void private_socket_that_nobody_listens_to_leaves_the_bus(void **state)
{
	put_file(scratch.root, PRIVATE, "");
	check_reached(scratch.root, "bus");
}

static void private_socket_comes_before_the_bus(void **state)
{
	put_file(scratch.root, "bus", "");
	check_reached(scratch.root, PRIVATE);
}

/* D-Bus addresses have a syntax of their own. */
static void any_path_is_taken(void **state)
{
	/* clang-format off */
	static const char *const names[] = {
		"a b", "100%", "%41", "a,b;c:d=e", "caf\xc3\xa9", "back\\slash",
		"st*r", "new\nline", "\"'$(id)`", "~#&|<>?[]{}", "\x01\x7f\xff", "-_.",
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *directory = path_of(scratch.root, names[i]);

		check_reached(directory, PRIVATE);
	}
}

static const char *own_name(char *buf, size_t size)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw)
		snprintf(buf, size, "%s", pw->pw_name);
	else
		snprintf(buf, size, "%u", (unsigned int)geteuid());
	return buf;
}

/* The variable's directory has no manager; the one that is looked at next may have a real one. */
static void check_no_manager(void)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	char name[64], text[128], directory[64];
	struct bus bus;

	snprintf(directory, sizeof(directory), "/run/user/%u", (unsigned int)geteuid());
	if (access(directory, F_OK) == 0)
		skip();
	assert_int_equal(open_bus(&bus, &err), -ENOENT);
	assert_int_equal(err.code, ENOENT);
	assert_int_equal(err.op, CG2_OP_CONNECT);
	assert_string_equal(err.path, directory);
	if (access("/run/systemd/system", F_OK) < 0) {
		assert_string_equal(err.detail, "systemd is not running here");
	} else {
		own_name(name, sizeof(name));
		snprintf(text, sizeof(text), "no user manager runs for %s", name);
		assert_string_equal(err.detail, text);
		snprintf(text, sizeof(text), "as root: loginctl enable-linger %s", name);
		assert_string_equal(err.hint, text);
	}
	assert_int_equal(open_bus(&bus, NULL), -ENOENT);
}

static void no_socket_is_no_manager(void **state)
{
	check_no_manager();
}

static void file_is_no_socket(void **state)
{
	put_file(scratch.root, PRIVATE, "");
	check_no_manager();
	put_file(scratch.root, "bus", "");
	check_no_manager();
}

static void socket_of_a_dead_manager_is_none(void **state)
{
	_cleanup_free_ char *path = path_of(scratch.root, PRIVATE);
	struct fake fake;

	make_parents(path);
	fake_listen(&fake, path, PLAY(HANG_UP));
	/* Somebody has to come for it to go. */
	{
		struct bus bus;

		assert_int_equal(open_bus(&bus, NULL), 0);
		bus_close(&bus);
	}
	free(fake_end(&fake));
	check_no_manager();
}

/* Its own directory, and in it what somebody else has made: no right to connect. */
static void socket_of_another_user_is_an_error(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *path = path_of(scratch.root, PRIVATE);
	struct fake fake;
	struct bus bus;

	make_parents(path);
	fake_listen(&fake, path, PLAY(HANG_UP));
	put_mode(scratch.root, PRIVATE, 0);
	if (getuid() == 0)
		assert_int_equal(chown(scratch.root, NOBODY, (gid_t)-1), 0);
	be_ordinary();
	assert_int_equal(open_bus(&bus, &err), -EACCES);
	assert_int_equal(err.op, CG2_OP_CONNECT);
	assert_string_equal(err.path, path);
	be_root_again();
	put_mode(scratch.root, PRIVATE, 0777);
	if (getuid() == 0)
		assert_int_equal(chown(scratch.root, 0, (gid_t)-1), 0);
	assert_int_equal(open_bus(&bus, NULL), 0);
	bus_close(&bus);
	free(fake_end(&fake));
}

static void path_that_no_socket_can_have_is_an_error(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *directory = NULL;
	struct bus bus;

	assert_true(asprintf(&directory, "%s/%0150d", scratch.root, 0) > 0);
	put_file(directory, PRIVATE, "");
	setenv("XDG_RUNTIME_DIR", directory, 1);
	assert_true(open_bus(&bus, &err) < 0);
	assert_int_equal(err.op, CG2_OP_CONNECT);
	assert_int_equal(strncmp(err.path, directory, strlen(directory)), 0);
}

/* ------------------------------------------------------------------------------------
 * Runtime directories
 */

/* Looks in /run/user, where a manager may run or not, and nowhere else. */
static void check_default(void)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	char directory[64];
	const char *where;
	struct bus bus;
	int r;

	snprintf(directory, sizeof(directory), "/run/user/%u", (unsigned int)geteuid());
	r = open_bus(&bus, &err);
	where = r < 0 ? err.path : bus.address;
	assert_non_null(where);
	if (strncmp(where, directory, strlen(directory)) != 0)
		fail_msg("looked at '%s'", where);
	if (r == 0)
		bus_close(&bus);
}

static void without_the_variable_it_is_the_default(void **state)
{
	unsetenv("XDG_RUNTIME_DIR");
	check_default();
	setenv("XDG_RUNTIME_DIR", "", 1);
	check_default();
}

static void relative_directory_is_none(void **state)
{
	_cleanup_free_ char *path = path_of(scratch.root, "run/" PRIVATE);
	char before[PATH_MAX];

	make_parents(path);
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(scratch.root), 0);
	setenv("XDG_RUNTIME_DIR", "run", 1);
	check_default();
	setenv("XDG_RUNTIME_DIR", ".", 1);
	check_default();
	assert_int_equal(chdir(before), 0);
}

static void what_is_no_directory_is_none(void **state)
{
	_cleanup_free_ char *file = path_of(scratch.root, "file");
	_cleanup_free_ char *missing = path_of(scratch.root, "missing");
	char endless[600];

	put_file(scratch.root, "file", "");
	setenv("XDG_RUNTIME_DIR", file, 1);
	check_default();
	setenv("XDG_RUNTIME_DIR", missing, 1);
	check_default();
	memset(endless, '/', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	setenv("XDG_RUNTIME_DIR", endless, 1);
	check_default();
}

/* As after su: the variable is still the other one's. */
static void directory_of_another_user_is_none(void **state)
{
	_cleanup_free_ char *path = path_of(scratch.root, PRIVATE);

	make_parents(path);
	if (getuid() == 0)
		assert_int_equal(chown(scratch.root, 1, (gid_t)-1), 0);
	else
		setenv("XDG_RUNTIME_DIR", "/", 1);
	be_ordinary();
	check_default();
	be_root_again();
	/* Root is no exception: that manager would refuse root's processes. */
	check_default();
}

/* It is all zeros, which is a descriptor too. */
static void what_never_was_is_not_closed(void **state)
{
	struct bus bus = { .bus = NULL };

	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		assert_int_equal(open("/dev/null", O_RDONLY), STDIN_FILENO);
	bus_close(&bus);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, remove_scratch)
		TEST(private_socket_is_taken),
		TEST(bus_is_the_second_choice),
		TEST(private_socket_that_nobody_listens_to_leaves_the_bus),
		TEST(private_socket_comes_before_the_bus),
		TEST(any_path_is_taken),
		TEST(no_socket_is_no_manager),
		TEST(file_is_no_socket),
		TEST(socket_of_a_dead_manager_is_none),
		TEST(socket_of_another_user_is_an_error),
		TEST(path_that_no_socket_can_have_is_an_error),
		TEST(without_the_variable_it_is_the_default),
		TEST(relative_directory_is_none),
		TEST(what_is_no_directory_is_none),
		TEST(directory_of_another_user_is_none),
		TEST(what_never_was_is_not_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
