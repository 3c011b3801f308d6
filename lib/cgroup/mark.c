/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mark of our own cgroups: an extended attribute, "1 KIND TIME".
 */
#include "cgroup/mark.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/scan.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/xattr.h"

#define XATTR "user.cgscope"

/* The number of the format; a mark of a later one is a mark, of a kind that is not known. */
#define FORMAT "1 "

static const char *const kinds[] = {
	[MARK_NONE] = "none",
	[MARK_RUN] = "run",
	[MARK_EXEC] = "exec",
	[MARK_ATTACH] = "attach",
	[MARK_NESTED] = "nested",
};
static_assert(ARRAY_SIZE(kinds) == MARK_NESTED + 1, "each kind has its word");

void mark_write(struct cg2_group *group, enum mark_kind kind)
{
	char text[64];
	int n;

	n = snprintf(text, sizeof(text), FORMAT "%s %" PRIu64, kinds[kind], now_real_usec());
	if (xattr_write(group->fd, ".", XATTR, text, (size_t)n) < 0)
		ctx_log(group->ctx, CG2_LOG_DEBUG, NULL, "no mark on %s: %s", group->path,
			strerror(errno));
}

static void parse(const char *text, size_t len, struct mark *mark)
{
	struct scan s = scan_of(text, len), word;

	mark->kind = MARK_RUN;
	if (!scan_word(&s, FORMAT))
		return;
	word = scan_until(&s, ' ');
	for (size_t i = MARK_RUN; i < ARRAY_SIZE(kinds); i++)
		if (scan_is(&word, kinds[i]))
			mark->kind = (enum mark_kind)i;
	if (scan_u64(&s, &mark->made_usec) < 0)
		mark->made_usec = 0;
}

void mark_read(int dirfd, const char *name, struct mark *ret_mark)
{
	char text[64];
	ssize_t n;

	*ret_mark = (struct mark){ .kind = MARK_NONE };
	n = xattr_read(dirfd, name, XATTR, text, sizeof(text));
	/* A longer one is a mark too, of a later version. */
	if (n < 0 && errno != ERANGE)
		return;
	parse(text, n < 0 ? 0 : (size_t)n, ret_mark);
}
