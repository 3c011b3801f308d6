/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The properties of scopes, a row each, in the order of systemd's manual pages, and those
 * that cannot be given although they exist. The limits of the library have a table of
 * their own.
 */
#include "property/property-kind.h"

#define ACTIONS                                                                          \
	"none|reboot|reboot-force|reboot-immediate|poweroff|poweroff-force|"             \
	"poweroff-immediate|exit|exit-force|soft-reboot|soft-reboot-force|kexec|"        \
	"kexec-force|halt|halt-force|halt-immediate"

#define JOB_MODES                                                                        \
	"fail|replace|replace-irreversibly|isolate|flush|ignore-dependencies|"           \
	"ignore-requirements"

#define PRESSURE_WATCH "auto|on|off|skip|yes|no"

/* clang-format off */
#define UNITS(n) { .name = n, .kind = PROPERTY_UNITS }

/* Every condition has a twin that fails the start instead of skipping it. */
#define CONDITION(n) CONDITION_SINCE(n, 0)
#define CONDITION_SINCE(n, version)                                                      \
	{ .name = "Condition" n, .bus_name = "Conditions", .kind = PROPERTY_CONDITION,   \
	  .since = version },                                                            \
	{ .name = "Assert" n, .bus_name = "Asserts", .kind = PROPERTY_CONDITION,         \
	  .since = version }

#define OF_LIMIT(n, l) { .name = n, .why = PROPERTY_OF_LIMIT, .limit = l }
#define OF_OPTION(n, word) { .name = n, .why = PROPERTY_OF_OPTION, .instead = word }
#define V1_LIMIT(n, l) { .name = n, .why = PROPERTY_V1_LIMIT, .limit = l }
#define V1_PROPERTY(n, word) { .name = n, .why = PROPERTY_V1_PROPERTY, .instead = word }
#define OF_RUN(n) { .name = n, .why = PROPERTY_OF_RUN }
#define OF_SERVICE(n, words) { .name = n, .why = PROPERTY_OF_SERVICE, .instead = words }

const struct property_info property_table[] = {
	/* systemd.resource-control(5): CPU */
	{ .name = "CPUAccounting", .kind = PROPERTY_BOOL },
	{ .name = "StartupCPUWeight", .kind = PROPERTY_CPU_WEIGHT },
	{ .name = "CPUQuotaPeriodSec", .bus_name = "CPUQuotaPeriodUSec",
	  .kind = PROPERTY_PERIOD, .files = { "cpu.max" } },
	{ .name = "StartupAllowedCPUs", .kind = PROPERTY_NUMBERS },
	{ .name = "CPUSetPartition", .kind = PROPERTY_CHOICE,
	  .choices = "member|root|isolated", .files = { "cpuset.cpus.partition" },
	  .since = 261 },

	/* memory */
	{ .name = "MemoryAccounting", .kind = PROPERTY_BOOL },
	{ .name = "StartupMemoryLow", .kind = PROPERTY_PROTECTION, .since = 254 },
	{ .name = "DefaultMemoryMin", .kind = PROPERTY_PROTECTION,
	  .scale = "DefaultMemoryMinScale" },
	{ .name = "DefaultMemoryLow", .kind = PROPERTY_PROTECTION,
	  .scale = "DefaultMemoryLowScale" },
	{ .name = "DefaultStartupMemoryLow", .kind = PROPERTY_PROTECTION, .since = 254 },
	{ .name = "StartupMemoryHigh", .kind = PROPERTY_SIZE, .since = 254 },
	{ .name = "StartupMemoryMax", .kind = PROPERTY_SIZE, .since = 254 },
	{ .name = "StartupMemorySwapMax", .kind = PROPERTY_SIZE, .since = 254 },
	{ .name = "MemoryZSwapMax", .kind = PROPERTY_SIZE, .scale = "MemoryZSwapMaxScale",
	  .files = { "memory.zswap.max" }, .since = 253 },
	{ .name = "StartupMemoryZSwapMax", .kind = PROPERTY_SIZE, .since = 254 },
	{ .name = "MemoryZSwapWriteback", .kind = PROPERTY_BOOL,
	  .files = { "memory.zswap.writeback" }, .since = 256 },
	{ .name = "StartupAllowedMemoryNodes", .kind = PROPERTY_NUMBERS },

	/* tasks and block devices */
	{ .name = "TasksAccounting", .kind = PROPERTY_BOOL },
	{ .name = "IOAccounting", .kind = PROPERTY_BOOL },
	{ .name = "StartupIOWeight", .kind = PROPERTY_IO_WEIGHT },
	{ .name = "IODeviceWeight", .kind = PROPERTY_DEVICE_WEIGHT,
	  .files = { "io.weight", "io.bfq.weight" } },
	{ .name = "IODeviceLatencyTargetSec", .bus_name = "IODeviceLatencyTargetUSec",
	  .kind = PROPERTY_DEVICE_LATENCY, .files = { "io.latency" } },

	/* network */
	{ .name = "IPAccounting", .kind = PROPERTY_BOOL },
	{ .name = "IPAddressAllow", .is_privileged = true, .kind = PROPERTY_ADDRESSES },
	{ .name = "IPAddressDeny", .is_privileged = true, .kind = PROPERTY_ADDRESSES },
	{ .name = "SocketBindAllow", .is_privileged = true, .kind = PROPERTY_SOCKET_BIND },
	{ .name = "SocketBindDeny", .is_privileged = true, .kind = PROPERTY_SOCKET_BIND },
	{ .name = "RestrictNetworkInterfaces", .is_privileged = true,
	  .kind = PROPERTY_INTERFACES },
	{ .name = "BindNetworkInterface", .is_privileged = true, .kind = PROPERTY_STRING,
	  .since = 260 },
	{ .name = "NFTSet", .is_privileged = true, .kind = PROPERTY_NFT_SETS, .since = 255 },
	{ .name = "IPIngressFilterPath", .is_privileged = true, .kind = PROPERTY_PATHS },
	{ .name = "IPEgressFilterPath", .is_privileged = true, .kind = PROPERTY_PATHS },
	{ .name = "BPFProgram", .is_privileged = true, .kind = PROPERTY_PROGRAM },

	/* devices and controllers */
	{ .name = "DeviceAllow", .is_privileged = true, .kind = PROPERTY_DEVICE_ALLOW },
	{ .name = "DevicePolicy", .is_privileged = true, .kind = PROPERTY_CHOICE,
	  .choices = "auto|closed|strict" },
	{ .name = "DisableControllers", .kind = PROPERTY_WORDS },

	/* pressure and the user space OOM killer */
	{ .name = "ManagedOOMSwap", .kind = PROPERTY_CHOICE, .choices = "auto|kill" },
	{ .name = "ManagedOOMMemoryPressure", .kind = PROPERTY_CHOICE,
	  .choices = "auto|kill" },
	{ .name = "ManagedOOMMemoryPressureLimit", .kind = PROPERTY_PERCENT },
	{ .name = "ManagedOOMMemoryPressureDurationSec",
	  .bus_name = "ManagedOOMMemoryPressureDurationUSec",
	  .kind = PROPERTY_SECONDS_UNSET, .since = 257 },
	{ .name = "ManagedOOMPreference", .kind = PROPERTY_CHOICE,
	  .choices = "none|avoid|omit" },
	{ .name = "OOMRules", .kind = PROPERTY_WORDS, .since = 261 },
	{ .name = "MemoryPressureWatch", .kind = PROPERTY_CHOICE,
	  .choices = PRESSURE_WATCH, .since = 254 },
	{ .name = "MemoryPressureThresholdSec", .bus_name = "MemoryPressureThresholdUSec",
	  .kind = PROPERTY_SECONDS, .since = 254 },
	{ .name = "CPUPressureWatch", .kind = PROPERTY_CHOICE,
	  .choices = PRESSURE_WATCH, .since = 261 },
	{ .name = "CPUPressureThresholdSec", .bus_name = "CPUPressureThresholdUSec",
	  .kind = PROPERTY_SECONDS, .since = 261 },
	{ .name = "IOPressureWatch", .kind = PROPERTY_CHOICE,
	  .choices = PRESSURE_WATCH, .since = 261 },
	{ .name = "IOPressureThresholdSec", .bus_name = "IOPressureThresholdUSec",
	  .kind = PROPERTY_SECONDS, .since = 261 },
	{ .name = "CoredumpReceive", .kind = PROPERTY_BOOL, .since = 255 },

	/* systemd.kill(5) */
	{ .name = "KillMode", .kind = PROPERTY_CHOICE,
	  .choices = "control-group|mixed|process|none" },
	{ .name = "RestartKillSignal", .kind = PROPERTY_SIGNAL },
	{ .name = "SendSIGHUP", .kind = PROPERTY_BOOL },
	{ .name = "SendSIGKILL", .kind = PROPERTY_BOOL },
	{ .name = "FinalKillSignal", .kind = PROPERTY_SIGNAL },
	{ .name = "WatchdogSignal", .kind = PROPERTY_SIGNAL },

	/* systemd.scope(5) */
	{ .name = "RuntimeRandomizedExtraSec", .bus_name = "RuntimeRandomizedExtraUSec",
	  .kind = PROPERTY_SECONDS },

	/* systemd.unit(5) */
	{ .name = "Documentation", .kind = PROPERTY_WORDS },
	UNITS("Wants"), UNITS("Requires"), UNITS("Requisite"), UNITS("BindsTo"),
	UNITS("PartOf"), UNITS("Upholds"), UNITS("Conflicts"), UNITS("Before"),
	UNITS("After"), UNITS("OnFailure"), UNITS("OnSuccess"),
	UNITS("PropagatesReloadTo"), UNITS("ReloadPropagatedFrom"),
	UNITS("PropagatesStopTo"), UNITS("StopPropagatedFrom"), UNITS("JoinsNamespaceOf"),
	{ .name = "RequiresMountsFor", .kind = PROPERTY_PATHS },
	{ .name = "WantsMountsFor", .kind = PROPERTY_PATHS, .since = 256 },
	{ .name = "OnSuccessJobMode", .kind = PROPERTY_CHOICE, .choices = JOB_MODES },
	{ .name = "OnFailureJobMode", .kind = PROPERTY_CHOICE, .choices = JOB_MODES },
	{ .name = "IgnoreOnIsolate", .kind = PROPERTY_BOOL },
	{ .name = "StopWhenUnneeded", .kind = PROPERTY_BOOL },
	{ .name = "RefuseManualStart", .kind = PROPERTY_BOOL },
	{ .name = "RefuseManualStop", .kind = PROPERTY_BOOL },
	{ .name = "AllowIsolate", .kind = PROPERTY_BOOL },
	{ .name = "DefaultDependencies", .kind = PROPERTY_BOOL },
	{ .name = "SurviveFinalKillSignal", .kind = PROPERTY_BOOL, .since = 255 },
	{ .name = "FailureAction", .kind = PROPERTY_CHOICE, .choices = ACTIONS },
	{ .name = "SuccessAction", .kind = PROPERTY_CHOICE, .choices = ACTIONS },
	{ .name = "FailureActionExitStatus", .kind = PROPERTY_EXIT_STATUS },
	{ .name = "SuccessActionExitStatus", .kind = PROPERTY_EXIT_STATUS },
	{ .name = "JobRunningTimeoutSec", .bus_name = "JobRunningTimeoutUSec",
	  .kind = PROPERTY_SECONDS },
	{ .name = "JobTimeoutAction", .kind = PROPERTY_CHOICE, .choices = ACTIONS },
	{ .name = "JobTimeoutRebootArgument", .kind = PROPERTY_STRING },
	{ .name = "StartLimitIntervalSec", .bus_name = "StartLimitIntervalUSec",
	  .kind = PROPERTY_SECONDS },
	{ .name = "StartLimitBurst", .kind = PROPERTY_UNSIGNED },
	{ .name = "StartLimitAction", .kind = PROPERTY_CHOICE, .choices = ACTIONS },
	{ .name = "RebootArgument", .kind = PROPERTY_STRING },
	{ .name = "SourcePath", .kind = PROPERTY_STRING },
	{ .name = "Markers", .kind = PROPERTY_WORDS },

	CONDITION("Architecture"), CONDITION("Firmware"), CONDITION("Virtualization"),
	CONDITION("Host"), CONDITION("KernelCommandLine"), CONDITION("KernelVersion"),
	CONDITION("Credential"), CONDITION("Environment"), CONDITION("Security"),
	CONDITION("Capability"), CONDITION("ACPower"), CONDITION("NeedsUpdate"),
	CONDITION("FirstBoot"), CONDITION("PathExists"), CONDITION("PathExistsGlob"),
	CONDITION("PathIsDirectory"), CONDITION("PathIsSymbolicLink"),
	CONDITION("PathIsMountPoint"), CONDITION("PathIsReadWrite"),
	CONDITION("PathIsEncrypted"), CONDITION("DirectoryNotEmpty"),
	CONDITION("FileNotEmpty"), CONDITION("FileIsExecutable"), CONDITION("User"),
	CONDITION("Group"), CONDITION("ControlGroupController"), CONDITION("Memory"),
	CONDITION("CPUs"), CONDITION("CPUFeature"), CONDITION("OSRelease"),
	CONDITION("MemoryPressure"), CONDITION("CPUPressure"), CONDITION("IOPressure"),
	CONDITION_SINCE("Version", 258), CONDITION_SINCE("KernelModuleLoaded", 258),
	{ .name = NULL },
};

const struct property_refused property_refused_table[] = {
	/* The limit's own row can name only one of its properties. */
	OF_LIMIT("IOWriteBandwidthMax", CG2_LIMIT_IO_MAX),
	OF_LIMIT("IOReadIOPSMax", CG2_LIMIT_IO_MAX),
	OF_LIMIT("IOWriteIOPSMax", CG2_LIMIT_IO_MAX),
	OF_OPTION("Description", "description"),
	OF_OPTION("Slice", "slice"),
	OF_OPTION("KillSignal", "signal"),
	OF_OPTION("TimeoutStopSec", "grace"),

	V1_LIMIT("MemoryLimit", CG2_LIMIT_MEMORY_MAX),
	V1_LIMIT("CPUShares", CG2_LIMIT_CPU_WEIGHT),
	V1_PROPERTY("StartupCPUShares", "StartupCPUWeight"),
	V1_PROPERTY("BlockIOAccounting", "IOAccounting"),
	V1_LIMIT("BlockIOWeight", CG2_LIMIT_IO_WEIGHT),
	V1_PROPERTY("StartupBlockIOWeight", "StartupIOWeight"),
	V1_PROPERTY("BlockIODeviceWeight", "IODeviceWeight"),
	V1_LIMIT("BlockIOReadBandwidth", CG2_LIMIT_IO_MAX),
	V1_LIMIT("BlockIOWriteBandwidth", CG2_LIMIT_IO_MAX),

	/* systemd, up to 260 at least, forgets to say that it has taken this one. */
	{ .name = "JobTimeoutSec", .why = PROPERTY_NOT_TRANSIENT,
	  .instead = "JobRunningTimeoutSec" },

	OF_RUN("Delegate"), OF_RUN("DelegateControllers"), OF_RUN("DelegateSubgroup"),
	OF_RUN("CollectMode"), OF_RUN("PIDs"), OF_RUN("PIDFDs"), OF_RUN("AddRef"),
	OF_RUN("User"), OF_RUN("Group"), OF_RUN("Controller"),

	OF_SERVICE("Environment*", "start the command with env(1)"),
	OF_SERVICE("PassEnvironment", "the command has the caller's variables"),
	OF_SERVICE("UnsetEnvironment", "start the command with env(1) -u"),
	OF_SERVICE("WorkingDirectory", "the command starts in the caller's"),
	OF_SERVICE("Limit*", "start the command with prlimit(1)"),
	OF_SERVICE("Nice", "start the command with nice(1)"),
	OF_SERVICE("CPUScheduling*", "start the command with chrt(1)"),
	OF_SERVICE("IOScheduling*", "start the command with ionice(1)"),
	OF_SERVICE("CPUAffinity", "start the command with taskset(1)"),
	OF_SERVICE("NUMA*", "start the command with numactl(8)"),
	OF_SERVICE("OOMScoreAdjust", "start the command with choom(1)"),
	OF_SERVICE("UMask", "the command has the caller's"),
	OF_SERVICE("NoNewPrivileges", "start the command with setpriv(1)"),
	OF_SERVICE("SupplementaryGroups", "start the command with setpriv(1)"),
	OF_SERVICE("CapabilityBoundingSet", "start the command with setpriv(1)"),
	OF_SERVICE("AmbientCapabilities", "start the command with setpriv(1)"),
	OF_SERVICE("Standard*", "the command has the caller's streams"),
	OF_SERVICE("Private*", "start the command with unshare(1)"),
	OF_SERVICE("Exec*", NULL), OF_SERVICE("Type", NULL), OF_SERVICE("Restart", NULL),
	OF_SERVICE("RestartSec", NULL), OF_SERVICE("RemainAfterExit", NULL),
	OF_SERVICE("SuccessExitStatus", NULL), OF_SERVICE("TimeoutSec", NULL),
	OF_SERVICE("TimeoutStartSec", NULL), OF_SERVICE("TimeoutAbortSec", NULL),
	OF_SERVICE("WatchdogSec", NULL), OF_SERVICE("ReloadSignal", NULL),
	OF_SERVICE("NotifyAccess", NULL), OF_SERVICE("PIDFile", NULL),
	OF_SERVICE("DynamicUser", NULL), OF_SERVICE("PAMName", NULL),
	OF_SERVICE("TTY*", NULL), OF_SERVICE("Syslog*", NULL),
	OF_SERVICE("LogLevelMax", NULL), OF_SERVICE("Root*", NULL),
	OF_SERVICE("BindPaths", NULL), OF_SERVICE("BindReadOnlyPaths", NULL),
	OF_SERVICE("ReadWritePaths", NULL), OF_SERVICE("ReadOnlyPaths", NULL),
	OF_SERVICE("InaccessiblePaths", NULL), OF_SERVICE("TemporaryFileSystem", NULL),
	OF_SERVICE("Protect*", NULL), OF_SERVICE("SystemCall*", NULL),
	OF_SERVICE("MemoryDenyWriteExecute", NULL), OF_SERVICE("MemoryKSM", NULL),
	OF_SERVICE("LockPersonality", NULL), OF_SERVICE("RestrictAddressFamilies", NULL),
	OF_SERVICE("RestrictFileSystems", NULL), OF_SERVICE("RestrictNamespaces", NULL),
	OF_SERVICE("RestrictRealtime", NULL), OF_SERVICE("RestrictSUIDSGID", NULL),
	OF_SERVICE("RuntimeDirectory*", NULL), OF_SERVICE("StateDirectory*", NULL),
	OF_SERVICE("CacheDirectory*", NULL), OF_SERVICE("LogsDirectory*", NULL),
	OF_SERVICE("ConfigurationDirectory*", NULL), OF_SERVICE("LoadCredential*", NULL),
	OF_SERVICE("SetCredential*", NULL), OF_SERVICE("ImportCredential", NULL),
	{ .name = NULL },
};
/* clang-format on */
