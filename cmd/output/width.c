/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/output/width.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/macro.h"
#include "libcg2.h"

/* Of a terminal that does not know. */
#define WIDTH_DEFAULT 80

size_t width_of_terminal(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width;

	if (!isatty(fd))
		return 0;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns && cg2_u64_from_string(columns, &width) == 0 && width > 0 &&
	    width <= INT16_MAX)
		return (size_t)width;
	return WIDTH_DEFAULT;
}

/* How many bytes of it fit into that many columns of the terminal; the columns they take. */
static size_t fitting(const char *text, size_t columns, size_t *ret_width)
{
	mbstate_t state = { 0 };
	size_t width = 0, left = strlen(text);
	const char *at = text;

	while (left > 0) {
		wchar_t c;
		size_t len = mbrtowc(&c, at, left, &state);
		size_t wide = 1;

		if (len == 0 || len > left)
			len = 1;
		else
			wide = (size_t)MAX(wcwidth(c), 0);
		if (wide > columns - width)
			break;
		width += wide;
		at += len;
		left -= len;
	}
	*ret_width = width;
	return (size_t)(at - text);
}

size_t width_of_text(const char *text)
{
	size_t width = 0;

	if (text)
		fitting(text, SIZE_MAX, &width);
	return width;
}

void width_cut(char *text, size_t columns)
{
	size_t width;

	text[fitting(text, columns, &width)] = '\0';
}

char *width_elide(const char *text, size_t columns, const char *mark)
{
	const size_t width = width_of_text(text), mark_width = width_of_text(mark);
	const size_t room = columns > mark_width ? columns - mark_width : 0;
	const char *end;
	size_t used, head;
	char *elided;

	if (width <= columns)
		return strdup(text);
	head = fitting(text, room / 3, &used);
	end = text + fitting(text, width - (room - room / 3), &used);
	/* A wide character may be half in it; what is left of one has no width of its own. */
	while (width_of_text(end) > room - room / 3 || ((unsigned char)*end & 0xc0) == 0x80)
		end++;
	if (asprintf(&elided, "%.*s%s%s", (int)head, text, mark, end) < 0)
		return NULL;
	return elided;
}

/* Whether a line may end before the blank at text[i]. */
static bool is_end(const char *text, size_t i, enum width_end end)
{
	if (text[i] != ' ' || text[i - 1] == ' ')
		return false;
	return end == WIDTH_WORDS || text[i - 1] == ',' || text[i + 1] == ' ';
}

/* The last such place in so many columns, 0: there is none. */
static size_t find_end(const char *text, size_t columns, enum width_end end)
{
	size_t width, fits = fitting(text, columns, &width), last = 0;

	if (!text[fits])
		return fits;
	for (size_t i = strspn(text, " ") + 1; i <= fits; i++)
		if (is_end(text, i, end))
			last = i;
	return last;
}

size_t width_take(const char *text, size_t columns, enum width_end end)
{
	const size_t start = strspn(text, " ");
	size_t len = find_end(text, columns, end);

	if (len == 0)
		len = find_end(text, columns, WIDTH_WORDS);
	return len > 0 ? len : start + strcspn(text + start, " ");
}

void width_drop_items(char *text, size_t columns)
{
	size_t len = width_take(text, columns, WIDTH_ITEMS);

	if (text[len] && text[len - 1] == ',')
		len--;
	text[len] = '\0';
	width_cut(text, columns);
}

void width_put(FILE *f, const char *text, size_t column, size_t indent, size_t width,
	       enum width_end end)
{
	size_t used;

	for (;;) {
		size_t room = width > column ? width - column : 0;
		size_t len = width > 0 ? width_take(text, room, end) : strlen(text);

		/* What is before the text may leave no room for even one word. */
		if (width > 0 && column > indent && len > fitting(text, room, &used))
			len = 0;
		fprintf(f, "%.*s\n", (int)len, text);
		text += len + strspn(text + len, " ");
		if (!*text)
			return;
		column = indent;
		fprintf(f, "%*s", (int)indent, "");
	}
}

void width_print_lines(const char *text, size_t indent, enum width_end end)
{
	const size_t width = width_of_terminal(STDOUT_FILENO);

	while (*text) {
		size_t len = strcspn(text, "\n"), label = MIN(len, indent);
		char *line = strndup(text + label, len - label);

		printf("%.*s", (int)label, text);
		width_put(stdout, line ? line : "", indent, indent, width, end);
		free(line);
		text += len + (text[len] == '\n');
	}
}
