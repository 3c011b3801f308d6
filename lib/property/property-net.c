/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kinds of values that have to do with the network: addresses, ports, interfaces and
 * sets of nftables.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "property/property-kind.h"

/* A word and the number that D-Bus has for it. */
struct keyword {
	const char *text;
	int number;
};

/* The number of the word of len letters at text, -EINVAL if it is none. */
static int find_keyword(const struct keyword *keywords, const char *text, size_t len)
{
	for (; keywords->text; keywords++)
		if (strlen(keywords->text) == len &&
		    strncmp(keywords->text, text, len) == 0)
			return keywords->number;
	return -EINVAL;
}

static int add_numbers(struct property *property, const uint64_t *numbers, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = property_add_number(property, numbers[i]);
	return r;
}

/* ------------------------------------------------------------------------------------
 * Addresses
 */

static int add_prefix(struct property *property, int family, const void *address,
		      unsigned int bits)
{
	size_t size =
		family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	int r = property_add_number(property, (uint64_t)family);

	if (r == 0)
		r = property_add_data(property, address, size);
	return r < 0 ? r : property_add_number(property, bits);
}

/* "10.0.0.0/8", "::1". */
static int add_address(struct property *property, const char *word)
{
	_cleanup_free_ char *text = strdup(word);
	uint8_t address[sizeof(struct in6_addr)];
	uint64_t bits, max;
	char *slash;
	int family, r;

	if (!text)
		return -ENOMEM;
	slash = strchr(text, '/');
	if (slash)
		*slash++ = '\0';
	family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, address) != 1)
		return -EINVAL;
	bits = max = family == AF_INET ? 32 : 128;
	r = slash ? cg2_u64_from_string(slash, &bits) : 0;
	if (r < 0)
		return r;
	if (bits > max)
		return -ERANGE;
	return add_prefix(property, family, address, (unsigned int)bits);
}

/* Every name stands for a prefix of each family. */
static int add_named_address(struct property *property, const char *word)
{
	static const struct {
		const char *name;
		uint8_t ip4[4];
		uint8_t ip4_bits;
		uint8_t ip6_bits;
		uint8_t ip6[16];
	} names[] = {
		{ "any", { 0 }, 0, 0, { 0 } },
		{ "localhost", { 127 }, 8, 128, { [15] = 1 } },
		{ "link-local", { 169, 254 }, 16, 64, { 0xfe, 0x80 } },
		{ "multicast", { 224 }, 4, 8, { 0xff } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int r;

		if (strcmp(names[i].name, word) != 0)
			continue;
		r = add_prefix(property, AF_INET, names[i].ip4, names[i].ip4_bits);
		if (r == 0)
			r = add_prefix(property, AF_INET6, names[i].ip6,
				       names[i].ip6_bits);
		return r < 0 ? r : 1;
	}
	return 0;
}

int property_parse_addresses(struct property *property, const char *text)
{
	char *word;
	int r;

	while ((r = property_scan_word(&text, &word)) > 0) {
		r = add_named_address(property, word);
		if (r == 0)
			r = add_address(property, word);
		free(word);
		if (r < 0)
			return r;
	}
	return r;
}

/* ------------------------------------------------------------------------------------
 * Ports
 */

/* "any", "80", "1024-65535": the first one and how many, 0 and 0 for all. */
static int scan_ports(const char *text, uint64_t *ret_first, uint64_t *ret_count)
{
	_cleanup_free_ char *low = NULL;
	const char *dash = strchr(text, '-');
	uint64_t first, last;
	int r;

	*ret_first = *ret_count = 0;
	if (strcmp(text, "any") == 0)
		return 0;
	low = dash ? strndup(text, (size_t)(dash - text)) : strdup(text);
	if (!low)
		return -ENOMEM;
	r = cg2_u64_from_string(low, &first);
	last = first;
	if (r == 0 && dash)
		r = cg2_u64_from_string(dash + 1, &last);
	if (r < 0)
		return r;
	if (first < 1 || last > 65535 || last < first)
		return -ERANGE;
	*ret_first = first;
	*ret_count = last - first + 1;
	return 0;
}

/* Takes the word before the next colon or the end if it is a keyword. */
static bool take_keyword(const char **text, const struct keyword *keywords,
			 uint64_t *ret_number)
{
	size_t len = strcspn(*text, ":");
	int number = find_keyword(keywords, *text, len);

	if (number < 0)
		return false;
	*ret_number = (uint64_t)number;
	*text += len;
	/* A colon has something behind it. */
	if ((*text)[0] == ':' && (*text)[1] != '\0')
		(*text)++;
	return true;
}

/* [ipv4:|ipv6:][tcp:|udp:][PORTS], at least one of them. */
int property_parse_socket_bind(struct property *property, const char *text)
{
	static const struct keyword families[] = { { "ipv4", AF_INET },
						   { "ipv6", AF_INET6 },
						   { NULL, 0 } };
	static const struct keyword protocols[] = { { "tcp", IPPROTO_TCP },
						    { "udp", IPPROTO_UDP },
						    { NULL, 0 } };
	uint64_t family = AF_UNSPEC, protocol = 0, first = 0, count = 0;
	int r = 0;

	if (*text == '\0')
		return 0;
	take_keyword(&text, families, &family);
	take_keyword(&text, protocols, &protocol);
	if (*text)
		r = scan_ports(text, &first, &count);
	if (r < 0)
		return r;
	return add_numbers(property, (uint64_t[]){ family, protocol, count, first }, 4);
}

/* ------------------------------------------------------------------------------------
 * Interfaces and sets
 */

int property_parse_interfaces(struct property *property, const char *text)
{
	bool allow = *text != '~';
	char *word;
	int r = property_add_number(property, allow);

	text += !allow;
	while (r == 0 && (r = property_scan_word(&text, &word)) > 0) {
		r = property_add_text(property, word);
		free(word);
	}
	return r;
}

/* SOURCE:FAMILY:TABLE:SET */
static int add_nft_set(struct property *property, const char *word)
{
	/* systemd's own numbers. */
	static const struct keyword sources[] = {
		{ "cgroup", 3 }, { "user", 4 }, { "group", 5 }, { NULL, 0 }
	};
	static const struct keyword families[] = {
		{ "inet", NFPROTO_INET },
		{ "ip", NFPROTO_IPV4 },
		{ "ip6", NFPROTO_IPV6 },
		{ "arp", NFPROTO_ARP },
		{ "bridge", NFPROTO_BRIDGE },
		{ "netdev", NFPROTO_NETDEV },
		{ NULL, 0 },
	};
	uint64_t numbers[2];
	size_t len;
	int r;

	if (!take_keyword(&word, sources, &numbers[0]) ||
	    !take_keyword(&word, families, &numbers[1]))
		return -EINVAL;
	len = strcspn(word, ":");
	if (len == 0 || word[len] != ':' || !word[len + 1] || strchr(word + len + 1, ':'))
		return -EINVAL;
	r = add_numbers(property, numbers, 2);
	if (r == 0)
		r = property_add_data(property, word, len);
	return r < 0 ? r : property_add_text(property, word + len + 1);
}

int property_parse_nft_sets(struct property *property, const char *text)
{
	char *word;
	int r;

	while ((r = property_scan_word(&text, &word)) > 0) {
		r = add_nft_set(property, word);
		free(word);
		if (r < 0)
			return r;
	}
	return r;
}
