/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libcg2: run commands under cgroup v2 limits that hold.
 *
 * This header is the library's reference. What holds for all of it:
 *
 * Results.   Functions return 0 or a positive documented result, and a negative errno on
 *            failure. Outputs are named ret_..., come after the inputs, are untouched on
 *            failure and always set on success.
 * Errors.    The last parameter of whatever can fail for more than one reason is an optional
 *            struct cg2_error, owned by the caller (NULL: not wanted), which carries the file,
 *            the value and a hint.
 * Objects.   Opaque and counted: ..._new gives the first reference, ..._ref another one,
 *            ..._unref drops one, takes NULL and returns NULL.
 * Threads.   No global state and no locks. Distinct objects may be used from distinct threads;
 *            objects that share a cg2_ctx count as one. errno is not a result.
 * Forks.     A process that the caller forks off uses none of the objects. It may unref them: a run
 *            goes on then.
 * Manners.   Nothing is printed, no signal disposition or mask of the caller is changed, no
 *            child but the library's own is reaped, the process never exits from in here.
 * Units.     They are part of the name: _bytes, _usec, _count; CPU amounts are in permyriad of
 *            one CPU (10000 is one CPU). All are uint64_t, CG2_MAX is the kernel's "max".
 *
 * Since 0.1.0 unless a comment says otherwise.
 */
#ifndef LIBCG2_H
#define LIBCG2_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* No limit: "max" in a cgroup file, "infinity" in systemd's words. */
#define CG2_MAX UINT64_MAX

/* ------------------------------------------------------------------------------------------
 * Errors
 */

/* What was being done when it failed. */
enum cg2_op {
	CG2_OP_NONE,
	CG2_OP_PARSE,   /* understanding a word of the caller's; value is the word */
	CG2_OP_OPEN,    /* opening path */
	CG2_OP_READ,    /* reading path */
	CG2_OP_WRITE,   /* writing value to path */
	CG2_OP_CREATE,  /* making the cgroup path */
	CG2_OP_REMOVE,  /* removing the cgroup path */
	CG2_OP_DETECT,  /* finding a usable cgroup v2 hierarchy */
	CG2_OP_CONNECT, /* reaching a systemd manager; path is its socket, where there is one */
	CG2_OP_CALL,    /* a D-Bus call; bus_name and bus_message are the manager's answer */
	CG2_OP_JOB,     /* the job that starts the unit path; value is its result */
	CG2_OP_VERIFY,  /* finding a limit in force; path is the file, value what was asked */
	CG2_OP_SPAWN,   /* making a process */
	CG2_OP_EXEC,    /* executing the program path: 127 for ENOENT, 126 for the rest */
	CG2_OP_FIND,    /* finding the scope path, or using it as asked */
	CG2_OP_STOP,    /* ending the scope path */
	CG2_OP_FREEZE,  /* freezing it */
	CG2_OP_THAW,    /* letting it go on */
	CG2_OP_MOVE,    /* moving the process value into the cgroup path */
	CG2_OP_OBSERVE, /* hearing of processes from the kernel's interface path */
	CG2_OP_SIGNAL,  /* sending a signal to the processes of the scope path */
	CG2_OP_DELETE,  /* removing the file path */
	CG2_OP_TRACE,   /* tracing the program path, or loading the library path for it */
};

/*
 * What a program can do about a failure or a verdict by means of this library, as data: it knows
 * how to say so in terms of its own options or menus. A hint, where there is one as well, speaks
 * the kernel's and systemd's words.
 */
enum cg2_advice_kind {
	CG2_ADVICE_NONE,
	CG2_ADVICE_RAISE_LIMIT,     /* a higher limit for the run */
	CG2_ADVICE_SET_LIMIT,       /* a limit for the run, which has none of that kind */
	CG2_ADVICE_OTHER_NAME,      /* cg2_run_set_unit(), cg2_attach_set_unit() */
	CG2_ADVICE_USER_MANAGER,    /* CG2_MANAGER_USER in place of the system's */
	CG2_ADVICE_SYSTEM_MANAGER,  /* CG2_MANAGER_SYSTEM, as root */
	CG2_ADVICE_AUTO_BACKEND,    /* CG2_BACKEND_AUTO */
	CG2_ADVICE_SYSTEMD_BACKEND, /* CG2_BACKEND_SYSTEMD, or not cg2_run_start_self() */
	CG2_ADVICE_SLICE,           /* cg2_run_set_slice() in place of cg2_run_set_inside() */
	CG2_ADVICE_FORCE,           /* cg2_attach_set_forced(), no CG2_SCOPES_GUARD */
	CG2_ADVICE_LEAVE_CHILDREN,  /* cg2_attach_set_children(..., false) */
	CG2_ADVICE_SIGNAL,          /* cg2_scopes_signal() in place of cg2_scopes_stop() */
	CG2_ADVICE_ELSEWHERE,       /* CG2_BACKEND_SYSTEMD */
	CG2_ADVICE_SELF,            /* cg2_run_start_self() */
	CG2_ADVICE_BEST_EFFORT,     /* cg2_run_set_best_effort() */
};

/*
 * Why something failed. The caller owns it, starts it with CG2_ERROR_INIT and ends it with
 * cg2_error_clear(). A function is never handed one that is already set. If memory runs out
 * while it is filled, the strings are missing and the code stays.
 */
struct cg2_error {
	int code;          /* a positive errno, 0: not set */
	unsigned int op;   /* enum cg2_op */
	char *path;        /* the file, cgroup, unit, program or option concerned, or NULL */
	char *value;       /* what was written, asked for or not understood, or NULL */
	char *detail;      /* the reason in words where strerror(code) would say too little */
	char *bus_name;    /* D-Bus error name, or NULL */
	char *bus_message; /* the manager's own sentence, or NULL */
	char *hint;        /* what the user can do about it, or NULL */
	unsigned int advice; /* enum cg2_advice_kind: what the caller can do */
	bool has_limit;      /* it is about a limit of the caller's: */
	unsigned int limit;  /* enum cg2_limit */
	void *reserved[4];
};

#define CG2_ERROR_INIT \
	{ 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, false, 0, { NULL, NULL, NULL, NULL } }

/* Frees what the error holds and makes it usable again. */
void cg2_error_clear(struct cg2_error *err);

/* Moves src to dest (which must be clear; NULL frees src) and leaves src clear. */
void cg2_error_move(struct cg2_error *dest, struct cg2_error *src);

/*
 * One line "what failed: on what: why", without the hint and without a newline.
 * ret_text: free with free(). Returns -ENOMEM.
 */
int cg2_error_format(const struct cg2_error *err, char **ret_text);

/* ------------------------------------------------------------------------------------------
 * Units: strict parsing, and formatting that parses back to the same value
 *
 * None of these accepts a sign, white space, trailing junk or an overflow. They return -EINVAL
 * for junk and -ERANGE for what is out of range, with the word in err->value and what is
 * accepted in err->detail.
 */

/* "123": decimal digits only. */
int cg2_u64_from_string(const char *text, uint64_t *ret_value);

/*
 * A size in bytes: "1048576", "512M", "1.5G", "64KiB", "max", "infinity", or "25%" of
 * total_bytes (0: percentages are not accepted). 1024-based; "512MB" is refused, since others
 * read it as 1000-based.
 */
int cg2_size_from_string(const char *text, uint64_t total_bytes, uint64_t *ret_bytes,
			 struct cg2_error *err);

/* "512M", "1.5G", "1000", "max": the shortest form that is exact. ret_text: free with free(). */
int cg2_size_to_string(uint64_t bytes, char **ret_text);

/* "30" (seconds), "1.5s", "200ms", "5min", "1h30min", "2d", "max", "infinity". */
int cg2_duration_from_string(const char *text, uint64_t *ret_usec, struct cg2_error *err);
int cg2_duration_to_string(uint64_t usec, char **ret_text);

/*
 * A moment, CLOCK_REALTIME in microseconds: "1h" (ago, counted from now_usec), "12:30" (today),
 * "2026-01-31 12:30:00", in the caller's time zone; "@1796012177"; "boot": 0.
 */
int cg2_moment_from_string(const char *text, uint64_t now_usec, uint64_t *ret_usec,
			   struct cg2_error *err);

/* "12.5%" with at most two decimals. */
int cg2_percent_from_string(const char *text, uint64_t *ret_permyriad, struct cg2_error *err);
int cg2_percent_to_string(uint64_t permyriad, char **ret_text);

/* An amount of CPU: "150%" or "1.5" (CPUs), or "max". ret_permyriad: 15000 for both. */
int cg2_cpu_from_string(const char *text, uint64_t *ret_permyriad, struct cg2_error *err);

/*
 * A list of CPUs or memory nodes, "0-3,8,10-11", into a bitmap of n_bits bits (bit i of byte
 * i / 8 is number i), n_bits / 8 bytes that the caller provides. A number of n_bits or more is
 * -ERANGE. The empty string is the empty list.
 */
int cg2_list_from_string(const char *text, uint8_t *bitmap, size_t n_bits,
			 struct cg2_error *err);

/* The canonical form of such a bitmap. ret_text: free with free(). */
int cg2_list_to_string(const uint8_t *bitmap, size_t n_bits, char **ret_text);

/* A signal's number from "TERM", "SIGTERM", "15", "RTMIN+3"; -EINVAL. */
int cg2_signal_from_string(const char *text, int *ret_signal, struct cg2_error *err);

/* "SIGTERM"; NULL for a number that is no signal. A static string, except for real-time
 * signals, for which it is NULL too. */
const char *cg2_signal_to_string(int sig);

/* ------------------------------------------------------------------------------------------
 * The shapes of cgroup v2 files
 *
 * They take a buffer and its length, so that what was read once can be searched more than once;
 * the buffer need not be terminated. Keys that the kernel adds later are passed over. -EBADMSG:
 * the buffer does not have that shape. -ENOENT: it does, without that key.
 */

/* One value and at most one newline: memory.max, pids.current, cgroup.freeze. "max" is CG2_MAX. */
int cg2_parse_value(const char *buf, size_t len, uint64_t *ret_value);

/* One value of a flat keyed file, "KEY VALUE" a line: memory.events, cpu.stat. */
int cg2_parse_flat(const char *buf, size_t len, const char *key, uint64_t *ret_value);

/*
 * One value of a nested keyed file, "NAME KEY=VALUE KEY=VALUE" a line: io.max, io.stat.
 */
int cg2_parse_nested(const char *buf, size_t len, const char *name, const char *key,
		     uint64_t *ret_value);

/*
 * The words of a list separated by blanks or newlines: cgroup.controllers, cgroup.procs. *pos
 * starts at 0. Returns 1 and the next word (not terminated, inside buf), 0 after the last one.
 */
int cg2_parse_word(const char *buf, size_t len, size_t *pos, const char **ret_word,
		   size_t *ret_len);

/* cpu.max: "QUOTA|max PERIOD". */
struct cg2_cpu_max {
	uint64_t quota_usec; /* CG2_MAX: none */
	uint64_t period_usec;
};
int cg2_parse_cpu_max(const char *buf, size_t len, struct cg2_cpu_max *ret_value);

/* A pressure file; averages in permyriad of the time. */
struct cg2_psi_line {
	uint64_t avg10_permyriad;
	uint64_t avg60_permyriad;
	uint64_t avg300_permyriad;
	uint64_t total_usec;
};

#define CG2_PSI_SOME (UINT64_C(1) << 0)
#define CG2_PSI_FULL (UINT64_C(1) << 1)

struct cg2_psi {
	uint64_t mask; /* which of the lines the file had: CG2_PSI_SOME, CG2_PSI_FULL */
	struct cg2_psi_line some;
	struct cg2_psi_line full;
};

/* The whole of a pressure file. */
int cg2_parse_psi(const char *buf, size_t len, struct cg2_psi *ret_psi);

/* ------------------------------------------------------------------------------------------
 * Context: a view of one machine's cgroups
 */

struct cg2_ctx;

/*
 * root: the directory in which sys/ and proc/ are found; NULL is "/". A dump of another
 * machine's files works too. Returns -ENOENT, -ENOTDIR, -EACCES, -ENOMEM.
 */
int cg2_ctx_new(const char *root, struct cg2_ctx **ret_ctx, struct cg2_error *err);
struct cg2_ctx *cg2_ctx_ref(struct cg2_ctx *ctx);
struct cg2_ctx *cg2_ctx_unref(struct cg2_ctx *ctx);

enum cg2_log_level {
	CG2_LOG_WARNING, /* something asked for will not be so; best effort only */
	CG2_LOG_NOTICE,  /* a limit of the caller's that holds for a run too */
	CG2_LOG_INFO,    /* what is done, and why */
	CG2_LOG_DEBUG,   /* every access to a cgroup file */
};

/*
 * One line of text without a newline. err: the failure behind it, whose hint and advice are not
 * in the text, or NULL; the library's.
 */
typedef void (*cg2_log_fn)(void *userdata, enum cg2_log_level level, const char *text,
			   const struct cg2_error *err);

/*
 * Where messages up to that level go. Without it the library is silent. The environment
 * variable CG2_DEBUG (secure_getenv, read by this call) raises the level to CG2_LOG_DEBUG: "all"
 * or "1" for all messages, "systemd,cgroup" for those of parts of the library, which have the
 * names of the folders of its source.
 */
void cg2_ctx_set_log(struct cg2_ctx *ctx, cg2_log_fn fn, void *userdata,
		     enum cg2_log_level level);

enum cg2_mode {
	CG2_MODE_NONE,    /* no cgroup file system is mounted */
	CG2_MODE_LEGACY,  /* cgroup v1 only */
	CG2_MODE_HYBRID,  /* v2 is mounted beside v1, which has controllers */
	CG2_MODE_UNIFIED, /* v2 only */
};

#define CG2_HIERARCHY_READ_ONLY     (UINT64_C(1) << 0) /* mounted read-only (Docker's default) */
#define CG2_HIERARCHY_NSDELEGATE    (UINT64_C(1) << 1) /* mount option nsdelegate */
#define CG2_HIERARCHY_RECURSIVEPROT (UINT64_C(1) << 2) /* mount option memory_recursiveprot */
#define CG2_HIERARCHY_PIDS_LOCAL    (UINT64_C(1) << 3) /* mount option pids_localevents */
#define CG2_HIERARCHY_NAMESPACED    (UINT64_C(1) << 4) /* the mount shows a part of the tree */
#define CG2_HIERARCHY_MEMORY_LOCAL  (UINT64_C(1) << 5) /* mount option memory_localevents */

/* What /proc/self/mountinfo and cgroup.controllers of the root say. */
struct cg2_hierarchy {
	size_t size;             /* sizeof(struct cg2_hierarchy), set by the caller */
	unsigned int mode;       /* enum cg2_mode */
	uint64_t flags;          /* CG2_HIERARCHY_... */
	uint64_t controllers;    /* bit i: cg2_controller_to_string(i), at the v2 root */
	const char *mount_point; /* of cgroup2, NULL without one; the ctx owns it */
};
int cg2_ctx_get_hierarchy(struct cg2_ctx *ctx, struct cg2_hierarchy *hierarchy,
			  struct cg2_error *err);

/* "cpu", "cpuset", "io", "memory", "pids", "hugetlb", "misc", "rdma"; NULL after the last. */
const char *cg2_controller_to_string(unsigned int controller);
int cg2_controller_from_string(const char *name);

/* ------------------------------------------------------------------------------------------
 * Groups: one cgroup each
 */

struct cg2_group;

/*
 * path: as in /proc/PID/cgroup, "/" is the root. Holds a descriptor of it, so a cgroup that
 * is removed and made again under its name is not mistaken for it. Returns -ENOENT when there
 * is none, or the path has a "..", -EOPNOTSUPP without cgroup v2.
 */
int cg2_group_open(struct cg2_ctx *ctx, const char *path, struct cg2_group **ret_group,
		   struct cg2_error *err);

/* The cgroup of a process, 0: of the caller. -ESRCH: no such process. */
int cg2_group_open_pid(struct cg2_ctx *ctx, pid_t pid, struct cg2_group **ret_group,
		       struct cg2_error *err);

/* Makes the child NAME (mkdir). -EEXIST, -EACCES, -EAGAIN: cgroup.max.depth or .descendants. */
int cg2_group_create(struct cg2_group *parent, const char *name, struct cg2_group **ret_group,
		     struct cg2_error *err);

/*
 * Removes it (rmdir). -EBUSY: processes or child cgroups are left in it. -ENOENT: it is gone,
 * though another one may have its path.
 */
int cg2_group_remove(struct cg2_group *group, struct cg2_error *err);

struct cg2_group *cg2_group_ref(struct cg2_group *group);
struct cg2_group *cg2_group_unref(struct cg2_group *group);

/* As given to cg2_group_open(); the group owns it. */
const char *cg2_group_get_path(struct cg2_group *group);

/* The descriptor of its directory; the group owns it. */
int cg2_group_get_fd(struct cg2_group *group);

/*
 * The whole content of a file of the cgroup, terminated by a NUL that is not counted.
 * ret_buf: free with free(). -ENOENT: the kernel, the controller or the cgroup is not there.
 */
int cg2_group_read(struct cg2_group *group, const char *file, char **ret_buf, size_t *ret_len,
		   struct cg2_error *err);

/* Reads a file that holds one value. */
int cg2_group_read_value(struct cg2_group *group, const char *file, uint64_t *ret_value,
			 struct cg2_error *err);

/* Reads one key of a flat keyed file. */
int cg2_group_read_flat(struct cg2_group *group, const char *file, const char *key,
			uint64_t *ret_value, struct cg2_error *err);

/*
 * One write(2) of the whole value. After a failure err->hint says what the kernel means by it
 * here: a controller that is not enabled, the no-internal-process rule, missing delegation.
 */
int cg2_group_write(struct cg2_group *group, const char *file, const char *value,
		    struct cg2_error *err);

/* Moves the process into the cgroup (cgroup.procs). 0: the caller. */
int cg2_group_move(struct cg2_group *group, pid_t pid, struct cg2_error *err);

/* Controllers that its files can use (cgroup.controllers), as a bit mask. */
int cg2_group_read_controllers(struct cg2_group *group, uint64_t *ret_mask,
			       struct cg2_error *err);

/* Enables controllers for its children (cgroup.subtree_control). -EBUSY: it holds processes. */
int cg2_group_enable_controllers(struct cg2_group *group, uint64_t mask, struct cg2_error *err);

/* SIGKILL to the whole subtree (cgroup.kill, kernel 5.14). */
int cg2_group_kill(struct cg2_group *group, struct cg2_error *err);

/* 1: a live process is in the subtree (cgroup.events), 0: none. */
int cg2_group_is_populated(struct cg2_group *group, struct cg2_error *err);

/*
 * How many processes are in the subtree. Those that end just then, and stand in no cgroup.procs any
 * more while Linux 7.2 still calls the cgroup populated, are waited for, some milliseconds at most.
 */
int cg2_group_count_processes(struct cg2_group *group, uint64_t *ret_n, struct cg2_error *err);

/* What a cgroup uses now; limits are CG2_MAX for "max", pressure is the average of 10 s. */
enum cg2_use {
	CG2_USE_MEMORY_BYTES,          /* memory.current */
	CG2_USE_MEMORY_MAX_BYTES,
	CG2_USE_MEMORY_HIGH_BYTES,
	CG2_USE_MEMORY_PEAK_BYTES,     /* memory.peak (kernel 5.19) */
	CG2_USE_SWAP_BYTES,
	CG2_USE_SWAP_MAX_BYTES,
	CG2_USE_TASKS_COUNT,           /* pids.current */
	CG2_USE_TASKS_MAX_COUNT,
	CG2_USE_TASKS_PEAK_COUNT,      /* pids.peak (6.1) */
	CG2_USE_TASKS_REFUSED_COUNT,   /* pids.events: forks refused */
	CG2_USE_CPU_USEC,              /* cpu.stat */
	CG2_USE_CPU_THROTTLED_USEC,
	CG2_USE_CPU_MAX_PERMYRIAD,     /* cpu.max */
	CG2_USE_CPU_WEIGHT,
	CG2_USE_CPU_SOME_PERMYRIAD,    /* cpu.pressure */
	CG2_USE_MEMORY_SOME_PERMYRIAD,
	CG2_USE_MEMORY_FULL_PERMYRIAD,
	CG2_USE_IO_SOME_PERMYRIAD,
	CG2_USE_IO_FULL_PERMYRIAD,
	CG2_USE_POPULATED,             /* cgroup.events */
	CG2_USE_FROZEN,
	CG2_USE_MEMORY_HIGH_COUNT,     /* memory.events */
	CG2_USE_MEMORY_MAX_COUNT,
	CG2_USE_OOM_KILL_COUNT,
	CG2_USE_FILE_BYTES,            /* memory.stat: file cache; costs the most */
	CG2_USE_ANON_BYTES,            /* memory.stat: what programs hold themselves */
};

/* Reads one of them: 1 and the value, 0 if the kernel does not tell. */
int cg2_group_read_use(struct cg2_group *group, enum cg2_use use, uint64_t *ret_value);

/* ------------------------------------------------------------------------------------------
 * Limits: one table, read by the parser, the D-Bus call, the direct write and the read-back
 */

enum cg2_limit {
	CG2_LIMIT_MEMORY_MAX,
	CG2_LIMIT_MEMORY_HIGH,
	CG2_LIMIT_MEMORY_LOW,
	CG2_LIMIT_MEMORY_MIN,
	CG2_LIMIT_SWAP_MAX,
	CG2_LIMIT_CPU_MAX,
	CG2_LIMIT_CPU_WEIGHT,
	CG2_LIMIT_TASKS_MAX,
	CG2_LIMIT_IO_WEIGHT,
	CG2_LIMIT_IO_MAX,
	CG2_LIMIT_CPUSET_CPUS,
	CG2_LIMIT_CPUSET_MEMS,
	CG2_LIMIT_OOM_GROUP,
	CG2_LIMIT_WALL_TIME,
	CG2_LIMIT_CPU_TIME,
};

enum cg2_unit {
	CG2_UNIT_BYTES,
	CG2_UNIT_TASKS,
	CG2_UNIT_PERMYRIAD, /* of one CPU */
	CG2_UNIT_WEIGHT,    /* 1 to 10000; CG2_WEIGHT_IDLE */
	CG2_UNIT_BOOL,
	CG2_UNIT_LIST, /* of CPUs or memory nodes, canonical text */
	CG2_UNIT_IO,   /* a value for each device and key */
	CG2_UNIT_USEC,
};

#define CG2_WEIGHT_IDLE UINT64_C(0) /* cpu.idle */

/* A row of the table; static. */
struct cg2_limit_info {
	size_t size;
	unsigned int limit;     /* enum cg2_limit */
	unsigned int unit;      /* enum cg2_unit */
	char short_option;      /* 'm', or 0 */
	const char *option;     /* "mem" */
	const char *aliases[2]; /* further long options, or NULL */
	const char *metavar;    /* "SIZE", or "continue|kill" for a choice */
	const char *help;       /* one line */
	const char *file;       /* "memory.max", NULL: the library keeps the limit itself */
	const char *controller; /* "memory", NULL: none is needed */
	const char *property;   /* systemd's name, "MemoryMax"; NULL: none */
};

/* NULL after the last one. */
const struct cg2_limit_info *cg2_limit_get_info(unsigned int limit);

/* A set of limits. */
struct cg2_limits;

int cg2_limits_new(struct cg2_ctx *ctx, struct cg2_limits **ret_limits);
struct cg2_limits *cg2_limits_ref(struct cg2_limits *limits);
struct cg2_limits *cg2_limits_unref(struct cg2_limits *limits);

/*
 * Sets a limit from the text that a user writes for its option. Percentages, the number of
 * CPUs, block devices and the like are resolved on this machine. io.max may be given more than
 * once, for further devices; another limit that is given again is replaced. -EINVAL, -ERANGE.
 */
int cg2_limits_parse(struct cg2_limits *limits, enum cg2_limit limit, const char *text,
		     struct cg2_error *err);

/* Sets a limit whose unit is a number. -EINVAL for CG2_UNIT_LIST and CG2_UNIT_IO, -ERANGE. */
int cg2_limits_set(struct cg2_limits *limits, enum cg2_limit limit, uint64_t value);

/* 1 and the value, 0 if it is not set. -EINVAL for CG2_UNIT_LIST and CG2_UNIT_IO. */
int cg2_limits_get(struct cg2_limits *limits, enum cg2_limit limit, uint64_t *ret_value);

/* 1 and the limit as a user would write it, 0 if it is not set. ret_text: free with free(). */
int cg2_limits_to_string(struct cg2_limits *limits, enum cg2_limit limit, char **ret_text);

/*
 * A limit as a setting of a unit file, "MemoryMax=512M"; of io.max the i-th, others have one. 1 and
 * the setting, 0: it is not set, or has not so many. -EOPNOTSUPP: systemd has none
 * (CG2_LIMIT_CPU_TIME). ret_setting: free with free(). Since 0.2.0.
 */
int cg2_limits_get_setting(struct cg2_limits *limits, enum cg2_limit limit, size_t i,
			   char **ret_setting);

/* ------------------------------------------------------------------------------------------
 * Targets: what a user names, as a cgroup
 */

enum cg2_manager {
	CG2_MANAGER_AUTO,   /* the system's for root, else the caller's own */
	CG2_MANAGER_USER,   /* the caller's own (user@UID.service) */
	CG2_MANAGER_SYSTEM, /* PID 1 */
};

struct cg2_target;

/*
 * word: NULL for the caller, a PID, the path of a cgroup ("/user.slice", or below the mount
 * point), or the name of a unit; a name without a type is a scope's. A unit is looked for in the
 * tree of the manager's cgroups, then asked for over D-Bus (LoadUnit); CG2_MANAGER_AUTO is the
 * caller's own manager and then the system's. -EINVAL: no such word. -ENOENT: no such unit or
 * cgroup. -ESRCH: no such process, or a unit that is not running.
 */
int cg2_target_open(struct cg2_ctx *ctx, const char *word, enum cg2_manager manager,
		    struct cg2_target **ret_target, struct cg2_error *err);

/* The slice of a user, given by name or number. -ENOENT: no such user, or not logged in. */
int cg2_target_open_user(struct cg2_ctx *ctx, const char *name, struct cg2_target **ret_target,
			 struct cg2_error *err);
struct cg2_target *cg2_target_ref(struct cg2_target *target);
struct cg2_target *cg2_target_unref(struct cg2_target *target);

/* The word that it was opened with, "" for the caller; the target owns it. */
const char *cg2_target_get_name(struct cg2_target *target);

/* Its cgroup; the target owns it. */
struct cg2_group *cg2_target_get_group(struct cg2_target *target);

/*
 * The unit that the cgroup is or is in, NULL without one, and whose unit it is. A user's may be
 * another user's than the caller.
 */
const char *cg2_target_get_unit(struct cg2_target *target);
enum cg2_manager cg2_target_get_manager(struct cg2_target *target);

/* The process, the caller's own for the caller; 0: the target is none. */
pid_t cg2_target_get_pid(struct cg2_target *target);

/* ------------------------------------------------------------------------------------------
 * Checks: what limits a target, from its cgroup up to the root
 */

struct cg2_check;

/*
 * Reads use and limits of every level (some dozen files), what limits the target's process
 * beside them, and what systemd was told of the levels' units (Properties.GetAll). needs, which
 * may be NULL, are asked for: is there that much, and can it be set? The answer is a finding. A
 * check is a picture of one moment. -ENOENT: the cgroup was removed meanwhile.
 */
int cg2_check_read(struct cg2_target *target, struct cg2_limits *needs,
		   struct cg2_check **ret_check, struct cg2_error *err);
struct cg2_check *cg2_check_ref(struct cg2_check *check);
struct cg2_check *cg2_check_unref(struct cg2_check *check);

/* The levels, 0 is the target's; NULL after the root. unit: whose own cgroup it is, or NULL. */
const char *cg2_check_get_cgroup(struct cg2_check *check, size_t level);
const char *cg2_check_get_unit(struct cg2_check *check, size_t level);

enum cg2_level_figure {
	CG2_LEVEL_TASKS_COUNT,       /* pids.current */
	CG2_LEVEL_TASKS_MAX_COUNT,   /* pids.max */
	CG2_LEVEL_MEMORY_BYTES,      /* memory.current */
	CG2_LEVEL_MEMORY_MAX_BYTES,  /* memory.max */
	CG2_LEVEL_MEMORY_HIGH_BYTES, /* memory.high */
	CG2_LEVEL_CACHE_BYTES,       /* clean file cache (memory.stat), only below a memory.max */
	CG2_LEVEL_SWAP_BYTES,        /* memory.swap.current */
	CG2_LEVEL_SWAP_MAX_BYTES,    /* memory.swap.max */
	CG2_LEVEL_CPU_MAX_PERMYRIAD, /* cpu.max */
	CG2_LEVEL_CPU_WEIGHT,        /* cpu.weight */
};

/* 1 and the figure, CG2_MAX for no limit; 0: the level has no such file. */
int cg2_check_get_figure(struct cg2_check *check, size_t level, enum cg2_level_figure figure,
			 uint64_t *ret_value);

enum cg2_level_text {
	CG2_LEVEL_CPUS,   /* cpuset.cpus.effective */
	CG2_LEVEL_MEMS,   /* cpuset.mems.effective */
	CG2_LEVEL_IO_MAX, /* io.max */
};

/* The file's text without its last newline, NULL without the file; the check's. */
const char *cg2_check_get_text(struct cg2_check *check, size_t level, enum cg2_level_text text);

enum cg2_resource {
	CG2_RESOURCE_TASKS,
	CG2_RESOURCE_MEMORY, /* bytes */
	CG2_RESOURCE_SWAP,   /* bytes */
	CG2_RESOURCE_CPU,    /* permyriad of one CPU */
};

/* "memory"; NULL for a number that is none. */
const char *cg2_resource_to_string(unsigned int resource);

enum cg2_source {
	CG2_SOURCE_CGROUP,
	CG2_SOURCE_RLIMIT, /* of the process */
	CG2_SOURCE_KERNEL, /* of the machine: kernel.threads-max, kernel.pid_max, swap, CPUs */
	CG2_SOURCE_RAM,
};

/* "cgroup"; NULL for a number that is none. */
const char *cg2_source_to_string(unsigned int source);

/* The limit that leaves the least. The strings are the check's. */
struct cg2_effective {
	size_t size;
	unsigned int source; /* enum cg2_source */
	const char *file;    /* "memory.max", "RLIMIT_NPROC", "kernel.threads-max", "ram" */
	const char *cgroup;  /* NULL: no cgroup's */
	uint64_t limit;
	uint64_t current;
	uint64_t headroom; /* clean file cache counts as free memory; the limit if unknown */
	bool is_use_known; /* current and headroom are; never for CPUs */
};

/* 1 and the limit, 0 if nothing limits it. effective->size is set by the caller. */
int cg2_check_get_effective(struct cg2_check *check, enum cg2_resource resource,
			    struct cg2_effective *effective);

/* The lowest limit of a device and key of io.max. The strings are the check's. */
struct cg2_io_effective {
	size_t size;
	const char *device; /* "8:0" */
	const char *key;    /* "rbps" */
	const char *cgroup;
	uint64_t limit;
};

/* The i-th: 1, or 0 after the last one. io->size is set by the caller. */
int cg2_check_get_io(struct cg2_check *check, size_t i, struct cg2_io_effective *io);

enum cg2_severity {
	CG2_SEVERITY_INFO,
	CG2_SEVERITY_WARNING,
	CG2_SEVERITY_ERROR,
};

/* "warning"; NULL for a number that is none. */
const char *cg2_severity_to_string(unsigned int severity);

/* Something that is in the way, or will be. The strings are the check's. */
struct cg2_finding {
	size_t size;
	const char *id;        /* a row of the table of findings; for scripts */
	unsigned int severity; /* enum cg2_severity */
	const char *cgroup;    /* NULL: no cgroup's */
	const char *text;
	const char *fix; /* what to do, NULL: nothing */
};

/* The i-th, the worst first: 1, or 0 after the last one. finding->size is set by the caller. */
int cg2_check_get_finding(struct cg2_check *check, size_t i, struct cg2_finding *finding);

struct cg2_finding_info {
	size_t size;
	const char *id;
	const char *help; /* one line */
};

/* The table of findings; NULL after the last one. */
const struct cg2_finding_info *cg2_finding_get_info(unsigned int finding);

/* All cgroups of the machine that are near to a limit of their own. */
struct cg2_worst;

/*
 * share_permyriad: less than that of a limit is left, 1000 for a tenth; of pids.max, memory.max
 * (clean file cache counts as free) or memory.swap.max.
 */
int cg2_worst_read(struct cg2_ctx *ctx, uint64_t share_permyriad, struct cg2_worst **ret_worst,
		   struct cg2_error *err);
struct cg2_worst *cg2_worst_ref(struct cg2_worst *worst);
struct cg2_worst *cg2_worst_unref(struct cg2_worst *worst);

/* How many cgroups there are, near to a limit or not. */
uint64_t cg2_worst_get_count(struct cg2_worst *worst);

/* The strings are the worst's. */
struct cg2_worst_entry {
	size_t size;
	unsigned int resource; /* enum cg2_resource */
	const char *cgroup;
	uint64_t limit;
	uint64_t current;
	uint64_t headroom;
};

/* The i-th, the worst first: 1, or 0 after the last one. entry->size is set by the caller. */
int cg2_worst_get(struct cg2_worst *worst, size_t i, struct cg2_worst_entry *entry);

/* ------------------------------------------------------------------------------------------
 * The doctor: is this machine able to limit what its users run?
 */

struct cg2_doctor;

/*
 * Tests by doing where that is safe: scopes named cgscope-doctor-... are made with a limit each,
 * which is read back, and removed. limits: those that are asked about in place of the usual ones,
 * or NULL. What is wrong with the machine is a diagnosis, not an error.
 */
int cg2_doctor_read(struct cg2_ctx *ctx, enum cg2_manager manager, struct cg2_limits *limits,
		    struct cg2_doctor **ret_doctor, struct cg2_error *err);
struct cg2_doctor *cg2_doctor_ref(struct cg2_doctor *doctor);
struct cg2_doctor *cg2_doctor_unref(struct cg2_doctor *doctor);

enum cg2_health {
	CG2_HEALTH_PASS,
	CG2_HEALTH_WARN, /* something less will be possible, or told */
	CG2_HEALTH_FAIL, /* limits can't work */
};

/* "warn"; NULL for a number that is none. */
const char *cg2_health_to_string(unsigned int health);

/* The strings are the doctor's. */
struct cg2_diagnosis {
	size_t size;
	const char *id;      /* a row of the table of tests; for scripts */
	unsigned int health; /* enum cg2_health */
	const char *text;
	const char *fix; /* what to do, NULL: nothing */
};

/* The i-th: 1, or 0 after the last one. diagnosis->size is set by the caller. */
int cg2_doctor_get(struct cg2_doctor *doctor, size_t i, struct cg2_diagnosis *diagnosis);

/* The table of tests; NULL after the last one. */
const struct cg2_finding_info *cg2_doctor_get_info(unsigned int test);

/* ------------------------------------------------------------------------------------------
 * Thresholds: how much use, or pressure, is worth an event
 */

enum cg2_threshold_kind {
	CG2_THRESHOLD_TASKS,
	CG2_THRESHOLD_MEMORY,
	CG2_THRESHOLD_PRESSURE,
};

enum cg2_pressure {
	CG2_PRESSURE_CPU,
	CG2_PRESSURE_MEMORY,
	CG2_PRESSURE_IO,
};

/*
 * One of "tasks:80%", "tasks:200", "memory:90%", "memory:1G" and "pressure:memory:some:10%/2s"
 * (/2s may be left out). A percentage is of the effective limit: of the cgroup's own, an
 * ancestor's or the machine's, that which leaves the least; a number is of the cgroup itself. Of
 * pressure it is the share of the window in which some or all tasks were stalled.
 */
struct cg2_threshold {
	size_t size;
	unsigned int kind;     /* enum cg2_threshold_kind */
	unsigned int pressure; /* enum cg2_pressure */
	bool is_full;          /* of pressure: "full", else "some" */
	bool is_share;         /* permyriad counts, else value */
	uint64_t permyriad;
	uint64_t value;        /* tasks, or bytes */
	uint64_t window_usec;  /* of pressure */
};

/* threshold->size is set by the caller. -EINVAL, -ERANGE: more than 100 %, or nothing. */
int cg2_threshold_from_string(const char *text, struct cg2_threshold *threshold,
			      struct cg2_error *err);

/* The form that parses back to the same. ret_text: free with free(). */
int cg2_threshold_to_string(const struct cg2_threshold *threshold, char **ret_text);

/* ------------------------------------------------------------------------------------------
 * Runs: a command in a cgroup of its own
 *
 * With systemd: a delegated transient scope (StartTransientUnit), in it the cgroup "run" with
 * the command and the cgroup "hold" with one small process of the library's. That one keeps the
 * scope's counters readable until they are read, and ends the whole scope if the caller dies
 * before cg2_run_finish(). Every limit is read back before the command's first instruction.
 */

enum cg2_backend {
	CG2_BACKEND_AUTO,     /* the first of those below that is possible */
	CG2_BACKEND_NESTED,   /* a cgroup in the enclosing unit, which is delegated to us */
	CG2_BACKEND_SYSTEMD,  /* a delegated scope of a manager */
	CG2_BACKEND_CGROUPFS, /* a cgroup below the caller's, where there is no systemd */
};

/* "nested"; NULL for a number that is none. */
const char *cg2_backend_to_string(unsigned int backend);

enum cg2_leftovers {
	CG2_LEFTOVERS_LEAVE, /* they go on, under the scope's limits */
	CG2_LEFTOVERS_KILL,  /* SIGKILL */
	CG2_LEFTOVERS_WAIT,  /* the run ends when they have */
};

/* What ended the command. */
enum cg2_end {
	CG2_END_NONE, /* nothing of ours: it ended by itself or by somebody's signal */
	CG2_END_WALL_TIME,
	CG2_END_CPU_TIME,
	CG2_END_THRESHOLD,
};

struct cg2_run;

/* limits may be NULL; it is not changed, and not used after cg2_run_start(). */
int cg2_run_new(struct cg2_ctx *ctx, struct cg2_limits *limits, struct cg2_run **ret_run);

/*
 * Without cg2_run_finish() the last unref kills what is still in the cgroup, as the death of
 * the process would.
 */
struct cg2_run *cg2_run_ref(struct cg2_run *run);
struct cg2_run *cg2_run_unref(struct cg2_run *run);

/*
 * The program and its arguments, copied. file is used as it is, without a search in PATH (see
 * cg2_find_program()). env: NULL for the caller's, as it is at cg2_run_prepare(). -EBUSY after
 * that.
 */
int cg2_run_set_command(struct cg2_run *run, const char *file, const char *const argv[],
			const char *const envp[]);

/* The command's working directory; default: the caller's. -EBUSY after cg2_run_prepare(). */
int cg2_run_set_directory(struct cg2_run *run, const char *path);

/*
 * The command's standard streams; -1: the caller's. Other descriptors are inherited unless they
 * are close-on-exec.
 */
void cg2_run_set_stdio(struct cg2_run *run, int in, int out, int err);

/*
 * Whether LISTEN_PID=, LISTEN_PIDFDID= and WATCHDOG_PID= of the command's environment, where they
 * name the calling process, name the command instead: for a program that stands in for the one
 * it starts, see sd_listen_fds(3). Default: no, the environment is taken as it is.
 */
void cg2_run_set_activation(struct cg2_run *run, bool passes);

/*
 * The command's signal mask (default: the caller's when it is started) and the signals that it
 * starts with ignored beside those that the caller ignores (default: none).
 */
void cg2_run_set_signals(struct cg2_run *run, const sigset_t *mask, const sigset_t *ignored);

/*
 * Where the run's cgroup is made. Another one than AUTO that is not possible is refused at the
 * start: -EPERM. AUTO takes a manager if one of the caller's wishes needs it: a manager or a
 * slice that was set, a property without a cgroup file.
 */
void cg2_run_set_backend(struct cg2_run *run, enum cg2_backend backend);

/*
 * What was decided at the start, and why, in a few words; AUTO and NULL before, AUTO too where best
 * effort does without a cgroup.
 */
enum cg2_backend cg2_run_get_backend(struct cg2_run *run);
const char *cg2_run_get_placement_reason(struct cg2_run *run);

/*
 * The cgroup that the command ended in, if it had left the run for it, as systemd-run --scope
 * does; else NULL. The run's limits do not apply there.
 */
const char *cg2_run_get_left_for(struct cg2_run *run);

/* Which manager makes the scope. */
void cg2_run_set_manager(struct cg2_run *run, enum cg2_manager manager);

/*
 * Names. unit: the scope's name with or without ".scope", in use: -EEXIST at the start. prefix:
 * of a name that is made up, default "cgscope-" and the command's name. slice: with or without
 * ".slice". description: as systemd shows it. -EINVAL for what is no unit name.
 */
int cg2_run_set_unit(struct cg2_run *run, const char *name, struct cg2_error *err);
int cg2_run_set_prefix(struct cg2_run *run, const char *prefix, struct cg2_error *err);
int cg2_run_set_slice(struct cg2_run *run, const char *slice, struct cg2_error *err);
int cg2_run_set_description(struct cg2_run *run, const char *text, struct cg2_error *err);

/*
 * A property of the scope, "NAME=VALUE" in the syntax of systemd's unit files. -EINVAL for one
 * that scopes do not have, for a bad value, and for one that a limit of the table or the run
 * itself sets: err->detail says which.
 */
int cg2_run_add_property(struct cg2_run *run, const char *assignment, struct cg2_error *err);

/*
 * A limit that cannot be enforced is a warning to the log, not the end. Nor is it that no cgroup
 * can be made, where no systemd runs: then the command runs in the caller's.
 */
void cg2_run_set_best_effort(struct cg2_run *run, bool best_effort);

/*
 * Where the command runs in the caller's cgroup, the caller becomes a child subreaper (prctl(2)):
 * what the command leaves behind are its children then, which the time limit reaches, and
 * leftovers. Only for a caller that has no other children than the run's, and reaps them.
 */
void cg2_run_set_adopting(struct cg2_run *run, bool adopting);

/* What a time limit sends first (SIGTERM), and how long until SIGKILL (5 s). */
void cg2_run_set_grace(struct cg2_run *run, int sig, uint64_t grace_usec);

/* What is done when a run crosses a threshold. */
enum cg2_crossing {
	CG2_CROSSING_WARN, /* it is told, at CG2_LOG_WARNING and as a note of the record */
	CG2_CROSSING_STOP, /* the group is ended as by a time limit: CG2_END_THRESHOLD */
};

/*
 * Watches what the command uses while it runs, see cg2_threshold_from_string(). What can't be
 * watched fails cg2_run_prepare(): -EOPNOTSUPP for pressure on a kernel without PSI. A caller that
 * is stopped (cg2_run_doze()) watches time limits alone.
 */
int cg2_run_add_threshold(struct cg2_run *run, const struct cg2_threshold *threshold,
			  enum cg2_crossing crossing);

/*
 * Samples the split of the memory into anonymous and file pages while the command runs, soon
 * after its start and then up to once a second. Default: no samples.
 */
void cg2_run_set_sampling(struct cg2_run *run, bool sampling);

/*
 * Observes the run's processes for its record, see "Processes" below. Where that is not possible,
 * a message of CG2_LOG_WARNING says why, and the run goes on without.
 */
void cg2_run_set_processes(struct cg2_run *run, bool processes);

/*
 * What becomes of processes that outlive the command. A wall time limit holds for those that are
 * left too: a process of the library's sees to it after cg2_run_finish(), until none is left.
 */
void cg2_run_set_leftovers(struct cg2_run *run, enum cg2_leftovers leftovers);

/* How long the manager may take to answer (30 s); a prompt for authentication does not count. */
void cg2_run_set_deadline(struct cg2_run *run, uint64_t usec);

/*
 * Makes the scope and verifies the limits; the command is not there yet. What takes long is in
 * here: a caller that blocks signals to forward them can do so between this and
 * cg2_run_start(), and can be ended by them until then. On failure no unit and no process is
 * left, and the run is of no further use. -ECHILD: the program ignores SIGCHLD, and so could not
 * wait.
 */
int cg2_run_prepare(struct cg2_run *run, struct cg2_error *err);

/*
 * Starts the command, after cg2_run_prepare() if that was not called before. On failure nothing
 * has been executed, no unit and no process is left, and err->op tells CG2_OP_EXEC from the
 * rest.
 */
int cg2_run_start(struct cg2_run *run, struct cg2_error *err);

/*
 * Puts the calling process itself into such a scope, without a child and without supervision,
 * and verifies the limits; the caller then executes what it likes. A wall time limit is left to
 * the manager (RuntimeMaxSec). -EINVAL with a CPU time limit or leftovers to be handled.
 */
int cg2_run_start_self(struct cg2_run *run, struct cg2_error *err);

/*
 * A descriptor that becomes readable when cg2_run_dispatch() has something to do. Another one
 * after a dispatch of a command that goes on.
 */
int cg2_run_get_fd(struct cg2_run *run);

/*
 * A caller's first wait should be no longer than this: cg2_run_dispatch() then prepares for what
 * may happen to a command that goes on, such as forks that a cgroup above refuses. Runs that are
 * over before do without, and cost less.
 */
#define CG2_RUN_SETTLE_MSEC 100

/*
 * Does what is due: time limits, the command's end, leftovers. Never blocks. Returns 1 when
 * the run is over, 0 while it goes on.
 */
int cg2_run_dispatch(struct cg2_run *run, struct cg2_error *err);

/* Waits for and dispatches until the run is over. */
int cg2_run_wait(struct cg2_run *run, struct cg2_error *err);

/*
 * The command's process. It is a child of the caller, reaped by cg2_run_dispatch(), and may be
 * waited for with WSTOPPED | WCONTINUED by the caller.
 */
pid_t cg2_run_get_pid(struct cg2_run *run);

/* A signal to the command; once it has ended, to everything that is left. */
int cg2_run_signal(struct cg2_run *run, int sig, struct cg2_error *err);

/*
 * To be called right before the caller stops itself because its command was stopped: it gets
 * SIGCONT from cg2_run_get_holder() when the command goes on or ends, or a time limit may be due,
 * until it calls cg2_run_dispatch(). -errno: nothing will wake it.
 */
int cg2_run_doze(struct cg2_run *run);

/* The library's own process: a child that a wait for any may reap; 0 when it is gone. */
pid_t cg2_run_get_holder(struct cg2_run *run);

/* 1, CLD_EXITED, CLD_KILLED or CLD_DUMPED, and the exit code or signal; 0 before its end. */
int cg2_run_get_exit(struct cg2_run *run, int *ret_code, int *ret_status);

/* What ended the command. */
enum cg2_end cg2_run_get_end(struct cg2_run *run);

/* The scope's unit name, the manager, and the command's cgroup or NULL; the run owns them. */
const char *cg2_run_get_unit(struct cg2_run *run);
enum cg2_manager cg2_run_get_manager(struct cg2_run *run);
struct cg2_group *cg2_run_get_group(struct cg2_run *run);

/* Releases the scope after the run is over. Leftovers were dealt with before. */
int cg2_run_finish(struct cg2_run *run, struct cg2_error *err);

/*
 * The file that execvp(3) would execute for name with the caller's PATH. ret_path: free with
 * free(). -ENOENT: there is none; -EACCES: there is one, which may not be executed.
 */
int cg2_find_program(const char *name, char **ret_path, struct cg2_error *err);

/* ------------------------------------------------------------------------------------------
 * Processes: forks, execs and exits in cgroups, and what each process used
 *
 * From the process events connector (drivers/connector/cn_proc.c) and the exit records of taskstats
 * (Documentation/accounting/taskstats.rst), which need CAP_NET_ADMIN in the initial namespaces.
 * Events do not say in which cgroup they happen. What is in a group at first is read from
 * cgroup.procs; from there on a child belongs where its parent does, unless /proc/PID/cgroup says
 * otherwise while it lives. Who came in by another way is noticed by its next exec.
 */

enum cg2_process_change { CG2_PROCESS_FORK, CG2_PROCESS_EXEC, CG2_PROCESS_EXIT };

/* Of a process that has ended, its threads included. Delays are times of waiting. */
enum cg2_process_figure {
	CG2_PROCESS_CPU_USEC,
	CG2_PROCESS_PEAK_RSS_BYTES,
	CG2_PROCESS_CPU_DELAY_USEC,
	CG2_PROCESS_IO_DELAY_USEC, /* this and the rest: only with kernel.task_delayacct */
	CG2_PROCESS_RECLAIM_DELAY_USEC,
	CG2_PROCESS_SWAP_DELAY_USEC,
	CG2_PROCESS_THRASHING_DELAY_USEC,
};

struct cg2_process;
struct cg2_process *cg2_process_ref(struct cg2_process *process);
struct cg2_process *cg2_process_unref(struct cg2_process *process);

/* Its number, and that of the process that forked it; 0: not known. */
pid_t cg2_process_get_pid(struct cg2_process *process);
pid_t cg2_process_get_ppid(struct cg2_process *process);

/* Its name as in /proc/PID/comm, 15 bytes at most; NULL: not known. The process's. */
const char *cg2_process_get_command(struct cg2_process *process);

/* The group it belongs to, one of those that are observed; the process's. */
struct cg2_group *cg2_process_get_group(struct cg2_process *process);

/* How it ended, as in siginfo_t: CLD_..., exit code or signal. 0: it has not, or nobody knows. */
int cg2_process_get_exit(struct cg2_process *process, int *ret_code, int *ret_status);

/* 1 and the value, or 0: it is not known. */
int cg2_process_get_figure(struct cg2_process *process, enum cg2_process_figure figure,
			   uint64_t *ret_value);

struct cg2_processes;

/* -EPERM: CAP_NET_ADMIN is missing; -EOPNOTSUPP: in a container; -ENOENT: there is no libmnl. */
int cg2_processes_new(struct cg2_ctx *ctx, struct cg2_processes **ret_processes,
		      struct cg2_error *err);
struct cg2_processes *cg2_processes_ref(struct cg2_processes *processes);
struct cg2_processes *cg2_processes_unref(struct cg2_processes *processes);

/* Observes the group and those below it, from now on; and no longer. */
int cg2_processes_add_group(struct cg2_processes *processes, struct cg2_group *group,
			    struct cg2_error *err);
void cg2_processes_remove_group(struct cg2_processes *processes, struct cg2_group *group);

/* Readable when there is something to dispatch; for poll(2) alone. */
int cg2_processes_get_fd(struct cg2_processes *processes);

/*
 * 1 and the next change, 0: there is none now. Does not wait. The process is valid until the next
 * call; take a reference to keep it.
 */
int cg2_processes_dispatch(struct cg2_processes *processes,
			   enum cg2_process_change *ret_change,
			   struct cg2_process **ret_process, struct cg2_error *err);

/*
 * Events of the machine that came faster than they were read, and ends without a record. After a
 * loss the groups are scanned again: who is found missing gets its CG2_PROCESS_EXIT.
 */
uint64_t cg2_processes_get_lost(struct cg2_processes *processes);

/* Processes left out, since it could not be told for certain that they were in a group. */
uint64_t cg2_processes_get_unjoined(struct cg2_processes *processes);

/* ------------------------------------------------------------------------------------------
 * Records: what a run used, and why it ended as it did
 */

/* Why a run ended; the first that applies, in this order. */
enum cg2_verdict {
	CG2_VERDICT_REFUSED,   /* it was not started */
	CG2_VERDICT_EXEC,      /* it could not be executed */
	CG2_VERDICT_WALL_TIME, /* CG2_LIMIT_WALL_TIME ended it */
	CG2_VERDICT_CPU_TIME,  /* CG2_LIMIT_CPU_TIME ended it */
	CG2_VERDICT_PRESSURE,  /* a threshold of cg2_run_add_threshold() ended it */
	CG2_VERDICT_OOMD,      /* systemd-oomd killed the group */
	CG2_VERDICT_OOM,       /* the kernel killed a process of the group for want of memory */
	CG2_VERDICT_TASKS,     /* it failed, and forks were refused */
	CG2_VERDICT_SIGNAL,    /* killed by a signal that no limit sent */
	CG2_VERDICT_FAILED,    /* ended with another code than 0 */
	CG2_VERDICT_OK,
};

/* "oom"; NULL for a number that is none. "time" and "cpu_time" for the time limits. */
const char *cg2_verdict_to_string(unsigned int verdict);
int cg2_verdict_from_string(const char *text);

/*
 * Figures of the command's own cgroup, read when the run was over. One that the kernel does not
 * give, or that was lost, is unknown.
 */
enum cg2_figure {
	CG2_FIGURE_WALL_USEC,               /* from the command's start to the run's end */
	CG2_FIGURE_CPU_USAGE_USEC,          /* cpu.stat */
	CG2_FIGURE_CPU_USER_USEC,
	CG2_FIGURE_CPU_SYSTEM_USEC,
	CG2_FIGURE_CPU_THROTTLED_USEC,      /* only with a CPU limit */
	CG2_FIGURE_CPU_PERIODS_COUNT,       /* nr_periods */
	CG2_FIGURE_CPU_THROTTLED_COUNT,     /* nr_throttled */
	CG2_FIGURE_MEMORY_PEAK_BYTES,       /* memory.peak, page cache included (kernel 5.19) */
	CG2_FIGURE_SWAP_PEAK_BYTES,         /* memory.swap.peak (6.5) */
	CG2_FIGURE_ANON_PEAK_BYTES,         /* sampled from memory.stat; unknown without a sample */
	CG2_FIGURE_FILE_PEAK_BYTES,         /* sampled too */
	CG2_FIGURE_MAX_RSS_BYTES,           /* ru_maxrss: the largest of the reaped processes */
	CG2_FIGURE_MEMORY_LOW_COUNT,        /* memory.events */
	CG2_FIGURE_MEMORY_HIGH_COUNT,
	CG2_FIGURE_MEMORY_MAX_COUNT,
	CG2_FIGURE_MEMORY_OOM_COUNT,
	CG2_FIGURE_MEMORY_OOM_KILL_COUNT,
	CG2_FIGURE_MEMORY_OOM_GROUP_KILL_COUNT,
	CG2_FIGURE_TASKS_PEAK_COUNT,        /* pids.peak (6.1) */
	CG2_FIGURE_TASKS_REFUSED_COUNT,     /* forks refused, by whichever cgroup's pids.max */
	CG2_FIGURE_IO_READ_BYTES,           /* io.stat, all devices; only with the io controller */
	CG2_FIGURE_IO_WRITE_BYTES,
	CG2_FIGURE_IO_READ_COUNT,
	CG2_FIGURE_IO_WRITE_COUNT,
	CG2_FIGURE_CPU_SOME_USEC,           /* the pressure files' totals */
	CG2_FIGURE_CPU_FULL_USEC,
	CG2_FIGURE_MEMORY_SOME_USEC,
	CG2_FIGURE_MEMORY_FULL_USEC,
	CG2_FIGURE_IO_SOME_USEC,
	CG2_FIGURE_IO_FULL_USEC,
	CG2_FIGURE_LEFTOVERS_COUNT,         /* processes that are left in the group */
	CG2_FIGURE_NESTED_RUNS_COUNT,       /* runs in this one, and what their own limits did: */
	CG2_FIGURE_NESTED_OOM_KILL_COUNT,   /* it is no part of the verdict, but memory.events */
	CG2_FIGURE_NESTED_REFUSED_COUNT,    /* counts it */
	CG2_FIGURE_CACHE_PEAK_BYTES,        /* sampled: file memory but for that of tmpfs */
};

/* A limit that was asked for. */
struct cg2_record_limit {
	size_t size;
	const char *name;           /* "memory.max", "time", "cpu_time" */
	unsigned int unit;          /* enum cg2_unit */
	const char *device;         /* io.max: "8:0", else NULL */
	const char *key;            /* io.max: "wbps", else NULL */
	uint64_t requested;         /* CG2_UNIT_LIST: not used */
	uint64_t effective;         /* as read back */
	const char *requested_text; /* CG2_UNIT_LIST: the list, else NULL */
	const char *effective_text;
	bool is_verified;           /* it is in force */
};

/* The limit that is to blame. The strings are the record's. */
struct cg2_blame {
	size_t size;
	const char *cgroup; /* NULL: no cgroup's */
	const char *file;   /* "memory.max", "RLIMIT_NPROC", "kernel.threads-max", "ram" */
	uint64_t limit;     /* CG2_MAX: unknown */
	bool is_own;        /* of the command's cgroup or the scope around it */
	bool is_certain;    /* the counters prove it */
};

struct cg2_record;

/*
 * Notes why a run is not started after all, for its record: a caller's own reason, such as a
 * program that cg2_find_program() did not find. Copied. The run is of no further use.
 */
void cg2_run_refuse(struct cg2_run *run, const struct cg2_error *reason);

/*
 * 1: the command ended with 0, no fork was refused and no process killed for want of memory, so
 * that a record would have the verdict ok and no reason. Asked before cg2_run_finish(), it saves
 * a caller who wants nothing else the record, which is a few dozen reads.
 */
int cg2_run_is_quiet(struct cg2_run *run);

/*
 * A run's record: after the run is over, or after it was refused (its start failed). It stays
 * valid without the run. Call it before cg2_run_finish(), which lets the counters go.
 * -EBUSY: the run is under way.
 */
int cg2_run_make_record(struct cg2_run *run, struct cg2_record **ret_record);
struct cg2_record *cg2_record_ref(struct cg2_record *record);
struct cg2_record *cg2_record_unref(struct cg2_record *record);

/* Why the run ended. */
enum cg2_verdict cg2_record_get_verdict(struct cg2_record *record);

/*
 * Why in one line ("out of memory: memory.max 512M of this scope, 1 process killed") and what
 * to do about it ("raise memory.max to 1G"); NULL: nothing to say. The record's.
 */
const char *cg2_record_get_reason(struct cg2_record *record);
const char *cg2_record_get_hint(struct cg2_record *record);

/* The hint as data, where it is about a limit of the run. */
struct cg2_advice {
	size_t size;
	unsigned int kind;  /* enum cg2_advice_kind */
	unsigned int limit; /* enum cg2_limit */
	uint64_t value;     /* the next one to try, in the limit's unit; CG2_MAX: unknown */
};

/* 1 and the advice, 0 if there is none. advice->size is set by the caller. */
int cg2_record_get_advice(struct cg2_record *record, struct cg2_advice *advice);

/* 1 and the figure, 0 if it is unknown. */
int cg2_record_get_figure(struct cg2_record *record, enum cg2_figure figure,
			  uint64_t *ret_value);

/* 1 and the blame, 0 if nothing is to blame. blame->size is set by the caller. */
int cg2_record_get_blame(struct cg2_record *record, struct cg2_blame *blame);

/* The i-th limit: 1, or 0 after the last one. limit->size is set by the caller. */
int cg2_record_get_limit(struct cg2_record *record, size_t i, struct cg2_record_limit *limit);

/* What was near or slow, a line each; NULL after the last one. */
const char *cg2_record_get_note(struct cg2_record *record, size_t i);

/* The processes of a run that observed them, in the order of their start; NULL after the last. */
struct cg2_process *cg2_record_get_process(struct cg2_record *record, size_t i);

/*
 * 1 if processes were observed, and what is missing: see cg2_processes_get_lost() and
 * cg2_processes_get_unjoined(). Processes beyond the first 16384 are counted as lost.
 */
int cg2_record_get_process_losses(struct cg2_record *record, uint64_t *ret_lost,
				  uint64_t *ret_unjoined);

/* CLOCK_REALTIME of the command's start (of the refusal), in microseconds. */
uint64_t cg2_record_get_started_usec(struct cg2_record *record);

/* The command's cgroup and unit; NULL if it never had one. */
const char *cg2_record_get_cgroup(struct cg2_record *record);
const char *cg2_record_get_unit(struct cg2_record *record);

/* 1: no figure that this kernel has was lost. */
int cg2_record_is_complete(struct cg2_record *record);

/* ------------------------------------------------------------------------------------------
 * Scopes: those that exist, and what can be done with them
 *
 * A scope is the library's own if it has the mark that cg2_run_start() and cg2_attach() leave on
 * its cgroup (the xattr user.cgscope) and belongs to the caller's uid; its name does not matter.
 */

struct cg2_scope;

#define CG2_SCOPES_ANY   (UINT64_C(1) << 0) /* every scope, whoever made it */
#define CG2_SCOPES_UNITS (UINT64_C(1) << 1) /* services and slices too */
#define CG2_SCOPES_GUARD (UINT64_C(1) << 2) /* refuse what is not own, and what holds the caller */
#define CG2_SCOPES_ONE   (UINT64_C(1) << 3) /* a pattern that matches more than one is ambiguous */
#define CG2_SCOPES_PID   (UINT64_C(1) << 4) /* a PID is the own scope that the process is in */

/*
 * The scopes of a manager, the system's or the caller's own (CG2_MANAGER_AUTO: of all), nested runs
 * included, as the tree of cgroups has them; no manager is asked. below: the path of a cgroup to
 * begin at, or NULL. A scope comes before those below it. ret_scopes is ended by NULL:
 * cg2_scopes_free().
 */
int cg2_scopes_find(struct cg2_ctx *ctx, enum cg2_manager manager, const char *below,
		    uint64_t flags, struct cg2_scope ***ret_scopes, struct cg2_error *err);

/*
 * The scopes that a user means by words: a name with or without ".scope", a unique prefix, a
 * shell pattern (all that match), or a cgroup's path, of the library's own; for units of others
 * the full name only. flags: CG2_SCOPES_GUARD, _ONE, _PID. -ENOENT: none; -ENOTUNIQ: more than
 * one, which err->detail names; -EPERM: guarded.
 */
int cg2_scopes_resolve(struct cg2_ctx *ctx, enum cg2_manager manager,
		       const char *const words[], uint64_t flags,
		       struct cg2_scope ***ret_scopes, struct cg2_error *err);

/* Told of a word that means no scope, and why. err is the library's. */
typedef void (*cg2_missing_fn)(void *userdata, const char *word, const struct cg2_error *err);

/*
 * The same, word by word: one that means no scope, because it has just ended or because its
 * manager does not answer, is told to fn and the others are taken. Returns how many such words
 * there are. What is ambiguous or guarded is an error as before, and nothing is taken.
 */
int cg2_scopes_resolve_each(struct cg2_ctx *ctx, enum cg2_manager manager,
			    const char *const words[], uint64_t flags, cg2_missing_fn fn,
			    void *userdata, struct cg2_scope ***ret_scopes,
			    struct cg2_error *err);
struct cg2_scope **cg2_scopes_free(struct cg2_scope **scopes);

struct cg2_scope *cg2_scope_ref(struct cg2_scope *scope);
struct cg2_scope *cg2_scope_unref(struct cg2_scope *scope);

/* The unit's name, or that of the cgroup if it is none; and the cgroup's path. The scope's. */
const char *cg2_scope_get_name(struct cg2_scope *scope);
const char *cg2_scope_get_path(struct cg2_scope *scope);

/* 1: it is a unit; a nested run is none. 1: it is the library's own, made for this user. */
int cg2_scope_is_unit(struct cg2_scope *scope);
int cg2_scope_is_own(struct cg2_scope *scope);

/*
 * 1: the unit that it is, or is part of, is delegated: cgroups may be made there without its
 * manager. The mark of a system's unit is user.delegate since systemd 251, before only root can
 * tell; a unit of the caller's own manager is asked for (Delegate). -ENOENT: the cgroup is gone.
 */
int cg2_scope_is_delegated(struct cg2_scope *scope);

/* 1: the calling process is in it. */
int cg2_scope_holds_caller(struct cg2_scope *scope);

/* The uid that its cgroup belongs to; whose unit it is or is below. */
uint64_t cg2_scope_get_owner(struct cg2_scope *scope);
enum cg2_manager cg2_scope_get_manager(struct cg2_scope *scope);

/* The nearest one above it that was found together with it, or NULL; no new reference. */
struct cg2_scope *cg2_scope_get_parent(struct cg2_scope *scope);

/* When it was made (CLOCK_REALTIME); 0: unknown, as for scopes of others. */
uint64_t cg2_scope_get_made_usec(struct cg2_scope *scope);

/* Its cgroup. ret_group: a new reference. */
int cg2_scope_open_group(struct cg2_scope *scope, struct cg2_group **ret_group,
			 struct cg2_error *err);

/*
 * The cgroup that its command is in: "run" of a scope that the library made, else the scope
 * itself. Its files show the limits that were asked for. Once the command has started runs inside,
 * its processes are in a leaf of that cgroup. ret_group: a new reference.
 */
int cg2_scope_open_leaf(struct cg2_scope *scope, struct cg2_group **ret_group,
			struct cg2_error *err);

/*
 * Its processes, without the library's own; those of runs inside of it come after the others.
 * ret_pids: free with free().
 */
int cg2_scope_list_pids(struct cg2_scope *scope, pid_t **ret_pids, size_t *ret_n,
			struct cg2_error *err);

/*
 * The words of the command line of one of its processes, a NUL behind each
 * (/proc/PID/cmdline), or its name. ret_buf: free with free(). -ESRCH.
 */
int cg2_scope_read_command(struct cg2_scope *scope, pid_t pid, char **ret_buf,
			   size_t *ret_len);

/*
 * Actions on many. Each returns when the kernel says that it is done, or the time is over: the
 * number of scopes that it failed for, whose error cg2_scope_get_error() has, or -ENOMEM. A scope
 * that has ended meanwhile is no failure.
 *
 * stop: sig to every process, SIGKILL after grace_usec, timeout_usec for that to take effect.
 * kill: cgroup.kill. signal: to every process, and no wait; one that does not get it makes it a
 * failure, -EPERM for another user's, and the others have got it. freeze: cgroup.freeze.
 *
 * What was not made by the library is left to its manager (StopUnit, KillUnit, FreezeUnit,
 * ThawUnit). It stops a unit by the unit's own signal: another sig than SIGTERM is -EOPNOTSUPP.
 */
int cg2_scopes_stop(struct cg2_scope *const scopes[], int sig, uint64_t grace_usec,
		    uint64_t timeout_usec);
int cg2_scopes_kill(struct cg2_scope *const scopes[], uint64_t timeout_usec);
int cg2_scopes_signal(struct cg2_scope *const scopes[], int sig);
int cg2_scopes_freeze(struct cg2_scope *const scopes[], bool frozen, uint64_t timeout_usec);

/* Why the last action failed for this one; NULL: it did not. The scope's. */
const struct cg2_error *cg2_scope_get_error(struct cg2_scope *scope);

/*
 * Clears the library's own units that failed (ResetFailedUnit). ret_names: the units' names,
 * ended by NULL; free each, and the array.
 */
int cg2_scopes_clear_failed(struct cg2_ctx *ctx, enum cg2_manager manager, char ***ret_names,
			    struct cg2_error *err);

/*
 * Moves processes into the scope, for one of the library's own to where its command is, in a leaf
 * of that if there are runs inside: through cgroup.procs, or AttachProcessesToUnit. All are checked
 * before the first is moved. -ESRCH: it is not there or ended; -EPERM: another user's; -EBUSY: a
 * session's leader, a service's main process, or in a scope of the library's, unless is_forced.
 * After that nothing keeps the others back: returns how many could not be moved; each is a warning
 * to the log.
 */
int cg2_scope_move(struct cg2_scope *scope, const pid_t pids[], size_t n, bool is_forced,
		   struct cg2_error *err);

/* A limit or a property that was changed, or that differs. */
struct cg2_change {
	size_t size;
	const struct cg2_limit_info *info; /* NULL: it is a property that was asked for by name */
	const char *property;              /* systemd's name, NULL: it has none */
	const char *file;                  /* of the cgroup, NULL: none shows it */
	const char *before;                /* the first line of the file, "" for nothing */
	const char *after;                 /* the same; without a file what was asked for */
};

typedef void (*cg2_change_fn)(void *userdata, const struct cg2_change *change);

/*
 * Gives a scope or any unit other limits: SetUnitProperties, and the files of cgroups that no
 * manager has; for one of the library's own also the command's cgroup. Memory is reclaimed first
 * (memory.reclaim, kernel 5.19) for up to reclaim_usec; a use that stays above the limit is a
 * warning to the log. All is read back. is_persistent: the manager writes it down for the next
 * boot (-EOPNOTSUPP for a scope). What is not named keeps its value. fn, which may be NULL, is
 * called for each limit and each property.
 */
int cg2_scope_set(struct cg2_scope *scope, struct cg2_limits *limits, bool is_persistent,
		  uint64_t reclaim_usec, cg2_change_fn fn, void *userdata,
		  struct cg2_error *err);

/* Another property for cg2_scope_set() to change, as for cg2_run_add_property(). */
int cg2_scope_add_property(struct cg2_scope *scope, const char *assignment,
			   struct cg2_error *err);

/* cg2_scope_set() takes off all limits that it is not given; weights and protections are none. */
void cg2_scope_lift_limits(struct cg2_scope *scope);

/*
 * Where a unit's manager and the kernel do not agree: calls fn with what the manager was told
 * (before) and what the cgroup's file has (after), and returns how often.
 */
int cg2_scope_compare(struct cg2_scope *scope, cg2_change_fn fn, void *userdata,
		      struct cg2_error *err);

/*
 * The run is to be inside of that scope and under its limits: nested in it, as if its command had
 * started the run. What goes with it are limits, a name and properties that have a cgroup file. A
 * manager is asked for nothing but the way into the scope, if the caller has none of its own
 * (AttachProcessesToUnit). -EPERM at the start: the scope is not delegated.
 */
void cg2_run_set_inside(struct cg2_run *run, struct cg2_scope *scope);

/* ------------------------------------------------------------------------------------------
 * Attaching: a delegated scope around processes that run already
 */

struct cg2_attach;

/* limits may be NULL; it is not changed. CG2_LIMIT_CPU_TIME is not possible: nobody stays. */
int cg2_attach_new(struct cg2_ctx *ctx, struct cg2_limits *limits,
		   struct cg2_attach **ret_attach);
struct cg2_attach *cg2_attach_unref(struct cg2_attach *attach);

/* As for runs. */
void cg2_attach_set_manager(struct cg2_attach *attach, enum cg2_manager manager);
int cg2_attach_set_unit(struct cg2_attach *attach, const char *name, struct cg2_error *err);
int cg2_attach_set_prefix(struct cg2_attach *attach, const char *prefix,
			  struct cg2_error *err);
int cg2_attach_set_slice(struct cg2_attach *attach, const char *slice, struct cg2_error *err);
int cg2_attach_set_description(struct cg2_attach *attach, const char *text,
			       struct cg2_error *err);

/* "NAME=VALUE", as cg2_run_add_property() takes it. */
int cg2_attach_add_property(struct cg2_attach *attach, const char *assignment,
			    struct cg2_error *err);

/* Also what is better left where it is: see cg2_scope_move(). Before cg2_attach_add(). */
void cg2_attach_set_forced(struct cg2_attach *attach, bool is_forced);

/* Whether their descendants come along (the default). */
void cg2_attach_set_children(struct cg2_attach *attach, bool with_children);

/*
 * Adds a process and checks it, as cg2_scope_move() does. It is held until the attach is
 * released: its number is never taken for another process, and no other attach gets it.
 */
int cg2_attach_add(struct cg2_attach *attach, pid_t pid, struct cg2_error *err);

/*
 * Makes the scope (StartTransientUnit, by pidfds where the manager takes them), moves everybody
 * until no child is left outside, and reads the limits back. Returns how many processes could not
 * be moved; each is a warning to the log. -ESRCH: none could be, and there is no scope. Meanwhile a
 * child of the caller's holds the scope; it is reaped before this returns.
 */
int cg2_attach_start(struct cg2_attach *attach, struct cg2_error *err);

/* The scope's unit name and cgroup; the attach owns them. The i-th process in it: 1, or 0. */
const char *cg2_attach_get_unit(struct cg2_attach *attach);
struct cg2_group *cg2_attach_get_group(struct cg2_attach *attach);
int cg2_attach_get_process(struct cg2_attach *attach, size_t i, pid_t *ret_pid);

/* ------------------------------------------------------------------------------------------
 * Watching: events of cgroups and units, as they happen
 *
 * The kernel notifies of refused forks, OOM kills, freezing and the end of the last process
 * (pids.events, memory.events, cgroup.events); pressure by PSI triggers. Between events nothing
 * wakes up. Only what it does not notify of is sampled: use against thresholds, and samples that
 * are asked for; the timers are monotonic.
 */

/* The words of cgscope monitor --json, in this order: "sample", ... "exit". */
enum cg2_event_kind {
	CG2_EVENT_SAMPLE,   /* figures, see cg2_event_get_use() */
	CG2_EVENT_TASKS,    /* a threshold was crossed upwards: tasks of the level that binds */
	CG2_EVENT_MEMORY,   /* the same: bytes in use, clean file cache left out */
	CG2_EVENT_REFUSED,  /* forks were refused: how many since the last event */
	CG2_EVENT_OOM,      /* the kernel killed for want of memory: how many processes */
	CG2_EVENT_OOMD,     /* systemd-oomd killed the group (xattr user.oomd_kill) */
	CG2_EVENT_PRESSURE, /* a threshold was crossed: permyriad of the window, at least */
	CG2_EVENT_FAILED,   /* a unit failed: result, exit status, last lines of its journal */
	CG2_EVENT_FROZEN,   /* all processes are frozen */
	CG2_EVENT_EMPTY,    /* the last process has ended */
	CG2_EVENT_GONE,     /* the cgroup was removed; a unit may come back */
	CG2_EVENT_FORK,
	CG2_EVENT_EXEC,
	CG2_EVENT_EXIT,
};

/* "oom"; NULL for a number that is none. -EINVAL for a word that is none. */
const char *cg2_event_kind_to_string(unsigned int kind);
int cg2_event_kind_from_string(const char *text);

/* A bit of a mask of kinds. */
#define CG2_EVENT_BIT(kind) (UINT64_C(1) << (kind))

struct cg2_watch;
struct cg2_event;

int cg2_watch_new(struct cg2_ctx *ctx, struct cg2_watch **ret_watch, struct cg2_error *err);
struct cg2_watch *cg2_watch_ref(struct cg2_watch *watch);
struct cg2_watch *cg2_watch_unref(struct cg2_watch *watch);

/*
 * What is watched for; all are set before the first target (-EBUSY after it).
 *
 * kinds: CG2_EVENT_BIT()s, default all of them but the processes'; those of thresholds and
 * samples come only if some are set. thresholds hold for every target. One that was crossed tells
 * again when the use has been a tenth below it meanwhile. poll: how often the use is read for
 * them (250 ms). sample: how often every target is told as CG2_EVENT_SAMPLE, with which figures
 * (bit i: enum cg2_use i; 0: what cgscope list shows; cpu.stat and the pressures cost the most).
 */
int cg2_watch_set_kinds(struct cg2_watch *watch, uint64_t kinds);
int cg2_watch_add_threshold(struct cg2_watch *watch, const struct cg2_threshold *threshold,
			    struct cg2_error *err);
int cg2_watch_set_poll(struct cg2_watch *watch, uint64_t usec);
int cg2_watch_set_sample(struct cg2_watch *watch, uint64_t usec, uint64_t uses);

/*
 * Adds a cgroup. name: for cg2_event_get_target(), NULL for the cgroup's path. Keeps some
 * descriptors open (-EMFILE); a group that vanishes is CG2_EVENT_GONE and dropped. -ENOENT: it is
 * gone already. -EOPNOTSUPP: a threshold of pressure, and the kernel has no such file.
 */
int cg2_watch_add_group(struct cg2_watch *watch, struct cg2_group *group, const char *name,
			struct cg2_error *err);

/*
 * Follows a unit, or every unit whose name matches a shell pattern, over restarts and a re-exec of
 * its manager: its cgroup is a target whenever it has one, CG2_EVENT_FAILED tells its failures. A
 * name without a type is a scope's; CG2_MANAGER_AUTO asks the caller's own manager and then the
 * system's. Waits for the manager's first answers. 1: a pattern that no running unit matches yet.
 * -ENOENT: it knows no such unit.
 */
int cg2_watch_add_unit(struct cg2_watch *watch, enum cg2_manager manager, const char *name,
		       struct cg2_error *err);

/*
 * Adds every scope of the library's own that is there (see cg2_scopes_find(); CG2_MANAGER_AUTO: of
 * both managers, nested runs included) and those that come, as they come, by inotify. The target is
 * the scope's name. A directory that can't be watched is a warning to the log.
 */
int cg2_watch_add_own(struct cg2_watch *watch, enum cg2_manager manager, struct cg2_error *err);

/* 1: a target is left or may come, 0: no event can happen any more. */
int cg2_watch_has_targets(struct cg2_watch *watch);

/*
 * Readable when cg2_watch_dispatch() has something to do. It is one for the whole life of the
 * watch, which owns it.
 */
int cg2_watch_get_fd(struct cg2_watch *watch);

/*
 * Does what is due and takes the next event: 1, with a new reference; 0: none just now. Never
 * blocks on targets. To be called until it returns 0, then again when the descriptor is readable.
 */
int cg2_watch_dispatch(struct cg2_watch *watch, struct cg2_event **ret_event,
		       struct cg2_error *err);

/*
 * Tells CG2_EVENT_FORK, _EXEC and _EXIT too, see "Processes" above; asked for before the first
 * target. -EPERM, -EOPNOTSUPP, -ENOENT as cg2_processes_new(): the watch is then as before. Of
 * targets inside of each other one gets the event. unjoined: cg2_processes_get_unjoined().
 */
int cg2_watch_observe_processes(struct cg2_watch *watch, struct cg2_error *err);
uint64_t cg2_watch_get_unjoined(struct cg2_watch *watch);

/* How many events were dropped because nobody took them, or were gone before they were read. */
uint64_t cg2_watch_get_lost(struct cg2_watch *watch);

/* What happened. */
struct cg2_event *cg2_event_ref(struct cg2_event *event);
struct cg2_event *cg2_event_unref(struct cg2_event *event);

/* CLOCK_REALTIME, in microseconds. The target as it was added; its cgroup, NULL if it has none. */
enum cg2_event_kind cg2_event_get_kind(struct cg2_event *event);
uint64_t cg2_event_get_time_usec(struct cg2_event *event);
const char *cg2_event_get_target(struct cg2_event *event);
const char *cg2_event_get_cgroup(struct cg2_event *event);

/*
 * 1 and the value, 0 if the kind has none. The limit is that of blame, CG2_MAX if unknown; of
 * pressure it is the threshold's permyriad.
 */
int cg2_event_get_value(struct cg2_event *event, uint64_t *ret_value);
int cg2_event_get_limit(struct cg2_event *event, uint64_t *ret_limit);

/* 1 and the threshold that was crossed; threshold->size is set by the caller. */
int cg2_event_get_threshold(struct cg2_event *event, struct cg2_threshold *threshold);

/* 1 and the limit that is to blame, 0 for none. blame->size is set by the caller. */
int cg2_event_get_blame(struct cg2_event *event, struct cg2_blame *blame);

/*
 * CG2_EVENT_FAILED: systemd's word for it ("exit-code", "oom-kill"; NULL for other kinds), 1 and
 * CLD_EXITED, CLD_KILLED or CLD_DUMPED with the exit code or signal of its main process (0: it has
 * none), and the i-th of the last lines in its journal, NULL after the last one. The event's.
 */
const char *cg2_event_get_result(struct cg2_event *event);
int cg2_event_get_exit(struct cg2_event *event, int *ret_code, int *ret_status);
const char *cg2_event_get_line(struct cg2_event *event, size_t i);

/* Who was forked, executed or ended, as it was then; NULL for other kinds. The event's. */
struct cg2_process *cg2_event_get_process(struct cg2_event *event);

/* A figure of a sample: 1 and the value, 0 if it was not asked for or the kernel has none. */
int cg2_event_get_use(struct cg2_event *event, enum cg2_use use, uint64_t *ret_value);

/* ------------------------------------------------------------------------------------------
 * Unit files: limits that stay. Since 0.2.0
 */

enum cg2_unit_file_kind {
	CG2_UNIT_FILE_SERVICE,
	CG2_UNIT_FILE_TEMPLATE, /* "go@.service" */
	CG2_UNIT_FILE_DROP_IN,  /* for a unit that is there, or all that begin as "user-.slice" */
	CG2_UNIT_FILE_QUADLET,  /* a container, of which podman (4.4) makes a service */
};

/* "drop-in"; NULL for a number that is none. */
const char *cg2_unit_file_kind_to_string(unsigned int kind);

/* What a unit file shall say. What is 0 or NULL is not in it. */
struct cg2_unit_settings {
	size_t size;          /* sizeof(struct cg2_unit_settings), set by the caller */
	const char *name;     /* a unit; without a type it is a service */
	unsigned int manager; /* enum cg2_manager */
	bool is_global;       /* for the managers of all users (/etc/systemd/user) */
	bool is_runtime;      /* below /run: until the next boot */
	const char *drop_in;  /* its file's name; NULL: "50-cgscope" */
	struct cg2_limits *limits;      /* not changed; a memory limit allows no swap */
	const char *const *argv;        /* ended by NULL; argv[0] is a path. NULL: a drop-in */
	bool has_specifiers;            /* % and $ in argv are systemd's; else they are escaped */
	const char *description;        /* Description=; NULL: argv[0] */
	const char *directory;          /* WorkingDirectory= */
	const char *environment_file;   /* EnvironmentFile= */
	const char *restart;            /* Restart= */
	const char *delegate;           /* "all", or controllers: "cpu,memory" */
	const char *const *settings;    /* further lines, "NAME=VALUE" each */
	size_t n_settings;
	bool is_quadlet;                /* argv is an image and its command */
};

/*
 * The text that a unit file with these settings has, for one that the caller puts somewhere. A name
 * is not needed: without, it is a service's. ret_text: free with free(). Errors as of
 * cg2_unit_file_new(). Since 0.2.0.
 */
int cg2_unit_settings_to_text(struct cg2_ctx *ctx, const struct cg2_unit_settings *settings,
			      char **ret_text, struct cg2_error *err);

struct cg2_unit_file;

/*
 * Makes its text and finds its path; nothing is written. -EINVAL, -E2BIG: no unit file can say
 * that; -EOPNOTSUPP: systemd has no such limit, or none for that type of unit.
 */
int cg2_unit_file_new(struct cg2_ctx *ctx, const struct cg2_unit_settings *settings,
		      struct cg2_unit_file **ret_file, struct cg2_error *err);
struct cg2_unit_file *cg2_unit_file_ref(struct cg2_unit_file *file);
struct cg2_unit_file *cg2_unit_file_unref(struct cg2_unit_file *file);

/* The strings are the file's. is_for_many: a template or a prefix. */
enum cg2_unit_file_kind cg2_unit_file_get_kind(struct cg2_unit_file *file);
const char *cg2_unit_file_get_unit(struct cg2_unit_file *file);
enum cg2_manager cg2_unit_file_get_manager(struct cg2_unit_file *file);
const char *cg2_unit_file_get_path(struct cg2_unit_file *file);
const char *cg2_unit_file_get_text(struct cg2_unit_file *file);
int cg2_unit_file_is_for_many(struct cg2_unit_file *file);

/* 1: the manager knows the unit, or an instance of the template, 0: it does not (LoadUnit). */
int cg2_unit_file_has_unit(struct cg2_unit_file *file, struct cg2_error *err);

/*
 * Writes it (by rename(2)): 1, or 0 if it is there already. -EEXIST: there is a file that the
 * library did not make. -EBUSY: one of its own, changed since, unless is_forced.
 */
int cg2_unit_file_write(struct cg2_unit_file *file, int is_forced, struct cg2_error *err);

/*
 * Removes it; where there is no such drop-in, the unit's own file, which is the path from then on.
 * -ENOENT; -EEXIST, -EBUSY as above.
 */
int cg2_unit_file_remove(struct cg2_unit_file *file, int is_forced, struct cg2_error *err);

/*
 * The manager reads all unit files again (Reload). -ENOEXEC: this one is there, and it does not
 * take it.
 */
int cg2_unit_file_load(struct cg2_unit_file *file, struct cg2_error *err);

/*
 * Starts the unit, or starts a service again (RestartUnit), and waits for the job, as long as the
 * unit may take to start.
 */
int cg2_unit_file_start(struct cg2_unit_file *file, struct cg2_error *err);

enum cg2_setting_outcome {
	CG2_SETTING_IN_FORCE,       /* the manager has it, and the kernel too */
	CG2_SETTING_LOADED,         /* the manager has it; the unit does not run */
	CG2_SETTING_OVERRIDDEN,     /* by another file */
	CG2_SETTING_RESTART_NEEDED, /* the unit started before */
	CG2_SETTING_MISSING,        /* for another reason: see error */
};

/* "in force"; NULL for a number that is none. */
const char *cg2_setting_outcome_to_string(unsigned int outcome);

/* What became of a setting in a unit. The strings are the library's. */
struct cg2_setting {
	size_t size;
	const char *unit;
	const char *property;          /* "MemoryMax" */
	const char *value;             /* as it was written */
	unsigned int outcome;          /* enum cg2_setting_outcome */
	const char *by;                /* CG2_SETTING_OVERRIDDEN: the file */
	const struct cg2_error *error; /* NULL: nothing more is known */
};

typedef void (*cg2_setting_fn)(void *userdata, const struct cg2_setting *setting);

/*
 * Compares limits and delegation with what the manager and the kernel have for the unit, of a
 * template for each that runs. Calls fn for each; returns how many are neither in force nor loaded.
 */
int cg2_unit_file_verify(struct cg2_unit_file *file, cg2_setting_fn fn, void *userdata,
			 struct cg2_error *err);

/* ------------------------------------------------------------------------------------------
 * Explanations: why a unit or a process ended, or did not start, when nobody watched. From the
 * journal, systemd's properties, the cgroup's counters, and files as they are now.
 */

struct cg2_explanation;

/* How sure a cause is. */
enum cg2_certainty {
	CG2_CERTAINTY_CERTAIN,
	CG2_CERTAINTY_PROBABLE, /* one other cause is possible */
	CG2_CERTAINTY_POSSIBLE, /* rests on the program's own words alone */
};

/* "probably"; NULL for a number that is none. */
const char *cg2_certainty_to_string(unsigned int certainty);

/* What is asked for; what is not set is 0 or NULL. */
struct cg2_explain_wish {
	size_t size;
	enum cg2_manager manager; /* CG2_MANAGER_AUTO: of both, whichever has the unit */
	uint64_t since_usec;	  /* CLOCK_REALTIME; 0: this boot */
	uint64_t until_usec;	  /* 0: now */
	size_t n_lives;		  /* 0: one */
	size_t n_lines;		  /* of its own last lines */
	const char *invocation;	  /* this life and no other */
	int has_environment;	  /* for cg2_explanation_get_environment() */
	int has_start;		  /* for cg2_explanation_get_start() */
};

/*
 * Explains a unit, each unit that matches a pattern, a process (also one that has ended), or the
 * unit of a cgroup's path. ret_list is ended by NULL; cg2_explanations_free() frees it. -ENOENT:
 * there is no such unit or process, or nothing that the caller may read knows of it. Reads at most
 * 65536 entries of the journal for each.
 */
int cg2_explain(struct cg2_ctx *ctx, const char *target, const struct cg2_explain_wish *wish,
		struct cg2_explanation ***ret_list, struct cg2_error *err);
struct cg2_explanation *cg2_explanation_ref(struct cg2_explanation *explanation);
struct cg2_explanation *cg2_explanation_unref(struct cg2_explanation *explanation);
void cg2_explanations_free(struct cg2_explanation **list);

/* What it is about. The strings are the explanation's. */
struct cg2_explained {
	size_t size;
	const char *target;	  /* as it was asked for */
	const char *unit;	  /* NULL: none is known */
	enum cg2_manager manager; /* the unit's */
	uint64_t uid;		  /* whose manager; CG2_MAX: the system's */
	pid_t pid;		  /* 0: a unit */
	const char *state;	  /* ActiveState; NULL: the manager does not have the unit */
	const char *result;	  /* Result */
	uint64_t running_since_usec; /* CLOCK_REALTIME; 0: it does not run */
	bool is_cut; /* the journal has more entries of it than were read */
};

/* explained->size is set by the caller. */
void cg2_explanation_get(struct cg2_explanation *explanation, struct cg2_explained *explained);

/* One start and its end. */
struct cg2_life {
	size_t size;
	const char *invocation; /* NULL: it never got that far */
	uint64_t started_usec;	/* CLOCK_REALTIME; 0: unknown */
	uint64_t ended_usec;
	uint64_t restarts; /* starts right before it, each after a failure */
	uint64_t restarts_usec;
	bool gave_up;	     /* systemd then did not start it again */
	int exit_code;	     /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: unknown, or it never ran */
	int exit_status;
	const char *command; /* "ExecStart", "ExecStartPre"; NULL: unknown */
	const char *path;    /* the program that ended; NULL: unknown */
	const char *what;    /* "did not start", "killed by SIGKILL" */
	const char *verdict; /* a record's, or start, skipped, stopped, running, unknown */
};

/* The i-th, newest first: 1, or 0 after the last one. life->size is set by the caller. */
int cg2_explanation_get_life(struct cg2_explanation *explanation, size_t i, struct cg2_life *life);

struct cg2_cause {
	size_t size;
	const char *id;		/* a row of the table of causes; for scripts */
	unsigned int certainty; /* enum cg2_certainty */
	const char *reason;
	const char *hint; /* what to do, NULL: nothing */
};

/* The i-th of a life, the cause first, then what else was found: 1, or 0 after the last one. */
int cg2_explanation_get_cause(struct cg2_explanation *explanation, size_t life, size_t i,
			      struct cg2_cause *cause);

/* 1 and the limit that is to blame for a life's cause, 0 for none. */
int cg2_explanation_get_blame(struct cg2_explanation *explanation, size_t life,
			      struct cg2_blame *blame);

struct cg2_evidence {
	size_t size;
	const char *source; /* "journal", "kernel", "properties", "cgroup", "file", "limits" */
	uint64_t time_usec; /* CLOCK_REALTIME; 0: now */
	const char *text;
	const char *message_id; /* the journal's, NULL: none */
	bool is_cited;		/* the cause rests on it */
};

/* The i-th of a life, oldest first: 1, or 0 after the last one. evidence->size is the caller's. */
int cg2_explanation_get_evidence(struct cg2_explanation *explanation, size_t life, size_t i,
				 struct cg2_evidence *evidence);

/* The i-th of a life's own last lines, NULL after the last one. */
const char *cg2_explanation_get_line(struct cg2_explanation *explanation, size_t life, size_t i);

/* What could not be read, and who may. */
struct cg2_unread {
	size_t size;
	const char *source;
	const char *why;
	const char *hint; /* NULL: none */
};

/* The i-th: 1, or 0 after the last one. unread->size is set by the caller. */
int cg2_explanation_get_unread(struct cg2_explanation *explanation, size_t i,
			       struct cg2_unread *unread);

/*
 * What the unit's processes get beside what the caller has: a variable (of a few names; those of
 * others are nobody's business), "search path", "terminal", "directory", "umask", "groups",
 * "LimitNOFILE" and its like.
 */
struct cg2_environment {
	size_t size;
	const char *name;
	const char *unit;   /* NULL: not set */
	const char *caller; /* NULL: not set */
	const char *advice; /* the line for the unit by which it has what the caller has, or NULL */
	int is_same;
};

/* The i-th: 1, or 0 after the last one. environment->size is set by the caller. */
int cg2_explanation_get_environment(struct cg2_explanation *explanation, size_t i,
				    struct cg2_environment *environment);

/* A start, from its job to the moment at which the unit counted as started. */
struct cg2_start {
	size_t size;
	const char *invocation; /* NULL: the newest, or it never got that far */
	uint64_t begun_usec;	/* CLOCK_REALTIME */
	uint64_t took_usec;
	const char *result;	/* "started", "done", "failed", "starting" */
	/* Of the newest, what its cgroup has counted in all this time; CG2_MAX: unknown. */
	uint64_t alive_usec;
	uint64_t throttled_usec;
	uint64_t cpu_stalled_usec;
	uint64_t memory_stalled_usec;
	uint64_t io_stalled_usec;
};

/* The i-th, newest first: 1, or 0 after the last one that is known. start->size is the caller's. */
int cg2_explanation_get_start(struct cg2_explanation *explanation, size_t i,
			      struct cg2_start *start);

/*
 * A step of a start. Of those before the newest the journal has the waits alone, and how long all
 * the rest took.
 */
struct cg2_start_step {
	size_t size;
	const char *kind;  /* "queue", "restart", "command", "setup", "ready", "rest" */
	const char *what;  /* "ExecStartPre=/bin/sleep 1" */
	uint64_t at_usec;  /* after the start's beginning */
	uint64_t took_usec;
	int exit_code;	   /* of a command: CLD_EXITED and its like, 0: unknown */
	int exit_status;
	int is_open;	   /* it is not over */
};

/*
 * The i-th of the start that cg2_explanation_get_start() has as number start: 1, or 0 after the
 * last one. step->size is set by the caller.
 */
int cg2_explanation_get_start_step(struct cg2_explanation *explanation, size_t start, size_t i,
				   struct cg2_start_step *step);

/* The table of causes; NULL after the last one. */
const struct cg2_finding_info *cg2_cause_get_info(unsigned int cause);

/* ------------------------------------------------------------------------------------------
 * Traces: which process of a run met which failing fork, exec or allocation, and which limit it
 * was. Since 0.2.0
 *
 * A process of the library's traces the command and its descendants (ptrace(2)); a seccomp filter
 * stops them at these calls alone. What limits say is read while the caller of the call that failed
 * is stopped. For an ordinary user set-user-ID programs run without their rights meanwhile, and a
 * program that traces others fails; what was met is among the notes.
 */

enum cg2_trace_kind {
	CG2_TRACE_FORK,	  /* a process or a thread: fork, vfork, clone, clone3 */
	CG2_TRACE_EXEC,	  /* a program: execve, execveat */
	CG2_TRACE_MEMORY, /* mmap of anonymous memory, brk, mremap */
};

/* "fork"; NULL for a number that is none. -EINVAL. */
const char *cg2_trace_kind_to_string(unsigned int kind);
int cg2_trace_kind_from_string(const char *text);

/* What the process did after it. That it did so because of it is not said. */
enum cg2_trace_then {
	CG2_TRACE_WENT_ON, /* or ended with 0 */
	CG2_TRACE_RETRIED, /* the same worked when it was tried again */
	CG2_TRACE_DIED,	   /* of a signal */
	CG2_TRACE_EXITED,  /* with another code than 0 */
};

/* "went on"; NULL for a number that is none. */
const char *cg2_trace_then_to_string(unsigned int then);

/* Failures that programs count on, which are none to report as a rule. */
enum cg2_trace_folding {
	CG2_TRACE_NOT_FOLDED,
	CG2_TRACE_PATH_SEARCH, /* a program was looked for in other directories, and found */
	CG2_TRACE_TRIED_AGAIN, /* a fork or an allocation was tried again, and worked */
	CG2_TRACE_FALLBACK,    /* another way was taken at once: clone for clone3, a shell */
};

/* "path_search"; NULL for a number that is none, and for none. */
const char *cg2_trace_folding_to_string(unsigned int folding);

/* A failure, which one process met once or several times. The strings are the trace's. */
struct cg2_trace_failure {
	size_t size;
	uint64_t at_usec;      /* since the command's start */
	uint64_t last_at_usec; /* the last time */
	uint64_t count;
	pid_t pid;
	pid_t tid; /* the thread that was the first */
	pid_t ppid;
	const char *command;  /* its name as in /proc/PID/comm */
	unsigned int kind;    /* enum cg2_trace_kind */
	const char *call;     /* "clone3" */
	bool is_thread;       /* a thread was to be made, or its stack */
	int code;	      /* errno, positive */
	const char *path;     /* CG2_TRACE_EXEC: the program; else NULL */
	uint64_t bytes;	      /* CG2_TRACE_MEMORY: the most that was asked for; else 0 */
	unsigned int then;    /* enum cg2_trace_then */
	int status;	      /* the signal or code of CG2_TRACE_DIED and _EXITED, else 0 */
	unsigned int folding; /* enum cg2_trace_folding */
	bool has_limit;	      /* it is known, as far as certainty says: */
	const char *limit_file;	  /* "pids.max", "RLIMIT_AS", "vm.max_map_count" */
	const char *limit_cgroup; /* NULL: no cgroup's */
	uint64_t limit;		  /* CG2_MAX: unknown */
	bool has_current;
	uint64_t current; /* what was in use when it failed */
	bool is_own;	  /* of the run's own cgroups */
	unsigned int certainty; /* enum cg2_certainty, of the reason */
	const char *reason;	/* "pids.max 32 of this scope" */
	const char *hint;	/* what to do; NULL: nothing to say */
};

/* How many there were. */
struct cg2_trace_totals {
	size_t size;
	uint64_t wall_usec; /* until nobody was left; 0: not yet */
	uint64_t processes;
	uint64_t path_searches; /* folded, by enum cg2_trace_folding */
	uint64_t tried_again;
	uint64_t fallbacks;
	uint64_t lost; /* failures that are not listed: too many, or too fast */
};

struct cg2_trace;
struct cg2_trace *cg2_trace_ref(struct cg2_trace *trace);
struct cg2_trace *cg2_trace_unref(struct cg2_trace *trace);

/* Told of a failure when it is known not to be folded, or after some time that it may be. */
typedef void (*cg2_trace_fn)(void *userdata, const struct cg2_trace_failure *failure);

/* What is asked for; what is not set is 0 or NULL. */
struct cg2_trace_wish {
	size_t size;
	uint64_t kinds;	 /* bits by enum cg2_trace_kind; 0: all */
	cg2_trace_fn fn; /* called by cg2_run_dispatch() */
	void *userdata;
};

/*
 * Traces the run, which cg2_run_start() begins. -ENOENT: libseccomp is missing. What else makes it
 * impossible fails cg2_run_start(), with a hint.
 */
int cg2_run_set_trace(struct cg2_run *run, const struct cg2_trace_wish *wish,
		      struct cg2_error *err);

/* The run's trace, complete when the run is over; NULL: none was asked for. The run's. */
struct cg2_trace *cg2_run_get_trace(struct cg2_run *run);

/* The i-th in the order of time, folded ones among them: 1, or 0 after the last one. */
int cg2_trace_get_failure(struct cg2_trace *trace, size_t i, struct cg2_trace_failure *failure);

/* 1 and the hint of the i-th as data, 0 if there is none: see cg2_record_get_advice(). */
int cg2_trace_get_advice(struct cg2_trace *trace, size_t i, struct cg2_advice *advice);

/* totals->size is set by the caller. */
void cg2_trace_get_totals(struct cg2_trace *trace, struct cg2_trace_totals *totals);

/* What tracing changed, or could not see, a line each; NULL after the last one. */
const char *cg2_trace_get_note(struct cg2_trace *trace, size_t i);

/* ------------------------------------------------------------------------------------------
 * For __attribute__((cleanup(...)))
 */

static inline void cg2_ctx_unrefp(struct cg2_ctx **p) { cg2_ctx_unref(*p); }
static inline void cg2_group_unrefp(struct cg2_group **p) { cg2_group_unref(*p); }
static inline void cg2_limits_unrefp(struct cg2_limits **p) { cg2_limits_unref(*p); }
static inline void cg2_target_unrefp(struct cg2_target **p) { cg2_target_unref(*p); }
static inline void cg2_doctor_unrefp(struct cg2_doctor **p) { cg2_doctor_unref(*p); }
static inline void cg2_worst_unrefp(struct cg2_worst **p) { cg2_worst_unref(*p); }
static inline void cg2_check_unrefp(struct cg2_check **p) { cg2_check_unref(*p); }
static inline void cg2_run_unrefp(struct cg2_run **p) { cg2_run_unref(*p); }
static inline void cg2_attach_unrefp(struct cg2_attach **p) { cg2_attach_unref(*p); }
static inline void cg2_scope_unrefp(struct cg2_scope **p) { cg2_scope_unref(*p); }
static inline void cg2_scopes_freep(struct cg2_scope ***p) { cg2_scopes_free(*p); }
static inline void cg2_process_unrefp(struct cg2_process **p) { cg2_process_unref(*p); }
static inline void cg2_processes_unrefp(struct cg2_processes **p) { cg2_processes_unref(*p); }
static inline void cg2_trace_unrefp(struct cg2_trace **p) { cg2_trace_unref(*p); }
static inline void cg2_record_unrefp(struct cg2_record **p) { cg2_record_unref(*p); }
static inline void cg2_watch_unrefp(struct cg2_watch **p) { cg2_watch_unref(*p); }
static inline void cg2_unit_file_unrefp(struct cg2_unit_file **p) { cg2_unit_file_unref(*p); }
static inline void cg2_explanation_unrefp(struct cg2_explanation **p)
{
	cg2_explanation_unref(*p);
}
static inline void cg2_explanations_freep(struct cg2_explanation ***p)
{
	cg2_explanations_free(*p);
}
static inline void cg2_event_unrefp(struct cg2_event **p) { cg2_event_unref(*p); }

#ifdef __cplusplus
}
#endif
#endif
