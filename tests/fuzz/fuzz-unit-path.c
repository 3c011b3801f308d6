/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of units and paths of cgroups. The first byte says what the rest is.
 */
#include "fuzz.h"

#include "systemd/unit-name.h"

static void fuzz_path(const char *path)
{
	struct unit_place place;
	_cleanup_free_ char *name = NULL;

	if (!unit_place_of(path, &place))
		return;
	check(place.path_len <= strlen(path) && place.manager_len <= place.path_len);
	check(place.name >= path && place.name + place.name_len <= path + place.path_len);
	check((place.manager == CG2_MANAGER_USER) == (place.manager_len > 0));
	name = unit_place_name(&place);
	check(name && strlen(name) == place.name_len);
	check(!strchr(name, '/'));
}

static void fuzz_slice(const char *name)
{
	_cleanup_free_ char *path = NULL, *unit = NULL;
	struct cg2_error err = CG2_ERROR_INIT;
	int r = unit_name_complete(name, ".slice", "--slice", &unit, &err);

	if (r < 0) {
		check(r == -EINVAL && err.code == EINVAL && !unit);
		cg2_error_clear(&err);
		return;
	}
	check(unit_name_is_valid(unit) && unit_name_is_of(unit, ".slice"));
	check(unit_slice_path(unit, &path) == 0);
	check(*path == '\0' || *path == '/');
}

static void fuzz_scope(const char *name)
{
	_cleanup_free_ char *unit = NULL, *again = NULL;
	struct cg2_error err = CG2_ERROR_INIT;

	if (unit_name_complete(name, ".scope", "--name", &unit, &err) < 0) {
		check(err.code == EINVAL);
		cg2_error_clear(&err);
		return;
	}
	check(unit_name_is_valid(unit) && strlen(unit) < 256 && !strchr(unit, '/'));
	check(unit_name_complete(unit, ".scope", "--name", &again, &err) == 0);
	check(strcmp(unit, again) == 0);
}

static void fuzz_command(const char *file)
{
	_cleanup_free_ char *prefix = NULL, *unit = NULL;

	check(unit_prefix_of_command(file, &prefix) == 0);
	check(unit_prefix_check(prefix, NULL) == 0);
	check(unit_name_make_up(prefix, &unit) == 0);
	check(unit_name_is_valid(unit));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = size > 0 ? fuzz_text(data + 1, size - 1) : NULL;

	if (!text)
		return 0;
	switch (data[0]) {
	case 'p':
		fuzz_path(text);
		break;
	case 'l':
		fuzz_slice(text);
		break;
	case 's':
		fuzz_scope(text);
		break;
	default:
		fuzz_command(text);
	}
	return 0;
}
