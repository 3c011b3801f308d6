/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What systemd-analyze(1) says of a unit file before it is written.
 */
#pragma once

#include "libcg2.h"

/* Its complaints are messages. 1: it has some, 0: none, or there is no systemd-analyze. */
int analyze_unit_file(struct cg2_unit_file *file);
