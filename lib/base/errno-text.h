/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * errno in words, in no language but English and with no memory that threads share.
 */
#pragma once

#include <stddef.h>

/* "No such file or directory"; in buf for a number that nobody knows. */
const char *errno_text(int code, char *buf, size_t size);
