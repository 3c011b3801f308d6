/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What cgscope tells a person: lines on stderr that begin with "cgscope: ". Each one is a
 * single write(2), so that it stays whole beside what the command and other runs write
 * there, and holds nothing that breaks the line or steers a terminal. On a terminal it goes on in
 * further lines, which begin so as well.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* "what failed: on what: why", and its hint on a second line. */
void message_error(const struct cg2_error *err) _nonnull_(1);

/* A failure for which there is no cg2_error. */
void message_failure(const char *format, ...) _printf_(1, 2);

/* What is wrong with the command line, and where to read on: a verb's name, NULL for all. */
void message_usage(const char *text, const char *topic) _nonnull_(1);

void message_warning(const char *format, ...) _printf_(1, 2);

/* What is done and why. For -v: the caller knows whether it was given. */
void message_info(const char *format, ...) _printf_(1, 2);

/*
 * What to do about the message before. It may have several lines; one that begins with blanks is a
 * command, and is not broken where a terminal ends.
 */
void message_hint(const char *format, ...) _printf_(1, 2);

/* A cg2_log_fn; the level was chosen where it was installed. */
void message_log(void *userdata, enum cg2_log_level level, const char *text,
		 const struct cg2_error *err);
