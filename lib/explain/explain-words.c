/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What managers say: the texts that have no message id, and the exit statuses by which their
 * children say which step failed. systemd does not translate its messages.
 */
#include <string.h>

#include "explain/explain-internal.h"
#include "explain/explain-words.h"

/* A part of the message. The first that is found. */
static const struct {
	const char *part;
	enum explain_word word;
} words[] = {
	{ "Start request repeated too quickly", WORD_START_LIMIT },
	{ "operation timed out. Terminating", WORD_TIMED_OUT },
	{ "operation timed out. Stopping", WORD_TIMED_OUT },
	{ "Stopping timed out", WORD_STOP_TIMED_OUT },
	{ "' timed out. Killing", WORD_STOP_TIMED_OUT },
	{ "' timed out. Skipping SIGKILL", WORD_STOP_TIMED_OUT },
	{ "Watchdog timeout (limit ", WORD_WATCHDOG },
	{ "reached runtime time limit", WORD_RUNTIME_MAX },
	{ "Failed to load environment files", WORD_ENVIRONMENT_FILE },
	{ "Failed to fork", WORD_FORK },
	{ "Failed to spawn executor", WORD_FORK },
	{ "No PIDs left to attach", WORD_NO_PROCESS },
	{ "Scope has no PIDs", WORD_NO_PROCESS },
	{ "Daemon never wrote its PID file", WORD_PID_FILE },
	{ "Can't open PID file", WORD_PID_FILE },
	{ "on client request", WORD_BY_CLIENT },
	{ ": Killing process ", WORD_KILLING },
	{ "Bound to unit ", WORD_BOUND_TO },
	{ "asserts failed", WORD_ASSERT },
	{ "Failed to set up ", WORD_STEP },
	{ "Changing to the requested working directory failed", WORD_STEP },
	{ "Failed to determine ", WORD_STEP },
	{ "Failed to open ", WORD_STEP },
};

enum explain_word explain_word_of(const char *message)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(message, words[i].part))
			return words[i].word;
	return N_EXPLAIN_WORDS;
}

/* 200 to 244, but for 203, which has rules of its own, and what never ends a start. */
static const struct explain_step steps[] = {
	{ 200, "CHDIR", "WorkingDirectory=", NULL },
	{ 201, "NICE", "Nice=", NULL },
	{ 202, "FDS", "its file descriptors", NULL },
	{ 203, "EXEC", "ExecStart=", NULL },
	{ 204, "MEMORY", "memory for it", NULL },
	{ 205, "LIMITS", "LimitNOFILE= and its like",
	  "an ordinary user's manager cannot raise its limits" },
	{ 206, "OOM_ADJUST", "OOMScoreAdjust=", NULL },
	{ 207, "SIGNAL_MASK", "its signal mask", NULL },
	{ 208, "STDIN", "StandardInput=", NULL },
	{ 209, "STDOUT", "StandardOutput=", NULL },
	{ 210, "CHROOT", "RootDirectory=", NULL },
	{ 211, "IOPRIO", "IOSchedulingClass=", NULL },
	{ 212, "TIMERSLACK", "TimerSlackNSec=", NULL },
	{ 213, "SECUREBITS", "SecureBits=", NULL },
	{ 214, "SETSCHEDULER", "CPUSchedulingPolicy=",
	  "LimitRTPRIO= allows it; an ordinary user's manager may not raise it" },
	{ 215, "CPUAFFINITY", "CPUAffinity=", NULL },
	{ 216, "GROUP", "Group=", NULL },
	{ 217, "USER", "User=", NULL },
	{ 218, "CAPABILITIES", "AmbientCapabilities= or CapabilityBoundingSet=",
	  "an ordinary user's manager has no capabilities to give" },
	{ 219, "CGROUP", "its cgroup", NULL },
	{ 220, "SETSID", "a session of its own", NULL },
	{ 221, "CONFIRM", "its confirmation at the console", NULL },
	{ 222, "STDERR", "StandardError=", NULL },
	{ 224, "PAM", "PAMName=", "see what PAM's modules say: journalctl -t systemd" },
	{ 225, "NETWORK", "PrivateNetwork= or NetworkNamespacePath=", NULL },
	{ 226, "NAMESPACE",
	  "a file system of its own (ReadWritePaths=, ProtectSystem= and the like)", NULL },
	{ 227, "NO_NEW_PRIVILEGES", "NoNewPrivileges=", NULL },
	{ 228, "SECCOMP", "SystemCallFilter= and its like", NULL },
	{ 229, "SELINUX_CONTEXT", "SELinuxContext=", NULL },
	{ 230, "PERSONALITY", "Personality=", NULL },
	{ 231, "APPARMOR_PROFILE",
	  "AppArmorProfile=", "aa-status lists the profiles that are loaded" },
	{ 232, "ADDRESS_FAMILIES", "RestrictAddressFamilies=", NULL },
	{ 233, "RUNTIME_DIRECTORY", "RuntimeDirectory=", NULL },
	{ 235, "CHOWN", "the ownership of its socket", NULL },
	{ 236, "SMACK_PROCESS_LABEL", "SmackProcessLabel=", NULL },
	{ 237, "KEYRING", "its kernel keyring", NULL },
	{ 238, "STATE_DIRECTORY", "StateDirectory=", NULL },
	{ 239, "CACHE_DIRECTORY", "CacheDirectory=", NULL },
	{ 240, "LOGS_DIRECTORY", "LogsDirectory=", NULL },
	{ 241, "CONFIGURATION_DIRECTORY", "ConfigurationDirectory=", NULL },
	{ 242, "NUMA_POLICY", "NUMAPolicy=", NULL },
	{ 243, "CREDENTIALS", "LoadCredential= or SetCredential=", NULL },
	{ 244, "BPF", "a BPF program of its settings", NULL },
};

const struct explain_step *explain_step_of(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i].status == status)
			return &steps[i];
	return NULL;
}

/* ---- programs ---- */

/* What of a line stands before the words, back to the last ": " or blank. */
static bool name_before(const char *line, const char *at, char *ret_name)
{
	const char *start = at;

	while (start > line && start[-1] != ' ')
		start--;
	if (start == at || (size_t)(at - start) >= EXEC_NAME_MAX)
		return false;
	memcpy(ret_name, start, (size_t)(at - start));
	ret_name[at - start] = '\0';
	return true;
}

/* "env: 'node': No such file or directory", with whichever quotes the locale has. */
static bool name_of_env(const char *line, char *ret_name)
{
	static const char *const quotes[] = { "\342\200\230", "\342\200\231", "'" };
	const char *at = strstr(line, "env: "), *end;
	size_t len;

	if (!at || !strstr(line, ": No such file or directory"))
		return false;
	at += strlen("env: ");
	end = strstr(at, ": ");
	if (!end)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(quotes); i++) {
		len = strlen(quotes[i]);
		if (strncmp(at, quotes[i], len) == 0)
			at += len;
		if ((size_t)(end - at) > len && strncmp(end - len, quotes[i], len) == 0)
			end -= len;
	}
	if (end <= at || (size_t)(end - at) >= EXEC_NAME_MAX)
		return false;
	memcpy(ret_name, at, (size_t)(end - at));
	ret_name[end - at] = '\0';
	return true;
}

bool explain_missing_command(const char *line, char *ret_name)
{
	const char *at = strstr(line, ": command not found");

	if (!at)
		at = strstr(line, ": not found");
	if (at)
		return name_before(line, at, ret_name);
	return name_of_env(line, ret_name);
}
