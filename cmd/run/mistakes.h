/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Command lines that mean something else than they say: what was probably meant.
 */
#pragma once

#include "cmd/run/run-options.h"

/* For a command that was not found: whether there was a hint, which is on stderr then. */
bool mistakes_hint_not_found(char *const argv[]);

/*
 * For a command that failed: options of ours among its words, where cgscope itself was given none.
 */
void mistakes_hint_failed(const struct run_options *opts);
