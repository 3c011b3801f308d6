/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of org.freedesktop.systemd1.Manager that are one question and one answer.
 */
#include "systemd/call.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "systemd/deadline.h"
#include "value/error.h"

#define MANAGER_NAME "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

struct call {
	struct bus *bus;
	const char *about;
	call_read_fn read;
	void *userdata;
	struct cg2_error *reterr;
	bool is_done;
	int result;
};

int call_new(struct bus *bus, const char *method, sd_bus_message **ret_call)
{
	int r;

	r = sdbus.sd_bus_message_new_method_call(bus->bus, ret_call, MANAGER_NAME, MANAGER_PATH,
					       MANAGER_INTERFACE, method);
	return r < 0 ? r
		     : sdbus.sd_bus_message_set_allow_interactive_authorization(*ret_call, 1);
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sdbus.sd_bus_message_get_error(m);
	struct call *call = userdata;

	call->is_done = true;
	if (error && bus_was_closed(call->bus, error))
		call->result = error_setf(call->reterr, CG2_OP_CALL, ECONNRESET, call->about, NULL,
					  "the manager closed the connection");
	else if (error)
		call->result = bus_error_set(call->bus, error, call->about, call->reterr);
	else if (call->read)
		call->result = call->read(m, call->userdata);
	return 0;
}

/* A prompt may take as long as it takes, once the call was sent. */
static int exchange(struct call *call, sd_bus_message *m, uint64_t ready_usec,
		    uint64_t end_usec)
{
	_cleanup_(sdbus_slot_unrefp) sd_bus_slot *slot = NULL;
	struct cg2_error *reterr = call->reterr;
	struct bus *bus = call->bus;
	int r;

	r = bus_wait_ready(bus, ready_usec, reterr);
	if (r < 0)
		return r;
	r = sdbus.sd_bus_call_async(bus->bus, &slot, m, on_answer, call, UINT64_MAX);
	if (r < 0)
		return error_set(reterr, CG2_OP_CALL, r, call->about, NULL);
	r = bus_run_until(bus, &call->is_done, end_usec, reterr);
	if (r == 0 && call->result < 0 && reterr && reterr->code == 0)
		return error_set(reterr, CG2_OP_CALL, call->result, call->about, NULL);
	return r < 0 ? r : call->result;
}

static int call_until(struct call *call, sd_bus_message *m, uint64_t ready_usec,
		      uint64_t end_usec)
{
	int r = exchange(call, m, ready_usec, end_usec);

	ctx_log(call->bus->ctx, CG2_LOG_DEBUG, NULL, "call to the %s manager about %s: %s",
		call->bus->manager == CG2_MANAGER_USER ? "user" : "system", call->about,
		r < 0 ? strerror(-r) : "done");
	return r;
}

int call_send(struct bus *bus, sd_bus_message *m, const char *about, call_read_fn read,
	      void *userdata, struct cg2_error *reterr)
{
	bool may_prompt = bus->manager == CG2_MANAGER_SYSTEM && bus_uid() != 0;
	struct call call = { .bus = bus, .about = about, .read = read, .userdata = userdata,
			     .reterr = reterr };
	uint64_t end_usec = end_after(ANSWER_TIMEOUT_USEC);

	return call_until(&call, m, end_usec, may_prompt ? CG2_MAX : end_usec);
}

int call_ask(struct bus *bus, sd_bus_message *m, const char *about, uint64_t end_usec,
	     call_read_fn read, void *userdata, struct cg2_error *reterr)
{
	struct call call = { .bus = bus, .about = about, .read = read, .userdata = userdata,
			     .reterr = reterr };

	return call_until(&call, m, end_usec, end_usec);
}

int call_unit(struct bus *bus, const char *method, const char *name, const char *mode,
	      struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = call_new(bus, method, &m);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "s", name);
	if (r >= 0 && mode)
		r = sdbus.sd_bus_message_append(m, "s", mode);
	if (r < 0)
		return error_set(reterr, CG2_OP_CALL, r, name, NULL);
	return call_send(bus, m, name, NULL, NULL, reterr);
}
