/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two functions of libm that are needed. That library would be one more for the dynamic linker
 * to load at the start of every run.
 */
#pragma once

/* The natural logarithm; x is above 0. To 14 digits. */
double real_log(double x);

/* x is 0 or more. */
double real_sqrt(double x);
