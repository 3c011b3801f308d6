/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What tests make diagnoses of.
 */
#include "check/doctor-internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"

int doctor_add(struct cg2_doctor *doctor, enum cg2_health health, char *text, char *fix)
{
	struct diagnosis *grown = NULL;

	assert(doctor->id);
	if (text)
		grown = reallocarray(doctor->diagnoses, doctor->n + 1, sizeof(*grown));
	if (!grown) {
		free(text);
		free(fix);
		return -ENOMEM;
	}
	doctor->diagnoses = grown;
	doctor->diagnoses[doctor->n++] = (struct diagnosis){ doctor->id, health, text, fix };
	return 0;
}

int doctor_add_error(struct cg2_doctor *doctor, enum cg2_health health, const struct cg2_error *err)
{
	char *text;

	if (cg2_error_format(err, &text) < 0)
		return -ENOMEM;
	return doctor_add(doctor, health, text, err->hint ? strdup(err->hint) : NULL);
}

/* "cpu, memory": the controllers of the mask. Free with free(). */
static char *controller_names(uint64_t mask)
{
	char *text = NULL;
	const char *name;

	for (unsigned int i = 0; (name = cg2_controller_to_string(i)); i++) {
		char *longer;

		if (!(mask & UINT64_C(1) << i))
			continue;
		longer = text_format("%s%s%s", text ? text : "", text ? ", " : "", name);
		free(text);
		text = longer;
		if (!text)
			return NULL;
	}
	return text ? text : strdup("none");
}

int doctor_add_controllers(struct cg2_doctor *doctor, const char *who, uint64_t mask,
			   const char *fix)
{
	const uint64_t needed =
		controller_bit("cpu") | controller_bit("memory") | controller_bit("pids");
	const uint64_t wanted = needed | controller_bit("io") | controller_bit("cpuset");
	_cleanup_free_ char *missing = controller_names(wanted & ~mask);
	_cleanup_free_ char *there = controller_names(mask & wanted);

	if (!missing || !there)
		return -ENOMEM;
	doctor->missing |= wanted & ~mask;
	if ((mask & wanted) == wanted)
		return doctor_add(doctor, CG2_HEALTH_PASS, text_format("%s: %s", who, there), NULL);
	return doctor_add(
		doctor, (mask & needed) == needed ? CG2_HEALTH_WARN : CG2_HEALTH_FAIL,
		text_format("%s: %s; missing: %s, whose limits are refused", who, there, missing),
		text_format("%s", fix));
}
