/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hooks: a command for each event. Never two at once for one target; what comes meanwhile
 * waits in a queue with an end, and what finds no room is counted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "cmd/monitor/hook-process.h"

/* The names of the variables that a hook finds, in the order of hook_event's values. */
enum hook_variable {
	HOOK_EVENT,
	HOOK_TARGET,
	HOOK_CGROUP,
	HOOK_VALUE,
	HOOK_LIMIT,
	HOOK_CAUSE,
	HOOK_REASON,
};
#define HOOK_VARIABLES (HOOK_REASON + 1)

struct hook_event {
	const char *json;
	size_t json_len;
	const char *values[HOOK_VARIABLES]; /* NULL: empty */
};

/* What became of them; for metrics and the line at the end. */
struct hook_counts {
	uint64_t succeeded;
	uint64_t failed;
	uint64_t timed_out;
	uint64_t dropped;
};

struct hooks;

/* The setting's strings stay the caller's. -errno. */
int hooks_new(const struct hook_setting *setting, uint64_t timeout_usec,
	      struct hooks **ret_hooks) _must_check_;

/* Ends what still runs. */
struct hooks *hooks_free(struct hooks *hooks);

/* Runs the hook, now or later. What cannot be is counted. */
void hooks_add(struct hooks *hooks, const struct hook_event *event);

/* Readable when something is to be dispatched, which is the case from the deadline on, too. */
int hooks_get_fd(const struct hooks *hooks);
uint64_t hooks_get_deadline(const struct hooks *hooks); /* now_usec(); UINT64_MAX: none */
void hooks_dispatch(struct hooks *hooks);

/* Nothing runs or waits. */
bool hooks_is_idle(const struct hooks *hooks);

/* Nothing that waits is started any more; what runs has until end_usec at the most. */
void hooks_stop(struct hooks *hooks, uint64_t end_usec);

/* Tells what could not be told at once. */
void hooks_tell(struct hooks *hooks, bool at_end);

void hooks_get_counts(const struct hooks *hooks, struct hook_counts *ret_counts);

static inline void hooks_freep(struct hooks **hooks)
{
	hooks_free(*hooks);
}
