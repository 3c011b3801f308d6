/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structures of the public header that grow: their first member is a size_t, which the caller
 * sets to what it knows of.
 */
#pragma once

#include <errno.h>
#include <string.h>

#include "base/macro.h"

/* Copies as much as the caller knows of, and returns 1; -EINVAL if that is not even the size. */
static inline int copy_out(void *dest, size_t *size, const void *src, size_t full)
{
	size_t n = MIN(*size, full);

	if (n < sizeof(size_t))
		return -EINVAL;
	memcpy(dest, src, n);
	*size = n;
	return 1;
}
