/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of an explanation: what was read of a unit, its lives in the journal, and what follows
 * from them. explain-read*.c read; explain-lives.c, explain-words.c and the rules in
 * explain-rules*.c only reckon, so that tests feed them from recordings.
 */
#pragma once

#include "base/macro.h"
#include "child/exec-file.h"
#include "evidence/kernel-line.h"
#include "explain/explain-env.h"
#include "explain/explain-start.h"
#include "libcg2.h"
#include "systemd/journal.h"
#include "systemd/unit.h"
#include "value/unknown.h"
#include "verdict/verdict.h"

/* What a manager says without a message id, and does so in every version since 252. */
enum explain_word {
	WORD_START_LIMIT,
	WORD_TIMED_OUT,	     /* "start operation timed out. Terminating." */
	WORD_STOP_TIMED_OUT, /* "State 'stop-sigterm' timed out. Killing." */
	WORD_WATCHDOG,
	WORD_RUNTIME_MAX,
	WORD_ENVIRONMENT_FILE,
	WORD_FORK,
	WORD_NO_PROCESS,
	WORD_PID_FILE,
	WORD_KILLING,
	WORD_BY_CLIENT,
	WORD_BOUND_TO,
	WORD_ASSERT,
	WORD_STEP, /* of the process that was to become the program: why the step failed */
	N_EXPLAIN_WORDS
};

/* Which of them the message is, N_EXPLAIN_WORDS if none. */
enum explain_word explain_word_of(const char *message);

/* The exit statuses by which a manager's child says which of its steps failed; NULL: none. */
struct explain_step {
	int status;	     /* 203 */
	const char *name;    /* "EXEC" */
	const char *setting; /* what it does, as it is written in a unit: "WorkingDirectory=" */
	const char *hint;    /* NULL: look at the setting */
};
const struct explain_step *explain_step_of(int status);

/* One start of a unit and what came of it. The entries are the reader's; NULL: there is none. */
struct explain_life {
	char invocation[33]; /* "": it never got that far */
	char job[24];
	const struct journal_entry *starting;
	const struct journal_entry *started;
	const struct journal_entry *job_failed;
	const struct journal_entry *stopping;
	const struct journal_entry *stopped;
	const struct journal_entry *exited;  /* its main process */
	const struct journal_entry *control; /* ExecStartPre= and its like, which failed */
	const struct journal_entry *failed;
	const struct journal_entry *skipped;
	const struct journal_entry *well;
	const struct journal_entry *spawn; /* a step of systemd's own that failed */
	const struct journal_entry *oom;
	const struct journal_entry *oomd;
	const struct journal_entry *core;
	const struct journal_entry *restart;
	const struct journal_entry *words[N_EXPLAIN_WORDS];
	const struct journal_entry *first;
	const struct journal_entry *last;
	bool gave_up;
	bool is_over;
};

struct explain_unit;

/*
 * Takes the entries of a unit, newest first, apart into its lives, newest first. The manager's own
 * are told from others by what the journal itself notes. ret_lives: free with free().
 */
int explain_lives_make(const struct journal_list *entries, const struct explain_unit *about,
		       struct explain_life **ret_lives, size_t *ret_n);

/* What the manager's child said on its way to the program; 262 does so without the unit's name. */
void explain_life_take_childs(struct explain_life *life, const struct journal_entry *entry);

/* Whether the unit's manager wrote it. */
bool explain_is_managers(const struct journal_entry *entry, const struct explain_unit *about);

/* Whether a child of the manager can have written it, on its way to the program. */
bool explain_is_childs(const struct journal_entry *entry, const struct explain_unit *about);

/*
 * A unit that ended well in a user's manager has no word of its end: the manager knows. It was
 * asked before the journal was read.
 */
void explain_life_settle(struct explain_life *newest, const struct explain_unit *about);

/* How its main process ended, as the journal has it: CLD_EXITED and its like, 0: unknown. */
int explain_life_exit(const struct explain_life *life, int *ret_status);

/* What the manager tells of a unit. The texts are those of properties. */
struct explain_unit {
	struct unit *properties; /* NULL: the manager does not have it */
	const char *name;
	enum cg2_manager manager;
	uid_t uid;      /* whose manager */
	uid_t user_uid; /* User=, else as uid */
	const char *load_state;
	const char *load_error;
	const char *active_state;
	const char *result;
	const char *type;
	const char *fragment;
	const char *user;
	const char *group;
	const char *working_directory;
	const char *tty_path;
	const char *pid_file;
	const char *bus_name;
	const char *protect_home;
	const char *slice;
	const char *cgroup;
	const char *status_text;
	char *condition; /* "ConditionPathExists=/x", the one that was not met; owned */
	char *assertion;
	const char *environment_file; /* the first that has to be there and is not */
	const char *path;	      /* PATH in its environment */
	const char *search_path;      /* ExecSearchPath=, or what systemd has in its place */
	char invocation[33];
	uint64_t active_enter_usec;
	uint64_t inactive_enter_usec;
	uint64_t asked_usec; /* when the manager was asked; CLOCK_REALTIME */
	uint64_t asked_monotonic_usec;
	uint64_t timeout_start_usec;
	uint64_t timeout_stop_usec;
	uint64_t job_timeout_usec;
	uint64_t runtime_max_usec;
	uint64_t watchdog_usec;
	uint64_t start_interval_usec;
	uint64_t start_burst;
	uint64_t n_restarts;
	uint64_t memory_max;
	uint64_t tasks_max;
	int exit_code; /* of the main process, the last time; 0: it has not ended */
	int exit_status;
	pid_t pid;
	bool has_home;
	bool is_user_unknown; /* there is no User= now */
	bool is_group_unknown;
	bool is_made_up;      /* a slice that the manager makes of any name, and never started */
	bool has_mounts; /* settings that give it a file system of its own */
};

/* The limits on the way up from its cgroup, as they are now. */
struct explain_level {
	char *path;
	struct verdict_level counters;
};

/* What a rule may look at. */
struct explain_facts {
	const struct explain_unit *unit;
	const struct explain_life *life; /* NULL: it never started, as far as can be read */
	size_t n_starts;		 /* lives right before it that a restart joins to it */
	uint64_t starts_usec;		 /* from the first of them to its end */
	bool is_current;		 /* unit's properties are about this life */
	bool is_alive;
	const struct journal_entry *config; /* what is wrong with the unit's file */
	const struct journal_list *own;	    /* its last lines, newest first */
	const struct journal_list *kernel;  /* the kernel's lines meanwhile that name it */
	const struct journal_list *oomd;
	const struct explain_level *levels; /* from its cgroup up */
	size_t n_levels;
	const struct exec_file *file; /* the program, as it is now; NULL: not looked at */
	const char *elsewhere; /* a directory of the caller's PATH that has the program, or NULL */
	const char *need;      /* the unit that it needs, and that failed; NULL: none is known */
	const char *need_reason;
	const char *need_hint;
	size_t n_needs;
	bool has_journal; /* its manager's messages can be read */
	bool has_kernel;  /* the kernel's can */
	pid_t pid;	  /* that was asked for, 0: a unit */
};

/* What a rule says. */
struct explain_answer {
	unsigned int cause; /* row of the table */
	unsigned int certainty;
	char *reason;
	char *hint;
	const struct journal_entry *from[3];
	size_t n_from;
	const char *limit_file; /* that is to blame; static */
	char *limit_cgroup;
	uint64_t limit; /* UNKNOWN */
	bool is_own;
	bool is_out_of_memory;
};

/* False: it does not apply. */
typedef bool (*explain_rule_fn)(const struct explain_facts *f, struct explain_answer *a);

/* Which part of a unit's life a cause belongs to; the words of a headline. */
enum explain_stage {
	STAGE_NONE,
	STAGE_RUNNING,
	STAGE_SKIPPED,
	STAGE_STOPPED,
	STAGE_WELL,
	STAGE_START,
	STAGE_END,
	STAGE_UNKNOWN,
};

struct explain_rule {
	struct cg2_finding_info info;
	const char *verdict; /* a record's word, or one of the verb's own */
	enum explain_stage stage;
	bool is_last_resort; /* says nothing beside another cause */
	explain_rule_fn fn;
};

/* explain-rules.c: the table, of as many rows as there are causes. */
const struct explain_rule *explain_rule(size_t i);

/*
 * Applies the table. ret_answers: the cause first, then what else applies; free each with
 * explain_answer_clear() and the array. -ENOMEM.
 */
int explain_decide(const struct explain_facts *facts, struct explain_answer **ret_answers,
		   size_t *ret_n);
void explain_answer_clear(struct explain_answer *answer);

/* For rules: the certainty and the reason; true. The hint; evidence; the limit that is to blame. */
bool say(struct explain_answer *a, enum cg2_certainty certainty, const char *format, ...)
	_printf_(3, 4);
void advise(struct explain_answer *a, const char *format, ...) _printf_(2, 3);
void cite(struct explain_answer *a, const struct journal_entry *entry);
void blame(struct explain_answer *a, const char *file, const char *cgroup, uint64_t limit,
	   bool is_own);

/* How it ended: what the journal has, else what the manager still knows. CLD_..., 0: unknown. */
int explain_exit(const struct explain_facts *f, int *ret_status);

/* The kernel killed that process, in that unit: the number may have been another one's before. */
bool explain_is_victim(const struct kernel_oom *oom, pid_t pid, const char *unit);

/* "systemctl --user" or "systemctl", as the unit's manager is reached. */
const char *explain_systemctl(const struct explain_facts *f);

/* Whether a text of a unit's is there and says that. */
bool text_is(const char *text, const char *wanted);

/* The signal's or status's words: "SIGKILL", "status 3". */
void explain_put_exit(FILE *f, int code, int status);

/* explain-rules-start.c, explain-rules-exec.c, explain-rules-run.c, explain-rules-end.c */
bool cause_unit_unknown(const struct explain_facts *f, struct explain_answer *a);
bool cause_running(const struct explain_facts *f, struct explain_answer *a);
bool cause_skipped_condition(const struct explain_facts *f, struct explain_answer *a);
bool cause_skipped_exec_condition(const struct explain_facts *f, struct explain_answer *a);
bool cause_stopped(const struct explain_facts *f, struct explain_answer *a);
bool cause_ended_well(const struct explain_facts *f, struct explain_answer *a);
bool cause_bad_unit_file(const struct explain_facts *f, struct explain_answer *a);
bool cause_masked(const struct explain_facts *f, struct explain_answer *a);
bool cause_dependency(const struct explain_facts *f, struct explain_answer *a);
bool cause_assert(const struct explain_facts *f, struct explain_answer *a);
bool cause_start_limit(const struct explain_facts *f, struct explain_answer *a);
bool cause_environment_file(const struct explain_facts *f, struct explain_answer *a);
bool cause_manager_cannot_fork(const struct explain_facts *f, struct explain_answer *a);
bool cause_scope_no_process(const struct explain_facts *f, struct explain_answer *a);
bool cause_job_canceled(const struct explain_facts *f, struct explain_answer *a);
bool cause_job_timeout(const struct explain_facts *f, struct explain_answer *a);

bool cause_exec_not_found(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_not_in_path(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_interpreter(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_crlf(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_elf_interpreter(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_no_x(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_directory_right(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_noexec(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_policy(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_format(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_busy(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_too_long(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_eperm(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_memory(const struct explain_facts *f, struct explain_answer *a);
bool cause_exec_other(const struct explain_facts *f, struct explain_answer *a);
bool cause_setup_chdir(const struct explain_facts *f, struct explain_answer *a);
bool cause_setup_user(const struct explain_facts *f, struct explain_answer *a);
bool cause_setup_group(const struct explain_facts *f, struct explain_answer *a);
bool cause_setup_stdio(const struct explain_facts *f, struct explain_answer *a);
bool cause_setup_namespace(const struct explain_facts *f, struct explain_answer *a);
bool cause_setup_step(const struct explain_facts *f, struct explain_answer *a);

bool cause_exec_env_interpreter(const struct explain_facts *f, struct explain_answer *a);
bool cause_command_not_found_inside(const struct explain_facts *f, struct explain_answer *a);
bool cause_oomd(const struct explain_facts *f, struct explain_answer *a);
bool cause_oom_own(const struct explain_facts *f, struct explain_answer *a);
bool cause_oom_ancestor(const struct explain_facts *f, struct explain_answer *a);
bool cause_oom_ram(const struct explain_facts *f, struct explain_answer *a);
bool cause_oom_unknown_limit(const struct explain_facts *f, struct explain_answer *a);
bool cause_oom_helper(const struct explain_facts *f, struct explain_answer *a);
bool cause_tasks(const struct explain_facts *f, struct explain_answer *a);
bool cause_watchdog(const struct explain_facts *f, struct explain_answer *a);
bool cause_start_timeout_notify(const struct explain_facts *f, struct explain_answer *a);
bool cause_start_timeout(const struct explain_facts *f, struct explain_answer *a);
bool cause_stop_timeout(const struct explain_facts *f, struct explain_answer *a);
bool cause_runtime_max(const struct explain_facts *f, struct explain_answer *a);
bool cause_protocol(const struct explain_facts *f, struct explain_answer *a);
bool cause_seccomp(const struct explain_facts *f, struct explain_answer *a);
bool cause_core(const struct explain_facts *f, struct explain_answer *a);
bool cause_killed_by_manager(const struct explain_facts *f, struct explain_answer *a);
bool cause_killed_by_client(const struct explain_facts *f, struct explain_answer *a);
bool cause_signal(const struct explain_facts *f, struct explain_answer *a);
bool cause_no_terminal(const struct explain_facts *f, struct explain_answer *a);
bool cause_no_home(const struct explain_facts *f, struct explain_answer *a);
bool cause_no_space(const struct explain_facts *f, struct explain_answer *a);
bool cause_address_in_use(const struct explain_facts *f, struct explain_answer *a);
bool cause_exit_128n(const struct explain_facts *f, struct explain_answer *a);
bool cause_exit(const struct explain_facts *f, struct explain_answer *a);
bool cause_unloaded(const struct explain_facts *f, struct explain_answer *a);
bool cause_unknown(const struct explain_facts *f, struct explain_answer *a);

/* ---- reading ---- */

/* explain-unit.c: what the manager tells. */
void explain_unit_fill(struct explain_unit *about, struct unit *properties);
void explain_unit_clear(struct explain_unit *about);

/* One life, and what was concluded of it. */
struct explain_told {
	struct explain_life *life; /* NULL: none is known */
	struct journal_list own;
	struct journal_list steps; /* of the manager's child, that only its cgroup tells */
	struct journal_list kernel;
	struct journal_list oomd;
	struct journal_list core;
	struct explain_answer *answers;
	size_t n_answers;
	size_t n_starts;
	uint64_t starts_usec;
	char *program; /* whose file was looked at */
	char *what;    /* the headline's words */
	char *elsewhere;
	struct exec_file file;
	bool has_own; /* its own lines can be read */
	bool is_current;
};

struct explain_unread {
	const char *source; /* static */
	char *why;
	char *hint;
};

struct cg2_explanation {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	char *target;
	char *name;   /* the unit's */
	char *cgroup; /* where it is, or was */
	struct explain_unit about;
	struct journal_list entries; /* the manager's on the unit, newest first */
	const struct journal_entry *config;
	struct explain_life *lives;
	size_t n_lives;
	struct explain_told *told;
	size_t n_told;
	struct explain_level *levels;
	size_t n_levels;
	struct explain_unread *unread;
	size_t n_unread;
	struct explain_difference *differences; /* if its environment was asked for */
	size_t n_differences;
	struct explain_start start; /* if that was asked for; no result: it is not known */
	struct explain_earlier *earlier; /* those before it, newest first */
	size_t n_earlier;
	struct cg2_explanation *need; /* the unit that it needs */
	size_t n_needs;
	pid_t pid;
	bool is_cut;
	bool has_journal;
	bool has_kernel;
};

struct explain_work;

/* explain.c: of one unit of one manager. 1: *ret; 0: nobody knows of it. */
typedef int (*explain_unit_fn)(struct explain_work *work, enum cg2_manager manager,
			       const char *target, const char *name, pid_t pid,
			       struct cg2_explanation **ret, struct cg2_error *reterr);
int explain_unit(struct explain_work *work, enum cg2_manager manager, const char *target,
		 const char *name, pid_t pid, struct cg2_explanation **ret,
		 struct cg2_error *reterr);

/* What an explanation is made with. */
struct explain_work {
	explain_unit_fn explain; /* for the units that one needs */
	struct cg2_ctx *ctx;
	const struct cg2_explain_wish *wish;
	struct journal_source *journal; /* NULL: there is none */
	struct bus *bus;		/* of the unit's manager; NULL: it cannot be asked */
	unsigned int depth;		/* of units that are needed */
	bool is_living;			/* a process was asked for that runs */
};

/* explain-journal.c: the unit's entries, then what else there is of one of its lives. */
int explain_read_entries(struct explain_work *work, struct cg2_explanation *e);
int explain_read_life(struct explain_work *work, struct cg2_explanation *e,
		      struct explain_told *told);

/* explain-facts.c: the file, the limits, the units that it needs; then the decision. */
int explain_conclude(struct explain_work *work, struct cg2_explanation *e,
		     struct explain_told *told);
void explain_read_levels(struct cg2_explanation *e);

/* Something that could not be read, with a hint or NULL. -ENOMEM. */
int explain_add_unread(struct cg2_explanation *e, const char *source, const char *hint,
		       const char *format, ...) _printf_(4, 5);
