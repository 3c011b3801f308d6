/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of units whose types are structures.
 */
#include "systemd/unit-structs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* An array with room for the one that is read next, and for the one of zeros behind it. */
static int grow(void **array, size_t n, size_t size)
{
	void *grown = reallocarray(*array, n + 2, size);

	if (!grown)
		return -ENOMEM;
	memset((char *)grown + n * size, 0, 2 * size);
	*array = grown;
	return 0;
}

static void strv_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

/* Reads one structure of an array into the element at that place. */
typedef int (*element_fn)(sd_bus_message *m, void *element);

static int read_array(sd_bus_message *m, const char *contents, size_t size, element_fn read,
		      void **ret_array)
{
	size_t n = 0;
	int r = grow(ret_array, 0, size);

	if (r == 0)
		r = sdbus.sd_bus_message_enter_container(m, 'a', contents);
	while (r >= 0) {
		r = grow(ret_array, n, size);
		if (r == 0)
			r = read(m, (char *)*ret_array + n * size);
		if (r <= 0)
			break;
		n++;
	}
	return r < 0 ? r : sdbus.sd_bus_message_exit_container(m);
}

static int copy_text(const char *text, char **ret_text)
{
	*ret_text = strdup(text);
	return *ret_text ? 1 : -ENOMEM;
}

/* ---- a(sasbttttuii) ---- */

static int read_command(sd_bus_message *m, void *element)
{
	struct unit_command *c = element;
	const char *path;
	int ignored, r;

	r = sdbus.sd_bus_message_enter_container(m, 'r', "sasbttttuii");
	if (r <= 0)
		return r;
	r = sdbus.sd_bus_message_read(m, "s", &path);
	if (r >= 0)
		r = copy_text(path, &c->path);
	if (r >= 0)
		r = sdbus.sd_bus_message_read_strv(m, &c->argv);
	if (r >= 0)
		r = sdbus.sd_bus_message_read(
			m, "bttttuii", &ignored, &c->start_usec, &c->start_monotonic_usec,
			&c->exit_usec, &c->exit_monotonic_usec, &c->pid, &c->code, &c->status);
	return r < 0 ? r : sdbus.sd_bus_message_exit_container(m);
}

int unit_commands_read(sd_bus_message *m, struct unit_command **ret_array)
{
	return read_array(m, "(sasbttttuii)", sizeof(**ret_array), read_command,
			  (void **)ret_array);
}

void unit_commands_free(struct unit_command *array)
{
	for (size_t i = 0; array && array[i].path; i++) {
		free(array[i].path);
		strv_free(array[i].argv);
	}
	free(array);
}

/* ---- a(sbbsi) ---- */

static int read_condition(sd_bus_message *m, void *element)
{
	struct unit_condition *c = element;
	const char *name, *parameter;
	int is_trigger, is_negated, r;

	r = sdbus.sd_bus_message_read(m, "(sbbsi)", &name, &is_trigger, &is_negated, &parameter,
				      &c->state);
	if (r <= 0)
		return r;
	c->is_trigger = is_trigger;
	c->is_negated = is_negated;
	r = copy_text(name, &c->name);
	return r < 0 ? r : copy_text(parameter, &c->parameter);
}

int unit_conditions_read(sd_bus_message *m, struct unit_condition **ret_array)
{
	return read_array(m, "(sbbsi)", sizeof(**ret_array), read_condition, (void **)ret_array);
}

void unit_conditions_free(struct unit_condition *array)
{
	for (size_t i = 0; array && array[i].name; i++) {
		free(array[i].name);
		free(array[i].parameter);
	}
	free(array);
}

/* ---- texts ---- */

int unit_pair_read(sd_bus_message *m, char ***ret_list)
{
	char **list = calloc(3, sizeof(char *));
	const char *a, *b;
	int r = list ? sdbus.sd_bus_message_read(m, "(ss)", &a, &b) : -ENOMEM;

	if (r > 0)
		r = copy_text(a, &list[0]);
	if (r > 0)
		r = copy_text(b, &list[1]);
	if (r < 0) {
		strv_free(list);
		return r;
	}
	*ret_list = list;
	return 0;
}

static int read_file(sd_bus_message *m, void *element)
{
	char **file = element;
	const char *path;
	int is_optional, r;

	r = sdbus.sd_bus_message_read(m, "(sb)", &path, &is_optional);
	if (r <= 0)
		return r;
	*file = text_format("%s%s", is_optional ? "-" : "", path);
	return *file ? 1 : -ENOMEM;
}

int unit_files_read(sd_bus_message *m, char ***ret_list)
{
	return read_array(m, "(sb)", sizeof(char *), read_file, (void **)ret_list);
}
