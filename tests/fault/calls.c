/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plausible is what the kernel answers where something is missing, full, forbidden, too old or
 * interrupted. A call without errors is one that cannot fail as it is made, or whose failure
 * nobody could do anything about.
 */
#include "calls.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "base/macro.h"

#define E(name) { #name, name }
#define CALL(call, ...) { .name = #call, .nr = SYS_##call, .errors = { __VA_ARGS__ } }

static const struct call calls[] = {
	/* files */
	CALL(openat, E(ENOENT), E(EACCES), E(EMFILE), E(ENOMEM)),
	CALL(openat2, E(ENOSYS), E(EACCES), E(EMFILE)),
	CALL(close, E(EINTR), E(EIO)),
	CALL(close_range, E(ENOSYS)),
	CALL(read, E(EIO), E(ENODEV), E(EINTR)),
	CALL(pread64, E(EIO), E(ENODEV)),
	CALL(write, E(EBUSY), E(ENOSPC), E(EPIPE), E(EINTR), E(EACCES)),
	CALL(writev, E(ENOSPC), E(EPIPE)),
	CALL(lseek, E(ESPIPE)),
#ifdef SYS_newfstatat
	CALL(newfstatat, E(ENOENT), E(EACCES), E(ENOMEM)),
#endif
	CALL(statx, E(ENOENT), E(EACCES), E(ENOMEM)),
	CALL(fstat, E(ENOMEM)),
	CALL(statfs, E(ENOENT), E(EACCES)),
	/* Its number is the same everywhere; headers before Linux 6.8 have none. */
	{ "statmount", 457, { E(ENOSYS), E(EPERM), E(EOVERFLOW) } },
	CALL(fstatfs, E(ENOMEM)),
	CALL(faccessat, E(ENOENT), E(EACCES)),
	CALL(faccessat2, E(ENOSYS), E(ENOENT), E(EACCES)),
	CALL(getdents64, E(ENOENT), E(ENOMEM)),
	CALL(readlinkat, E(ENOENT), E(EACCES)),
	CALL(mkdirat, E(EEXIST), E(EACCES), E(ENOSPC), E(EAGAIN), E(ENOMEM)),
	CALL(unlinkat, E(EBUSY), E(ENOENT), E(EACCES)),
	CALL(renameat, E(ENOSPC), E(EACCES)),
	CALL(renameat2, E(ENOSPC), E(EACCES)),
	CALL(ftruncate, E(EIO), E(ENOSPC)),
	CALL(fsync, E(EIO)),
	CALL(fchmod, E(EPERM)),
	CALL(fchown, E(EPERM)),
	CALL(umask),
	CALL(flock, E(EWOULDBLOCK), E(ENOLCK), E(EINTR)),
	CALL(getxattr, E(ENODATA), E(EOPNOTSUPP), E(EACCES)),
	CALL(fgetxattr, E(ENODATA), E(EOPNOTSUPP), E(EACCES)),
	CALL(fsetxattr, E(EOPNOTSUPP), E(ENOSPC), E(EPERM)),
	CALL(setxattr, E(EOPNOTSUPP), E(ENOSPC), E(EPERM)),
	CALL(fremovexattr, E(EPERM)),
	CALL(name_to_handle_at, E(EOPNOTSUPP), E(ENOSYS), E(EPERM)),
	CALL(chdir, E(EACCES)),
	CALL(fchdir, E(EACCES)),
	CALL(getcwd, E(ENOENT)),
	CALL(dup, E(EMFILE)),
	CALL(dup3, E(EMFILE)),
	CALL(fcntl, E(EMFILE)),
	CALL(ioctl, E(ENOTTY)),
	CALL(pipe2, E(EMFILE), E(ENFILE)),
	CALL(fadvise64, E(EINVAL)),
	CALL(memfd_create, E(EMFILE), E(ENOSYS), E(ENOMEM)),
	/* memory; brk() tells of a failure by the old end */
	CALL(mmap, E(ENOMEM)),
	CALL(brk, { "ENOMEM", 0 }),
	CALL(mremap, E(ENOMEM)),
	CALL(mprotect, E(ENOMEM)),
	CALL(munmap),
	CALL(madvise),
	/* processes */
	CALL(clone, E(EAGAIN), E(ENOMEM)),
	CALL(clone3, E(EAGAIN), E(ENOSYS), E(EACCES), E(EBUSY), E(ENOMEM)),
	CALL(execve, E(ENOENT), E(EACCES), E(ENOMEM)),
	CALL(execveat, E(ENOENT), E(EACCES), E(ENOMEM), E(ENOSYS)),
	CALL(exit),
	CALL(exit_group),
	CALL(wait4, E(EINTR)),
	CALL(waitid, E(EINTR)),
	CALL(pidfd_open, E(ENOSYS), E(EMFILE), E(ESRCH)),
	CALL(pidfd_send_signal, E(ENOSYS), E(EPERM), E(ESRCH)),
	CALL(kill, E(ESRCH), E(EPERM)),
	CALL(ptrace, E(EPERM), E(ESRCH)),
	CALL(seccomp, E(EINVAL), E(ENOSYS), E(EACCES), E(ENOMEM)),
	CALL(process_vm_readv, E(EFAULT), E(EPERM), E(ESRCH)),
	CALL(tgkill, E(ESRCH)),
	CALL(setsid, E(EPERM)),
	CALL(setpgid, E(EACCES), E(ESRCH)),
	CALL(prctl, E(EINVAL)),
	CALL(prlimit64, E(EPERM)),
	CALL(getpid),
	CALL(gettid),
	CALL(getppid),
	CALL(getpgid),
	CALL(getsid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(getrusage),
	CALL(capget),
	CALL(sched_getaffinity),
	CALL(sched_yield),
	CALL(uname),
	CALL(sysinfo),
	CALL(getrandom, E(ENOSYS), E(EAGAIN)),
	CALL(futex),
	CALL(set_tid_address),
	CALL(set_robust_list),
	CALL(rseq),
	/* signals */
	CALL(rt_sigprocmask),
	CALL(rt_sigaction),
	CALL(rt_sigreturn),
	CALL(rt_sigtimedwait, E(EINTR)),
	CALL(rt_sigpending),
	CALL(rt_sigqueueinfo, E(EAGAIN)),
	CALL(restart_syscall),
	CALL(signalfd4, E(EMFILE), E(ENOMEM)),
	/* waiting */
	CALL(ppoll, E(EINTR), E(ENOMEM)),
	CALL(epoll_create1, E(EMFILE), E(ENOMEM)),
	CALL(epoll_ctl, E(ENOMEM), E(ENOSPC)),
	CALL(epoll_pwait, E(EINTR)),
	CALL(timerfd_create, E(EMFILE), E(ENOMEM)),
	CALL(timerfd_settime),
	CALL(eventfd2, E(EMFILE), E(ENOMEM)),
	CALL(inotify_init1, E(EMFILE), E(ENOMEM)),
	CALL(inotify_add_watch, E(ENOSPC), E(ENOMEM), E(ENOENT)),
	CALL(inotify_rm_watch),
	CALL(nanosleep, E(EINTR)),
	CALL(clock_nanosleep, E(EINTR)),
	CALL(clock_gettime),
	/* the bus, the holder's socket, netlink */
	CALL(socket, E(EMFILE), E(EACCES), E(ENOMEM)),
	CALL(socketpair, E(EMFILE), E(ENOMEM)),
	CALL(connect, E(ECONNREFUSED), E(ENOENT), E(EACCES), E(EAGAIN)),
	CALL(bind, E(EADDRINUSE), E(ENOMEM)),
	CALL(getsockname, E(ENOBUFS)),
	CALL(getpeername, E(ENOTCONN)),
	CALL(getsockopt, E(ENOPROTOOPT)),
	CALL(setsockopt, E(ENOPROTOOPT), E(EPERM)),
	CALL(sendto, E(EPIPE), E(ECONNRESET), E(ENOBUFS)),
	CALL(sendmsg, E(EPIPE), E(ECONNRESET), E(ENOBUFS), E(EINTR)),
	CALL(recvfrom, E(ECONNRESET), E(EINTR)),
	CALL(recvmsg, E(ECONNRESET), E(EINTR), E(ENOMEM)),
	CALL(shutdown, E(ENOTCONN)),
#ifdef SYS_open /* what newer architectures do without */
	CALL(open, E(ENOENT), E(EACCES), E(EMFILE), E(ENOMEM)),
	CALL(stat, E(ENOENT), E(EACCES)),
	CALL(lstat, E(ENOENT), E(EACCES)),
	CALL(access, E(ENOENT), E(EACCES)),
	CALL(readlink, E(ENOENT), E(EACCES)),
	CALL(mkdir, E(EEXIST), E(EACCES), E(ENOSPC)),
	CALL(rmdir, E(EBUSY), E(ENOENT), E(EACCES)),
	CALL(unlink, E(ENOENT), E(EACCES)),
	CALL(rename, E(ENOSPC), E(EACCES)),
	CALL(dup2, E(EMFILE)),
	CALL(pipe, E(EMFILE), E(ENFILE)),
	CALL(poll, E(EINTR), E(ENOMEM)),
	CALL(epoll_wait, E(EINTR)),
	CALL(fork, E(EAGAIN), E(ENOMEM)),
	CALL(vfork, E(EAGAIN), E(ENOMEM)),
	CALL(getpgrp),
	CALL(alarm),
	CALL(arch_prctl),
	CALL(time),
#endif
};

const struct call *call_find(long nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

unsigned int call_count_errors(const struct call *call)
{
	unsigned int n = 0;

	while (n < MAX_ERRORS && call->errors[n].name)
		n++;
	return n;
}

const struct call_error *call_get_error(const struct call *call, unsigned int i)
{
	unsigned int n = call_count_errors(call);

	return n == 0 ? NULL : &call->errors[i % n];
}
