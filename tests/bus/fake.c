/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fake manager's process: the server side of sd-bus, set up as systemd sets up its
 * private socket, and as much of a bus daemon as a client needs to see.
 */
#include "fake.h"

#include <fnmatch.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>

#include "base/clock.h"

#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"
#define JOB MANAGER_PATH "/job/7"

/* In the fake's process, where cmocka has no say: the test sees the exit status. */
#define need(condition)                                                                  \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "fake manager: not so: %s\n", #condition);       \
			_exit(1);                                                        \
		}                                                                        \
	} while (0)

#define MEMBERS_MAX 256

struct actor {
	sd_bus *bus;
	FILE *notes;
	int members[MEMBERS_MAX]; /* whom a call named, 0 after the last */
	uint64_t end_usec;
	sd_bus_message *call; /* the last one that changes something */
	bool is_called;	      /* it has not been waited for */
	char unit[300];
	int listen_fd; /* -1: nobody can come later */
	bool is_gone;  /* the client has closed the connection */
};

/* ---- notes ---- */

static void note_values(sd_bus_message *m, FILE *f);

/* Which process a pidfd is of. */
static int pid_of(int fd)
{
	char path[64], line[64];
	int pid = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	need(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			break;
	fclose(f);
	return pid;
}

static void note_basic(sd_bus_message *m, char type, FILE *f)
{
	union {
		const char *text;
		uint64_t u64;
		uint32_t u32;
		int32_t i32;
		int fd;
		uint8_t byte;
	} v;

	need(sd_bus_message_read_basic(m, type, &v) > 0);
	switch (type) {
	case 's':
	case 'o':
		fprintf(f, " %s", v.text);
		break;
	case 't':
		fprintf(f, " %" PRIu64, v.u64);
		break;
	case 'u':
	case 'b':
		fprintf(f, " %" PRIu32, v.u32);
		break;
	case 'i':
		fprintf(f, " %" PRIi32, v.i32);
		break;
	case 'h':
		fprintf(f, " %d", pid_of(v.fd));
		break;
	case 'y':
		fprintf(f, "%02x", v.byte);
		break;
	default:
		need(!"a type that nobody sends");
	}
}

static void note_container(sd_bus_message *m, char type, const char *contents, FILE *f)
{
	need(sd_bus_message_enter_container(m, type, contents) > 0);
	if (strcmp(contents, "y") == 0)
		fputc(' ', f);
	note_values(m, f);
	need(sd_bus_message_exit_container(m) > 0);
}

/* All that is left of the container. */
static void note_values(sd_bus_message *m, FILE *f)
{
	const char *contents;
	char type;

	while (sd_bus_message_peek_type(m, &type, &contents) > 0) {
		if (contents)
			note_container(m, type, contents, f);
		else
			note_basic(m, type, f);
	}
}

/* They are read again, for the notes. */
static void take_members(struct actor *actor, sd_bus_message *m, const char *type)
{
	size_t n = 0;
	int number;

	need(sd_bus_message_enter_container(m, 'a', type) > 0);
	while (sd_bus_message_read_basic(m, *type, &number) > 0) {
		need(n < MEMBERS_MAX - 1);
		actor->members[n++] = *type == 'h' ? pid_of(number) : number;
	}
	actor->members[n] = 0;
	need(sd_bus_message_exit_container(m) > 0);
	need(sd_bus_message_rewind(m, 0) >= 0);
}

static void note_property(struct actor *actor, sd_bus_message *m)
{
	const char *name, *signature;
	FILE *f = actor->notes;

	need(sd_bus_message_read(m, "s", &name) > 0);
	need(sd_bus_message_peek_type(m, NULL, &signature) > 0);
	need(sd_bus_message_enter_container(m, 'v', signature) > 0);
	if (strcmp(name, "PIDs") == 0 || strcmp(name, "PIDFDs") == 0)
		take_members(actor, m, signature + 1);
	fprintf(f, "%s %s", name, signature);
	note_values(m, f);
	need(sd_bus_message_exit_container(m) > 0);
	fputc('\n', f);
}

static void note_start(struct actor *actor, sd_bus_message *m)
{
	const char *unit, *mode;

	need(sd_bus_message_read(m, "ss", &unit, &mode) > 0);
	snprintf(actor->unit, sizeof(actor->unit), "%s", unit);
	fprintf(actor->notes, "%s %s\n", unit, mode);
	need(sd_bus_message_enter_container(m, 'a', "(sv)") > 0);
	while (sd_bus_message_enter_container(m, 'r', "sv") > 0) {
		note_property(actor, m);
		need(sd_bus_message_exit_container(m) > 0);
	}
	need(sd_bus_message_exit_container(m) > 0);
	/* No auxiliary units. */
	need(sd_bus_message_skip(m, "a(sa(sv))") > 0);
	need(sd_bus_message_at_end(m, 1) > 0);
}

static void note_call(struct actor *actor, sd_bus_message *m)
{
	const char *method = sd_bus_message_get_member(m);

	if (strcmp(method, "StartTransientUnit") == 0) {
		note_start(actor, m);
	} else {
		fputs(method, actor->notes);
		note_values(m, actor->notes);
		fputc('\n', actor->notes);
	}
	fflush(actor->notes);
}

/* ---- what clients call ---- */

static int on_change(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct actor *actor = userdata;

	note_call(actor, m);
	sd_bus_message_unref(actor->call);
	actor->call = sd_bus_message_ref(m);
	actor->is_called = true;
	return 1;
}

static int on_hello(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return sd_bus_reply_method_return(m, "s", ":1.7");
}

static int on_nothing(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return sd_bus_reply_method_return(m, "");
}

/* ---- units ---- */

#define UNIT_PATH MANAGER_PATH "/unit"
#define UNITS_MAX 8

/* Those that the play tells of come behind; the first is whatever nobody has heard of. */
static struct fake_unit units[UNITS_MAX] = {
	{ .name = "", .load_state = "not-found", .active_state = "inactive" },
	{ .name = FAKE_SLICE, .active_state = "active", .cgroup = "/there.slice" },
	{ .name = FAKE_SERVICE, .active_state = "inactive" },
};

static struct fake_unit *find(const char *name)
{
	size_t i = UNITS_MAX - 1;

	while (i > 0 && (!units[i].name || strcmp(units[i].name, name) != 0))
		i--;
	return &units[i];
}

static void set_unit(const struct fake_unit *unit)
{
	struct fake_unit *at = find(unit->name);

	for (size_t i = 1; at == units && i < UNITS_MAX; i++)
		if (!units[i].name)
			at = &units[i];
	need(at != units);
	*at = *unit;
}

static char *object_of(const char *name)
{
	char *path;

	need(sd_bus_path_encode(UNIT_PATH, name, &path) >= 0);
	return path;
}

static bool is_loaded(const struct fake_unit *unit)
{
	return unit->name && strcmp(unit->active_state, "inactive") != 0;
}

static int on_get_unit(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	bool is_load = strcmp(sd_bus_message_get_member(m), "LoadUnit") == 0;
	_cleanup_free_ char *path = NULL;
	const char *name;

	need(sd_bus_message_read(m, "s", &name) > 0);
	if (!is_load && !is_loaded(find(name)))
		return sd_bus_error_setf(error, "org.freedesktop.systemd1.NoSuchUnit",
					 "Unit %s not loaded.", name);
	path = object_of(name);
	return sd_bus_reply_method_return(m, "o", path);
}

static void append_unit(sd_bus_message *reply, const struct fake_unit *unit)
{
	_cleanup_free_ char *path = object_of(unit->name);

	need(sd_bus_message_append(reply, "(ssssssouso)", unit->name, "", "loaded",
				   unit->active_state, "", "", path, (uint32_t)0, "",
				   "/") >= 0);
}

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	const char *pattern;

	need(sd_bus_message_skip(m, "as") > 0);
	need(sd_bus_message_read(m, "as", 1, &pattern) > 0);
	need(sd_bus_message_new_method_return(m, &reply) >= 0);
	need(sd_bus_message_open_container(reply, 'a', "(ssssssouso)") >= 0);
	for (size_t i = 1; i < UNITS_MAX; i++)
		if (is_loaded(&units[i]) && fnmatch(pattern, units[i].name, 0) == 0)
			append_unit(reply, &units[i]);
	need(sd_bus_message_close_container(reply) >= 0);
	return sd_bus_send(NULL, reply, NULL);
}

static int find_unit(sd_bus *bus, const char *path, const char *interface, void *userdata,
		     void **ret_found, sd_bus_error *error)
{
	_cleanup_free_ char *name = NULL;

	if (sd_bus_path_decode(path, UNIT_PATH, &name) <= 0)
		return 0;
	*ret_found = find(name);
	return 1;
}

static int get_load_state(sd_bus *bus, const char *path, const char *interface,
			  const char *property, sd_bus_message *reply, void *userdata,
			  sd_bus_error *error)
{
	const struct fake_unit *unit = userdata;

	return sd_bus_message_append(reply, "s", unit->load_state ? unit->load_state : "loaded");
}

static int get_life(sd_bus *bus, const char *path, const char *interface,
		    const char *property, sd_bus_message *reply, void *userdata,
		    sd_bus_error *error)
{
	const struct fake_unit *unit = userdata;
	const uint8_t id[16] = { unit->life };

	/* One that has not been started has none. */
	return sd_bus_message_append_array(reply, 'y', id, unit->life ? sizeof(id) : 0);
}

static int get_list(sd_bus *bus, const char *path, const char *interface,
		    const char *property, sd_bus_message *reply, void *userdata,
		    sd_bus_error *error)
{
	return sd_bus_message_append(reply, "as", 2, "/a.conf", "/b.conf");
}

static int get_number(sd_bus *bus, const char *path, const char *interface,
		      const char *property, sd_bus_message *reply, void *userdata,
		      sd_bus_error *error)
{
	return sd_bus_message_append(reply, "t", UINT64_C(40));
}

static int get_bytes(sd_bus *bus, const char *path, const char *interface,
		     const char *property, sd_bus_message *reply, void *userdata,
		     sd_bus_error *error)
{
	return sd_bus_message_append_array(reply, 'y', "\x05", 1);
}

static int get_delegate(sd_bus *bus, const char *path, const char *interface,
			const char *property, sd_bus_message *reply, void *userdata,
			sd_bus_error *error)
{
	const struct fake_unit *unit = userdata;

	return sd_bus_message_append(reply, "b", unit->is_delegated);
}

/* Of a type that nobody asks for. */
static int get_pairs(sd_bus *bus, const char *path, const char *interface,
		     const char *property, sd_bus_message *reply, void *userdata,
		     sd_bus_error *error)
{
	return sd_bus_message_append(reply, "a(st)", 1, "/dev/sda", UINT64_C(1));
}

#define OF(member) offsetof(struct fake_unit, member)
#define TOLD SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE

/* What has no getter is a member of the unit's. */
static const sd_bus_vtable unit_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Id", "s", NULL, OF(name), 0),
	SD_BUS_PROPERTY("LoadState", "s", get_load_state, 0, 0),
	SD_BUS_PROPERTY("ActiveState", "s", NULL, OF(active_state), TOLD),
	SD_BUS_PROPERTY("InvocationID", "ay", get_life, 0, TOLD),
	SD_BUS_PROPERTY("DropInPaths", "as", get_list, 0, 0),
	SD_BUS_VTABLE_END,
};

/* Of slices and services alike. */
static const sd_bus_vtable service_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("ControlGroup", "s", NULL, OF(cgroup), 0),
	SD_BUS_PROPERTY("Result", "s", NULL, OF(result), TOLD),
	SD_BUS_PROPERTY("ExecMainCode", "i", NULL, OF(exit_code), TOLD),
	SD_BUS_PROPERTY("ExecMainStatus", "i", NULL, OF(exit_status), TOLD),
	SD_BUS_PROPERTY("NRestarts", "u", NULL, OF(n_restarts), TOLD),
	SD_BUS_PROPERTY("IODeviceWeight", "a(st)", get_pairs, 0, 0),
	SD_BUS_PROPERTY("TasksMax", "t", get_number, 0, 0),
	SD_BUS_PROPERTY("Delegate", "b", get_delegate, 0, 0),
	SD_BUS_PROPERTY("AllowedCPUs", "ay", get_bytes, 0, 0),
	SD_BUS_VTABLE_END,
};

/* A manager tells what changed of the special one first. */
static const struct {
	const char *name;
	const sd_bus_vtable *vtable;
} interfaces[] = {
	{ "org.freedesktop.systemd1.Service", service_vtable },
	{ "org.freedesktop.systemd1.Unit", unit_vtable },
};

static void add_units(sd_bus *bus)
{
	for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++)
		need(sd_bus_add_fallback_vtable(bus, NULL, UNIT_PATH, interfaces[i].name,
						interfaces[i].vtable, find_unit,
						NULL) >= 0);
}

static int tell_changes(sd_bus *bus, const char *name)
{
	_cleanup_free_ char *path = object_of(name);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(interfaces); i++)
		r = sd_bus_emit_properties_changed_strv(bus, path, interfaces[i].name, NULL);
	return r;
}

static int tell_news(sd_bus *bus, const char *name, const char *signal)
{
	_cleanup_free_ char *path = object_of(name);

	return sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER_INTERFACE, signal, "so", name,
				  path);
}

static const sd_bus_vtable manager_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("GetUnit", "s", "o", on_get_unit, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("LoadUnit", "s", "o", on_get_unit, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("ListUnitsByPatterns", "asas", "a(ssssssouso)", on_list,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Subscribe", "", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("DefaultTasksMax", "t", get_number, 0, 0),
	SD_BUS_METHOD("StartTransientUnit", "ssa(sv)a(sa(sv))", "o", on_change,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("AttachProcessesToUnit", "ssau", "", on_change,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("SetUnitProperties", "sba(sv)", "", on_change,
		      SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("RestartUnit", "ss", "o", on_change, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("StopUnit", "ss", "o", on_change, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("KillUnit", "ssi", "", on_change, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("FreezeUnit", "s", "", on_change, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("ResetFailedUnit", "s", "", on_change, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable daemon_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Hello", "", "s", on_hello, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("AddMatch", "s", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("RemoveMatch", "s", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

/* ---- the play ---- */

/* Lets the client be heard until *done. */
static void listen_until(struct actor *actor, const bool *done)
{
	while (!*done && !actor->is_gone && now_usec() < actor->end_usec) {
		int r = sd_bus_process(actor->bus, NULL);

		if (r == 0)
			r = sd_bus_wait(actor->bus, actor->end_usec - now_usec());
		if (r < 0 && r != -EINTR)
			actor->is_gone = true;
	}
}

static sd_bus *make_server(int fd, struct actor *actor)
{
	sd_bus *bus = NULL;
	sd_id128_t id;

	need(sd_id128_randomize(&id) >= 0);
	need(sd_bus_new(&bus) >= 0);
	need(sd_bus_set_fd(bus, fd, fd) >= 0);
	need(sd_bus_set_server(bus, 1, id) >= 0);
	need(sd_bus_negotiate_fds(bus, 1) >= 0);
	need(sd_bus_set_sender(bus, "org.freedesktop.systemd1") >= 0);
	need(sd_bus_add_object_vtable(bus, NULL, MANAGER_PATH, MANAGER_INTERFACE,
				      manager_vtable, actor) >= 0);
	need(sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/DBus",
				      "org.freedesktop.DBus", daemon_vtable, actor) >= 0);
	add_units(bus);
	need(sd_bus_start(bus) >= 0);
	return bus;
}

/* Takes what comes and says nothing. */
static void be_mute(int fd)
{
	uint64_t end_usec = now_usec() + FAKE_LIFE_MS * USEC_PER_MSEC;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char buf[512];

	while (now_usec() < end_usec && poll(&p, 1, 100) >= 0)
		if ((p.revents & (POLLIN | POLLHUP)) && read(fd, buf, sizeof(buf)) <= 0)
			break;
	close(fd);
}

/* What the test has open would count for valgrind as left open. */
static _noreturn_ void leave(void)
{
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
	_exit(0);
}

/* Whoever has connected is heard from now on, unless the play is to be mute. */
static void meet(struct actor *actor, int fd, const struct fake_step *steps)
{
	need(fd >= 0);
	if (steps->act == FAKE_MUTE) {
		be_mute(fd);
		leave();
	}
	sd_bus_unref(actor->bus);
	actor->bus = make_server(fd, actor);
}

static int accept_one(int listen_fd)
{
	return accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static void move_members(const struct actor *actor, const char *root, const char *cgroup)
{
	be_root_again();
	for (size_t i = 0; actor->members[i]; i++) {
		char file[64];

		snprintf(file, sizeof(file), "proc/%d/cgroup", actor->members[i]);
		put_file(root, file, cgroup);
	}
}

static int do_step(struct actor *actor, const struct fake_step *step)
{
	switch (step->act) {
	case FAKE_CALL:
		listen_until(actor, &actor->is_called);
		actor->is_called = false;
		return 0;
	case FAKE_PAUSE:
		return poll(NULL, 0, (int)step->ms);
	case FAKE_REPLY:
		return sd_bus_reply_method_return(actor->call, "o", JOB);
	case FAKE_ANSWER:
		return sd_bus_reply_method_return(actor->call, "");
	case FAKE_PUT:
		/* Whatever its mode is. */
		be_root_again();
		unlink(step->a);
		put_file("", step->a, step->b);
		return 0;
	case FAKE_DROP:
		be_root_again();
		remove_file("", step->a);
		return 0;
	case FAKE_MOVE:
		move_members(actor, step->a, step->b);
		return 0;
	case FAKE_ERROR:
		return sd_bus_reply_method_errorf(actor->call, step->a, "%s", step->b);
	case FAKE_REMOVED:
		return sd_bus_emit_signal(actor->bus, MANAGER_PATH, MANAGER_INTERFACE,
					  "JobRemoved", "uoss", (uint32_t)7, JOB,
					  step->a ? step->a : actor->unit, step->b);
	case FAKE_HANG_UP:
		sd_bus_flush(actor->bus);
		sd_bus_close(actor->bus);
		return 0;
	case FAKE_ACCEPT:
		meet(actor, accept_one(actor->listen_fd), step + 1);
		return 0;
	case FAKE_UNIT:
		set_unit(step->unit);
		return 0;
	case FAKE_CHANGED:
		return tell_changes(actor->bus, step->a);
	case FAKE_NEWS:
		return tell_news(actor->bus, step->a, step->b);
	case FAKE_RELOADED:
		return sd_bus_emit_signal(actor->bus, MANAGER_PATH, MANAGER_INTERFACE,
					  "Reloading", "b", 0);
	case FAKE_MUTE:
	case FAKE_END:
		break;
	}
	return 0;
}

static void play(struct actor *actor, const struct fake_step *steps)
{
	static const bool never = false;

	for (; steps->act != FAKE_END && !actor->is_gone; steps++) {
		int r = do_step(actor, steps);

		/* A client may have had enough. */
		if (r < 0 && (r == -ENOTCONN || r == -ECONNRESET))
			return;
		need(r >= 0);
	}
	listen_until(actor, &never);
}

static _noreturn_ void act(int fd, int listen_fd, const struct fake_step *steps, int notes_fd)
{
	struct actor actor = {
		.notes = fdopen(notes_fd, "w"),
		.end_usec = now_usec() + FAKE_LIFE_MS * USEC_PER_MSEC,
		.listen_fd = listen_fd,
	};

	need(actor.notes);
	meet(&actor, fd, steps);
	play(&actor, steps);
	sd_bus_message_unref(actor.call);
	sd_bus_close_unref(actor.bus);
	leave();
}

/* ---- its process ---- */

/*
 * Starts it on a socket that is connected to client_fd, or on one that is listening (-1).
 * The socket is the fake's from then on.
 */
static void start(struct fake *fake, int fd, int client_fd, const struct fake_step *steps)
{
	int notes[2];

	assert_int_equal(pipe2(notes, O_CLOEXEC), 0);
	fake->pid = fork();
	assert_true(fake->pid >= 0);
	if (fake->pid == 0) {
		/* Nobody may come at all. */
		alarm(2 * FAKE_LIFE_MS / 1000);
		close(notes[0]);
		close_fd(client_fd);
		if (client_fd < 0)
			act(accept_one(fd), fd, steps, notes[1]);
		act(fd, -1, steps, notes[1]);
	}
	close(fd);
	close(notes[1]);
	fake->notes = fdopen(notes[0], "r");
	assert_non_null(fake->notes);
}

void fake_listen(struct fake *fake, const char *path, const struct fake_step *steps)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t len = strlen(path);

	assert_true(fd >= 0);
	assert_true(len < sizeof(address.sun_path));
	memcpy(address.sun_path, path, len + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	start(fake, fd, -1, steps);
}

void fake_connect(struct fake *fake, const struct fake_step *steps,
		  enum cg2_manager manager, struct bus *ret_bus)
{
	struct bus bus = { .manager = manager, .address = strdup("socketpair") };
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
		0);
	start(fake, fds[0], fds[1], steps);
	assert_non_null(bus.address);
	assert_int_equal(sdbus_load(NULL), 0);
	assert_true(sd_bus_new(&bus.bus) >= 0);
	assert_true(sd_bus_set_fd(bus.bus, fds[1], fds[1]) >= 0);
	assert_true(sd_bus_start(bus.bus) >= 0);
	*ret_bus = bus;
}

char *fake_end(struct fake *fake)
{
	char *text = NULL;
	size_t size = 0;
	int status;

	if (getdelim(&text, &size, '\0', fake->notes) < 0) {
		free(text);
		text = strdup("");
	}
	assert_non_null(text);
	fclose(fake->notes);
	assert_int_equal(waitpid(fake->pid, &status, 0), fake->pid);
	if (status != 0)
		fail_msg("the fake manager ended with status %#x", (unsigned int)status);
	return text;
}
