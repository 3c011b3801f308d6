/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb doctor: is this machine set up for limits?
 */
#pragma once

#include "cmd/option/options.h"
#include "libcg2.h"

struct invocation;

extern const struct option_table doctor_option_table;
int doctor_main(const struct invocation *inv);

/* doctor-json.c: prints it and returns the exit status. */
int doctor_print_json(struct cg2_doctor *doctor, int status);
