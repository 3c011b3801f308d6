/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the objects of one context share: the root directory, the log, and what was found out
 * about the hierarchy.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct hierarchy {
	enum cg2_mode mode;
	uint64_t flags;
	uint64_t controllers; /* 0: not read yet */
	char *mount_point; /* as a path below the ctx's root */
	char *mount_root;  /* the part of the tree that is mounted, "/" as a rule */
	int mount_fd;      /* O_PATH, -1 without cgroup v2 */
	char *namespace_root; /* where in the mount the paths of /proc begin; NULL: at its root */
};

struct cg2_ctx {
	unsigned int n_ref;
	int root_fd; /* O_PATH */
	bool is_real_root;
	cg2_log_fn log_fn;
	void *log_userdata;
	enum cg2_log_level log_level;
	char *debug_rooms; /* CG2_DEBUG; NULL: it is not set */
	bool is_detected;
	bool is_detailed; /* the mount options were read as well */
	struct hierarchy hierarchy;
};

/*
 * Whether a message of that level would go anywhere. CG2_DEBUG names the rooms, folders of lib/,
 * that say more: a message's is that of the file it stands in. Without a ctx nobody listens.
 */
bool ctx_wants_log_of(struct cg2_ctx *ctx, enum cg2_log_level level, const char *file);
#define ctx_wants_log(ctx, level) ctx_wants_log_of(ctx, level, __FILE__)

/* A message, and the failure behind it or NULL. */
void ctx_log_of(struct cg2_ctx *ctx, enum cg2_log_level level, const char *file,
		const struct cg2_error *err, const char *format, ...) _printf_(5, 6);
#define ctx_log(ctx, level, ...) ctx_log_of(ctx, level, __FILE__, __VA_ARGS__)

void hierarchy_clear(struct hierarchy *h);

/*
 * Takes the first place where cgroup2 is mounted; notes whether any v1 hierarchy has a controller.
 * The text of /proc/self/mountinfo is cut in place. h: end it with hierarchy_clear() also after a
 * failure, -ENOMEM.
 */
int mountinfo_parse(char *text, struct hierarchy *h, bool *ret_has_v1) _must_check_;

/* Opens a path below the root, given with its leading slash. -errno. */
int ctx_open_dir(struct cg2_ctx *ctx, const char *path);

/* fsio_read_into() of a path below the root, given with its leading slash. */
int ctx_read_into(struct cg2_ctx *ctx, const char *path, char *buf, size_t size,
		  size_t *ret_len) _must_check_;

/* A file with one value. */
int ctx_read_value(struct cg2_ctx *ctx, const char *path, uint64_t *ret_value) _must_check_;

/* The same; UNKNOWN if it cannot be had. */
uint64_t ctx_peek_value(struct cg2_ctx *ctx, const char *path);

/*
 * hierarchy.c: finds the cgroup v2 mount once; -EOPNOTSUPP with the reason and what changes it
 * where there is none to work with.
 */
int hierarchy_detect(struct cg2_ctx *ctx, struct cg2_error *reterr) _must_check_;

/* Also reads the mount options, which few callers need. */
int hierarchy_detail(struct cg2_ctx *ctx, struct cg2_error *reterr) _must_check_;

/* The bit of a controller in masks; 0 for a name that is none. */
uint64_t controller_bit(const char *name);

/* The controllers that the root of cgroup v2 has; 0 without such a root. */
uint64_t hierarchy_controllers(struct cg2_ctx *ctx);

/*
 * The root that can be seen is that of a cgroup namespace, or a part of the tree: it has
 * cgroup.events, which the real root has not.
 */
bool hierarchy_is_in_namespace(struct cg2_ctx *ctx);

/* namespace.c. Whether this process has the cgroup namespace of the machine. */
bool namespace_is_initial(void);

/*
 * The path in the "0::" line of /proc/PID/cgroup, in whose content it is cut out; a removed cgroup
 * has " (deleted)" after it. NULL: no cgroup v2.
 */
char *namespace_find_line(char *buf);

/* -ENOENT: path cannot be read since there is no /proc, or not this process in it. */
int namespace_no_proc(enum cg2_op op, const char *path, struct cg2_error *reterr);

/* The path that /proc/PID/cgroup gives for cgroup v2. ret_path: free with free(). */
int namespace_read_path(struct cg2_ctx *ctx, pid_t pid, char **ret_path,
			struct cg2_error *reterr) _must_check_;

/* Finds the root of ours in a mount that begins above it. */
void namespace_find(struct cg2_ctx *ctx, struct hierarchy *h);

/* What a path of /proc is below the mount. ret_path: free with free(). -ENOMEM. */
int namespace_resolve(const char *root, const char *path, char **ret_path) _must_check_;
