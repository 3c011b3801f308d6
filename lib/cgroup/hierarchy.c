/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which cgroup hierarchies this machine has mounted: /proc/self/mountinfo, and the controllers
 * that the root of cgroup v2 offers.
 */
#include "cgroup/ctx.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/copyout.h"
#include "cgroup/fsio.h"
#include "cgroup/mount.h"
#include "value/error.h"

/* Where systemd mounts it; asked first, since mountinfo can be long. */
#define USUAL_MOUNT_POINT "/sys/fs/cgroup"

static const char *const controller_names[] = {
	"cpu", "cpuset", "io", "memory", "pids", "hugetlb", "misc", "rdma",
};

static_assert(ARRAY_SIZE(controller_names) <= 64, "masks of controllers have 64 bits");

CG2_EXPORT const char *cg2_controller_to_string(unsigned int controller)
{
	return controller < ARRAY_SIZE(controller_names) ? controller_names[controller] : NULL;
}

static int controller_find(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(controller_names); i++)
		if (strlen(controller_names[i]) == len &&
		    memcmp(controller_names[i], word, len) == 0)
			return (int)i;
	return -ENOENT;
}

CG2_EXPORT int cg2_controller_from_string(const char *name)
{
	return controller_find(name, strlen(name));
}

uint64_t controller_bit(const char *name)
{
	int controller = cg2_controller_from_string(name);

	return controller < 0 ? 0 : UINT64_C(1) << controller;
}

/* A line of mountinfo, cut at its blanks in place. */
struct mount {
	char *root;
	char *point;
	char *type;
	char *options;       /* of the mount: rw, ro */
	char *super_options; /* of the file system: nsdelegate */
};

/* mountinfo writes blanks, newlines and backslashes in paths as \ooo. */
static void unescape(char *text)
{
	char *out = text;

	for (char *in = text; *in; in++) {
		if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' &&
		    in[2] <= '7' && in[3] >= '0' && in[3] <= '7') {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 |
					(in[3] - '0'));
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
}

/*
 * "36 35 98:0 /root /point rw,noatime master:1 - type source super,options": the number of
 * optional fields before the "-" varies.
 */
static bool mount_split(char *line, struct mount *m)
{
	char *save = NULL, *field;
	int i = 0;

	memset(m, 0, sizeof(*m));
	for (field = strtok_r(line, " ", &save); field;
	     field = strtok_r(NULL, " ", &save), i++) {
		if (i == 3)
			m->root = field;
		else if (i == 4)
			m->point = field;
		else if (i == 5)
			m->options = field;
		else if (i > 5 && strcmp(field, "-") == 0)
			break;
	}
	if (!field)
		return false;
	m->type = strtok_r(NULL, " ", &save);
	strtok_r(NULL, " ", &save); /* the source */
	m->super_options = strtok_r(NULL, " ", &save);
	if (!m->type || !m->super_options)
		return false;
	unescape(m->root);
	unescape(m->point);
	return true;
}

static bool has_option(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = options; p; p = strchr(p, ',')) {
		if (*p == ',')
			p++;
		if (strncmp(p, name, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return true;
	}
	return false;
}

static uint64_t mount_flags(const struct mount *m)
{
	static const struct {
		const char *option;
		uint64_t flag;
	} table[] = {
		{ "nsdelegate", CG2_HIERARCHY_NSDELEGATE },
		{ "memory_localevents", CG2_HIERARCHY_MEMORY_LOCAL },
		{ "memory_recursiveprot", CG2_HIERARCHY_RECURSIVEPROT },
		{ "pids_localevents", CG2_HIERARCHY_PIDS_LOCAL },
	};
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (has_option(m->super_options, table[i].option))
			flags |= table[i].flag;
	if (has_option(m->options, "ro") || has_option(m->super_options, "ro"))
		flags |= CG2_HIERARCHY_READ_ONLY;
	if (strcmp(m->root, "/") != 0)
		flags |= CG2_HIERARCHY_NAMESPACED;
	return flags;
}

int mountinfo_parse(char *text, struct hierarchy *h, bool *ret_has_v1)
{
	char *line, *save = NULL;
	bool has_v1 = false;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct mount m;

		if (!mount_split(line, &m))
			continue;
		if (strcmp(m.type, "cgroup") == 0 &&
		    !strstr(m.super_options, "name="))
			has_v1 = true;
		if (strcmp(m.type, "cgroup2") != 0 ||
		    (h->mount_point && strcmp(h->mount_point, m.point) != 0))
			continue;
		/* A later one at the same place hides the first. */
		free(h->mount_point);
		free(h->mount_root);
		h->mount_point = strdup(m.point);
		h->mount_root = strdup(m.root);
		if (!h->mount_point || !h->mount_root)
			return -ENOMEM;
		h->flags = mount_flags(&m);
	}
	*ret_has_v1 = has_v1;
	return 0;
}

/* The same before Linux 6.8, where what is mounted is the whole tree. */
static bool is_whole_tree(struct hierarchy *h)
{
	struct statfs fs;

	if (statfs(USUAL_MOUNT_POINT, &fs) < 0 ||
	    (unsigned long)fs.f_type != CGROUP2_SUPER_MAGIC)
		return false;
	/*
	 * Only the root has no such file: this is a part of the tree, and mountinfo knows which, or
	 * where the paths of a namespace begin.
	 */
	if (access(USUAL_MOUNT_POINT "/cgroup.events", F_OK) == 0 || !namespace_is_initial())
		return false;
	h->mount_root = strdup("/");
	return true;
}

/* The usual case without a look at mountinfo, which can be long: two system calls. */
static bool is_plainly_unified(struct cg2_ctx *ctx, struct hierarchy *h)
{
	struct mount_here here;

	if (!ctx->is_real_root)
		return false;
	if (mount_ask(USUAL_MOUNT_POINT, &here) == 0) {
		h->mount_root = here.root;
		if (here.magic != CGROUP2_SUPER_MAGIC)
			return false;
	} else if (!is_whole_tree(h)) {
		return false;
	}
	h->mount_point = strdup(USUAL_MOUNT_POINT);
	h->mode = CG2_MODE_UNIFIED;
	return h->mount_point && h->mount_root;
}

uint64_t hierarchy_controllers(struct cg2_ctx *ctx)
{
	struct hierarchy *h = &ctx->hierarchy;
	_cleanup_free_ char *buf = NULL;
	const char *word;
	size_t len, word_len, pos = 0;

	if (h->controllers || h->mount_fd < 0 ||
	    fsio_read(h->mount_fd, "cgroup.controllers", &buf, &len) < 0)
		return h->controllers;
	while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0) {
		int controller = controller_find(word, word_len);

		if (controller >= 0)
			h->controllers |= UINT64_C(1) << controller;
	}
	return h->controllers;
}

bool hierarchy_is_in_namespace(struct cg2_ctx *ctx)
{
	return faccessat(ctx->hierarchy.mount_fd, "cgroup.events", F_OK, 0) == 0;
}

static int find_mount(struct cg2_ctx *ctx, struct hierarchy *h)
{
	_cleanup_free_ char *text = NULL;
	bool has_v1 = false;
	size_t len;
	int r;

	r = fsio_read_long_lines(ctx->root_fd, "proc/self/mountinfo", &text, &len);
	if (r == 0)
		r = mountinfo_parse(text, h, &has_v1);
	if (r < 0)
		return r;
	if (h->mount_point)
		h->mode = has_v1 ? CG2_MODE_HYBRID : CG2_MODE_UNIFIED;
	else
		h->mode = has_v1 ? CG2_MODE_LEGACY : CG2_MODE_NONE;
	return 0;
}

/* Finds the hierarchy once; every mode is a success. */
static int find_hierarchy(struct cg2_ctx *ctx, bool detailed, struct cg2_error *reterr)
{
	struct hierarchy h = { .mount_fd = -1 };
	int r = 0;

	if (ctx->is_detected && (ctx->is_detailed || !detailed))
		return 0;
	if (detailed || !is_plainly_unified(ctx, &h)) {
		hierarchy_clear(&h);
		r = find_mount(ctx, &h);
		detailed = true;
	}
	if (r == 0 && h.mount_point) {
		h.mount_fd = ctx_open_dir(ctx, h.mount_point);
		r = h.mount_fd < 0 ? h.mount_fd : 0;
		if (r == 0)
			namespace_find(ctx, &h);
	}
	if (r == -ENOENT && !h.mount_point)
		return namespace_no_proc(CG2_OP_DETECT, "/proc/self/mountinfo", reterr);
	if (r < 0) {
		r = error_set(reterr, CG2_OP_DETECT, r,
			      h.mount_point ? h.mount_point : "/proc/self/mountinfo", NULL);
		hierarchy_clear(&h);
		return r;
	}
	hierarchy_clear(&ctx->hierarchy);
	ctx->hierarchy = h;
	ctx->is_detected = true;
	ctx->is_detailed = detailed;
	return 0;
}

static const char *const boot_hint =
	"boot with systemd.unified_cgroup_hierarchy=1 on the kernel command line";

static int explain_unusable(enum cg2_mode mode, struct cg2_error *reterr)
{
	int r;

	switch (mode) {
	case CG2_MODE_NONE:
		r = error_setf(reterr, CG2_OP_DETECT, EOPNOTSUPP, NULL, NULL,
			       "no cgroup file system is mounted");
		error_hint(reterr, "as root: mount -t cgroup2 none /sys/fs/cgroup");
		return r;
	case CG2_MODE_LEGACY:
		r = error_setf(reterr, CG2_OP_DETECT, EOPNOTSUPP, NULL, NULL,
			       "this machine runs cgroup v1 only");
		break;
	case CG2_MODE_HYBRID:
		r = error_setf(reterr, CG2_OP_DETECT, EOPNOTSUPP, NULL, NULL,
			       "this machine runs cgroup v1 beside v2 (hybrid), "
			       "and the controllers are with v1");
		break;
	case CG2_MODE_UNIFIED:
	default:
		return 0;
	}
	error_hint(reterr, "%s", boot_hint);
	return r;
}

int hierarchy_detect(struct cg2_ctx *ctx, struct cg2_error *reterr)
{
	const uint64_t needed = UINT64_C(1) << 3 | UINT64_C(1) << 4; /* memory, pids */
	struct hierarchy *h = &ctx->hierarchy;
	int r;

	r = find_hierarchy(ctx, false, reterr);
	if (r < 0)
		return r;
	/* A hybrid whose v2 side has the controllers serves as well as a unified one. */
	if (h->mode == CG2_MODE_HYBRID && (hierarchy_controllers(ctx) & needed) == needed)
		return 0;
	return explain_unusable(h->mode, reterr);
}

int hierarchy_detail(struct cg2_ctx *ctx, struct cg2_error *reterr)
{
	return find_hierarchy(ctx, true, reterr);
}

CG2_EXPORT int cg2_ctx_get_hierarchy(struct cg2_ctx *ctx, struct cg2_hierarchy *hierarchy,
				     struct cg2_error *err)
{
	struct cg2_hierarchy full = { .size = sizeof(full) };
	int r;

	if (hierarchy->size < offsetof(struct cg2_hierarchy, flags))
		return error_setf(err, CG2_OP_DETECT, EINVAL, NULL, NULL, "size is not set");
	r = find_hierarchy(ctx, true, err);
	if (r < 0)
		return r;
	full.mode = ctx->hierarchy.mode;
	full.flags = ctx->hierarchy.flags;
	full.controllers = hierarchy_controllers(ctx);
	full.mount_point = ctx->hierarchy.mount_point;
	r = copy_out(hierarchy, &hierarchy->size, &full, sizeof(full));
	return r < 0 ? r : 0;
}
