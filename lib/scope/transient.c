/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A transient scope: org.freedesktop.systemd1.Manager.StartTransientUnit, and the result of its
 * job from the signal JobRemoved.
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
#include "value/error.h"

#define MANAGER_NAME "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER_INTERFACE "org.freedesktop.systemd1.Manager"

/* What the callbacks find out. */
struct start {
	struct bus *bus;
	const char *unit;
	uint64_t *end_usec;
	struct cg2_error *reterr;
	bool uses_pidfd;
	bool is_answered; /* the call has a reply */
	bool is_done;     /* the job is over, or the call failed */
	bool is_pidfds_unknown;
	int result;
};

/* Results of a job, in systemd's words. */
static const struct {
	const char *word;
	int code;
	const char *detail;
} job_results[] = {
	{ "done", 0, NULL },
	{ "canceled", ECANCELED, "the start was cancelled" },
	{ "timeout", ETIMEDOUT, "the start took too long" },
	{ "dependency", EIO, "a unit that it depends on failed" },
	{ "skipped", EIO, "a condition was not met" },
	{ "collected", ECANCELED, "it was collected before it started" },
	{ "failed", EIO, "the manager could not put the process into it" },
};

static int job_error(struct start *s, const char *word)
{
	bool is_user = s->bus->manager == CG2_MANAGER_USER;
	const char *detail = "its job did not succeed";
	int code = EIO, r;

	for (size_t i = 0; i < ARRAY_SIZE(job_results); i++)
		if (strcmp(job_results[i].word, word) == 0) {
			code = job_results[i].code;
			detail = job_results[i].detail;
		}
	if (code == 0)
		return 0;
	r = error_setf(s->reterr, CG2_OP_JOB, code, s->unit, word, "%s", detail);
	error_hint(s->reterr, "see: journalctl %s-u %s", is_user ? "--user " : "", s->unit);
	return r;
}

static int on_job_removed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct start *s = userdata;
	const char *unit, *word;

	/* The name is ours alone: one that is in use fails the call. */
	if (sdbus.sd_bus_message_read(m, "uoss", NULL, NULL, &unit, &word) < 0 ||
	    strcmp(unit, s->unit) != 0 || !s->is_answered || s->is_done)
		return 0;
	s->result = job_error(s, word);
	s->is_done = true;
	return 0;
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	const sd_bus_error *error = sdbus.sd_bus_message_get_error(m);
	struct start *s = userdata;

	s->is_answered = true;
	if (!error)
		return 0;
	/* A closed connection answers every call before it says what happened. */
	if (bus_was_closed(s->bus, error)) {
		s->is_answered = false;
		return 0;
	}
	s->is_done = true;
	if (s->uses_pidfd && sdbus.sd_bus_error_has_name(error, SD_BUS_ERROR_PROPERTY_READ_ONLY) &&
	    error->message && strstr(error->message, "PIDFDs")) {
		s->is_pidfds_unknown = true;
		return 0;
	}
	s->result = bus_error_set(s->bus, error, s->unit, s->reterr);
	return 0;
}

static int on_disconnect(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct start *s = userdata;

	if (s->is_done)
		return 0;
	s->is_answered = s->is_done = true;
	s->result = error_setf(s->reterr, CG2_OP_CALL, ECONNRESET, s->unit, NULL,
			       "the manager closed the connection");
	error_hint(s->reterr, "it may have restarted; try again");
	return 0;
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

/* The matches are there before the call, so that the job's end can't be missed. */
static int subscribe(struct start *s, sd_bus_slot **ret_removed, sd_bus_slot **ret_gone)
{
	int r;

	r = sdbus.sd_bus_match_signal_async(s->bus->bus, ret_removed, NULL, MANAGER_PATH,
				      MANAGER_INTERFACE, "JobRemoved", on_job_removed, NULL, s);
	if (r < 0)
		return r;
	return sdbus.sd_bus_match_signal_async(s->bus->bus, ret_gone, "org.freedesktop.DBus.Local",
					 "/org/freedesktop/DBus/Local",
					 "org.freedesktop.DBus.Local", "Disconnected",
					 on_disconnect, NULL, s);
}

/*
 * Only the system manager asks an ordinary user for a password, and that may take as long as
 * it takes: the time until the call is answered is given back.
 */
static int wait_for_job(struct start *s)
{
	bool may_prompt = s->bus->manager == CG2_MANAGER_SYSTEM && bus_uid() != 0;
	uint64_t left_usec = may_prompt ? usec_until(*s->end_usec) : 0;
	int r;

	r = bus_run_until(s->bus, &s->is_answered, may_prompt ? CG2_MAX : *s->end_usec,
			  s->reterr);
	if (r < 0)
		return r;
	if (may_prompt)
		*s->end_usec = end_after(left_usec);
	r = bus_run_until(s->bus, &s->is_done, *s->end_usec, s->reterr);
	return r < 0 ? r : s->result;
}

/* Our PIDs are other processes' there, which would be moved in our stead. */
static int foreign_pids(struct start *s)
{
	int r;

	r = error_setf(s->reterr, CG2_OP_CALL, EOPNOTSUPP, s->unit, NULL,
		       "this is a PID namespace, and systemd older than 255 can't be told of "
		       "a process in it");
	error_hint(s->reterr, "run cgscope outside of the namespace, around what makes it");
	return r;
}

static int try_start(struct start *s, const struct scope_request *q)
{
	_cleanup_(sdbus_slot_unrefp) sd_bus_slot *removed = NULL, *gone = NULL, *reply = NULL;
	_cleanup_(sdbus_message_unrefp) sd_bus_message *call = NULL;
	int r;

	r = bus_wait_ready(s->bus, *s->end_usec, s->reterr);
	if (r < 0)
		return r;
	if (!s->uses_pidfd && !bus_is_in_pid_namespace(s->bus))
		return foreign_pids(s);
	r = subscribe(s, &removed, &gone);
	if (r >= 0)
		r = make_call(s->bus, q, s->uses_pidfd, &call);
	if (r >= 0)
		r = sdbus.sd_bus_call_async(s->bus->bus, &reply, call, on_reply, s, UINT64_MAX);
	if (r < 0)
		return error_set(s->reterr, CG2_OP_CALL, r, q->unit, NULL);
	return wait_for_job(s);
}

bool scope_takes_pidfds(void)
{
	return sdbus_has("sd_id128_get_app_specific");
}

int scope_start(struct bus *bus, const struct scope_request *request, uint64_t *end_usec,
		struct cg2_error *reterr)
{
	struct start s = { .bus = bus, .unit = request->unit, .end_usec = end_usec,
			   .reterr = reterr, .uses_pidfd = request->use_pidfd };
	int r;

	r = try_start(&s, request);
	if (r < 0 || !s.is_pidfds_unknown)
		return r;
	/* A PID means the same as long as nobody reaps it. */
	s = (struct start){ .bus = bus, .unit = request->unit, .end_usec = end_usec,
			    .reterr = reterr };
	return try_start(&s, request);
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
