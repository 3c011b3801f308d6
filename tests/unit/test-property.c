/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties: the words of unit files against what is in a real D-Bus message, the
 * refusals and what they say, cgroup files, and the table against itself.
 */
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/typo.h"
#include "property/property-kind.h"

/* ------------------------------------------------------------------------------------
 * Messages in words
 */

static void print_bytes(FILE *f, sd_bus_message *m)
{
	const uint8_t *bytes;
	size_t n;

	assert_true(sd_bus_message_read_array(m, 'y', (const void **)&bytes, &n) >= 0);
	fputc('<', f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%02x", bytes[i]);
	fputc('>', f);
}

static void print_basic(FILE *f, sd_bus_message *m, char type)
{
	union {
		uint16_t u16;
		uint32_t u32;
		int32_t i32;
		uint64_t u64;
		int boolean;
		const char *text;
	} v;

	assert_true(sd_bus_message_read_basic(m, type, &v) > 0);
	switch (type) {
	case 'b':
		fprintf(f, "%s", v.boolean ? "yes" : "no");
		break;
	case 'i':
		fprintf(f, "%" PRId32, v.i32);
		break;
	case 'q':
		fprintf(f, "%u", v.u16);
		break;
	case 'u':
		fprintf(f, "%" PRIu32, v.u32);
		break;
	case 't':
		if (v.u64 == UINT64_MAX)
			fputs("max", f);
		else
			fprintf(f, "%" PRIu64, v.u64);
		break;
	case 's':
		fprintf(f, "'%s'", v.text);
		break;
	default:
		fail_msg("type %c", type);
	}
}

static void print_all(FILE *f, sd_bus_message *m)
{
	const char *contents, *separator = "";
	char type;

	while (sd_bus_message_peek_type(m, &type, &contents) > 0) {
		fputs(separator, f);
		separator = " ";
		if (type == 'a' && strcmp(contents, "y") == 0) {
			print_bytes(f, m);
			continue;
		}
		if (!contents) {
			print_basic(f, m, type);
			continue;
		}
		assert_true(sd_bus_message_enter_container(m, type, contents) > 0);
		if (type == 'v')
			fprintf(f, "%s: ", contents);
		fputs(type == 'a' ? "[" : type == 'r' ? "(" : "", f);
		print_all(f, m);
		fputs(type == 'a' ? "]" : type == 'r' ? ")" : "", f);
		assert_true(sd_bus_message_exit_container(m) >= 0);
	}
}

/* A bus that is never connected: its other end is a socket that nobody reads. */
static int setup_bus(void **state)
{
	sd_bus *bus;
	int fds[2];

	if (sdbus_load(NULL) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 ||
	    sd_bus_new(&bus) < 0)
		return -1;
	if (sd_bus_set_fd(bus, fds[0], fds[0]) < 0 || sd_bus_start(bus) < 0)
		return -1;
	close(fds[1]);
	*state = bus;
	return 0;
}

static int teardown_bus(void **state)
{
	sd_bus_close_unref(*state);
	return 0;
}

static sd_bus_message *new_message(sd_bus *bus)
{
	sd_bus_message *m;

	assert_true(sd_bus_message_new_method_call(bus, &m, "org.freedesktop.systemd1",
						   "/",
						   "org.freedesktop.systemd1.Manager",
						   "StartTransientUnit") >= 0);
	assert_true(sd_bus_message_open_container(m, 'a', "(sv)") >= 0);
	return m;
}

/* The property as it is in a message, "[('NAME' TYPE: VALUE)]". */
static char *message_text(sd_bus *bus, const char *assignment)
{
	_cleanup_(property_freep) struct property *property = NULL;
	struct cg2_error err = CG2_ERROR_INIT;
	char *text;
	size_t size;
	sd_bus_message *m;
	FILE *f;

	if (property_parse(assignment, &property, &err) < 0)
		fail_msg("%s: %s", assignment, err.detail);
	m = new_message(bus);
	assert_true(property_append(m, property) >= 0);
	assert_true(sd_bus_message_close_container(m) >= 0);
	assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
	assert_true(sd_bus_message_rewind(m, 1) >= 0);
	assert_string_equal(sd_bus_message_get_signature(m, 1), "a(sv)");
	f = open_memstream(&text, &size);
	assert_non_null(f);
	print_all(f, m);
	fclose(f);
	sd_bus_message_unref(m);
	return text;
}

/* ------------------------------------------------------------------------------------
 * Encoding
 */

static const struct {
	const char *assignment;
	const char *message;
} encodings[] = {
	/* booleans */
	{ "CPUAccounting=yes", "'CPUAccounting' b: yes" },
	{ "SendSIGHUP=1", "'SendSIGHUP' b: yes" },
	{ "SendSIGKILL=OFF", "'SendSIGKILL' b: no" },
	{ "MemoryZSwapWriteback=t", "'MemoryZSwapWriteback' b: yes" },
	{ "CoredumpReceive=n", "'CoredumpReceive' b: no" },
	{ " IPAccounting = true ", "'IPAccounting' b: yes" },

	/* strings */
	{ "BindNetworkInterface=vrf-blue", "'BindNetworkInterface' s: 'vrf-blue'" },
	{ "RebootArgument=", "'RebootArgument' s: ''" },
	{ "RebootArgument=a = b", "'RebootArgument' s: 'a = b'" },
	{ "SourcePath=/tmp/\u00e4 %n", "'SourcePath' s: '/tmp/\u00e4 %n'" },
	{ "KillMode=control-group", "'KillMode' s: 'control-group'" },
	{ "DevicePolicy=closed", "'DevicePolicy' s: 'closed'" },
	{ "ManagedOOMPreference=avoid", "'ManagedOOMPreference' s: 'avoid'" },
	{ "FailureAction=soft-reboot", "'FailureAction' s: 'soft-reboot'" },
	{ "CPUSetPartition=isolated", "'CPUSetPartition' s: 'isolated'" },
	{ "OnFailureJobMode=replace", "'OnFailureJobMode' s: 'replace'" },

	/* signals and small numbers */
	{ "FinalKillSignal=SIGABRT", "'FinalKillSignal' i: 6" },
	{ "RestartKillSignal=TERM", "'RestartKillSignal' i: 15" },
	{ "WatchdogSignal=9", "'WatchdogSignal' i: 9" },
	{ "StartLimitBurst=5", "'StartLimitBurst' u: 5" },
	{ "FailureActionExitStatus=255", "'FailureActionExitStatus' i: 255" },
	{ "SuccessActionExitStatus=", "'SuccessActionExitStatus' i: -1" },

	/* times */
	{ "RuntimeRandomizedExtraSec=30", "'RuntimeRandomizedExtraUSec' t: 30000000" },
	{ "JobRunningTimeoutSec=5min 20s", "'JobRunningTimeoutUSec' t: 320000000" },
	{ "JobRunningTimeoutSec=1h30min", "'JobRunningTimeoutUSec' t: 5400000000" },
	{ "JobRunningTimeoutSec=infinity", "'JobRunningTimeoutUSec' t: max" },
	{ "StartLimitIntervalSec=1.5", "'StartLimitIntervalUSec' t: 1500000" },
	{ "StartLimitIntervalSec=2 weeks 1day",
	  "'StartLimitIntervalUSec' t: 1296000000000" },
	{ "StartLimitIntervalSec=1y", "'StartLimitIntervalUSec' t: 31557600000000" },
	{ "StartLimitIntervalSec=1M", "'StartLimitIntervalUSec' t: 2629800000000" },
	{ "StartLimitIntervalSec=1 m", "'StartLimitIntervalUSec' t: 60000000" },
	{ "MemoryPressureThresholdSec=200ms", "'MemoryPressureThresholdUSec' t: 200000" },
	{ "MemoryPressureThresholdSec=150\u00b5s",
	  "'MemoryPressureThresholdUSec' t: 150" },
	{ "MemoryPressureThresholdSec=0.0000019", "'MemoryPressureThresholdUSec' t: 1" },
	{ "ManagedOOMMemoryPressureDurationSec=",
	  "'ManagedOOMMemoryPressureDurationUSec' t: max" },
	{ "CPUQuotaPeriodSec=10ms", "'CPUQuotaPeriodUSec' t: 10000" },
	{ "CPUQuotaPeriodSec=1", "'CPUQuotaPeriodUSec' t: 1000000" },
	{ "CPUQuotaPeriodSec=", "'CPUQuotaPeriodUSec' t: max" },

	/* weights */
	{ "StartupCPUWeight=idle", "'StartupCPUWeight' t: 0" },
	{ "StartupCPUWeight=10000", "'StartupCPUWeight' t: 10000" },
	{ "StartupIOWeight=1", "'StartupIOWeight' t: 1" },
	{ "StartupIOWeight=", "'StartupIOWeight' t: max" },

	/* sizes */
	{ "MemoryZSwapMax=1024", "'MemoryZSwapMax' t: 1024" },
	{ "MemoryZSwapMax=0", "'MemoryZSwapMax' t: 0" },
	{ "MemoryZSwapMax=1.5G", "'MemoryZSwapMax' t: 1610612736" },
	{ "MemoryZSwapMax=1G 512M", "'MemoryZSwapMax' t: 1610612736" },
	{ "MemoryZSwapMax=1G512M1", "'MemoryZSwapMax' t: 1610612737" },
	{ "MemoryZSwapMax=4 K", "'MemoryZSwapMax' t: 4096" },
	{ "MemoryZSwapMax=7B", "'MemoryZSwapMax' t: 7" },
	{ "MemoryZSwapMax=0.3K", "'MemoryZSwapMax' t: 307" },
	{ "MemoryZSwapMax=0.999999999E", "'MemoryZSwapMax' t: 1152921503453925471" },
	{ "MemoryZSwapMax=15.5E", "'MemoryZSwapMax' t: 17870283321406128128" },
	{ "MemoryZSwapMax=infinity", "'MemoryZSwapMax' t: max" },
	{ "MemoryZSwapMax=", "'MemoryZSwapMax' t: max" },
	{ "MemoryZSwapMax=100%", "'MemoryZSwapMaxScale' u: 4294967295" },
	{ "MemoryZSwapMax=50%", "'MemoryZSwapMaxScale' u: 2147483648" },
	{ "MemoryZSwapMax=12.5%", "'MemoryZSwapMaxScale' u: 536870912" },
	{ "MemoryZSwapMax=0.01%", "'MemoryZSwapMaxScale' u: 429497" },
	{ "MemoryZSwapMax=0%", "'MemoryZSwapMaxScale' u: 0" },
	{ "MemoryZSwapMax=125\u2030", "'MemoryZSwapMaxScale' u: 536870912" },
	{ "MemoryZSwapMax=1250\u2031", "'MemoryZSwapMaxScale' u: 536870912" },
	{ "StartupMemoryMax=1G", "'StartupMemoryMax' t: 1073741824" },
	{ "StartupMemoryLow=", "'StartupMemoryLow' t: 0" },
	{ "DefaultMemoryLow=10%", "'DefaultMemoryLowScale' u: 429496730" },
	{ "DefaultMemoryMin=", "'DefaultMemoryMin' t: 0" },
	{ "DefaultStartupMemoryLow=1M", "'DefaultStartupMemoryLow' t: 1048576" },
	{ "ManagedOOMMemoryPressureLimit=60%",
	  "'ManagedOOMMemoryPressureLimit' u: 2576980377" },

	/* sets of numbers: the bytes that are needed, no more */
	{ "StartupAllowedCPUs=0-3,8", "'StartupAllowedCPUs' ay: <0f01>" },
	{ "StartupAllowedCPUs=0 2  4,", "'StartupAllowedCPUs' ay: <15>" },
	{ "StartupAllowedMemoryNodes=1", "'StartupAllowedMemoryNodes' ay: <02>" },
	{ "StartupAllowedCPUs=", "'StartupAllowedCPUs' ay: <>" },

	/* lists of words */
	{ "After=network.target foo@a\\x2db.service",
	  "'After' as: ['network.target' 'foo@ax2db.service']" },
	{ "Documentation=man:a(1) \"https://example.org/a b\" 'x''y'",
	  "'Documentation' as: ['man:a(1)' 'https://example.org/a b' 'xy']" },
	{ "Documentation=a\\ b", "'Documentation' as: ['a b']" },
	{ "Documentation=\"\"", "'Documentation' as: ['']" },
	{ "Requires=", "'Requires' as: []" },
	{ "RequiresMountsFor=/var /srv", "'RequiresMountsFor' as: ['/var' '/srv']" },
	{ "DisableControllers=cpu io", "'DisableControllers' as: ['cpu' 'io']" },
	{ "OOMRules=10-a", "'OOMRules' as: ['10-a']" },
	{ "IPIngressFilterPath=/sys/fs/bpf/a",
	  "'IPIngressFilterPath' as: ['/sys/fs/bpf/a']" },

	/* devices */
	{ "IODeviceWeight=/dev/sda 200", "'IODeviceWeight' a(st): [('/dev/sda' 200)]" },
	{ "IODeviceWeight=\"/home/a b\"\t1",
	  "'IODeviceWeight' a(st): [('/home/a b' 1)]" },
	{ "IODeviceWeight=", "'IODeviceWeight' a(st): []" },
	{ "IODeviceLatencyTargetSec=/dev/sda 25ms",
	  "'IODeviceLatencyTargetUSec' a(st): [('/dev/sda' 25000)]" },
	{ "IODeviceLatencyTargetSec=", "'IODeviceLatencyTargetUSec' a(st): []" },
	{ "DeviceAllow=/dev/null rw", "'DeviceAllow' a(ss): [('/dev/null' 'rw')]" },
	{ "DeviceAllow=char-pts", "'DeviceAllow' a(ss): [('char-pts' '')]" },
	{ "DeviceAllow=block-* m", "'DeviceAllow' a(ss): [('block-*' 'm')]" },
	{ "DeviceAllow=", "'DeviceAllow' a(ss): []" },
	{ "BPFProgram=bind6:/sys/fs/bpf/a",
	  "'BPFProgram' a(ss): [('bind6' '/sys/fs/bpf/a')]" },

	/* network */
	{ "IPAddressAllow=any",
	  "'IPAddressAllow' a(iayu): [(2 <00000000> 0) (10 <" /* 16 bytes */
	  "00000000000000000000000000000000> 0)]" },
	{ "IPAddressDeny=localhost", "'IPAddressDeny' a(iayu): [(2 <7f000000> 8) (10 <"
				     "00000000000000000000000000000001> 128)]" },
	{ "IPAddressDeny=link-local", "'IPAddressDeny' a(iayu): [(2 <a9fe0000> 16) (10 <"
				      "fe800000000000000000000000000000> 64)]" },
	{ "IPAddressDeny=multicast", "'IPAddressDeny' a(iayu): [(2 <e0000000> 4) (10 <"
				     "ff000000000000000000000000000000> 8)]" },
	{ "IPAddressAllow=10.0.0.0/8 192.0.2.1 2001:db8::/32",
	  "'IPAddressAllow' a(iayu): [(2 <0a000000> 8) (2 <c0000201> 32) (10 <"
	  "20010db8000000000000000000000000> 32)]" },
	{ "IPAddressAllow=", "'IPAddressAllow' a(iayu): []" },
	{ "SocketBindAllow=any", "'SocketBindAllow' a(iiqq): [(0 0 0 0)]" },
	{ "SocketBindAllow=80", "'SocketBindAllow' a(iiqq): [(0 0 1 80)]" },
	{ "SocketBindDeny=ipv6:udp:1-65535",
	  "'SocketBindDeny' a(iiqq): [(10 17 65535 1)]" },
	{ "SocketBindDeny=tcp:1024-1025", "'SocketBindDeny' a(iiqq): [(0 6 2 1024)]" },
	{ "SocketBindDeny=ipv4", "'SocketBindDeny' a(iiqq): [(2 0 0 0)]" },
	{ "SocketBindDeny=ipv4:any", "'SocketBindDeny' a(iiqq): [(2 0 0 0)]" },
	{ "SocketBindDeny=", "'SocketBindDeny' a(iiqq): []" },
	{ "RestrictNetworkInterfaces=lo eth0",
	  "'RestrictNetworkInterfaces' (bas): (yes ['lo' 'eth0'])" },
	{ "RestrictNetworkInterfaces=~wg0",
	  "'RestrictNetworkInterfaces' (bas): (no ['wg0'])" },
	{ "RestrictNetworkInterfaces=", "'RestrictNetworkInterfaces' (bas): (yes [])" },
	{ "NFTSet=cgroup:inet:filter:mine user:ip6:t:s",
	  "'NFTSet' a(iiss): [(3 1 'filter' 'mine') (4 10 't' 's')]" },
	{ "NFTSet=", "'NFTSet' a(iiss): []" },

	/* conditions */
	{ "ConditionPathExists=/etc/passwd",
	  "'Conditions' a(sbbs): [('ConditionPathExists' no no '/etc/passwd')]" },
	{ "ConditionPathExists=|!/nowhere",
	  "'Conditions' a(sbbs): [('ConditionPathExists' yes yes '/nowhere')]" },
	{ "AssertUser=! root", "'Asserts' a(sbbs): [('AssertUser' no yes 'root')]" },
	{ "ConditionVersion=systemd >= 258",
	  "'Conditions' a(sbbs): [('ConditionVersion' no no 'systemd >= 258')]" },
	{ "AssertMemory=", "'Asserts' a(sbbs): []" },
};

static void value_is_encoded_as_the_manager_takes_it(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
		_cleanup_free_ char *wanted = NULL;
		_cleanup_free_ char *text = message_text(*state, encodings[i].assignment);

		assert_true(asprintf(&wanted, "[(%s)]", encodings[i].message) > 0);
		assert_string_equal(text, wanted);
	}
}

/* Several properties, and one more than once, in one array. */
static void properties_share_an_array(void **state)
{
	static const char *const assignments[] = { "IPAddressDeny=any", "KillMode=mixed",
						   "IPAddressDeny=", "NFTSet=" };
	sd_bus_message *m = new_message(*state);

	for (size_t i = 0; i < ARRAY_SIZE(assignments); i++) {
		struct property *property;

		assert_int_equal(property_parse(assignments[i], &property, NULL), 0);
		assert_true(property_append(m, property) >= 0);
		assert_null(property_free(property));
	}
	assert_true(sd_bus_message_close_container(m) >= 0);
	assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
	sd_bus_message_unref(m);
}

/* ------------------------------------------------------------------------------------
 * Refusals
 */

static const struct {
	const char *assignment;
	int code;
	const char *detail; /* a part of it */
} refusals[] = {
	/* no assignment */
	{ "", EINVAL, "NAME=VALUE" },
	{ "KillMode", EINVAL, "NAME=VALUE" },
	{ "=yes", EINVAL, "NAME=VALUE" },
	{ " =yes", EINVAL, "NAME=VALUE" },
	{ "RebootArgument=a\nKillMode=none", EINVAL, "one line" },
	{ "RebootArgument=\x1b[2J", EINVAL, "one line" },
	{ "RebootArgument=\xff", EINVAL, "one line" },
	{ "RebootArgument=\xc3", EINVAL, "one line" },
	{ "RebootArgument=\xc0\xaf", EINVAL, "one line" },
	{ "RebootArgument=\xe0\x80\x80", EINVAL, "one line" },
	{ "RebootArgument=\xed\xa0\x80", EINVAL, "one line" },
	{ "RebootArgument=\xf4\x90\x80\x80", EINVAL, "one line" },

	/* set by an option */
	{ "MemoryMax=1G", EINVAL, "write --mem instead" },
	{ "MemoryHigh=1G", EINVAL, "write --mem-high instead" },
	{ "MemoryLow=1G", EINVAL, "write --mem-low instead" },
	{ "MemoryMin=1G", EINVAL, "write --mem-min instead" },
	{ "MemorySwapMax=0", EINVAL, "write --swap instead" },
	{ "CPUQuota=20%", EINVAL, "write --cpu instead" },
	{ "CPUWeight=20", EINVAL, "write --cpu-weight instead" },
	{ "TasksMax=20", EINVAL, "write --tasks instead" },
	{ "IOWeight=20", EINVAL, "write --io-weight instead" },
	{ "IOReadBandwidthMax=/ 1M", EINVAL, "write --io-max instead" },
	{ "IOWriteBandwidthMax=/ 1M", EINVAL, "write --io-max instead" },
	{ "IOReadIOPSMax=/ 1M", EINVAL, "write --io-max instead" },
	{ "IOWriteIOPSMax=/ 1M", EINVAL, "write --io-max instead" },
	{ "AllowedCPUs=1", EINVAL, "write --cpuset-cpus instead" },
	{ "AllowedMemoryNodes=1", EINVAL, "write --cpuset-mems instead" },
	{ "RuntimeMaxSec=1", EINVAL, "write --time instead" },
	{ "OOMPolicy=kill", EINVAL, "write --oom instead" },
	{ "TimeoutStopSec=1", EINVAL, "write --grace instead" },
	{ "KillSignal=INT", EINVAL, "write --signal instead" },
	{ "Slice=a.slice", EINVAL, "write --slice instead" },
	{ "Description=a", EINVAL, "write --description instead" },

	/* of cgroup v1 */
	{ "MemoryLimit=1G", EINVAL, "cgroup v1; write --mem instead" },
	{ "CPUShares=1", EINVAL, "cgroup v1; write --cpu-weight instead" },
	{ "StartupCPUShares=1", EINVAL, "write -p StartupCPUWeight= instead" },
	{ "BlockIOWeight=1", EINVAL, "write --io-weight instead" },
	{ "BlockIODeviceWeight=/ 1", EINVAL, "write -p IODeviceWeight= instead" },
	{ "BlockIOReadBandwidth=/ 1", EINVAL, "write --io-max instead" },

	/* set by the run, impossible, or of services */
	{ "Delegate=no", EINVAL, "the run itself sets it" },
	{ "CollectMode=inactive", EINVAL, "the run itself sets it" },
	{ "PIDs=1", EINVAL, "the run itself sets it" },
	{ "User=root", EINVAL, "the run itself sets it" },
	{ "JobTimeoutSec=1", EINVAL, "write -p JobRunningTimeoutSec= instead" },
	{ "NoNewPrivileges=yes", EINVAL,
	  "NoNewPrivileges is a property of services, a scope does not have it" },
	{ "LimitNOFILE=1", EINVAL, "LimitNOFILE is a property of services" },
	{ "EnvironmentFile=/a", EINVAL, "EnvironmentFile is a property of services" },
	{ "Nice=5", EINVAL, "Nice is a property of services" },

	/* unknown */
	{ "MemoryZSwpMax=1G", EINVAL, "did you mean MemoryZSwapMax?" },
	{ "memoryzswapmax=1G", EINVAL, "did you mean MemoryZSwapMax?" },
	{ "MemoryMX=1G", EINVAL, "did you mean MemoryMax?" },
	{ "JobRunningTimeoutUSec=1", EINVAL, "did you mean JobRunningTimeoutSec?" },
	{ "ConditonUser=a", EINVAL, "did you mean ConditionUser?" },
	{ "Frobnicate=1", EINVAL, "no property of that name" },

	/* bad values */
	{ "CPUAccounting=maybe", EINVAL, "CPUAccounting takes yes or no" },
	{ "CPUAccounting=", EINVAL, "yes or no" },
	{ "KillMode=all", EINVAL, "one of control-group|mixed|process|none" },
	{ "KillMode=", EINVAL, "one of" },
	{ "FinalKillSignal=FOO", EINVAL, "a signal" },
	{ "StartLimitBurst=-1", EINVAL, "a number" },
	{ "StartLimitBurst=4294967296", ERANGE, "a number" },
	{ "FailureActionExitStatus=256", ERANGE, "0 to 255" },
	{ "JobRunningTimeoutSec=", EINVAL, "a time" },
	{ "JobRunningTimeoutSec=max", EINVAL, "a time" },
	{ "JobRunningTimeoutSec=5 parsecs", EINVAL, "a time" },
	{ "JobRunningTimeoutSec=-5", EINVAL, "a time" },
	{ "JobRunningTimeoutSec=1.s", EINVAL, "a time" },
	{ "JobRunningTimeoutSec=.5s", EINVAL, "a time" },
	{ "JobRunningTimeoutSec=1.2.3", EINVAL, "a time" },
	{ "JobRunningTimeoutSec=584555y", ERANGE, "a time" },
	{ "JobRunningTimeoutSec=99999999999999999999", ERANGE, "a time" },
	{ "JobRunningTimeoutSec=18446744073709551615us", ERANGE, "a time" },
	{ "CPUQuotaPeriodSec=999us", ERANGE, "1ms to 1s" },
	{ "CPUQuotaPeriodSec=2", ERANGE, "1ms to 1s" },
	{ "CPUQuotaPeriodSec=infinity", ERANGE, "1ms to 1s" },
	{ "StartupCPUWeight=0", ERANGE, "1 to 10000, or idle" },
	{ "StartupCPUWeight=10001", ERANGE, "1 to 10000" },
	{ "StartupIOWeight=idle", EINVAL, "1 to 10000" },
	{ "MemoryZSwapMax=max", EINVAL, "infinity" },
	{ "MemoryZSwapMax=1KiB", EINVAL, "bytes, as" },
	{ "MemoryZSwapMax=1k", EINVAL, "bytes, as" },
	{ "MemoryZSwapMax=1M 1G", EINVAL, "bytes, as" },
	{ "MemoryZSwapMax=1M 1M", EINVAL, "bytes, as" },
	{ "MemoryZSwapMax=16E", ERANGE, "bytes, as" },
	{ "MemoryZSwapMax=101%", ERANGE, "percentage" },
	{ "MemoryZSwapMax=12.345%", EINVAL, "percentage" },
	{ "MemoryZSwapMax=5%%", EINVAL, "percentage" },
	{ "StartupMemoryMax=10%", EINVAL, "StartupMemoryMax takes" },
	{ "ManagedOOMMemoryPressureLimit=60", EINVAL, "0% to 100%" },
	{ "ManagedOOMMemoryPressureLimit=18446744073709551616%", ERANGE, "0% to 100%" },
	{ "StartupAllowedCPUs=a", EINVAL, "numbers and ranges" },
	{ "StartupAllowedCPUs=3-1", EINVAL, "numbers and ranges" },
	{ "StartupAllowedCPUs=8192", ERANGE, "numbers and ranges" },
	{ "After=network", EINVAL, "units with their type" },
	{ "After=.target", EINVAL, "units with their type" },
	{ "After=a.service \"b.service", EINVAL, "units with their type" },
	{ "Documentation=a\\", EINVAL, "words" },
	{ "RequiresMountsFor=var", EINVAL, "absolute paths" },
	{ "IODeviceWeight=/dev/sda", EINVAL, "a path and a weight" },
	{ "IODeviceWeight=/dev/sda 5 6", EINVAL, "a path and a weight" },
	{ "IODeviceWeight=/dev/sda \"\"", EINVAL, "a path and a weight" },
	{ "IODeviceWeight=sda 5", EINVAL, "a path and a weight" },
	{ "IODeviceWeight=/dev/sda 0", ERANGE, "a path and a weight" },
	{ "IODeviceLatencyTargetSec=/dev/sda x", EINVAL, "a path and a time" },
	{ "DeviceAllow=null rw", EINVAL, "a device node" },
	{ "DeviceAllow=/dev/null x", EINVAL, "a device node" },
	{ "DeviceAllow=/dev/null r w", EINVAL, "a device node" },
	{ "BPFProgram=/sys/fs/bpf/a", EINVAL, "TYPE:PATH" },
	{ "BPFProgram=bind6:a", EINVAL, "TYPE:PATH" },
	{ "IPAddressAllow=10.0.0.0/33", ERANGE, "addresses" },
	{ "IPAddressAllow=10.0.0", EINVAL, "addresses" },
	{ "IPAddressAllow=10.0.0.0/", EINVAL, "addresses" },
	{ "IPAddressAllow=::/129", ERANGE, "addresses" },
	{ "IPAddressAllow=example.org", EINVAL, "addresses" },
	{ "SocketBindAllow=0", ERANGE, "PORT" },
	{ "SocketBindAllow=65536", ERANGE, "PORT" },
	{ "SocketBindAllow=20-10", ERANGE, "PORT" },
	{ "SocketBindAllow=tcp:ipv4:80", EINVAL, "PORT" },
	{ "SocketBindAllow=tcp:", EINVAL, "PORT" },
	{ "SocketBindAllow=80:", EINVAL, "PORT" },
	{ "NFTSet=cgroup:inet:filter", EINVAL, "TABLE:SET" },
	{ "NFTSet=cgroup:inet:filter:", EINVAL, "TABLE:SET" },
	{ "NFTSet=cgroup:inet:filter:a:b", EINVAL, "TABLE:SET" },
	{ "NFTSet=prefix:inet:filter:a", EINVAL, "TABLE:SET" },
	{ "RestrictNetworkInterfaces='lo", EINVAL, "interfaces" },
};

static void refusal_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct property *untouched = (struct property *)&refusals,
				*ret = untouched;
		struct cg2_error err = CG2_ERROR_INIT;
		int r = property_parse(refusals[i].assignment, &ret, &err);

		if (r != -refusals[i].code || !strstr(err.detail, refusals[i].detail))
			fail_msg("%s: %d %s", refusals[i].assignment, r, err.detail);
		assert_int_equal(err.op, CG2_OP_PARSE);
		assert_string_equal(err.path, "-p");
		assert_string_equal(err.value, refusals[i].assignment);
		assert_ptr_equal(ret, untouched);
		cg2_error_clear(&err);
		assert_int_equal(property_parse(refusals[i].assignment, &ret, NULL), r);
	}
}

static void refusal_says_what_to_do(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct property *property;

	(void)state;
	assert_int_equal(property_parse("LimitNOFILE=5", &property, &err), -EINVAL);
	assert_string_equal(err.hint, "start the command with prlimit(1)");
	cg2_error_clear(&err);
	assert_int_equal(property_parse("Frobnicate=5", &property, &err), -EINVAL);
	assert_non_null(strstr(err.hint, "systemd.resource-control(5)"));
	cg2_error_clear(&err);
}

/* ------------------------------------------------------------------------------------
 * The cgroup
 */

static const struct {
	const char *assignment;
	const char *file;
	const char *content;
	int shown;
} shows[] = {
	{ "MemoryZSwapMax=1M", "memory.zswap.max", "1048576\n", 1 },
	{ "MemoryZSwapMax=1M", "memory.zswap.max", "max\n", 0 },
	{ "MemoryZSwapMax=1048577", "memory.zswap.max", "1048576\n", 1 },
	{ "MemoryZSwapMax=0", "memory.zswap.max", "0\n", 1 },
	{ "MemoryZSwapMax=infinity", "memory.zswap.max", "max\n", 1 },
	{ "MemoryZSwapMax=infinity", "memory.zswap.max", "4096\n", 0 },
	{ "MemoryZSwapMax=15.5E", "memory.zswap.max", "max\n", 1 },
	{ "MemoryZSwapMax=10%", "memory.zswap.max", "4096\n", 1 },
	{ "MemoryZSwapMax=10%", "memory.zswap.max", "max\n", 0 },
	{ "MemoryZSwapMax=10%", "memory.zswap.max", "junk\n", -EBADMSG },
	{ "MemoryZSwapWriteback=no", "memory.zswap.writeback", "0\n", 1 },
	{ "MemoryZSwapWriteback=no", "memory.zswap.writeback", "1\n", 0 },
	{ "CPUSetPartition=isolated", "cpuset.cpus.partition", "isolated\n", 1 },
	{ "CPUSetPartition=isolated", "cpuset.cpus.partition",
	  "isolated invalid (Cpu list in cpuset.cpus not exclusive)\n", 0 },
	{ "CPUSetPartition=isolated", "cpuset.cpus.partition", "", 0 },
	{ "CPUQuotaPeriodSec=10ms", "cpu.max", "5000 10000\n", 1 },
	{ "CPUQuotaPeriodSec=10ms", "cpu.max", "50000 100000\n", 0 },
	{ "CPUQuotaPeriodSec=10ms", "cpu.max", "max 100000\n", 1 },
	{ "CPUQuotaPeriodSec=10ms", "cpu.max", "1000 20000\n", 1 },
	{ "CPUQuotaPeriodSec=10ms", "cpu.max", "1000 5000\n", 0 },
	{ "CPUQuotaPeriodSec=", "cpu.max", "50000 100000\n", 1 },
	{ "IODeviceWeight=/dev/sda 200", "io.weight", "default 100\n8:0 200\n", 1 },
	{ "IODeviceWeight=/dev/sda 100", "io.weight", "default 100\n8:0 200\n", 0 },
	{ "IODeviceWeight=/dev/sda 100", "io.weight", "", 0 },
	{ "IODeviceWeight=/dev/sda 50", "io.bfq.weight", "default 100\n254:16 50\n", 1 },
	{ "IODeviceWeight=/dev/sda 200", "io.bfq.weight", "default 100\n254:16 109\n",
	  1 },
	{ "IODeviceWeight=/dev/sda 5000", "io.bfq.weight", "254:16 545\n", 1 },
	{ "IODeviceWeight=/dev/sda 5000", "io.bfq.weight", "254:16 546\n", 0 },
	{ "IODeviceWeight=", "io.weight", "default 100\n", 1 },
	{ "IODeviceLatencyTargetSec=/ 25ms", "io.latency", "8:0 target=25000\n", 1 },
	{ "IODeviceLatencyTargetSec=/ 25ms", "io.latency", "8:0 target=250000\n", 0 },
	{ "IODeviceLatencyTargetSec=/ infinity", "io.latency", "", 1 },
};

static void file_shows_the_property(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shows); i++) {
		_cleanup_(property_freep) struct property *property = NULL;
		const char *content = shows[i].content;
		/* Not terminated: the sanitizer sees a read too far. */
		_cleanup_free_ char *buf = malloc(strlen(content) + 1);
		const char *other;
		int r;

		assert_non_null(buf);
		memcpy(buf, content, strlen(content));
		assert_int_equal(property_parse(shows[i].assignment, &property, NULL), 0);
		other = property_other_file(property);
		if (!other || strcmp(other, shows[i].file) != 0)
			assert_string_equal(property_file(property), shows[i].file);
		r = property_verify_value(property, buf, strlen(content));
		if (r != shows[i].shown)
			fail_msg("%s: %s: %d", shows[i].assignment, content, r);
	}
}

static const struct {
	const char *assignment;
	const char *text; /* NULL: only a manager can apply it */
} writes[] = {
	{ "MemoryZSwapMax=1M", "1048576" },
	{ "MemoryZSwapMax=1048577", "1048576" },
	{ "MemoryZSwapMax=infinity", "max" },
	{ "MemoryZSwapMax=50%", "5242880" }, /* of 10 MiB */
	{ "MemoryZSwapWriteback=no", "0" },
	{ "MemoryZSwapWriteback=yes", "1" },
	{ "CPUSetPartition=root", "root" },
	{ "CPUQuotaPeriodSec=10ms", NULL },
	{ "IODeviceWeight=/dev/sda 200", NULL },
	{ "CPUAccounting=yes", NULL },
	{ "KillMode=mixed", NULL },
};

static void file_is_written_without_a_manager(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(writes); i++) {
		_cleanup_(property_freep) struct property *property = NULL;
		_cleanup_free_ char *text = NULL;
		int r;

		assert_int_equal(property_parse(writes[i].assignment, &property, NULL),
				 0);
		r = property_file_text(property, UINT64_C(10) << 20, &text);
		assert_int_equal(r, writes[i].text ? 0 : -EOPNOTSUPP);
		if (r == 0)
			assert_string_equal(text, writes[i].text);
	}
}

static void property_knows_what_it_is(void **state)
{
	struct property *property;

	(void)state;
	assert_int_equal(property_parse(" NFTSet =  cgroup:inet:a:b ", &property, NULL),
			 0);
	assert_string_equal(property_name(property), "NFTSet");
	assert_string_equal(property_value(property), "cgroup:inet:a:b");
	assert_int_equal(property_since(property), 255);
	assert_null(property_file(property));
	assert_int_equal(property_verify_value(property, "", 0), -EOPNOTSUPP);
	assert_null(property_free(property));
	assert_null(property_free(NULL));
}

/* ------------------------------------------------------------------------------------
 * The table
 */

static size_t count_named(const char *name)
{
	const struct cg2_limit_info *limit;
	size_t n = 0;

	for (size_t i = 0; property_table[i].name; i++)
		n += strcmp(property_table[i].name, name) == 0;
	for (size_t i = 0; property_refused_table[i].name; i++)
		n += strcmp(property_refused_table[i].name, name) == 0;
	for (unsigned int i = 0; (limit = cg2_limit_get_info(i)); i++)
		n += limit->property && strcmp(limit->property, name) == 0;
	return n;
}

static void table_agrees_with_itself(void **state)
{
	(void)state;
	for (const struct property_info *info = property_table; info->name; info++) {
		const struct property_syntax *syntax = &property_syntaxes[info->kind];

		assert_int_equal(count_named(info->name), 1);
		assert_non_null(syntax->parse);
		assert_non_null(syntax->type);
		assert_int_equal(!syntax->accepts, info->kind == PROPERTY_CHOICE);
		assert_int_equal(!!info->choices, info->kind == PROPERTY_CHOICE);
		if (info->files[0])
			assert_non_null(syntax->verify);
		assert_true(info->since == 0 || info->since > 252);
		/* Only a time is called something else on D-Bus, apart from conditions.
		 */
		if (info->bus_name && info->kind != PROPERTY_CONDITION)
			assert_non_null(strstr(info->bus_name, "USec"));
	}
	for (size_t i = 0; property_refused_table[i].name; i++) {
		const struct property_refused *row = &property_refused_table[i];

		assert_int_equal(count_named(row->name), 1);
		if (row->why == PROPERTY_V1_PROPERTY ||
		    row->why == PROPERTY_NOT_TRANSIENT)
			assert_int_equal(count_named(row->instead), 1);
	}
}

/* ------------------------------------------------------------------------------------
 * Whatever it is, it is refused or can be sent
 */

#define ROUNDS 40

static void random_text(uint64_t *seed, char *text, size_t size)
{
	static const char letters[] = "0123456789.%KMGs|!~:/-, \t'\"\\aipv4tcp\xc3\xa4";
	size_t len = next_random(seed) % size;

	for (size_t i = 0; i < len; i++)
		text[i] = letters[next_random(seed) % (sizeof(letters) - 1)];
	text[len] = '\0';
}

static void junk_is_refused_or_sent(void **state)
{
	uint64_t seed = 42;

	for (const struct property_info *info = property_table; info->name; info++) {
		sd_bus_message *m = new_message(*state);

		for (size_t i = 0; i < ROUNDS; i++) {
			_cleanup_(property_freep) struct property *property = NULL;
			char assignment[128], text[16];

			random_text(&seed, text, sizeof(text));
			snprintf(assignment, sizeof(assignment), "%s=%s", info->name,
				 text);
			if (property_parse(assignment, &property, NULL) == 0)
				check_case(assignment, property_append(m, property) >= 0);
		}
		assert_true(sd_bus_message_close_container(m) >= 0);
		assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
		sd_bus_message_unref(m);
	}
}

static void any_length_is_understood(void **state)
{
	static const char *const names[] = { "", "RebootArgument=", "MemoryZSwapMax=",
					     "After=", "JobRunningTimeoutSec=1." };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *word = long_word('1', ".service"),
				    *assignment = NULL;
		_cleanup_(property_freep) struct property *property = NULL;
		sd_bus_message *m = new_message(*state);

		assert_true(asprintf(&assignment, "%s%s", names[i], word) > 0);
		if (property_parse(assignment, &property, NULL) == 0)
			assert_true(property_append(m, property) >= 0);
		sd_bus_message_unref(m);
	}
}

/* ------------------------------------------------------------------------------------
 * Near misses
 */

static const char *const words[] = { "MemoryMax", "MemoryMin", "mem-high",
				     "cpu",	  "tasks",     NULL };

static const char *word_name(size_t i, const void *data)
{
	return ((const char *const *)data)[i];
}

static void near_miss_is_found(void **state)
{
	static const struct {
		const char *word;
		const char *nearest;
	} cases[] = {
		{ "MemoryMax", "MemoryMax" },
		{ "memorymax", "MemoryMax" },
		{ "MEMORYMIN", "MemoryMin" },
		{ "MemoryMx", "MemoryMax" },
		{ "MemoryMaxx", "MemoryMax" },
		{ "MemoyrMin", "MemoryMin" },
		{ "mem-hihg", "mem-high" },
		{ "memhigh", "mem-high" },
		{ "memory-high", "mem-high" },
		{ "cpus", "cpu" },
		{ "cpy", "cpu" },
		{ "tsaks", "tasks" },
		{ "gpu", "cpu" },
		{ "c", NULL },
		{ "", NULL },
		{ "xyz", NULL },
		{ "frobnicate", NULL },
		{ "MemoryMaxMemoryMaxMemoryMaxMemoryMaxMemoryMaxMemoryMaxMemoryMaxMemoryM"
		  "ax",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *nearest = typo_nearest(cases[i].word, word_name, words);

		if (!cases[i].nearest)
			assert_null(nearest);
		else if (!nearest || strcmp(nearest, cases[i].nearest) != 0)
			fail_msg("%s: %s", cases[i].word, nearest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(value_is_encoded_as_the_manager_takes_it,
						setup_bus, teardown_bus),
		cmocka_unit_test_setup_teardown(properties_share_an_array, setup_bus,
						teardown_bus),
		cmocka_unit_test(refusal_says_why),
		cmocka_unit_test(refusal_says_what_to_do),
		cmocka_unit_test(file_shows_the_property),
		cmocka_unit_test(file_is_written_without_a_manager),
		cmocka_unit_test(property_knows_what_it_is),
		cmocka_unit_test(table_agrees_with_itself),
		cmocka_unit_test_setup_teardown(junk_is_refused_or_sent, setup_bus,
						teardown_bus),
		cmocka_unit_test_setup_teardown(any_length_is_understood, setup_bus,
						teardown_bus),
		cmocka_unit_test(near_miss_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
