/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a service owes to systemd: that it is ready, that it is alive, and entries in the
 * journal that can be found by their fields. libsystemd is loaded where one of them is
 * wanted; without it, and without systemd, all of this does nothing.
 */
#pragma once

/* Where in our source an entry comes from is not what its reader wants to know. */
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include "base/macro.h"

struct service {
	__typeof__(sd_notify) *notify;
	__typeof__(sd_watchdog_enabled) *watchdog_enabled;
	__typeof__(sd_journal_sendv) *journal_sendv;
	bool is_loaded;
	bool has_journal;      /* the standard output goes there */
	uint64_t ping_usec;    /* how often systemd hears from us; 0: not at all */
	uint64_t deadline_usec; /* of the next time, monotonic; UINT64_MAX: none */
};

void service_init(struct service *service);

/* "READY=1" and the like, a line each. */
void service_notify(const struct service *service, const char *state);

/* To be called by a loop that still turns, at the deadline at the latest. */
void service_ping(struct service *service);

/* "NAME=VALUE" of an entry; those without a value are left out. */
struct service_field {
	const char *name;
	const char *value;
};
void service_log(const struct service *service, const struct service_field *fields, size_t n);
