/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of a unit file: limits and a command as systemd reads them back, and the mark by which
 * a file of ours is known again.
 */
#include "unitfile/unit-file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "limit/limit.h"
#include "value/error.h"

/* systemd's LONG_LINE_MAX. */
#define LINE_MAX_BYTES ((size_t)1 << 20)

#define CONTAINER "Container"

#define MARK "# Made by cgscope; do not edit, or it will not be replaced or removed: "

/* ---- the mark ---- */

/* FNV-1a: it is to notice an editor, not an attacker. */
static uint64_t sum_of(const char *text)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (const char *p = text; *p; p++)
		sum = (sum ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	return sum;
}

enum unit_file_origin unit_file_origin(const char *text)
{
	const char *mark = strstr(text, MARK), *rest = mark ? strchr(mark, '\n') : NULL;
	char sum[24];

	if (!rest)
		return UNIT_FILE_FOREIGN;
	snprintf(sum, sizeof(sum), "%016" PRIx64 "\n", sum_of(rest + 1));
	return strncmp(mark + strlen(MARK), sum, strlen(sum)) == 0 ? UNIT_FILE_OURS
								   : UNIT_FILE_CHANGED;
}

/* ---- words ---- */

/* What needs no quotes in a command line of systemd's. */
static bool is_plain(const char *word)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_./:=@,+-%";

	return *word && word[strspn(word, plain)] == '\0';
}

static bool is_instance_specifier(const char *p)
{
	return p[0] == '%' && (p[1] == 'i' || p[1] == 'I');
}

/* Of what systemd expands only what it is meant to. */
static void put_character(FILE *f, const char *p, bool is_template, bool has_specifiers)
{
	unsigned char c = (unsigned char)*p;

	if (c < 0x20 || c == 0x7f)
		fprintf(f, "\\x%02x", c);
	else if (c == '"' || c == '\\')
		fprintf(f, "\\%c", c);
	else if ((c == '%' && !has_specifiers && !(is_template && is_instance_specifier(p))) ||
		 (c == '$' && !has_specifiers))
		fprintf(f, "%c%c", c, c);
	else
		fputc(c, f);
}

static int check_word(const char *word, struct cg2_error *reterr)
{
	if (strchr(word, '\n'))
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, word,
				  "a unit file has no word with a line break");
	if (strlen(word) >= LINE_MAX_BYTES / 4)
		return error_setf(reterr, CG2_OP_PARSE, E2BIG, NULL, NULL,
				  "a word of %zu bytes is too long for a unit file", strlen(word));
	return 0;
}

int unit_file_quote(const char *word, bool is_template, bool has_specifiers, char **ret_quoted,
		    struct cg2_error *reterr)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	const char *quote = is_plain(word) ? "" : "\"";
	int r;

	if (!f)
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, word);
	r = check_word(word, reterr);
	if (r < 0)
		return r;
	fputs(quote, f);
	for (const char *p = word; *p; p++)
		put_character(f, p, is_template, has_specifiers);
	fputs(quote, f);
	r = text_close(&text, ret_quoted);
	return r < 0 ? error_set(reterr, CG2_OP_PARSE, r, NULL, word) : 0;
}

/* The rest of a line, in which only specifiers mean something. */
static int put_setting(FILE *f, const char *name, const char *value, struct cg2_error *reterr)
{
	int r = check_word(value, reterr);

	if (r < 0)
		return r;
	fprintf(f, "%s=", name);
	for (const char *p = value; *p; p++)
		fprintf(f, "%s%c", *p == '%' ? "%" : "", *p);
	fputc('\n', f);
	return 0;
}

/* ---- lines of the caller's ---- */

/* Settings that belong to another section than the type's. */
static const struct {
	const char *name; /* with a star: what begins so */
	const char *section;
} sections[] = {
	{ "After", "Unit" },	     { "Before", "Unit" },	{ "Wants", "Unit" },
	{ "Requires", "Unit" },	     { "Requisite", "Unit" },	{ "BindsTo", "Unit" },
	{ "PartOf", "Unit" },	     { "Upholds", "Unit" },	{ "Conflicts", "Unit" },
	{ "OnFailure", "Unit" },     { "OnSuccess", "Unit" },	{ "Description", "Unit" },
	{ "Documentation", "Unit" }, { "StartLimit*", "Unit" }, { "Condition*", "Unit" },
	{ "Assert*", "Unit" },	     { "RefuseManual*", "Unit" }, { "StopWhenUnneeded", "Unit" },
	{ "RequiresMountsFor", "Unit" }, { "DefaultDependencies", "Unit" },
	{ "CollectMode", "Unit" },   { "JobTimeoutSec", "Unit" }, { "WantedBy", "Install" },
	{ "RequiredBy", "Install" }, { "Alias", "Install" },	{ "Also", "Install" },
};

/*
 * Those of a container, of podman-systemd.unit(5). What a service has by that name, too, is meant
 * for the container.
 */
/* clang-format off */
static const char *const container_settings[] = {
	"AddCapability", "AddDevice", "AddHost", "Annotation", "AutoUpdate", "ContainerName",
	"ContainersConfModule", "DNS*", "DropCapability", "Entrypoint", "Environment*", "Exec",
	"ExposeHostPort", "GIDMap", "GlobalArgs", "Group", "GroupAdd", "Health*", "HostName",
	"HttpProxy", "IP", "IP6", "Image", "Label", "LogDriver", "LogOpt", "Mask", "Memory",
	"Mount", "Network", "NetworkAlias", "NoNewPrivileges", "Notify", "PidsLimit", "Pod",
	"PodmanArgs", "PublishPort", "Pull", "ReadOnly", "ReadOnlyTmpfs", "Retry", "RetryDelay",
	"Rootfs", "RunInit", "SeccompProfile", "Secret", "SecurityLabel*", "ShmSize",
	"StartWithPod", "StopSignal", "StopTimeout", "SubGIDMap", "SubUIDMap", "Sysctl",
	"Timezone", "Tmpfs", "UIDMap", "Ulimit", "Unmask", "User", "UserNS", "Volume",
	"WorkingDir",
};
/* clang-format on */

static bool is_named(const char *setting, const char *name)
{
	size_t n = strcspn(name, "*");

	return strncmp(setting, name, n) == 0 && (name[n] == '*' || setting[n] == '=');
}

static const char *section_of(const struct cg2_unit_file *file, const char *setting)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (is_named(setting, sections[i].name))
			return sections[i].section;
	if (file->kind == CG2_UNIT_FILE_QUADLET)
		for (size_t i = 0; i < ARRAY_SIZE(container_settings); i++)
			if (is_named(setting, container_settings[i]))
				return CONTAINER;
	return file->type->section;
}

static int check_setting(const char *setting, struct cg2_error *reterr)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t len = strspn(setting, letters);

	if (len == 0 || setting[len] != '=')
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, setting,
				  "write NAME=VALUE, as in a unit file");
	return check_word(setting, reterr);
}

static void put_settings(FILE *f, const struct cg2_unit_file *file,
			 const struct cg2_unit_settings *settings, const char *section)
{
	for (size_t i = 0; i < settings->n_settings; i++)
		if (strcmp(section_of(file, settings->settings[i]), section) == 0)
			fprintf(f, "%s\n", settings->settings[i]);
}

/* A name stands once: which of two would win is nothing that a file should have to tell. */
static int check_twice(const struct cg2_unit_file *file, const char *text, const char *setting,
		       struct cg2_error *reterr)
{
	size_t len = strcspn(setting, "=") + 1;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, setting, len) == 0)
			return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, setting,
					  "an option sets %.*s already", (int)len - 1, setting);
		if (!*line)
			break;
	}
	return 0;
}

/* ---- sections ---- */

static int put_limits(FILE *f, const struct cg2_unit_file *file)
{
	for (unsigned int limit = 0; limit < N_LIMITS; limit++)
		for (size_t i = 0;; i++) {
			_cleanup_free_ char *setting = NULL;
			int r = cg2_limits_get_setting(file->limits, (enum cg2_limit)limit, i,
						       &setting);

			if (r < 0)
				return r;
			if (r == 0)
				break;
			fprintf(f, "%s\n", setting);
		}
	return 0;
}

static int put_command(FILE *f, const struct cg2_unit_file *file, const char *name,
		       const char *const *argv, bool has_specifiers, struct cg2_error *reterr)
{
	const bool is_template = strstr(file->unit, "@.");
	int r = 0;

	fprintf(f, "%s=", name);
	for (size_t i = 0; r == 0 && argv[i]; i++) {
		_cleanup_free_ char *quoted = NULL;

		r = unit_file_quote(argv[i], is_template, has_specifiers, &quoted, reterr);
		if (r == 0)
			fprintf(f, "%s%s", i ? " " : "", quoted);
	}
	fputc('\n', f);
	return r;
}

struct line {
	const char *name;
	const char *value; /* NULL: there is none */
};

static int put_lines(FILE *f, const struct cg2_unit_file *file, const struct line *lines, size_t n,
		     struct cg2_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!lines[i].value)
			continue;
		r = file->type->has_processes
			    ? put_setting(f, lines[i].name, lines[i].value, reterr)
			    : error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, file->unit,
					 "only a service has a %s=", lines[i].name);
	}
	return r;
}

/* What only a service has; the command of a container is podman's. */
static int put_service(FILE *f, const struct cg2_unit_file *file,
		       const struct cg2_unit_settings *settings, struct cg2_error *reterr)
{
	const bool is_quadlet = file->kind == CG2_UNIT_FILE_QUADLET;
	const struct line lines[] = {
		{ "WorkingDirectory", is_quadlet ? NULL : settings->directory },
		{ "EnvironmentFile", is_quadlet ? NULL : settings->environment_file },
		{ "Restart", settings->restart },
	};
	int r = 0;

	if (settings->argv && !is_quadlet) {
		fputs("Type=exec\n", f);
		r = put_command(f, file, "ExecStart", settings->argv, settings->has_specifiers,
				reterr);
	}
	return r < 0 ? r : put_lines(f, file, lines, ARRAY_SIZE(lines), reterr);
}

/* In podman's words, which it passes on as they are: "%" and "$" are systemd's then, too. */
static int put_container(FILE *f, const struct cg2_unit_file *file,
			 const struct cg2_unit_settings *settings, struct cg2_error *reterr)
{
	const struct line lines[] = {
		{ "WorkingDir", settings->directory },
		{ "EnvironmentFile", settings->environment_file },
	};
	int r = put_setting(f, "Image", settings->argv[0], reterr);

	if (r == 0 && settings->argv[1])
		r = put_command(f, file, "Exec", settings->argv + 1, settings->has_specifiers,
				reterr);
	return r < 0 ? r : put_lines(f, file, lines, ARRAY_SIZE(lines), reterr);
}

/* What options say of the type's own section; the lines of the caller's come after it. */
static int put_own(FILE *f, const struct cg2_unit_file *file,
		   const struct cg2_unit_settings *settings, struct cg2_error *reterr)
{
	int r = put_service(f, file, settings, reterr);

	if (r < 0)
		return r;
	if (file->delegate)
		fprintf(f, "Delegate=%s\n", file->delegate);
	r = put_limits(f, file);
	return r < 0 ? error_set(reterr, CG2_OP_PARSE, r, NULL, file->unit) : 0;
}

typedef int (*put_fn)(FILE *f, const struct cg2_unit_file *file,
		      const struct cg2_unit_settings *settings, struct cg2_error *reterr);

static int text_of(const struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
		   put_fn put, char **ret_text, struct cg2_error *reterr)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	int r = f ? put(f, file, settings, reterr)
		  : error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, file->unit);

	if (r < 0)
		return r;
	r = text_close(&text, ret_text);
	return r < 0 ? error_set(reterr, CG2_OP_PARSE, r, NULL, file->unit) : 0;
}

/* What put writes of a section and then the caller's lines, none of which may say it again. */
static int put_section(FILE *f, const struct cg2_unit_file *file,
		       const struct cg2_unit_settings *settings, const char *section, put_fn put,
		       struct cg2_error *reterr)
{
	_cleanup_free_ char *own = NULL;
	int r = text_of(file, settings, put, &own, reterr);

	for (size_t i = 0; r == 0 && i < settings->n_settings; i++) {
		r = check_setting(settings->settings[i], reterr);
		if (r == 0)
			r = check_twice(file, own, settings->settings[i], reterr);
	}
	if (r < 0)
		return r;
	fprintf(f, "\n[%s]\n%s", section, own);
	put_settings(f, file, settings, section);
	return 0;
}

static bool has_setting_in(const struct cg2_unit_file *file,
			   const struct cg2_unit_settings *settings, const char *section)
{
	for (size_t i = 0; i < settings->n_settings; i++)
		if (strcmp(section_of(file, settings->settings[i]), section) == 0)
			return true;
	return false;
}

static bool has_setting(const struct cg2_unit_settings *settings, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < settings->n_settings; i++)
		if (strncmp(settings->settings[i], name, len) == 0 &&
		    settings->settings[i][len] == '=')
			return true;
	return false;
}

static int put_unit(FILE *f, const struct cg2_unit_file *file,
		    const struct cg2_unit_settings *settings, struct cg2_error *reterr)
{
	bool needs_description = settings->argv && !has_setting(settings, "Description");
	const char *text = settings->description ? settings->description : NULL;
	int r = 0;

	if (!needs_description && !has_setting_in(file, settings, "Unit"))
		return 0;
	fputs("\n[Unit]\n", f);
	if (needs_description)
		r = put_setting(f, "Description", text ? text : settings->argv[0], reterr);
	put_settings(f, file, settings, "Unit");
	return r;
}

/* So that it can be enabled. */
static void put_install(FILE *f, const struct cg2_unit_file *file,
			const struct cg2_unit_settings *settings)
{
	bool is_user = file->manager == CG2_MANAGER_USER;

	if (!settings->argv && !has_setting_in(file, settings, "Install"))
		return;
	fputs("\n[Install]\n", f);
	if (!has_setting(settings, "WantedBy") && settings->argv)
		fprintf(f, "WantedBy=%s\n", is_user ? "default.target" : "multi-user.target");
	put_settings(f, file, settings, "Install");
}

static int put_body(FILE *f, const struct cg2_unit_file *file,
		    const struct cg2_unit_settings *settings, struct cg2_error *reterr)
{
	int r = put_unit(f, file, settings, reterr);

	if (r == 0 && file->kind == CG2_UNIT_FILE_QUADLET && settings->argv)
		r = put_section(f, file, settings, CONTAINER, put_container, reterr);
	if (r == 0)
		r = put_section(f, file, settings, file->type->section, put_own, reterr);
	if (r == 0)
		put_install(f, file, settings);
	return r;
}

int unit_file_body(const struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
		   char **ret_body, struct cg2_error *reterr)
{
	return text_of(file, settings, put_body, ret_body, reterr);
}

int unit_file_compose(struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
		      struct cg2_error *reterr)
{
	_cleanup_free_ char *body = NULL;
	int r = unit_file_body(file, settings, &body, reterr);

	if (r < 0)
		return r;
	file->text = text_format("# %s\n" MARK "%016" PRIx64 "\n%s", file->path, sum_of(body),
				 body);
	return file->text ? 0 : error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, file->unit);
}
