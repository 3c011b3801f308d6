/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that touch nothing of the C library's.
 */
#include "child/raw.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macro.h"

/* Where close_range(2) is missing, before kernel 5.9. */
#define LOOK_AT 1024

/* The words of /proc/PID/stat behind the name that tell where a process has its arguments. */
#define STAT_ARG_START 46

long raw_call(long number, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__) && defined(__LP64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;

	__asm__ volatile("syscall"
			 : "+a"(number)
			 : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return number;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
			 : "memory");
	return x0;
#else
	const long result = syscall(number, a, b, c, d, e);

	return result < 0 ? -errno : result;
#endif
}

int raw_poll(struct pollfd *fds, size_t n, int msec)
{
	/* The kernel's, whatever the C library's has been made of. */
	struct {
		long seconds, nanoseconds;
	} timeout = { msec / 1000, (long)(msec % 1000) * 1000000 };

	return (int)raw_call(SYS_ppoll, (long)fds, (long)n, msec < 0 ? 0 : (long)&timeout, 0, 0);
}

void raw_sleep(int msec)
{
	raw_poll(NULL, 0, msec);
}

int raw_open(int dirfd, const char *name, int flags)
{
	return (int)raw_call(SYS_openat, dirfd, (long)name, flags | O_CLOEXEC | O_NOCTTY, 0, 0);
}

void raw_close(int fd)
{
	if (fd >= 0)
		raw_call(SYS_close, fd, 0, 0, 0, 0);
}

ssize_t raw_read(int dirfd, const char *file, char *buf, size_t size)
{
	const int fd = raw_open(dirfd, file, O_RDONLY);
	long n;

	if (fd < 0)
		return fd;
	n = raw_call(SYS_read, fd, (long)buf, (long)size - 1, 0, 0);
	raw_close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

int raw_write(int dirfd, const char *file, const char *text)
{
	const int fd = raw_open(dirfd, file, O_WRONLY);
	long n;

	if (fd < 0)
		return fd;
	n = raw_call(SYS_write, fd, (long)text, (long)raw_length(text), 0, 0);
	raw_close(fd);
	return n < 0 ? (int)n : 0;
}

int raw_signal(int pidfd, int sig)
{
	return (int)raw_call(SYS_pidfd_send_signal, pidfd, sig, 0, 0, 0);
}

void raw_exit(int status)
{
	for (;;)
		raw_call(SYS_exit_group, status, 0, 0, 0, 0);
}

size_t raw_length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

unsigned long raw_number(const char **text)
{
	unsigned long number = 0;

	while (**text == ' ')
		(*text)++;
	while (**text >= '0' && **text <= '9')
		number = number * 10 + (unsigned long)(*(*text)++ - '0');
	return number;
}

char *raw_put_number(char *to, unsigned long number)
{
	char digits[20];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n > 0)
		*to++ = digits[--n];
	*to = '\0';
	return to;
}

bool raw_next_number(struct raw_numbers *in, unsigned long *ret)
{
	unsigned long number = 0;
	bool has_digit = false;

	for (;;) {
		if (in->at == in->len) {
			const long n = raw_call(SYS_read, in->fd, (long)in->buf, sizeof(in->buf),
						0, 0);

			if (n <= 0)
				break;
			in->len = (size_t)n;
			in->at = 0;
		}
		const char c = in->buf[in->at++];

		if (c >= '0' && c <= '9') {
			number = number * 10 + (unsigned long)(c - '0');
			has_digit = true;
		} else if (has_digit) {
			break;
		}
	}
	*ret = number;
	return has_digit;
}

/* As getdents64(2) writes it. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

void raw_for_each_child(int dirfd, raw_child_fn fn, void *userdata)
{
	_Alignas(8) char buf[1024];
	const int dir = raw_open(dirfd, ".", O_RDONLY | O_DIRECTORY);
	long n;

	while ((n = raw_call(SYS_getdents64, dir, (long)buf, sizeof(buf), 0, 0)) > 0) {
		for (long at = 0; at < n;) {
			const struct entry *entry = (const void *)(buf + at);

			if (entry->type == DT_DIR && entry->name[0] != '.')
				fn(dirfd, entry->name, userdata);
			at += entry->size;
		}
	}
	raw_close(dir);
}

/* The place of the arguments in memory; 0: not to be seen. */
static char *find_arguments(size_t *ret_size)
{
	char buf[1024];
	const char *p;
	unsigned long start, end;

	if (raw_read(AT_FDCWD, "/proc/self/stat", buf, sizeof(buf)) <= 0)
		return NULL;
	/* The name, in brackets, may hold anything. */
	p = buf + raw_length(buf);
	while (p > buf && *p != ')')
		p--;
	for (int word = 0; *p && word < STAT_ARG_START; p++)
		word += *p == ' ';
	start = raw_number(&p);
	end = raw_number(&p);
	if (start == 0 || end <= start)
		return NULL;
	*ret_size = end - start;
	return (char *)start;
}

void raw_rename(const char *name)
{
	const size_t len = raw_length(name);
	size_t size = 0;
	char *words = find_arguments(&size);

	raw_call(SYS_prctl, PR_SET_NAME, (long)name, 0, 0, 0);
	for (size_t i = 0; i < size; i++)
		words[i] = i < len ? name[i] : '\0';
}

static void close_range_of(unsigned int first, unsigned int last)
{
	if (raw_call(SYS_close_range, (long)first, (long)last, 0, 0, 0) >= 0)
		return;
	for (unsigned int fd = first; fd <= last && fd < LOOK_AT; fd++)
		raw_close((int)fd);
}

void raw_close_all_but(const int *keep, size_t n)
{
	unsigned int next = 0;

	for (;;) {
		unsigned int lowest = ~0U;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned int)keep[i] >= next &&
			    (unsigned int)keep[i] < lowest)
				lowest = (unsigned int)keep[i];
		if (lowest > next)
			close_range_of(next, lowest - 1);
		if (lowest == ~0U)
			return;
		next = lowest + 1;
	}
}

void raw_withdraw(const int keep[], size_t n)
{
	raw_close_all_but(keep, n);
	raw_call(SYS_setsid, 0, 0, 0, 0, 0);
	raw_call(SYS_chdir, (long)"/", 0, 0, 0, 0);
}
