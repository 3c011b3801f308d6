/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts of unit files: what systemd would read back, and whose file it is.
 */
#include "tests/scratch.h"
#include "unit.h"

#include <pwd.h>

#include "unitfile/unit-file.h"

struct file {
	struct cg2_ctx *ctx;
	struct cg2_limits *limits;
	struct cg2_unit_settings settings;
	struct cg2_unit_file *file;
	struct cg2_error err;
};

static int start(void **state)
{
	struct file *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(cg2_ctx_new(NULL, &f->ctx, NULL), 0);
	assert_int_equal(cg2_limits_new(f->ctx, &f->limits), 0);
	f->settings = (struct cg2_unit_settings){ .size = sizeof(f->settings),
						  .manager = CG2_MANAGER_SYSTEM,
						  .limits = f->limits };
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct file *f = *state;

	cg2_error_clear(&f->err);
	cg2_unit_file_unref(f->file);
	cg2_limits_unref(f->limits);
	cg2_ctx_unref(f->ctx);
	free(f);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

static void limit(struct file *f, enum cg2_limit which, const char *word)
{
	assert_int_equal(cg2_limits_parse(f->limits, which, word, NULL), 0);
}

static int make(struct file *f, const char *name)
{
	f->settings.name = name;
	f->file = cg2_unit_file_unref(f->file);
	cg2_error_clear(&f->err);
	return cg2_unit_file_new(f->ctx, &f->settings, &f->file, &f->err);
}

/* What follows the two lines of comment. */
static const char *body(struct file *f)
{
	const char *mark = strchr(cg2_unit_file_get_text(f->file), '\n');

	assert_non_null(mark);
	return strchr(mark + 1, '\n') + 1;
}

static void container_is_podmans_words_and_the_limits_systemds(void **state)
{
	static const char *const argv[] = { "docker.io/library/nginx", "sh", "-c", "echo $HOME 5%",
					    NULL };
	struct file *f = *state;

	limit(f, CG2_LIMIT_MEMORY_MAX, "64M");
	f->settings.argv = argv;
	f->settings.is_quadlet = true;
	f->settings.directory = "/srv";
	f->settings.restart = "always";
	assert_int_equal(make(f, "web"), 0);
	assert_string_equal(cg2_unit_file_get_unit(f->file), "web.service");
	assert_string_equal(cg2_unit_file_get_path(f->file),
			    "/etc/containers/systemd/web.container");
	assert_string_equal(cg2_unit_file_kind_to_string(cg2_unit_file_get_kind(f->file)),
			    "quadlet");
	assert_string_equal(body(f), "\n[Unit]\nDescription=docker.io/library/nginx\n"
				     "\n[Container]\nImage=docker.io/library/nginx\n"
				     "Exec=sh -c \"echo $$HOME 5%%\"\nWorkingDir=/srv\n"
				     "\n[Service]\nRestart=always\nMemoryMax=64M\n"
				     "MemorySwapMax=0\n"
				     "\n[Install]\nWantedBy=multi-user.target\n");
}

/* What a service has by the same name, too, is the container's. */
static void quadlet_has_the_lines_of_a_container(void **state)
{
	static const char *const argv[] = { "localhost/box", NULL };
	static const char *const lines[] = { "Network=none", "Environment=A=b", "TimeoutStopSec=5",
					     "After=a.service" };
	static const char *const again[] = { "Image=another" };
	struct file *f = *state;

	f->settings.argv = argv;
	f->settings.is_quadlet = true;
	f->settings.settings = lines;
	f->settings.n_settings = ARRAY_SIZE(lines);
	assert_int_equal(make(f, "web"), 0);
	assert_string_equal(body(f), "\n[Unit]\nDescription=localhost/box\nAfter=a.service\n"
				     "\n[Container]\nImage=localhost/box\nNetwork=none\n"
				     "Environment=A=b\n"
				     "\n[Service]\nTimeoutStopSec=5\n"
				     "\n[Install]\nWantedBy=multi-user.target\n");
	f->settings.settings = again;
	f->settings.n_settings = 1;
	assert_int_equal(make(f, "web"), -EINVAL);
	assert_string_equal(f->err.detail, "an option sets Image already");
}

static void text_needs_no_name(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct file *f = *state;

	limit(f, CG2_LIMIT_TASKS_MAX, "7");
	assert_int_equal(cg2_unit_settings_to_text(f->ctx, &f->settings, &text, &f->err), 0);
	assert_string_equal(text, "[Service]\nTasksMax=7\n");
}

static void drop_in_has_limits_as_systemd_writes_them(void **state)
{
	struct file *f = *state;

	limit(f, CG2_LIMIT_MEMORY_MAX, "64M");
	limit(f, CG2_LIMIT_MEMORY_HIGH, "max");
	limit(f, CG2_LIMIT_CPU_MAX, "50%");
	limit(f, CG2_LIMIT_CPU_WEIGHT, "idle");
	limit(f, CG2_LIMIT_TASKS_MAX, "max");
	limit(f, CG2_LIMIT_OOM_GROUP, "kill");
	limit(f, CG2_LIMIT_WALL_TIME, "90min");
	assert_int_equal(make(f, "a"), 0);
	assert_string_equal(cg2_unit_file_get_path(f->file),
			    "/etc/systemd/system/a.service.d/50-cgscope.conf");
	assert_string_equal(body(f), "\n[Service]\nMemoryMax=64M\nMemoryHigh=infinity\n"
				     "MemorySwapMax=0\nCPUQuota=50%\nCPUWeight=idle\n"
				     "TasksMax=infinity\nOOMPolicy=kill\n"
				     "RuntimeMaxSec=90min\n");
}

static void quota_without_end_is_an_empty_one(void **state)
{
	struct file *f = *state;

	limit(f, CG2_LIMIT_CPU_MAX, "max");
	assert_int_equal(make(f, "user-.slice"), 0);
	assert_string_equal(body(f), "\n[Slice]\nCPUQuota=\n");
	assert_int_equal(cg2_unit_file_is_for_many(f->file), 1);
}

static void service_has_a_command_and_can_be_enabled(void **state)
{
	static const char *const argv[] = { "/bin/true", NULL };
	struct file *f = *state;

	f->settings.argv = argv;
	f->settings.description = "100%";
	f->settings.directory = "/a%b";
	assert_int_equal(make(f, "a"), 0);
	assert_string_equal(body(f), "\n[Unit]\nDescription=100%%\n\n[Service]\nType=exec\n"
				     "ExecStart=/bin/true\nWorkingDirectory=/a%%b\n\n"
				     "[Install]\nWantedBy=multi-user.target\n");
	assert_int_equal(cg2_unit_file_get_kind(f->file), CG2_UNIT_FILE_SERVICE);
}

static void settings_go_to_their_sections(void **state)
{
	static const char *const argv[] = { "/bin/true", NULL };
	static const char *const settings[] = { "After=b.service", "Environment=A=1",
						"StartLimitBurst=3", "WantedBy=c.target" };
	struct file *f = *state;

	f->settings.argv = argv;
	f->settings.settings = settings;
	f->settings.n_settings = ARRAY_SIZE(settings);
	assert_int_equal(make(f, "a"), 0);
	assert_string_equal(body(f), "\n[Unit]\nDescription=/bin/true\nAfter=b.service\n"
				     "StartLimitBurst=3\n\n[Service]\nType=exec\n"
				     "ExecStart=/bin/true\nEnvironment=A=1\n\n"
				     "[Install]\nWantedBy=c.target\n");
}

static void words_are_quoted_for_systemd(void **state)
{
	static const struct {
		const char *word;
		const char *quoted;
		bool is_template;
		bool has_specifiers;
	} cases[] = {
		{ "a", "a", false, false },
		{ "", "\"\"", false, false },
		{ "a b", "\"a b\"", false, false },
		{ "100%", "100%%", false, false },
		{ "100%", "100%", false, true },
		{ "$HOME", "\"$$HOME\"", false, false },
		{ "$HOME", "\"$HOME\"", false, true },
		{ "%i%n", "%%i%%n", false, false },
		{ "%i%I%n", "%i%I%%n", true, false },
		{ "a\"\\'", "\"a\\\"\\\\'\"", false, false },
		{ ";", "\";\"", false, false },
		{ "a\tb\x7f", "\"a\\x09b\\x7f\"", false, false },
		{ "\xc3\xa9", "\"\xc3\xa9\"", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *quoted = NULL;

		check_case(cases[i].word,
			   unit_file_quote(cases[i].word, cases[i].is_template,
					   cases[i].has_specifiers, &quoted, NULL) == 0);
		if (strcmp(quoted, cases[i].quoted) != 0)
			fail_msg("'%s' is %s, not %s", cases[i].word, quoted, cases[i].quoted);
	}
}

static void what_no_unit_file_can_say_is_refused(void **state)
{
	static const char *const argv[] = { "/bin/true", "a\nb", NULL };
	static const char *const twice[] = { "ExecStart=/bin/false" };
	static const char *const junk[] = { "no setting" };
	static const char *const plain[] = { "/bin/true", NULL };
	static const char *const broken[] = { "A=b\n[Install]" };
	const struct {
		const char *name;
		const char *const *argv;
		const char *const *setting;
		const char *detail;
	} cases[] = {
		{ "a", argv, NULL, "line break" },
		{ "a", plain, twice, "an option sets ExecStart already" },
		{ "a", NULL, junk, "NAME=VALUE" },
		{ "a", NULL, broken, "line break" },
		{ "a.scope", NULL, NULL, "a scope has no file" },
		{ "a.target", NULL, NULL, "units of that type have no limits" },
		{ "a.slice", plain, NULL, "only a service has a command" },
		{ "", NULL, NULL, "the name is empty" },
		{ "a/b", NULL, NULL, "letters, digits" },
		{ "..service", NULL, NULL, "letters, digits" },
	};
	struct file *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		f->settings.argv = cases[i].argv;
		f->settings.settings = cases[i].setting;
		f->settings.n_settings = cases[i].setting ? 1 : 0;
		check_case(cases[i].detail, make(f, cases[i].name) < 0);
		check_case(cases[i].detail, f->err.detail);
		check_case(cases[i].detail, strstr(f->err.detail, cases[i].detail));
		check_case(cases[i].detail, !f->file);
	}
}

static void limits_that_systemd_lacks_are_refused(void **state)
{
	struct file *f = *state;

	limit(f, CG2_LIMIT_CPU_TIME, "10s");
	assert_int_equal(make(f, "a"), -EOPNOTSUPP);
	assert_true(f->err.has_limit && f->err.limit == CG2_LIMIT_CPU_TIME);
}

static void slice_has_no_time_and_no_oom_policy(void **state)
{
	struct file *f = *state;

	limit(f, CG2_LIMIT_WALL_TIME, "10s");
	assert_int_equal(make(f, "a.slice"), -EOPNOTSUPP);
	assert_int_equal(make(f, "a.service"), 0);
}

static void delegation_names_controllers(void **state)
{
	struct file *f = *state;

	f->settings.delegate = "cpu,memory";
	assert_int_equal(make(f, "user@.service"), 0);
	assert_string_equal(body(f), "\n[Service]\nDelegate=cpu memory\n");
	f->settings.delegate = "all";
	assert_int_equal(make(f, "user@.service"), 0);
	assert_string_equal(body(f), "\n[Service]\nDelegate=yes\n");
	f->settings.delegate = "cpus";
	assert_int_equal(make(f, "user@.service"), -EINVAL);
}

static void an_edited_file_is_told_from_ours(void **state)
{
	_cleanup_free_ char *edited = NULL;
	struct file *f = *state;

	limit(f, CG2_LIMIT_TASKS_MAX, "5");
	assert_int_equal(make(f, "a"), 0);
	assert_int_equal(unit_file_origin(cg2_unit_file_get_text(f->file)), UNIT_FILE_OURS);
	assert_true(asprintf(&edited, "%s#\n", cg2_unit_file_get_text(f->file)) > 0);
	assert_int_equal(unit_file_origin(edited), UNIT_FILE_CHANGED);
	assert_int_equal(unit_file_origin(body(f)), UNIT_FILE_FOREIGN);
	assert_int_equal(unit_file_origin(""), UNIT_FILE_FOREIGN);
}

/* After sudo the environment may still be another user's, whose links lead anywhere. */
static void test_root_writes_into_no_home_of_others(void **state)
{
	static const char *const argv[] = { "/bin/true", NULL };
	struct file *f = *state;
	_cleanup_(scratch_remove) struct scratch theirs;
	_cleanup_free_ char *saved = strdup(getenv("HOME") ? getenv("HOME") : "/"), *own = NULL;
	_cleanup_free_ char *config = NULL;
	struct passwd *pw = getpwuid(geteuid());

	scratch_make(&theirs);
	config = path_of(theirs.root, ".config");
	f->settings.manager = CG2_MANAGER_USER;
	f->settings.argv = argv;
	setenv("XDG_CONFIG_HOME", config, 1);
	assert_int_equal(make(f, "web"), 0);
	check_in("its own", cg2_unit_file_get_path(f->file), config);
	if (geteuid() == 0 && pw) {
		assert_int_equal(chown(theirs.root, 65533, (gid_t)-1), 0);
		setenv("HOME", theirs.root, 1);
		assert_int_equal(make(f, "web"), 0);
		assert_true(asprintf(&own, "%s/.config/systemd/user/web.service", pw->pw_dir) > 0);
		assert_string_equal(cg2_unit_file_get_path(f->file), own);
		setenv("XDG_RUNTIME_DIR", theirs.root, 1);
		f->settings.is_runtime = 1;
		assert_int_equal(make(f, "web"), 0);
		assert_string_equal(cg2_unit_file_get_path(f->file),
				    "/run/user/0/systemd/user/web.service");
		unsetenv("XDG_RUNTIME_DIR");
	}
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", saved, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(container_is_podmans_words_and_the_limits_systemds),
		TEST(quadlet_has_the_lines_of_a_container),
		TEST(text_needs_no_name),
		TEST(drop_in_has_limits_as_systemd_writes_them),
		TEST(quota_without_end_is_an_empty_one),
		TEST(service_has_a_command_and_can_be_enabled),
		TEST(settings_go_to_their_sections),
		TEST(words_are_quoted_for_systemd),
		TEST(what_no_unit_file_can_say_is_refused),
		TEST(limits_that_systemd_lacks_are_refused),
		TEST(slice_has_no_time_and_no_oom_policy),
		TEST(delegation_names_controllers),
		TEST(an_edited_file_is_told_from_ours),
		TEST(test_root_writes_into_no_home_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
