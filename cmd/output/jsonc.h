/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json-c, loaded when it is needed: most runs print no JSON, and should not pay for
 * mapping and relocating a library that they do not use.
 */
#pragma once

#include <json.h>

#include "base/macro.h"

/* The functions of json-c that cgscope uses, typed by its header. */
struct jsonc {
	__typeof__(json_object_new_object) *new_object;
	__typeof__(json_object_new_array) *new_array;
	__typeof__(json_object_new_boolean) *new_boolean;
	__typeof__(json_object_new_uint64) *new_uint64;
	__typeof__(json_object_new_string) *new_string;
	__typeof__(json_object_object_add) *object_add;
	__typeof__(json_object_object_get_ex) *object_get;
	__typeof__(json_object_array_add) *array_add;
	__typeof__(json_object_to_json_string_length) *to_string;
	__typeof__(json_object_put) *put;
	__typeof__(json_object_to_json_string_ext) *to_line;
	__typeof__(json_tokener_parse) *parse;
	__typeof__(json_object_get_type) *get_type;
	__typeof__(json_object_get_string) *get_string;
	__typeof__(json_object_get_uint64) *get_uint64;
	__typeof__(json_object_get_boolean) *get_boolean;
	__typeof__(json_object_array_length) *array_length;
	__typeof__(json_object_array_get_idx) *array_get;
};

/* Loads it for the rest of the process. -ENOENT: it is not there, or not all of it. */
int jsonc_load(struct jsonc *ret_json) _must_check_;
