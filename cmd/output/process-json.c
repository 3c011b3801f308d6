/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process as JSON; what nobody knows of it is null. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/macro.h"
#include "cmd/output/process-json.h"

struct json_object *process_json_signal(struct json *json, int sig)
{
	char text[32];

	if (cg2_signal_to_string(sig))
		return json_text(json, cg2_signal_to_string(sig));
	snprintf(text, sizeof(text), sig >= SIGRTMIN ? "SIGRTMIN+%d" : "%d",
		 sig >= SIGRTMIN ? sig - SIGRTMIN : sig);
	return json_text(json, text);
}

/* As a shell would tell it: 128 + N for signal N. */
static void add_exit(struct json *json, struct json_object *object,
		     struct cg2_process *process)
{
	struct json_object *number = NULL, *sig = NULL;
	int code, status;

	if (cg2_process_get_exit(process, &code, &status) > 0) {
		const bool is_killed = code != CLD_EXITED;

		number = json_number(json, (uint64_t)status + (is_killed ? 128 : 0));
		sig = is_killed ? process_json_signal(json, status) : NULL;
	}
	json_add(json, object, "status", number);
	json_add(json, object, "signal", sig);
}

static struct json_object *get_figure(struct json *json, const void *data, size_t figure)
{
	struct cg2_process *const *process = data;
	uint64_t value;

	return cg2_process_get_figure(*process, (enum cg2_process_figure)figure, &value) > 0
		       ? json_number(json, value)
		       : NULL;
}

static const struct json_field figures[] = {
	{ "cpu_usec", get_figure, CG2_PROCESS_CPU_USEC },
	{ "peak_rss_bytes", get_figure, CG2_PROCESS_PEAK_RSS_BYTES },
	{ "delays_usec.cpu", get_figure, CG2_PROCESS_CPU_DELAY_USEC },
	{ "delays_usec.io", get_figure, CG2_PROCESS_IO_DELAY_USEC },
	{ "delays_usec.reclaim", get_figure, CG2_PROCESS_RECLAIM_DELAY_USEC },
	{ "delays_usec.swap", get_figure, CG2_PROCESS_SWAP_DELAY_USEC },
	{ "delays_usec.thrashing", get_figure, CG2_PROCESS_THRASHING_DELAY_USEC },
};

void process_json_add(struct json *json, struct json_object *object,
		      struct cg2_process *process)
{
	const pid_t ppid = cg2_process_get_ppid(process);

	json_add(json, object, "pid",
		 json_number(json, (uint64_t)cg2_process_get_pid(process)));
	json_add(json, object, "ppid", ppid > 0 ? json_number(json, (uint64_t)ppid) : NULL);
	json_add(json, object, "command",
		 json_text(json, cg2_process_get_command(process)));
	add_exit(json, object, process);
	json_add_fields(json, object, JSON_FIELDS(figures), &process);
}
