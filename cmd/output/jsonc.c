/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding json-c at run time. The soname is the one of the interface that jsonc.h is
 * compiled against.
 */
#include <errno.h>

#include "base/dynlib.h"
#include "cmd/output/jsonc.h"

#define SONAME "libjson-c.so.5"

static const struct dynlib_function functions[] = {
	{ "json_object_new_object", offsetof(struct jsonc, new_object) },
	{ "json_object_new_array", offsetof(struct jsonc, new_array) },
	{ "json_object_new_boolean", offsetof(struct jsonc, new_boolean) },
	{ "json_object_new_uint64", offsetof(struct jsonc, new_uint64) },
	{ "json_object_new_string", offsetof(struct jsonc, new_string) },
	{ "json_object_object_add", offsetof(struct jsonc, object_add) },
	{ "json_object_object_get_ex", offsetof(struct jsonc, object_get) },
	{ "json_object_array_add", offsetof(struct jsonc, array_add) },
	{ "json_object_to_json_string_length", offsetof(struct jsonc, to_string) },
	{ "json_object_put", offsetof(struct jsonc, put) },
	{ "json_object_to_json_string_ext", offsetof(struct jsonc, to_line) },
	{ "json_tokener_parse", offsetof(struct jsonc, parse) },
	{ "json_object_get_type", offsetof(struct jsonc, get_type) },
	{ "json_object_get_string", offsetof(struct jsonc, get_string) },
	{ "json_object_get_uint64", offsetof(struct jsonc, get_uint64) },
	{ "json_object_get_boolean", offsetof(struct jsonc, get_boolean) },
	{ "json_object_array_length", offsetof(struct jsonc, array_length) },
	{ "json_object_array_get_idx", offsetof(struct jsonc, array_get) },
};

int jsonc_load(struct jsonc *ret_json)
{
	return dynlib_load(SONAME, functions, ARRAY_SIZE(functions), ret_json) ? 0 : -ENOENT;
}
