/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmnl, loaded when processes are to be observed, as libsystemd is for a manager; and a netlink
 * socket as taskstats.c and connector.c want it.
 */
#pragma once

#include <libmnl/libmnl.h>

#include "base/macro.h"
#include "libcg2.h"

#define MNL_FUNCTIONS(_) \
	_(mnl_attr_get_payload) \
	_(mnl_attr_get_payload_len) \
	_(mnl_attr_get_type) \
	_(mnl_attr_next) \
	_(mnl_attr_ok) \
	_(mnl_attr_put_strz) \
	_(mnl_nlmsg_get_payload) \
	_(mnl_nlmsg_get_payload_len) \
	_(mnl_nlmsg_get_payload_offset) \
	_(mnl_nlmsg_ok) \
	_(mnl_nlmsg_put_extra_header) \
	_(mnl_nlmsg_put_header) \
	_(mnl_socket_bind) \
	_(mnl_socket_close) \
	_(mnl_socket_get_fd) \
	_(mnl_socket_open2) \
	_(mnl_socket_sendto)

/* Filled by netlink_load(). */
struct mnl {
#define MNL_MEMBER(name) __typeof__(name) *name;
	MNL_FUNCTIONS(MNL_MEMBER)
#undef MNL_MEMBER
};

extern struct mnl mnl;

/* Loads it for the rest of the process, once; from several threads too. -ENOENT. */
int netlink_load(struct cg2_error *reterr) _must_check_;

/* Any message of the sockets here fits. */
#define NETLINK_BUF_SIZE 8192

/*
 * A socket that does not block and has room for some seconds of events. groups: a bit for each
 * multicast group. -errno.
 */
int netlink_open(int bus, unsigned int groups, struct mnl_socket **ret_socket) _must_check_;
void netlink_closep(struct mnl_socket **socket);

/*
 * The next message of the kernel's; whatever anybody else sends is passed over. 1: it is in buf,
 * 0: there is none now; -ENOBUFS: some were lost.
 */
int netlink_receive(struct mnl_socket *socket, void *buf, size_t size,
		    size_t *ret_len) _must_check_;

/* Whether a whole message is there. */
bool netlink_is_message(const void *message, size_t len);

/* The first attribute of len bytes, NULL if there is none that is whole; and the one after it. */
const struct nlattr *netlink_first(const void *attributes, size_t len);
const struct nlattr *netlink_next(const struct nlattr *attr, const void *attributes, size_t len);
