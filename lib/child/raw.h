/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls for the library's own processes, the holder and the guard: safe after fork(2) and in
 * shared memory, since nothing is allocated and errno is not touched. The guard's program has no C
 * library, and these alone. All return -errno.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

/* A sanitizer watches the stacks that it knows. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
#define CAN_SHARE_MEMORY 0
#elif defined(__x86_64__) && defined(__LP64__)
#define CAN_SHARE_MEMORY 1
#elif defined(__aarch64__)
#define CAN_SHARE_MEMORY 1
#else
#define CAN_SHARE_MEMORY 0
#endif

long raw_call(long number, long a, long b, long c, long d, long e);

/* poll(2); msec: -1 for no time limit. */
int raw_poll(struct pollfd *fds, size_t n, int msec);

/*
 * Gives back what was the caller's: streams, files but those n in keep (-1: none), the terminal,
 * the directory.
 */
void raw_withdraw(const int keep[], size_t n);

void raw_sleep(int msec);

/* For openat(2): a file that is there. */
int raw_open(int dirfd, const char *name, int flags);

void raw_close(int fd);

/* The file's first size - 1 bytes, and a '\0'. */
ssize_t raw_read(int dirfd, const char *file, char *buf, size_t size);

/* One write to a file that is there. */
int raw_write(int dirfd, const char *file, const char *text);

/* SIGKILL and others to whom a pidfd names. */
int raw_signal(int pidfd, int sig);

void raw_exit(int status) __attribute__((noreturn));

/* What the process is known by in ps(1) and to pkill(1), with -f too. Not in shared memory. */
void raw_rename(const char *name);

/* Closes all descriptors but those; -1 is none. */
void raw_close_all_but(const int *keep, size_t n);

size_t raw_length(const char *text);

/* A decimal number, and a pointer behind it. */
unsigned long raw_number(const char **text);

/* Writes a decimal number, a '\0' behind it; returns where that is. At most 20 digits. */
char *raw_put_number(char *to, unsigned long number);

/* Reads numbers from a file, piece by piece: none is cut in two. */
struct raw_numbers {
	int fd;
	size_t len, at;
	char buf[512];
};

bool raw_next_number(struct raw_numbers *in, unsigned long *ret);

/* Calls fn for each directory right below that is not hidden. */
typedef void (*raw_child_fn)(int dirfd, const char *name, void *userdata);
void raw_for_each_child(int dirfd, raw_child_fn fn, void *userdata);
