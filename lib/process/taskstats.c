/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exit records over generic netlink. struct taskstats grows with the kernel, and a message has as
 * much of it as the kernel that sent it knows: 416 bytes in Linux 6.1, 432 in 6.12.
 */
#include "process/taskstats.h"

#include <assert.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "process/netlink.h"
#include "value/error.h"

/* linux/taskstats.h, whose copies on build machines may be older than the kernel that runs. */
enum { CMD_GET = 1, CMD_NEW = 2 };
enum { ATTR_REGISTER_CPUMASK = 3, ATTR_DEREGISTER_CPUMASK = 4 };
enum { TYPE_PID = 1, TYPE_TGID = 2, TYPE_STATS = 3, TYPE_AGGR_PID = 4, TYPE_AGGR_TGID = 5 };

#define FAMILY_NAME "TASKSTATS"
#define FAMILY_VERSION 1

/* What is used of it; times of delays are in ns, sizes in KiB. */
struct stats {
	uint16_t version;
	uint32_t ac_exitcode;
	uint8_t ac_flag;
	uint64_t cpu_count __attribute__((aligned(8)));
	uint64_t cpu_delay_total;
	uint64_t blkio_count;
	uint64_t blkio_delay_total;
	uint64_t swapin_count;
	uint64_t swapin_delay_total;
	uint64_t cpu_run_real_total;
	uint64_t cpu_run_virtual_total;
	char ac_comm[32];
	uint8_t not_used[88];
	uint64_t hiwater_rss;
	uint8_t not_used_either[104];
	uint64_t freepages_count;
	uint64_t freepages_delay_total;
	uint64_t thrashing_count;
	uint64_t thrashing_delay_total;
	uint64_t ac_btime64;
	uint64_t compact_count;
	uint64_t compact_delay_total;
	uint32_t ac_tgid;
};

static_assert(offsetof(struct stats, cpu_count) == 16, "as in the kernel");
static_assert(offsetof(struct stats, ac_comm) == 80, "as in the kernel");
static_assert(offsetof(struct stats, hiwater_rss) == 200, "as in the kernel");
static_assert(offsetof(struct stats, freepages_count) == 312, "as in the kernel");
static_assert(offsetof(struct stats, ac_tgid) == 368, "as in the kernel");

/* Version 15 had new members in the middle; kernels of that time called it 14 as well. */
#define VERSION_LAST_SHORT 14
#define LEN_LAST_SHORT 432
#define VERSION_REPAIRED 16

/* ac_tgid, and AGROUP in ac_flag for the last thread of its process. */
#define VERSION_GROUP 12
#define AGROUP 0x20

/* ------------------------------------------------------------------------------------------
 * Messages
 */

/* Copies as much as there is; false if it cannot be understood. */
static bool load(struct stats *stats, const struct nlattr *attr, unsigned int version)
{
	size_t len = mnl.mnl_attr_get_payload_len(attr);

	memset(stats, 0, sizeof(*stats));
	memcpy(stats, mnl.mnl_attr_get_payload(attr), MIN(len, sizeof(*stats)));
	if (version == 0)
		version = stats->version;
	if (len < offsetof(struct stats, compact_count))
		return false;
	return version >= VERSION_REPAIRED ||
	       (version <= VERSION_LAST_SHORT && len <= LEN_LAST_SHORT);
}

/* The id and the statistics of an aggregate. A pad may stand before the latter. */
static bool find(const struct nlattr *aggregate, uint16_t id_type, uint32_t *ret_id,
		 const struct nlattr **ret_stats)
{
	const void *inside = mnl.mnl_attr_get_payload(aggregate);
	size_t len = mnl.mnl_attr_get_payload_len(aggregate);
	const struct nlattr *attr, *stats = NULL;
	bool has_id = false;

	for (attr = netlink_first(inside, len); attr; attr = netlink_next(attr, inside, len)) {
		uint16_t type = mnl.mnl_attr_get_type(attr);

		if (type == id_type &&
		    mnl.mnl_attr_get_payload_len(attr) >= sizeof(*ret_id)) {
			memcpy(ret_id, mnl.mnl_attr_get_payload(attr), sizeof(*ret_id));
			has_id = true;
		}
		if (type == TYPE_STATS)
			stats = attr;
	}
	*ret_stats = stats;
	return has_id && stats;
}

static void fill_times(struct taskstats_record *record, const struct stats *stats)
{
	const uint64_t delays[N_TASKSTATS_DELAYS] = {
		[TASKSTATS_CPU] = stats->cpu_delay_total,
		[TASKSTATS_IO] = stats->blkio_delay_total,
		[TASKSTATS_RECLAIM] = stats->freepages_delay_total,
		[TASKSTATS_SWAP] = stats->swapin_delay_total,
		[TASKSTATS_THRASHING] = stats->thrashing_delay_total,
	};

	/* What the scheduler has counted; user and system time are rounded to ticks. */
	record->cpu_usec = stats->cpu_run_virtual_total / NSEC_PER_USEC;
	for (size_t i = 0; i < N_TASKSTATS_DELAYS; i++)
		record->delay_usec[i] = delays[i] / NSEC_PER_USEC;
	record->has_delays = stats->blkio_count || stats->freepages_count ||
			     stats->swapin_count || stats->thrashing_count;
}

static void fill(struct taskstats_record *record, uint32_t pid, const struct stats *stats)
{
	record->pid = (pid_t)pid;
	record->tgid = (pid_t)(stats->version < VERSION_GROUP ? pid : stats->ac_tgid);
	record->exit_code = stats->ac_exitcode;
	memcpy(record->command, stats->ac_comm, sizeof(record->command) - 1);
	record->command[sizeof(record->command) - 1] = '\0';
	record->is_last = stats->version < VERSION_GROUP || stats->ac_flag & AGROUP;
	record->peak_rss_bytes = stats->hiwater_rss * 1024;
	fill_times(record, stats);
}

/* The sum has neither a version nor anything of the memory. */
static void fill_sum(struct taskstats_record *record, uint32_t tgid, const struct stats *stats)
{
	record->tgid = (pid_t)tgid;
	record->is_last = record->is_sum = true;
	fill_times(record, stats);
}

static const struct genlmsghdr *check_message(uint16_t family, const void *message, size_t len)
{
	const struct nlmsghdr *nlh = message;

	if (!netlink_is_message(nlh, len) || nlh->nlmsg_type != family ||
	    mnl.mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return NULL;
	return mnl.mnl_nlmsg_get_payload(nlh);
}

int taskstats_parse(uint16_t family, const void *message, size_t len,
		    struct taskstats_record *ret_record)
{
	const struct genlmsghdr *genl = check_message(family, message, len);
	struct taskstats_record record = { 0 };
	const struct nlattr *attr, *inner;
	unsigned int version = 0;
	struct stats stats;
	const void *attributes;
	uint32_t id;

	if (!genl || genl->cmd != CMD_NEW)
		return 0;
	attributes = mnl.mnl_nlmsg_get_payload_offset(message, GENL_HDRLEN);
	len = mnl.mnl_nlmsg_get_payload_len(message) - GENL_HDRLEN;
	for (attr = netlink_first(attributes, len); attr;
	     attr = netlink_next(attr, attributes, len)) {
		uint16_t type = mnl.mnl_attr_get_type(attr);

		if (type == TYPE_AGGR_PID && find(attr, TYPE_PID, &id, &inner) &&
		    load(&stats, inner, 0)) {
			version = stats.version;
			fill(&record, id, &stats);
		} else if (type == TYPE_AGGR_TGID && version > 0 &&
			   find(attr, TYPE_TGID, &id, &inner) && load(&stats, inner, version)) {
			fill_sum(&record, id, &stats);
		}
	}
	if (version == 0)
		return 0;
	*ret_record = record;
	return 1;
}

/* ------------------------------------------------------------------------------------------
 * The socket
 */

/* A request with one string. */
static int request(struct taskstats *ts, uint16_t type, uint8_t cmd, uint8_t version,
		   uint16_t attribute, const char *value)
{
	char buf[1024] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *nlh = mnl.mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl.mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	mnl.mnl_attr_put_strz(nlh, attribute, value);
	return mnl.mnl_socket_sendto(ts->socket, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

static void read_family(struct taskstats *ts, const struct nlmsghdr *nlh)
{
	const void *attributes = mnl.mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN);
	size_t len = mnl.mnl_nlmsg_get_payload_len(nlh);
	const struct nlattr *attr;

	if (nlh->nlmsg_type != GENL_ID_CTRL || len < GENL_HDRLEN)
		return;
	len -= GENL_HDRLEN;
	for (attr = netlink_first(attributes, len); attr;
	     attr = netlink_next(attr, attributes, len))
		if (mnl.mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    mnl.mnl_attr_get_payload_len(attr) >= sizeof(ts->family))
			memcpy(&ts->family, mnl.mnl_attr_get_payload(attr), sizeof(ts->family));
}

/*
 * Generic netlink has answered by the time the request was sent. Exit records may come between;
 * what is lost of them here is of before the beginning.
 */
static int await_answer(struct taskstats *ts)
{
	char buf[NETLINK_BUF_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *nlh = (const void *)buf;
	size_t len;
	int r;

	while ((r = netlink_receive(ts->socket, buf, sizeof(buf), &len)) > 0 || r == -ENOBUFS) {
		if (r < 0 || !netlink_is_message(nlh, len))
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR &&
		    mnl.mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct nlmsgerr)) {
			const struct nlmsgerr *answer = mnl.mnl_nlmsg_get_payload(nlh);

			return answer->error;
		}
		read_family(ts, nlh);
	}
	return r < 0 ? r : -EPROTO;
}

static int subscribe(struct cg2_ctx *ctx, struct taskstats *ts)
{
	size_t len;
	int r;

	r = ctx_read_into(ctx, "/sys/devices/system/cpu/possible", ts->cpus, sizeof(ts->cpus),
			  &len);
	if (r < 0)
		return r;
	ts->cpus[strcspn(ts->cpus, "\n")] = '\0';
	r = netlink_open(NETLINK_GENERIC, 0, &ts->socket);
	if (r == 0)
		r = request(ts, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, CTRL_ATTR_FAMILY_NAME,
			    FAMILY_NAME);
	if (r == 0)
		r = await_answer(ts);
	if (r == 0)
		r = request(ts, ts->family, CMD_GET, FAMILY_VERSION, ATTR_REGISTER_CPUMASK,
			    ts->cpus);
	return r < 0 ? r : await_answer(ts);
}

static int fail(int r, struct cg2_error *reterr)
{
	switch (-r) {
	case EPERM:
	case EACCES:
		r = error_setf(reterr, CG2_OP_OBSERVE, EPERM, "taskstats", NULL,
			       "CAP_NET_ADMIN is missing");
		error_hint(reterr, "run it as root, or give it that capability: "
				   "AmbientCapabilities=CAP_NET_ADMIN in a unit");
		return r;
	case ENOENT:
	case EINVAL:
		r = error_setf(reterr, CG2_OP_OBSERVE, EOPNOTSUPP, "taskstats", NULL,
			       "the kernel reports processes in the initial namespaces only");
		error_hint(reterr, "run it outside the container");
		return r;
	default:
		return error_set(reterr, CG2_OP_OBSERVE, r, "taskstats", NULL);
	}
}

int taskstats_open(struct cg2_ctx *ctx, struct taskstats *ts, struct cg2_error *reterr)
{
	int r;

	r = netlink_load(reterr);
	if (r < 0)
		return r;
	r = subscribe(ctx, ts);
	if (r == 0)
		return 0;
	netlink_closep(&ts->socket);
	return fail(r, reterr);
}

void taskstats_close(struct taskstats *ts)
{
	if (!ts->socket)
		return;
	/* The kernel would notice only at the next exit on each CPU. */
	(void)request(ts, ts->family, CMD_GET, FAMILY_VERSION, ATTR_DEREGISTER_CPUMASK, ts->cpus);
	netlink_closep(&ts->socket);
}

int taskstats_get_fd(const struct taskstats *ts)
{
	return mnl.mnl_socket_get_fd(ts->socket);
}

int taskstats_receive(struct taskstats *ts, struct taskstats_record *ret_record)
{
	char buf[NETLINK_BUF_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t len;
	int r;

	do {
		r = netlink_receive(ts->socket, buf, sizeof(buf), &len);
	} while (r > 0 && taskstats_parse(ts->family, buf, len, ret_record) == 0);
	return r;
}
