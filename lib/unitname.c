/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of systemd units.
 */
#include "unitname.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "error.h"

/* systemd's UNIT_NAME_MAX, with the NUL. */
#define NAME_SIZE 256

/* Room for "-", the id and ".scope" behind a prefix. */
#define PREFIX_MAX (NAME_SIZE - 1 - 1 - 8 - 6)

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
				  "a name can't be empty");
	if (name[strspn(name, valid_chars)] != '\0')
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, option, name,
				  "a unit's name is made of letters, digits and :-_.\\");
	if (strlen(name) > max)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, option, name,
				  "longer than the %zu characters that are possible", max);
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
	char *unit;
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
	if (asprintf(&unit, "%s%s", name, has_suffix(name, suffix) ? "" : suffix) < 0)
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, option, name);
	*ret_unit = unit;
	return 0;
}

int unit_prefix_check(const char *prefix, struct cg2_error *reterr)
{
	return check(prefix, PREFIX_MAX, "--prefix", reterr);
}

int unit_prefix_of_command(const char *file, char **ret_prefix)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash && slash[1] ? slash + 1 : file;
	char *prefix, *p;

	if (asprintf(&prefix, "cgscope-%.*s", COMMAND_MAX, name) < 0)
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

	if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return -errno;
	return asprintf(ret_unit, "%s-%08x.scope", prefix, id) < 0 ? -ENOMEM : 0;
}
