/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A transient scope: org.freedesktop.systemd1.Manager.StartTransientUnit, and its job.
 */
#include "scope/transient.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "systemd/call.h"
#include "systemd/job.h"
#include "value/error.h"

#define MANAGER_NAME "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

/* A manager before 255: its complaint names the property. */
static bool is_pidfds_unknown(const sd_bus_error *error)
{
	return sdbus.sd_bus_error_has_name(error, SD_BUS_ERROR_PROPERTY_READ_ONLY) &&
	       error->message && strstr(error->message, "PIDFDs");
}

/* A process of our own that nobody has reaped, or ourselves: its number can be nobody else's. */
static int append_own_pidfd(sd_bus_message *m, pid_t pid)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : sdbus.sd_bus_message_append(m, "h", fd);
}

static int append_members(sd_bus_message *m, const struct scope_request *q, bool use_pidfd)
{
	int r;

	if (!use_pidfd)
		return sdbus.sd_bus_message_append(m, "u", (uint32_t)q->pid);
	r = append_own_pidfd(m, q->pid);
	for (size_t i = 0; r >= 0 && i < q->n_pidfds; i++)
		r = sdbus.sd_bus_message_append(m, "h", q->pidfds[i]);
	return r;
}

static int append_pids(sd_bus_message *m, const struct scope_request *q, bool use_pidfd)
{
	int r;

	r = sdbus.sd_bus_message_open_container(m, 'r', "sv");
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "s", use_pidfd ? "PIDFDs" : "PIDs");
	if (r >= 0)
		r = sdbus.sd_bus_message_open_container(m, 'v', use_pidfd ? "ah" : "au");
	if (r >= 0)
		r = sdbus.sd_bus_message_open_container(m, 'a', use_pidfd ? "h" : "u");
	if (r >= 0)
		r = append_members(m, q, use_pidfd);
	for (int i = 0; r >= 0 && i < 3; i++)
		r = sdbus.sd_bus_message_close_container(m);
	return r;
}

/*
 * The cgroup of a system scope belongs to root unless it is told whose it is; an ordinary user
 * could not put his command into a leaf of it.
 */
static int append_owner(struct bus *bus, sd_bus_message *m)
{
	struct passwd pw, *found = NULL;
	char text[1024];

	if (bus->manager != CG2_MANAGER_SYSTEM || bus_uid() == 0)
		return 0;
	if (getpwuid_r(bus_uid(), &pw, text, sizeof(text), &found) != 0 || !found)
		return 0;
	return sdbus.sd_bus_message_append(m, "(sv)", "User", "s", pw.pw_name);
}

static int append_times(const struct scope_request *q, sd_bus_message *m)
{
	int r = 0;

	if (q->runtime_max_usec != CG2_MAX)
		r = sdbus.sd_bus_message_append(m, "(sv)", "RuntimeMaxUSec", "t",
					      q->runtime_max_usec);
	if (r >= 0 && q->stop_usec != CG2_MAX)
		r = sdbus.sd_bus_message_append(m, "(sv)", "TimeoutStopUSec", "t", q->stop_usec);
	if (r >= 0 && q->kill_signal)
		r = sdbus.sd_bus_message_append(m, "(sv)", "KillSignal", "i", q->kill_signal);
	if (r >= 0 && q->is_oom_kill)
		r = sdbus.sd_bus_message_append(m, "(sv)", "OOMPolicy", "s", "kill");
	return r;
}

static int append_limits(const struct scope_request *q, sd_bus_message *m)
{
	int r = 0;

	for (unsigned int i = 0; r >= 0 && i < N_LIMITS; i++)
		if (limits_has(q->limits, (enum cg2_limit)i))
			r = limits_append(q->limits, (enum cg2_limit)i, &q->extra, m);
	/* Without it systemd would give a part of the machine's tasks. */
	if (r >= 0 && !limits_has(q->limits, CG2_LIMIT_TASKS_MAX))
		r = sdbus.sd_bus_message_append(m, "(sv)", "TasksMax", "t", UINT64_MAX);
	for (size_t i = 0; r >= 0 && i < q->n_properties; i++)
		r = property_append(m, q->properties[i]);
	return r;
}

/* After the caller's own properties, which can empty the list but not what comes later. */
static int append_mark(sd_bus_message *m)
{
	return sdbus.sd_bus_message_append(m, "(sv)", "Documentation", "as", 1,
					 MARK_DOCUMENTATION);
}

/*
 * The scope is delegated, with what nested runs are likely to want. Not cpuset, unless it is
 * asked for: enabling it makes it of every neighbour too, and kernels before 6.2 then forget the
 * CPU affinity of all their processes.
 */
static int append_delegation(const struct scope_request *q, sd_bus_message *m)
{
	bool wants_cpuset = limits_has(q->limits, CG2_LIMIT_CPUSET_CPUS) ||
			    limits_has(q->limits, CG2_LIMIT_CPUSET_MEMS);

	if (wants_cpuset)
		return sdbus.sd_bus_message_append(m, "(sv)", "DelegateControllers", "as", 5, "cpu",
					     "io", "memory", "pids", "cpuset");
	return sdbus.sd_bus_message_append(m, "(sv)", "DelegateControllers", "as", 4, "cpu", "io",
				     "memory", "pids");
}

static int append_properties(struct bus *bus, const struct scope_request *q, bool use_pidfd,
			     sd_bus_message *m)
{
	int r;

	r = append_pids(m, q, use_pidfd);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "(sv)(sv)", "Description", "s", q->description,
					  "CollectMode", "s", "inactive-or-failed");
	if (r >= 0)
		r = append_delegation(q, m);
	if (r >= 0 && q->slice)
		r = sdbus.sd_bus_message_append(m, "(sv)", "Slice", "s", q->slice);
	if (r >= 0)
		r = append_owner(bus, m);
	if (r >= 0)
		r = append_times(q, m);
	if (r >= 0)
		r = append_limits(q, m);
	return r < 0 ? r : append_mark(m);
}

static int make_call(struct bus *bus, const struct scope_request *q, bool use_pidfd,
		     sd_bus_message **ret_call)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = sdbus.sd_bus_message_new_method_call(bus->bus, &m, MANAGER_NAME, MANAGER_PATH,
					   MANAGER_INTERFACE, "StartTransientUnit");
	if (r >= 0)
		r = sdbus.sd_bus_message_set_allow_interactive_authorization(m, 1);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "ss", q->unit, "fail");
	if (r >= 0)
		r = sdbus.sd_bus_message_open_container(m, 'a', "(sv)");
	if (r >= 0)
		r = append_properties(bus, q, use_pidfd, m);
	if (r >= 0)
		r = sdbus.sd_bus_message_close_container(m);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "a(sa(sv))", 0);
	if (r < 0)
		return r;
	*ret_call = take_ptr(&m);
	return 0;
}

/* Our PIDs are other processes' there, which would be moved in our stead. */
static int foreign_pids(const char *unit, struct cg2_error *reterr)
{
	int r;

	r = error_setf(reterr, CG2_OP_CALL, EOPNOTSUPP, unit, NULL,
		       "this is a PID namespace, and systemd older than 255 can't be told of "
		       "a process in it");
	error_hint(reterr, "run cgscope outside of the namespace, around what makes it");
	return r;
}

static int try_start(struct job *job, const struct scope_request *q, bool use_pidfd)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *call = NULL;
	int r;

	r = bus_wait_ready(job->bus, *job->end_usec, job->reterr);
	if (r < 0)
		return r;
	if (!use_pidfd && !bus_is_in_pid_namespace(job->bus))
		return foreign_pids(q->unit, job->reterr);
	r = make_call(job->bus, q, use_pidfd, &call);
	if (r < 0)
		return error_set(job->reterr, CG2_OP_CALL, r, q->unit, NULL);
	return job_run(job, call);
}

bool scope_takes_pidfds(void)
{
	return sdbus_has("sd_id128_get_app_specific");
}

int scope_start(struct bus *bus, struct scope_request *request, uint64_t *end_usec,
		struct cg2_error *reterr)
{
	const struct job job = { .bus = bus, .unit = request->unit,
				 .failed = "the manager could not put the process into it",
				 .end_usec = end_usec, .reterr = reterr };
	struct job first = job, second = job;
	int r;

	if (request->use_pidfd) {
		first.is_expected = is_pidfds_unknown;
		r = try_start(&first, request, true);
		request->is_pending = first.is_pending;
		if (r < 0 || !first.met_expected)
			return r;
	}
	/* A PID means the same as long as nobody reaps it. */
	r = try_start(&second, request, false);
	request->is_pending = second.is_pending;
	return r;
}

void scope_discard(struct cg2_ctx *ctx, enum cg2_manager manager, const char *unit)
{
	struct bus bus;
	int r;

	if (bus_open(ctx, manager, &bus, NULL) < 0)
		return;
	r = call_unit(&bus, "StopUnit", unit, "replace", NULL);
	if (r < 0 && r != -ENOENT)
		ctx_log(ctx, CG2_LOG_WARNING, NULL, "%s may be left, without a process", unit);
	bus_close(&bus);
}

/* systemd puts a "_" before names that cgroupfs has files of, such as memory.x. */
static bool is_cgroup_of_unit(const char *name, const char *unit)
{
	return strcmp(name, unit) == 0 || (*name == '_' && strcmp(name + 1, unit) == 0);
}

int scope_open_group(struct cg2_ctx *ctx, const char *unit, pid_t pid,
		     struct cg2_group **ret_group, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = NULL;
	const char *slash;
	int r;

	r = group_path_of_pid(ctx, pid, &path, reterr);
	if (r < 0)
		return r;
	slash = strrchr(path, '/');
	if (!slash || !is_cgroup_of_unit(slash + 1, unit))
		return error_setf(reterr, CG2_OP_JOB, EIO, unit, NULL,
				  "the manager said done, but the process is in %s", path);
	ctx_log(ctx, CG2_LOG_INFO, NULL, "scope %s", path);
	return cg2_group_open(ctx, path, ret_group, reterr);
}
