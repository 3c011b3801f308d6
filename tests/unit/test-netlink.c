/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What kernels tell about processes over netlink, from messages of all their lengths, and of no
 * length that they have.
 */
#include "tests/unit/netlink.h"

#include "process/netlink.h"
#include "process/connector.h"
#include "process/taskstats.h"

/* Parses from a block of exactly that length, so that a sanitizer sees a step too far. */
static int parse_record(const void *bytes, size_t len, struct taskstats_record *ret_record)
{
	_cleanup_free_ void *exact = malloc(len > 0 ? len : 1);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	return taskstats_parse(FAMILY, exact, len, ret_record);
}

static int parse_event(const void *bytes, size_t len, struct connector_event *ret_event)
{
	_cleanup_free_ void *exact = malloc(len > 0 ? len : 1);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	return connector_parse(exact, len, ret_event);
}

/* ------------------------------------------------------------------------------------
 * Exit records
 */

/* A task that was killed, with a figure in every member that is used. */
static void fill_stats(struct stats *stats, uint16_t version, size_t len)
{
	stats_begin(stats, version, len, "hog");
	stats_u32(stats, AT_EXITCODE, 9);
	stats->bytes[AT_FLAG] = 0x10 | STATS_AGROUP;
	stats_u64(stats, AT_CPU_DELAY, 11000);
	stats_u64(stats, AT_BLKIO_COUNT, 1);
	stats_u64(stats, AT_BLKIO_DELAY, 12000);
	stats_u64(stats, AT_SWAPIN_DELAY, 13999);
	stats_u64(stats, AT_CPU_REAL, 4000000);
	stats_u64(stats, AT_CPU_VIRTUAL, 1234567);
	stats_u64(stats, AT_HIWATER_RSS, 32256);
	stats_u64(stats, AT_FREEPAGES_DELAY, 14000);
	stats_u64(stats, AT_THRASHING_DELAY, 15000);
	stats_u32(stats, AT_TGID, 4321);
}

static void records_of_all_kernels_are_read(void **state _unused_)
{
	static const struct {
		const char *name;
		uint16_t version;
		size_t len;
		int result;
		pid_t tgid;
	} cases[] = {
		{ "Linux 5.15", 10, 352, 1, 4322 },
		{ "Linux 5.18", 11, 368, 1, 4322 },
		{ "with ac_tgid", 12, 400, 1, 4321 },
		{ "Linux 6.1", 13, 416, 1, 4321 },
		{ "Linux 6.12", 14, 432, 1, 4321 },
		{ "with other offsets, and yet 14", 14, 560, 0, 0 },
		{ "with other offsets", 15, 560, 0, 0 },
		{ "Linux 6.18", 16, 560, 1, 4321 },
		{ "Linux 7.2", 17, 688, 1, 4321 },
		{ "too short", 13, 345, 0, 0 },
		{ "empty", 13, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct taskstats_record record = { 0 };
		struct message m;
		struct stats stats;
		int r;

		fill_stats(&stats, cases[i].version, cases[i].len);
		record_begin(&m);
		aggregate_add(&m, false, 4322, &stats);
		message_end(&m);
		r = parse_record(m.bytes, m.len, &record);
		check_case(cases[i].name, r == cases[i].result);
		if (r == 0)
			continue;
		check_case(cases[i].name, record.pid == 4322);
		check_case(cases[i].name, record.tgid == cases[i].tgid);
		check_case(cases[i].name, record.exit_code == 9);
		check_case(cases[i].name, strcmp(record.command, "hog") == 0);
		check_case(cases[i].name, record.is_last && !record.is_sum);
		check_case(cases[i].name, record.cpu_usec == 1234);
		check_case(cases[i].name, record.peak_rss_bytes == 32256 * UINT64_C(1024));
		check_case(cases[i].name, record.has_delays);
		check_case(cases[i].name, record.delay_usec[TASKSTATS_CPU] == 11);
		check_case(cases[i].name, record.delay_usec[TASKSTATS_IO] == 12);
		check_case(cases[i].name, record.delay_usec[TASKSTATS_SWAP] == 13);
		check_case(cases[i].name, record.delay_usec[TASKSTATS_RECLAIM] == 14);
		check_case(cases[i].name, record.delay_usec[TASKSTATS_THRASHING] == 15);
	}
}

/* The message of a process's last thread: its own record, and the sum, which has no version. */
static void make_last(struct message *m)
{
	struct stats stats, sum;

	fill_stats(&stats, 14, 432);
	stats_begin(&sum, 0, 432, "");
	stats_u64(&sum, AT_CPU_VIRTUAL, 9000000);
	stats_u64(&sum, AT_CPU_DELAY, 77000);
	record_begin(m);
	aggregate_add(m, false, 4322, &stats);
	aggregate_add(m, true, 4321, &sum);
	message_end(m);
}

static void last_thread_brings_the_sum(void **state _unused_)
{
	struct taskstats_record record = { 0 };
	struct message m;

	make_last(&m);
	assert_int_equal(parse_record(m.bytes, m.len, &record), 1);
	assert_int_equal(record.pid, 4322);
	assert_int_equal(record.tgid, 4321);
	assert_true(record.is_last && record.is_sum);
	assert_int_equal(record.cpu_usec, 9000);
	assert_int_equal(record.delay_usec[TASKSTATS_CPU], 77);
	assert_int_equal(record.delay_usec[TASKSTATS_IO], 0);
	assert_false(record.has_delays);
	/* The memory is all threads', and only the record itself has it. */
	assert_int_equal(record.peak_rss_bytes, 32256 * 1024);
	assert_int_equal(record.exit_code, 9);
}

static void thread_that_is_not_the_last_says_so(void **state _unused_)
{
	struct taskstats_record record = { 0 };
	struct message m;
	struct stats stats;

	fill_stats(&stats, 13, 416);
	stats.bytes[AT_FLAG] = 0;
	record_begin(&m);
	aggregate_add(&m, false, 4322, &stats);
	message_end(&m);
	assert_int_equal(parse_record(m.bytes, m.len, &record), 1);
	assert_false(record.is_last);
}

/* Whatever is cut off, at the message's end or inside, nothing is read that is not there. */
static void cut_off_records_are_refused(void **state _unused_)
{
	struct taskstats_record record;
	struct message m;

	make_last(&m);
	for (size_t len = 0; len < m.len; len++) {
		struct message cut = m;
		uint32_t claimed = (uint32_t)len;

		assert_int_equal(parse_record(m.bytes, len, &record), 0);
		memcpy(cut.bytes, &claimed, sizeof(claimed));
		parse_record(cut.bytes, len, &record);
	}
}

static void other_messages_are_no_records(void **state _unused_)
{
	struct taskstats_record record;
	struct message m, other;

	make_last(&m);
	assert_int_equal(taskstats_parse(FAMILY + 1, m.bytes, m.len, &record), 0);
	other = m;
	other.bytes[NLMSG_HDRLEN] = 3; /* another command */
	assert_int_equal(taskstats_parse(FAMILY, other.bytes, other.len, &record), 0);
	record_begin(&m);
	message_end(&m);
	assert_int_equal(taskstats_parse(FAMILY, m.bytes, m.len, &record), 0);
}

/* ------------------------------------------------------------------------------------
 * Events
 */

static void events_are_read(void **state _unused_)
{
	struct proc_event fork = { .what = PROC_EVENT_FORK, .cpu = 1 };
	struct proc_event exec = { .what = PROC_EVENT_EXEC, .cpu = 1 };
	struct proc_event end = { .what = PROC_EVENT_EXIT, .cpu = 0 };
	struct connector_event event;
	struct message m;

	fork.event_data.fork.parent_pid = 11;
	fork.event_data.fork.parent_tgid = 10;
	fork.event_data.fork.child_pid = fork.event_data.fork.child_tgid = 20;
	event_make(&m, 7, &fork, sizeof(fork));
	assert_int_equal(parse_event(m.bytes, m.len, &event), 1);
	assert_int_equal(event.kind, CONNECTOR_FORK);
	assert_int_equal(event.parent, 10);
	assert_int_equal(event.pid, 20);
	assert_int_equal(event.tgid, 20);
	assert_int_equal(event.cpu, 1);
	assert_int_equal(event.seq, 7);

	exec.event_data.exec.process_pid = exec.event_data.exec.process_tgid = 20;
	event_make(&m, 8, &exec, sizeof(exec));
	assert_int_equal(parse_event(m.bytes, m.len, &event), 1);
	assert_int_equal(event.kind, CONNECTOR_EXEC);
	assert_int_equal(event.tgid, 20);

	end.event_data.exit.process_pid = 21;
	end.event_data.exit.process_tgid = 20;
	end.event_data.exit.exit_code = 0x300;
	event_make(&m, 9, &end, sizeof(end));
	assert_int_equal(parse_event(m.bytes, m.len, &event), 1);
	assert_int_equal(event.kind, CONNECTOR_EXIT);
	assert_int_equal(event.pid, 21);
	assert_int_equal(event.tgid, 20);
	assert_int_equal(event.exit_code, 0x300);
}

/* Older kernels tell no parent with an exit, and newer ones may tell more. */
static void shorter_and_longer_events_are_read(void **state _unused_)
{
	struct {
		struct proc_event event;
		uint8_t more[64];
	} later = { .event = { .what = PROC_EVENT_EXIT } };
	struct connector_event event;
	struct message m;

	later.event.event_data.exit.process_pid = 21;
	later.event.event_data.exit.exit_code = 9;
	event_make(&m, 1, &later.event, offsetof(struct proc_event, event_data) + 16);
	assert_int_equal(parse_event(m.bytes, m.len, &event), 1);
	assert_int_equal(event.exit_code, 9);
	event_make(&m, 1, &later.event, sizeof(later));
	assert_int_equal(parse_event(m.bytes, m.len, &event), 1);
	assert_int_equal(event.exit_code, 9);
}

static void cut_off_events_are_nothing(void **state _unused_)
{
	struct proc_event fork = { .what = PROC_EVENT_FORK };
	struct connector_event event = { .kind = CONNECTOR_OTHER };
	struct message m;

	event_make(&m, 1, &fork, sizeof(fork));
	for (size_t len = 0; len < m.len; len++)
		assert_int_equal(parse_event(m.bytes, len, &event), 0);
	for (size_t len = 0; len < sizeof(fork); len++) {
		event_make(&m, 1, &fork, len);
		if (parse_event(m.bytes, m.len, &event) > 0 &&
		    len < offsetof(struct proc_event, event_data) + 16)
			assert_int_equal(event.kind, CONNECTOR_OTHER);
	}
}

static void others_messages_are_no_events(void **state _unused_)
{
	struct proc_event answer = { .what = PROC_EVENT_NONE, .cpu = UINT32_MAX };
	struct cn_msg head = { .id = { CN_IDX_PROC + 1, CN_VAL_PROC }, .len = sizeof(answer) };
	struct connector pe = { 0 };
	struct connector_event event;
	struct message m;

	event_make(&m, 12345, &answer, sizeof(answer));
	assert_int_equal(parse_event(m.bytes, m.len, &event), 1);
	assert_int_equal(event.kind, CONNECTOR_OTHER);
	assert_int_equal(connector_count(&pe, &event), 0);
	memcpy(m.bytes + NLMSG_HDRLEN, &head, sizeof(head));
	assert_int_equal(parse_event(m.bytes, m.len, &event), 0);
}

/* ---- what was lost ---- */

static void gaps_are_counted_for_each_cpu(void **state _unused_)
{
	static const struct {
		uint32_t cpu, seq;
		uint64_t gap;
	} cases[] = {
		{ 0, 100, 0 }, { 0, 101, 0 }, { 1, 7, 0 },
		{ 0, 105, 3 }, { 1, 8, 0 },   { 1, 10, 1 },
		{ 2, UINT32_MAX, 0 }, { 2, 0, 0 }, { 2, 2, 1 },
		{ 0, 0, 0 }, /* counted anew */
		{ 0, 1, 0 }, { CONNECTOR_CPUS_MAX, 1, 0 }, { CONNECTOR_CPUS_MAX, 9, 0 },
	};
	struct connector pe = { .is_lossy = true };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct connector_event event = { .kind = CONNECTOR_FORK,
						 .cpu = cases[i].cpu,
						 .seq = cases[i].seq };

		assert_int_equal(connector_count(&pe, &event), cases[i].gap);
	}
	assert_int_equal(pe.n_lost, 5);
	assert_false(pe.is_lossy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_all_kernels_are_read),
		cmocka_unit_test(last_thread_brings_the_sum),
		cmocka_unit_test(thread_that_is_not_the_last_says_so),
		cmocka_unit_test(cut_off_records_are_refused),
		cmocka_unit_test(other_messages_are_no_records),
		cmocka_unit_test(events_are_read),
		cmocka_unit_test(shorter_and_longer_events_are_read),
		cmocka_unit_test(cut_off_events_are_nothing),
		cmocka_unit_test(others_messages_are_no_events),
		cmocka_unit_test(gaps_are_counted_for_each_cpu),
	};

	if (netlink_load(NULL) < 0) {
		printf("1..0 # SKIP there is no libmnl\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
