/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages about processes: the first byte says whether the rest is an exit record or an event.
 */
#include "fuzz.h"
#include "process/netlink.h"
#include "process/connector.h"
#include "process/taskstats.h"

#define FAMILY 27

/* Netlink's buffers are aligned, and the input behind its first byte is not. */
static void *aligned(const uint8_t *data, size_t size)
{
	void *copy = malloc(size > 0 ? size : 1);

	check(copy);
	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ void *message = NULL;
	struct taskstats_record record = { .pid = -1 };
	struct connector_event event = { .tgid = -1 };
	int r;

	if (size == 0 || netlink_load(NULL) < 0)
		return 0;
	message = aligned(data + 1, size - 1);
	if (data[0] == 'r') {
		r = taskstats_parse(FAMILY, message, size - 1, &record);
		check(r == 0 || r == 1);
		check(r == 1 || record.pid == -1);
		check(r == 0 || memchr(record.command, '\0', sizeof(record.command)));
		return 0;
	}
	r = connector_parse(message, size - 1, &event);
	check(r == 0 || r == 1);
	check(r == 1 || event.tgid == -1);
	return 0;
}
