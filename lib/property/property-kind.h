/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of property.h share: the table of properties, the kinds of values they
 * have, and a value between the parsers and D-Bus.
 */
#pragma once

#include <stdbool.h>

#include "property/property.h"

enum property_kind {
	PROPERTY_BOOL,
	PROPERTY_STRING,
	PROPERTY_CHOICE, /* one of the row's choices */
	PROPERTY_SIGNAL,
	PROPERTY_UNSIGNED,
	PROPERTY_EXIT_STATUS,
	PROPERTY_SECONDS,
	PROPERTY_SECONDS_UNSET, /* seconds, or nothing for the default */
	PROPERTY_PERIOD,        /* of the CPU quota */
	PROPERTY_CPU_WEIGHT,
	PROPERTY_IO_WEIGHT,
	PROPERTY_SIZE,       /* a limit; nothing is infinity */
	PROPERTY_PROTECTION, /* a size below which memory is left alone; nothing is 0 */
	PROPERTY_PERCENT,
	PROPERTY_NUMBERS, /* a set of CPUs or memory nodes */
	PROPERTY_WORDS,
	PROPERTY_UNITS,
	PROPERTY_PATHS,
	PROPERTY_DEVICE_WEIGHT,
	PROPERTY_DEVICE_LATENCY,
	PROPERTY_DEVICE_ALLOW,
	PROPERTY_PROGRAM, /* TYPE:PATH of a BPF program */
	PROPERTY_ADDRESSES,
	PROPERTY_SOCKET_BIND,
	PROPERTY_INTERFACES,
	PROPERTY_NFT_SETS,
	PROPERTY_CONDITION,
};

/* A property that a scope has. */
struct property_info {
	const char *name;     /* in unit files */
	const char *bus_name; /* on D-Bus; NULL: the same */
	const char *scale;    /* its D-Bus name for percentages; NULL: takes none */
	const char *choices;  /* "auto|kill" */
	const char *files[2]; /* of the cgroup, that can show it; NULL: none */
	enum property_kind kind;
	unsigned int since; /* see property_since() */
	bool is_privileged; /* see property_is_privileged() */
};

/* The row after the last one has no name. */
extern const struct property_info property_table[];

/* Why a property is not taken. */
enum property_refusal {
	PROPERTY_OF_LIMIT,      /* the row's limit sets it */
	PROPERTY_OF_OPTION,     /* instead: the option that sets it */
	PROPERTY_V1_LIMIT,      /* of cgroup v1; the row's limit does in v2 what it did */
	PROPERTY_V1_PROPERTY,   /* of cgroup v1; instead: the property of v2 */
	PROPERTY_NOT_TRANSIENT, /* instead: a property that a transient unit takes */
	PROPERTY_OF_RUN,        /* the run has its own value for it */
	PROPERTY_OF_SERVICE,    /* instead: what to do, or NULL */
};

struct property_refused {
	const char *name; /* with "*" at the end: every name that begins so */
	const char *instead;
	enum property_refusal why;
	enum cg2_limit limit;
};

/* The row after the last one has no name. */
extern const struct property_refused property_refused_table[];

/* One basic D-Bus value, or one array of bytes. */
struct property_atom {
	uint64_t number;
	char *data; /* a string, or the bytes */
	size_t size;
};

/*
 * A value is its atoms in the order in which they are in the message: an array goes on
 * for as long as there are any.
 */
struct property {
	const struct property_info *info;
	const char *bus_name;
	const char *type; /* D-Bus signature of the value */
	char *assignment; /* holds name and value */
	const char *value;
	struct property_atom *atoms;
	size_t n_atoms;
};

/* How values of a kind are read, and found again in the cgroup. */
struct property_syntax {
	const char *type;    /* D-Bus signature of the value */
	const char *accepts; /* in one clause; NULL: the row's choices */

	/* Adds the atoms. -EINVAL, -ERANGE, -ENOMEM. */
	int (*parse)(struct property *property, const char *text);

	/* property_verify_value() and property_file_text(), or NULL. */
	int (*verify)(const struct property *property, const char *buf, size_t len);
	int (*file_text)(const struct property *property, uint64_t total_bytes,
			 char **ret_text);
};

extern const struct property_syntax property_syntaxes[];

static inline const struct property_syntax *property_syntax(
	const struct property *property)
{
	return &property_syntaxes[property->info->kind];
}

int property_add_number(struct property *property, uint64_t number);
int property_add_data(struct property *property, const void *data, size_t size);
int property_add_text(struct property *property, const char *text);

/* The parsers of the kinds that have to do with the network, see property-net.c. */
int property_parse_addresses(struct property *property, const char *text);
int property_parse_socket_bind(struct property *property, const char *text);
int property_parse_interfaces(struct property *property, const char *text);
int property_parse_nft_sets(struct property *property, const char *text);

/* ------------------------------------------------------------------------------------
 * Tokens of unit files. -EINVAL for junk, -ERANGE.
 */

/*
 * The next word of *text, split at blanks, with quotes and backslashes. 1 and the word
 * (free it with free()), 0 after the last one.
 */
int property_scan_word(const char **text, char **ret_word);

/* Whether the word of len bytes is one of "one|two|three". */
bool property_is_choice(const char *choices, const char *word, size_t len);

/* 1, 0. */
int property_scan_bool(const char *text);

/* "512M", "1G 500M", "infinity". */
int property_scan_size(const char *text, uint64_t *ret_bytes);

/* "30", "1.5h", "5min 20s", "infinity". */
int property_scan_seconds(const char *text, uint64_t *ret_usec);

/* "12.5%", also with the signs for a thousandth and a ten thousandth; at most 100 %. */
int property_scan_permyriad(const char *text, uint64_t *ret_permyriad);

/* ------------------------------------------------------------------------------------
 * For property_verify_value() and property_file_text()
 */

int property_verify_bool(const struct property *property, const char *buf, size_t len);
int property_verify_choice(const struct property *property, const char *buf, size_t len);
int property_verify_size(const struct property *property, const char *buf, size_t len);
int property_verify_period(const struct property *property, const char *buf, size_t len);
int property_verify_device_weight(const struct property *property, const char *buf,
				  size_t len);
int property_verify_device_latency(const struct property *property, const char *buf,
				   size_t len);
int property_bool_text(const struct property *property, uint64_t total_bytes,
		       char **ret_text);
int property_choice_text(const struct property *property, uint64_t total_bytes,
			 char **ret_text);
int property_size_text(const struct property *property, uint64_t total_bytes,
		       char **ret_text);
