/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of systemd units, and where in the tree of cgroups they are.
 */
#include "systemd/unit-name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "systemd/bus.h"
#include "value/error.h"

/* systemd's UNIT_NAME_MAX, with the NUL. */
#define NAME_SIZE 256

/* The hex digits by which made-up names differ. */
#define ID_LEN 8

/* Room for "-", the id and ".scope" behind a prefix. */
#define PREFIX_MAX (NAME_SIZE - 1 - 1 - ID_LEN - 6)

/* What the prefix of a command begins with. */
#define OF_COMMANDS "cgscope-"

/* A command's name is only there to be recognised. */
#define COMMAND_MAX 64

/* No "@": it makes an instance of a template, which scopes and slices can't be. */
static const char valid_chars[] = "0123456789"
				  "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  ":-_.\\";

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static int check(const char *name, size_t max, const char *option, struct cg2_error *reterr)
{
	if (*name == '\0')
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, option, name,
				  "the name is empty");
	if (name[strspn(name, valid_chars)] != '\0')
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, option, name,
				  "a unit name has only letters, digits and :-_.\\");
	if (strlen(name) > max)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, option, name,
				  "longer than %zu characters", max);
	return 0;
}

/* A name of another type would get a second suffix and surprise. */
static bool has_other_type(const char *name, const char *suffix)
{
	static const char *const types[] = {
		".service", ".scope", ".slice", ".socket", ".target", ".mount",
		".automount", ".swap", ".timer", ".path", ".device",
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i], suffix) != 0 && has_suffix(name, types[i]))
			return true;
	return false;
}

int unit_name_complete(const char *name, const char *suffix, const char *option,
		       char **ret_unit, struct cg2_error *reterr)
{
	int r;

	r = check(name, NAME_SIZE - 1 - (has_suffix(name, suffix) ? 0 : strlen(suffix)), option,
		  reterr);
	if (r < 0)
		return r;
	if (has_other_type(name, suffix))
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, option, name,
				  "must be a %s", suffix + 1);
	/* Slices spell out their ancestors: "a-b" is below "a". */
	if (strcmp(suffix, ".slice") == 0 &&
	    (*name == '-' ? name[1] != '\0' && strcmp(name, "-.slice") != 0
			  : strstr(name, "--") || strstr(name, "-.slice") ||
				    name[strlen(name) - 1] == '-'))
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, option, name,
				  "a slice's name has its ancestors before single dashes, "
				  "as in a-b.slice");
	*ret_unit = text_format("%s%s", name, has_suffix(name, suffix) ? "" : suffix);
	return *ret_unit ? 0 : error_set(reterr, CG2_OP_PARSE, ENOMEM, option, name);
}

bool unit_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (name[i] != '@' && !strchr(valid_chars, name[i]))
			return false;
	return len > 0 && len < NAME_SIZE;
}

int unit_prefix_check(const char *prefix, struct cg2_error *reterr)
{
	return check(prefix, PREFIX_MAX, "prefix", reterr);
}

int unit_prefix_of_command(const char *file, char **ret_prefix)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash && slash[1] ? slash + 1 : file;
	char *prefix = text_format(OF_COMMANDS "%.*s", COMMAND_MAX, name), *p;

	if (!prefix)
		return -ENOMEM;
	for (p = prefix; *p; p++)
		if (!strchr(valid_chars, *p) || *p == '\\')
			*p = '_';
	*ret_prefix = prefix;
	return 0;
}

int unit_name_make_up(const char *prefix, char **ret_unit)
{
	uint32_t id;

	/* The C library's sets up a generator for many; this is for one. */
	if (syscall(SYS_getrandom, &id, sizeof(id), 0) != (long)sizeof(id))
		return -errno;
	*ret_unit = text_format("%s-%0*x.scope", prefix, ID_LEN, id);
	return *ret_unit ? 0 : -ENOMEM;
}

bool unit_name_is_made_up(const char *name)
{
	const char *dash = strrchr(name, '-');

	return strncmp(name, OF_COMMANDS, strlen(OF_COMMANDS)) == 0 &&
	       dash >= name + strlen(OF_COMMANDS) &&
	       strspn(dash + 1, "0123456789abcdef") == ID_LEN && dash[1 + ID_LEN] == '\0';
}

/* ---- units and cgroups ---- */

static const char *const cgroup_types[] = {
	".service", ".scope", ".slice", ".socket", ".mount", ".swap",
};

const char *unit_name_type(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(cgroup_types); i++)
		if (has_suffix(name, cgroup_types[i]))
			return cgroup_types[i];
	return NULL;
}

bool unit_name_is_of(const char *name, const char *type)
{
	const char *have = unit_name_type(name);

	return have && strcmp(have, type) == 0;
}

static bool ends_with(const char *name, size_t len, const char *suffix)
{
	size_t suffix_len = strlen(suffix);

	return len > suffix_len && memcmp(name + len - suffix_len, suffix, suffix_len) == 0;
}

bool unit_name_has_cgroup(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(cgroup_types); i++)
		if (ends_with(name, len, cgroup_types[i]))
			return true;
	return false;
}

/* "user@1000.service" is the cgroup of a manager. */
static bool is_user_manager(const char *name, size_t len, uint64_t *ret_uid)
{
	char digits[24];
	size_t n = len - MIN(len, strlen("user@") + strlen(".service"));

	if (n == 0 || n >= sizeof(digits) || strncmp(name, "user@", 5) != 0 ||
	    !ends_with(name, len, ".service"))
		return false;
	memcpy(digits, name + 5, n);
	digits[n] = '\0';
	return cg2_u64_from_string(digits, ret_uid) == 0;
}

/* systemd puts "_" before a name that a file of the kernel could have. */
static void set_name(struct unit_place *place, const char *name, size_t len)
{
	size_t skipped = len > 0 && *name == '_';

	place->name = name + skipped;
	place->name_len = len - skipped;
}

bool unit_place_of(const char *path, struct unit_place *ret_place)
{
	struct unit_place place = { .manager = CG2_MANAGER_SYSTEM, .uid = CG2_MAX };
	bool is_found = false;

	for (const char *p = path; *p == '/' && p[1]; ) {
		size_t len = strcspn(p + 1, "/");
		const char *name = p + 1;
		bool is_slice = ends_with(name, len, ".slice");
		uint64_t uid;

		if (!unit_name_has_cgroup(name, len))
			break;
		is_found = true;
		set_name(&place, name, len);
		p += 1 + len;
		place.path_len = (size_t)(p - path);
		if (is_slice)
			continue;
		/* What is below the unit is its own, unless it is another manager. */
		if (!is_user_manager(place.name, place.name_len, &uid) || !*p ||
		    !unit_name_has_cgroup(p + 1, strcspn(p + 1, "/")))
			break;
		place.manager = CG2_MANAGER_USER;
		place.manager_len = place.path_len;
		place.uid = uid;
	}
	if (!is_found)
		return false;
	*ret_place = place;
	return true;
}

char *unit_place_name(const struct unit_place *place)
{
	return strndup(place->name, place->name_len);
}

int unit_slice_path(const char *slice, char **ret_path)
{
	size_t n_levels = 1, len = strlen(slice), size;
	char *path, *end;

	if (!has_suffix(slice, ".slice"))
		return -EINVAL;
	for (const char *p = slice; *p; p++)
		n_levels += *p == '-';
	size = n_levels * (len + strlen("/.slice")) + 1;
	path = end = calloc(1, size);
	if (!path)
		return -ENOMEM;
	/* "-.slice" is the manager's own cgroup. */
	for (size_t i = 1; *slice != '-' && i <= len - strlen(".slice"); i++)
		if (slice[i] == '-' || i == len - strlen(".slice"))
			end += snprintf(end, size - (size_t)(end - path), "/%.*s.slice", (int)i,
					slice);
	*ret_path = path;
	return 0;
}

char *unit_manager_path(enum cg2_manager manager)
{
	unsigned int uid;

	if (bus_manager(manager) == CG2_MANAGER_SYSTEM)
		return strdup("");
	uid = bus_uid();
	return text_format("/user.slice/user-%u.slice/user@%u.service", uid, uid);
}

int unit_slice_cgroup(enum cg2_manager manager, const char *slice, char **ret_path)
{
	_cleanup_free_ char *top = unit_manager_path(manager), *below = NULL;
	int r = unit_slice_path(slice, &below);

	if (r < 0)
		return r;
	if (top)
		*ret_path = text_format("%s%s", top, *top || *below ? below : "/");
	return top && *ret_path ? 0 : -ENOMEM;
}
