/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structures of the public header that grow: their first member is a size_t, which the caller
 * sets to what it knows of. An older caller knows less of them than we do, a newer one more.
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

/*
 * Copies what the caller knows of; the rest is 0. -EINVAL if that is not even the size, -E2BIG if
 * something is set that we do not know of.
 */
static inline int copy_in(void *dest, size_t *dest_size, size_t full, const void *src, size_t size)
{
	size_t n = MIN(size, full);

	if (n < sizeof(size_t))
		return -EINVAL;
	for (size_t i = full; i < size; i++)
		if (((const unsigned char *)src)[i])
			return -E2BIG;
	memset(dest, 0, full);
	memcpy(dest, src, n);
	*dest_size = full;
	return 0;
}
