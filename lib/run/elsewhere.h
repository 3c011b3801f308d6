/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Programs that have others start what they are asked for, in cgroups of their own. The kernel
 * tells nobody that a process was moved, and the container's never were below the command for long
 * enough to be seen there; so they are known by their names, as whoever calls them knows them.
 */
#pragma once

/* Whose containers are not in the run, and what keeps them in or limits them: a hint. */
struct elsewhere {
	const char *program;
	const char *hint;
};

/* NULL: nothing is known of the command that would leave. */
const struct elsewhere *elsewhere_find(char *const argv[]);
