/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One call of a method of the manager's, with a deadline and its error in words.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/bus.h"
#include "systemd/sdbus.h"

/* A call of the interface Manager, to append the arguments to. */
int call_new(struct bus *bus, const char *method, sd_bus_message **ret_call) _must_check_;

/* Reads what an answer has. */
typedef int (*call_read_fn)(sd_bus_message *answer, void *userdata);

/*
 * Sends it and waits for the answer, a prompt for authentication aside. about: what the call is
 * about, for messages. read: NULL if the answer does not matter.
 */
int call_send(struct bus *bus, sd_bus_message *call, const char *about, call_read_fn read,
	      void *userdata, struct cg2_error *reterr) _must_check_;

/* The same for a question that needs no right, until the monotonic time end_usec. */
int call_ask(struct bus *bus, sd_bus_message *call, const char *about, uint64_t end_usec,
	     call_read_fn read, void *userdata, struct cg2_error *reterr) _must_check_;

/* Manager.METHOD(name): StopUnit with its mode, FreezeUnit, ResetFailedUnit and the like. */
int call_unit(struct bus *bus, const char *method, const char *name, const char *mode,
	      struct cg2_error *reterr) _must_check_;
