/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a manager is told of a scope: the whole call, in the order and with the types in
 * which it arrives.
 */
#include "fake.h"

#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "limit/limit.h"
#include "property/property.h"
#include "scope/transient.h"

#define MIB (UINT64_C(1) << 20)

struct stage {
	struct cg2_ctx *ctx;
	struct cg2_limits *limits;
	struct scope_request request;
	enum cg2_manager manager;
};

static void stage_make(struct stage *stage)
{
	*stage = (struct stage){ .manager = CG2_MANAGER_USER };
	assert_int_equal(cg2_ctx_new(NULL, &stage->ctx, NULL), 0);
	assert_int_equal(cg2_limits_new(stage->ctx, &stage->limits), 0);
	stage->request = (struct scope_request){
		.unit = "a.scope",
		.description = "make -j",
		.pid = getpid(),
		.use_pidfd = true,
		.limits = stage->limits,
		.runtime_max_usec = CG2_MAX,
		.stop_usec = CG2_MAX,
	};
}

static void stage_end(struct stage *stage)
{
	cg2_limits_unref(stage->limits);
	cg2_ctx_unref(stage->ctx);
}

#define STAGE                                                                            \
	_cleanup_(stage_end) struct stage stage;                                         \
	stage_make(&stage)

/* What the manager got, without the first line and without the process. */
static char *call(struct stage *stage)
{
	_cleanup_free_ char *notes = NULL, *start = NULL;
	struct fake fake;
	struct bus bus;
	char *rest;
	uint64_t end_usec = CG2_MAX;

	fake_connect(&fake, PLAY_WELL, stage->manager, &bus);
	assert_int_equal(scope_start(&bus, &stage->request, &end_usec, NULL), 0);
	bus_close(&bus);
	notes = fake_end(&fake);
	assert_true(asprintf(&start, "%s fail\nPIDFDs ah %d\n", stage->request.unit,
			     (int)stage->request.pid) > 0);
	assert_int_equal(strncmp(notes, start, strlen(start)), 0);
	rest = strdup(notes + strlen(start));
	assert_non_null(rest);
	return rest;
}

/* By which the scopes of cgscope are known; behind what the caller adds. */
#define MARK "Documentation as man:cgscope(1)\n"

static void check_call(struct stage *stage, const char *expected)
{
	_cleanup_free_ char *text = call(stage), *whole = NULL;

	assert_true(asprintf(&whole, "%s%s", expected, MARK) > 0);
	assert_string_equal(text, whole);
}

#define ALWAYS                                                                           \
	"Description s make -j\n"                                                        \
	"CollectMode s inactive-or-failed\n"                                              \
	"DelegateControllers as cpu io memory pids\n"

/* cpuset is delegated only when it is asked for: it makes neighbours forget their affinity. */
#define WITH_CPUSET                                                                      \
	"Description s make -j\n"                                                        \
	"CollectMode s inactive-or-failed\n"                                              \
	"DelegateControllers as cpu io memory pids cpuset\n"

#define ALL_TASKS "TasksMax t 18446744073709551615\n"

/* ------------------------------------------------------------------------------------
 * The scope
 */

static void plain_scope_has_no_limits(void **state)
{
	STAGE;

	check_call(&stage, ALWAYS ALL_TASKS);
}

static void process_is_the_one_that_was_asked_for(void **state)
{
	STAGE;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* A failure below must not leave it behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	stage.request.pid = pid;
	check_call(&stage, ALWAYS ALL_TASKS);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void slice_and_description_arrive(void **state)
{
	STAGE;

	stage.request.slice = "a-b.slice";
	stage.request.description = "caf\xc3\xa9 'x' %s";
	check_call(&stage, "Description s caf\xc3\xa9 'x' %s\n"
			   "CollectMode s inactive-or-failed\n"
			   "DelegateControllers as cpu io memory pids\n"
			   "Slice s a-b.slice\n" ALL_TASKS);
}

static void times_and_signals_arrive(void **state)
{
	STAGE;

	stage.request.runtime_max_usec = 90 * USEC_PER_SEC;
	check_call(&stage, ALWAYS "RuntimeMaxUSec t 90000000\n" ALL_TASKS);
	stage.request.stop_usec = 0;
	stage.request.kill_signal = SIGINT;
	stage.request.is_oom_kill = true;
	check_call(&stage, ALWAYS "RuntimeMaxUSec t 90000000\n"
				  "TimeoutStopUSec t 0\n"
				  "KillSignal i 2\n"
				  "OOMPolicy s kill\n" ALL_TASKS);
}

/* An ordinary user could not write to a cgroup of the system's otherwise. */
static void system_scope_of_an_ordinary_user_is_his(void **state)
{
	_cleanup_free_ char *text = NULL, *owner = NULL;
	const struct passwd *pw;
	STAGE;

	be_ordinary();
	pw = getpwuid(geteuid());
	if (pw)
		assert_true(asprintf(&owner, "\nUser s %s\n", pw->pw_name) > 0);
	stage.manager = CG2_MANAGER_SYSTEM;
	text = call(&stage);
	be_root_again();
	if (owner)
		assert_non_null(strstr(text, owner));
}

static void no_other_scope_needs_an_owner(void **state)
{
	STAGE;

	be_ordinary();
	check_call(&stage, ALWAYS ALL_TASKS);
	be_root_again();
	if (geteuid() != 0)
		return;
	stage.manager = CG2_MANAGER_SYSTEM;
	check_call(&stage, ALWAYS ALL_TASKS);
}

/* ------------------------------------------------------------------------------------
 * Limits
 */

static void set(struct stage *stage, enum cg2_limit limit, uint64_t value)
{
	assert_int_equal(cg2_limits_set(stage->limits, limit, value), 0);
}

static void memory_implies_no_swap(void **state)
{
	STAGE;

	set(&stage, CG2_LIMIT_MEMORY_MAX, 512 * MIB);
	limits_complete(stage.limits);
	check_call(&stage, ALWAYS "MemoryMax t 536870912\n"
				  "MemorySwapMax t 0\n" ALL_TASKS);
	set(&stage, CG2_LIMIT_SWAP_MAX, CG2_MAX);
	limits_complete(stage.limits);
	check_call(&stage, ALWAYS "MemoryMax t 536870912\n"
				  "MemorySwapMax t 18446744073709551615\n" ALL_TASKS);
}

static void holder_has_its_share(void **state)
{
	STAGE;

	stage.request.extra = (struct allowance){ .bytes = MIB, .tasks = 1 };
	set(&stage, CG2_LIMIT_MEMORY_MAX, 512 * MIB);
	set(&stage, CG2_LIMIT_MEMORY_HIGH, 256 * MIB);
	set(&stage, CG2_LIMIT_MEMORY_LOW, 128 * MIB);
	set(&stage, CG2_LIMIT_MEMORY_MIN, 64 * MIB);
	set(&stage, CG2_LIMIT_SWAP_MAX, 0);
	set(&stage, CG2_LIMIT_TASKS_MAX, 10);
	check_call(&stage, ALWAYS "MemoryMax t 537919488\n"
				  "MemoryHigh t 269484032\n"
				  "MemoryLow t 134217728\n"
				  "MemoryMin t 67108864\n"
				  "MemorySwapMax t 0\n"
				  "TasksMax t 11\n");
}

static void share_does_not_overflow(void **state)
{
	STAGE;

	stage.request.extra = (struct allowance){ .bytes = MIB, .tasks = 1 };
	set(&stage, CG2_LIMIT_MEMORY_MAX, CG2_MAX);
	set(&stage, CG2_LIMIT_MEMORY_HIGH, CG2_MAX - 5);
	set(&stage, CG2_LIMIT_TASKS_MAX, CG2_MAX);
	check_call(&stage, ALWAYS "MemoryMax t 18446744073709551615\n"
				  "MemoryHigh t 18446744073709551615\n" ALL_TASKS);
}

static void cpu_is_counted_per_second(void **state)
{
	static const struct {
		uint64_t permyriad;
		const char *property;
	} cases[] = {
		{ 15000, ALWAYS "CPUQuotaPerSecUSec t 1500000\n" ALL_TASKS },
		{ 3333, ALWAYS "CPUQuotaPerSecUSec t 333300\n" ALL_TASKS },
		{ 10, ALWAYS "CPUQuotaPerSecUSec t 1000\n" ALL_TASKS },
		{ CG2_MAX,
		  ALWAYS "CPUQuotaPerSecUSec t 18446744073709551615\n" ALL_TASKS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		STAGE;

		set(&stage, CG2_LIMIT_CPU_MAX, cases[i].permyriad);
		check_call(&stage, cases[i].property);
	}
}

static void weights_arrive(void **state)
{
	STAGE;

	set(&stage, CG2_LIMIT_CPU_WEIGHT, 50);
	set(&stage, CG2_LIMIT_IO_WEIGHT, 10000);
	check_call(&stage, ALWAYS "CPUWeight t 50\nIOWeight t 10000\n" ALL_TASKS);
	set(&stage, CG2_LIMIT_CPU_WEIGHT, CG2_WEIGHT_IDLE);
	check_call(&stage, ALWAYS "CPUWeight t 0\nIOWeight t 10000\n" ALL_TASKS);
}

static void set_list(struct stage *stage, enum cg2_limit limit, const char *text)
{
	free(stage->limits->list[limit]);
	stage->limits->list[limit] = calloc(1, LIST_BITS / 8);
	assert_non_null(stage->limits->list[limit]);
	assert_int_equal(
		cg2_list_from_string(text, stage->limits->list[limit], LIST_BITS, NULL),
		0);
	stage->limits->set |= UINT64_C(1) << limit;
}

static void lists_are_bitmaps(void **state)
{
	STAGE;

	set_list(&stage, CG2_LIMIT_CPUSET_CPUS, "0-1,8");
	set_list(&stage, CG2_LIMIT_CPUSET_MEMS, "0");
	check_call(&stage, WITH_CPUSET "AllowedCPUs ay 0301\n"
				  "AllowedMemoryNodes ay 01\n" ALL_TASKS);
	set_list(&stage, CG2_LIMIT_CPUSET_CPUS, "23");
	set_list(&stage, CG2_LIMIT_CPUSET_MEMS, "1");
	check_call(&stage, WITH_CPUSET "AllowedCPUs ay 000080\n"
				  "AllowedMemoryNodes ay 02\n" ALL_TASKS);
}

/* stat(2) would ask for a disk that this machine may not have. */
static void set_io(struct stage *stage, const struct io_limit *io, size_t n)
{
	stage->limits->io = calloc(n, sizeof(*io));
	assert_non_null(stage->limits->io);
	memcpy(stage->limits->io, io, n * sizeof(*io));
	stage->limits->n_io = n;
	stage->limits->set |= UINT64_C(1) << CG2_LIMIT_IO_MAX;
}

static void disks_have_a_property_a_key(void **state)
{
	static const struct io_limit io[] = {
		{ .major = 8,
		  .minor = 0,
		  .mask = 0xf,
		  .value = { MIB, 2 * MIB, 30, 40 } },
		{ .major = 259,
		  .minor = 3,
		  .mask = 1 << IO_WBPS,
		  .value = { 0, CG2_MAX, 0, 0 } },
	};
	STAGE;

	set_io(&stage, io, ARRAY_SIZE(io));
	check_call(&stage, ALWAYS "IOReadBandwidthMax a(st) /dev/block/8:0 1048576\n"
				  "IOWriteBandwidthMax a(st) /dev/block/8:0 2097152\n"
				  "IOReadIOPSMax a(st) /dev/block/8:0 30\n"
				  "IOWriteIOPSMax a(st) /dev/block/8:0 40\n"
				  "IOWriteBandwidthMax a(st) /dev/block/259:3 "
				  "18446744073709551615\n" ALL_TASKS);
}

/* The library keeps these itself, or on the command's own cgroup. */
static void limits_of_our_own_are_not_sent(void **state)
{
	STAGE;

	set(&stage, CG2_LIMIT_OOM_GROUP, 1);
	set(&stage, CG2_LIMIT_WALL_TIME, 5 * USEC_PER_SEC);
	set(&stage, CG2_LIMIT_CPU_TIME, 5 * USEC_PER_SEC);
	check_call(&stage, ALWAYS ALL_TASKS);
}

static void properties_come_last(void **state)
{
	struct property *properties[2];
	STAGE;

	assert_int_equal(
		property_parse("ManagedOOMPreference=avoid", &properties[0], NULL), 0);
	assert_int_equal(property_parse("IPAccounting=yes", &properties[1], NULL), 0);
	stage.request.properties = properties;
	stage.request.n_properties = ARRAY_SIZE(properties);
	set(&stage, CG2_LIMIT_TASKS_MAX, 7);
	check_call(&stage, ALWAYS "TasksMax t 7\n"
				  "ManagedOOMPreference s avoid\n"
				  "IPAccounting b 1\n");
	property_free(properties[0]);
	property_free(properties[1]);
}

static void everything_fits_into_one_call(void **state)
{
	static const struct io_limit io = {
		.major = 8, .minor = 16, .mask = 1 << IO_RIOPS, .value = { 0, 0, 5, 0 }
	};
	STAGE;

	stage.request.slice = "x.slice";
	stage.request.runtime_max_usec = 1;
	set(&stage, CG2_LIMIT_MEMORY_MAX, MIB);
	set(&stage, CG2_LIMIT_CPU_MAX, 10000);
	set(&stage, CG2_LIMIT_TASKS_MAX, 1);
	set_list(&stage, CG2_LIMIT_CPUSET_CPUS, "0-7");
	set_io(&stage, &io, 1);
	limits_complete(stage.limits);
	check_call(&stage, WITH_CPUSET "Slice s x.slice\n"
				  "RuntimeMaxUSec t 1\n"
				  "MemoryMax t 1048576\n"
				  "MemorySwapMax t 0\n"
				  "CPUQuotaPerSecUSec t 1000000\n"
				  "TasksMax t 1\n"
				  "IOReadIOPSMax a(st) /dev/block/8:16 5\n"
				  "AllowedCPUs ay ff\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_scope_has_no_limits),
		cmocka_unit_test(process_is_the_one_that_was_asked_for),
		cmocka_unit_test(slice_and_description_arrive),
		cmocka_unit_test(times_and_signals_arrive),
		cmocka_unit_test(system_scope_of_an_ordinary_user_is_his),
		cmocka_unit_test(no_other_scope_needs_an_owner),
		cmocka_unit_test(memory_implies_no_swap),
		cmocka_unit_test(holder_has_its_share),
		cmocka_unit_test(share_does_not_overflow),
		cmocka_unit_test(cpu_is_counted_per_second),
		cmocka_unit_test(weights_arrive),
		cmocka_unit_test(lists_are_bitmaps),
		cmocka_unit_test(disks_have_a_property_a_key),
		cmocka_unit_test(limits_of_our_own_are_not_sent),
		cmocka_unit_test(properties_come_last),
		cmocka_unit_test(everything_fits_into_one_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
