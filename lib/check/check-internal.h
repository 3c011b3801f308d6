/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a check: what was read of a target's cgroups, its process, the machine and systemd,
 * and what follows from it. check-read.c and its like read; check-effective.c and the rules in
 * check-rules*.c only reckon, so that tables can test them.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "value/unknown.h"

#define N_LEVEL_FIGURES (CG2_LEVEL_CPU_WEIGHT + 1)
#define N_LEVEL_TEXTS (CG2_LEVEL_IO_MAX + 1)

/* A limit that a unit was told to have. */
struct check_config {
	enum cg2_limit limit;
	uint64_t told;	   /* CG2_MAX: none; not for lists */
	char *told_text;   /* as a person reads it */
	uint64_t has;	   /* what the kernel has; UNKNOWN: no such file */
	char *has_text;
	bool is_different; /* the two do not mean the same */
	bool is_weaker;	   /* what the kernel has limits less */
	char *source;	   /* the file that says so, NULL: the manager's default */
	char *missing;	   /* why there is no such file, and what to do; NULL: there is one */
	char *missing_fix;
};

struct check_level {
	char *path;
	char *unit; /* whose own cgroup this is; NULL: none */
	enum cg2_manager manager;
	uint64_t uid;	    /* whose manager, CG2_MAX for the system's */
	uint64_t figures[N_LEVEL_FIGURES]; /* UNKNOWN, CG2_MAX */
	char *texts[N_LEVEL_TEXTS];	   /* NULL: not there */
	bool is_frozen;			   /* cgroup.freeze of itself */
	bool is_idle;			   /* cpu.idle */
	bool is_pressure_off;		   /* cgroup.pressure */
	uint64_t n_restarts; /* of a service, since it was started by a job; 0 also: unknown */
	bool lacks_subgroup; /* a delegated service without one, though its manager knows of them */
	uint64_t weights; /* of it and its siblings that have processes; UNKNOWN */
	struct check_config *configs;
	size_t n_configs;
};

/* What limits a process beside its cgroup. */
struct check_process {
	pid_t pid; /* 0: the target is no process */
	char *name;
	bool is_privileged; /* RLIMIT_NPROC does not hold for it */
	uint64_t nproc_limit;
	uint64_t nproc_current;
	bool is_nproc_partial; /* its user may have more, out of sight */
	uint64_t as_limit;
	uint64_t as_current;
	uint64_t nofile_limit;
	uint64_t nofile_current;
	bool has_no_new_privs;
	uint64_t seccomp; /* 0: none, 1: strict, 2: a filter */
	uint64_t bounding; /* capabilities */
	bool is_oom_known;
	int oom_score_adj;
};

struct check_machine {
	uint64_t n_cpus;
	uint64_t memory_total;
	uint64_t memory_available;
	uint64_t swap_total;
	uint64_t swap_free;
	uint64_t threads_max;
	uint64_t threads;
	uint64_t pid_max;
	uint64_t capabilities; /* all that there are */
	bool has_pressure;
	bool is_namespaced; /* the last level has one above it that can't be seen */
};

/* Processes that have ended and that nobody has reaped; they count as tasks. */
struct check_zombies {
	uint64_t n;
	pid_t parent; /* of the first one */
	char *parent_name;
};

/* That systemd started the target's service again, and why it had ended the last time. */
struct check_restarts {
	uint64_t n; /* 0: it did not */
	size_t level;
	char *reason; /* NULL: unknown, or no failure */
	char *hint;
	unsigned int certainty; /* enum cg2_certainty */
	uint64_t ago_usec;
};

/* An answer to "is there that much?". */
struct check_need {
	enum cg2_limit limit;
	uint64_t value;
	char *text; /* as it was asked */
	char *missing; /* the limit can't be set there at all; NULL: it can */
	char *missing_fix;
};

struct check_finding {
	unsigned int id; /* of enum check_id */
	enum cg2_severity severity;
	size_t level; /* SIZE_MAX: no cgroup's */
	char *text;
	char *fix; /* NULL: nothing to do */
};

/* What the headroom of a resource is, level by level and beyond them. */
struct check_effective {
	bool is_known;
	uint64_t limit;
	uint64_t current;  /* UNKNOWN */
	uint64_t headroom; /* UNKNOWN */
	enum cg2_source source;
	size_t level;	  /* SIZE_MAX: no cgroup's */
	const char *file; /* static */
};

struct check_io {
	char device[32];
	const char *key; /* static */
	uint64_t limit;
	size_t level;
};

struct cg2_check {
	unsigned int n_ref;
	char *target;
	struct check_level *levels; /* [0]: the target's */
	size_t n_levels;
	struct check_process process;
	struct check_machine machine;
	struct check_zombies zombies;
	struct check_restarts restarts;
	struct check_need *needs;
	size_t n_needs;
	char *unasked; /* why what systemd was told is not known; NULL: it is */
	struct check_effective effective[CG2_RESOURCE_CPU + 1];
	struct check_io *io;
	size_t n_io;
	struct check_finding *findings;
	size_t n_findings;
};

/* The rows of the table of findings, in the order in which they are told. */
enum check_id {
	CHECK_NEED,
	CHECK_FROZEN,
	CHECK_TASKS_HEADROOM,
	CHECK_MEMORY_HEADROOM,
	CHECK_UNIT_FAILED,
	CHECK_TASKS_TINY,
	CHECK_MEMORY_TINY,
	CHECK_CONTROLLER_MISSING,
	CHECK_LIMIT_DIFFERS,
	CHECK_SWAP_UNLIMITED,
	CHECK_HIGH_WITHOUT_SWAP,
	CHECK_CPU_UNDER_ONE,
	CHECK_RLIMIT_NPROC,
	CHECK_RLIMIT_AS,
	CHECK_RLIMIT_NOFILE,
	CHECK_ZOMBIES,
	CHECK_OOM_SCORE_ADJ,
	CHECK_NO_NEW_PRIVS,
	CHECK_SECCOMP,
	CHECK_CAPABILITIES,
	CHECK_CPU_SHARE,
	CHECK_LIMIT_SOURCE,
	CHECK_DELEGATE_SUBGROUP,
	CHECK_PSI_DISABLED,
	CHECK_HIDDEN_ABOVE,
	CHECK_SYSTEMD_UNASKED,
	N_CHECKS,
};

/* ---- reading; 0 or -errno ---- */

/* check-read.c: the levels from the group up, and the machine. */
int check_read_levels(struct cg2_check *check, struct cg2_group *group,
		      struct cg2_error *reterr) _must_check_;

int check_read_machine(struct cg2_check *check, struct cg2_group *group) _must_check_;

/* check-process.c: pid 0 is the caller. Nothing is an error: what can't be read is unknown. */
int check_read_process(struct cg2_check *check, struct cg2_ctx *ctx, pid_t pid) _must_check_;
int check_read_zombies(struct cg2_check *check, struct cg2_group *group) _must_check_;

/* check-config.c: what systemd was told. */
int check_read_configs(struct cg2_check *check, struct cg2_group *group) _must_check_;

/* check-restarts.c: why a service that was started again had ended; after the above. */
int check_read_restarts(struct cg2_check *check, struct cg2_ctx *ctx) _must_check_;

/* What is asked for. */
int check_read_needs(struct cg2_check *check, struct cg2_limits *limits,
		     struct cg2_group *group) _must_check_;

/* ---- reckoning ---- */

/* Fills effective and io. -ENOMEM. */
int check_find_effective(struct cg2_check *check) _must_check_;

/* Free memory below a level's memory.max: clean file cache counts as free. */
uint64_t check_memory_headroom(const struct check_level *level);

/* Fills findings from all the rest. -ENOMEM. */
int check_find_all(struct cg2_check *check) _must_check_;

/* ---- what rules make findings of: check-finding.c ---- */

/*
 * Adds a finding. Both texts are the finding's from then on, NULL for fix: nothing to do. NULL
 * for text: memory ran out on the way, which is the result then.
 */
int check_add(struct cg2_check *check, enum check_id id, enum cg2_severity severity, size_t level,
	      char *text, char *fix) _must_check_;

/* The unit of a level, else its path. */
const char *check_level_name(const struct check_level *level);

/* How to set a limit of a level: "as root: systemctl set-property UNIT NAME=VALUE". */
char *check_fix_limit(const struct check_level *level, enum cg2_limit limit, const char *value);

/* "512M", "2.6G", rounded, in a buffer of the caller's: for texts only. */
#define CHECK_TEXT_MAX 32
const char *check_size_text(uint64_t bytes, char *buf);

/* Each rule adds what it finds, some of one level at a time. check-rules.c: */
int rule_frozen(struct cg2_check *check, size_t i);
int rule_tasks_headroom(struct cg2_check *check, size_t i);
int rule_memory_headroom(struct cg2_check *check, size_t i);
int rule_tasks_tiny(struct cg2_check *check, size_t i);
int rule_memory_tiny(struct cg2_check *check, size_t i);
int rule_swap_unlimited(struct cg2_check *check);
int rule_high_without_swap(struct cg2_check *check, size_t i);
int rule_cpu_under_one(struct cg2_check *check);
int rule_cpu_share(struct cg2_check *check);
int rule_psi_disabled(struct cg2_check *check);
int rule_hidden_above(struct cg2_check *check);

/* check-rules-process.c: */
int rule_rlimit_nproc(struct cg2_check *check);
int rule_rlimit_as(struct cg2_check *check);
int rule_rlimit_nofile(struct cg2_check *check);
int rule_zombies(struct cg2_check *check);
int rule_oom_score_adj(struct cg2_check *check);
int rule_no_new_privs(struct cg2_check *check);
int rule_seccomp(struct cg2_check *check);
int rule_capabilities(struct cg2_check *check);

/* check-rules-config.c: */
int rule_need(struct cg2_check *check);
int rule_controller_missing(struct cg2_check *check);
int rule_limit_differs(struct cg2_check *check);
int rule_limit_source(struct cg2_check *check);
int rule_delegate_subgroup(struct cg2_check *check, size_t i);
int rule_unit_failed(struct cg2_check *check);
int rule_systemd_unasked(struct cg2_check *check);
