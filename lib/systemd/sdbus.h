/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sd-bus, loaded when a manager is to be asked: a run in a delegated cgroup, or a question that
 * cgroupfs answers, does not pay for mapping and relocating a library that it does not use. The
 * functions are members of one struct, and their types come from libsystemd's header, so
 * that a call which does not fit breaks the build.
 */
#pragma once

#include <systemd/sd-bus.h>

#include "base/macro.h"
#include "libcg2.h"

#define SDBUS_FUNCTIONS(_) \
	_(sd_bus_add_match_async) \
	_(sd_bus_call_async) \
	_(sd_bus_close_unref) \
	_(sd_bus_error_get_errno) \
	_(sd_bus_error_has_name) \
	_(sd_bus_get_events) \
	_(sd_bus_get_fd) \
	_(sd_bus_is_open) \
	_(sd_bus_is_ready) \
	_(sd_bus_match_signal_async) \
	_(sd_bus_message_append) \
	_(sd_bus_message_append_array) \
	_(sd_bus_message_close_container) \
	_(sd_bus_message_enter_container) \
	_(sd_bus_message_exit_container) \
	_(sd_bus_message_get_error) \
	_(sd_bus_message_get_path) \
	_(sd_bus_message_new_method_call) \
	_(sd_bus_message_open_container) \
	_(sd_bus_message_peek_type) \
	_(sd_bus_message_read) \
	_(sd_bus_message_read_array) \
	_(sd_bus_message_read_basic) \
	_(sd_bus_message_read_strv) \
	_(sd_bus_message_set_allow_interactive_authorization) \
	_(sd_bus_message_skip) \
	_(sd_bus_message_unref) \
	_(sd_bus_new) \
	_(sd_bus_process) \
	_(sd_bus_set_bus_client) \
	_(sd_bus_set_fd) \
	_(sd_bus_slot_unref) \
	_(sd_bus_start) \
	_(sd_bus_wait)

/* Filled by sdbus_load(). */
struct sdbus {
#define SDBUS_MEMBER(name) __typeof__(name) *name;
	SDBUS_FUNCTIONS(SDBUS_MEMBER)
#undef SDBUS_MEMBER
};

extern struct sdbus sdbus;

/* Loads it for the rest of the process, once; from several threads too. -ENOENT. */
int sdbus_load(struct cg2_error *reterr) _must_check_;

/* Whether the libsystemd that is loaded has the symbol. */
bool sdbus_has(const char *symbol);

static inline void sdbus_closep(sd_bus **bus)
{
	if (*bus)
		sdbus.sd_bus_close_unref(*bus);
}

static inline void sdbus_message_unrefp(sd_bus_message **m)
{
	if (*m)
		sdbus.sd_bus_message_unref(*m);
}

static inline void sdbus_slot_unrefp(sd_bus_slot **slot)
{
	if (*slot)
		sdbus.sd_bus_slot_unref(*slot);
}
