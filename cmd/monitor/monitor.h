/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb monitor: what was asked for, and what each event becomes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "base/macro.h"
#include "cmd/option/options.h"
#include "cmd/output/jsonc.h"
#include "libcg2.h"

struct failure;
struct invocation;
struct hook_setting;
struct list_row;
struct service;

extern const struct option_table monitor_option_table;
int monitor_main(const struct invocation *inv);

struct monitor_options {
	unsigned int manager; /* enum cg2_manager */
	bool all;
	bool json;
	bool processes;
	bool verbose;
	const char *uid;
	struct option_list warn_at;
	uint64_t interval_usec; /* CG2_MAX: samples are not shown */
	const char *count_word;
	const char *until_word;
	const char *on_words;  /* "KIND,...", NULL: all */
	uint64_t timeout_usec; /* CG2_MAX: none */
	const char *hook;
	uint64_t hook_timeout_usec;
	const char *openmetrics;
	char *const *targets; /* ended by NULL */
	struct cg2_ctx *ctx;
	/* What the words say. */
	uint64_t count; /* 0: none */
	int until;	/* -1, or enum cg2_event_kind */
	uint64_t on;	/* bit i: enum cg2_event_kind i is told and hooked */
};

struct monitor;

/*
 * Opens what events go to, before there is anything to watch. What is wrong is said on stderr. The
 * pointers stay the caller's. -errno.
 */
int monitor_open(const struct monitor_options *opts, struct cg2_watch *watch,
		 const struct hook_setting *setting, struct monitor **ret_monitor) _must_check_;
struct monitor *monitor_close(struct monitor *monitor);

/* Lives until what was asked for has happened. Returns the exit status. */
int monitor_live(struct monitor *monitor);

static inline void monitor_closep(struct monitor **monitor)
{
	monitor_close(*monitor);
}

/* The figures of a sample, as list has them. */
void monitor_get_row(struct cg2_event *event, struct list_row *ret_row);

/* The digits, NULL for what is not known or no limit. */
#define MONITOR_NUMBER_MAX 24
const char *monitor_put_number(char *buf, int known, uint64_t value);

/*
 * "3 forks refused: pids.max 64 of this cgroup"; free with free(). NULL: out of memory. failure:
 * why a unit failed; NULL: unknown, here and below.
 */
char *monitor_event_to_text(struct cg2_event *event, const struct failure *failure);

/* "refused TARGET: TEXT", as the journal has it: with times of its own. */
char *monitor_event_to_message(struct cg2_event *event, const char *text);

/* "12:00:00 refused  TARGET: TEXT" and a newline. */
char *monitor_event_to_line(struct cg2_event *event, const char *text);

/* One object and a newline. ret_text: free with free(). -ENOMEM. */
int monitor_event_to_json(const struct jsonc *lib, struct cg2_event *event,
			  const struct failure *failure, char **ret_text,
			  size_t *ret_len) _must_check_;

/* An entry of the journal with its fields. */
void monitor_log_event(const struct service *service, struct cg2_event *event,
		       const struct failure *failure, const char *message);
