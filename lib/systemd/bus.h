/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A connection to a systemd manager: finding its socket, waiting with a deadline, and its
 * errors in words.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/sdbus.h"

struct bus {
	struct cg2_ctx *ctx; /* whose connection it is, for the log; NULL: nobody's */
	sd_bus *bus;
	enum cg2_manager manager; /* never AUTO */
	bool is_daemon;           /* a bus daemon is between us and the manager */
	bool is_reached;          /* by fd, which is ours until bus_begin() */
	int fd;
	char *address;            /* the socket's path, for messages */
};

/*
 * The caller's uid as managers know it: root of a user namespace is somebody else outside of it,
 * whose manager is asked. Of namespaces within each other, that in the one around ours.
 */
uid_t bus_uid(void);

/* The name that goes with it, or its number. Returns buf. */
const char *bus_user_name(char *buf, size_t size);

/* Whether that user's manager runs without a login; else it ends soon after the last logout. */
bool bus_user_lingers(struct cg2_ctx *ctx);

/* The manager that AUTO stands for. */
enum cg2_manager bus_manager(enum cg2_manager manager);

/*
 * Connects to the manager's private socket, else through its bus. Does not wait for the other
 * side. bus_close() on what comes back.
 *
 * In two steps, since the other side takes its time to wake up, in which its library can be loaded
 * and processes be made: bus_reach() connects, bus_begin() does the rest.
 */
int bus_reach(struct cg2_ctx *ctx, enum cg2_manager manager, struct bus *ret_bus,
	      struct cg2_error *reterr) _must_check_;
int bus_begin(struct bus *bus, struct cg2_error *reterr) _must_check_;
int bus_open(struct cg2_ctx *ctx, enum cg2_manager manager, struct bus *ret_bus,
	     struct cg2_error *reterr) _must_check_;
void bus_close(struct bus *bus);

/*
 * Waits until the other side has authenticated us. A call that carries a descriptor would wait
 * for that by itself, without a deadline.
 */
int bus_wait_ready(struct bus *bus, uint64_t end_usec, struct cg2_error *reterr) _must_check_;

/* Whether the other side shares our PID namespace, so that a PID means the same to it. */
bool bus_is_in_pid_namespace(struct bus *bus);

/* Processes messages until *done or the monotonic time end_usec. -ETIMEDOUT. */
int bus_run_until(struct bus *bus, const bool *done, uint64_t end_usec,
		  struct cg2_error *reterr) _must_check_;

/*
 * The error of a call for a unit, in words and with what to do. Returns a negative errno that
 * fits the error's name.
 */
int bus_error_set(struct bus *bus, const sd_bus_error *error, const char *unit,
		  struct cg2_error *reterr);

/* Whether a call has this error because only an administrator may make it. */
bool bus_needs_right(const sd_bus_error *error);

/* Whether a call has this error because the connection was closed while it waited. */
bool bus_was_closed(struct bus *bus, const sd_bus_error *error);
