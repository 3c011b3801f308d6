/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a set of limits: the table's private columns, and the three ways in which a limit
 * meets the machine. limits.c has the table and the object, limits-parse.c reads what users
 * write, limits-bus.c makes systemd properties, limits-file.c writes and reads cgroup files.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/sdbus.h"

#define N_LIMITS (CG2_LIMIT_CPU_TIME + 1)

/* CPUs and memory nodes that a list may name. */
#define LIST_BITS 8192

/* cgroup files give a page at least. */
#define PAGE_BYTES UINT64_C(4096)

enum io_key {
	IO_RBPS,
	IO_WBPS,
	IO_RIOPS,
	IO_WIOPS,
	N_IO_KEYS,
};

struct io_key_info {
	const char *key;      /* in io.max and on the command line */
	const char *property; /* systemd's */
	bool is_bytes;
};

extern const struct io_key_info io_keys[N_IO_KEYS];

/* The limits of one block device. */
struct io_limit {
	unsigned int major;
	unsigned int minor;
	char name[32];     /* "vda"; "": not known */
	unsigned int mask; /* bit i: value[i] is set */
	uint64_t value[N_IO_KEYS];
};

/* What the table says beyond the public columns. */
struct limit_row {
	struct cg2_limit_info info;
	uint64_t min; /* smallest value that makes sense */
	uint64_t max; /* greatest, CG2_MAX aside */
	bool takes_percent;
	bool takes_max;  /* "max", no limit, can be written */
	bool is_bus;     /* is set through a property of type t, or of its own kind */
	bool is_leaf;    /* belongs on the command's own cgroup alone, never on the scope */
};

struct cg2_limits {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	uint64_t set;     /* bit i: limit i is set */
	uint64_t implied; /* bit i: set by another one; may be without a file */
	uint64_t value[N_LIMITS];
	uint8_t *list[N_LIMITS]; /* LIST_BITS bits */
	uint64_t cpu_period_usec; /* of the CPU quota; 0: the kernel's own */
	struct io_limit *io;
	size_t n_io;
};

bool limit_exists(unsigned int limit);

/* Of one that is a limit: there is a row for each. */
const struct limit_row *limit_row(unsigned int limit);

/* A change of that limit, whose values are to be filled in. */
struct cg2_change limit_change(unsigned int limit);

bool limits_has(const struct cg2_limits *limits, enum cg2_limit limit);

/* What the kernel keeps of a value. */
uint64_t limit_rounded(const struct cg2_limit_info *info, uint64_t value);

/* "123", or "max" for CG2_MAX. ret_text: free with free(). -ENOMEM. */
int limit_number_to_string(uint64_t value, char **ret_text) _must_check_;

/* Room that the scope leaves for the library's own process beside the command's cgroup. */
struct allowance {
	uint64_t bytes;
	uint64_t tasks;
};

/* For the holder: some pages, itself. And where there is none. */
extern const struct allowance allowance_of_holder;
extern const struct allowance allowance_none;

/* What a percentage of memory is of, and one of tasks; 0: unknown. */
uint64_t limits_ram_bytes(void);
uint64_t limits_machine_tasks(struct cg2_ctx *ctx);

/* limits-bus.c: appends the limit's (sv) structs to the a(sv) that is open in m. */
int limits_append(const struct cg2_limits *limits, enum cg2_limit limit,
		  const struct allowance *extra, sd_bus_message *m) _must_check_;

/* The value that a manager has, in the units of the table. 0: it has none, and wrote none. */
struct unit;
int limit_read_told(const struct unit *unit, enum cg2_limit limit, uint64_t *ret_value);

/* limits-file.c: writes the limit to the cgroup's file. */
int limits_write(const struct cg2_limits *limits, enum cg2_limit limit,
		 struct cg2_group *group, struct cg2_error *reterr) _must_check_;

/* The same and limits_verify() in one, for a cgroup that nobody else writes. */
int limits_apply(const struct cg2_limits *limits, enum cg2_limit limit,
		 struct cg2_group *group, struct cg2_error *reterr) _must_check_;

/* Reads it back. The error says what is there, why, and what to do. */
int limits_verify(const struct cg2_limits *limits, enum cg2_limit limit,
		  const struct allowance *extra, struct cg2_group *group,
		  struct cg2_error *reterr) _must_check_;

/* limits-bfq.c: the weight on bfq's scale, and its file, where the kernel has one. */
uint64_t limits_bfq_weight(uint64_t weight);
bool limits_has_bfq_weight(struct cg2_group *group);
int limits_write_bfq_weight(struct cg2_group *group, uint64_t weight,
			    struct cg2_error *reterr) _must_check_;
int limits_verify_bfq_weight(struct cg2_group *group, uint64_t weight,
			     struct cg2_error *reterr) _must_check_;

/*
 * The commands by which a user's manager gets all controllers; whose: "this" or "your". Free with
 * free(), NULL: out of memory.
 */
char *limits_delegation_fix(const char *whose, unsigned int uid);

/* Why a cgroup file is missing, and who can change it, as detail and hint. */
int limits_explain_missing(struct cg2_group *group, const char *file, const char *controller,
			   const char *value, struct cg2_error *reterr);

/*
 * Whether the manager has the controllers that the limits need; one that has not takes them and
 * does nothing. -EOPNOTSUPP as from limits_explain_missing().
 */
int limits_check_manager(struct cg2_limits *limits, struct cg2_ctx *ctx,
			 enum cg2_manager manager, struct cg2_error *reterr) _must_check_;

/* Which controllers the limits need, as a mask. */
uint64_t limits_controllers(const struct cg2_limits *limits);

/* limits-disk.c: fills in which disk a path is about. */
int limits_find_disk(struct cg2_ctx *ctx, const char *path, struct io_limit *io,
		     struct cg2_error *reterr) _must_check_;

/* limits-list.c: whether all that the list, or the set as text, has is in text: "0-3,8". */
bool limits_is_list_within(const uint8_t *list, const char *text);
bool limits_is_set_within(const char *set, const char *text);

/*
 * Takes out of the limit's list what is not in text; where there is none yet, text is it. 1: it was
 * changed; -ENODATA: nothing would be left.
 */
int limits_cut_list(struct cg2_limits *limits, enum cg2_limit limit,
		    const char *text) _must_check_;

/* Adds what a memory limit means for swap when nothing is said about it: none. */
void limits_complete(struct cg2_limits *limits);

/* A copy that the owner may complete. */
int limits_dup(struct cg2_limits *limits, struct cg2_limits **ret_limits) _must_check_;
