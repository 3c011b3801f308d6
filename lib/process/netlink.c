/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding libmnl at run time, and the netlink sockets that are read here: of the kernel alone,
 * never waited for, with a large buffer, since what does not fit is lost.
 */
#include "process/netlink.h"

#include <errno.h>
#include <pthread.h>

#include "base/dynlib.h"
#include "value/error.h"

#define SONAME "libmnl.so.0"

/*
 * The kernel doubles it, and a message takes 1 to 2 KiB. At a thousand processes a second that is
 * the second for which we may be stopped, or busy, without a loss.
 */
#define RECEIVE_BYTES (2 * 1024 * 1024)

struct mnl mnl;

#define MNL_ROW(name) { #name, offsetof(struct mnl, name) },
static const struct dynlib_function functions[] = { MNL_FUNCTIONS(MNL_ROW) };
#undef MNL_ROW

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;

static void load(void)
{
	library = dynlib_load(SONAME, functions, ARRAY_SIZE(functions), &mnl);
}

int netlink_load(struct cg2_error *reterr)
{
	int r;

	pthread_once(&once, load);
	if (library)
		return 0;
	r = error_setf(reterr, CG2_OP_OBSERVE, ENOENT, SONAME, NULL,
		       "this library is missing, or too old");
	error_hint(reterr, "install libmnl (Debian: apt install libmnl0)");
	return r;
}

void netlink_closep(struct mnl_socket **socket)
{
	int saved = errno;

	if (*socket)
		mnl.mnl_socket_close(*socket);
	*socket = NULL;
	errno = saved;
}

int netlink_open(int bus, unsigned int groups, struct mnl_socket **ret_socket)
{
	struct mnl_socket *nl = mnl.mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
	const int bytes = RECEIVE_BYTES;
	int r;

	if (!nl)
		return -errno;
	/* Without the right to it what the machine allows has to do. */
	if (setsockopt(mnl.mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		       sizeof(bytes)) < 0)
		setsockopt(mnl.mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUF, &bytes,
			   sizeof(bytes));
	if (mnl.mnl_socket_bind(nl, groups, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		netlink_closep(&nl);
		return r;
	}
	*ret_socket = nl;
	return 0;
}

int netlink_receive(struct mnl_socket *nl, void *buf, size_t size, size_t *ret_len)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(mnl.mnl_socket_get_fd(nl), buf, size, 0,
				     (struct sockaddr *)&from, &from_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (from.nl_pid != 0)
			continue;
		*ret_len = (size_t)n;
		return 1;
	}
}

/* A length beyond what an int holds is one that libmnl takes for less than nothing. */
bool netlink_is_message(const void *message, size_t len)
{
	const struct nlmsghdr *nlh = message;

	return len <= INT32_MAX && mnl.mnl_nlmsg_ok(nlh, (int)len) && nlh->nlmsg_len <= len;
}

static const struct nlattr *checked(const void *attr, const char *end)
{
	ptrdiff_t left = end - (const char *)attr;

	return left > 0 && mnl.mnl_attr_ok(attr, (int)left) ? attr : NULL;
}

const struct nlattr *netlink_first(const void *attributes, size_t len)
{
	return checked(attributes, (const char *)attributes + len);
}

const struct nlattr *netlink_next(const struct nlattr *attr, const void *attributes, size_t len)
{
	return checked(mnl.mnl_attr_next(attr), (const char *)attributes + len);
}
