/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ledger of nested runs: an extended attribute, "1 RUNS OOM OOM_KILL ...".
 */
#include "cgroup/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scan.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/xattr.h"

#define XATTR "user.cgscope.nested"

/* The number of the format. */
#define FORMAT "1"

/* The attribute's numbers, in their order. */
static const size_t members[] = {
	offsetof(struct ledger, runs),		 offsetof(struct ledger, oom),
	offsetof(struct ledger, oom_kill),	 offsetof(struct ledger, oom_group_kill),
	offsetof(struct ledger, refused),	 offsetof(struct ledger, refused_above),
};

/* Room for all of them with 20 digits each. */
#define TEXT_MAX (sizeof(FORMAT) + ARRAY_SIZE(members) * 21)

static uint64_t *member(struct ledger *ledger, size_t i)
{
	return (void *)((char *)ledger + members[i]);
}

static void parse(const char *text, size_t len, struct ledger *ledger)
{
	struct scan s = scan_of(text, len);
	struct ledger read = { 0 };

	if (!scan_word(&s, FORMAT))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (!scan_char(&s, ' ') || scan_u64(&s, member(&read, i)) < 0)
			return;
	*ledger = read;
}

static void read_any(struct cg2_group *group, struct ledger *ret_ledger)
{
	char text[TEXT_MAX];
	ssize_t n;

	*ret_ledger = (struct ledger){ 0 };
	n = xattr_read(group->fd, ".", XATTR, text, sizeof(text));
	if (n > 0)
		parse(text, (size_t)n, ret_ledger);
}

/* Whoever may write the directory can write anything there, and root believes only itself. */
void ledger_read(struct cg2_group *group, struct ledger *ret_ledger)
{
	struct stat st;

	*ret_ledger = (struct ledger){ 0 };
	if (fstat(group->fd, &st) == 0 && st.st_uid == geteuid())
		read_any(group, ret_ledger);
}

void ledger_add(struct cg2_group *group, const struct ledger *part)
{
	char text[TEXT_MAX];
	struct ledger sum, add = *part;
	size_t len;

	read_any(group, &sum);
	len = (size_t)snprintf(text, sizeof(text), FORMAT);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		uint64_t n = *member(&sum, i);

		if (__builtin_add_overflow(n, *member(&add, i), &n))
			n = UINT64_MAX;
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %" PRIu64, n);
	}
	/* Without such xattrs (kernels before 5.7) it is not known whose limit it was. */
	if (xattr_write(group->fd, ".", XATTR, text, len) < 0)
		ctx_log(group->ctx, CG2_LOG_DEBUG, NULL, "nothing noted on %s: %s", group->path,
			strerror(errno));
}
