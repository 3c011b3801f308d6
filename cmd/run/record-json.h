/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A record as a part of another JSON document. */
#pragma once

#include "cmd/output/json-build.h"
#include "cmd/run/record.h"

struct json_object *record_new_json(struct json *json, const struct record_view *view);
