/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a watch. Everything that can become ready hangs on one epoll descriptor, with a
 * struct watch_source; everything that is due at a time shares one timer.
 *
 * A target is a cgroup and those above it. Targets share the levels that they have in common, so
 * a thousand scopes of a slice read the slice once.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "verdict/verdict.h"
#include "watch/event.h"

struct cg2_watch;
struct watch_level;
struct watch_target;

/* The first member of what is in the epoll set. */
struct watch_source {
	void (*ready)(struct cg2_watch *watch, struct watch_source *source);
};

/* ---- levels ---- */

/* Files of a level that are kept open once they are needed. The first ones are notified of. */
enum watch_file_id {
	FILE_CGROUP_EVENTS,
	FILE_MEMORY_EVENTS,
	FILE_MEMORY_LOCAL,
	FILE_PIDS_EVENTS,
	FILE_PIDS_LOCAL,
	FILE_TASKS,
	FILE_TASKS_MAX,
	FILE_MEMORY,
	FILE_MEMORY_MAX,
	FILE_MEMORY_STAT,
	FILE_MEMORY_HIGH,
	FILE_MEMORY_PEAK,
	FILE_SWAP,
	FILE_SWAP_MAX,
	FILE_TASKS_PEAK,
	FILE_CPU_STAT,
	FILE_CPU_MAX,
	FILE_CPU_WEIGHT,
	FILE_CPU_PRESSURE,
	FILE_MEMORY_PRESSURE,
	FILE_IO_PRESSURE,
	N_WATCH_FILES,
};

/* What was notified of is a bit each of a level's dirty. */
static_assert(N_WATCH_FILES <= 32, "a bit each of an unsigned int");

struct watch_file {
	struct watch_source source;
	struct watch_level *level;
	int fd; /* -1: not opened yet, or not there */
	bool is_missing;
	bool is_notified; /* it is in the epoll set */
};

/* What is held against thresholds; UNKNOWN: the kernel does not tell. */
enum watch_figure {
	FIGURE_TASKS,
	FIGURE_TASKS_MAX,
	FIGURE_MEMORY,
	FIGURE_MEMORY_MAX,
	FIGURE_CACHE, /* clean file cache; costs the kernel more than all the others */
	N_WATCH_FIGURES,
};

struct watch_counter {
	uint64_t value;
	uint64_t moved_usec;
};

struct watch_level {
	struct watch_level *next; /* in its bucket, or among the dead */
	size_t n_ref;
	uint64_t id; /* the directory's inode: never used again */
	struct cg2_group *group;
	struct watch_file files[N_WATCH_FILES];
	struct watch_target **users; /* those that have it in their chain; n_ref of them */
	unsigned int dirty;          /* bit i: files[i] was notified of */
	struct verdict_level now;    /* the counters at the last look */
	uint64_t limits_round;       /* when the limits in now were read */
	struct watch_counter oom_before; /* those of now before what is not long ago */
	struct watch_counter oom_local_before;
	uint64_t figures[N_WATCH_FIGURES];
	uint64_t figure_rounds[N_WATCH_FIGURES];
};

/* watch-level.c. The level of a group, a new one or one that there is, with target as a user. */
int watch_level_get(struct cg2_watch *watch, struct cg2_group *group, struct watch_target *target,
		    struct watch_level **ret_level) _must_check_;

/* Drops target's reference. The memory stays until the end of the dispatch. */
void watch_level_release(struct cg2_watch *watch, struct watch_level *level,
			 struct watch_target *target);

/* Frees what was dropped. */
void watch_levels_sweep(struct cg2_watch *watch);

/* The content of a file, which is opened at the first time. -ENODEV, -ENOENT: it is gone. */
int watch_level_read(struct watch_level *level, enum watch_file_id id, char *buf, size_t size,
		     size_t *ret_len) _must_check_;

/* From now on the level is marked dirty when the kernel notifies of the file. -EMFILE. */
int watch_level_subscribe(struct cg2_watch *watch, struct watch_level *level,
			  enum watch_file_id id) _must_check_;

/* Reads the counters of a notified file into level->now. -ENODEV: the cgroup is gone. */
int watch_level_read_counters(struct watch_level *level, enum watch_file_id id);

/* Reads what only an explanation needs into level->now, once a round. */
void watch_level_read_limits(struct cg2_watch *watch, struct watch_level *level);

/* A figure, read at most once a round; limits hardly ever change: once a second. */
uint64_t watch_level_figure(struct cg2_watch *watch, struct watch_level *level,
			    enum watch_figure figure);

/* The file that has this name; N_WATCH_FILES: none. */
enum watch_file_id watch_file_by_name(const char *name);

/* ---- targets ---- */

struct watch_target {
	struct watch_target *next;
	char *name;
	struct watch_level **levels; /* [0] is its own; n_levels of them */
	size_t n_levels;
	size_t n_own; /* those of nobody else: the scope of ours around it is one of them */
	struct verdict_level *before; /* what was told of already, of every level */
	bool is_populated;
	bool is_frozen;
	bool is_gone;     /* to be dropped at the end of the dispatch */
	bool *is_over;    /* of every threshold */
	int removal_wd;   /* the parent's inotify watch while it is empty; -1: none */
	uint64_t *oomd;   /* of every level, how often systemd-oomd has killed it */
	struct watch_psi *psis; /* one for each threshold of pressure */
	size_t n_psis;
	void (*on_gone)(struct cg2_watch *watch, struct watch_target *target);
	void *owner; /* of who added it: on_gone's */
};

/*
 * watch-target.c. ret_target may be NULL. name: NULL for the path. is_new: what has happened in the
 * cgroup since it was made is told.
 */
int watch_target_add(struct cg2_watch *watch, struct cg2_group *group, const char *name,
		     bool is_new, struct watch_target **ret_target,
		     struct cg2_error *reterr) _must_check_;

/* After notifications: tells what happened to the users of dirty levels. */
void watch_targets_dispatch(struct cg2_watch *watch);

/* Without a word. */
void watch_target_drop(struct watch_target *target);
void watch_targets_sweep(struct cg2_watch *watch);

/* watch-gone.c: the target's cgroup is not there any more. */
void watch_target_gone(struct cg2_watch *watch, struct watch_target *target);

/* watch-explain.c: refused forks and OOM kills since target->before; kills by systemd-oomd. */
void watch_target_explain(struct cg2_watch *watch, struct watch_target *target);
void watch_target_explain_empty(struct cg2_watch *watch, struct watch_target *target);

/* The counters of all levels at the beginning; is_new: its own began with 0. */
void watch_target_begin(struct cg2_watch *watch, struct watch_target *target, bool is_new);

/* ---- sampling: watch-sample.c ---- */

struct watch_machine {
	uint64_t memory_round; /* when it was read */
	uint64_t memory_total; /* CG2_MAX: unknown */
	uint64_t memory_used;
	uint64_t tasks_round;
	uint64_t threads;
	uint64_t limits_round;
	uint64_t threads_max;
	uint64_t pid_max;
};

/* Reads use against all thresholds, and tells those that are crossed. */
void watch_poll(struct cg2_watch *watch);
void watch_sample(struct cg2_watch *watch);

/* ---- pressure: watch-psi.c ---- */

/* Thresholds of pressure. -EOPNOTSUPP: the kernel has no such file. */
int watch_psi_begin(struct cg2_watch *watch, struct watch_target *target) _must_check_;
void watch_psi_end(struct watch_target *target);

/* Those for which there is no trigger. */
void watch_psi_poll(struct cg2_watch *watch);

/* Asks the triggers which of them fired. */
void watch_psi_dispatch(struct cg2_watch *watch);

/* ---- units: watch-manager.c ---- */

struct watch_bus;

/* Connections that are made again, and failures that are told when the journal has their lines. */
void watch_buses_dispatch_due(struct cg2_watch *watch);
void watch_buses_free(struct cg2_watch *watch);
bool watch_buses_have_wishes(const struct cg2_watch *watch);

/* ---- the library's own scopes: watch-own.c ---- */

struct watch_own;

void watch_owns_free(struct cg2_watch *watch);

/* ---- the end of cgroups: watch-removal.c ---- */

/* Makes sure that the removal of an empty cgroup is noticed; it has processes again. */
void watch_removal_expect(struct cg2_watch *watch, struct watch_target *target);
void watch_removal_forget(struct cg2_watch *watch, struct watch_target *target);

/* A look for those that were removed. */
void watch_removal_dispatch(struct cg2_watch *watch);

/* Whether there is no such cgroup any more. */
bool watch_target_is_removed(struct watch_target *target);

/* ---- processes: watch-process.c; without them nothing is done ---- */

int watch_processes_add(struct cg2_watch *watch, struct watch_target *target,
			struct cg2_error *reterr) _must_check_;
void watch_processes_remove(struct cg2_watch *watch, struct watch_target *target);

/* Tells what has happened, or some of it; all of it, before a target is gone. */
void watch_processes_take(struct cg2_watch *watch);
void watch_processes_take_last(struct cg2_watch *watch);

/* ---- the watch: what all stand on is in watch-core.c ---- */

/* The directory of cgroups that are empty, by whose watch their removal is noticed. */
struct watch_removal {
	int wd;
	size_t n_ref;
};

/* What happens at a time (CLOCK_MONOTONIC), CG2_MAX: not. */
enum watch_due {
	DUE_POLL,
	DUE_SAMPLE,
	DUE_PRESSURE, /* where there is no trigger */
	DUE_TRIGGERS, /* at once: some may have fired */
	DUE_BUS,
	DUE_PROCESSES, /* at once: the rest of them */
	DUE_REMOVAL, /* a look for removed cgroups: at once, or later where inotify has no room */
	N_WATCH_DUES,
};

#define LEVEL_BUCKETS 1024

struct cg2_watch {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	int epoll_fd;
	struct watch_source timer_source;
	int timer_fd;
	struct watch_source inotify_source;
	int inotify_fd; /* -1: nothing needs it yet */
	struct watch_removal *removals;
	size_t n_removals;
	uint64_t armed_usec; /* what the timer is set to */
	uint64_t due[N_WATCH_DUES];
	uint64_t kinds;
	struct cg2_threshold *thresholds;
	size_t n_thresholds;
	bool is_polled; /* one of them is of use, of which nobody notifies */
	uint64_t poll_usec;
	uint64_t sample_usec;
	uint64_t sample_uses;
	uint64_t round; /* counts dispatches: what was read in one is not read again */
	uint64_t limits_round; /* the one that limits have to be of at least */
	uint64_t limits_usec;
	bool is_dirty;  /* a level is */
	bool is_events_local;
	bool is_memory_local;
	bool is_namespaced;
	struct watch_machine machine;
	struct watch_level *buckets[LEVEL_BUCKETS];
	struct watch_level *dead_levels;
	struct watch_target *targets;
	size_t n_targets;
	struct watch_bus *buses; /* of managers whose units are followed */
	struct watch_own *owns;
	bool has_gone_targets;
	struct cg2_processes *processes; /* NULL: not observed */
	struct watch_source processes_source;
	struct cg2_event *queue;
	struct cg2_event *queue_last;
	size_t n_queued;
	uint64_t n_lost;
};

static inline bool watch_wants(const struct cg2_watch *watch, enum cg2_event_kind kind)
{
	return watch->kinds & CG2_EVENT_BIT(kind);
}

/* Appends it to the queue, or counts it as lost. Takes the reference; NULL is lost already. */
void watch_tell(struct cg2_watch *watch, struct cg2_event *event);

/* A new event of the target's; NULL if memory ran out, which is counted. */
struct cg2_event *watch_target_event(struct cg2_watch *watch, struct watch_target *target,
				     enum cg2_event_kind kind);

/* An event that has nothing but its kind, if such are wanted. */
void watch_target_tell(struct cg2_watch *watch, struct watch_target *target,
		       enum cg2_event_kind kind);

int watch_add_fd(struct cg2_watch *watch, int fd, uint32_t events,
		 struct watch_source *source) _must_check_;

/* Something is due at that time (CLOCK_MONOTONIC) at the latest. */
void watch_set_due(struct cg2_watch *watch, enum watch_due what, uint64_t usec);

/* Sets the timer to what is due first. */
void watch_arm(struct cg2_watch *watch);

/* Opens watch->inotify_fd, once. */
int watch_open_inotify(struct cg2_watch *watch) _must_check_;
