/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Help texts, made from the tables of verbs, options and exit statuses.
 */
#pragma once

#include <stdio.h>

#include "cmd/verb/verb.h"

/* What may be written for a word in capitals. */
struct help_form {
	const char *metavar;
	const char *help;
};

/* NULL after the last one. */
const struct help_form *help_form_get(size_t i);

/* One screen: "cgscope help". */
void help_print_brief(FILE *f, const struct verb *verbs);

/* "cgscope help VERB", for a verb of this version. */
void help_print_verb(FILE *f, const struct verb *verbs, const struct verb *verb);
