/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A systemd manager that is none: a process that plays a list of steps to whoever
 * connects, and writes down what it was asked for.
 */
#pragma once

#include "tests/scratch.h"

#include "systemd/bus.h"

enum fake_act {
	FAKE_END,     /* answers nothing more, and notes what else comes */
	FAKE_MUTE,    /* does not even authenticate */
	FAKE_CALL,    /* waits for the next call that changes something */
	FAKE_PAUSE,   /* lets a.ms pass */
	FAKE_REPLY,   /* answers the call with a job */
	FAKE_ANSWER,  /* answers it with nothing */
	FAKE_ERROR,   /* answers it with the error a and the sentence b */
	FAKE_REMOVED, /* JobRemoved of the unit a (NULL: of the call), result b */
	FAKE_PUT,     /* the file a has the text b from now on, as a kernel's would */
	FAKE_DROP,    /* the directory a is gone */
	FAKE_MOVE,    /* whom the last call named is in the cgroup b, says the root a */
	FAKE_HANG_UP, /* closes the connection */
	FAKE_ACCEPT,  /* takes the next who connects; MUTE may follow */
	FAKE_UNIT,    /* the unit is so from now on; nobody is told */
	FAKE_CHANGED, /* PropertiesChanged of the unit a, once for each interface */
	FAKE_NEWS,    /* the signal b of the unit a */
	FAKE_RELOADED,
};

/* A unit as its manager sees it. */
struct fake_unit {
	const char *name;
	const char *load_state; /* NULL: loaded */
	const char *active_state;
	const char *cgroup;
	const char *result;
	int32_t exit_code;
	int32_t exit_status;
	uint32_t n_restarts;
	uint8_t life; /* makes an InvocationID of its own, 0: none */
	bool is_delegated;
};

struct fake_step {
	enum fake_act act;
	unsigned int ms;
	const char *a;
	const char *b;
	const struct fake_unit *unit;
};

/*
 * Beside those of the play there is a slice, which runs, and a service that does not. LoadUnit
 * finds any unit, most of which do not exist.
 */
#define FAKE_SLICE "there.slice"
#define FAKE_SERVICE "idle.service"

/* The steps of a play, for PLAY(). */
/* clang-format off */
#define MUTE { .act = FAKE_MUTE }
#define CALL { .act = FAKE_CALL }
#define PAUSE(ms_) { .act = FAKE_PAUSE, .ms = (ms_) }
#define REPLY { .act = FAKE_REPLY }
#define ANSWER { .act = FAKE_ANSWER }
#define ERROR(name, message) { .act = FAKE_ERROR, .a = (name), .b = (message) }
#define REMOVED(unit_, result) { .act = FAKE_REMOVED, .a = (unit_), .b = (result) }
#define PUT(path, text) { .act = FAKE_PUT, .a = (path), .b = (text) }
#define MOVE(root, cgroup) { .act = FAKE_MOVE, .a = (root), .b = (cgroup) }
#define DROP(path) { .act = FAKE_DROP, .a = (path) }
#define HANG_UP { .act = FAKE_HANG_UP }
#define ACCEPT { .act = FAKE_ACCEPT }
#define IS(unit_) { .act = FAKE_UNIT, .unit = (unit_) }
#define CHANGED(name) { .act = FAKE_CHANGED, .a = (name) }
#define NEWS(name, signal) { .act = FAKE_NEWS, .a = (name), .b = (signal) }
#define RELOADED { .act = FAKE_RELOADED }
/* clang-format on */
#define PLAY(...) ((const struct fake_step[]){ __VA_ARGS__, { .act = FAKE_END } })

/* What a manager does that has nothing against it. */
#define PLAY_WELL PLAY(CALL, REPLY, REMOVED(NULL, "done"))

/*
 * No step and no client makes it stay longer: a deadline that does not hold is a test
 * that fails, not one that hangs.
 */
#define FAKE_LIFE_MS 6000

struct fake {
	pid_t pid;
	FILE *notes;
};

/* Plays to the first one who connects to the socket path, which is made. */
void fake_listen(struct fake *fake, const char *path, const struct fake_step *steps);

/* Plays to ret_bus, which is connected to it already. */
void fake_connect(struct fake *fake, const struct fake_step *steps,
		  enum cg2_manager manager, struct bus *ret_bus);

/*
 * Waits for its end, which comes when its client has closed the connection. Returns what
 * it was asked for; free() it:
 *
 *     UNIT MODE
 *     PROPERTY SIGNATURE VALUE...
 *
 * a line each, and for other calls one line, METHOD ARGUMENT... An array of bytes is in
 * hexadecimal; in place of a pidfd stands the PID.
 */
char *fake_end(struct fake *fake);
