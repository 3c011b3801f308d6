/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection to a systemd manager. Its private socket needs no bus daemon and saves the
 * handshake with one; the bus is for callers who may not use it.
 */
#include "systemd/bus.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/scan.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "value/error.h"

#define SYSTEM_PRIVATE "/run/systemd/private"
#define SYSTEM_BUS "/run/dbus/system_bus_socket"

static int next_number(struct scan *line, uint64_t *ret_number)
{
	while (scan_char(line, ' '))
		;
	return scan_u64(line, ret_number);
}

/* A line of the map is: the first uid here, the same outside, how many. */
uid_t bus_uid(void)
{
	const uint64_t uid = geteuid();
	uint64_t here, outside, n;
	char buf[4096];
	struct scan map;
	size_t len;

	if (fsio_read_into(AT_FDCWD, "/proc/self/uid_map", buf, sizeof(buf), &len) < 0)
		return (uid_t)uid;
	for (map = scan_of(buf, len); !scan_done(&map);) {
		struct scan line = scan_until(&map, '\n');

		if (next_number(&line, &here) == 0 && next_number(&line, &outside) == 0 &&
		    next_number(&line, &n) == 0 && uid >= here && uid - here < n)
			return (uid_t)(outside + (uid - here));
	}
	return (uid_t)uid;
}

enum cg2_manager bus_manager(enum cg2_manager manager)
{
	if (manager != CG2_MANAGER_AUTO)
		return manager;
	return bus_uid() == 0 ? CG2_MANAGER_SYSTEM : CG2_MANAGER_USER;
}

static bool is_own_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

const char *bus_user_name(char *buf, size_t size)
{
	struct passwd pw, *found = NULL;
	const uid_t uid = bus_uid();
	char text[1024];

	if (getpwuid_r(uid, &pw, text, sizeof(text), &found) == 0 && found)
		snprintf(buf, size, "%s", found->pw_name);
	else
		snprintf(buf, size, "%u", (unsigned int)uid);
	return buf;
}

bool bus_user_lingers(struct cg2_ctx *ctx)
{
	char name[64], path[128];

	snprintf(path, sizeof(path), "var/lib/systemd/linger/%s",
		 bus_user_name(name, sizeof(name)));
	return faccessat(ctx->root_fd, path, F_OK, 0) == 0;
}

static int no_systemd(const char *path, int code, struct cg2_error *reterr)
{
	int r;

	r = error_setf(reterr, CG2_OP_CONNECT, code, path, NULL, "systemd is not running here");
	error_hint(reterr, "this needs a machine that was booted with systemd; a chroot needs "
			   "its /run:\n  mount --bind /run CHROOT/run");
	return r;
}

static bool is_systemd_running(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

static int no_user_manager(const char *dir, struct cg2_error *reterr)
{
	char name[64];
	int r;

	if (!is_systemd_running())
		return no_systemd(dir, ENOENT, reterr);
	r = error_setf(reterr, CG2_OP_CONNECT, ENOENT, dir, NULL,
		       "no user manager runs for %s%s", bus_user_name(name, sizeof(name)),
		       bus_uid() == geteuid() ? ""
					      : ", who has another uid in this user namespace");
	error_hint(reterr, "as root: loginctl enable-linger %s", name);
	return r;
}

/* Waits for nobody: a manager with too many connections in its queue is an error, -EAGAIN. */
static int connect_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return access(path, F_OK) < 0 ? -errno : -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return take_fd(&fd);
}

/* Connects to one socket; is_bus: a bus daemon is behind it, which wants a Hello. */
static int open_socket(const char *path, bool is_bus, struct bus *b)
{
	_cleanup_close_ int fd = connect_socket(path);

	if (fd < 0)
		return fd;
	b->address = strdup(path);
	if (!b->address)
		return -ENOMEM;
	b->fd = take_fd(&fd);
	b->is_reached = true;
	b->is_daemon = is_bus;
	return 0;
}

static int open_either(const char *private_path, const char *bus_path, struct bus *b)
{
	int r = -ENOENT, r_bus;

	if (private_path)
		r = open_socket(private_path, false, b);
	if (r == 0)
		return 0;
	r_bus = open_socket(bus_path, true, b);
	/* What the private socket said is nearer to the cause. */
	return r_bus == 0 || r == -ENOENT ? r_bus : r;
}

/* Through the sockets of one runtime directory, if it is the caller's own. */
static int open_user_at(const char *dir, struct bus *b)
{
	_cleanup_free_ char *private_path = text_format("%s/systemd/private", dir);
	_cleanup_free_ char *bus_path = text_format("%s/bus", dir);

	if (!is_own_dir(dir))
		return -ENOENT;
	return private_path && bus_path ? open_either(private_path, bus_path, b) : -ENOMEM;
}

/*
 * After su and sudo the variable is missing or still another user's, and scripts point it to
 * directories of their own making: what is there decides, not the variable.
 */
static int open_user(struct bus *b, struct cg2_error *reterr)
{
	const char *dir = secure_getenv("XDG_RUNTIME_DIR");
	_cleanup_free_ char *path = NULL;
	char usual[32];
	int r = -ENOENT;

	if (dir && *dir == '/')
		r = open_user_at(dir, b);
	if (r == -ENOENT || r == -ECONNREFUSED) {
		snprintf(usual, sizeof(usual), "/run/user/%u", (unsigned int)bus_uid());
		dir = usual;
		r = open_user_at(dir, b);
	}
	if (r == -ENOENT || r == -ECONNREFUSED)
		return no_user_manager(usual, reterr);
	if (r == 0)
		return 0;
	path = text_format("%s/systemd/private", dir);
	return error_set(reterr, CG2_OP_CONNECT, r, path, NULL);
}

static int open_system(struct bus *b, struct cg2_error *reterr)
{
	bool is_root = bus_uid() == 0;
	int r;

	r = open_either(is_root ? SYSTEM_PRIVATE : NULL, SYSTEM_BUS, b);
	if (r == 0)
		return 0;
	if (!is_systemd_running())
		return no_systemd(SYSTEM_PRIVATE, r, reterr);
	r = error_set(reterr, CG2_OP_CONNECT, r, is_root ? SYSTEM_PRIVATE : SYSTEM_BUS, NULL);
	if (!is_root) {
		error_hint(reterr, "run it as root, who needs no system bus");
		error_advice(reterr, CG2_ADVICE_USER_MANAGER);
	}
	return r;
}

int bus_reach(struct cg2_ctx *ctx, enum cg2_manager manager, struct bus *ret_bus,
	      struct cg2_error *reterr)
{
	struct bus b = { .ctx = ctx, .manager = bus_manager(manager) };
	int r;

	r = b.manager == CG2_MANAGER_USER ? open_user(&b, reterr) : open_system(&b, reterr);
	if (r < 0)
		return r;
	ctx_log(ctx, CG2_LOG_INFO, NULL, "%s manager at %s",
		b.manager == CG2_MANAGER_USER ? "user" : "system", b.address);
	*ret_bus = b;
	return 0;
}

static int begin(struct bus *b)
{
	_cleanup_(sdbus_closep) sd_bus *bus = NULL;
	int r;

	r = sdbus.sd_bus_new(&bus);
	if (r >= 0)
		r = sdbus.sd_bus_set_fd(bus, b->fd, b->fd);
	if (r < 0)
		return r;
	b->is_reached = false;
	if (b->is_daemon)
		r = sdbus.sd_bus_set_bus_client(bus, 1);
	if (r >= 0)
		r = sdbus.sd_bus_start(bus);
	if (r < 0)
		return r;
	b->bus = take_ptr(&bus);
	return 0;
}

int bus_begin(struct bus *bus, struct cg2_error *reterr)
{
	int r;

	r = sdbus_load(reterr);
	if (r < 0)
		return r;
	r = begin(bus);
	return r < 0 ? error_set(reterr, CG2_OP_CONNECT, r, bus->address, NULL) : 0;
}

int bus_open(struct cg2_ctx *ctx, enum cg2_manager manager, struct bus *ret_bus,
	     struct cg2_error *reterr)
{
	struct bus b;
	int r;

	r = bus_reach(ctx, manager, &b, reterr);
	if (r < 0)
		return r;
	r = bus_begin(&b, reterr);
	if (r < 0) {
		bus_close(&b);
		return r;
	}
	*ret_bus = b;
	return 0;
}

void bus_close(struct bus *bus)
{
	if (bus->bus)
		bus->bus = sdbus.sd_bus_close_unref(bus->bus);
	/* One that never came to be is all zeros, and 0 is a descriptor of the caller's. */
	if (bus->is_reached)
		close_fd(bus->fd);
	bus->is_reached = false;
	free(bus->address);
	bus->address = NULL;
}

bool bus_is_in_pid_namespace(struct bus *bus)
{
	int fd = sdbus.sd_bus_get_fd(bus->bus);
	struct ucred peer;
	socklen_t size = sizeof(peer);

	/* The kernel has no number for a process that can't be seen from here. */
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
	       peer.pid != 0;
}

static int no_answer(struct bus *bus, struct cg2_error *reterr)
{
	bool is_user = bus->manager == CG2_MANAGER_USER;
	int r;

	r = error_setf(reterr, CG2_OP_CALL, ETIMEDOUT, bus->address, NULL,
		       "the %s manager does not answer", is_user ? "user" : "system");
	error_hint(reterr, "see whether it hangs: systemctl %sstatus", is_user ? "--user " : "");
	return r;
}

/* Handles one message, or waits for the next one. */
static int step(struct bus *bus, uint64_t end_usec, struct cg2_error *reterr)
{
	uint64_t left_usec;
	int r;

	r = sdbus.sd_bus_process(bus->bus, NULL);
	if (r > 0)
		return 0;
	if (r == 0) {
		left_usec = usec_until(end_usec);
		if (left_usec == 0)
			return no_answer(bus, reterr);
		r = sdbus.sd_bus_wait(bus->bus, left_usec);
	}
	return r < 0 && r != -EINTR ? error_set(reterr, CG2_OP_CALL, r, bus->address, NULL) : 0;
}

int bus_run_until(struct bus *bus, const bool *done, uint64_t end_usec,
		  struct cg2_error *reterr)
{
	int r = 0;

	while (r == 0 && !*done)
		r = step(bus, end_usec, reterr);
	return r;
}

int bus_wait_ready(struct bus *bus, uint64_t end_usec, struct cg2_error *reterr)
{
	int r = 0;

	while (r == 0) {
		int ready = sdbus.sd_bus_is_ready(bus->bus);

		if (ready > 0)
			return 0;
		r = ready < 0 ? error_set(reterr, CG2_OP_CONNECT, ready, bus->address, NULL)
			      : step(bus, end_usec, reterr);
	}
	return r;
}

#define SYSTEMD_ERROR(name) "org.freedesktop.systemd1." name
#define DBUS_ERROR(name) "org.freedesktop.DBus.Error." name
#define NO_PROMPT DBUS_ERROR("InteractiveAuthorizationRequired")

/* What the manager's errors mean to somebody who wants to run a command. */
static const struct {
	const char *name;
	int code;
	const char *detail;
	const char *hint;
} bus_errors[] = {
	{ SYSTEMD_ERROR("UnitExists"), EEXIST, "a unit of that name exists",
	  "end that one with systemctl stop" },
	{ SYSTEMD_ERROR("UnitMasked"), ERFKILL, "the unit is masked", NULL },
	{ SYSTEMD_ERROR("LoadFailed"), EIO, NULL, NULL },
	{ SYSTEMD_ERROR("BadUnitSetting"), ENOEXEC, NULL, NULL },
	{ SYSTEMD_ERROR("ShuttingDown"), ESHUTDOWN, "the manager is shutting down", NULL },
	{ SYSTEMD_ERROR("NoSuchUnit"), ENOENT, NULL, NULL },
	{ DBUS_ERROR("PropertyReadOnly"), EINVAL, "this version of systemd does not know it",
	  "leave that property out; systemctl --version tells the version" },
	{ DBUS_ERROR("InvalidArgs"), EINVAL, NULL, NULL },
	{ DBUS_ERROR("UnixProcessIdUnknown"), ESRCH, "the process has ended", NULL },
	{ DBUS_ERROR("AccessDenied"), EACCES, NULL, NULL },
	{ NO_PROMPT, EACCES,
	  "only an administrator may do that", "run it with sudo" },
	{ DBUS_ERROR("ServiceUnknown"), ENOTCONN, "there is no such manager on the bus", NULL },
	{ DBUS_ERROR("NameHasNoOwner"), ENOTCONN, "there is no such manager on the bus", NULL },
	{ DBUS_ERROR("NoReply"), ETIMEDOUT, "the manager does not answer", NULL },
	{ DBUS_ERROR("Timeout"), ETIMEDOUT, "the manager does not answer", NULL },
	{ DBUS_ERROR("LimitsExceeded"), E2BIG, NULL,
	  "the manager has too many units: systemctl reset-failed" },
};

int bus_error_set(struct bus *bus, const sd_bus_error *error, const char *unit,
		  struct cg2_error *reterr)
{
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(bus_errors); i++) {
		if (!error->name || strcmp(error->name, bus_errors[i].name) != 0)
			continue;
		r = bus_errors[i].detail
			    ? error_setf(reterr, CG2_OP_CALL, bus_errors[i].code, unit, NULL, "%s",
					 bus_errors[i].detail)
			    : error_set(reterr, CG2_OP_CALL, bus_errors[i].code, unit, NULL);
		if (bus_errors[i].hint)
			error_hint(reterr, "%s", bus_errors[i].hint);
		if (bus_errors[i].code == EEXIST)
			error_advice(reterr, CG2_ADVICE_OTHER_NAME);
		error_bus(reterr, error->name, error->message);
		return r;
	}
	r = error_set(reterr, CG2_OP_CALL, sdbus.sd_bus_error_get_errno(error), unit, NULL);
	error_bus(reterr, error->name, error->message);
	return r;
}

/* libsystemd 257 says NoReply, as of a time that is over; 262 has an error of its own. */
bool bus_needs_right(const sd_bus_error *error)
{
	return sdbus.sd_bus_error_has_name(error, NO_PROMPT);
}

bool bus_was_closed(struct bus *bus, const sd_bus_error *error)
{
	return sdbus.sd_bus_is_open(bus->bus) <= 0 &&
	       (sdbus.sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY) ||
		sdbus.sd_bus_error_has_name(error, SD_BUS_ERROR_DISCONNECTED));
}
