/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Units that a watch follows: between the connection to their manager and what is made of it.
 */
#pragma once

#include "systemd/bus.h"
#include "systemd/unit.h"
#include "watch/watch-internal.h"

/* A name or pattern that was asked for. */
struct watch_wish {
	struct watch_wish *next;
	struct watch_bus *owner;
	char *text;
	char *name; /* of its target for a unit, NULL: the unit's own */
	bool is_pattern;
	bool is_loaded;    /* the unit of that name exists */
	sd_bus_slot *slot; /* of the question for it */
	bool is_asked_again;
};

#define INVOCATION_SIZE 16

/* A unit that somebody wished for, and that its manager knows or has known. */
struct watch_unit {
	struct watch_unit *next;
	struct watch_bus *owner;
	const struct watch_wish *wish;
	char *name;
	char *object;
	sd_bus_slot *slot;   /* of the question for its properties, NULL: none is under way */
	bool is_asked_again; /* what was asked has changed meanwhile */
	bool is_known;       /* its properties were read once */
	bool is_missing;     /* it has no file */
	bool is_removed;     /* the manager has forgotten it */
	bool is_unseen;      /* nobody has told of it for a while: there was no connection */
	bool is_over;        /* the last life that was seen has ended */
	struct watch_target *target;
	char *result;
	uint64_t exit_code;
	uint64_t exit_status;
	uint64_t n_restarts; /* by its manager */
	uint8_t invocation[INVOCATION_SIZE];
	uint8_t failed_invocation[INVOCATION_SIZE];
	bool is_told; /* its failure */
	struct cg2_event *failure; /* to be told at tell_at_usec, when the journal has its lines */
	uint64_t tell_at_usec;	   /* CG2_MAX: there is none */
};

struct watch_bus {
	struct watch_source source;
	struct watch_bus *next;
	struct cg2_watch *watch;
	enum cg2_manager manager;
	struct bus bus;       /* bus.bus is NULL while there is no connection */
	uint32_t events;      /* what the epoll set has */
	uint64_t retry_at_usec; /* when to connect again, CG2_MAX: not */
	uint64_t retry_step;
	size_t n_pending;     /* answers that are not there yet */
	bool is_synced;       /* there are none */
	bool is_first;        /* what failed before the watch began is not told */
	struct cg2_error *reterr; /* of who waits for the first answers */
	struct watch_wish *wishes;
	struct watch_unit *units;
};

/* watch-bus.c. Sends the call; the answer goes to fn, which begins with watch_bus_answered(). */
int watch_bus_call(struct watch_bus *b, sd_bus_message *m, sd_bus_slot **ret_slot,
		   sd_bus_message_handler_t fn, void *userdata) _must_check_;
void watch_bus_answered(struct watch_bus *b, sd_bus_slot **slot);

/* watch-unit.c. Asks the manager for all that the wish means. */
int watch_wish_ask(struct watch_wish *wish) _must_check_;
void watch_wish_free(struct watch_wish *wish);

/* Signals of the manager's. */
int watch_unit_on_new(sd_bus_message *m, void *userdata, sd_bus_error *error);
int watch_unit_on_removed(sd_bus_message *m, void *userdata, sd_bus_error *error);
int watch_unit_on_changed(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Tells the failures that are due; when the next one is. */
uint64_t watch_units_tell_failures(struct watch_bus *b, uint64_t now);

/* Nobody answers any more. */
void watch_units_forget_questions(struct watch_bus *b);
void watch_unit_free(struct watch_unit *unit);

/* The unit of a wish that is no pattern; NULL: there is none. */
struct watch_unit *watch_unit_of(struct watch_bus *b, const struct watch_wish *wish);
