/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kinds of values: for each what it is on D-Bus, what it accepts, and the parser that
 * makes the one of the other. Only what a manager would refuse without a useful word, or
 * change in silence, is refused here.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "property/property-kind.h"

#define BLANKS " \t"

/* What D-Bus has for "nothing was assigned", for infinity and, as an int, for -1. */
#define UNSET UINT64_MAX

/* ------------------------------------------------------------------------------------
 * Plain values
 */

/* D-Bus has 2^32 - 1 for 100 %. */
static uint64_t permyriad_to_scale(uint64_t permyriad)
{
	return (permyriad * UINT32_MAX + 5000) / 10000;
}

static int parse_bool(struct property *property, const char *text)
{
	int b = property_scan_bool(text);

	return b < 0 ? b : property_add_number(property, (uint64_t)b);
}

static int parse_choice(struct property *property, const char *text)
{
	if (!property_is_choice(property->info->choices, text, strlen(text)))
		return -EINVAL;
	return property_add_text(property, text);
}

static int parse_signal(struct property *property, const char *text)
{
	int sig = 0, r = cg2_signal_from_string(text, &sig, NULL);

	return r < 0 ? r : property_add_number(property, (uint64_t)sig);
}

static int parse_number(struct property *property, const char *text, uint64_t min,
			uint64_t max)
{
	uint64_t number;
	int r = cg2_u64_from_string(text, &number);

	if (r < 0)
		return r;
	if (number < min || number > max)
		return -ERANGE;
	return property_add_number(property, number);
}

static int parse_unsigned(struct property *property, const char *text)
{
	return parse_number(property, text, 0, UINT32_MAX);
}

static int parse_exit_status(struct property *property, const char *text)
{
	if (*text == '\0')
		return property_add_number(property, UNSET);
	return parse_number(property, text, 0, 255);
}

static int parse_seconds(struct property *property, const char *text)
{
	uint64_t usec;
	int r = property_scan_seconds(text, &usec);

	return r < 0 ? r : property_add_number(property, usec);
}

static int parse_seconds_unset(struct property *property, const char *text)
{
	if (*text == '\0')
		return property_add_number(property, UNSET);
	return parse_seconds(property, text);
}

/* The manager would move it into this range without a word. */
static int parse_period(struct property *property, const char *text)
{
	int r = parse_seconds_unset(property, text);

	if (r < 0 || *text == '\0')
		return r;
	if (property->atoms[0].number < USEC_PER_MSEC ||
	    property->atoms[0].number > USEC_PER_SEC)
		return -ERANGE;
	return 0;
}

static int parse_io_weight(struct property *property, const char *text)
{
	if (*text == '\0')
		return property_add_number(property, UNSET);
	return parse_number(property, text, 1, 10000);
}

static int parse_cpu_weight(struct property *property, const char *text)
{
	if (strcmp(text, "idle") == 0)
		return property_add_number(property, CG2_WEIGHT_IDLE);
	return parse_io_weight(property, text);
}

static int parse_percent(struct property *property, const char *text)
{
	uint64_t permyriad;
	int r = property_scan_permyriad(text, &permyriad);

	return r < 0 ? r : property_add_number(property, permyriad_to_scale(permyriad));
}

static int parse_bytes(struct property *property, const char *text, uint64_t unset)
{
	uint64_t bytes = unset;
	int r = property->info->scale ? parse_percent(property, text) : -EINVAL;

	if (r != -EINVAL) {
		property->bus_name = property->info->scale;
		property->type = "u";
		return r;
	}
	r = *text ? property_scan_size(text, &bytes) : 0;
	return r < 0 ? r : property_add_number(property, bytes);
}

static int parse_size(struct property *property, const char *text)
{
	return parse_bytes(property, text, CG2_MAX);
}

static int parse_protection(struct property *property, const char *text)
{
	return parse_bytes(property, text, 0);
}

/* Larger than any machine's; the kernel's own limit is 8192 CPUs. */
#define NUMBERS_MAX 8192

static int parse_numbers(struct property *property, const char *text)
{
	uint8_t bitmap[NUMBERS_MAX / 8] = { 0 };
	_cleanup_free_ char *list = strdup(text);
	size_t n = sizeof(bitmap), len = 0;
	int r;

	if (!list)
		return -ENOMEM;
	/* Here blanks separate too. */
	for (const char *p = text; *p; p++) {
		bool separator = strchr(BLANKS ",", *p);

		if (!separator)
			list[len++] = *p;
		else if (len > 0 && list[len - 1] != ',')
			list[len++] = ',';
	}
	list[len > 0 && list[len - 1] == ',' ? len - 1 : len] = '\0';
	r = cg2_list_from_string(list, bitmap, NUMBERS_MAX, NULL);
	if (r < 0)
		return r;
	while (n > 0 && bitmap[n - 1] == 0)
		n--;
	return property_add_data(property, bitmap, n);
}

static int parse_words_if(struct property *property, const char *text,
			  bool (*good)(const char *word))
{
	char *word;
	int r;

	while ((r = property_scan_word(&text, &word)) > 0) {
		r = good && !good(word) ? -EINVAL : property_add_text(property, word);
		free(word);
		if (r < 0)
			return r;
	}
	return r;
}

static int parse_words(struct property *property, const char *text)
{
	return parse_words_if(property, text, NULL);
}

static bool is_unit(const char *word)
{
	static const char types[] = "service|socket|target|device|mount|automount|swap|"
				    "timer|path|slice|scope";
	const char *dot = strrchr(word, '.');

	return dot && dot != word && property_is_choice(types, dot + 1, strlen(dot + 1));
}

static int parse_units(struct property *property, const char *text)
{
	return parse_words_if(property, text, is_unit);
}

static bool is_path(const char *word)
{
	return word[0] == '/';
}

static int parse_paths(struct property *property, const char *text)
{
	return parse_words_if(property, text, is_path);
}

/* Exactly two words. ret_words: free each of them with free(). */
static int two_words(const char *text, char *ret_words[2])
{
	_cleanup_free_ char *first = NULL, *second = NULL, *third = NULL;
	int r = property_scan_word(&text, &first);

	if (r > 0)
		r = property_scan_word(&text, &second);
	if (r > 0)
		r = property_scan_word(&text, &third);
	if (r < 0)
		return r;
	if (!second || third)
		return -EINVAL;
	ret_words[0] = take_ptr(&first);
	ret_words[1] = take_ptr(&second);
	return 0;
}

/* DEVICE VALUE. Nothing at all takes back what was assigned, here and below. */
static int parse_device(struct property *property, const char *text,
			int (*parse)(struct property *property, const char *text))
{
	char *words[2];
	int r;

	if (*text == '\0')
		return 0;
	r = two_words(text, words);
	if (r < 0)
		return r;
	r = is_path(words[0]) ? property_add_text(property, words[0]) : -EINVAL;
	if (r == 0)
		r = *words[1] ? parse(property, words[1]) : -EINVAL;
	free(words[0]);
	free(words[1]);
	return r;
}

static int parse_device_weight(struct property *property, const char *text)
{
	return parse_device(property, text, parse_io_weight);
}

static int parse_device_latency(struct property *property, const char *text)
{
	return parse_device(property, text, parse_seconds);
}

/* A node below /dev or a class, then what may be done: nothing stands for everything. */
static int parse_device_allow(struct property *property, const char *text)
{
	_cleanup_free_ char *device = NULL, *access = NULL, *more = NULL;
	int r = property_scan_word(&text, &device);

	if (r <= 0)
		return r;
	if (strncmp(device, "/", 1) != 0 && strncmp(device, "char-", 5) != 0 &&
	    strncmp(device, "block-", 6) != 0)
		return -EINVAL;
	r = property_scan_word(&text, &access);
	if (r > 0)
		r = property_scan_word(&text, &more);
	if (r != 0)
		return r < 0 ? r : -EINVAL;
	if (access && strspn(access, "rwm") != strlen(access))
		return -EINVAL;
	r = property_add_text(property, device);
	return r < 0 ? r : property_add_text(property, access ? access : "");
}

static int parse_program(struct property *property, const char *text)
{
	size_t len = strcspn(text, ":");
	int r;

	if (*text == '\0')
		return 0;
	if (len == 0 || text[len] != ':' || !is_path(text + len + 1))
		return -EINVAL;
	r = property_add_data(property, text, len);
	return r < 0 ? r : property_add_text(property, text + len + 1);
}

/* "|" asks for one of several, "!" negates. */
static int parse_condition(struct property *property, const char *text)
{
	bool trigger = *text == '|', negate;
	int r;

	if (*text == '\0')
		return 0;
	text += trigger + strspn(text + trigger, BLANKS);
	negate = *text == '!';
	text += negate + strspn(text + negate, BLANKS);
	r = property_add_text(property, property->info->name);
	if (r == 0)
		r = property_add_number(property, trigger);
	if (r == 0)
		r = property_add_number(property, negate);
	return r < 0 ? r : property_add_text(property, text);
}

/* ------------------------------------------------------------------------------------
 * Kinds
 */

#define ACCEPTS_SECONDS "a time, as \"30\", \"5min 20s\" or \"infinity\""
#define ACCEPTS_SIZE "bytes, as \"1048576\", \"512M\" or \"infinity\""

/* clang-format off */
const struct property_syntax property_syntaxes[] = {
	[PROPERTY_BOOL] = {
		.type = "b", .accepts = "yes or no", .parse = parse_bool,
		.verify = property_verify_bool, .file_text = property_bool_text,
	},
	[PROPERTY_STRING] = {
		.type = "s", .accepts = "any text", .parse = property_add_text,
	},
	[PROPERTY_CHOICE] = {
		.type = "s", .parse = parse_choice,
		.verify = property_verify_choice, .file_text = property_choice_text,
	},
	[PROPERTY_SIGNAL] = {
		.type = "i", .accepts = "a signal, as \"TERM\" or \"15\"",
		.parse = parse_signal,
	},
	[PROPERTY_UNSIGNED] = {
		.type = "u", .accepts = "a number", .parse = parse_unsigned,
	},
	[PROPERTY_EXIT_STATUS] = {
		.type = "i", .accepts = "0 to 255, or nothing",
		.parse = parse_exit_status,
	},
	[PROPERTY_SECONDS] = {
		.type = "t", .accepts = ACCEPTS_SECONDS, .parse = parse_seconds,
	},
	[PROPERTY_SECONDS_UNSET] = {
		.type = "t", .accepts = ACCEPTS_SECONDS, .parse = parse_seconds_unset,
	},
	[PROPERTY_PERIOD] = {
		.type = "t", .accepts = "a time from 1ms to 1s", .parse = parse_period,
		.verify = property_verify_period,
	},
	[PROPERTY_CPU_WEIGHT] = {
		.type = "t", .accepts = "1 to 10000, or idle", .parse = parse_cpu_weight,
	},
	[PROPERTY_IO_WEIGHT] = {
		.type = "t", .accepts = "1 to 10000", .parse = parse_io_weight,
	},
	[PROPERTY_SIZE] = {
		.type = "t", .accepts = ACCEPTS_SIZE, .parse = parse_size,
		.verify = property_verify_size, .file_text = property_size_text,
	},
	[PROPERTY_PROTECTION] = {
		.type = "t", .accepts = ACCEPTS_SIZE, .parse = parse_protection,
	},
	[PROPERTY_PERCENT] = {
		.type = "u", .accepts = "0% to 100%", .parse = parse_percent,
	},
	[PROPERTY_NUMBERS] = {
		.type = "ay", .accepts = "numbers and ranges, as \"0-3,8\"",
		.parse = parse_numbers,
	},
	[PROPERTY_WORDS] = {
		.type = "as", .accepts = "words, quoted where they have blanks",
		.parse = parse_words,
	},
	[PROPERTY_UNITS] = {
		.type = "as", .accepts = "units with their type, as \"a.service\"",
		.parse = parse_units,
	},
	[PROPERTY_PATHS] = {
		.type = "as", .accepts = "absolute paths", .parse = parse_paths,
	},
	[PROPERTY_DEVICE_WEIGHT] = {
		.type = "a(st)", .accepts = "a path and a weight from 1 to 10000",
		.parse = parse_device_weight, .verify = property_verify_device_weight,
	},
	[PROPERTY_DEVICE_LATENCY] = {
		.type = "a(st)", .accepts = "a path and a time, as \"/dev/sda 25ms\"",
		.parse = parse_device_latency, .verify = property_verify_device_latency,
	},
	[PROPERTY_DEVICE_ALLOW] = {
		.type = "a(ss)",
		.accepts = "a device node, char-NAME or block-NAME, then some of \"rwm\"",
		.parse = parse_device_allow,
	},
	[PROPERTY_PROGRAM] = {
		.type = "a(ss)", .accepts = "TYPE:PATH of a BPF program",
		.parse = parse_program,
	},
	[PROPERTY_ADDRESSES] = {
		.type = "a(iayu)",
		.accepts = "addresses, as \"10.0.0.0/8\" or \"::1\", or any, localhost, "
			   "link-local, multicast",
		.parse = property_parse_addresses,
	},
	[PROPERTY_SOCKET_BIND] = {
		.type = "a(iiqq)",
		.accepts = "any, or [ipv4:|ipv6:][tcp:|udp:][PORT|FIRST-LAST]",
		.parse = property_parse_socket_bind,
	},
	[PROPERTY_INTERFACES] = {
		.type = "(bas)", .accepts = "names of interfaces, after \"~\" all others",
		.parse = property_parse_interfaces,
	},
	[PROPERTY_NFT_SETS] = {
		.type = "a(iiss)", .accepts = "cgroup:FAMILY:TABLE:SET",
		.parse = property_parse_nft_sets,
	},
	[PROPERTY_CONDITION] = {
		.type = "a(sbbs)", .accepts = "what to check, after \"|\" and \"!\"",
		.parse = parse_condition,
	},
};
/* clang-format on */

static_assert(ARRAY_SIZE(property_syntaxes) == PROPERTY_CONDITION + 1, "each kind has its syntax");
