/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A cgroup that gives controllers to its children can hold no processes ("no inner processes").
 * So those of a delegated cgroup move to a leaf of it, once: the first run finds its cgroup
 * without the files of the controllers, and then does that under a lock. All later ones make
 * their cgroup, see the files, and are ready.
 *
 * Each run holds a lock on its cgroup for as long as it lives; one that is marked as a run's,
 * not locked and without a process was left behind by a run that died. Before it could mark it, if
 * the name is one that was made up for a run and the cgroup has been like that for a while.
 */
#include "place/nest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/ledger.h"
#include "cgroup/lock.h"
#include "cgroup/mark.h"
#include "child/give-back.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* How often a process may fork out of the way of its move. */
#define MOVE_ROUNDS 1000

/* Of many cgroups in base, a run looks at no more than about so many. */
#define SWEEP_MAX 16

/* Who makes one marks it some system calls later. */
#define UNMARKED_SEC 10

/* A file that a cgroup has when its parent gives it the controller. */
static const struct {
	const char *controller;
	const char *file;
} probes[] = {
	{ "cpu", "cpu.max" },	   { "cpuset", "cpuset.cpus" }, { "io", "io.max" },
	{ "memory", "memory.max" }, { "pids", "pids.max" },
};

/* Which of the controllers the cgroup has no files of. */
static uint64_t missing_controllers(struct cg2_group *group, uint64_t wanted)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		uint64_t bit = controller_bit(probes[i].controller);

		if ((wanted & bit) && faccessat(group->fd, probes[i].file, F_OK, 0) < 0)
			missing |= bit;
	}
	return missing;
}

/* ---- the processes in base ---- */

/* One that ended meanwhile needs no move. */
static int move_process(struct cg2_group *to, const char *word, size_t len,
			struct cg2_error *reterr)
{
	uint64_t pid;
	int r;

	if (cg2_parse_value(word, len, &pid) < 0 || pid == 0 || pid > INT32_MAX)
		return error_setf(reterr, CG2_OP_WRITE, EBUSY, to->path, NULL,
				  "a process of another PID namespace is in the cgroup above, "
				  "which can have no children before it leaves");
	r = cg2_group_move(to, (pid_t)pid, reterr);
	if (r == -ESRCH) {
		cg2_error_clear(reterr);
		return 0;
	}
	return r;
}

/* Returns how many there were, or a negative errno. */
static int move_processes(struct cg2_group *from, struct cg2_group *to,
			  struct cg2_error *reterr)
{
	_cleanup_free_ char *buf = NULL;
	const char *word;
	size_t len, word_len, pos = 0;
	int n = 0, r;

	r = cg2_group_read(from, "cgroup.procs", &buf, &len, reterr);
	while (r == 0 && cg2_parse_word(buf, len, &pos, &word, &word_len) > 0) {
		r = move_process(to, word, word_len, reterr);
		n++;
	}
	return r < 0 ? r : n;
}

static int open_or_make_leaf(struct cg2_group *base, struct cg2_group **ret_leaf,
			     struct cg2_error *reterr)
{
	int r = cg2_group_create(base, MARK_LEAF_MAIN, ret_leaf, reterr);

	if (r != -EEXIST)
		return r;
	cg2_error_clear(reterr);
	return group_open_child(base, MARK_LEAF_MAIN, ret_leaf, reterr);
}

/*
 * Until base is empty: enabling only controllers that threads may have would succeed with
 * processes in it too, and turn base into a threaded domain.
 */
static int empty_base(struct cg2_group *base, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *leaf = NULL;
	_cleanup_free_ char *buf = NULL;
	size_t len;
	int r;

	r = cg2_group_read(base, "cgroup.procs", &buf, &len, reterr);
	if (r < 0 || len == 0)
		return r;
	r = open_or_make_leaf(base, &leaf, reterr);
	for (int i = 0; r == 0 && i < MOVE_ROUNDS; i++) {
		r = move_processes(base, leaf, reterr);
		if (r <= 0)
			break;
		ctx_log(base->ctx, CG2_LOG_INFO, NULL, "moved %d process%s of %s to %s", r,
			r == 1 ? "" : "es", base->path, leaf->path);
		r = 0;
	}
	return r;
}

/* How long another process may have the lock: moving many processes takes its time. */
#define LOCK_SEC 10
#define LOCK_USEC (LOCK_SEC * USEC_PER_SEC)
#define RESTORE_LOCK_USEC (1 * USEC_PER_SEC)

/* A lock on base, held until the descriptor is closed; -errno. */
static int lock_base(struct cg2_group *base, int operation, struct cg2_error *reterr)
{
	int fd = lock_for_change(base->fd, operation, LOCK_USEC);

	if (fd >= 0)
		return fd;
	if (fd != -ETIMEDOUT)
		return error_set(reterr, CG2_OP_OPEN, fd, base->path, NULL);
	error_setf(reterr, CG2_OP_CREATE, ETIMEDOUT, base->path, NULL,
		   "another process has had the lock on the cgroup for %d s", LOCK_SEC);
	error_hint(reterr, "lslocks shows which one");
	return -ETIMEDOUT;
}

/*
 * With threads of a process in different children a cgroup can account for nothing that belongs to
 * whole processes. Seen before anything is moved.
 */
static int check_type(struct cg2_group *base, struct cg2_error *reterr)
{
	_cleanup_free_ char *type = NULL;
	size_t len;
	int r;

	if (cg2_group_read(base, "cgroup.type", &type, &len, NULL) < 0 ||
	    strcmp(type, "domain\n") == 0)
		return 0;
	type[strcspn(type, "\n")] = '\0';
	r = error_setf(reterr, CG2_OP_CREATE, EOPNOTSUPP, base->path, NULL,
		       "its cgroup.type is \"%s\": where threads have cgroups of their own, memory "
		       "can't be limited below it", type);
	error_advice(reterr, CG2_ADVICE_ELSEWHERE);
	return r;
}

static int enable_locked(struct cg2_group *base, uint64_t controllers, struct cg2_error *reterr)
{
	int r = check_type(base, reterr);

	if (r < 0)
		return r;
	for (int i = 0; i < MOVE_ROUNDS; i++) {
		if (!group_is_real_root(base))
			r = empty_base(base, reterr);
		if (r < 0)
			return r;
		r = cg2_group_enable_controllers(base, controllers, reterr);
		/* A process may have come in between. */
		if (r != -EBUSY || i + 1 == MOVE_ROUNDS)
			return r;
		cg2_error_clear(reterr);
	}
	return r;
}

static int enable_in(struct cg2_group *base, uint64_t controllers, struct cg2_error *reterr)
{
	_cleanup_(lock_endp) int lock = lock_base(base, LOCK_EX, reterr);

	return lock < 0 ? lock : enable_locked(base, controllers, reterr);
}

/*
 * Makes base give the controllers to its children. Those that it has not got itself come from
 * above, up to n_above levels: that far it is delegated. What is not to be had is left out, and
 * found when a limit is read back. 1: it gives some.
 */
static int prepare_base(struct cg2_group *base, uint64_t controllers, unsigned int n_above,
			struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *parent = NULL;
	uint64_t have;
	int r;

	r = cg2_group_read_controllers(base, &have, reterr);
	if (r == 0 && n_above > 0 && (controllers & ~have))
		r = group_open_parent(base, &parent, reterr);
	if (r == 0 && parent)
		r = prepare_base(parent, controllers & ~have, n_above - 1, reterr);
	if (r > 0)
		r = cg2_group_read_controllers(base, &have, reterr);
	if (r < 0 || !(controllers & have))
		return r < 0 ? r : 0;
	r = enable_in(base, controllers & have, reterr);
	return r < 0 ? r : 1;
}

/* ---- what dead runs left ---- */

static bool is_marked(struct cg2_group *group)
{
	struct mark mark;

	mark_read(group->fd, ".", &mark);
	return mark.kind == MARK_NESTED;
}

/* Ours by its name and owner, and nobody is about to mark it. */
static bool is_left_unmarked(struct cg2_group *group)
{
	struct stat st;

	if (!unit_name_is_made_up(strrchr(group->path, '/') + 1) || fstat(group->fd, &st) < 0)
		return false;
	return st.st_uid == geteuid() &&
	       now_real_usec() / USEC_PER_SEC > (uint64_t)st.st_ctim.tv_sec + UNMARKED_SEC;
}

/* Whether it was a dead run's, and is gone. */
static bool remove_dead(struct cg2_group *group)
{
	_cleanup_(lock_endp) int lock = -1;

	if (!is_marked(group) && !is_left_unmarked(group))
		return false;
	lock = lock_for_life(group->fd);
	if (lock < 0 || cg2_group_is_populated(group, NULL) != 0)
		return false;
	if (group_remove_tree(group, NULL) < 0)
		return false;
	ctx_log(group->ctx, CG2_LOG_INFO, NULL, "removed %s of a run that has ended", group->path);
	return true;
}

static bool remove_dead_child(struct cg2_group *base, const char *name)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *child = NULL;

	return group_open_child(base, name, &child, NULL) == 0 && remove_dead(child);
}

static void sweep_child(struct cg2_group *child, void *userdata)
{
	const struct cg2_group *keep = userdata;

	if (strcmp(child->path, keep->path) != 0)
		remove_dead(child);
}

void nest_sweep(struct cg2_group *base, struct cg2_group *keep)
{
	uint64_t n = group_count_children(base);

	/* Ourselves; and the leaf, where one was needed for controllers. */
	if (n <= 1 || (n == 2 && faccessat(base->fd, MARK_LEAF_MAIN, F_OK, 0) == 0))
		return;
	/* Where many run at once, not each of them looks at all the others. */
	if (n > SWEEP_MAX && (uint64_t)getpid() % (n / SWEEP_MAX) != 0)
		return;
	group_for_each_child(base, sweep_child, keep);
}

/* ---- one run's cgroup ---- */

static int explain_create(struct cg2_group *base, int r, struct cg2_error *reterr)
{
	if (r == -EROFS)
		error_hint(reterr, "cgroupfs is mounted read-only here, as containers do: start "
				   "the container with it writable (podman run -v "
				   "/sys/fs/cgroup:/sys/fs/cgroup, docker run --privileged)");
	else if (r == -EACCES || r == -EPERM)
		error_hint(reterr, "%s is not yours to change", base->path);
	return r;
}

/* First locked, then marked: whoever sees the mark can rely on the lock. */
static int create(struct cg2_group *base, const char *name, struct cg2_group **ret_group,
		  struct cg2_error *reterr)
{
	int r;

	/* That of those around it, which would be taken for it. */
	if (strcmp(name, MARK_LEAF_MAIN) == 0)
		return error_setf(reterr, CG2_OP_CREATE, EEXIST, base->path, name,
				  "this name is reserved for the processes around the run");
	r = cg2_group_create(base, name, ret_group, reterr);
	if (r == -EEXIST && remove_dead_child(base, name)) {
		cg2_error_clear(reterr);
		r = cg2_group_create(base, name, ret_group, reterr);
	}
	if (r < 0)
		return explain_create(base, r, reterr);
	/* Kernels before 5.7 have no such xattrs: then a dead run's cgroup stays. */
	(*ret_group)->lock_fd = lock_for_life((*ret_group)->fd);
	if ((*ret_group)->lock_fd >= 0)
		mark_write(*ret_group, MARK_NESTED);
	return 0;
}

int nest_enable(const struct place *place, struct cg2_group *group, uint64_t controllers,
		struct cg2_error *reterr)
{
	uint64_t missing = missing_controllers(group, controllers);
	int r = 0;

	if (missing)
		r = prepare_base(place->base, missing, place->n_above, reterr);
	return r < 0 ? r : 0;
}

int nest_create(const struct place *place, const char *name, uint64_t controllers,
		struct cg2_group **ret_group, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	/* Whoever undoes the move must see every cgroup that counts on it. */
	_cleanup_(lock_endp) int lock =
		place->is_given_back ? lock_base(place->base, LOCK_SH, reterr) : -1;
	int r;

	if (lock == -ETIMEDOUT)
		return lock;
	/* What cannot be locked cannot be changed either, and that is told with what to do. */
	cg2_error_clear(reterr);
	r = create(place->base, name, &group, reterr);
	if (r < 0)
		return r;
	lock = lock_end(lock);
	r = nest_enable(place, group, controllers, reterr);
	if (r < 0) {
		nest_remove(place, group);
		return r;
	}
	*ret_group = take_ptr(&group);
	return 0;
}

/* ---- the end ---- */

static void restore_base(const struct place *place)
{
	/* With this the manager starts the next process beside the leaf. */
	const struct cg2_error advice = {
		.hint = (char *)"a service with DelegateSubgroup=main (systemd 254) needs no such "
				"moves",
	};
	struct cg2_group *base = place->base;
	_cleanup_(lock_endp) int lock = lock_for_change(base->fd, LOCK_EX, RESTORE_LOCK_USEC);

	if (lock >= 0 && group_count_children(base) <= 1 && give_back(base->fd))
		ctx_log(base->ctx, CG2_LOG_INFO, place->is_service ? &advice : NULL,
			"moved the processes back to %s", base->path);
}

/*
 * A supervised run: one in a cgroup that carries the mark itself, or in the leaf of a scope that
 * does. Others have nobody who reads it.
 */
bool nest_is_in_run(const struct place *place)
{
	struct cg2_group *base = place->base;
	const char *name = strrchr(base->path, '/');
	struct mark mark;

	mark_read(base->fd, ".", &mark);
	if (mark.kind == MARK_NESTED)
		return true;
	if (!name || strcmp(name + 1, MARK_LEAF_RUN) != 0)
		return false;
	mark_read(base->fd, "..", &mark);
	return mark.kind == MARK_RUN;
}

void nest_note(const struct place *place, const struct ledger *part)
{
	_cleanup_close_ int lock = lock_for_change(place->base->fd, LOCK_EX, RESTORE_LOCK_USEC);

	if (lock >= 0)
		ledger_add(place->base, part);
}

void nest_remove(const struct place *place, struct cg2_group *group)
{
	if (group_remove_tree(group, NULL) == 0 && place->is_given_back)
		restore_base(place);
}
