/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cmd/output/utf8.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

char *utf8_from_bytes(const char *text)
{
	const size_t n_replacement = sizeof(replacement) - 1;
	/* At worst every byte is replaced. */
	char *valid = calloc(strlen(text) + 1, n_replacement), *to = valid;

	if (!valid)
		return NULL;
	while (*text) {
		size_t n = utf8_length(text);

		if (n > 0) {
			to = mempcpy(to, text, n);
			text += n;
		} else {
			to = mempcpy(to, replacement, n_replacement);
			text++;
		}
	}
	*to = '\0';
	return valid;
}
