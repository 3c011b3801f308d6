/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard as a program: a page, without the C library, so that it starts as fast as a process
 * can. The library carries it along (guard-image.inc) and executes it from memory.
 *
 * Its orders come in the environment, where pkill -f does not look: the name of a cgroup may have
 * that of the supervisor in it.
 */
#include "child/guard-main.h"
#include "child/raw.h"

#if defined(__x86_64__)
__asm__(".globl _start\n"
	"_start:\n\t"
	"xor %ebp, %ebp\n\t"
	"mov %rsp, %rdi\n\t"
	"and $-16, %rsp\n\t"
	"call guard_program\n\t"
	"hlt\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	"_start:\n\t"
	"mov x29, #0\n\t"
	"mov x30, #0\n\t"
	"mov x0, sp\n\t"
	"bl guard_program\n\t"
	"brk #0\n");
#endif

/* What compilers call without being asked to, also where there is no library. */
void *memset(void *to, int value, size_t n);
void *memcpy(void *to, const void *from, size_t n);

/* volatile: or this loop would be found to be a memset(). */
void *memset(void *to, int value, size_t n)
{
	volatile unsigned char *p = to;

	while (n-- > 0)
		*p++ = (unsigned char)value;
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	volatile unsigned char *p = to;
	const unsigned char *q = from;

	while (n-- > 0)
		*p++ = *q++;
	return to;
}

void guard_program(char **stack) __attribute__((noreturn));

/* The kernel puts there: the number of arguments, them, NULL, the environment. */
void guard_program(char **stack)
{
	const size_t n_args = (size_t)stack[0];
	char **env = stack + 1 + n_args + 1;
	struct guard_orders orders;

	if (!env[0] || !env[1])
		raw_exit(1);
	guard_orders_read(env[0], env[1], &orders);
	guard_main(&orders, false);
}
