/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What cgscope was started with and the command has now: a pipe has no other end, a lock is not
 * held, once the command has closed it.
 */
#pragma once

/*
 * Closes what the caller gave, all but standard error, where cgscope's messages go, and keep
 * (-1: nothing). Standard input and output stay taken, by something that can be neither read
 * nor written, so that no other file gets their numbers.
 */
void descriptors_leave(int keep);
