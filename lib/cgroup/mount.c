/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cgroup/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers, flags and structs of Linux 6.8, which older headers have not. */
#ifdef SYS_statmount
#define NR_STATMOUNT SYS_statmount
#else
#define NR_STATMOUNT 457
#endif
#define ASK_FOR_UNIQUE_ID 0x4000U
#define ASK_FOR_FILE_SYSTEM UINT64_C(0x01)
#define ASK_FOR_ROOT UINT64_C(0x08)
#define ASK_FOR_POINT UINT64_C(0x10)
#define ASK_FOR_ALL (ASK_FOR_FILE_SYSTEM | ASK_FOR_ROOT | ASK_FOR_POINT)

struct request {
	uint32_t size;
	uint32_t spare;
	uint64_t mount_id;
	uint64_t wanted;
};

struct answer {
	uint32_t size;
	uint32_t options;
	uint64_t told;
	uint32_t device[2];
	uint64_t magic;
	uint32_t flags[2];
	uint64_t ids[3];
	uint64_t attributes[5];
	uint32_t root; /* where in text it begins */
	uint32_t point;
	uint64_t spare[50];
	char text[512];
};
static_assert(offsetof(struct answer, text) == 512, "as the kernel has it");

static int find_id(const char *path, uint64_t *ret_id)
{
	struct statx x = { .stx_mask = 0 };

	if (syscall(SYS_statx, AT_FDCWD, path, AT_NO_AUTOMOUNT, ASK_FOR_UNIQUE_ID, &x) < 0)
		return -errno;
	if (!(x.stx_mask & ASK_FOR_UNIQUE_ID))
		return -ENOSYS;
	*ret_id = x.stx_mnt_id;
	return 0;
}

int mount_ask(const char *path, struct mount_here *ret)
{
	struct request request = { .size = sizeof(request), .wanted = ASK_FOR_ALL };
	struct answer answer;
	char *root;
	int r;

	r = find_id(path, &request.mount_id);
	if (r < 0)
		return r;
	if (syscall(NR_STATMOUNT, &request, &answer, sizeof(answer), 0) < 0)
		return -errno;
	if ((answer.told & ASK_FOR_ALL) != ASK_FOR_ALL)
		return -ENODATA;
	if (strcmp(answer.text + answer.point, path) != 0)
		return -ENOTDIR;
	root = strdup(answer.text + answer.root);
	if (!root)
		return -ENOMEM;
	*ret = (struct mount_here){ .magic = answer.magic, .root = root };
	return 0;
}
