/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pressure files.
 */
#include "fuzz.h"

static bool same_line(const struct cg2_psi_line *a, const struct cg2_psi_line *b)
{
	return a->avg10_permyriad == b->avg10_permyriad &&
	       a->avg60_permyriad == b->avg60_permyriad &&
	       a->avg300_permyriad == b->avg300_permyriad &&
	       a->total_usec == b->total_usec;
}

static void put_average(FILE *f, const char *key, uint64_t permyriad)
{
	fprintf(f, " %s=%llu.%02llu", key, (unsigned long long)permyriad / 100,
		(unsigned long long)permyriad % 100);
}

static void put_line(FILE *f, const char *name, const struct cg2_psi_line *line)
{
	fputs(name, f);
	put_average(f, "avg10", line->avg10_permyriad);
	put_average(f, "avg60", line->avg60_permyriad);
	put_average(f, "avg300", line->avg300_permyriad);
	fprintf(f, " total=%llu\n", (unsigned long long)line->total_usec);
}

/* The file as a kernel would write it says the same. */
static void check_round_trip(const struct cg2_psi *psi)
{
	struct cg2_psi again;
	char made[1024] = "";
	FILE *f = fmemopen(made, sizeof(made), "w");

	check(f);
	if (psi->mask & CG2_PSI_SOME)
		put_line(f, "some", &psi->some);
	if (psi->mask & CG2_PSI_FULL)
		put_line(f, "full", &psi->full);
	fclose(f);
	check(cg2_parse_psi(made, strlen(made), &again) == 0);
	check(again.mask == psi->mask && same_line(&again.some, &psi->some) &&
	      same_line(&again.full, &psi->full));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cg2_psi psi = { .mask = UNTOUCHED };
	int r = cg2_parse_psi((const char *)data, size, &psi);

	if (r < 0) {
		check(r == -EBADMSG && psi.mask == UNTOUCHED);
		return 0;
	}
	check(r == 0 && psi.mask && !(psi.mask & ~(CG2_PSI_SOME | CG2_PSI_FULL)));
	check_round_trip(&psi);
	return 0;
}
