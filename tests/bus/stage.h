/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine for what goes partly through cgroup files and partly through the manager: a fixture
 * with a scope and with processes, and the fake at the place of the caller's own manager. What the
 * manager and the kernel do meanwhile is a step of its play.
 */
#pragma once

#include "fake.h"

#include "tests/cgroupfs/process.h"

#define UNIT "live.scope"
#define SYSTEMD(name) "org.freedesktop.systemd1." name
#define DBUS(name) "org.freedesktop.DBus.Error." name

/* Paths and texts of one test. */
#define STAGE_TEXTS 1000

struct stage {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct fake fake;
	struct cg2_error err;
	char scope[160]; /* UNIT's cgroup */
	char *texts[STAGE_TEXTS];
	size_t n_texts;
};

/* Made as by asprintf(3), and free()d at the end. */
__attribute__((format(printf, 2, 3))) static inline const char *
text(struct stage *s, const char *format, ...)
{
	va_list ap;

	assert_true(s->n_texts < STAGE_TEXTS);
	va_start(ap, format);
	assert_true(vasprintf(&s->texts[s->n_texts], format, ap) >= 0);
	va_end(ap);
	return s->texts[s->n_texts++];
}

/* Where the fixture has a file of the scope. */
static inline const char *in_scope(struct stage *s, const char *file)
{
	return text(s, "%s/" MOUNT "%s%s%s", s->scratch.root, s->scope, *file ? "/" : "", file);
}

static inline const char *in_proc(struct stage *s, int pid, const char *file)
{
	return text(s, "%s/proc/%d%s%s", s->scratch.root, pid, *file ? "/" : "", file);
}

/* What /proc/PID/cgroup says of one that is in the scope, or below. */
static inline const char *home_of(struct stage *s, const char *below)
{
	return text(s, "0::%s%s\n", s->scope, below);
}

/* A file of the scope that is the caller's to write, or is not. */
static inline void put(struct stage *s, const char *file, const char *value, bool is_writable)
{
	const char *path = in_scope(s, file);

	be_root_again();
	put_file("", path, value);
	put_mode("", path, is_writable ? 0666 : 0444);
	be_ordinary();
}

static inline void check_file(struct stage *s, const char *file, const char *expected)
{
	_cleanup_free_ char *have = get_file("", in_scope(s, file));

	check_text(file, have, expected);
}

/* A process outside of the scope. */
static inline void put_outside(struct stage *s, int pid, int ppid)
{
	be_root_again();
	put_process(s->scratch.root, &(struct made_up){ .pid = pid, .ppid = ppid, .session = 5,
							.cgroup = "/user.slice/elsewhere" });
	if (getuid() == 0)
		assert_int_equal(chown(in_proc(s, pid, ""), NOBODY, NOBODY), 0);
	be_ordinary();
}

static inline int stage_start(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	unsigned int uid = getuid() == 0 ? NOBODY : getuid();

	assert_non_null(s);
	s->ctx = open_copy("trixie", &s->scratch);
	if (getuid() == 0)
		assert_int_equal(chown(s->scratch.root, uid, uid), 0);
	snprintf(s->scope, sizeof(s->scope),
		 "/user.slice/user-%u.slice/user@%u.service/app.slice/" UNIT, uid, uid);
	setenv("XDG_RUNTIME_DIR", s->scratch.root, 1);
	put(s, "cgroup.procs", "", false);
	put(s, "cgroup.events", "populated 1\nfrozen 0\n", false);
	put(s, "cgroup.controllers", "cpu memory pids\n", false);
	*state = s;
	return 0;
}

static inline int stage_end(void **state)
{
	struct stage *s = *state;

	be_root_again();
	cg2_error_clear(&s->err);
	for (size_t i = 0; i < s->n_texts; i++)
		free(s->texts[i]);
	cg2_ctx_unref(s->ctx);
	scratch_remove(&s->scratch);
	free(s);
	return 0;
}

/* Gives the first who connects to the caller's own manager that play. */
static inline void stage_play(struct stage *s, const struct fake_step *steps)
{
	_cleanup_free_ char *path = path_of(s->scratch.root, "systemd/private");

	make_parents(path);
	unlink(path);
	fake_listen(&s->fake, path, steps);
}

/* The play is over when the connection is closed; this is what was asked for. */
static inline const char *stage_notes(struct stage *s)
{
	assert_true(s->n_texts < STAGE_TEXTS);
	s->texts[s->n_texts] = fake_end(&s->fake);
	return s->texts[s->n_texts++];
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_start, stage_end)
