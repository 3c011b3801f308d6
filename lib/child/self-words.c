/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/self-words.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/scan.h"

/* A number of 64 bits. */
#define DIGITS_MAX 20

/* The inode of its pidfd is a process's name for ever; 0: the kernel (before 6.9) has none. */
static uint64_t pidfd_id(void)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static uint64_t pid_id(void)
{
	return (uint64_t)getpid();
}

static const struct {
	const char *name;
	uint64_t (*id)(void);
} variables[N_SELF_WORDS] = {
	{ "LISTEN_PID=", pid_id },
	{ "LISTEN_PIDFDID=", pidfd_id },
	{ "WATCHDOG_PID=", pid_id },
};

/* Which variable it is, if it names this process; N_SELF_WORDS: none. */
static size_t find(const char *word)
{
	for (size_t i = 0; i < N_SELF_WORDS; i++) {
		struct scan s = scan_of_string(word);
		uint64_t id;

		if (scan_word(&s, variables[i].name) && scan_u64(&s, &id) == 0 &&
		    scan_done(&s) && id == variables[i].id())
			return i;
	}
	return N_SELF_WORDS;
}

static char *make_room(size_t i, struct self_words *words)
{
	const size_t len = strlen(variables[i].name);
	char *word = malloc(len + DIGITS_MAX + 1);

	if (word) {
		memcpy(word, variables[i].name, len + 1);
		words->value[i] = word + len;
	}
	return word;
}

/* 1: there were some. */
static bool free_values(struct self_words *words)
{
	bool is_any = false;

	for (size_t i = 0; i < N_SELF_WORDS; i++) {
		if (!words->value[i])
			continue;
		free(words->value[i] - strlen(variables[i].name));
		words->value[i] = NULL;
		is_any = true;
	}
	return is_any;
}

char **self_words_make(char *const *envp, struct self_words *ret_words)
{
	struct self_words words = { { NULL } };
	char **copy = NULL;
	size_t n = 0;

	*ret_words = words;
	while (envp[n])
		n++;
	for (size_t k = 0; k < n; k++) {
		const size_t i = find(envp[k]);

		if (i == N_SELF_WORDS || words.value[i])
			continue;
		if (!copy) {
			copy = malloc((n + 1) * sizeof(*copy));
			if (!copy)
				return NULL;
			memcpy(copy, envp, (n + 1) * sizeof(*copy));
		}
		copy[k] = make_room(i, &words);
		if (!copy[k]) {
			free_values(&words);
			free(copy);
			return NULL;
		}
	}
	*ret_words = words;
	return copy ? copy : (char **)envp;
}

void self_words_free(char **envp, struct self_words *words)
{
	if (free_values(words))
		free(envp);
}

static void put_number(char *to, uint64_t number)
{
	char digits[DIGITS_MAX];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n > 0)
		*to++ = digits[--n];
	*to = '\0';
}

void self_words_fill(const struct self_words *words)
{
	for (size_t i = 0; i < N_SELF_WORDS; i++)
		if (words->value[i])
			put_number(words->value[i], variables[i].id());
}
