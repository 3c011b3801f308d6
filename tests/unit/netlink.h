/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Netlink messages as kernels send them about processes: exit records of any version of struct
 * taskstats, and the connector's events.
 */
#pragma once

#include "tests/unit/unit.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#define FAMILY 27

struct message {
	uint8_t bytes[4096] __attribute__((aligned(8)));
	size_t len;
};

static inline void message_add(struct message *m, const void *bytes, size_t len)
{
	assert_true(m->len + len + 3 < sizeof(m->bytes));
	if (len > 0)
		memcpy(m->bytes + m->len, bytes, len);
	m->len = NLMSG_ALIGN(m->len + len);
}

/* The header, whose length is that of what was added since. */
static inline void message_begin(struct message *m, uint16_t type)
{
	struct nlmsghdr nlh = { .nlmsg_type = type };

	memset(m, 0, sizeof(*m));
	message_add(m, &nlh, sizeof(nlh));
}

static inline void message_end(struct message *m)
{
	uint32_t len = (uint32_t)m->len;

	memcpy(m->bytes, &len, sizeof(len));
}

/* An attribute; returns where it is, so that nest_end() can make it longer. */
static inline size_t attr_add(struct message *m, uint16_t type, const void *bytes, size_t len)
{
	struct nlattr attr = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	size_t at = m->len;

	message_add(m, &attr, sizeof(attr));
	message_add(m, bytes, len);
	return at;
}

static inline void nest_end(struct message *m, size_t at)
{
	uint16_t len = (uint16_t)(m->len - at);

	memcpy(m->bytes + at, &len, sizeof(len));
}

/* A struct taskstats by the offsets that it has in the kernel. */
struct stats {
	uint8_t bytes[1024];
	size_t len;
};

enum {
	AT_VERSION = 0,
	AT_EXITCODE = 4,
	AT_FLAG = 8,
	AT_CPU_DELAY = 24,
	AT_BLKIO_COUNT = 32,
	AT_BLKIO_DELAY = 40,
	AT_SWAPIN_COUNT = 48,
	AT_SWAPIN_DELAY = 56,
	AT_CPU_REAL = 64,
	AT_CPU_VIRTUAL = 72,
	AT_COMM = 80,
	AT_HIWATER_RSS = 200,
	AT_FREEPAGES_COUNT = 312,
	AT_FREEPAGES_DELAY = 320,
	AT_THRASHING_COUNT = 328,
	AT_THRASHING_DELAY = 336,
	AT_TGID = 368,
};

#define STATS_AGROUP 0x20

static inline void stats_u64(struct stats *stats, size_t at, uint64_t value)
{
	memcpy(stats->bytes + at, &value, sizeof(value));
}

static inline void stats_u32(struct stats *stats, size_t at, uint32_t value)
{
	memcpy(stats->bytes + at, &value, sizeof(value));
}

static inline void stats_begin(struct stats *stats, uint16_t version, size_t len,
			       const char *command)
{
	memset(stats, 0, sizeof(*stats));
	stats->len = len;
	memcpy(stats->bytes + AT_VERSION, &version, sizeof(version));
	memcpy(stats->bytes + AT_COMM, command, strlen(command));
}

/* AGGR_PID or AGGR_TGID, with the pad that the kernel puts before what is aligned. */
static inline void aggregate_add(struct message *m, bool is_tgid, uint32_t id,
				 const struct stats *stats)
{
	size_t at = attr_add(m, is_tgid ? 5 : 4, NULL, 0);

	attr_add(m, is_tgid ? 2 : 1, &id, sizeof(id));
	attr_add(m, 6, NULL, 0);
	attr_add(m, 3, stats->bytes, stats->len);
	nest_end(m, at);
}

static inline void record_begin(struct message *m)
{
	const struct genlmsghdr genl = { .cmd = 2, .version = 1 };

	message_begin(m, FAMILY);
	message_add(m, &genl, sizeof(genl));
}

/* A connector's message around so much of the event. */
static inline void event_make(struct message *m, uint32_t seq, const struct proc_event *event,
			      size_t len)
{
	struct cn_msg head = { .id = { CN_IDX_PROC, CN_VAL_PROC }, .seq = seq };

	head.len = (uint16_t)len;
	message_begin(m, NLMSG_DONE);
	message_add(m, &head, sizeof(head));
	message_add(m, event, len);
	message_end(m);
}
