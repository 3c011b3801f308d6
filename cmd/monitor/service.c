/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sd_notify(3), sd_watchdog_enabled(3) and sd_journal_sendv(3), found at run time.
 */
#include "cmd/monitor/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/dynlib.h"
#include "base/text.h"

#define SONAME "libsystemd.so.0"
#define FIELDS_MAX 16

static const struct dynlib_function functions[] = {
	{ "sd_notify", offsetof(struct service, notify) },
	{ "sd_watchdog_enabled", offsetof(struct service, watchdog_enabled) },
	{ "sd_journal_sendv", offsetof(struct service, journal_sendv) },
};

/* systemd says which descriptor it made: one that was redirected since is another one. */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char text[64];
	struct stat st;

	if (!stream || fstat(fd, &st) < 0)
		return false;
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	return strcmp(stream, text) == 0;
}

void service_init(struct service *service)
{
	uint64_t usec = 0;

	*service = (struct service){ .deadline_usec = UINT64_MAX };
	service->has_journal = is_journal(STDOUT_FILENO);
	if (!service->has_journal && !getenv("NOTIFY_SOCKET"))
		return;
	service->is_loaded = dynlib_load(SONAME, functions, ARRAY_SIZE(functions), service);
	service->has_journal &= service->is_loaded;
	if (!service->is_loaded || service->watchdog_enabled(0, &usec) <= 0)
		return;
	service->ping_usec = usec / 2;
	service->deadline_usec = end_after(service->ping_usec);
}

void service_notify(const struct service *service, const char *state)
{
	if (service->is_loaded)
		service->notify(0, state);
}

void service_ping(struct service *service)
{
	if (now_usec() < service->deadline_usec)
		return;
	service_notify(service, "WATCHDOG=1");
	service->deadline_usec = end_after(service->ping_usec);
}

void service_log(const struct service *service, const struct service_field *fields, size_t n)
{
	struct iovec parts[FIELDS_MAX];
	char *texts[FIELDS_MAX];
	size_t n_parts = 0;

	for (size_t i = 0; i < n && n_parts < FIELDS_MAX; i++) {
		char *text = fields[i].value ? text_format("%s=%s", fields[i].name, fields[i].value)
					     : NULL;

		if (!text)
			continue;
		texts[n_parts] = text;
		parts[n_parts++] = (struct iovec){ text, strlen(text) };
	}
	if (n_parts > 0)
		service->journal_sendv(parts, (int)n_parts);
	for (size_t i = 0; i < n_parts; i++)
		free(texts[i]);
}
