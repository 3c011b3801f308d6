/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What systemd is able to: the manager, what it may give, and what is around it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "check/check-internal.h"
#include "check/doctor-internal.h"
#include "limit/limit.h"
#include "systemd/bus.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "systemd/unit.h"
#include "value/error.h"

#define SYSTEM_BUS "/run/dbus/system_bus_socket"

static const char *manager_name(const struct cg2_doctor *doctor)
{
	return doctor->manager == CG2_MANAGER_USER ? "user" : "system";
}

int doctor_test_manager(struct cg2_doctor *doctor)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(unit_freep) struct unit *manager = NULL;
	const char *variable = secure_getenv("XDG_RUNTIME_DIR"), *version;
	struct bus bus = { .bus = NULL };
	char *text;
	int r;

	if (!doctor->ctx->is_real_root)
		return 0;
	r = bus_open(doctor->ctx, doctor->manager, &bus, &err);
	if (r < 0)
		return doctor_add_error(doctor, CG2_HEALTH_FAIL, &err);
	r = unit_read_manager(&bus, ANSWER_TEST_TIMEOUT_USEC, &manager, &err);
	version = unit_get_text(manager, "Version");
	text = text_format("the %s manager (systemd %s) answers at %s%s", manager_name(doctor),
			   version ? version : "of unknown version", bus.address,
			   doctor->manager == CG2_MANAGER_USER && !variable
				   ? ", although XDG_RUNTIME_DIR is not set"
				   : "");
	bus_close(&bus);
	if (r < 0) {
		free(text);
		return doctor_add_error(doctor, CG2_HEALTH_FAIL, &err);
	}
	doctor->is_manager_there = true;
	return doctor_add(doctor, CG2_HEALTH_PASS, text, NULL);
}

/* The cgroup that the manager's units are in. */
static int open_manager_group(struct cg2_doctor *doctor, struct cg2_group **ret_group,
			      struct cg2_error *reterr)
{
	_cleanup_free_ char *path = unit_manager_path(doctor->manager);

	if (!path)
		return error_set(reterr, CG2_OP_OPEN, ENOMEM, NULL, NULL);
	return cg2_group_open(doctor->ctx, *path ? path : "/", ret_group, reterr);
}

int doctor_test_delegation(struct cg2_doctor *doctor)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *fix = NULL;
	uint64_t mask;
	int r;

	if (hierarchy_detect(doctor->ctx, NULL) < 0)
		return 0;
	r = open_manager_group(doctor, &group, &err);
	if (r == 0)
		r = cg2_group_read_controllers(group, &mask, &err);
	if (r < 0)
		return doctor_add_error(doctor, CG2_HEALTH_FAIL, &err);
	if (doctor->manager == CG2_MANAGER_SYSTEM)
		return doctor_add_controllers(doctor, "the system manager can delegate", mask,
					      "look for cgroup_disable= in /proc/cmdline");
	fix = limits_delegation_fix("your", bus_uid());
	if (!fix)
		return -ENOMEM;
	return doctor_add_controllers(doctor, "the user manager can delegate", mask, fix);
}

int doctor_test_linger(struct cg2_doctor *doctor)
{
	char name[64];

	if (doctor->manager != CG2_MANAGER_USER)
		return 0;
	bus_user_name(name, sizeof(name));
	if (bus_user_lingers(doctor->ctx))
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("the user manager of %s runs without a login", name),
				  NULL);
	return doctor_add(doctor, CG2_HEALTH_WARN,
			  text_format("the user manager of %s ends with the last logout: cron jobs "
				      "and sudo have none",
				      name),
			  text_format("loginctl enable-linger %s", name));
}

/* pam_systemd makes sessions through it, and a user's manager with the first of them. */
int doctor_test_system_bus(struct cg2_doctor *doctor)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SYSTEM_BUS };

	if (!doctor->ctx->is_real_root)
		return 0;
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("the system bus is at %s", SYSTEM_BUS), NULL);
	return doctor_add(
		doctor, CG2_HEALTH_WARN,
		text_format("no system bus (%s: %s): ssh logins get no session and no user manager",
			    SYSTEM_BUS, strerror(errno)),
		text_format("install dbus (Debian: apt install dbus), then log in again"));
}

int doctor_test_oomd(struct cg2_doctor *doctor)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	struct bus bus = { .bus = NULL };
	const char *state = NULL;

	if (!doctor->ctx->is_real_root || bus_open(doctor->ctx, CG2_MANAGER_SYSTEM, &bus, NULL) < 0)
		return 0;
	if (unit_read(&bus, "systemd-oomd.service", false, ANSWER_TEST_TIMEOUT_USEC, &unit,
		      NULL) == 0)
		state = unit_get_text(unit, "ActiveState");
	bus_close(&bus);
	if (state && strcmp(state, "active") == 0)
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("systemd-oomd runs and kills whole cgroups under "
					      "memory pressure; verdicts name it"),
				  NULL);
	return doctor_add(
		doctor, CG2_HEALTH_PASS,
		text_format(
			"systemd-oomd does not run: only the kernel kills when memory runs out"),
		NULL);
}

/* ---- the journal ---- */

/* 1: a system journal below the directory can be read, 0: one can't, -ENOENT: there is
 * none. */
static int find_journal(struct cg2_ctx *ctx, const char *directory)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(ctx->root_fd, directory);
	struct dirent *entry;
	int result = -ENOENT;

	if (!dir)
		return errno == EACCES ? 0 : -ENOENT;
	while (result <= 0 && (entry = readdir(dir))) {
		char path[300];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/system.journal", entry->d_name);
		if (faccessat(dirfd(dir), path, R_OK, AT_EACCESS) == 0)
			result = 1;
		else if (errno == EACCES)
			result = 0;
	}
	return result;
}

int doctor_test_journal(struct cg2_doctor *doctor)
{
	static const char *const directories[] = { "var/log/journal", "run/log/journal" };
	char name[256];
	int r = -ENOENT;

	for (size_t i = 0; r < 0 && i < ARRAY_SIZE(directories); i++)
		r = find_journal(doctor->ctx, directories[i]);
	if (r > 0)
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("the system journal can be read"), NULL);
	if (r < 0)
		return doctor_add(doctor, CG2_HEALTH_WARN,
				  text_format("there is no system journal"),
				  text_format("look at systemctl status systemd-journald"));
	return doctor_add(doctor, CG2_HEALTH_WARN,
			  text_format("the system journal cannot be read: log lines of the kernel "
				      "and of systemd will be missing"),
			  text_format("as root: usermod -aG systemd-journal %s, then log in again",
				      bus_user_name(name, sizeof(name))));
}
