/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel has: files of /proc and /sys, and rights that only trying shows.
 */
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/taskstats.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "check/check-internal.h"
#include "check/doctor-internal.h"
#include "process/procfs.h"

/* ---- cgroups ---- */

int doctor_test_hierarchy(struct cg2_doctor *doctor)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_hierarchy h = { .size = sizeof(h) };
	int r;

	r = cg2_ctx_get_hierarchy(doctor->ctx, &h, &err);
	if (r == 0)
		r = hierarchy_detect(doctor->ctx, &err);
	if (r < 0)
		return doctor_add_error(doctor, CG2_HEALTH_FAIL, &err);
	if (h.mode != CG2_MODE_UNIFIED)
		return doctor_add(
			doctor, CG2_HEALTH_WARN,
			text_format("cgroup v1 is mounted beside cgroup v2 at %s", h.mount_point),
			text_format("boot with systemd.unified_cgroup_hierarchy=1"));
	if (h.flags & CG2_HIERARCHY_READ_ONLY)
		return doctor_add(
			doctor, CG2_HEALTH_FAIL,
			text_format("cgroup v2 at %s is mounted read-only, as in containers",
				    h.mount_point),
			text_format("run it outside of this container"));
	return doctor_add(doctor, CG2_HEALTH_PASS,
			  text_format("only cgroup v2 is mounted, at %s", h.mount_point), NULL);
}

int doctor_test_controllers(struct cg2_doctor *doctor)
{
	if (hierarchy_detect(doctor->ctx, NULL) < 0)
		return 0;
	return doctor_add_controllers(
		doctor, "the kernel's controllers", doctor->ctx->hierarchy.controllers,
		"look for cgroup_disable= in /proc/cmdline, and whether cgroup v1 uses them");
}

/* ---- memory ---- */

int doctor_test_swap(struct cg2_doctor *doctor)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	uint64_t total, controllers;
	char buf[PROCFS_BUF_SIZE], size[CHECK_TEXT_MAX];
	size_t len;

	if (ctx_read_into(doctor->ctx, "/proc/meminfo", buf, sizeof(buf), &len) < 0 ||
	    procfs_status_number(buf, "SwapTotal", &total) < 0)
		return doctor_add(doctor, CG2_HEALTH_WARN,
				  text_format("cannot read the amount of swap from /proc/meminfo"),
				  NULL);
	if (total == 0)
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("no swap: above memory.high programs stall"), NULL);
	/* Any cgroup but the root shows whether the kernel accounts it. */
	if (cg2_group_open_pid(doctor->ctx, 0, &group, NULL) == 0 &&
	    cg2_group_read_controllers(group, &controllers, NULL) == 0 &&
	    controllers & controller_bit("memory") && strcmp(cg2_group_get_path(group), "/") != 0 &&
	    faccessat(cg2_group_get_fd(group), "memory.swap.max", F_OK, 0) < 0)
		return doctor_add(doctor, CG2_HEALTH_WARN,
				  text_format("swap is not accounted: a memory limit only moves "
					      "programs to swap"),
				  text_format("boot with swapaccount=1"));
	return doctor_add(doctor, CG2_HEALTH_PASS,
			  text_format("%s of swap, which can be limited",
				      check_size_text(total * 1024, size)),
			  NULL);
}

int doctor_test_pressure(struct cg2_doctor *doctor)
{
	struct cg2_psi psi;
	char buf[256];
	size_t len;

	if (ctx_read_into(doctor->ctx, "/proc/pressure/memory", buf, sizeof(buf), &len) == 0 &&
	    cg2_parse_psi(buf, len, &psi) == 0)
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("pressure is accounted (PSI)"), NULL);
	return doctor_add(doctor, CG2_HEALTH_WARN,
			  text_format("pressure is not accounted (PSI): records lack pressure "
				      "figures and pressure limits do not work"),
			  text_format("boot with psi=1"));
}

/* ---- processes ---- */

/*
 * A descriptor that is no cgroup's: a kernel that knows the flag looks at it and refuses,
 * before there is a process.
 */
int doctor_test_clone3(struct cg2_doctor *doctor)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = 17,
		.cgroup = (uint64_t)doctor->ctx->root_fd,
	};

	if (!doctor->ctx->is_real_root)
		return 0;
	if (syscall(SYS_clone3, &args, sizeof(args)) < 0 && errno == EBADF)
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("processes can be started in their cgroup (clone3)"),
				  NULL);
	return doctor_add(
		doctor, CG2_HEALTH_FAIL,
		text_format("processes cannot be started in their cgroup (clone3): %s",
			    strerror(errno)),
		text_format("use kernel 5.7 or later, and a seccomp filter that allows clone3"));
}

/* Sends a message and waits for its answer, of which buf has room for size bytes. */
static ssize_t ask_netlink(int fd, struct nlmsghdr *message, void *buf, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (send(fd, message, message->nlmsg_len, 0) < 0)
		return -errno;
	if (poll(&p, 1, 1000) <= 0)
		return -ETIMEDOUT;
	size = (size_t)recv(fd, buf, size, 0);
	return (ssize_t)size < 0 ? -errno : (ssize_t)size;
}

struct genl_message {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	struct nlattr attr;
	char data[32];
};

/* One request with one attribute. The answer's type, or -errno. */
static int ask_genl(int fd, uint16_t family, uint8_t command, uint16_t attr, const void *data,
		    size_t size, void *answer, size_t answer_size)
{
	struct genl_message m = {
		.header = { .nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = command, .version = 1 },
		.attr = { .nla_type = attr, .nla_len = (uint16_t)(NLA_HDRLEN + size) },
	};
	struct nlmsghdr *reply = answer;
	ssize_t n;

	memcpy(m.data, data, size);
	m.header.nlmsg_len = (uint32_t)(offsetof(struct genl_message, data) + NLA_ALIGN(size));
	n = ask_netlink(fd, &m.header, answer, answer_size);
	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(*reply) || (size_t)n < reply->nlmsg_len)
		return -EBADMSG;
	if (reply->nlmsg_type == NLMSG_ERROR && (size_t)n >= NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return ((struct nlmsgerr *)NLMSG_DATA(reply))->error;
	return reply->nlmsg_type;
}

/* The number that the kernel gave to the family. */
static int find_family(int fd, const char *name)
{
	_Alignas(struct nlmsghdr) char answer[4096];
	struct nlmsghdr *reply = (struct nlmsghdr *)(void *)answer;
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	int r;

	r = ask_genl(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name,
		     strlen(name) + 1, answer, sizeof(answer));
	if (r < 0)
		return r;
	while (at + NLA_HDRLEN + sizeof(uint16_t) <= reply->nlmsg_len) {
		struct nlattr attr;
		uint16_t id;

		memcpy(&attr, answer + at, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN)
			break;
		memcpy(&id, answer + at + NLA_HDRLEN, sizeof(id));
		if (attr.nla_type == CTRL_ATTR_FAMILY_ID)
			return id;
		at += NLA_ALIGN(attr.nla_len);
	}
	return -ENOENT;
}

/* Asks for the figures of this process, which only somebody with the right is told. */
static int ask_taskstats(void)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	_Alignas(struct nlmsghdr) char answer[4096];
	uint32_t pid = (uint32_t)getpid();
	int r;

	if (fd < 0)
		return -errno;
	r = find_family(fd, TASKSTATS_GENL_NAME);
	if (r < 0)
		return r;
	r = ask_genl(fd, (uint16_t)r, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID, &pid, sizeof(pid),
		     answer, sizeof(answer));
	return r < 0 ? r : 0;
}

/* "not permitted; delays will be missing" */
static int add_missing(struct cg2_doctor *doctor, int code, const char *what, char *fix)
{
	bool is_refused = code == -EPERM || code == -EACCES;

	return doctor_add(doctor, CG2_HEALTH_WARN,
			  text_format("%s%s; %s will be missing",
				      is_refused ? "not permitted" : "not available: ",
				      is_refused ? "" : strerror(-code), what),
			  fix);
}

int doctor_test_taskstats(struct cg2_doctor *doctor)
{
	int r = doctor->ctx->is_real_root ? ask_taskstats() : -EOPNOTSUPP;

	if (r == 0)
		return doctor_add(doctor, CG2_HEALTH_PASS, text_format("taskstats can be read"),
				  NULL);
	return add_missing(doctor, r, "per-process delays",
			   r == -EPERM ? text_format("run as root, or with CAP_NET_ADMIN")
				       : text_format("use a kernel with CONFIG_TASKSTATS, outside "
						     "of a network namespace"));
}

/* Before kernel 6.6 the group may be joined by root only. */
static int join_process_events(void)
{
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };

	if (fd < 0)
		return -errno;
	return bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
}

int doctor_test_process_events(struct cg2_doctor *doctor)
{
	int r = doctor->ctx->is_real_root ? join_process_events() : -EOPNOTSUPP;

	if (r == 0)
		return doctor_add(doctor, CG2_HEALTH_PASS,
				  text_format("process events can be received"), NULL);
	return add_missing(doctor, r, "short-lived processes",
			   text_format("run as root, or use kernel 6.6 or later"));
}
