/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A delegated cgroup as it was before there were groups in it: without controllers for its children
 * and without a leaf it can take processes again, the root of a namespace those of "docker exec", a
 * service its next ExecStart=. Only raw calls.
 */
#pragma once

#include <stdbool.h>

/* The caller has locked base. true: the processes of the leaf were moved back, and it is gone. */
bool give_back(int base_fd);

/* The same for who has not; a lock that somebody keeps is waited for some seconds. */
void give_back_locked(int base_fd);
