/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/errno-text.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#ifndef HAVE_STRERRORDESC_NP
/* glibc has it since 2.32, musl has not. */
static const char *strerrordesc_np(int code)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	const char *text = c ? strerror_l(code, c) : NULL;

	if (c)
		freelocale(c);
	return text;
}
#endif

const char *errno_text(int code, char *buf, size_t size)
{
	const char *text = strerrordesc_np(code);

	if (text)
		return text;
	snprintf(buf, size, "unknown error %d", code);
	return buf;
}
