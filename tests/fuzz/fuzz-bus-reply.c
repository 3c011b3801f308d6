/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A manager's answer about a unit. libsystemd has checked its marshalling; what is left is which
 * types and values there are, in any order. The input is a list of them: a byte for the type, one
 * for the name, and the value's bytes.
 */
#include "fuzz.h"

#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include "systemd/unit.h"

static const char *const names[] = {
	"Id", "ControlGroup", "TasksMax", "MemoryMax", "ActiveState", "Result", "DropInPaths",
	"InvocationID", "AllowedCPUs", "ExecMainStatus", "NRestarts", "Delegate", "", "Names",
};

/* A bus that is never connected: its other end is a socket that nobody reads. */
static sd_bus *new_bus(void)
{
	sd_bus *bus = NULL;
	int fds[2];

	check(sdbus_load(NULL) == 0);
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	check(sd_bus_new(&bus) >= 0 && sd_bus_set_fd(bus, fds[0], fds[0]) >= 0);
	check(sd_bus_start(bus) >= 0);
	return bus;
}

static uint64_t take(const uint8_t **data, size_t *size, size_t n)
{
	uint64_t value = 0;

	n = MIN(n, *size);
	for (size_t i = 0; i < n; i++)
		value = value << 8 | (*data)[i];
	*data += n;
	*size -= n;
	return value;
}

/* The rest of the line, as far as D-Bus takes it: it has no other strings than ASCII here. */
static char *take_text(const uint8_t **data, size_t *size)
{
	char *text = fuzz_line(data, size);

	for (char *c = text; *c; c++)
		*c &= 0x7f;
	return text;
}

static int append_value(sd_bus_message *m, uint8_t type, const uint8_t **data, size_t *size)
{
	_cleanup_free_ char *a = NULL, *b = NULL;

	switch (type % 9) {
	case 0:
		return sd_bus_message_append(m, "v", "t", take(data, size, 8));
	case 1:
		return sd_bus_message_append(m, "v", "u", (uint32_t)take(data, size, 4));
	case 2:
		return sd_bus_message_append(m, "v", "b", (int)take(data, size, 1) & 1);
	case 3:
		return sd_bus_message_append(m, "v", "i", (int32_t)take(data, size, 4));
	case 4:
		a = take_text(data, size);
		return sd_bus_message_append(m, "v", "s", a);
	case 5:
		a = take_text(data, size);
		b = take_text(data, size);
		return sd_bus_message_append(m, "v", "as", 2, a, b);
	case 6:
		return sd_bus_message_append(m, "v", "ay", 3, take(data, size, 1) & 0xff,
					     take(data, size, 1) & 0xff,
					     take(data, size, 1) & 0xff);
	case 7:
		return sd_bus_message_append(m, "v", "a(st)", 1, "inside", take(data, size, 8));
	default:
		return sd_bus_message_append(m, "v", "as", 0);
	}
}

static sd_bus_message *make_reply(sd_bus *bus, const uint8_t *data, size_t size)
{
	sd_bus_message *m = NULL;

	check(sd_bus_message_new_method_call(bus, &m, "a.b", "/", "a.b", "Get") >= 0);
	check(sd_bus_message_open_container(m, 'a', "{sv}") >= 0);
	while (size >= 2) {
		uint8_t type = data[0], name = data[1];

		data += 2;
		size -= 2;
		check(sd_bus_message_open_container(m, 'e', "sv") >= 0);
		check(sd_bus_message_append(m, "s", names[name % ARRAY_SIZE(names)]) >= 0);
		check(append_value(m, type, &data, &size) >= 0);
		check(sd_bus_message_close_container(m) >= 0);
	}
	check(sd_bus_message_close_container(m) >= 0);
	check(sd_bus_message_seal(m, 1, 0) >= 0 && sd_bus_message_rewind(m, 1) >= 0);
	return m;
}

/* Whatever type a property has, whoever asks for another one gets nothing. */
static void read_all(const struct unit *unit)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint64_t value = UNTOUCHED;
		size_t n_bytes = 0, n_items = 0;
		const uint8_t *bytes = unit_get_bytes(unit, names[i], &n_bytes);
		int r = unit_get_number(unit, names[i], &value);

		check(r == 1 || (r == 0 && value == UNTOUCHED));
		check(!unit_get_text(unit, names[i]) || r == 0);
		check(bytes ? n_bytes > 0 && n_bytes <= 3 : n_bytes == 0);
		while (unit_get_item(unit, names[i], n_items))
			n_items++;
		check(n_items <= 2);
	}
	check(!unit_get_text(unit, "NoSuchProperty"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sd_bus *bus;
	_cleanup_(unit_freep) struct unit *unit = NULL;
	sd_bus_message *m;

	if (!bus)
		bus = new_bus();
	m = make_reply(bus, data, size);
	check(unit_parse(m, &unit) == 0 && unit);
	read_all(unit);
	sd_bus_message_unref(m);
	return 0;
}
