/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process events connector over netlink. Its messages have the type that ends a dump, so that
 * libmnl's own loop would swallow them.
 */
#include "process/connector.h"

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "process/netlink.h"
#include "value/error.h"

/* The part of struct proc_event that is before the event's own. */
#define EVENT_HEAD offsetof(struct proc_event, event_data)

/* Of the end only the exit code is used; later kernels tell the parent too. */
#define EXIT_LEN offsetof(struct exit_proc_event, exit_signal)

static enum connector_event_kind fill(struct connector_event *event,
				     const struct proc_event *raw, size_t len)
{
	/* The values are bits, and the topmost does not fit into every compiler's enum. */
	switch ((uint32_t)raw->what) {
	case PROC_EVENT_FORK:
		if (len < sizeof(struct fork_proc_event))
			return CONNECTOR_OTHER;
		event->parent = raw->event_data.fork.parent_tgid;
		event->pid = raw->event_data.fork.child_pid;
		event->tgid = raw->event_data.fork.child_tgid;
		return CONNECTOR_FORK;
	case PROC_EVENT_EXEC:
		if (len < sizeof(struct exec_proc_event))
			return CONNECTOR_OTHER;
		event->pid = raw->event_data.exec.process_pid;
		event->tgid = raw->event_data.exec.process_tgid;
		return CONNECTOR_EXEC;
	case (uint32_t)PROC_EVENT_EXIT:
		if (len < EXIT_LEN)
			return CONNECTOR_OTHER;
		event->pid = raw->event_data.exit.process_pid;
		event->tgid = raw->event_data.exit.process_tgid;
		event->exit_code = raw->event_data.exit.exit_code;
		return CONNECTOR_EXIT;
	default:
		return CONNECTOR_OTHER;
	}
}

int connector_parse(const void *message, size_t len, struct connector_event *ret_event)
{
	const struct nlmsghdr *nlh = message;
	struct connector_event event = { .kind = CONNECTOR_OTHER };
	struct proc_event raw = { 0 };
	struct cn_msg head;
	size_t payload;

	if (!netlink_is_message(nlh, len))
		return 0;
	payload = mnl.mnl_nlmsg_get_payload_len(nlh);
	if (payload < sizeof(head))
		return 0;
	memcpy(&head, mnl.mnl_nlmsg_get_payload(nlh), sizeof(head));
	payload = MIN(payload - sizeof(head), (size_t)head.len);
	if (head.id.idx != CN_IDX_PROC || head.id.val != CN_VAL_PROC || payload < EVENT_HEAD)
		return 0;
	/* It is not aligned there. */
	memcpy(&raw, mnl.mnl_nlmsg_get_payload_offset(nlh, sizeof(head)),
	       MIN(payload, sizeof(raw)));
	event.kind = fill(&event, &raw, payload - EVENT_HEAD);
	event.cpu = raw.cpu;
	event.seq = head.seq;
	event.is_answer = (uint32_t)raw.what == PROC_EVENT_NONE;
	*ret_event = event;
	return 1;
}

uint64_t connector_count(struct connector *pe, const struct connector_event *event)
{
	uint32_t gap = 0;

	if (event->is_answer || event->cpu >= CONNECTOR_CPUS_MAX)
		return 0;
	if (pe->has_seq[event->cpu])
		gap = event->seq - pe->next_seq[event->cpu];
	/* Numbers begin again when nobody listens for a while: no gap is that large. */
	if (gap > UINT32_MAX / 2)
		gap = 0;
	pe->has_seq[event->cpu] = true;
	pe->next_seq[event->cpu] = event->seq + 1;
	if (gap > 0)
		pe->is_lossy = false;
	pe->n_lost += gap;
	return gap;
}

/* ------------------------------------------------------------------------------------------
 * The socket
 */

static int request(struct connector *pe, enum proc_cn_mcast_op op)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *nlh = mnl.mnl_nlmsg_put_header(buf);
	const uint32_t value = op;
	struct cn_msg *head;

	nlh->nlmsg_type = NLMSG_DONE;
	head = mnl.mnl_nlmsg_put_extra_header(nlh, sizeof(*head) + sizeof(value));
	head->id.idx = CN_IDX_PROC;
	head->id.val = CN_VAL_PROC;
	head->len = sizeof(value);
	memcpy(head->data, &value, sizeof(value));
	return mnl.mnl_socket_sendto(pe->socket, nlh, nlh->nlmsg_len) < 0 ? -errno : 0;
}

static int fail(int r, struct cg2_error *reterr)
{
	static const char path[] = "process events";

	switch (-r) {
	case EPERM:
		r = error_setf(reterr, CG2_OP_OBSERVE, EPERM, path, NULL,
			       "CAP_NET_ADMIN is missing");
		error_hint(reterr, "run it as root, or give it that capability");
		return r;
	case ECONNREFUSED:
		r = error_setf(reterr, CG2_OP_OBSERVE, EOPNOTSUPP, path, NULL,
			       "the kernel reports processes in the initial namespaces only");
		error_hint(reterr, "run it outside the container");
		return r;
	default:
		return error_set(reterr, CG2_OP_OBSERVE, r, path, NULL);
	}
}

int connector_open(struct connector *pe, struct cg2_error *reterr)
{
	int r;

	r = netlink_load(reterr);
	if (r < 0)
		return r;
	r = netlink_open(NETLINK_CONNECTOR, CN_IDX_PROC, &pe->socket);
	if (r == 0)
		r = request(pe, PROC_CN_MCAST_LISTEN);
	if (r == 0)
		return 0;
	netlink_closep(&pe->socket);
	return fail(r, reterr);
}

void connector_close(struct connector *pe)
{
	/* Older kernels go on making events for a listener that has left without a word. */
	if (pe->socket)
		(void)request(pe, PROC_CN_MCAST_IGNORE);
	netlink_closep(&pe->socket);
}

int connector_get_fd(const struct connector *pe)
{
	return mnl.mnl_socket_get_fd(pe->socket);
}

int connector_receive(struct connector *pe, struct connector_event *ret_event)
{
	char buf[NETLINK_BUF_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t len;
	int r;

	for (;;) {
		r = netlink_receive(pe->socket, buf, sizeof(buf), &len);
		if (r == -ENOBUFS)
			pe->is_lossy = true;
		if (r <= 0)
			return r;
		if (connector_parse(buf, len, ret_event) == 0)
			continue;
		connector_count(pe, ret_event);
		if (ret_event->kind != CONNECTOR_OTHER)
			return 1;
	}
}
